/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole sessions that an independent implementation computed, replayed from their inputs: every message, key, MAC, code,
 * counter and stanza must come out to the octet. tests/vectors/README.md says what the files hold. A key of a file that
 * nobody reads is an error. */
#include <json-glib/json-glib.h>

#include "es-channel-private.h"
#include "es-limits.h"
#include "es-negotiation-private.h"
#include "es-padding.h"
#include "es-sas.h"

#include "../es-test.h"

/* Reading: each object remembers what was asked of it. */

static GHashTable *asked;

static JsonNode *
member (JsonObject *object, const char *name)
{
  ck_assert_msg (json_object_has_member (object, name), "no %s", name);
  g_hash_table_add (asked, g_strdup_printf ("%p %s", (void *) object, name));
  return json_object_get_member (object, name);
}

static const char *
text (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name);

  return JSON_NODE_HOLDS_NULL (node) ? NULL : json_node_get_string (node);
}

static gsize
number (JsonObject *object, const char *name)
{
  return (gsize) json_node_get_int (member (object, name));
}

static JsonObject *
object_in (JsonObject *object, const char *name)
{
  return json_node_get_object (member (object, name));
}

static JsonArray *
array_in (JsonObject *object, const char *name)
{
  return json_node_get_array (member (object, name));
}

static void
check_all_read (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      check_all_read (json_array_get_element (json_node_get_array (node), i));
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *name = names; name != NULL; name = name->next)
        {
          g_autofree char *key = g_strdup_printf ("%p %s", (void *) object, (char *) name->data);

          ck_assert_msg (g_hash_table_contains (asked, key), "%s was not read", (char *) name->data);
          check_all_read (json_object_get_member (object, name->data));
        }
    }
}

static JsonNode *
load (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("ES_VECTORS"), name, NULL), *contents = NULL;
  JsonNode *root = NULL;

  ck_assert_msg (g_file_get_contents (path, &contents, NULL, NULL), "no %s", path);
  root = json_from_string (contents, NULL);
  ck_assert_ptr_nonnull (root);
  asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return root;
}

static void
finish (JsonNode *root)
{
  check_all_read (root);
  g_clear_pointer (&asked, g_hash_table_unref);
  json_node_unref (root);
}

/* Octets in hexadecimal */

static void
append_hex (GByteArray *out, const char *hex)
{
  for (; *hex != '\0'; hex += 2)
    {
      guint8 octet = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (out, &octet, 1);
    }
}

static GBytes *
from_hex (const char *hex)
{
  GByteArray *octets = g_byte_array_new ();

  append_hex (octets, hex);
  return g_byte_array_free_to_bytes (octets);
}

static EsSecret *
secret_from_hex (const char *hex)
{
  g_autoptr (GBytes) octets = from_hex (hex);

  return es_secret_new_from (g_bytes_get_data (octets, NULL), g_bytes_get_size (octets));
}

#define assert_hex(data, size, expected)                                                                               \
  do                                                                                                                   \
    {                                                                                                                  \
      const guint8 *data_ = (const guint8 *) (data);                                                                   \
      g_autoptr (GString) hex_ = g_string_new (NULL);                                                                  \
      for (gsize i_ = 0; i_ < (size); i_++)                                                                            \
        g_string_append_printf (hex_, "%02x", data_[i_]);                                                              \
      ck_assert_str_eq (hex_->str, expected);                                                                          \
    }                                                                                                                  \
  while (0)
#define assert_bytes(bytes, expected) assert_hex (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected)
#define assert_secret(secret, expected) assert_hex (es_secret_peek (secret), es_secret_size (secret), expected)

/* "Random" octets as the session drew them. */

static GByteArray *script;

static void
fill_from_script (gpointer data, guint8 *out, gsize size)
{
  ck_assert_uint_le (size, script->len);
  memcpy (out, script->data, size);
  g_byte_array_remove_range (script, 0, (guint) size);
}

static const EsRandom scripted = { fill_from_script, NULL };

static void
put_script (const char *first, ...)
{
  va_list more;

  g_byte_array_set_size (script, 0);
  va_start (more, first);
  for (const char *hex = first; hex != NULL; hex = va_arg (more, const char *))
    append_hex (script, hex);
  va_end (more);
}

