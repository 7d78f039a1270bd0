/* SPDX-License-Identifier: GPL-3.0-or-later */
/*   A  <verify step='1'>  pA      -->  B   the user of B is asked for the password
 *   A  <--  <verify step='2'>  pB, cB  B
 *   A  <verify step='3'>  cA      -->  B
 *
 * Instead of any of them <verify step='failed'/>: what was under way is over. Whoever starts is A.
 *
 * When both start at once each is sent the other's step 1 after its own. The initiator of the session then stays A and takes
 * no notice of it; the responder drops its own start and answers as B at once, with the password that it was given. */
#include "es-password.h"

#include <string.h>

#include "es-form.h"
#include "es-limits.h"

typedef enum
{
  STAGE_IDLE,
  STAGE_STARTED,  /* A: step 1 is sent */
  STAGE_OFFERED,  /* B: step 1 has come */
  STAGE_ANSWERED, /* B: step 2 is sent */
} Stage;

struct _EsPassword
{
  EsRole role;
  EsAddress *own, *other;
  GBytes *context;
  const EsRandom *random;

  Stage stage;
  EsSpake2 *spake2; /* of STARTED and ANSWERED */
  EsSecret *w;      /* of STARTED: for a start that crosses */
  GBytes *offer;    /* of OFFERED: pA */
  gboolean crossed; /* in STARTED: the other side, which then gives way, has started as well */

  /* Of EsSpake2: what we have started and stopped, in that order. An answer to each may still be on its way. */
  GPtrArray *stopped;
  guint n_tries;
};

EsPassword *
es_password_new (EsRole role, const EsAddress *own, const EsAddress *other, GBytes *context, const EsRandom *random)
{
  EsPassword *password = g_new0 (EsPassword, 1);

  password->role = role;
  password->own = es_address_ref (own);
  password->other = es_address_ref (other);
  password->context = g_bytes_ref (context);
  password->random = random;
  password->stopped = g_ptr_array_new_with_free_func ((GDestroyNotify) es_spake2_free);
  return password;
}

/* All secrets go, of what is under way. */
static void
reset (EsPassword *password)
{
  password->stage = STAGE_IDLE;
  password->crossed = FALSE;
  g_clear_pointer (&password->spake2, es_spake2_free);
  g_clear_pointer (&password->w, es_secret_free);
  g_clear_pointer (&password->offer, g_bytes_unref);
}

void
es_password_free (EsPassword *password)
{
  if (password == NULL)
    return;
  reset (password);
  g_ptr_array_unref (password->stopped);
  g_bytes_unref (password->context);
  es_address_unref (password->own);
  es_address_unref (password->other);
  g_free (password);
}

EsPasswordState
es_password_state (const EsPassword *password)
{
  return password->stage == STAGE_IDLE      ? ES_PASSWORD_NONE
         : password->stage == STAGE_OFFERED ? ES_PASSWORD_OFFERED
                                            : ES_PASSWORD_WAITING;
}

/* Payloads */

static EsXml *
payload_new (const char *step)
{
  EsXml *verify = es_xml_new ("verify", ES_NS_VERIFY);

  es_xml_set_attribute (verify, "step", step);
  return verify;
}

static void
append_octets (EsXml *verify, const char *name, GBytes *octets)
{
  g_autofree char *text = es_base64_encode (ES_PART_BYTES (octets));

  es_xml_append_new (verify, name, text);
}

EsXml *
es_password_refusal (void)
{
  return payload_new ("failed");
}

/* The octets in the child NAME, which must be there with so many of them. */
static GBytes *
dup_octets (const EsXml *verify, const char *name, gsize size)
{
  const EsXml *child = es_xml_child (verify, name, ES_NS_VERIFY);
  g_autofree char *text = child != NULL ? es_xml_dup_text (child) : NULL;

  return text != NULL ? es_base64_decode (text, size, size, NULL) : NULL;
}

static guint
count_elements (const EsXml *verify)
{
  const GPtrArray *children = es_xml_children (verify);
  guint n = 0;

  for (guint i = 0; i < children->len; i++)
    n += es_xml_name (children->pdata[i]) != NULL ? 1 : 0;
  return n;
}

