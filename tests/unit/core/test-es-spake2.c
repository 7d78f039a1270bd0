/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-spake2.h"

#include <json-glib/json-glib.h>

#include "es-stretch.h"
#include "hex.h"

#define W "2ee57912099d31560b3a44b1184b9b4866e904c49d12ac5042c97dca461b1a5f"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define PRIME "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define G_X "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define G_Y "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

static JsonArray *
load (const char *name, JsonNode **root)
{
  g_autofree char *path = g_build_filename (g_getenv ("ES_VECTORS"), "spake2.json", NULL), *contents = NULL;

  ck_assert (g_file_get_contents (path, &contents, NULL, NULL));
  *root = json_from_string (contents, NULL);
  ck_assert_ptr_nonnull (*root);
  return json_object_get_array_member (json_node_get_object (*root), name);
}

static GBytes *
bytes_of (const char *hex)
{
  guint8 octets[128];

  return g_bytes_new (octets, hex_to (hex, octets));
}

static EsSecret *
secret_of (const char *hex)
{
  EsSecret *secret = es_secret_new (strlen (hex) / 2);

  hex_to (hex, es_secret_data (secret));
  return secret;
}

/* The 40 octets that are drawn for a number: as given, after zeros. */
static void
fill_given (gpointer data, guint8 *out, gsize size)
{
  ck_assert_uint_eq (size, 40);
  memset (out, 0, 8);
  hex_to (data, out + 8);
}

static EsSpake2 *
side_with (EsSpake2Side side, const char *w, const char *a, const char *b, const char *context, const char *x)
{
  EsRandom random = { fill_given, (gpointer) x };
  g_autoptr (EsSecret) secret = secret_of (w);
  g_autoptr (GBytes) bytes = bytes_of (context);

  return es_spake2_new (side, secret, a, b, bytes, &random);
}

static void
assert_bytes (GBytes *bytes, const char *expected)
{
  assert_hex (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected);
}

START_TEST (spake2__runs__known_answers)
{
  g_autoptr (JsonNode) root = NULL;
  JsonArray *runs = load ("runs", &root);

  ck_assert_uint_eq (json_array_get_length (runs), 6);
  for (guint i = 0; i < json_array_get_length (runs); i++)
    {
      JsonObject *run = json_array_get_object_element (runs, i);
#define TEXT(name) json_object_get_string_member (run, name)
      g_autoptr (EsSpake2) a
          = side_with (ES_SPAKE2_A, TEXT ("w"), TEXT ("A"), TEXT ("B"), TEXT ("context"), TEXT ("x"));
      g_autoptr (EsSpake2) b
          = side_with (ES_SPAKE2_B, TEXT ("w"), TEXT ("A"), TEXT ("B"), TEXT ("context"), TEXT ("y"));
      g_autoptr (GBytes) c_a = NULL, c_b = NULL;

      assert_bytes (es_spake2_point (a), TEXT ("pA"));
      assert_bytes (es_spake2_point (b), TEXT ("pB"));
      ck_assert (es_spake2_take_point (a, es_spake2_point (b)) && es_spake2_take_point (b, es_spake2_point (a)));
      c_a = es_spake2_confirmation (a);
      c_b = es_spake2_confirmation (b);
      assert_bytes (c_a, TEXT ("cA"));
      assert_bytes (c_b, TEXT ("cB"));
      ck_assert (es_spake2_check (a, c_b) && es_spake2_check (b, c_a));
      ck_assert (!es_spake2_check (a, c_a) && !es_spake2_check (b, c_b));
#undef TEXT
    }
}
END_TEST

START_TEST (spake2__passwords__known_answers)
{
  g_autoptr (JsonNode) root = NULL;
  JsonArray *passwords = load ("passwords", &root);

  ck_assert_uint_eq (json_array_get_length (passwords), 4);
  for (guint i = 0; i < json_array_get_length (passwords); i++)
    {
      JsonObject *one = json_array_get_object_element (passwords, i);
      g_autoptr (GBytes) context = bytes_of (json_object_get_string_member (one, "context"));
      g_autoptr (EsSecret) w = es_spake2_password (json_object_get_string_member (one, "password"), context);

      ck_assert_ptr_nonnull (w);
      assert_hex (es_secret_peek (w), es_secret_size (w), json_object_get_string_member (one, "w"));
    }
}
END_TEST

/* What ships, whatever other programs of tests make do with. */
START_TEST (stretch__cost__is_2_to_the_15)
{
  g_autoptr (EsSecret) password = es_secret_new_from ("correct horse", strlen ("correct horse"));
  g_autoptr (GBytes) salt = g_bytes_new_static ("salt", strlen ("salt"));
  g_autoptr (EsSecret) stretched = es_stretch ("correct horse", salt, 32),
                       expected = es_scrypt (password, ES_PART_BYTES (salt), 15, 32);

  ck_assert (es_secret_equal (stretched, expected));
}
END_TEST

START_TEST (spake2__passwords__that_are_no_text_are_refused)
{
  g_autoptr (GBytes) context = bytes_of ("00");

  ck_assert_ptr_null (es_spake2_password ("\xc3(", context));
  ck_assert_ptr_null (es_spake2_password ("correct\xf0\x90", context));
}
END_TEST