static char *
to_hex (GBytes *octets)
{
  GString *hex = g_string_new (NULL);
  const guint8 *data = g_bytes_get_data (octets, NULL);

  for (gsize i = 0; i < g_bytes_get_size (octets); i++)
    g_string_append_printf (hex, "%02x", data[i]);
  return g_string_free (hex, FALSE);
}

/* One session */

typedef struct
{
  JsonObject *root, *inputs, *alice, *bob, *chosen;
  EsXml *payloads[4];
  EsForm *forms[4];
  EsOptions options;
  EsNegotiation *a, *b;
  EsAgreement *agreed_a, *agreed_b;
  EsChannel *channel_a, *channel_b;
  gboolean pads;
} Session;

static const EsXml *
form_of (const EsXml *payload)
{
  return es_xml_child (payload, "x", ES_NS_DATA);
}

static EsXml *
parse (const char *xml)
{
  EsXml *parsed = es_xml_parse (xml, strlen (xml), NULL);

  ck_assert_ptr_nonnull (parsed);
  return parsed;
}

static void
assert_xml (const EsXml *xml, const char *expected)
{
  g_autofree char *written = es_xml_to_string (xml, "");

  ck_assert_str_eq (written, expected);
}

static void
read_messages (Session *s)
{
  static const char *const senders[] = { "alice", "bob", "alice", "bob" };
  JsonArray *messages = array_in (s->root, "messages");

  ck_assert_uint_eq (json_array_get_length (messages), 4);
  for (guint i = 0; i < 4; i++)
    {
      JsonObject *message = json_array_get_object_element (messages, i);

      ck_assert_str_eq (text (message, "from"), senders[i]);
      s->payloads[i] = parse (text (message, "payload"));
      s->forms[i] = es_form_parse (form_of (s->payloads[i]), NULL);
    }
}

static const char *
payload_text (Session *s, guint i)
{
  return text (json_array_get_object_element (array_in (s->root, "messages"), i), "payload");
}

/* What Alice offered is in her form. */
static void
read_options (Session *s)
{
  EsOptions *options = &s->options;
  const char *const *choices = es_form_choices (s->forms[0], "modp", NULL), *frequency = NULL;

  memset (options, 0, sizeof *options);
  options->dialect = strstr (text (s->root, "dialect"), "gajim") != NULL ? ES_DIALECT_GAJIM : ES_DIALECT_STRICT;
  options->weak_groups = options->dialect == ES_DIALECT_GAJIM;
  for (guint i = 0; choices[i] != NULL; i++)
    options->groups[i] = (guint) g_ascii_strtoull (choices[i], NULL, 10);
  choices = es_form_choices (s->forms[0], "crypt_algs", NULL);
  for (guint i = 0; choices[i] != NULL; i++)
    options->ciphers[i] = choices[i];
  choices = es_form_choices (s->forms[0], "hash_algs", NULL);
  for (guint i = 0; choices[i] != NULL; i++)
    options->hashes[i] = choices[i];
  choices = es_form_choices (s->forms[0], "sas_algs", NULL);
  for (guint i = 0; choices[i] != NULL; i++)
    options->sas[i] = choices[i];
  choices = es_form_choices (s->forms[0], "stanzas", NULL);
  for (; *choices != NULL; choices++)
    options->stanzas |= es_stanza_bit (*choices);
  ck_assert (es_form_get (s->forms[0], "rekey_freq", &frequency, NULL));
  options->rekey_freq = (guint32) g_ascii_strtoull (frequency, NULL, 10);
}

/* Gajim's nonces have 8 octets, and ours 32: its own messages are consumed only, with our side's values put in. */
static void
impersonate_alice (Session *s)
{
  JsonObject *x = object_in (s->inputs, "x");

  s->a->state = ES_NEGOTIATION_REQUESTED;
  s->a->nonce_a = from_hex (text (s->inputs, "nonce_A"));
  s->a->form_a = es_xml_normalize_form (form_of (s->payloads[0]), s->options.dialect, NULL);
  s->a->exponents = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);
  s->a->publics = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; s->options.groups[i] != 0; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", s->options.groups[i]);
      EsSecret *exponent = secret_from_hex (text (x, number));

      g_ptr_array_add (s->a->exponents, exponent);
      g_ptr_array_add (s->a->publics, es_dh_public (es_group_find (s->options.groups[i]), exponent));
    }
}

