/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which session a window is about. The conversation goes on in another one by itself: when that begins, or when another device of
 * the contact's writes. What is known of that one must not be read as if it were about the first. */
#pragma once
#include "es-ui.h"

typedef struct
{
  guint64 session;   /* its number, 0: none yet */
  EsAddress *device; /* full */
} EsSubject;

typedef enum
{
  ES_SUBJECT_SAME,
  ES_SUBJECT_GONE,    /* the conversation is in no session now */
  ES_SUBJECT_RENEWED, /* it is in another one, with the same device, or SUBJECT was about none */
  ES_SUBJECT_MOVED    /* it is with another device */
} EsSubjectChange;

/* SUBJECT is about the session of WHAT from now on. */
void es_subject_set (EsSubject *subject, const EsConversation *what);

/* SUBJECT is about the session of OTHER from now on. */
void es_subject_copy (EsSubject *subject, const EsSubject *other);

/* Where the conversation, as WHAT says, is now. */
EsSubjectChange es_subject_change (const EsSubject *subject, const EsConversation *what);

/* It is about none any more; what it holds is freed. */
void es_subject_clear (EsSubject *subject);
