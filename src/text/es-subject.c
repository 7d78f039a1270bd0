/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-subject.h"

void
es_subject_set (EsSubject *subject, const EsConversation *what)
{
  es_subject_clear (subject);
  subject->session = what->session;
  subject->device = es_address_ref (what->device);
}

void
es_subject_copy (EsSubject *subject, const EsSubject *other)
{
  es_subject_clear (subject);
  subject->session = other->session;
  subject->device = es_address_ref (other->device);
}

EsSubjectChange
es_subject_change (const EsSubject *subject, const EsConversation *what)
{
  if (what->session == 0)
    return ES_SUBJECT_GONE;
  if (what->session == subject->session)
    return ES_SUBJECT_SAME;
  return subject->session == 0 || es_address_equal (subject->device, what->device) ? ES_SUBJECT_RENEWED
                                                                                   : ES_SUBJECT_MOVED;
}

void
es_subject_clear (EsSubject *subject)
{
  es_address_unref (subject->device);
  *subject = (EsSubject){ 0 };
}