/* C_A, of which Gajim leaves out the zeros in front. */
static EsCounter
counter_in (Session *s)
{
  g_autoptr (GBytes) octets = es_form_get_octets (s->forms[1], "counter", 1, ES_COUNTER_OCTETS, NULL);
  gsize size = g_bytes_get_size (octets);
  EsCounter counter = { { 0 } };

  memcpy (counter.octets + ES_COUNTER_OCTETS - size, g_bytes_get_data (octets, NULL), size);
  return counter;
}

static void
impersonate_bob (Session *s)
{
  s->b->state = ES_NEGOTIATION_RESPONDED;
  s->b->exponent = secret_from_hex (text (s->inputs, "y"));
  s->b->d = es_dh_public (s->b->terms.suite.group, s->b->exponent);
  s->b->nonce_b = from_hex (text (s->inputs, "nonce_B"));
  s->b->form_b = es_xml_normalize_form (form_of (s->payloads[1]), s->options.dialect, NULL);
  s->b->counter_a = counter_in (s);
  s->b->counter_b = s->b->counter_a;
  s->b->counter_b.octets[0] ^= 0x80;
}

static void
replay_message_1 (Session *s)
{
  JsonObject *x = object_in (s->inputs, "x"), *e = object_in (s->inputs, "e");
  g_autoptr (EsXml) created = NULL;

  if (s->options.dialect == ES_DIALECT_GAJIM)
    impersonate_alice (s);
  else
    {
      put_script (text (s->inputs, "nonce_A"), NULL);
      for (guint i = 0; s->options.groups[i] != 0; i++)
        {
          g_autofree char *number = g_strdup_printf ("%u", s->options.groups[i]);

          append_hex (script, text (x, number));
        }
      created = es_negotiation_create (s->a, ES_MESSAGE_REQUEST, NULL);
      assert_xml (created, payload_text (s, 0));
    }
  for (guint i = 0; s->options.groups[i] != 0; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", s->options.groups[i]);

      assert_bytes (s->a->publics->pdata[i], text (e, number));
    }
  ck_assert (es_negotiation_consume (s->b, ES_MESSAGE_REQUEST, s->payloads[0], NULL));
  ck_assert_str_eq (s->b->form_a, text (s->alice, "form_a"));
}

static void
replay_message_2 (Session *s)
{
  EsCounter counter = counter_in (s);
  g_autoptr (GBytes) octets = g_bytes_new (counter.octets, sizeof counter.octets);
  g_autofree char *counter_hex = to_hex (octets);
  g_autoptr (EsXml) created = NULL;

  if (s->options.dialect == ES_DIALECT_GAJIM)
    impersonate_bob (s);
  else
    {
      put_script (text (s->inputs, "y"), text (s->inputs, "nonce_B"), counter_hex, NULL);
      created = es_negotiation_create (s->b, ES_MESSAGE_RESPONSE, NULL);
      assert_xml (created, payload_text (s, 1));
    }
  assert_bytes (s->b->d, text (s->inputs, "d"));
  ck_assert (es_negotiation_consume (s->a, ES_MESSAGE_RESPONSE, s->payloads[1], NULL));
  ck_assert_str_eq (s->a->form_b, text (s->alice, "form_b"));
  assert_secret (s->a->k, text (s->alice, "K_dh"));
}

/* What only the newer files hold: NAME of what SIDE computed, if it is there. What we have no use for is passed over. */
static const char *
also (JsonObject *side, const char *name)
{
  return json_object_has_member (side, name) ? text (side, name) : NULL;
}

static void
check_shared (Session *s, JsonObject *side)
{
  const char *z = also (side, "Z"), *hash = also (side, "HASH_Z");
  g_autoptr (EsSecret) shared = es_dh_shared (s->a->terms.suite.group, s->a->exponent, NULL, s->a->d, NULL);

  also (side, "offline_secret");
  if (z == NULL)
    return;
  assert_secret (shared, z);
  assert_secret (s->a->k, hash);
  assert_secret (s->a->k, text (side, "K_dh"));
}