/* The user */

static EsXml *
start (EsPassword *password, EsSecret *w)
{
  EsXml *verify = payload_new ("1");

  password->w = w;
  password->spake2 = es_spake2_new (ES_SPAKE2_A, w, es_address_text (password->own), es_address_text (password->other),
                                    password->context, password->random);
  password->stage = STAGE_STARTED;
  append_octets (verify, "point", es_spake2_point (password->spake2));
  return verify;
}

/* NULL if POINT gives no key. */
static EsXml *
answer (EsPassword *password, const EsSecret *w, GBytes *point)
{
  g_autoptr (EsSpake2) spake2 = es_spake2_new (ES_SPAKE2_B, w, es_address_text (password->other),
                                               es_address_text (password->own), password->context, password->random);
  g_autoptr (GBytes) confirmation = NULL;
  EsXml *verify = NULL;

  if (!es_spake2_take_point (spake2, point))
    return NULL;
  password->n_tries++;
  verify = payload_new ("2");
  confirmation = es_spake2_confirmation (spake2);
  append_octets (verify, "point", es_spake2_point (spake2));
  append_octets (verify, "confirm", confirmation);
  reset (password);
  password->spake2 = g_steal_pointer (&spake2);
  password->stage = STAGE_ANSWERED;
  return verify;
}

static EsXml *
fail (EsPassword *password)
{
  reset (password);
  return es_password_refusal ();
}

gboolean
es_password_has_answered (const EsPassword *password)
{
  return password->stage == STAGE_ANSWERED;
}

guint
es_password_steal_tries (EsPassword *password)
{
  guint n = password->n_tries;

  password->n_tries = 0;
  return n;
}

EsXml *
es_password_give (EsPassword *password, const char *text)
{
  EsPasswordState state = es_password_state (password);
  g_autoptr (EsSecret) w = NULL;
  EsXml *payload = NULL;

  if ((state != ES_PASSWORD_NONE && state != ES_PASSWORD_OFFERED)
      || (w = es_spake2_password (text, password->context)) == NULL)
    return NULL;
  if (state == ES_PASSWORD_NONE)
    return start (password, g_steal_pointer (&w));
  payload = answer (password, w, password->offer);
  return payload != NULL ? payload : fail (password);
}

EsXml *
es_password_stop (EsPassword *password)
{
  if (password->stage == STAGE_IDLE)
    return NULL;
  if (password->stage == STAGE_ANSWERED)
    return fail (password);
  if (password->stage == STAGE_STARTED)
    {
      g_ptr_array_add (password->stopped, g_steal_pointer (&password->spake2));
      if (password->stopped->len > ES_LIMIT_STOPPED_PASSWORDS)
        g_ptr_array_remove_index (password->stopped, 0);
    }
  reset (password);
  return es_password_refusal ();
}

/* The other side */

static EsPasswordOutcome
take_offer (EsPassword *password, const EsXml *verify, EsXml **reply)
{
  g_autoptr (GBytes) point = dup_octets (verify, "point", ES_SPAKE2_POINT_OCTETS);

  if (point == NULL || count_elements (verify) != 1 || !es_spake2_is_point (point) || password->crossed)
    return ES_PASSWORD_BROKEN;
  switch (password->stage)
    {
    case STAGE_IDLE:
      password->offer = g_steal_pointer (&point);
      password->stage = STAGE_OFFERED;
      return ES_PASSWORD_ASKED;

    case STAGE_STARTED:
      if (password->role == ES_ROLE_INITIATOR)
        {
          password->crossed = TRUE;
          return ES_PASSWORD_UNCHANGED;
        }
      {
        g_autoptr (EsSecret) w = g_steal_pointer (&password->w);

        *reply = answer (password, w, point);
      }
      return *reply != NULL ? ES_PASSWORD_UNCHANGED : ES_PASSWORD_BROKEN;

    case STAGE_OFFERED:
    case STAGE_ANSWERED:
    default:
      return ES_PASSWORD_BROKEN;
    }
}

/* Whether it answers what we had stopped before we started again. Answers come in order: none to anything older follows. That is no
 * other guess: one confirmation fits one run. */
