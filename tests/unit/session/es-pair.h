/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of two sessions with nothing between them: no manager, no network. */
#pragma once
#include "es-error.h"
#include "es-session.h"

#include "../es-test.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define ALICE_PDA ALICE "/pda"
#define BOB_LAPTOP BOB "/laptop"
#define BOB_PHONE BOB "/phone"

/* What their messages say to whoever cannot read them. */
#define PAIR_FALLBACK "This is encrypted."

typedef struct
{
  const char *jid;
  EsHost host;
  EsOptions options;
  char *path;
  EsTrust *trust;
  EsSession *session;
} Side;

extern Side alice, bob;
extern gint64 pair_now;

/* A checked fixture. */
void pair_setup (void);
void pair_teardown (void);

/* The stanza in TEXT; and STANZA as it comes out of the other end of a stream. The caller frees, as below. */
EsXml *pair_parse (const char *text);
EsXml *pair_travel (const EsXml *stanza);

/* New sessions; Alice asks JID. The request is returned. */
EsXml *pair_begin (const char *jid);

/* Hands the negotiation message in STANZA, which it takes, to SIDE; returns the reply, or NULL. */
EsXml *pair_give (Side *side, const char *from, EsXml *stanza, GError **error);

/* All four messages. */
void pair_negotiate (void);

/* Encrypts TEXT, a stanza; what arrives at the other end. */
EsXml *pair_encrypted (Side *side, const char *text);

/* STANZA decrypts to EXPECTED; it does not, with an error of CODE. */
void pair_expect_decrypted (Side *side, EsXml *stanza, const char *expected);
void pair_expect_refused (Side *side, EsXml *stanza, EsErrorCode code);

/* A message with BODY goes from one to the other. */
void pair_expect_body_passes (Side *from, Side *to, const char *body);