static void
check_forms (Session *s)
{
  const char *form_a = also (s->bob, "form_a"), *form_b = also (s->bob, "form_b");
  const char *counter_a = also (s->alice, "counter_before_ID_A"), *counter_b = also (s->bob, "counter_before_ID_B");
  const char *drawn = also (s->root, "C_A");

  check_shared (s, s->alice);
  check_shared (s, s->bob);
  if (form_a == NULL)
    return;
  ck_assert_str_eq (s->b->form_a, form_a);
  ck_assert_str_eq (s->b->form_b, form_b);
  assert_hex (s->a->counter_a.octets, 16, counter_a);
  assert_hex (s->a->counter_b.octets, 16, counter_b);
  if (drawn != NULL)
    ck_assert_str_eq (drawn, counter_a);
}

static void
check_chosen (Session *s)
{
  const EsTerms *terms = &s->a->terms;
  g_autofree char *group = g_strdup_printf ("%u", es_group_number (terms->suite.group));
  g_autofree char *frequency = g_strdup_printf ("%u", terms->rekey_freq);
  JsonArray *stanzas = array_in (s->chosen, "stanzas");
  guint bits = 0;

  ck_assert_str_eq (text (s->chosen, "modp"), group);
  ck_assert_str_eq (text (s->chosen, "crypt_algs"), terms->suite.cipher->name);
  ck_assert_str_eq (text (s->chosen, "hash_algs"), terms->suite.hash->name);
  ck_assert_str_eq (text (s->chosen, "sas_algs"), terms->suite.sas->name);
  ck_assert_str_eq (text (s->chosen, "rekey_freq"), frequency);
  ck_assert_str_eq (text (s->chosen, "logging"), terms->logging == ES_LOGGING_MAY ? "may" : "mustnot");
  ck_assert_str_eq (text (s->chosen, "compress"), "none");
  ck_assert_str_eq (text (s->chosen, "init_pubkey"), "none");
  ck_assert_str_eq (text (s->chosen, "resp_pubkey"), "none");
  ck_assert_str_eq (text (s->chosen, "ver"), "1.0");
  ck_assert_str_eq (text (s->chosen, "disclosure"), "never");
  ck_assert_str_eq (text (s->chosen, "security"), "e2e");
  for (guint i = 0; i < json_array_get_length (stanzas); i++)
    bits |= es_stanza_bit (json_array_get_string_element (stanzas, i));
  ck_assert_uint_eq (bits, terms->stanzas);
}

static void
give_secrets (Session *s, EsNegotiation *negotiation, const char *name)
{
  JsonArray *secrets = array_in (s->inputs, name);
  GPtrArray *retained = g_ptr_array_new_with_free_func ((GDestroyNotify) es_retained_free);
  const char *other = text (s->inputs, "other_shared_secret");

  for (guint i = 0; i < json_array_get_length (secrets); i++)
    {
      g_autoptr (EsSecret) secret = secret_from_hex (json_array_get_string_element (secrets, i));

      g_ptr_array_add (retained, es_retained_new (i + 1, FALSE, secret));
    }
  es_negotiation_set_secrets (negotiation, retained);
  if (other != NULL && *other != '\0')
    {
      g_autoptr (EsSecret) oss = es_secret_new_from (other, strlen (other));

      es_negotiation_set_other_secret (negotiation, oss);
    }
}

/* The values of rshashes that are no secret's hash. */
static GPtrArray *
decoys_of (Session *s)
{
  const EsHash *hash = s->a->terms.suite.hash;
  GPtrArray *hashes = es_form_get_octets_list (s->forms[2], "rshashes", 1, 64, NULL);

  for (guint i = 0; i < s->a->contact_secrets->len; i++)
    {
      const EsRetained *retained = s->a->contact_secrets->pdata[i];
      EsPart secret = ES_PART_SECRET (retained->secret);
      guint8 value[ES_HASH_MAX_OCTETS];
      guint before = hashes->len;

      es_hmac (hash, ES_PART_BYTES (s->a->nonce_a), &secret, 1, value);
      for (guint j = hashes->len; j-- > 0;)
        if (memcmp (value, g_bytes_get_data (hashes->pdata[j], NULL), hash->octets) == 0)
          g_ptr_array_remove_index (hashes, j);
      ck_assert_uint_eq (hashes->len, before - 1);
    }
  return hashes;
}

