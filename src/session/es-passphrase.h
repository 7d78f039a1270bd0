/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody types twice in a year, on two keyboards. */
#pragma once
#include "es-secret.h"

#define ES_PASSPHRASE_CHARACTERS_MIN 8

/* TEXT, which stays the caller's, with each character spelled in one way however it was typed (Unicode's form C); NULL if
 * it is not UTF-8. */
EsSecret *es_passphrase_new (const char *text);

gboolean es_passphrase_is_long_enough (const EsSecret *passphrase);
