/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-words.h"

#include <glib/gi18n-lib.h>

#include "es-shown.h"

/* What names a menu, a command or a folder is in es-program.c. */

static const char *const notices[ES_N_NOTICES] = {
  [ES_NOTICE_ENCRYPTED] = N_ ("The conversation is now encrypted, but not verified."),
  [ES_NOTICE_VERIFIED_DEVICE] = N_ ("The conversation is now encrypted and verified."),
  [ES_NOTICE_RENEWED] = N_ ("The encrypted conversation has begun anew: it has another verification code now."),
  [ES_NOTICE_INTERRUPTED]
  = N_ ("The encrypted conversation was interrupted: it goes on by itself, and what has not arrived "
        "is sent again."),
  [ES_NOTICE_GONE]
  = N_ ("The other side has left the encrypted conversation: what you write now waits until it is back."),
  [ES_NOTICE_ENDED_BY_USER] = N_ ("You have ended the encrypted conversation: what you write now is not encrypted."),
  [ES_NOTICE_PLAIN] = N_ ("What you write now is not encrypted."),
  [ES_NOTICE_ENDED_NEVER_PLAIN]
  = N_ ("The encrypted conversation has ended, but nothing is sent unencrypted to this contact: what "
        "you write now waits until it can be encrypted."),
  [ES_NOTICE_NARROWED] = N_ ("The other side's program now offers weaker encryption than before: ask them whether they "
                             "have changed something, and verify again."),
  [ES_NOTICE_NOT_LOGGED] = N_ ("The other side asked not to log this encrypted conversation: it is not logged."),
  [ES_NOTICE_PEER_OFFLINE]
  = N_ ("Encryption cannot be started because the other side is offline, or does not let you see that "
        "it is online."),
  [ES_NOTICE_PEER_CANNOT] = N_ ("Encryption cannot be started because the other side's program does not offer it: it "
                                "needs the plugin Encrypted Sessions, too."),
  [ES_NOTICE_OFFLINE] = N_ ("Encryption cannot be started because you are not online."),
  [ES_NOTICE_DISCLOSURE]
  = N_ ("No encrypted conversation was started because the other side's program wants to pass on what "
        "you write: ask them to turn that off."),
  [ES_NOTICE_REMINDER] = N_ ("To be sure that nobody listens in, verify once: it takes a minute on the phone."),
  [ES_NOTICE_VERIFIED] = N_ ("You have verified the other device: from now on it is recognised by itself."),
  [ES_NOTICE_PEER_VERIFIED] = N_ ("The other side says that the codes match: compare them as well to be sure."),
  [ES_NOTICE_CODES_DIFFERED]
  = N_ ("The codes differed, so someone may be listening in: the encrypted conversation was ended and "
        "that device forgotten."),
  [ES_NOTICE_CODES_UNFORGOTTEN]
  = N_ ("The codes differed, so someone may be listening in: the encrypted conversation was ended. That device could "
        "not be forgotten yet, because the list of remembered devices cannot be written: this is tried again, but if "
        "the program ends before, it is as if you had not compared the codes."),
  [ES_NOTICE_CODES_FORGOTTEN] = N_ ("The device whose code differed is forgotten now."),
  /* Translators: The verification code. */
  [ES_NOTICE_CODE_OLD] = N_ ("That code is no longer valid: please compare the new one."),
  [ES_NOTICE_CODE_NO_PROOF] = N_ ("The program of the other side has no verification code that proves anything."),
  [ES_NOTICE_LINK_HERE]
  = N_ ("A link to verify with proves nothing in the conversation that it is about: give it to the "
        "other person in another way."),
  [ES_NOTICE_NOT_STORED]
  = N_ ("Your answer could not be stored because the list of remembered devices cannot be written: "
        "please try again later."),
  [ES_NOTICE_LAPSED]
  = N_ ("The device that you had verified is forgotten, because it was not used for as long as your preferences say: "
        "whoever comes now counts as a stranger until you verify again."),
  [ES_NOTICE_MOVED]
  = N_ ("The device that you had verified was moved to another computer of yours: here whoever comes now counts as a "
        "stranger until you verify again."),
  [ES_NOTICE_MOVED_ENDED]
  = N_ ("The encrypted conversation was ended because its device was moved to another computer of yours: go on there."),
  [ES_NOTICE_STRANGE_MOVED]
  = N_ ("The other side uses a device that is not verified here, because your remembered devices were moved to another "
        "computer: what you write here waits, so go on there."),
  [ES_NOTICE_PASSWORD_ASKED] = N_ ("The other side wants to compare a password that only you two know."),
  [ES_NOTICE_PASSWORD_WAITS] = N_ ("Your password is compared as soon as the other person has typed it as well."),
  [ES_NOTICE_PASSWORD_EQUAL]
  = N_ ("Both passwords are the same: the other device is verified, and from now on it is recognised "
        "by itself."),
  [ES_NOTICE_PASSWORD_DIFFERS]
  = N_ ("The two passwords differ: check the spelling. If both of you typed the same, somebody may be "
        "listening in."),
  [ES_NOTICE_PASSWORD_REFUSED] = N_ ("The other side does not want to compare passwords now."),
  [ES_NOTICE_PASSWORD_WITHDRAWN] = N_ ("The other side does not wait for your password any more."),
  [ES_NOTICE_PASSWORD_STOPPED] = N_ ("The passwords were not compared."),
  [ES_NOTICE_PASSWORD_TIMEOUT] = N_ ("The passwords were not compared because that took too long: please try again."),
  [ES_NOTICE_PASSWORD_LOST]
  = N_ ("The encrypted conversation ended before the two passwords were compared: please try again in "
        "the next one."),
  [ES_NOTICE_PASSWORD_BROKEN]
  = N_ ("The passwords could not be compared because the two programs lost step: please try again."),
  [ES_NOTICE_PASSWORD_THIRD]
  = N_ ("That was the third time: passwords cannot be compared with this contact for a day. Call the "
        "other person and compare the verification codes."),
  [ES_NOTICE_PASSWORD_OVER]
  = N_ ("Passwords cannot be compared with this contact for now: call the other person and compare "
        "the verification codes."),
  [ES_NOTICE_PASSWORD_UNDER_WAY] = N_ ("The password that you typed before is still being compared."),
  [ES_NOTICE_PASSWORD_UNUSABLE] = N_ ("This password cannot be used: please choose another one."),
  [ES_NOTICE_PASSWORD_NO_SESSION] = N_ ("Passwords can be compared only while the conversation is encrypted."),
  [ES_NOTICE_WAITS] = N_ ("Your message will be sent as soon as the conversation is encrypted."),
  [ES_NOTICE_WAITS_FOR_STORE] = N_ ("Your message waits until the list of remembered devices can be read; if the "
                                    "program ends before that, it is lost."),
  [ES_NOTICE_WAITS_FOR_SUPPORT]
  = N_ ("Your message waits until it is known whether the other side's program can encrypt."),
  [ES_NOTICE_RESTORED] = N_ ("Messages that you wrote last time have not arrived yet: they are sent as soon as the "
                             "conversation is encrypted."),
  [ES_NOTICE_RESTORED_NOT]
  = N_ ("Something that you wrote before, and that has not arrived, cannot be read any more: it is lost."),
  [ES_NOTICE_UNSAVED]
  = N_ ("What you wrote cannot be saved on the disk: if the program ends before it has arrived, it is lost."),
  [ES_NOTICE_SENT_PLAIN] = N_ ("What waited was sent unencrypted, because the other side's program does not offer "
                               "encryption."),
  [ES_NOTICE_PLAIN_RETURNED]
  = N_ ("A message that you sent unencrypted has been sent back by a server: it did not arrive."),
  [ES_NOTICE_STORE_LATER] = N_ (
      "The file with your messages cannot be changed now: what you chose is done as soon as it can be; if the program "
      "ends before that, the message goes on waiting."),
  [ES_NOTICE_SENT_ANYWAY] = N_ ("What you write now goes to this device although you have not verified it."),
  [ES_NOTICE_GIVEN_BACK_STRICT]
  = N_ ("What you wrote before was meant for a verified device and was not sent to this one: you have it back."),
  [ES_NOTICE_GIVEN_BACK] = N_ ("What you wrote was not sent: you have it back."),
  [ES_NOTICE_LOST] = N_ ("What you wrote was not sent and is lost, because it could not be saved on the disk."),
  [ES_NOTICE_LOST_SENT]
  = N_ ("What you wrote last may not have arrived, and is not sent again because it could not be saved on the disk."),
  [ES_NOTICE_UNSENT_FULL] = N_ ("Your message was not sent because too many messages are waiting already."),
  [ES_NOTICE_UNSENT_TOO_LONG]
  = N_ ("Your message was not sent because it is too long to be encrypted: please send it in parts."),
  [ES_NOTICE_UNSENT_UNREADABLE]
  = N_ ("Your message was not sent because it holds something that the other side's program could not "
        "read."),
  [ES_NOTICE_UNSENT] = N_ ("Your message was not sent because it could not be encrypted: please try again."),
  [ES_NOTICE_NEXT_UNVERIFIED] = N_ ("The next message comes from a device that you have not verified."),
  [ES_NOTICE_NEXT_PLAIN] = N_ ("The next message was not encrypted: anyone may have read or written it."),
  [ES_NOTICE_NOT_SHOWN]
  = N_ ("Something that came in the other side's name was not shown because it is not certain who sent it."),
  [ES_NOTICE_FILE_CANNOT]
  = N_ ("The file was not sent because the other side's program cannot take part in encrypted file "
        "transfers."),
  [ES_NOTICE_FILE_UNKNOWN]
  = N_ ("The file was not sent because it is not known yet whether it can be encrypted: please try "
        "again in a moment."),
  [ES_NOTICE_FILE_NOT_YET]
  = N_ ("The file was not sent because the conversation is not encrypted yet: please try again when "
        "it is."),
  [ES_NOTICE_FILE_REST] = N_ ("The rest of the file was not sent because the encrypted conversation has ended."),
  [ES_NOTICE_FILE_PAST] = N_ ("The file was not sent because it would have gone a way that is not encrypted."),
  [ES_NOTICE_FILE_UNVERIFIED]
  = N_ ("The file was not sent because you have not verified the device that it was meant for."),
  [ES_NOTICE_FILE_REFUSED_PLAIN] = N_ ("A file that was offered to you without encryption was refused."),
  [ES_NOTICE_FILE_REFUSED_PAST]
  = N_ ("A file that was offered to you was refused because it would have come a way that is not "
        "encrypted."),
  [ES_NOTICE_NEXT_FILE_UNVERIFIED] = N_ ("The next file comes from a device that you have not verified."),
  [ES_NOTICE_NEXT_FILE_PLAIN] = N_ ("The next file is not encrypted: anyone may have offered it, and may read it."),
  [ES_NOTICE_CALL] = N_ ("What is said in the call is not encrypted: anyone may listen in."),
  [ES_NOTICE_CALL_NOT_MADE] = N_ ("The call was not made because what is said in calls is not encrypted."),
  [ES_NOTICE_CALL_REFUSED] = N_ ("A call was refused because what is said in calls is not encrypted."),
  [ES_NOTICE_UNSENT_DATA]
  = N_ ("Something that was meant for the other side's program was not sent because it could not be "
        "encrypted."),
  [ES_NOTICE_UNSENT_DATA_TOO_LONG]
  = N_ ("Something that was meant for the other side's program was not sent because it is too long to "
        "be encrypted."),
  [ES_NOTICE_UNSENT_DATA_UNVERIFIED]
  = N_ ("Something was not sent because you have not verified the device that it was meant for."),
};

