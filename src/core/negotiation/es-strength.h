/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How strong what was agreed is, in one number that can be stored, so that a device that suddenly can do less is noticed. */
#pragma once
#include "es-keys.h"

#define ES_STRENGTH_MAX ((1u << 30) - 1)

/* Of SUITE, of which any part may be NULL and counts for nothing, with STANZAS covered. */
guint32 es_strength_of (const EsSuite *suite, guint stanzas);

/* The better of each part. */
guint32 es_strength_best (guint32 one, guint32 other);

/* Whether any part of NOW is weaker than in BEFORE. */
gboolean es_strength_is_narrowed (guint32 now, guint32 before);
