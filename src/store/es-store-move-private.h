/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-store-move-out.c and es-store-move-in.c share: the octets of a file. */
#pragma once
#include "es-store-move.h"
#include "es-store-private.h"

#define ES_MOVE_WRAPPED_OCTETS (ES_SEAL_KEY_OCTETS + ES_SEAL_OCTETS)

/* What stands in the place of the key in a file that is not finished: as many octets. */
const guint8 *es_move_placeholder (void);

/* Where the octets of WRAPPED are in IMAGE, once; FALSE if they are not. */
gboolean es_move_find (GBytes *image, const guint8 *wrapped, gsize *place);

/* What the key of IMAGE, in which it stands at PLACE, is bound to besides how it is made: the caller's. */
char *es_move_digest (GBytes *image, gsize place);

/* The store that IMAGE is, locked; its key is at PLACE. NAME is for errors. ES_ERROR_MOVE_*. */
EsStore *es_move_open_image (const char *name, GBytes *image, gsize *place, GError **error);
