/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user can set for all conversations, in libpurple's own form, which every program shows its own way. */
#pragma once
#include "es-ui.h"

/* For PurplePluginInfo. */
PurplePluginUiInfo *es_preferences_info (void);

/* The same for whoever has a better form. Texts are not translated yet. */
typedef struct
{
  const char *label;
  int value;
} EsChoice;

typedef struct
{
  const char *name;        /* ES_PREF_... */
  const char *label;       /* with the underline of a form */
  const EsChoice *choices; /* up to one without label; NULL: yes or no */
  const char *explanation; /* or NULL */
} EsPreference;

const EsPreference *es_preference_find (const char *name);

/* Translated and without an underline; the caller's. */
char *es_choice_label (const EsChoice *choice);

/* LABEL, translated, without an underline and without the colon at its end, for a form that has one of its own; the caller's. */
char *es_preference_title (const char *label);

/* What policies are called where that is typed, or stored: a word, and an EsPolicy, or -1 if it is none. */
const char *es_policy_word (EsPolicy policy);
int es_policy_of_word (const char *word);