/* How they were shuffled is not in the file: one way of all must give the message. */
static gboolean
try_shuffle (Session *s, const GPtrArray *decoys, guint way, const char *expected)
{
  EsCounter counter = s->a->counter_a;
  const guint8 swaps[] = { way % 4, way / 4 % 3, way / 12 % 2 };
  g_autoptr (EsXml) created = NULL;
  g_autofree char *written = NULL;
  g_autoptr (GPtrArray) rest = g_ptr_array_copy ((GPtrArray *) decoys, NULL, NULL);

  g_ptr_array_set_free_func (rest, NULL);
  g_byte_array_set_size (script, 0);
  for (way /= 24; rest->len > 0; way /= MAX (rest->len + 1, 1))
    {
      g_autofree char *hex = to_hex (g_ptr_array_steal_index (rest, way % rest->len));

      append_hex (script, hex);
    }
  g_byte_array_append (script, swaps, sizeof swaps);
  created = es_negotiation_create (s->a, ES_MESSAGE_INITIATOR_ACCEPT, NULL);
  written = es_xml_to_string (created, "");
  if (strcmp (written, expected) == 0)
    return TRUE;
  s->a->state = ES_NEGOTIATION_ANSWERED;
  s->a->counter_a = counter;
  return FALSE;
}

static void
check_provisional (Session *s)
{
  const EsSuite *suite = &s->a->terms.suite;
  g_auto (EsKeys) keys = { NULL };
  g_autofree char *form_a2 = es_xml_normalize_form (form_of (s->payloads[2]), s->options.dialect, NULL);
  g_autoptr (GBytes) identity = es_form_get_octets (s->forms[2], "identity", 1, 64, NULL);
  guint8 mac[ES_HASH_MAX_OCTETS];

  es_keys_derive (suite, s->a->k, ES_ROLE_INITIATOR, &keys);
  assert_secret (keys.cipher, text (s->alice, "prov_KC_A"));
  assert_secret (keys.mac, text (s->alice, "prov_KM_A"));
  assert_secret (keys.sigma, text (s->alice, "prov_KS_A"));
  ck_assert_str_eq (form_a2, text (s->alice, "form_a2"));
  es_sigma_mac (suite, keys.sigma, s->a->nonce_b, s->a->nonce_a, s->a->e, s->a->form_a, form_a2, mac);
  assert_hex (mac, suite->hash->octets, text (s->alice, "mac_A"));
  assert_bytes (identity, text (s->alice, "ID_A"));
  assert_hex (s->a->m_a, suite->hash->octets, text (s->alice, "M_A"));
}

static void
replay_message_3 (Session *s)
{
  g_autoptr (GPtrArray) decoys = NULL;
  gboolean found = FALSE;

  give_secrets (s, s->a, "retained_secrets_A");
  give_secrets (s, s->b, "retained_secrets_B");
  decoys = decoys_of (s);
  for (guint way = 0; way < 24 * 24 && !found; way++)
    found = try_shuffle (s, decoys, way, payload_text (s, 2));
  ck_assert_msg (found, "message 3 does not come out");
  check_provisional (s);
  ck_assert (es_negotiation_consume (s->b, ES_MESSAGE_INITIATOR_ACCEPT, s->payloads[2], NULL));
  if (also (s->bob, "form_a2") != NULL)
    {
      ck_assert_str_eq (text (s->bob, "form_a2"), text (s->alice, "form_a2"));
      assert_hex (s->b->m_a, 32, text (s->bob, "checked_M_A"));
    }
}

static void
check_message_4 (Session *s)
{
  const EsSuite *suite = &s->b->terms.suite;
  g_auto (EsKeys) keys = { NULL };
  g_autofree char *form_b2 = es_xml_normalize_form (form_of (s->payloads[3]), s->options.dialect, NULL);
  g_autoptr (GBytes) identity = es_form_get_octets (s->forms[3], "identity", 1, 64, NULL);
  g_autoptr (GBytes) mac = es_form_get_octets (s->forms[3], "mac", 1, 64, NULL);
  guint8 sigma_mac[ES_HASH_MAX_OCTETS];

  ck_assert_str_eq (form_b2, text (s->bob, "form_b2"));
  es_keys_derive (suite, s->b->k, ES_ROLE_RESPONDER, &keys);
  es_sigma_mac (suite, keys.sigma, s->b->nonce_a, s->b->nonce_b, s->b->d, s->b->form_b, form_b2, sigma_mac);
  assert_hex (sigma_mac, suite->hash->octets, text (s->bob, "mac_B"));
  assert_bytes (identity, text (s->bob, "ID_B"));
  assert_bytes (mac, text (s->bob, "M_B"));
  assert_secret (s->b->k, text (s->bob, "K_final"));
}