static gboolean
answers_stopped (EsPassword *password, GBytes *point, GBytes *confirmation)
{
  gboolean found = FALSE;

  while (!found && password->stopped->len > 0)
    {
      g_autoptr (EsSpake2) oldest = g_ptr_array_steal_index (password->stopped, 0);

      found = es_spake2_take_point (oldest, point) && es_spake2_check (oldest, confirmation);
    }
  return found;
}

static EsPasswordOutcome
take_answer (EsPassword *password, const EsXml *verify, EsXml **reply)
{
  g_autoptr (GBytes) point = dup_octets (verify, "point", ES_SPAKE2_POINT_OCTETS);
  g_autoptr (GBytes) confirmation = dup_octets (verify, "confirm", ES_SPAKE2_CONFIRMATION_OCTETS), own = NULL;

  /* It answers what we have stopped; if that had crossed with an offer, the other side has dropped that. */
  if (password->stage != STAGE_STARTED && password->stopped->len > 0)
    {
      gboolean was_offered = password->stage == STAGE_OFFERED;

      g_ptr_array_remove_index (password->stopped, 0);
      if (was_offered)
        reset (password);
      return was_offered ? ES_PASSWORD_WITHDRAWN : ES_PASSWORD_UNCHANGED;
    }
  if (password->stage != STAGE_STARTED || point == NULL || confirmation == NULL || count_elements (verify) != 2)
    return ES_PASSWORD_BROKEN;
  if (answers_stopped (password, point, confirmation))
    return ES_PASSWORD_UNCHANGED;
  if (!es_spake2_take_point (password->spake2, point))
    return ES_PASSWORD_BROKEN;
  if (!es_spake2_check (password->spake2, confirmation))
    {
      password->n_tries++;
      return ES_PASSWORD_DIFFERENT;
    }

  *reply = payload_new ("3");
  own = es_spake2_confirmation (password->spake2);
  append_octets (*reply, "confirm", own);
  return ES_PASSWORD_EQUAL;
}

static EsPasswordOutcome
take_confirmation (EsPassword *password, const EsXml *verify)
{
  g_autoptr (GBytes) confirmation = dup_octets (verify, "confirm", ES_SPAKE2_CONFIRMATION_OCTETS);

  if (password->stage != STAGE_ANSWERED || confirmation == NULL || count_elements (verify) != 1)
    return ES_PASSWORD_BROKEN;
  return es_spake2_check (password->spake2, confirmation) ? ES_PASSWORD_EQUAL : ES_PASSWORD_DIFFERENT;
}

static EsPasswordOutcome
take_failure (EsPassword *password)
{
  Stage stage = password->stage;

  /* It stopped its own start before it knew of ours, which it has before it now. */
  if (password->crossed)
    {
      password->crossed = FALSE;
      return ES_PASSWORD_UNCHANGED;
    }
  reset (password);
  switch (stage)
    {
    case STAGE_STARTED:
      return ES_PASSWORD_REFUSED;
    case STAGE_OFFERED:
      return ES_PASSWORD_WITHDRAWN;
    case STAGE_ANSWERED:
      return ES_PASSWORD_DIFFERENT;
    case STAGE_IDLE:
    default:
      return ES_PASSWORD_UNCHANGED;
    }
}

EsPasswordOutcome
es_password_take (EsPassword *password, const EsXml *verify, EsXml **reply)
{
  const char *step = es_xml_attribute (verify, "step");
  EsPasswordOutcome outcome = ES_PASSWORD_BROKEN;

  *reply = NULL;
  if (g_strcmp0 (step, "failed") == 0)
    return take_failure (password);
  if (g_strcmp0 (step, "1") == 0)
    outcome = take_offer (password, verify, reply);
  else if (g_strcmp0 (step, "2") == 0)
    outcome = take_answer (password, verify, reply);
  else if (g_strcmp0 (step, "3") == 0)
    outcome = take_confirmation (password, verify);

  if (outcome == ES_PASSWORD_EQUAL)
    reset (password);
  else if (outcome == ES_PASSWORD_BROKEN || outcome == ES_PASSWORD_DIFFERENT)
    *reply = fail (password);
  return outcome;
}
