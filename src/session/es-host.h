/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that this floor knows of the world. In the plugin libpurple stands behind it, in tests a simulated clock, network
 * and user. */
#pragma once
#include "es-address.h"
#include "es-crypto.h"
#include "es-log.h"
#include "es-notice.h"
#include "es-xml.h"

/* What a conversation is, in the user's words. What it *ought* to be is policy: es-policy.h. */
typedef enum
{
  ES_STATE_PLAIN,     /* Not encrypted */
  ES_STATE_STARTING,  /* Starting... */
  ES_STATE_ENCRYPTED, /* Encrypted, not verified */
  ES_STATE_VERIFIED,  /* Encrypted and verified */
  ES_STATE_ENDED,     /* Ended: nothing is sent until the user chooses */
  ES_N_STATES
} EsState;

/* What became of a text that left encrypted. */
typedef enum
{
  ES_DELIVERY_SENT,
  ES_DELIVERY_ARRIVED, /* a receipt in the session that it went out in says so */
  ES_DELIVERY_RETURNED /* nobody knows whether it arrived: return_text gives it back */
} EsDelivery;

/* What carries stanzas, and knows who is at its other ends. DATA, here and below, is the first argument of each function. */
typedef struct
{
  gpointer data;

  /* What somebody reads instead of an encrypted message whose program cannot decrypt it; it stays where it is. NULL: nothing. */
  const char *fallback;

  /* Whether what is sent now leaves at all; and sends STANZA, which the callee takes, after everything sent before. */
  gboolean (*can_send) (gpointer data);
  void (*send) (gpointer data, EsXml *stanza);

  /* Asks the client JID (full) what it supports; the answer comes by es_manager_set_support. */
  void (*ask_support) (gpointer data, const EsAddress *jid);

  /* Where CONTACT is known to be online but none of its clients is known: asks for their presence and returns TRUE. */
  gboolean (*ask_presence) (gpointer data, const EsAddress *contact);

  /* Whether CONTACT may see our presence, so that answering it tells it nothing new. */
  gboolean (*may_see_us) (gpointer data, const EsAddress *contact);
} EsTransport;

typedef struct
{
  gpointer data;

  /* Seconds since 1970, for what is stored and what people read; and since some moment in this life, for how long something takes:
   * they do not jump when somebody sets the clock. */
  gint64 (*now) (gpointer data);
  gint64 (*elapsed) (gpointer data);

  /* Calls FIRE (ARGUMENT) once, after SECONDS, or with 0 as soon as what is being done is done; the number returned is never
   * 0 and stops it before that. */
  guint (*start_timer) (gpointer data, guint seconds, void (*fire) (gpointer argument), gpointer argument);
  void (*stop_timer) (gpointer data, guint timer);
} EsClock;

/* The person in front of it. */
typedef struct
{
  gpointer data;

  /* The state of the conversation with CONTACT, or what is known of it, has changed. */
  void (*changed) (gpointer data, const EsAddress *contact);

  /* Whether the user is to be reminded now that CONTACT is not verified: at most once a day, and not where reminders are not
   * wanted. TRUE counts as the reminder. */
  gboolean (*may_remind) (gpointer data, const EsAddress *contact);

  /* Tells the user NOTICE, of which nothing outlives the call, in the conversation with CONTACT. */
  void (*notice) (gpointer data, const EsAddress *contact, EsTone tone, const EsNotice *notice);

  /* Sends what waited: LEAVING leaves, as it is, and TYPED is what the user sees of it. ENCRYPTED: it may leave in no other way,
   * whatever becomes of the stanza that carries it. */
  void (
      *send_text) (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted);

  /* Whether the user would see now what is given back in the conversation with CONTACT: its window is there, or can be opened.
   * While that is not so, what the store has stays there; es_manager_opened tells when it is. */
  gboolean (*can_return) (gpointer data, const EsAddress *contact);

  /* Gives TEXT back to the user: it was not sent; or it was SENT encrypted, and nobody knows whether it arrived. FALSE where the
   * program ends, so that nobody has it. */
  gboolean (*return_text) (gpointer data, const EsAddress *contact, const char *text, gboolean sent);

  /* What became of a text to CONTACT: NUMBER stands for that one alone, whatever the account, in this life of the program. SENT is told
   * once, while es_manager_outgoing has it; how often it then goes out again is nobody's concern. Of some nothing more is ever told. */
  void (*delivery) (gpointer data, const EsAddress *contact, guint64 number, EsDelivery delivery);

  /* Asks the user whether CONTACT, a stranger, may have an encrypted conversation; the answer comes by
   * es_manager_answer_stranger. An earlier question has lapsed. */
  void (*ask_stranger) (gpointer data, const EsAddress *contact);
} EsUser;

typedef struct
{
  EsRandom random;
  EsLog *log; /* of what happens; NULL: none */
  EsTransport transport;
  EsClock clock;
  EsUser user;
} EsHost;