/* A failed check, a wrong value and a value out of range look alike. */
static const char *const errors[ES_N_ERRORS] = {
  [ES_ERROR_MALFORMED]
  = N_ ("Encryption could not be started because the other device sent something that could not be "
        "understood."),
  [ES_ERROR_LIMIT] = N_ ("Encryption could not be started because the other device sent too much at once."),
  [ES_ERROR_UNSUPPORTED]
  = N_ ("Encryption could not be started because the two programs have no method in common; bringing "
        "both up to date may help."),
  [ES_ERROR_UNKNOWN_FIELD]
  = N_ ("Encryption could not be started because the two programs have no method in common; bringing "
        "both up to date may help."),
  [ES_ERROR_CHECK] = N_ ("Encryption could not be started because a security check failed; if this happens again, "
                         "someone may be interfering with your connection."),
  [ES_ERROR_PARTIES]
  = N_ ("Encryption could not be started because the request was meant for somebody else; someone may "
        "be interfering with your connection."),
  [ES_ERROR_UNEXPECTED] = N_ ("Encryption could not be started because the two programs lost step; please try again."),
  [ES_ERROR_STALE] = N_ ("Encryption could not be started because the two programs lost step; please try again."),
  [ES_ERROR_DECLINED] = N_ ("The other side does not want an encrypted conversation now."),
  [ES_ERROR_NO_SESSION] = N_ ("The other device no longer has the keys of this encrypted conversation."),
  [ES_ERROR_TIMEOUT] = N_ ("Encryption could not be started because the other device did not answer."),
  [ES_ERROR_UNAVAILABLE] = N_ ("Encryption could not be started because the other device cannot take part in it now; "
                               "please try again in a while."),
  [ES_ERROR_BUSY] = N_ ("Encryption could not be started because too many encrypted conversations are being started "
                        "at once; please try again in a while."),
  [ES_ERROR_STORE_LOCKED]
  = N_ ("Encryption could not be started because another program is using the list of remembered "
        "devices; close it and try again."),
  [ES_ERROR_STORE_FULL]
  = N_ ("Encryption could not be started because the disk is full; free some space and try again."),
  [ES_ERROR_STORE_OTHER]
  = N_ ("Your choice could not be stored because the list of remembered devices cannot be written: please try again "
        "later."),
  [ES_ERROR_MOVE_FILE] = N_ ("The file could not be written or read: please choose another place."),
  [ES_ERROR_MOVE_EXISTS] = N_ ("There is a file of that name already: please choose another name."),
  [ES_ERROR_MOVE_NOTHING] = N_ ("There is nothing to move: no device is remembered."),
  [ES_ERROR_MOVE_UNDONE] = N_ ("The file could not be written or read: please choose another place."),
  [ES_ERROR_MOVE_DAMAGED] = N_ ("This is not a file with remembered devices, or it is damaged."),
  [ES_ERROR_MOVE_NEWER] = N_ ("This file was written by a newer version: bring this program up to date first."),
  [ES_ERROR_MOVE_LIMIT] = N_ ("This is not a file with remembered devices, or it is damaged."),
  [ES_ERROR_MOVE_CUT_SHORT]
  = N_ ("This file is not finished: start the program on the other computer, which finishes it."),
  [ES_ERROR_MOVE_KEY] = N_ ("This is not the passphrase of the file, or the file was changed since it was written."),
  [ES_ERROR_MOVE_TAKEN] = N_ ("This file was taken over already: please delete it."),
};

