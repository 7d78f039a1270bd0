/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-notice.h"

EsNotice
es_notice_of_error (EsErrorCode error)
{
  switch (error)
    {
    case ES_ERROR_DUPLICATE:
    case ES_ERROR_ECHO:
    case ES_ERROR_STORE_OPENING:
      return (EsNotice){ ES_NOTICE_NONE };
    default:
      return (guint) error < ES_N_ERRORS ? (EsNotice){ ES_NOTICE_ERROR, .error = error } : (EsNotice){ ES_NOTICE_NONE };
    }
}

gboolean
es_notice_equal (const EsNotice *one, const EsNotice *other)
{
  return one->code == other->code && (one->code != ES_NOTICE_ERROR || one->error == other->error)
         && g_strcmp0 (one->device, other->device) == 0;
}
