/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Octets from what people can remember, made slowly (scrypt, N 32768, r 8, p 1), so that guessing is slow as well. */
#pragma once
#include "es-secret.h"

/* SIZE octets for PASSWORD (UTF-8, taken in NFC), which takes a tenth of a second and 32 MiB. NULL where it is no UTF-8, or
 * OpenSSL cannot do it. */
EsSecret *es_stretch (const char *password, GBytes *salt, gsize size);