/* What stands at OFFSET of PROGRAM, or of what it is based on, or else COMMON. */
static const char *
translated (const EsProgram *program, gsize offset, const char *common)
{
  for (; program != NULL; program = program->base)
    {
      const char *own = G_STRUCT_MEMBER (const char *, program, offset);

      if (own != NULL)
        return g_dgettext (program->domain, own);
    }
  return common != NULL ? _ (common) : NULL;
}

const char *
es_error_sentence (const EsProgram *program, EsErrorCode code)
{
  return (guint) code < ES_N_ERRORS ? translated (program, G_STRUCT_OFFSET (EsProgram, errors[code]), errors[code])
                                    : NULL;
}

/* A name cannot end the sentence, turn it round or drown it: es-shown.h. */
static char *
with_device (EsNoticeCode code, const char *device)
{
  g_autofree char *quoted = es_quoted_name (device != NULL ? device : "");

  if (code == ES_NOTICE_DEVICE)
    /* Translators: %s is the name of a device of the other person, such as "laptop", in quotation marks. */
    return g_strdup_printf (_ ("You are now talking to the device %s."), quoted);
  /* Translators: %s is the name of a device, such as "laptop", in quotation marks. */
  return g_strdup_printf (_ ("The file was not sent because the conversation with the device %s is not encrypted."),
                          quoted);
}

