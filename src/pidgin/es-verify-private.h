/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-verify.c (what the dialog does) and es-verify-pages.c (what is in it) share. */
#pragma once
#include <gtk/gtk.h>

#include "es-subject.h"
#include "es-verify.h"

enum
{
  RESPONSE_MATCH = 1,
  RESPONSE_DIFFER,
  RESPONSE_CHECK,
  RESPONSE_COMPARE,
  RESPONSE_STOP,
  RESPONSE_BACK,
  RESPONSE_END,
  RESPONSE_MOVE,
  N_RESPONSES
};

/* The pages of the notebook. */
enum
{
  PAGE_COMPARE,
  PAGE_TYPE,
  PAGE_PASSWORD,
  PAGE_LINK
};

/* What the dialog shows: the notebook, what "They differ" would do, that all is well, or that the conversation is in a session with
 * another device than the one that it is about. */
typedef enum
{
  ES_VIEW_WAYS,
  ES_VIEW_DIFFER,
  ES_VIEW_DONE,
  ES_VIEW_MOVED
} EsView;

typedef struct
{
  PurpleConversation *conversation;
  const EsApi *api;
  EsSubject subject;
  char *code;        /* the one that is shown; NULL while there is none, */
  gboolean had_code; /* and whether there ever was one */
  EsView view;
  EsPasswordState password; /* of that session */
  GtkWidget *dialog;
  GtkWidget *buttons[N_RESPONSES];
  GtkWidget *later;
  GtkWidget *close;
  gboolean several;  /* devices of the contact's are there */
  GtkWidget *device; /* which one it is about, where that is so */
  GtkWidget *views;  /* notebook without tabs, a EsView each */
  GtkWidget *news;   /* what has changed while the dialog was there */
  GtkWidget *ways;
  GtkWidget *big;
  GtkWidget *spelling;
  GtkWidget *unproven;
  GtkWidget *typed;
  GtkWidget *typed_spelling;
  GtkWidget *typed_news;
  GtkWidget *question;     /* that the password is the answer to, */
  GtkWidget *question_row; /* and what it stands in */
  GtkWidget *words;
  GtkWidget *words_news;
  GtkWidget *qr;
  GtkWidget *qr_place; /* what it is in, on its page only: all pages are as high as the highest */
  GtkWidget *own_link; /* an entry that nobody writes in */
  GtkWidget *copy;
  GtkWidget *given; /* the other side's link */
  GtkWidget *given_news;
  GtkWidget *done;
  GtkWidget *done_code; /* for the other person, who may still have to compare */
  GtkWidget *done_copy; /* the same */
  GtkWidget *moved;
  gboolean answers; /* though all is well, the other side's password is to be answered */
} EsVerify;

/* What is in each view; NAME is how the contact is called there. */
GtkWidget *es_verify_make_device (void);
GtkWidget *es_verify_make_ways (EsVerify *verify, const char *name);
GtkWidget *es_verify_make_differ (const char *name);
GtkWidget *es_verify_make_done (EsVerify *verify, const char *name);
GtkWidget *es_verify_make_moved (EsVerify *verify);

/* The user types, presses Enter, or turns to another page. */
void es_verify_on_typed (GtkEditable *editable, EsVerify *verify);
void es_verify_on_words (GtkEditable *editable, EsVerify *verify);
void es_verify_on_given (GtkEditable *editable, EsVerify *verify);
void es_verify_on_copy (GtkButton *button, EsVerify *verify);
void es_verify_on_enter (GtkEntry *entry, EsVerify *verify);
void es_verify_on_page (GtkNotebook *notebook, gpointer page, guint number, EsVerify *verify);
