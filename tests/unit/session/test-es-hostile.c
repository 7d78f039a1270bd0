/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Negotiations with something wrong in one message. Whatever it is: the answer that the protocol names,
 * both sides told once, nothing left over, nothing in the clear, and the next negotiation works. */
#include "es-forge.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

typedef struct
{
  int message; /* which is changed, 1 to 4 */
  ForgeChange change;
  const char *field;
  const char *value;
  int refused; /* the message at which it is found out */
  EsErrorCode code;
  const char *fields; /* that the answer lists */
} Row;

#define BAD(message, field)                                                                                            \
  {                                                                                                                    \
    message, FORGE_SET, field, "AAA*", message, ES_ERROR_MALFORMED, NULL                                               \
  }
#define MISSING(message, field)                                                                                        \
  {                                                                                                                    \
    message, FORGE_REMOVE, field, NULL, message, ES_ERROR_MALFORMED, NULL                                              \
  }
#define DOUBLED(message, field)                                                                                        \
  {                                                                                                                    \
    message, FORGE_DOUBLE, field, NULL, message, ES_ERROR_MALFORMED, NULL                                              \
  }
#define EMPTY(message, field)                                                                                          \
  {                                                                                                                    \
    message, FORGE_EMPTY, field, NULL, message, ES_ERROR_MALFORMED, NULL                                               \
  }
#define ALL_WRONG(message, field)                                                                                      \
  BAD (message, field), MISSING (message, field), DOUBLED (message, field), EMPTY (message, field)
#define NOT_WELL(message, field, value)                                                                                \
  {                                                                                                                    \
    message, FORGE_SET, field, value, message, ES_ERROR_MALFORMED, NULL                                                \
  }
#define UNKNOWN(message, field, value)                                                                                 \
  {                                                                                                                    \
    message, FORGE_SET, field, value, message, ES_ERROR_UNSUPPORTED, field                                             \
  }
#define FORGED(message, field, value, refused)                                                                         \
  {                                                                                                                    \
    message, FORGE_SET, field, value, refused, ES_ERROR_CHECK, NULL                                                    \
  }
#define NEITHER(message, field) MISSING (message, field), DOUBLED (message, field), EMPTY (message, field)

#define OCTETS_7 "AAAAAAAAAA=="
#define OCTETS_17 "AAAAAAAAAAAAAAAAAAAAAAA="
#define OCTETS_32 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define OCTETS_65 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* What Bob finds wrong with Alice's request. */
static const Row requests[] = {
  ALL_WRONG (1, "my_nonce"),
  ALL_WRONG (1, "dhhashes"),
  NEITHER (1, "accept"),
  NEITHER (1, "ver"),
  NEITHER (1, "security"),
  NEITHER (1, "disclosure"),
  NEITHER (1, "logging"),
  NEITHER (1, "modp"),
  NEITHER (1, "crypt_algs"),
  NEITHER (1, "hash_algs"),
  NEITHER (1, "sas_algs"),
  NEITHER (1, "compress"),
  NEITHER (1, "stanzas"),
  NEITHER (1, "init_pubkey"),
  NEITHER (1, "resp_pubkey"),
  NEITHER (1, "rekey_freq"),
  DOUBLED (1, "FORM_TYPE"),
  NOT_WELL (1, "my_nonce", OCTETS_7),
  NOT_WELL (1, "my_nonce", OCTETS_65),
  NOT_WELL (1,
            "my_nonce",
            "AQEBAQEBAQEBAQEBAQEBAQ=="
            "AQEBAQEBAQEBAQEBAQEBAQ=="),
  NOT_WELL (1, "my_nonce", "AQEBAQEBAQEBAQEBAQEBAR=="),
  NOT_WELL (1, "dhhashes", OCTETS_17),
  { 1, FORGE_ADD, "dhhashes", OCTETS_32, 1, ES_ERROR_MALFORMED, NULL },
  NOT_WELL (1, "accept", "perhaps"),
  NOT_WELL (1, "rekey_freq", "0"),
  NOT_WELL (1, "rekey_freq", "-1"),
  NOT_WELL (1, "rekey_freq", "4294967296"),
  NOT_WELL (1, "rekey_freq", "often"),
  UNKNOWN (1, "ver", "2.0"),
  UNKNOWN (1, "modp", "99"),
  UNKNOWN (1, "modp", "-31"),
  UNKNOWN (1, "modp", "31 "),
  UNKNOWN (1, "modp", "1"),
  UNKNOWN (1, "modp", "2"),
  UNKNOWN (1, "modp", "5"),
  UNKNOWN (1, "crypt_algs", "rot13"),
  UNKNOWN (1, "hash_algs", "md5"),
  UNKNOWN (1, "sas_algs", "sas1x1"),
  UNKNOWN (1, "compress", "lzw"),
  UNKNOWN (1, "stanzas", "pigeon"),
  UNKNOWN (1, "security", "c2s"),
  UNKNOWN (1, "disclosure", "required"),
  UNKNOWN (1, "logging", "sometimes"),
  UNKNOWN (1, "init_pubkey", "key"),
  UNKNOWN (1, "resp_pubkey", "hash"),
  { 1, FORGE_NEW, "escrow", "1", 1, ES_ERROR_UNKNOWN_FIELD, "escrow" },
};

