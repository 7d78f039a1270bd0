/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-otr.h"

#include <stdio.h>
#include <string.h>

/* In this order: the last does not include what it needs. */
#include <libotr/proto.h>
#include <libotr/privkey.h>
#include <libotr/message.h>

#define PROTOCOL "prpl-jabber"

typedef struct
{
  Otr *otr;
  const char *account;
  OtrlUserState state;
} Side;

struct _Otr
{
  Side alice;
  Side bob;
  GQueue letters; /* of Letter, on their way */
  guint n_messages;
  gsize n_octets;
};

typedef struct
{
  Side *to;
  char *text;
} Letter;

static Side *
other (Side *side)
{
  return side == &side->otr->alice ? &side->otr->bob : &side->otr->alice;
}

static OtrlPolicy
op_policy (void *data, ConnContext *context)
{
  return OTRL_POLICY_ALLOW_V3 | OTRL_POLICY_REQUIRE_ENCRYPTION;
}

static int
op_is_logged_in (void *data, const char *account, const char *protocol, const char *recipient)
{
  return 1;
}

static void
op_inject (void *data, const char *account, const char *protocol, const char *recipient, const char *message)
{
  Side *side = data;
  Letter *letter = g_new0 (Letter, 1);

  letter->to = other (side);
  letter->text = g_strdup (message);
  g_queue_push_tail (&side->otr->letters, letter);
  side->otr->n_messages++;
  side->otr->n_octets += strlen (message);
}

static int
op_max_size (void *data, ConnContext *context)
{
  return 0;
}

static void
op_event (void *data, OtrlMessageEvent event, ConnContext *context, const char *message, gcry_error_t error)
{
  bench_must (event == OTRL_MSGEVENT_NONE || event == OTRL_MSGEVENT_LOG_HEARTBEAT_SENT
                  || event == OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD,
              "libotr");
}

static void
op_instance (void *data, const char *account, const char *protocol)
{
  Side *side = data;
  FILE *file = tmpfile ();

  bench_must (file != NULL && otrl_instag_generate_FILEp (side->state, file, account, protocol) == 0, "libotr");
  fclose (file);
}

static const OtrlMessageAppOps ops = {
  .policy = op_policy,
  .is_logged_in = op_is_logged_in,
  .inject_message = op_inject,
  .max_message_size = op_max_size,
  .handle_msg_event = op_event,
  .create_instag = op_instance,
};

static void
side_init (Side *side, Otr *otr, const char *account)
{
  FILE *file = tmpfile ();

  side->otr = otr;
  side->account = account;
  side->state = otrl_userstate_create ();
  bench_must (file != NULL && otrl_privkey_generate_FILEp (side->state, file, account, PROTOCOL) == 0, "key");
  fclose (file);
}

Otr *
otr_new (void)
{
  Otr *otr = g_new0 (Otr, 1);

  /* These keys protect nobody: do not wait for the kernel's best random octets. */
  gcry_control (GCRYCTL_ENABLE_QUICK_RANDOM, 0);
  OTRL_INIT;
  g_queue_init (&otr->letters);
  side_init (&otr->alice, otr, BENCH_ALICE);
  side_init (&otr->bob, otr, BENCH_BOB);
  return otr;
}

void
otr_free (Otr *otr)
{
  otrl_userstate_free (otr->alice.state);
  otrl_userstate_free (otr->bob.state);
  g_free (otr);
}

const char *
otr_version (void)
{
  return otrl_version ();
}

/* What TO makes of TEXT: a message for the user, or NULL; otrl_message_free frees it. */
static char *
receive (Side *to, const char *text)
{
  char *message = NULL;
  OtrlTLV *tlvs = NULL;

  otrl_message_receiving (to->state, &ops, to, to->account, PROTOCOL, other (to)->account, text, &message, &tlvs, NULL,
                          NULL, NULL);
  otrl_tlv_free (tlvs);
  return message;
}

static void
deliver (Otr *otr)
{
  Letter *letter = NULL;

  while ((letter = g_queue_pop_head (&otr->letters)) != NULL)
    {
      otrl_message_free (receive (letter->to, letter->text));
      g_free (letter->text);
      g_free (letter);
    }
}

static void
forget (Side *side)
{
  for (ConnContext *context = side->state->context_root; context != NULL; context = context->next)
    otrl_context_force_plaintext (context);
  otrl_context_forget_all (side->state);
}

static gboolean
is_private (const Side *side)
{
  for (ConnContext *context = side->state->context_root; context != NULL; context = context->next)
    if (context->msgstate == OTRL_MSGSTATE_ENCRYPTED && context->protocol_version == 3)
      return TRUE;
  return FALSE;
}

void
otr_negotiate (Otr *otr)
{
  forget (&otr->alice);
  forget (&otr->bob);
  otr->n_messages = 0;
  otr->n_octets = 0;
  op_inject (&otr->alice, BENCH_ALICE, PROTOCOL, BENCH_BOB, "?OTRv3?");
  deliver (otr);
  bench_must (is_private (&otr->alice) && is_private (&otr->bob), "libotr's negotiation");
}

guint
otr_n_messages (const Otr *otr)
{
  return otr->n_messages;
}

gsize
otr_n_octets (const Otr *otr)
{
  return otr->n_octets;
}

void
otr_talk (Otr *otr, gboolean from_alice, const char *text, char **wire)
{
  Side *from = from_alice ? &otr->alice : &otr->bob, *to = other (from);
  char *encrypted = NULL, *decrypted = NULL;
  gcry_error_t failed
      = otrl_message_sending (from->state, &ops, from, from->account, PROTOCOL, to->account, OTRL_INSTAG_BEST, text,
                              NULL, &encrypted, OTRL_FRAGMENT_SEND_SKIP, NULL, NULL, NULL);

  bench_must (failed == 0 && encrypted != NULL && g_str_has_prefix (encrypted, "?OTR:"), "libotr's encryption");
  decrypted = receive (to, encrypted);
  bench_must (decrypted != NULL && strcmp (decrypted, text) == 0, "libotr's decryption");
  if (wire != NULL)
    *wire = g_strdup (encrypted);
  otrl_message_free (decrypted);
  otrl_message_free (encrypted);

  /* A side that has not sent for a minute lets itself be heard. */
  deliver (otr);
}

void
otr_run (gpointer data, guint n)
{
  for (; n > 0; n--)
    otr_negotiate (data);
}
