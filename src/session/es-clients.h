/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clients that a contact is online with, and which of them can encrypt. */
#pragma once
#include "es-policy.h"

typedef struct _EsClients EsClients;

EsClients *es_clients_new (void);
void es_clients_free (EsClients *clients);

/* JID (full) is there; VERSION stands for what it can, and with another one it has to be asked again. Over
 * ES_LIMIT_DEVICES clients are not noted. */
void es_clients_add (EsClients *clients, const EsAddress *jid, int priority, const char *version);

/* Returns whether it was there. */
gboolean es_clients_remove (EsClients *clients, const EsAddress *jid);
void es_clients_clear (EsClients *clients);

/* The first client, or NULL. */
const EsAddress *es_clients_first (const EsClients *clients);

/* How many there are. */
guint es_clients_count (const EsClients *clients);

/* A client that has not been asked, and is from now on; NULL if all have. */
const EsAddress *es_clients_ask_next (EsClients *clients);

/* What a client answered; FALSE if it is not there. */
gboolean es_clients_set_support (EsClients *clients, const EsAddress *jid, gboolean supported);

/* The client is Gajim, or is not; and whether one is. */
void es_clients_set_gajim (EsClients *clients, const EsAddress *jid, gboolean gajim);
gboolean es_clients_is_gajim (const EsClients *clients, const EsAddress *jid);

/* Those that have been asked and have not answered cannot. Returns whether there were any. */
gboolean es_clients_give_up (EsClients *clients);

/* Who has not answered is asked again, and who has said no to a session may be, too. */
void es_clients_try_again (EsClients *clients);

/* A client has left: perhaps it goes, or cannot any more, and says so later or never. */
void es_clients_note_left (EsClients *clients, const EsAddress *jid);

/* A client said no to a session, though it can. */
void es_clients_note_declined (EsClients *clients, const EsAddress *jid);

/* Whether there is none left that can and has not said no. */
gboolean es_clients_have_declined (const EsClients *clients);

/* What the user writes is not for the device that a client turned out to be; or it is. */
void es_clients_note_barred (EsClients *clients, const EsAddress *jid, gboolean barred);

/* Whether any of them can; and the one with the highest priority that can, or NULL: one that has said no, or is
 * barred, only where there is no other. */
EsSupport es_clients_support (const EsClients *clients);
const EsAddress *es_clients_best (const EsClients *clients);