/* What Alice finds wrong with Bob's answer. */
static const Row answers[] = {
  ALL_WRONG (2, "my_nonce"),
  ALL_WRONG (2, "nonce"),
  ALL_WRONG (2, "counter"),
  ALL_WRONG (2, "dhkeys"),
  NEITHER (2, "accept"),
  NEITHER (2, "ver"),
  NEITHER (2, "security"),
  NEITHER (2, "disclosure"),
  NEITHER (2, "logging"),
  NEITHER (2, "modp"),
  NEITHER (2, "crypt_algs"),
  NEITHER (2, "hash_algs"),
  NEITHER (2, "sas_algs"),
  NEITHER (2, "compress"),
  NEITHER (2, "stanzas"),
  NEITHER (2, "init_pubkey"),
  NEITHER (2, "resp_pubkey"),
  NEITHER (2, "rekey_freq"),
  NOT_WELL (2, "my_nonce", OCTETS_7),
  NOT_WELL (2, "counter", OCTETS_17),
  { 2, FORGE_ADD, "crypt_algs", "aes128-ctr", 2, ES_ERROR_MALFORMED, NULL },
  UNKNOWN (2, "ver", "2.0"),
  UNKNOWN (2, "modp", "15"),
  UNKNOWN (2, "modp", "99"),
  UNKNOWN (2, "crypt_algs", "aes192-ctr"),
  UNKNOWN (2, "crypt_algs", "none"),
  UNKNOWN (2, "hash_algs", "sha512"),
  UNKNOWN (2, "sas_algs", "none"),
  UNKNOWN (2, "compress", "lzw"),
  UNKNOWN (2, "stanzas", "pigeon"),
  UNKNOWN (2, "disclosure", "required"),
  UNKNOWN (2, "logging", "sometimes"),
  UNKNOWN (2, "init_pubkey", "key"),
  UNKNOWN (2, "resp_pubkey", "key"),
};

/* What Bob and Alice find wrong with the other's proof. */
static const Row proofs[] = {
  NEITHER (3, "accept"),     ALL_WRONG (3, "nonce"), ALL_WRONG (3, "dhkeys"), ALL_WRONG (3, "rshashes"),
  ALL_WRONG (3, "identity"), ALL_WRONG (3, "mac"),   ALL_WRONG (4, "nonce"),  ALL_WRONG (4, "srshash"),
  ALL_WRONG (4, "identity"), ALL_WRONG (4, "mac"),
};

/* Proofs that are well made and wrong. All of these get the same answer. */
static const Row forgeries[] = {
  FORGED (1, "my_nonce", OCTETS_32, 2), /* not the nonce that was sent */
  FORGED (2, "nonce", OCTETS_32, 2),
  FORGED (2, "dhkeys", OCTETS_17, 2),   /* no value of the group */
  FORGED (1, "dhhashes", OCTETS_32, 3), /* another commitment */
  FORGED (3, "dhkeys", OCTETS_32, 3),   /* not what was committed to */
  FORGED (2, "my_nonce", OCTETS_32, 3),
  FORGED (3, "nonce", OCTETS_32, 3),
  FORGED (2, "counter", "AQEBAQEBAQEBAQEBAQEBAQ==", 3),
  FORGED (2, "dhkeys", OCTETS_32, 3), /* the keys differ */
  FORGED (3, "mac", OCTETS_32, 3),    /* M */
  FORGED (3, "identity", OCTETS_32, 3),
  FORGED (3, "rshashes", OCTETS_32, 3), /* mac: what was said is not what was heard */
  FORGED (1, "rekey_freq", "7", 3),
  FORGED (1, "crypt_algs", "aes128-ctr", 3),
  FORGED (1, "sas_algs", "sas28x5", 3),
  FORGED (4, "nonce", OCTETS_32, 4),
  FORGED (4, "mac", OCTETS_32, 4),
  FORGED (4, "identity", OCTETS_32, 4),
  FORGED (4, "srshash", OCTETS_32, 4),
};