static void
replay_message_4 (Session *s)
{
  g_autoptr (GBytes) srshash = es_form_get_octets (s->forms[3], "srshash", 1, 64, NULL);
  g_autofree char *srshash_hex = to_hex (srshash);
  g_autoptr (EsXml) created = NULL;
  g_autoptr (EsSecret) k = NULL;

  put_script (srshash_hex, NULL);
  created = es_negotiation_create (s->b, ES_MESSAGE_RESPONDER_ACCEPT, NULL);
  assert_xml (created, payload_text (s, 3));
  check_message_4 (s);
  ck_assert (es_negotiation_consume (s->a, ES_MESSAGE_RESPONDER_ACCEPT, s->payloads[3], NULL));

  s->agreed_a = es_negotiation_steal_agreement (s->a);
  s->agreed_b = es_negotiation_steal_agreement (s->b);
  k = es_keys_final (&s->a->terms.suite, s->a->k, s->agreed_a->found, s->a->other_secret);
  assert_secret (k, text (s->alice, "K_final"));
  if (also (s->alice, "checked_M_B") != NULL)
    ck_assert_str_eq (text (s->alice, "checked_M_B"), text (s->bob, "M_B"));
}

/* The SIGMA keys of the end, which no agreement holds any more. */
static void
check_sigma (Session *s)
{
  g_auto (EsKeys) a = { NULL }, b = { NULL };

  if (also (s->alice, "ks_s") == NULL)
    return;
  es_keys_derive (&s->b->terms.suite, s->b->k, ES_ROLE_INITIATOR, &a);
  es_keys_derive (&s->b->terms.suite, s->b->k, ES_ROLE_RESPONDER, &b);
  assert_secret (a.sigma, text (s->alice, "ks_s"));
  assert_secret (a.sigma, text (s->bob, "ks_o"));
  assert_secret (b.sigma, text (s->alice, "ks_o"));
  assert_secret (b.sigma, text (s->bob, "ks_s"));
}

static void
check_agreement (const EsAgreement *agreement, JsonObject *side)
{
  const char *srs = text (side, "srs");

  if (agreement->found != NULL)
    assert_secret (agreement->found, srs);
  else
    ck_assert (srs == NULL || *srs == '\0');
  assert_secret (agreement->retained, text (side, "new_retained_secret"));
  assert_secret (agreement->own.cipher, text (side, "kc_s"));
  assert_secret (agreement->own.mac, text (side, "km_s"));
  assert_secret (agreement->peer.cipher, text (side, "kc_o"));
  assert_secret (agreement->peer.mac, text (side, "km_o"));
}

static void
check_agreements (Session *s)
{
  const char *counter_a = text (s->root, "counter_A_after_negotiation");
  const char *counter_b = text (s->root, "counter_B_after_negotiation");

  check_agreement (s->agreed_a, s->alice);
  check_agreement (s->agreed_b, s->bob);
  ck_assert_str_eq (s->agreed_a->code, text (s->root, "sas"));
  ck_assert_str_eq (s->agreed_b->code, text (s->root, "sas"));
  assert_hex (s->agreed_a->own_counter.octets, 16, counter_a);
  assert_hex (s->agreed_a->peer_counter.octets, 16, counter_b);
  assert_hex (s->agreed_b->own_counter.octets, 16, counter_b);
  assert_hex (s->agreed_b->peer_counter.octets, 16, counter_a);
}

/* White space around the elements is Gajim's padding. */
static void
assert_content (const EsXml *content, const char *plaintext)
{
  g_autofree char *written = content != NULL ? es_xml_children_to_string (content) : g_strdup ("");
  g_autoptr (EsXml) expected = es_xml_parse_content (plaintext, strlen (plaintext), NULL);
  g_autofree char *rewritten = es_xml_children_to_string (expected);

  ck_assert_str_eq (g_strstrip (written), g_strstrip (rewritten));
}

/* Whether that side is Gajim itself, which makes and reads the MAC of a stanza in two ways: we are always at its other end. */
static gboolean
is_gajim (Session *s, gboolean alice)
{
  return json_object_has_member (s->root, "dialects")
         && strcmp (text (object_in (s->root, "dialects"), alice ? "alice" : "bob"), "gajim") == 0;
}

