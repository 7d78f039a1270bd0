/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-wish.h"

void
es_intent_note_difference (EsIntent *intent)
{
  intent->ended = ES_END_DIFFERED;
}

/* What was begun is not ended; but where codes differed only the user begins. */
void
es_intent_note (EsIntent *intent, EsEvent event, gboolean all_declined)
{
  if (event == ES_EVENT_DIFFER)
    es_intent_note_difference (intent);
  if (intent->ended == ES_END_DIFFERED)
    return;
  switch (event)
    {
    case ES_EVENT_PEER_ENDED:
      intent->ended = ES_END_BY_PEER;
      break;
    case ES_EVENT_DECLINED:
      intent->ended = all_declined ? ES_END_DECLINED : intent->ended;
      break;
    case ES_EVENT_FORGOTTEN:
      intent->ended = ES_END_FORGOTTEN;
      break;
    case ES_EVENT_BEGUN:
    case ES_EVENT_UNVERIFIED:
    case ES_EVENT_KNOWN:
    case ES_EVENT_STRANGE:
      intent->wish = intent->wish == ES_WISH_START ? ES_WISH_USUAL : intent->wish;
      intent->ended = ES_END_NONE;
      break;
    case ES_EVENT_USER_ENDED:
      intent->ended = ES_END_NONE;
      break;
    default:
      break;
    }
}

void
es_intent_ask_again (EsIntent *intent)
{
  if (intent->ended == ES_END_DECLINED)
    intent->ended = ES_END_NONE;
}

void
es_intent_begin (EsIntent *intent)
{
  *intent = (EsIntent){ ES_WISH_USUAL, ES_END_NONE };
}

void
es_intent_await (EsIntent *intent)
{
  intent->wish = ES_WISH_START;
}

void
es_intent_be_plain (EsIntent *intent)
{
  intent->wish = ES_WISH_PLAIN;
}

void
es_intent_be_usual (EsIntent *intent)
{
  intent->wish = ES_WISH_USUAL;
}