/* Changes what the row says in the first message of its number. */
static gboolean
tap (World *w, Letter *letter, gpointer data)
{
  const Row *row = data;

  if (forge_message (letter->text) == row->message)
    forge_change (letter, row->change, row->field, row->value);
  return TRUE;
}

/* Nothing is left of a session, nothing waits. */
static void
assert_nothing_left (Endpoint *endpoint, const char *contact, EsState state)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact), &what);
  ck_assert_int_eq (what.state, state);
  ck_assert_ptr_null (what.device);
  ck_assert_ptr_null (what.code);
  ck_assert_int_eq (what.since, 0);
  ck_assert_uint_eq (what.waiting, 0);
  ck_assert (what.can_start && !what.can_verify);
}

static void
assert_works (void)
{
  world->tap = NULL;
  g_ptr_array_set_size (bob->shown, 0);
  es_manager_start (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret again");
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (bob->shown), "secret again");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* One error went out, from REFUSER to OTHER, and this is it. */
static void
assert_answer (Endpoint *refuser, Endpoint *other, EsErrorCode code, const char *fields)
{
  const char *error = world_last (world, refuser->jid, "type=\"error\"");
  g_autofree char *thread = NULL, *expected = NULL;

  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  ck_assert_ptr_nonnull (error);
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  expected = forge_error (other->jid, thread, code, fields);
  ck_assert_str_eq (error, expected);
}

/* What the user is told of it. */
static const char *
sentence_of (const Row *row)
{
  return row->code == ES_ERROR_UNSUPPORTED && strcmp (row->fields, "disclosure") == 0
             ? "No encrypted conversation was started because the other side's program wants to pass on what you "
               "write: "
               "ask them to turn that off."
             : es_said_of (row->code);
}

static void
run_row (const Row *row)
{
  Endpoint *refuser = row->refused % 2 == 1 ? bob : alice, *other = refuser == bob ? alice : bob;
  const char *interrupted = es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_LOST)->notice);

  world->tap = tap;
  world->tap_data = (gpointer) row;
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret");
  world_run (world);

  assert_answer (refuser, other, row->code, row->fields);
  assert_nothing_left (alice, BOB, ES_STATE_ENDED);
  assert_nothing_left (bob, ALICE, row->refused == 1 ? ES_STATE_PLAIN : ES_STATE_ENDED);
  ck_assert_str_eq (texts (refuser->warnings), sentence_of (row));
  if (row->refused == 4)
    ck_assert (es_has_text (other->notices, interrupted));
  else
    ck_assert_str_eq (texts (other->warnings), es_said_of (row->code));
  ck_assert_str_eq (texts (alice->returned), "secret");
  ck_assert_uint_eq (bob->shown->len, 0);
  assert_works ();
}

START_TEST (hostile__request__that_is_bad_is_refused)
{
  run_row (&requests[_i]);
}
END_TEST

START_TEST (hostile__answer__that_is_bad_is_refused)
{
  run_row (&answers[_i]);
}
END_TEST

START_TEST (hostile__proof__that_is_bad_is_refused)
{
  run_row (&proofs[_i]);
}
END_TEST

START_TEST (hostile__forgery__is_refused_and_learns_nothing)
{
  g_autofree char *thread = NULL, *expected = NULL;
  const char *error = NULL;

  run_row (&forgeries[_i]);

  /* Spelled out, so that it does not depend on what failed. */
  error = world_last (world, NULL, "type=\"error\"");
  thread = forge_thread (error);
  expected
      = g_strdup_printf ("<message to=\"%s\" type=\"error\"><thread>%s</thread><error type=\"cancel\">"
                         "<feature-not-implemented xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></message>",
                         forgeries[_i].refused % 2 == 1 ? alice->jid : bob->jid, thread);
  ck_assert_str_eq (error, expected);
}
END_TEST