/* Nor can a question. */
static char *
with_question (const char *question)
{
  g_autofree char *quoted = es_quoted_name (question != NULL ? question : "");

  /* Translators: %s is a question such as "Where did we meet?", in quotation marks. */
  return g_strdup_printf (_ ("The other side asks %s and wants to compare the answer, which only you two know."),
                          quoted);
}

/* Every program has another one of those. */
static char *
with_contact (const EsProgram *program, const EsNotice *notice)
{
  const char *sentence = translated (program, G_STRUCT_OFFSET (EsProgram, notices[notice->code]), NULL);
  g_autofree char *quoted = es_quoted_name (notice->contact != NULL ? notice->contact : "");
  g_auto (GStrv) parts = g_strsplit (sentence, "%s", -1);

  return g_strjoinv (quoted, parts);
}

char *
es_notice_sentence (const EsProgram *program, const EsNotice *notice)
{
  switch (notice->code)
    {
    case ES_NOTICE_ERROR:
      return g_strdup (es_error_sentence (program, notice->error));
    case ES_NOTICE_DEVICE:
    case ES_NOTICE_FILE_OTHER_DEVICE:
      return with_device (notice->code, notice->device);
    case ES_NOTICE_PASSWORD_QUESTION:
      return with_question (notice->question);
    case ES_NOTICE_LEFT_PLAIN:
      return with_contact (program, notice);
    default:
      return (guint) notice->code < ES_N_NOTICES ? g_strdup (
                 translated (program, G_STRUCT_OFFSET (EsProgram, notices[notice->code]), notices[notice->code]))
                                                 : NULL;
    }
}

