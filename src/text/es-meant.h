/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For whom what stands in the entry of a window is meant, which goes from one contact to another by itself. Every contact that it goes to
 * while something stands there may be the one whom the user means: it leaves for that one only if there is no other, or once she has been
 * told to whom it goes. Contacts are what es_recipient_key () makes of them. */
#pragma once
#include <glib.h>

typedef struct _EsMeant EsMeant;

EsMeant *es_meant_new (void);
void es_meant_free (EsMeant *meant);

/* The window goes to CONTACT, and something stands in its entry; or nothing does any more. */
void es_meant_add (EsMeant *meant, const char *contact);
void es_meant_clear (EsMeant *meant);

/* Whether nothing stands there, as far as is known. */
gboolean es_meant_is_empty (const EsMeant *meant);

/* Whether what stands there may go to CONTACT. Not while the user has had no time to read what she was told: whoever holds Enter, or presses
 * it twice, has not seen to whom it goes. */
gboolean es_meant_may_go (const EsMeant *meant, const char *contact);

/* Something does not go to CONTACT: whether the user is to be told, which is once for what is held at a time. */
gboolean es_meant_hold (EsMeant *meant, const char *contact);

/* She is told that what stands there goes to CONTACT, and nobody else may be meant until the window goes to somebody else again. */
void es_meant_settle (EsMeant *meant, const char *contact);