/* Several things at once are named at once. */
static gboolean
tap_many (World *w, Letter *letter, gpointer data)
{
  if (forge_message (letter->text) == 1)
    {
      forge_change (letter, FORGE_SET, "ver", "3.0");
      forge_change (letter, FORGE_SET, "modp", "77");
      forge_change (letter, FORGE_SET, "crypt_algs", "xor");
      forge_change (letter, FORGE_SET, "stanzas", "carrier");
    }
  return TRUE;
}

START_TEST (hostile__request__with_nothing_in_common_is_told_all)
{
  world->tap = tap_many;
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  assert_answer (bob, alice, ES_ERROR_UNSUPPORTED, "ver modp crypt_algs stanzas");
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_UNSUPPORTED));
  assert_nothing_left (bob, ALICE, ES_STATE_PLAIN);
  assert_works ();
}
END_TEST

/* Values of keys instead of commitments: a negotiation that we do not offer. */
static gboolean
tap_three (World *w, Letter *letter, gpointer data)
{
  if (forge_message (letter->text) == 1)
    {
      forge_change (letter, FORGE_REMOVE, "dhhashes", NULL);
      forge_change (letter, FORGE_NEW, "dhkeys", OCTETS_32);
    }
  return TRUE;
}

START_TEST (hostile__request__of_another_kind_is_refused)
{
  world->tap = tap_three;
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  assert_answer (bob, alice, ES_ERROR_UNKNOWN_FIELD, "dhkeys");
  assert_nothing_left (bob, ALICE, ES_STATE_PLAIN);
  assert_works ();
}
END_TEST

/* A no, in each of the places where it can be said, is not answered. */
static const Row refusals[] = {
  { 2, FORGE_SET, "accept", "0", 2, ES_ERROR_DECLINED, NULL },
  { 2, FORGE_SET, "accept", "false", 2, ES_ERROR_DECLINED, NULL },
  { 2, FORGE_SET, "security", "c2s", 2, ES_ERROR_DECLINED, NULL },
  { 2, FORGE_SET, "security", "none", 2, ES_ERROR_DECLINED, NULL },
  { 3, FORGE_SET, "accept", "0", 3, ES_ERROR_DECLINED, NULL },
};

START_TEST (hostile__refusal__is_told_and_not_answered)
{
  const Row *row = &refusals[_i];
  Endpoint *refused = row->refused % 2 == 1 ? bob : alice;

  world->tap = tap;
  world->tap_data = (gpointer) row;
  es_manager_opened (alice->manager, es_at (BOB));
  if (refused == bob)
    endpoint_type (alice, BOB, "secret");
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  ck_assert_str_eq (texts (refused->warnings), es_said_of (ES_ERROR_DECLINED));
  assert_nothing_left (refused, refused == bob ? ALICE : BOB, ES_STATE_ENDED);

  /* The side that was changed into a no waits, and then gives up. */
  world_wait (world, 31);
  assert_nothing_left (alice, BOB, ES_STATE_ENDED);
  assert_nothing_left (bob, ALICE, ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->returned), refused == bob ? "secret" : "");
  assert_works ();
}
END_TEST

/* Public values outside the group */

#define P_14                                                                                                           \
  "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"   \
  "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"   \
  "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"   \
  "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"   \
  "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFF"

/* The last octet completes p, p-1, p+1. The empty value cannot be written. */
static const char *const outside_14[] = { "00", "01", P_14 "FF", P_14 "FE", "0002", P_14 "FFFF" };

