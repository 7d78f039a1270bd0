/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is never written to swap or into a core dump: regions of pages, each between two that nobody may touch, as many
 * as are needed and as the limit on locked memory (RLIMIT_MEMLOCK) lets us have. It grows to what was used at the most. */
#pragma once
#include <glib.h>

/* What one piece may have, in octets. */
#define ES_LOCKED_LARGEST 4096

/* A piece of SIZE octets, at the most ES_LOCKED_LARGEST, all zero; NULL if no more memory can be locked. */
void *es_locked_new (gsize size);

/* Wipes a piece of SIZE octets and takes it back. */
void es_locked_free (void *piece, gsize size);

/* Gives all of it back, unless a piece is still in use. */
void es_locked_release (void);

/* How many octets are locked. */
gsize es_locked_octets (void);
