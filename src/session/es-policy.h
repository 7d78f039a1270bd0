/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that decides what happens to something about to be sent. */
#pragma once
#include "es-wish.h"

/* What the user wants for a contact. */
typedef enum
{
  ES_POLICY_NEVER,
  ES_POLICY_ASK,      /* only when the user starts it */
  ES_POLICY_POSSIBLE, /* whenever the other side can */
  ES_POLICY_ALWAYS,   /* nothing leaves in the clear */
  ES_N_POLICIES
} EsPolicy;

/* Whether the contact's clients can. */
typedef enum
{
  ES_SUPPORT_NO,
  ES_SUPPORT_UNKNOWN, /* they have been asked */
  ES_SUPPORT_YES,
  ES_N_SUPPORTS
} EsSupport;

typedef struct
{
  EsPolicy policy;
  EsState state;
  EsSupport support;
  EsWish wish;
  EsEnd ended;
  gboolean plain_once; /* the user sends what waits unencrypted, right now */
  gboolean barred;     /* the session that there is may not have what is typed */
} EsSituation;

typedef enum
{
  ES_SEND_ENCRYPTED,
  ES_SEND_PLAIN,
  ES_SEND_WAIT,  /* until the conversation is encrypted */
  ES_SEND_REFUSE /* until the user has chosen */
} EsVerdict;

EsVerdict es_policy_decide (const EsSituation *situation);

/* Whether an encrypted conversation is to be started without being asked for. */
gboolean es_policy_should_start (const EsSituation *situation);

/* Whether somebody else's request is to be answered with yes. */
gboolean es_policy_should_accept (const EsSituation *situation);
