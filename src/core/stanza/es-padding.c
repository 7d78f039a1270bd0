/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-padding.h"

#define STEPS 16
#define SMALLEST_STEP ((gsize) 64)

gsize
es_padded_size (gsize octets)
{
  gsize step = SMALLEST_STEP;

  while (STEPS * step < octets)
    step *= 2;
  return (octets + step - 1) / step * step;
}
