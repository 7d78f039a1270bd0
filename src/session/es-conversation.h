/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What whoever asks gets to know of a conversation, and what becomes of a stanza. */
#pragma once
#include "es-policy.h"
#include "es-verify-link.h"

/* A password that both users know, compared in the session that the conversation is in. */
typedef enum
{
  ES_PASSWORD_NONE,
  ES_PASSWORD_OFFERED, /* the other side waits for our password */
  ES_PASSWORD_WAITING, /* ours is being compared */
  ES_PASSWORD_OVER     /* too many failures: not with this contact for a while */
} EsPasswordState;

/* What there is to know of the conversation with a contact. Strings belong to the manager, until its next call. */
typedef struct
{
  gboolean online; /* stanzas can be sent */
  EsState state;
  guint64 session;         /* its number, which the account gives once; 0 without one */
  const EsAddress *device; /* full, NULL without a session */
  const char *code;        /* NULL without a session */
  gboolean code_proves;    /* equal codes prove that nobody listens in */
  gint64 since;
  gint64 verified_at;    /* when its device was verified; 0 if it is not */
  guint waiting;         /* messages that wait to be encrypted */
  guint unconfirmed;     /* messages that were sent encrypted and have not been confirmed to have arrived */
  EsPolicy policy;       /* what holds for the contact */
  int own_policy;        /* what the user chose for the contact, -1: nothing */
  EsPolicy usual_policy; /* what holds where the user chose nothing */
  gboolean barred;       /* nothing goes to the device before it is verified, or es_manager_write_anyway */
  gboolean
      withheld; /* it is not encrypted, but nothing leaves unencrypted by itself: what is written waits, or the user must choose */
  gboolean must_choose; /* nothing can be sent until the user has chosen to start again or to write unencrypted */
  gboolean declined;    /* the other side did not want it to be encrypted: what is written waits */
  gboolean log;         /* whether what is said may be logged */
  gboolean log_refused; /* it would be, but the other side does not want that */
  gboolean can_start;
  gboolean can_end;
  gboolean can_verify;
  EsPasswordState password;
  gboolean password_differs; /* the last one in this session was not that of the other side */
  const char *question; /* of the other side's, whose answer is the password that it waits for; anything, or NULL */
  gboolean can_use_password; /* es_manager_password has a session to compare in */
  gboolean other_verified;   /* the other side says that it has verified us; we have not */
  EsNoticeCode obstacle;     /* why encryption cannot be started; ES_NOTICE_NONE if it can or that is not known yet */
  gboolean once_verified; /* the contact has a verified device, or had one that was forgotten because nobody used it: */
  gboolean lapsed;        /* that */
  gboolean moved;         /* or moved to another computer */
  gboolean can_send_plain; /* what waits can go out unencrypted, if the user wants that: es_manager_send_plain */
  gboolean may_be_swapped; /* not all keys of the program are in locked memory */
} EsConversation;

/* How many there are, of all contacts. */
typedef struct
{
  guint states[ES_N_STATES]; /* contacts whose conversation is in that state */
  guint sessions;            /* with whatever client, negotiated or about to be */
  guint waiting;
  guint unconfirmed;
} EsCounts;

/* A text that waits. */
typedef struct
{
  char *label;        /* what es_manager_withdraw knows it by */
  char *text;         /* HTML, as the user typed it */
  gboolean discarded; /* it waits no more, but the user may still want it back: es_manager_undo_discard */
} EsWaitingText;

/* For so long, in seconds. */
#define ES_UNDO_SECONDS 8

/* What is to be done with a stanza that was looked at. */
typedef enum
{
  ES_PASS,     /* as it is */
  ES_CHANGED,  /* send or deliver it as it is now */
  ES_CONSUMED, /* neither */
  ES_REFUSED /* of what goes out: neither; a message goes back to the user, whoever waits for the answer to an iq is to get an error */
} EsDisposition;

/* What goes on with a remembered device that is connected. */
typedef struct
{
  const EsAddress *jid; /* full; the manager's, until its next call */
  gboolean current;     /* the conversation is with that device */
  gboolean can_verify;
} EsDeviceUse;
