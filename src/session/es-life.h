/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of an encrypted conversation as a table: in STATE, on EVENT, do ACTION, tell NOTICE, be NEXT. Every cell is
 * defined. */
#pragma once
#include "es-host.h"

typedef enum
{
  ES_EVENT_BEGUN,      /* a negotiation has begun, asked for by either side */
  ES_EVENT_UNVERIFIED, /* a session is there, with a device never verified */
  ES_EVENT_KNOWN,      /* a session is there, with a verified device */
  ES_EVENT_STRANGE,    /* a session is there, with a device that is not verified though another one is */
  ES_EVENT_FAILED,     /* the negotiation failed */
  ES_EVENT_DECLINED,   /* the other side does not want it */
  ES_EVENT_LOST,       /* the session broke: changed or lost stanzas, keys lost, device gone */
  ES_EVENT_PEER_ENDED,
  ES_EVENT_GONE, /* the other side has left: it went offline, does not encrypt any more, or does not want to be seen by us */
  ES_EVENT_USER_ENDED,
  ES_EVENT_VERIFIED,  /* the user found the codes equal */
  ES_EVENT_DIFFER,    /* the user found them different */
  ES_EVENT_UNMARKED,  /* the user takes back that the device was verified */
  ES_EVENT_FORGOTTEN, /* the user has forgotten the device */
  ES_EVENT_OFFLINE,   /* we went offline, as the user wanted */
  ES_EVENT_CUT,       /* the connection was lost, ours or the other side's: it will come back */
  ES_EVENT_STALE,     /* the negotiation came to nothing, for no reason that another one need meet */
  ES_N_EVENTS
} EsEvent;

typedef enum
{
  ES_ACTION_NONE,
  ES_ACTION_RELEASE, /* what waited goes out, encrypted, after what has not arrived */
  ES_ACTION_RETURN,  /* what waited, and what has not arrived, goes back to the user */
  ES_ACTION_RESTART  /* start again where that is wanted and possible */
} EsAction;

typedef struct
{
  EsAction action;
  EsState next;
  EsTone tone;
  EsNoticeCode notice; /* ES_NOTICE_NONE for none */
} EsTransition;

/* What they are called in a log. */
const char *es_state_name (EsState state);
const char *es_event_name (EsEvent event);

const EsTransition *es_life_find (EsState state, EsEvent event);
