/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user wants of a conversation beyond the policy, and who has ended encryption in it. Policy reads it: es-policy.h. */
#pragma once
#include "es-life.h"

typedef enum
{
  ES_WISH_USUAL,
  ES_WISH_START, /* encryption, as soon as it is known that it can be */
  ES_WISH_PLAIN, /* none */
  ES_N_WISHES
} EsWish;

/* Why there is no encrypted conversation any more, where somebody wanted that: nothing starts again by itself then. */
typedef enum
{
  ES_END_NONE,
  ES_END_BY_PEER, /* the other side's user has ended it: until ours, or he, begins anew */
  ES_END_DECLINED, /* the other side did not want it: until the client that said so has gone; what is written meanwhile waits */
  ES_END_FORGOTTEN, /* the user has forgotten the device */
  ES_END_DIFFERED,  /* the codes differed: until the user presses Start, whatever else happens */
  ES_N_ENDS
} EsEnd;

/* Read by everybody, changed by the functions below alone. All zero: as usual, and not ended. */
typedef struct
{
  EsWish wish;
  EsEnd ended;
} EsIntent;

/* EVENT has happened in the life of the conversation. ALL_DECLINED: no client is left that has not said no. */
void es_intent_note (EsIntent *intent, EsEvent event, gboolean all_declined);

/* The codes differ, as an earlier life of the program has left behind. */
void es_intent_note_difference (EsIntent *intent);

/* Whoever has said no may have thought better of it. */
void es_intent_ask_again (EsIntent *intent);

/* The user wants encryption: what was ended is so no longer. And it has to wait until it is known whether it can be. */
void es_intent_begin (EsIntent *intent);
void es_intent_await (EsIntent *intent);

/* The user wants none; or what is usual again. */
void es_intent_be_plain (EsIntent *intent);
void es_intent_be_usual (EsIntent *intent);
