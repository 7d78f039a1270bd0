/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a contact can be reached: the clients that it is online with, which of them can encrypt and want to, and what is being
 * asked about that. */
#pragma once
#include "es-host.h"
#include "es-policy.h"

/* Who has been asked has so long to answer, counted from the first. */
#define ES_SUPPORT_SECONDS 10

typedef struct _EsReach EsReach;

/* SILENT (DATA) is called when somebody was asked and has not answered in time. HOST and CONTACT are used as long as it lives. */
EsReach *es_reach_new (const EsHost *host, const EsAddress *contact, void (*silent) (gpointer data), gpointer data);
void es_reach_free (EsReach *reach);

/* Asks who is there and what they support, where that is not known. */
void es_reach_discover (EsReach *reach);

/* Our account is offline: nobody is known to be there, and nothing is being asked. */
void es_reach_clear (EsReach *reach);

/* There was presence of the contact's, whatever it says: who is there need not be asked. */
void es_reach_note_presence (EsReach *reach);

/* Whether it was asked who is there, and nobody answered. */
gboolean es_reach_is_silent (const EsReach *reach);

/* JID (full) is there; VERSION stands for what it can, and with another one it has to be asked again. Over
 * ES_LIMIT_DEVICES clients are not noted. */
void es_reach_add (EsReach *reach, const EsAddress *jid, int priority, const char *version);

/* It has gone. Returns whether it was the one whose no the user knows of; that holds no longer. */
gboolean es_reach_remove (EsReach *reach, const EsAddress *jid);

/* The first client, or NULL. */
const EsAddress *es_reach_first (const EsReach *reach);

/* How many there are. */
guint es_reach_count (const EsReach *reach);

/* What a client answered; FALSE if it is not there. */
gboolean es_reach_set_support (EsReach *reach, const EsAddress *jid, gboolean supported);

/* The client is Gajim, or is not; and whether one is. */
void es_reach_set_gajim (EsReach *reach, const EsAddress *jid, gboolean gajim);
gboolean es_reach_is_gajim (const EsReach *reach, const EsAddress *jid);

/* Who has not answered may be asked again, and who has said no to a session may be, too. */
void es_reach_try_again (EsReach *reach);

/* A client has left: perhaps it goes, or cannot any more, and says so later or never. */
void es_reach_note_left (EsReach *reach, const EsAddress *jid);

/* A client said no to a session, though it can; and the user knows that, until it goes. */
void es_reach_note_declined (EsReach *reach, const EsAddress *jid);
void es_reach_note_declined_told (EsReach *reach, const EsAddress *jid);

/* Whether there is none left that can and has not said no. */
gboolean es_reach_have_declined (const EsReach *reach);

/* What the user writes is not for the device that a client turned out to be; or it is. */
void es_reach_note_barred (EsReach *reach, const EsAddress *jid, gboolean barred);

/* Whether any of them can, ES_SUPPORT_UNKNOWN while answers may come; and the one with the highest priority that can, or NULL: one that has said no, or is
 * barred, only where there is no other. */
EsSupport es_reach_support (const EsReach *reach);
const EsAddress *es_reach_best (const EsReach *reach);