static void
deliver (Session *s, JsonObject *stanza)
{
  gboolean from_alice = strcmp (text (stanza, "from"), "alice") == 0;
  g_autoptr (EsXml) c = parse (text (stanza, "xml")), content = NULL;

  if (is_gajim (s, !from_alice))
    return;
  ck_assert (es_channel_decrypt (from_alice ? s->channel_b : s->channel_a, c, &content, NULL));
  assert_content (content, text (stanza, "plaintext"));
}

static void
assert_same_data (const EsXml *c, const char *expected)
{
  g_autoptr (EsXml) other = parse (expected);
  g_autofree char *left = es_xml_dup_text (es_xml_child (c, "data", NULL));
  g_autofree char *right = es_xml_dup_text (es_xml_child (other, "data", NULL));

  ck_assert_str_eq (left, right);
}

/* The octets of DATA, Base64. */
static gsize
octets_of_data (const EsXml *c)
{
  const EsXml *data = es_xml_child (c, "data", NULL);
  g_autofree char *encoded = data != NULL ? es_xml_dup_text (data) : NULL;
  g_autoptr (GBytes) octets = encoded != NULL ? es_base64_decode (encoded, 1, ES_LIMIT_STANZA_OCTETS, NULL) : NULL;

  return octets != NULL ? g_bytes_get_size (octets) : 0;
}

static void
replay_stanza (Session *s, JsonObject *stanza, GQueue *later)
{
  gboolean from_alice = strcmp (text (stanza, "from"), "alice") == 0;
  EsChannel *channel = from_alice ? s->channel_a : s->channel_b;
  const char *rekey = text (stanza, "rekey_secret"), *plaintext = text (stanza, "plaintext");
  g_autoptr (EsXml) c = NULL;

  assert_hex (channel->own_counter.octets, 16, text (stanza, "counter"));
  assert_secret (channel->sending.cipher, text (stanza, "KC"));
  assert_secret (channel->sending.mac, text (stanza, "KM"));
  put_script (rekey != NULL ? rekey : "", NULL);

  /* The files' author publishes no old keys. */
  g_ptr_array_set_size (channel->publish, 0);
  c = es_channel_encrypt (channel, *plaintext != '\0' ? plaintext : NULL, rekey != NULL, NULL);
  if (is_gajim (s, from_alice))
    assert_same_data (c, text (stanza, "xml"));
  else
    assert_xml (c, text (stanza, "xml"));
  if (s->pads)
    {
      ck_assert_uint_eq (strlen (plaintext), number (stanza, "octets"));
      ck_assert_uint_eq (octets_of_data (c), number (stanza, "octets_encrypted"));
    }
  if (strcmp (text (stanza, "delivered"), "later") == 0)
    g_queue_push_tail (later, stanza);
  else
    deliver (s, stanza);
}

static void
replay_stanzas (Session *s)
{
  JsonArray *stanzas = array_in (s->root, "stanzas");
  GQueue later = G_QUEUE_INIT;

  s->channel_a = es_channel_new (s->agreed_a, &scripted);
  s->channel_b = es_channel_new (s->agreed_b, &scripted);
  s->channel_a->pads = s->channel_b->pads = s->pads;
  for (guint i = 0; i < json_array_get_length (stanzas); i++)
    {
      JsonObject *stanza = json_array_get_object_element (stanzas, i);

      if (!json_object_has_member (stanza, "deliver"))
        replay_stanza (s, stanza, &later);
      else
        for (member (stanza, "deliver"); later.length > 0;)
          deliver (s, g_queue_pop_head (&later));
    }
  ck_assert_uint_eq (later.length, 0);
}

static void
session_clear (Session *s)
{
  for (guint i = 0; i < 4; i++)
    {
      es_form_free (s->forms[i]);
      es_xml_free (s->payloads[i]);
    }
  es_negotiation_free (s->a);
  es_negotiation_free (s->b);
  es_agreement_free (s->agreed_a);
  es_agreement_free (s->agreed_b);
  es_channel_free (s->channel_a);
  es_channel_free (s->channel_b);
}

/* Only the newer files name who talks to whom. */
static void
set_parties (Session *s)
{
  const char *const *parties = es_form_get_values (s->forms[0], "parties", 2, NULL);

  if (parties == NULL)
    return;
  es_negotiation_set_parties (s->a, es_at (parties[0]), es_at (parties[1]));
  es_negotiation_set_parties (s->b, es_at (parties[1]), es_at (parties[0]));
}

