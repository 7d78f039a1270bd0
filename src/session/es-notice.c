/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-notice.h"

static const char *const names[ES_N_NOTICES] = {
  [ES_NOTICE_NONE] = "none",
  [ES_NOTICE_ERROR] = "error",
  [ES_NOTICE_ENCRYPTED] = "encrypted",
  [ES_NOTICE_VERIFIED_DEVICE] = "verified-device",
  [ES_NOTICE_STRANGE_DEVICE] = "strange-device",
  [ES_NOTICE_DEVICE] = "device",
  [ES_NOTICE_RENEWED] = "renewed",
  [ES_NOTICE_INTERRUPTED] = "interrupted",
  [ES_NOTICE_ENDED_BY_PEER] = "ended-by-peer",
  [ES_NOTICE_GONE] = "gone",
  [ES_NOTICE_ENDED_BY_USER] = "ended-by-user",
  [ES_NOTICE_PLAIN] = "plain",
  [ES_NOTICE_ENDED_NEVER_PLAIN] = "ended-never-plain",
  [ES_NOTICE_NARROWED] = "narrowed",
  [ES_NOTICE_NOT_LOGGED] = "not-logged",
  [ES_NOTICE_PEER_OFFLINE] = "peer-offline",
  [ES_NOTICE_PEER_CANNOT] = "peer-cannot",
  [ES_NOTICE_OFFLINE] = "offline",
  [ES_NOTICE_DISCLOSURE] = "disclosure",
  [ES_NOTICE_TOO_MANY_REQUESTS] = "too-many-requests",
  [ES_NOTICE_REMINDER] = "reminder",
  [ES_NOTICE_VERIFIED] = "verified",
  [ES_NOTICE_PEER_VERIFIED] = "peer-verified",
  [ES_NOTICE_CODES_DIFFERED] = "codes-differed",
  [ES_NOTICE_CODES_UNFORGOTTEN] = "codes-unforgotten",
  [ES_NOTICE_CODES_FORGOTTEN] = "codes-forgotten",
  [ES_NOTICE_CODE_OLD] = "code-old",
  [ES_NOTICE_CODE_NO_PROOF] = "code-no-proof",
  [ES_NOTICE_LINK_HERE] = "link-here",
  [ES_NOTICE_NOT_STORED] = "not-stored",
  [ES_NOTICE_UNMARKED] = "unmarked",
  [ES_NOTICE_LAPSED] = "lapsed",
  [ES_NOTICE_MOVED] = "moved",
  [ES_NOTICE_MOVED_ENDED] = "moved-ended",
  [ES_NOTICE_STRANGE_MOVED] = "strange-moved",
  [ES_NOTICE_FORGOTTEN] = "forgotten",
  [ES_NOTICE_PASSWORD_ASKED] = "password-asked",
  [ES_NOTICE_PASSWORD_WAITS] = "password-waits",
  [ES_NOTICE_PASSWORD_QUESTION] = "password-question",
  [ES_NOTICE_PASSWORD_EQUAL] = "password-equal",
  [ES_NOTICE_PASSWORD_DIFFERS] = "password-differs",
  [ES_NOTICE_PASSWORD_REFUSED] = "password-refused",
  [ES_NOTICE_PASSWORD_WITHDRAWN] = "password-withdrawn",
  [ES_NOTICE_PASSWORD_STOPPED] = "password-stopped",
  [ES_NOTICE_PASSWORD_TIMEOUT] = "password-timeout",
  [ES_NOTICE_PASSWORD_LOST] = "password-lost",
  [ES_NOTICE_PASSWORD_BROKEN] = "password-broken",
  [ES_NOTICE_PASSWORD_THIRD] = "password-third",
  [ES_NOTICE_PASSWORD_OVER] = "password-over",
  [ES_NOTICE_PASSWORD_UNDER_WAY] = "password-under-way",
  [ES_NOTICE_PASSWORD_UNUSABLE] = "password-unusable",
  [ES_NOTICE_PASSWORD_NO_SESSION] = "password-no-session",
  [ES_NOTICE_WAITS] = "waits",
  [ES_NOTICE_WAITS_FOR_DEVICE] = "waits-for-device",
  [ES_NOTICE_WAITS_FOR_STORE] = "waits-for-store",
  [ES_NOTICE_WAITS_FOR_SUPPORT] = "waits-for-support",
  [ES_NOTICE_STUCK] = "stuck",
  [ES_NOTICE_RESTORED] = "restored",
  [ES_NOTICE_RESTORED_NOT] = "restored-not",
  [ES_NOTICE_UNSAVED] = "unsaved",
  [ES_NOTICE_SENT_PLAIN] = "sent-plain",
  [ES_NOTICE_PLAIN_RETURNED] = "plain-returned",
  [ES_NOTICE_LEFT_PLAIN] = "left-plain",
  [ES_NOTICE_STORE_LATER] = "store-later",
  [ES_NOTICE_SENT_ANYWAY] = "sent-anyway",
  [ES_NOTICE_GIVEN_BACK] = "given-back",
  [ES_NOTICE_GIVEN_BACK_STRICT] = "given-back-strict",
  [ES_NOTICE_LOST] = "lost",
  [ES_NOTICE_LOST_SENT] = "lost-sent",
  [ES_NOTICE_UNSENT_ENDED] = "unsent-ended",
  [ES_NOTICE_UNSENT_FULL] = "unsent-full",
  [ES_NOTICE_UNSENT_TOO_LONG] = "unsent-too-long",
  [ES_NOTICE_UNSENT_UNREADABLE] = "unsent-unreadable",
  [ES_NOTICE_UNSENT] = "unsent",
  [ES_NOTICE_NEXT_UNVERIFIED] = "next-unverified",
  [ES_NOTICE_NEXT_PLAIN] = "next-plain",
  [ES_NOTICE_NOT_SHOWN] = "not-shown",
  [ES_NOTICE_FILE_CANNOT] = "file-cannot",
  [ES_NOTICE_FILE_ENDED] = "file-ended",
  [ES_NOTICE_FILE_OTHER_DEVICE] = "file-other-device",
  [ES_NOTICE_FILE_UNKNOWN] = "file-unknown",
  [ES_NOTICE_FILE_NOT_YET] = "file-not-yet",
  [ES_NOTICE_FILE_REST] = "file-rest",
  [ES_NOTICE_FILE_PAST] = "file-past",
  [ES_NOTICE_FILE_UNVERIFIED] = "file-unverified",
  [ES_NOTICE_FILE_REFUSED_PLAIN] = "file-refused-plain",
  [ES_NOTICE_FILE_REFUSED_PAST] = "file-refused-past",
  [ES_NOTICE_NEXT_FILE_UNVERIFIED] = "next-file-unverified",
  [ES_NOTICE_NEXT_FILE_PLAIN] = "next-file-plain",
  [ES_NOTICE_CALL] = "call",
  [ES_NOTICE_CALL_NOT_MADE] = "call-not-made",
  [ES_NOTICE_CALL_REFUSED] = "call-refused",
  [ES_NOTICE_UNSENT_DATA] = "unsent-data",
  [ES_NOTICE_UNSENT_DATA_TOO_LONG] = "unsent-data-too-long",
  [ES_NOTICE_UNSENT_DATA_UNVERIFIED] = "unsent-data-unverified",
};

const char *
es_notice_name (EsNoticeCode code)
{
  return names[code];
}

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
         && g_strcmp0 (one->device, other->device) == 0 && g_strcmp0 (one->question, other->question) == 0;
}
