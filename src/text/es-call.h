/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One /esession as it was typed: what es-commands.c hands to those that have the commands, by topic. Each answers with
 * whole sentences in the conversation. */
#pragma once
#include "es-ui.h"

typedef struct
{
  PurpleConversation *conversation;
  const EsApi *api;
  EsConversation what; /* as it is when the command is given */
  const char *word;    /* what follows it, or words; "" if there is nothing */
} EsCall;

/* Writes SENTENCE, plain text, into the conversation; it is not logged. */
void es_say (PurpleConversation *conversation, const char *sentence);

/* es-commands-state.c */
void es_command_status (const EsCall *call);
void es_command_start (const EsCall *call);
void es_command_end (const EsCall *call);
void es_command_send (const EsCall *call);
void es_command_anyway (const EsCall *call);
void es_command_policy (const EsCall *call);
void es_command_debug (const EsCall *call);

/* es-commands-verify.c */
void es_command_code (const EsCall *call);
void es_command_verify (const EsCall *call);
void es_command_differ (const EsCall *call);
void es_command_password (const EsCall *call);

/* The user was shown CODE, NULL: none, and says that the other person reads out TYPED. */
void es_verify_typed (PurpleConversation *conversation, const EsApi *api, const char *code, const char *typed);

/* es-commands-devices.c. The numbers that were shown in CONVERSATION mean nothing any more; NULL: in any. */
void es_command_devices (const EsCall *call);
void es_command_forget (const EsCall *call);
void es_command_rename (const EsCall *call);
void es_command_unverify (const EsCall *call);
void es_command_unlock (const EsCall *call);
void es_command_protect (const EsCall *call);
void es_numbers_forget (PurpleConversation *conversation);

/* Forgets DEVICE, or, if that is 0, all devices of CONTACT; LOST: es-ui.h. */
void es_forget (PurpleConversation *conversation,
                const EsApi *api,
                gint64 device,
                gboolean lost,
                const char *account_name,
                const char *contact);
