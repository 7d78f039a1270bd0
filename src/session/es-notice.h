/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to tell a person about a conversation: codes with arguments. Which words that takes, and in which language,
 * is for whoever has a screen. */
#pragma once
#include "es-error.h"

typedef enum
{
  ES_NOTICE_NONE,

  /* Something failed: EsNotice.error says what. */
  ES_NOTICE_ERROR,

  /* The conversation */
  ES_NOTICE_ENCRYPTED,       /* it is encrypted now, not verified */
  ES_NOTICE_VERIFIED_DEVICE, /* it is encrypted now, with a verified device */
  ES_NOTICE_STRANGE_DEVICE, /* it is encrypted now, with a device not verified though another one is: what is written waits */
  ES_NOTICE_DEVICE,         /* it goes on with EsNotice.device */
  ES_NOTICE_RENEWED,        /* its code is another one now */
  ES_NOTICE_INTERRUPTED,       /* the session broke and is replaced */
  ES_NOTICE_ENDED_BY_PEER,     /* the user has to choose how to go on */
  ES_NOTICE_GONE,              /* the other side has left, for whatever reason: what is written waits */
  ES_NOTICE_ENDED_BY_USER,     /* nothing is encrypted any more */
  ES_NOTICE_PLAIN,             /* the same, where nothing was encrypted yet */
  ES_NOTICE_ENDED_NEVER_PLAIN, /* the user has ended it, but policy lets nothing out unencrypted */
  ES_NOTICE_NARROWED,          /* the other side offers less than it did */
  ES_NOTICE_NOT_LOGGED,        /* as the other side wants it */

  /* Starting */
  ES_NOTICE_PEER_OFFLINE,      /* it cannot be started: nobody is seen to be there */
  ES_NOTICE_PEER_CANNOT,       /* it cannot be started: the other program does not offer it */
  ES_NOTICE_OFFLINE,           /* it cannot be started: it is us who are not online */
  ES_NOTICE_DISCLOSURE,        /* it was not started: the other program would pass on what is said */
  ES_NOTICE_TOO_MANY_REQUESTS, /* the other side asks so often that it is not answered any more */

  /* Verification */
  ES_NOTICE_REMINDER,       /* the other side has not been verified yet */
  ES_NOTICE_VERIFIED,       /* by the codes */
  ES_NOTICE_PEER_VERIFIED,  /* the other side says that the codes are equal */
  ES_NOTICE_CODES_DIFFERED, /* the conversation was ended, and the device forgotten */
  ES_NOTICE_CODES_UNFORGOTTEN, /* the conversation was ended, and the device is forgotten as soon as the store can do that */
  ES_NOTICE_CODES_FORGOTTEN, /* now it is */
  ES_NOTICE_CODE_OLD,        /* what was compared is the code no more */
  ES_NOTICE_CODE_NO_PROOF,   /* equal codes would prove nothing with that program */
  ES_NOTICE_LINK_HERE,       /* a link that verifies is about the conversation that the user has written it into */
  ES_NOTICE_NOT_STORED,      /* what the user said of the codes or the password could not be written down */
  ES_NOTICE_UNMARKED,        /* the user no longer counts the device as verified */
  ES_NOTICE_LAPSED,          /* all verified devices are forgotten, for nobody has used them */
  ES_NOTICE_MOVED,           /* or are another computer's by now */
  ES_NOTICE_MOVED_ENDED,     /* as was the session, which has ended */
  ES_NOTICE_STRANGE_MOVED,   /* ES_NOTICE_STRANGE_DEVICE, where that is why none is verified */
  ES_NOTICE_FORGOTTEN,       /* the user has forgotten the device, so that the conversation was ended */

  /* A password that both know */
  ES_NOTICE_PASSWORD_ASKED,     /* the other side waits for ours */
  ES_NOTICE_PASSWORD_QUESTION,  /* the same, and it is the answer to EsNotice.question */
  ES_NOTICE_PASSWORD_WAITS,     /* ours is there, that of the other side is not */
  ES_NOTICE_PASSWORD_EQUAL,     /* the other device is verified by it */
  ES_NOTICE_PASSWORD_DIFFERS,   /* misspelt, or somebody is in the middle */
  ES_NOTICE_PASSWORD_REFUSED,   /* by the other side */
  ES_NOTICE_PASSWORD_WITHDRAWN, /* by the other side */
  ES_NOTICE_PASSWORD_STOPPED,   /* by the user */
  ES_NOTICE_PASSWORD_TIMEOUT,
  ES_NOTICE_PASSWORD_LOST,       /* the session ended before */
  ES_NOTICE_PASSWORD_BROKEN,     /* the two programs lost step */
  ES_NOTICE_PASSWORD_THIRD,      /* it was the third that differed: no more for a day */
  ES_NOTICE_PASSWORD_OVER,       /* no more for a day, as the user knows */
  ES_NOTICE_PASSWORD_UNDER_WAY,  /* the one given before is still being compared */
  ES_NOTICE_PASSWORD_UNUSABLE,   /* nothing can be computed with it */
  ES_NOTICE_PASSWORD_NO_SESSION, /* there is no session to compare in */

  /* What the user writes */
  ES_NOTICE_WAITS,             /* and is sent as soon as the conversation is encrypted */
  ES_NOTICE_WAITS_FOR_DEVICE,  /* until the device is verified, or the user writes to it all the same */
  ES_NOTICE_WAITS_FOR_STORE,   /* until it is known what is remembered of the contact */
  ES_NOTICE_WAITS_FOR_SUPPORT, /* until it is known whether the other side can encrypt */
  ES_NOTICE_STUCK,             /* waits, and nothing can be done but to send it unencrypted */
  ES_NOTICE_RESTORED,          /* of an earlier life of the program: is sent as soon as the conversation is encrypted */
  ES_NOTICE_RESTORED_NOT,      /* of an earlier life of the program: cannot be read any more */
  ES_NOTICE_UNSAVED,           /* has not arrived, and is in memory only */
  ES_NOTICE_SENT_PLAIN,        /* waited, and left unencrypted, for the other side cannot encrypt */
  ES_NOTICE_PLAIN_RETURNED,    /* left unencrypted, and was not delivered */
  ES_NOTICE_LEFT_PLAIN,        /* left unencrypted, for EsNotice.contact is not seen to be there */
  ES_NOTICE_STORE_LATER,       /* waits until the store can forget it: then it goes the way that the user chose */
  ES_NOTICE_SENT_ANYWAY,       /* goes to a device that is not verified, from now on, as the user wants it */
  ES_NOTICE_GIVEN_BACK,        /* was not sent */
  ES_NOTICE_GIVEN_BACK_STRICT, /* was not sent: it was for a verified device, and the user now writes to one that is not */
  ES_NOTICE_LOST,              /* was not sent, and nobody has it: the program ends */
  ES_NOTICE_LOST_SENT,         /* the same of what may have arrived */
  ES_NOTICE_UNSENT_ENDED,      /* was not sent: the user has to choose how to go on */
  ES_NOTICE_UNSENT_FULL,       /* was not sent: too much waits already */
  ES_NOTICE_UNSENT_TOO_LONG,
  ES_NOTICE_UNSENT_UNREADABLE, /* was not sent: what it holds could not be read by the other side */
  ES_NOTICE_UNSENT,            /* was not sent: encrypting failed */

  /* What comes */
  ES_NOTICE_NEXT_UNVERIFIED, /* the next message is of a device that is not verified */
  ES_NOTICE_NEXT_PLAIN,      /* the next message was not encrypted */
  ES_NOTICE_NOT_SHOWN,       /* something else was not shown: whoever sent it is not known to be the contact */

  /* Files */
  ES_NOTICE_FILE_CANNOT,          /* was not sent: the other program has no part in encrypted ones */
  ES_NOTICE_FILE_ENDED,           /* was not sent: the user has to choose how to go on */
  ES_NOTICE_FILE_OTHER_DEVICE,    /* was not sent: there is no session with EsNotice.device */
  ES_NOTICE_FILE_UNKNOWN,         /* was not sent: it is not known yet whether the other side can encrypt */
  ES_NOTICE_FILE_NOT_YET,         /* was not sent: the conversation is not encrypted yet */
  ES_NOTICE_FILE_REST,            /* its rest was not sent: the session is over */
  ES_NOTICE_FILE_PAST,            /* was not sent: it would have gone past the session */
  ES_NOTICE_FILE_UNVERIFIED,      /* was not sent: it was for a device that is not verified */
  ES_NOTICE_FILE_REFUSED_PLAIN,   /* offered to us without encryption */
  ES_NOTICE_FILE_REFUSED_PAST,    /* offered to us, past the session */
  ES_NOTICE_NEXT_FILE_UNVERIFIED, /* the next one is of a device that is not verified */
  ES_NOTICE_NEXT_FILE_PLAIN,      /* the next one is offered without encryption */

  /* Calls, which are not encrypted */
  ES_NOTICE_CALL,
  ES_NOTICE_CALL_NOT_MADE,
  ES_NOTICE_CALL_REFUSED,

  /* What programs say to each other */
  ES_NOTICE_UNSENT_DATA, /* was not sent: it could not be encrypted */
  ES_NOTICE_UNSENT_DATA_TOO_LONG,
  ES_NOTICE_UNSENT_DATA_UNVERIFIED, /* was not sent: it was for a device that is not verified */

  ES_N_NOTICES
} EsNoticeCode;

typedef struct
{
  EsNoticeCode code;
  EsErrorCode error; /* of ES_NOTICE_ERROR */
  const char
      *device; /* the name of a device, as the other side has chosen it: anything; NULL where the code has none */
  const char *question; /* the other side's: anything; NULL where the code has none */
  const char *contact; /* what the user calls the contact, where the code has it; session leaves it to its host, NULL */
} EsNotice;

/* How loudly it is to be said. */
typedef enum
{
  ES_TONE_INFO,
  ES_TONE_WARNING,

  /* A warning that somebody may be in the middle: it is said where the user looks at that moment. */
  ES_TONE_GRAVE,

  /* A warning where verifying is what to do about it: the user is shown the way there. An alarm is that somebody who is not verified
   * stands where somebody was who is: it is grave, and not forgotten before the user has seen it. */
  ES_TONE_REMINDER,
  ES_TONE_ALARM
} EsTone;

/* That ERROR happened; ES_NOTICE_NONE where that is nothing to people. */
EsNotice es_notice_of_error (EsErrorCode error);

/* What CODE is called in a log. */
const char *es_notice_name (EsNoticeCode code);

gboolean es_notice_equal (const EsNotice *one, const EsNotice *other);
