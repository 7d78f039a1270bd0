/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole plugin in a real libpurple without windows: accounts are online at once, nothing is on the network. What would
 * be written to a server is kept, what a server would send is handed in, both past libpurple's XMPP plugin by the signals
 * that it emits, in its order. */
#pragma once
#include <purple.h>
#include <sqlite3.h>

#include "es-plugin.h"

#include "../es-test.h"

/* Starts everything with a new, empty folder, and an account alice@localhost that is online with bob@localhost in its buddy
 * list; or takes it down again. */
void fake_start (void);
void fake_stop (void);

/* The program ends; and whether a file that libpurple has written holds TEXT. */
void fake_quit (void);
gboolean fake_has_written (const char *text);

/* Alice's. */
PurpleAccount *fake_account (void);
PurpleConnection *fake_connection (void);
EsLink *fake_link (void);

/* Puts a contact in the buddy list. */
PurpleBuddy *fake_add_buddy (const char *name);

/* The window that text for WHO is typed into, opened if there is none; and typing there. */
PurpleConversation *fake_window (const char *who);
void fake_type (const char *who, const char *text);

/* Another program takes the file of what is remembered, until that is closed. */
sqlite3 *fake_lock_file (void);

/* A stanza that a server sends; whole XML with its namespaces, or a node, which is taken. */
void fake_receive (const char *xml);
void fake_receive_node (xmlnode *packet);

/* The connection breaks, for REASON if that is one, and is there again. */
void fake_reconnect (const char *reason);

/* Runs what waits for libpurple to have nothing else to do. */
void fake_settle (void);

/* Of char *: what was written to the server, what came through to libpurple, what stands in windows ("who: text"), and what was
 * said elsewhere. */
extern GPtrArray *fake_sent;
extern GPtrArray *fake_got;
extern GPtrArray *fake_lines;
extern GPtrArray *fake_notes;

/* Presses a button of the question that was asked last: it is in fake_notes. */
void fake_press (guint button);

/* How many of them hold TEXT. */
guint fake_count (const GPtrArray *array, const char *text);

/* Bob's program, at bob@localhost/x: it comes online, takes what was sent to it, and answers; sends encrypted; asks for
 * encryption; what state his conversation with Alice is in; what it is shown. */
void fake_bob_comes (void);
void fake_bob_runs (void);
void fake_bob_types (const char *text);
void fake_bob_starts (void);

/* His address is NAME instead, before he comes: as his server writes it. */
void fake_call_bob (const char *name);

/* He is there, and the conversation with him is encrypted: Alice has written "first". */
void fake_encrypt_with_bob (void);
EsState fake_bob_state (void);

/* The link that he could hand over, the caller's. */
char *fake_bob_link (void);
extern GPtrArray *fake_bob_shown;