const char *
es_link_sentence (EsLinkVerdict verdict)
{
  static const char *const sentences[ES_N_LINK_VERDICTS] = {
    /* Translators: This and the next ones are about a link with which two people verify each other, instead of comparing codes. */
    [ES_LINK_UNREADABLE]
    = N_ ("This is not a whole link to verify with: copy it again, from its beginning to its end."),
    [ES_LINK_NO_SESSION]
    = N_ ("The link can only be checked while the conversation is encrypted: start the encryption, and ask for a new "
          "link then."),
    [ES_LINK_OWN] = N_ ("This is your own link: give it to the other person, and paste theirs here."),
    [ES_LINK_OTHER_PEOPLE]
    = N_ ("This link is of another conversation: it was made by somebody else, or for another account."),
    [ES_LINK_OTHER_DEVICE]
    = N_ ("This link is of another conversation: it was made on, or for, another device than the one in use now. Ask "
          "for a new one."),
    [ES_LINK_OTHER_SESSION] = N_ (
        "This link is of an earlier conversation and says nothing about this one: ask for a new one. If you read this "
        "again then, compare the codes."),
    [ES_LINK_DIFFERS]
    = N_ ("This link is of this conversation, and yet its code is not the one shown here: call the other person and "
          "compare the codes, because somebody may be listening in."),
    [ES_LINK_CAME_HERE] = N_ (
        "This link came through the conversation that it is to verify, so it proves nothing: whoever listens in could "
        "have put in their own. Ask for it in another way."),
  };
  const char *sentence = sentences[verdict];

  if (verdict == ES_LINK_NO_PROOF)
    sentence = notices[ES_NOTICE_CODE_NO_PROOF];
  return sentence != NULL ? _ (sentence) : NULL;
}

const char *
es_fallback_text (void)
{
  /* Translators: Seen by somebody whose program knows nothing of this encryption. */
  return _ ("This message is encrypted, and your program cannot decrypt it.");
}

const char *
es_state_label (EsState state)
{
  static const char *const labels[ES_N_STATES] = {
    N_ ("Not encrypted"),          N_ ("Starting..."), N_ ("Encrypted, not verified"),
    N_ ("Encrypted and verified"), N_ ("Ended"),
  };

  return _ (labels[state]);
}

const char *
es_conversation_label (const EsConversation *conversation)
{
  /* Translators: A state, like "Not encrypted"; but nothing is sent before it can be encrypted. */
  return conversation->withheld ? _ ("Not yet encrypted") : es_state_label (conversation->state);
}

EsState
es_conversation_look (const EsConversation *conversation)
{
  return conversation->withheld ? ES_STATE_ENDED : conversation->state;
}

const char *
es_state_meaning (EsState state)
{
  static const char *const meanings[ES_N_STATES] = {
    /* Translators: This and the next ones say what "Not encrypted" and the other states mean. */
    [ES_STATE_PLAIN] = N_ ("Others on the way can read along."),
    [ES_STATE_STARTING] = N_ ("What you write waits a moment."),
    [ES_STATE_ENCRYPTED] = N_ ("Nobody on the way can read along, unless somebody pretends to be the other side."),
    [ES_STATE_VERIFIED] = N_ ("Only you two can read it."),
    [ES_STATE_ENDED] = N_ ("Nothing is sent unencrypted unless you choose that."),
  };

  return _ (meanings[state]);
}

const char *
es_policy_sentence (EsPolicy policy)
{
  static const char *const sentences[ES_N_POLICIES] = {
    N_ ("Conversations with this contact are never encrypted."),
    N_ ("Conversations with this contact are encrypted when you ask for it."),
    N_ ("Conversations with this contact are encrypted whenever that is possible."),
    N_ ("Conversations with this contact are always encrypted: what cannot be encrypted waits."),
  };

  return _ (sentences[policy]);
}

const char *
es_swapped_sentence (void)
{
  return _ ("Keys may be written to the disk of this computer because it lets programs lock too little memory.");
}

const char *
es_policy_not_stored (void)
{
  return _ (
      "Your choice could not be stored because the list of remembered devices cannot be written: please try again "
      "later.");
}