/* Everything that enters makes a difference. */
START_TEST (spake2__check__differs_with_every_input)
{
  static const struct
  {
    const char *w, *a, *b, *context;
    gboolean equal;
  } cases[] = {
    { W, "a@x", "b@x", "01", TRUE },  { G_X, "a@x", "b@x", "01", FALSE }, { W, "c@x", "b@x", "01", FALSE },
    { W, "a@x", "c@x", "01", FALSE }, { W, "a@x", "b@x", "02", FALSE },   { W, "a@x", "b@x", "", FALSE },
    { W, "a@xb", "@x", "01", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (EsSpake2) a = side_with (ES_SPAKE2_A, W, "a@x", "b@x", "01", G_Y);
      g_autoptr (EsSpake2) b = side_with (ES_SPAKE2_B, cases[i].w, cases[i].a, cases[i].b, cases[i].context, G_X);
      g_autoptr (GBytes) c_a = NULL, c_b = NULL;

      ck_assert (es_spake2_take_point (a, es_spake2_point (b)) && es_spake2_take_point (b, es_spake2_point (a)));
      c_a = es_spake2_confirmation (a);
      c_b = es_spake2_confirmation (b);
      ck_assert_int_eq (es_spake2_check (a, c_b), cases[i].equal);
      ck_assert_int_eq (es_spake2_check (b, c_a), cases[i].equal);
    }
}
END_TEST

START_TEST (spake2__check__every_bit_and_every_length_counts)
{
  g_autoptr (EsSpake2) a = side_with (ES_SPAKE2_A, W, "a", "b", "", G_Y),
                       b = side_with (ES_SPAKE2_B, W, "a", "b", "", G_X);
  g_autoptr (GBytes) right = NULL;

  ck_assert (es_spake2_take_point (a, es_spake2_point (b)) && es_spake2_take_point (b, es_spake2_point (a)));
  right = es_spake2_confirmation (b);
  ck_assert_uint_eq (g_bytes_get_size (right), ES_SPAKE2_CONFIRMATION_OCTETS);
  for (guint bit = 0; bit < 8 * ES_SPAKE2_CONFIRMATION_OCTETS; bit++)
    {
      g_autofree guint8 *octets = g_memdup2 (g_bytes_get_data (right, NULL), ES_SPAKE2_CONFIRMATION_OCTETS);
      g_autoptr (GBytes) wrong = NULL;

      octets[bit / 8] ^= (guint8) (1 << bit % 8);
      wrong = g_bytes_new (octets, ES_SPAKE2_CONFIRMATION_OCTETS);
      ck_assert (!es_spake2_check (a, wrong));
    }
  for (gsize size = 0; size < ES_SPAKE2_CONFIRMATION_OCTETS; size++)
    {
      g_autoptr (GBytes) wrong = g_bytes_new_from_bytes (right, 0, size);

      ck_assert (!es_spake2_check (a, wrong));
    }
  ck_assert (es_spake2_check (a, right));
}
END_TEST

/* No point at all, infinity, off the curve, coordinates past the prime, and encodings that RFC 9382 does not use. */
START_TEST (spake2__points__hostile_ones_are_refused)
{
  static const char *const points[] = {
    "",           "00",           "04",           "00" ZERO ZERO,    "04" ZERO ZERO, "04" G_X G_X,
    "04" G_Y G_X, "04" PRIME G_Y, "04" G_X PRIME, "04" ORDER G_Y,    "03" G_X,       "02" G_X,
    "06" G_X G_Y, "07" G_X G_Y,   "05" G_X G_Y,   "04" G_X G_Y "00", "04" G_X,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    {
      g_autoptr (EsSpake2) a = side_with (ES_SPAKE2_A, W, "a", "b", "", G_Y);
      g_autoptr (GBytes) point = bytes_of (points[i]), any = g_bytes_new (points, 32);

      ck_assert (!es_spake2_is_point (point));
      ck_assert (!es_spake2_take_point (a, point));
      ck_assert (!es_spake2_check (a, any));
    }
  {
    g_autoptr (GBytes) good = bytes_of ("04" G_X G_Y);

    ck_assert (es_spake2_is_point (good));
  }
}
END_TEST

/* A pB of w N alone, which y = 0 gives, would make K infinity for every x. */
START_TEST (spake2__points__that_give_no_key_are_refused)
{
  g_autoptr (EsSpake2) a = side_with (ES_SPAKE2_A, W, "a", "b", "", G_Y),
                       b = side_with (ES_SPAKE2_B, W, "a", "b", "", ORDER);

  ck_assert (es_spake2_is_point (es_spake2_point (b)));
  ck_assert (!es_spake2_take_point (a, es_spake2_point (b)));
}
END_TEST

/* Our own point back again is a point as good as any, but whoever sends it knows nothing. */
START_TEST (spake2__points__reflected_prove_nothing)
{
  g_autoptr (EsSpake2) a = side_with (ES_SPAKE2_A, W, "a", "b", "", G_Y);
  g_autoptr (GBytes) own = NULL;

  ck_assert (es_spake2_take_point (a, es_spake2_point (a)));
  own = es_spake2_confirmation (a);
  ck_assert (!es_spake2_check (a, own));
  ck_assert (!es_spake2_take_point (a, es_spake2_point (a)));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("spake2");
  TCase *tcase = tcase_create ("spake2");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, spake2__runs__known_answers);
  tcase_add_test (tcase, spake2__passwords__known_answers);
  tcase_add_test (tcase, stretch__cost__is_2_to_the_15);
  tcase_add_test (tcase, spake2__passwords__that_are_no_text_are_refused);
  tcase_add_test (tcase, spake2__check__differs_with_every_input);
  tcase_add_test (tcase, spake2__check__every_bit_and_every_length_counts);
  tcase_add_test (tcase, spake2__points__hostile_ones_are_refused);
  tcase_add_test (tcase, spake2__points__that_give_no_key_are_refused);
  tcase_add_test (tcase, spake2__points__reflected_prove_nothing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
