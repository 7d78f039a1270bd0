/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A password compared by two sides, of which either may send what it likes: a script of what users do, of what arrives, and of
 * edits. Nobody finds the passwords equal but by a confirmation that was made with the same one. */
#include <string.h>

#include "es-form.h"
#include "es-password.h"
#include "fuzz.h"

#include "../es-at.h"

/* What an honest side made: a message, and with which password. */
typedef struct
{
  char *confirm; /* NULL: none */
  guint password;
} Made;

typedef struct
{
  FuzzRandom random;
  EsRandom source;
  EsPassword *state;
  guint password;  /* given last */
  GQueue arriving; /* of EsXml */
  GArray *made;    /* of Made */
  guint n_taken, n_given, n_tries;
} Side;

static Side sides[2];
static const char *const passwords[] = { "one", "two", "\xff", "" };

void
fuzz_setup (void)
{
  es_at ("alice@example.org");
  es_at ("bob@example.com");
}

static void
made_clear (gpointer data)
{
  g_free (((Made *) data)->confirm);
}

static char *
text_of (const EsXml *verify, const char *name)
{
  const EsXml *child = es_xml_child (verify, name, ES_NS_VERIFY);

  return child != NULL ? es_xml_dup_text (child) : NULL;
}

/* VERIFY, which is taken, goes from SIDE to the other one. */
static void
post (guint side, EsXml *verify)
{
  Made made = { NULL, sides[side].password };
  EsXml *arrived = NULL;

  if (verify == NULL)
    return;
  made.confirm = text_of (verify, "confirm");
  g_array_append_val (sides[side].made, made);
  arrived = fuzz_travel (verify);
  g_assert (arrived != NULL && es_xml_equal (arrived, verify));
  g_queue_push_tail (&sides[1 - side].arriving, arrived);
  es_xml_free (verify);
}

static gboolean
was_made (const Side *by, const EsXml *verify, guint password)
{
  g_autofree char *text = text_of (verify, "confirm");
  g_autoptr (GBytes) octets = text != NULL ? es_base64_decode (text, 0, 1000, NULL) : NULL;

  for (guint i = 0; octets != NULL && i < by->made->len; i++)
    {
      const Made *made = &g_array_index (by->made, Made, i);
      g_autoptr (GBytes) other = made->confirm != NULL ? es_base64_decode (made->confirm, 0, 1000, NULL) : NULL;

      if (other != NULL && g_bytes_equal (octets, other) && made->password == password)
        return TRUE;
    }
  return FALSE;
}

static void
take (guint side, const EsXml *verify)
{
  Side *me = &sides[side];
  EsXml *reply = NULL;
  EsPasswordOutcome outcome = es_password_take (me->state, verify, &reply);

  me->n_taken++;
  if (outcome == ES_PASSWORD_EQUAL)
    g_assert (was_made (&sides[1 - side], verify, me->password));
  if (outcome == ES_PASSWORD_EQUAL || outcome == ES_PASSWORD_DIFFERENT || outcome == ES_PASSWORD_BROKEN)
    g_assert (es_password_state (me->state) == ES_PASSWORD_NONE);
  post (side, reply);
}

/* A word of the other side that it need not have said: edited, again, or made from nothing. */
static void
deliver (guint side, Script *script, guint n_edits, gboolean keep)
{
  g_autoptr (EsXml) verify = keep ? NULL : g_queue_pop_head (&sides[side].arriving), arrived = NULL;

  if (keep && !g_queue_is_empty (&sides[side].arriving))
    verify = es_xml_copy (g_queue_peek_head (&sides[side].arriving));
  if (verify == NULL)
    return;
  for (guint i = 0; i < n_edits; i++)
    fuzz_edit (verify, script);
  arrived = fuzz_travel (verify);
  if (arrived != NULL && es_xml_is (arrived, "verify", ES_NS_VERIFY))
    take (side, arrived);
}

static void
step (Script *script)
{
  guint what = script_octet (script), side = what % 2;
  Side *me = &sides[side];
  EsXml *payload = NULL;

  switch (what / 2 % 8)
    {
    case 0:
    case 1:
      {
        guint password = script_below (script, G_N_ELEMENTS (passwords)), before = me->password;

        me->password = password;
        me->n_given++;
        payload = es_password_give (me->state, passwords[password]);
        if (payload == NULL)
          me->password = before;
        post (side, payload);
      }
      break;
    case 2:
      post (side, es_password_stop (me->state));
      break;
    case 3:
    case 4:
      deliver (side, script, 0, FALSE);
      break;
    case 5:
      deliver (side, script, 1 + script_below (script, 3), FALSE);
      break;
    case 6:
      deliver (side, script, script_below (script, 2), TRUE);
      break;
    default:
      es_xml_free (g_queue_pop_head (&me->arriving));
    }
  me->n_tries += es_password_steal_tries (me->state);
  g_assert_cmpuint (me->n_tries, <=, me->n_taken + me->n_given);
}

static void
side_init (guint side, GBytes *context)
{
  Side *me = &sides[side];
  const EsAddress *a = es_at ("alice@example.org"), *b = es_at ("bob@example.com");

  *me = (Side){ .made = g_array_new (FALSE, FALSE, sizeof (Made)) };
  me->source = fuzz_random (&me->random, 1 + side);
  me->state = es_password_new (side == 0 ? ES_ROLE_INITIATOR : ES_ROLE_RESPONDER, side == 0 ? a : b, side == 0 ? b : a,
                               context, &me->source);
  g_queue_init (&me->arriving);
  g_array_set_clear_func (me->made, made_clear);
}

static void
side_clear (guint side)
{
  es_password_free (sides[side].state);
  g_queue_clear_full (&sides[side].arriving, (GDestroyNotify) es_xml_free);
  g_array_unref (sides[side].made);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Script script = { data, size };
  g_autoptr (GBytes) context = g_bytes_new_static ("context", 7);

  fuzz_begin ();
  side_init (0, context);
  side_init (1, context);
  for (guint i = 0; i < 64 && !script_is_over (&script); i++)
    step (&script);
  fuzz_require_memory (size, 1024 * 1024);
  side_clear (0);
  side_clear (1);
  return 0;
}
