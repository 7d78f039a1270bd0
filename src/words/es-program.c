/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-program.h"

#include <glib/gi18n-lib.h>

const EsProgram es_program_libpurple = {
  .domain = GETTEXT_PACKAGE,
  .notices[ES_NOTICE_STRANGE_DEVICE]
  = N_ ("The other side uses a device that you have not verified, although you verified another one: "
        "what you write waits until you verify it, or type /esession anyway to write to it all the "
        "same."),
  .notices[ES_NOTICE_ENDED_BY_PEER]
  = N_ ("The other side has ended the encrypted conversation: type /esession start to encrypt again, or "
        "/esession end to write unencrypted."),
  .notices[ES_NOTICE_TOO_MANY_REQUESTS]
  = N_ ("The other side asks for an encrypted conversation again and again, which is not answered any "
        "more: type /esession start if you want one."),
  .notices[ES_NOTICE_UNMARKED]
  = N_ ("The other device no longer counts as verified: type /esession code to verify it again."),
  .notices[ES_NOTICE_FORGOTTEN]
  = N_ ("The other device is forgotten, so the encrypted conversation was ended: type /esession start to "
        "encrypt again."),
  .notices[ES_NOTICE_WAITS_FOR_DEVICE]
  = N_ ("Your message waits because you have not verified the device that the other side uses now: "
        "verify it, or type /esession anyway to write to it all the same."),
  .notices[ES_NOTICE_STUCK]
  = N_ ("Your message waits because it cannot be encrypted now: to send what waits unencrypted, type "
        "/esession send."),
  .notices[ES_NOTICE_LEFT_PLAIN]
  /* Translators: %s is a contact, in quotation marks. */
  = N_ ("What you write is sent unencrypted while %s is offline: to have it wait until it can be encrypted, "
        "type /esession policy always."),
  .notices[ES_NOTICE_UNSENT_ENDED]
  = N_ ("Your message was not sent because the encrypted conversation has ended: type /esession start to "
        "encrypt again, or /esession end to write unencrypted."),
  .notices[ES_NOTICE_FILE_ENDED]
  = N_ ("The file was not sent because the encrypted conversation has ended: type /esession start to "
        "encrypt again, or /esession end to send unencrypted."),
  .errors[ES_ERROR_STORE]
  = N_ ("Encryption could not be started because the list of remembered devices (esession.db in your "
        "Pidgin folder) cannot be used."),
  .errors[ES_ERROR_STORE_DAMAGED]
  = N_ ("Encryption could not be started because the list of remembered devices is damaged; move the "
        "file esession.db out of your Pidgin folder to begin with an empty list."),
  .errors[ES_ERROR_STORE_READONLY]
  = N_ ("Encryption could not be started because the list of remembered devices (esession.db in your "
        "Pidgin folder) may not be written to."),
  .errors[ES_ERROR_STORE_SEALED]
  = N_ ("Your remembered devices are locked, so that nothing can be encrypted and what you write "
        "waits: to unlock them, choose Tools > Encrypted Sessions > Unlock remembered devices, or "
        "type /esession unlock."),
  .errors[ES_ERROR_STORE_KEYRING]
  = N_ ("Your remembered devices are locked, so that nothing can be encrypted and what you write "
        "waits: their key is in a keyring of this computer that is not open or not there; to try "
        "again, choose Tools > Encrypted Sessions > Unlock remembered devices, or type /esession "
        "unlock."),
};

const EsProgram es_program_pidgin = {
  .domain = GETTEXT_PACKAGE,
  .base = &es_program_libpurple,
  .notices[ES_NOTICE_STRANGE_DEVICE]
  = N_ ("The other side uses a device that you have not verified, although you verified another one."),
  .notices[ES_NOTICE_ENDED_BY_PEER] = N_ ("The other side has ended the encrypted conversation."),
  .notices[ES_NOTICE_TOO_MANY_REQUESTS]
  = N_ ("The other side asks for an encrypted conversation again and again, which is not answered any "
        "more: choose Start encryption if you want one."),
  .notices[ES_NOTICE_UNMARKED]
  = N_ ("The other device no longer counts as verified: choose Verify in the Encryption menu to "
        "verify it again."),
  .notices[ES_NOTICE_FORGOTTEN] = N_ ("The other device is forgotten, so the encrypted conversation was ended."),
  .notices[ES_NOTICE_WAITS_FOR_DEVICE]
  = N_ ("Your message waits because you have not verified the device that the other side uses now."),
  .notices[ES_NOTICE_LEFT_PLAIN]
  /* Translators: %s is a contact, in quotation marks; "Encryption", "This contact" and "Always" as in the menu. */
  = N_ ("What you write is sent unencrypted while %s is offline: to have it wait until it can be encrypted, "
        "choose Encryption > This contact > Always."),
  .notices[ES_NOTICE_STUCK] = N_ ("Your message waits because it cannot be encrypted now."),
  .notices[ES_NOTICE_UNSENT_ENDED] = N_ ("Your message was not sent because the encrypted conversation has ended."),
  .notices[ES_NOTICE_FILE_ENDED] = N_ ("The file was not sent because the encrypted conversation has ended."),
};