/* Points of small order, in both halves: RFC 7748 section 6.1, and not reduced. */
static const char *const outside_31[] = {
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static char *bad_value, *bad_commitment; /* Base64 */

static void
set_bad_value (const char *hex)
{
  gsize size = strlen (hex) / 2;
  g_autofree guint8 *octets = g_malloc (size);
  guint8 hash[ES_HASH_MAX_OCTETS];
  EsPart part = ES_PART (octets, size);

  for (gsize i = 0; i < size; i++)
    octets[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  es_hash (es_hash_find ("sha256"), &part, 1, hash);
  bad_value = es_base64_encode (part);
  bad_commitment = es_base64_encode (ES_PART (hash, 32));
}

/* DATA: the message that carries the value; with e, the commitment is to it, as if Alice had chosen it. */
static gboolean
tap_value (World *w, Letter *letter, gpointer data)
{
  int message = forge_message (letter->text), carrier = GPOINTER_TO_INT (data);

  if (message == 1 && carrier == 3)
    forge_change (letter, FORGE_SET, "dhhashes", bad_commitment);
  if (message == carrier)
    forge_change (letter, FORGE_SET, "dhkeys", bad_value);
  return TRUE;
}

static void
run_value (const char *hex, guint group, int carrier)
{
  Endpoint *refuser = carrier == 3 ? bob : alice, *other = carrier == 3 ? alice : bob;

  /* The manager of an endpoint keeps the options that it was made with. */
  endpoint_kill (alice);
  alice->options.groups[0] = group;
  endpoint_sign_on (alice);

  set_bad_value (hex);
  world->tap = tap_value;
  world->tap_data = GINT_TO_POINTER (carrier);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  assert_answer (refuser, other, ES_ERROR_CHECK, NULL);
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_CHECK));
  ck_assert_str_eq (texts (bob->warnings), es_said_of (ES_ERROR_CHECK));
  assert_nothing_left (alice, BOB, ES_STATE_ENDED);
  assert_nothing_left (bob, ALICE, ES_STATE_ENDED);
  g_clear_pointer (&bad_value, g_free);
  g_clear_pointer (&bad_commitment, g_free);
  assert_works ();
}

START_TEST (hostile__d__outside_the_group_is_refused)
{
  run_value (outside_14[_i], 14, 2);
}
END_TEST

START_TEST (hostile__e__outside_the_group_is_refused)
{
  run_value (outside_14[_i], 14, 3);
}
END_TEST

START_TEST (hostile__d__of_small_order_is_refused)
{
  run_value (outside_31[_i], 31, 2);
}
END_TEST

START_TEST (hostile__e__of_small_order_is_refused)
{
  run_value (outside_31[_i], 31, 3);
}
END_TEST

/* Negotiations that fail leave no place taken: far more of them than may be under way at once. */
START_TEST (hostile__failures__leave_room_for_the_next)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_end (bob->manager, es_at (ALICE));
  world->tap = tap;
  for (guint i = 0; i < 4 * G_N_ELEMENTS (forgeries); i++)
    {
      /* All but the first: the same nonce a second time would not be answered at all. */
      world->tap_data = (gpointer) &forgeries[1 + i % (G_N_ELEMENTS (forgeries) - 1)];
      world_wait (world, 5);
      es_manager_start (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), i + 1);
    }
  ck_assert_uint_eq (world_count (world, NULL, "resource-constraint"), 0);
  assert_works ();
}
END_TEST

/* What failed is not tried again and again behind the user's back. */
START_TEST (hostile__failure__is_told_once_however_long_one_waits)
{
  world->tap = tap;
  world->tap_data = (gpointer) &forgeries[0];
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  world_wait (world, 300);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_uint_eq (bob->warnings->len, 1);
  ck_assert_uint_eq (alice->timers->len + bob->timers->len, 0);
  assert_works ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("hostile");
  TCase *tcase = tcase_create ("hostile");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, hostile__request__that_is_bad_is_refused, 0, G_N_ELEMENTS (requests));
  tcase_add_loop_test (tcase, hostile__answer__that_is_bad_is_refused, 0, G_N_ELEMENTS (answers));
  tcase_add_loop_test (tcase, hostile__proof__that_is_bad_is_refused, 0, G_N_ELEMENTS (proofs));
  tcase_add_loop_test (tcase, hostile__forgery__is_refused_and_learns_nothing, 0, G_N_ELEMENTS (forgeries));
  tcase_add_loop_test (tcase, hostile__refusal__is_told_and_not_answered, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tcase, hostile__request__with_nothing_in_common_is_told_all);
  tcase_add_test (tcase, hostile__request__of_another_kind_is_refused);
  tcase_add_loop_test (tcase, hostile__d__outside_the_group_is_refused, 0, G_N_ELEMENTS (outside_14));
  tcase_add_loop_test (tcase, hostile__e__outside_the_group_is_refused, 0, G_N_ELEMENTS (outside_14));
  tcase_add_loop_test (tcase, hostile__d__of_small_order_is_refused, 0, G_N_ELEMENTS (outside_31));
  tcase_add_loop_test (tcase, hostile__e__of_small_order_is_refused, 0, G_N_ELEMENTS (outside_31));
  tcase_add_test (tcase, hostile__failures__leave_room_for_the_next);
  tcase_add_test (tcase, hostile__failure__is_told_once_however_long_one_waits);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