static void
replay_session (JsonNode *node, gboolean pads)
{
  Session s = { .root = json_node_get_object (node), .pads = pads };

  text (s.root, "name");
  text (s.root, "about");
  s.inputs = object_in (s.root, "inputs");
  s.alice = object_in (s.root, "alice");
  s.bob = object_in (s.root, "bob");
  s.chosen = object_in (s.root, "chosen");
  read_messages (&s);
  read_options (&s);
  s.a = es_negotiation_new (ES_ROLE_INITIATOR, &s.options, &scripted);
  s.b = es_negotiation_new (ES_ROLE_RESPONDER, &s.options, &scripted);
  set_parties (&s);

  replay_message_1 (&s);
  replay_message_2 (&s);
  check_chosen (&s);
  check_forms (&s);
  replay_message_3 (&s);
  replay_message_4 (&s);
  check_sigma (&s);
  check_agreements (&s);
  replay_stanzas (&s);
  session_clear (&s);
}

static const char *const sessions[] = { "four-message-x25519.json", "four-message-modp14.json",
                                        "four-message-sha512.json", "gajim-dialect.json", "gajim-zeros.json" };

START_TEST (vectors__session__comes_out_to_the_octet)
{
  JsonNode *root = load (sessions[_i]);

  script = g_byte_array_new ();
  if (JSON_NODE_HOLDS_OBJECT (root))
    replay_session (root, FALSE);
  else
    for (guint i = 0; i < json_array_get_length (json_node_get_array (root)); i++)
      replay_session (json_array_get_element (json_node_get_array (root), i), FALSE);
  g_byte_array_unref (script);
  finish (root);
}
END_TEST

START_TEST (vectors__padding__has_these_lengths)
{
  JsonNode *root = load ("padding.json");
  JsonArray *lengths = array_in (json_node_get_object (root), "lengths");

  script = g_byte_array_new ();
  ck_assert_uint_gt (json_array_get_length (lengths), 0);
  for (guint i = 0; i < json_array_get_length (lengths); i++)
    {
      JsonObject *length = json_array_get_object_element (lengths, i);

      ck_assert_uint_eq (es_padded_size (number (length, "octets")), number (length, "padded"));
    }
  replay_session (member (json_node_get_object (root), "session"), TRUE);
  g_byte_array_unref (script);
  finish (root);
}
END_TEST

START_TEST (vectors__normalized_content__in_both_dialects)
{
  JsonNode *root = load ("canonical-form.json");
  JsonArray *cases = json_node_get_array (root);

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *entry = json_array_get_object_element (cases, i);
      g_autoptr (EsXml) form = parse (text (entry, "form"));
      g_autofree char *strict = es_xml_normalize_form (form, ES_DIALECT_STRICT, NULL);
      g_autofree char *gajim = es_xml_normalize_form (form, ES_DIALECT_GAJIM, NULL);

      ck_assert_str_eq (strict, text (entry, "strict"));
      ck_assert_str_eq (gajim, text (entry, "gajim"));
    }
  finish (root);
}
END_TEST

START_TEST (vectors__verification_codes__both_algorithms)
{
  JsonNode *root = load ("sas.json");
  JsonArray *cases = json_node_get_array (root);

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *entry = json_array_get_object_element (cases, i);
      EsSuite suite = { .hash = es_hash_find (text (entry, "hash")), .sas = es_sas_find (text (entry, "alg")) };
      g_autoptr (GBytes) m_a = from_hex (text (entry, "M_A")), e = from_hex (text (entry, "e"));
      g_autofree char *code = suite.sas->proves
                                  ? es_sas_code (&suite, e, text (entry, "form_A"), text (entry, "form_B"))
                                  : es_sas_code_weak (&suite, g_bytes_get_data (m_a, NULL), text (entry, "form_B"));

      text (entry, "form_A");
      ck_assert_str_eq (code, text (entry, "sas"));
    }
  finish (root);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("vectors");
  TCase *tcase = tcase_create ("vectors");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, vectors__session__comes_out_to_the_octet, 0, G_N_ELEMENTS (sessions));
  tcase_add_test (tcase, vectors__padding__has_these_lengths);
  tcase_add_test (tcase, vectors__normalized_content__in_both_dialects);
  tcase_add_test (tcase, vectors__verification_codes__both_algorithms);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
