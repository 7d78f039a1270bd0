/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written and has not arrived, and what nobody has seen, as the store keeps it: so that it is there after the program has ended, in whatever way.
 * What changes is written when what is being done is done. While the store cannot be written, all is in memory only, and
 * tried again; where that has failed twice, the user is told of each contact of whom something is not written, or was in a file
 * that is gone: once of what is on its way, and of each that waits. What is longer than the store takes is told of at once. */
#pragma once
#include "es-host.h"
#include "es-trust.h"

/* Of one account; and one entry of it, as long as whoever made it has it. */
typedef struct _EsKeep EsKeep;
typedef struct _EsKept EsKept;

/* CLOCK, USER and TRUST must outlive it. Freeing writes nothing. */
EsKeep *es_keep_new (const EsClock *clock, const EsUser *user, EsLog *log, EsTrust *trust, const EsAddress *account);
void es_keep_free (EsKeep *keep);

/* Whether messages are kept in the file, as they are at first, or in memory only: those that were written are then erased as soon as
 * that can be, and those that were not are written where they are to be in the file again. What was shown, and alarms, are in it in any case. */
void es_keep_set_messages (EsKeep *keep, gboolean in_file);

/* Writes at once what has not been written. FALSE if that cannot be done now. */
gboolean es_keep_flush (EsKeep *keep);

/* The user knows that nothing is written of what there is for CONTACT now. */
void es_keep_note_told (EsKeep *keep, const EsAddress *contact);

/* A text that waits, as it was typed and as it is to leave; or a stanza that waits, or (KIND) was sent. LABEL is what its receipt
 * will name. The entry is the keep's; whoever does not need it any more says so. */
EsKept *es_keep_text (EsKeep *keep,
                      const EsAddress *contact,
                      const char *label,
                      const char *typed,
                      const char *leaving,
                      gboolean for_verified);
EsKept *es_keep_stanza (EsKeep *keep,
                        const EsAddress *contact,
                        EsStoredKind kind,
                        const char *label,
                        const EsXml *stanza,
                        gboolean for_verified);

/* What messages of CONTACT that were shown are recognised by: OCTETS, more than none, of which a reference is kept. They are written
 * within a second, and so is what has changed in them since; for KEPT, which an earlier life left, OCTETS are that from now on. */
EsKept *es_keep_shown (EsKeep *keep, const EsAddress *contact, GByteArray *octets);
void es_kept_shown_changed (EsKept *kept, GByteArray *octets);

/* That a device which is not verified had a session with CONTACT, although another one is; and when KEPT was written. */
EsKept *es_keep_alarm (EsKeep *keep, const EsAddress *contact);
gint64 es_kept_written (const EsKept *kept);

void es_kept_set_for_verified (EsKept *kept);

/* The user has discarded the message, and may still want it back: meanwhile it is in memory only, for a program that ends has done as it was
 * told. Or does want it back: it is written again, in its place. */
void es_kept_set_aside (EsKept *kept, gboolean aside);

/* Looks, where another program has changed the store, for what that has taken out of it; and whether it has KEPT: by whatever it
 * was done with there, it is neither sent nor handed back here. What stood in another file than the one that there is is written again. */
void es_keep_learn (EsKeep *keep);
gboolean es_kept_is_gone (const EsKept *kept);

/* Whether the store has it, as it is or as it was before. */
gboolean es_kept_is_stored (const EsKept *kept);

/* It has arrived, or is on its way encrypted: it is erased as soon as that can be, for whoever gets it twice knows it. NULL is
 * allowed. */
void es_kept_done (EsKept *kept);

/* What KEPT (of EsKept, some may be NULL) hold goes where nobody would know that it came twice, back to the user or out in the clear:
 * before that they are erased, and never written again. FALSE if that cannot be done now, and nothing has changed. Whoever has them
 * still says when they are done. */
gboolean es_keep_erase (EsKeep *keep, const GPtrArray *kept);

/* What an earlier life of the program left, in order, once; the array frees its elements, and what is taken out of them is the
 * caller's. DROPPED is that of es_store_outbox_load. NULL while the store cannot be read. */
typedef struct
{
  EsKept *kept;
  EsAddress *contact;
  EsStoredKind kind;
  char *label;
  char *typed; /* of a text */
  char *leaving;
  EsXml *stanza;
  GBytes *shown;
  gboolean for_verified;
} EsRestored;

GPtrArray *es_keep_restore (EsKeep *keep, GPtrArray *dropped, GError **error);
