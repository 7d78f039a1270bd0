/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between esession.so and whoever shows it: the commands in src/text, or pidgin-esession.so. Libpurple opens plugins so
 * that one does not see the other's functions; the core therefore puts an EsApi into its plugin's `extra`. */
#pragma once
#include <purple.h>

#include "es-manager.h"

#define ES_PLUGIN_ID "core-esession"
#define ES_PIDGIN_PLUGIN_ID "gtk-esession"

/* Raised whenever EsApi, EsUi or EsConversation change: both plugins must be of one build. */
#define ES_API_VERSION 1

/* What the core asks of its user interface. All may be NULL. */
typedef struct
{
  /* What there is to show of the conversation has changed. */
  void (*changed) (PurpleConversation *conversation);

  /* TEXT (HTML as the user typed it) was not sent. TRUE if the user has it back; otherwise it is written into the
   * conversation. */
  gboolean (*return_text) (PurpleConversation *conversation, const char *text);
} EsUi;

typedef struct
{
  guint version;

  /* Starts and stops everything; each without effect if it is so already. Start tells in *ERROR, the caller's to free,
   * why it cannot. */
  gboolean (*start) (const EsUi *ui, char **error);
  void (*stop) (void);

  /* Whether the conversation is one that could be encrypted: with a contact, on XMPP. */
  gboolean (*covers) (PurpleConversation *conversation);

  /* The strings in WHAT are valid until the next call of anything here. */
  void (*describe) (PurpleConversation *conversation, EsConversation *what);

  /* The user's wishes: es-manager.h. */
  void (*user_start) (PurpleConversation *conversation);
  void (*user_end) (PurpleConversation *conversation);
  void (*user_verify) (PurpleConversation *conversation, const char *code, gboolean equal);
} EsApi;
