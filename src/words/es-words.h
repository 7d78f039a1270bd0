/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the floors below have to say, in the user's words and language. PROGRAM is the one that the user has before them. */
#pragma once
#include "es-conversation.h"
#include "es-program.h"

/* NOTICE as one sentence, the caller's; NULL for ES_NOTICE_NONE. What comes from outside is quoted, cut short and kept apart
 * from the rest. */
char *es_notice_sentence (const EsProgram *program, const EsNotice *notice);

/* What came of checking a link that verifies, as one sentence; NULL for ES_LINK_AGREES, of which the conversation speaks. */
const char *es_link_sentence (EsLinkVerdict verdict);

/* What failed, as one sentence; NULL where there is nothing to tell. */
const char *es_error_sentence (const EsProgram *program, EsErrorCode code);

/* For whoever cannot read what we send: EsHost.fallback. */
const char *es_fallback_text (void);

/* "Not encrypted", "Starting...", and so on. */
const char *es_state_label (EsState state);

/* What a conversation is called, which is more than its state: nobody is told "not encrypted" where nothing leaves like that. And the
 * state that it looks like. */
const char *es_conversation_label (const EsConversation *conversation);
EsState es_conversation_look (const EsConversation *conversation);

/* What a state means for the user, in a sentence. */
const char *es_state_meaning (EsState state);

/* "Conversations with this contact are never encrypted." */
const char *es_policy_sentence (EsPolicy policy);

/* The keys of the program may be swapped out. */
const char *es_swapped_sentence (void);

/* A policy cannot be stored. */
const char *es_policy_not_stored (void);
