/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that other plugins send past libpurple's own way: they ask a server for a place to upload to, and send the link. */
#include "es-fake.h"

#include <unistd.h>

#include <glib/gstdio.h>

#define BOB "bob@localhost"
#define BOB_FULL "bob@localhost/x"
#define CAROL "carol@localhost"
#define NS_UPLOAD "urn:xmpp:http:upload:0"
#define PAST "The file was not sent because it would have gone a way that is not encrypted."
#define UNKNOWN "The file was not sent because it is not known yet whether it can be encrypted"

static char *path;
static guint n_written, n_cancelled;

/* The other plugin */

static void
ask_for_place (const char *namespace_, const char *name)
{
  g_autofree char *iq = g_strdup_printf ("<iq type='get' id='slot' to='upload.localhost'>"
                                         "<request xmlns='%s' filename='%s' size='6'/></iq>",
                                         namespace_, name);

  PURPLE_PLUGIN_PROTOCOL_INFO (es_plugin_running ()->jabber)->send_raw (fake_connection (), iq, (int) strlen (iq));
}

static void
on_init (PurpleXfer *xfer)
{
  g_autofree char *name = g_markup_escape_text (purple_xfer_get_filename (xfer), -1);

  ask_for_place (NS_UPLOAD, name);
}

/* This one asks nobody. */
static void
on_other_init (PurpleXfer *xfer)
{
  purple_xfer_start (xfer, -1, NULL, 0);
}

static void
on_start (PurpleXfer *xfer)
{
  n_written++;
}

static gssize
on_write (const guchar *buffer, size_t size, PurpleXfer *xfer)
{
  n_written++;
  return (gssize) size;
}

static void
on_cancel (PurpleXfer *xfer)
{
  n_cancelled++;
}

static PurpleXfer *
send_file (const char *who, void (*init) (PurpleXfer *xfer))
{
  PurpleXfer *xfer = purple_xfer_new (fake_account (), PURPLE_XFER_SEND, who);

  purple_xfer_set_init_fnc (xfer, init);
  purple_xfer_set_start_fnc (xfer, on_start);
  purple_xfer_set_write_fnc (xfer, on_write);
  purple_xfer_set_cancel_send_fnc (xfer, on_cancel);
  purple_xfer_request_accepted (xfer, path);
  return xfer;
}

/* What libpurple does whenever more can be written. */
static void
write_some (PurpleXfer *xfer)
{
  if (xfer->ops.write ((const guchar *) "secret", 6, xfer) < 0)
    purple_xfer_cancel_remote (xfer);
}

static void
start (void)
{
  fake_start ();
  n_written = n_cancelled = 0;
  close (g_file_open_tmp ("esession-XXXXXX.txt", &path, NULL));
  ck_assert (g_file_set_contents (path, "secret", -1, NULL));
}

static void
stop (void)
{
  fake_stop ();
  g_unlink (path);
  g_free (path);
}

static void
forbid_plain (const char *who)
{
  g_autoptr (GError) error = NULL;

  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (who), ES_POLICY_ALWAYS, &error));
}

static void
allow_plain (const char *who)
{
  g_autoptr (GError) error = NULL;

  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (who), ES_POLICY_NEVER, &error));
}

START_TEST (transfers__upload__does_not_begin_where_it_is_encrypted)
{
  static const char *const names[] = { BOB_FULL, BOB, "Bob@localhost/other", "\357\275\202ob@localhost" };

  fake_encrypt_with_bob ();
  send_file (names[_i], on_init);
  ck_assert_uint_eq (fake_count (fake_sent, "http:upload"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, PAST), 1);
}
END_TEST

START_TEST (transfers__upload__does_not_begin_where_nothing_may_be_plain)
{
  forbid_plain (CAROL);
  send_file (CAROL, on_init);
  ck_assert_uint_eq (fake_count (fake_sent, "http:upload"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, PAST), 1);
}
END_TEST

START_TEST (transfers__upload__waits_until_it_is_known)
{
  fake_add_buddy (CAROL);
  fake_receive ("<presence xmlns='jabber:client' from='carol@localhost/x' to='alice@localhost/a'/>");
  send_file ("carol@localhost/x", on_init);
  ck_assert_uint_eq (fake_count (fake_sent, "http:upload"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, UNKNOWN), 1);
}
END_TEST

/* Be there others to whom nothing may go, and files on their way to them. */
START_TEST (transfers__upload__begins_where_nothing_is_encrypted)
{
  fake_encrypt_with_bob ();
  allow_plain (CAROL);
  purple_xfer_set_local_filename (purple_xfer_new (fake_account (), PURPLE_XFER_SEND, BOB_FULL), "/other");
  send_file (CAROL, on_init);
  ck_assert_uint_eq (fake_count (fake_sent, "http:upload"), 1);
  ck_assert_uint_eq (n_cancelled, 0);
  ck_assert_uint_eq (fake_count (fake_lines, "The file was not sent"), 0);
}
END_TEST

START_TEST (transfers__upload__does_not_begin_without_an_address)
{
  send_file ("bob@@localhost", on_init);
  ck_assert_uint_eq (fake_count (fake_sent, "http:upload"), 0);
  ck_assert_uint_eq (fake_count (fake_notes, PAST), 1);
}
END_TEST

/* Whatever way it goes. */
START_TEST (transfers__file__is_not_written_where_it_is_encrypted)
{
  PurpleXfer *xfer = NULL;

  fake_encrypt_with_bob ();
  xfer = send_file (BOB_FULL, on_other_init);
  purple_xfer_ref (xfer);
  ck_assert_uint_eq (n_written, 0);
  ck_assert_uint_eq (fake_count (fake_lines, PAST), 1);
  if (_i == 0)
    write_some (xfer);
  fake_settle ();
  ck_assert_uint_eq (n_written, 0);
  ck_assert_uint_eq (n_cancelled, 1);
  ck_assert (purple_xfer_is_canceled (xfer));
  purple_xfer_unref (xfer);
}
END_TEST

START_TEST (transfers__file__is_written_where_nothing_is)
{
  fake_encrypt_with_bob ();
  allow_plain (CAROL);
  write_some (send_file (CAROL, on_other_init));
  fake_settle ();
  ck_assert_uint_eq (n_written, 2);
  ck_assert_uint_eq (n_cancelled, 0);
}
END_TEST

/* Nobody can tell for whom it is. */
START_TEST (transfers__place__is_not_asked_for_where_somebody_has_nothing_plain)
{
  static const char *const namespaces[]
      = { NS_UPLOAD, "urn:xmpp:http:upload", "urn:xmpp:http:upload:1", "eu:siacs:conversations:http:upload" };
  g_autofree char *answer = NULL, *id = NULL;
  xmlnode *ping = NULL;

  fake_encrypt_with_bob ();
  ask_for_place (namespaces[_i], "secret.txt");
  ck_assert_uint_eq (fake_count (fake_sent, "secret.txt"), 0);
  ck_assert_uint_eq (fake_count (fake_notes, PAST), 1);

  /* Whoever asked is not left waiting. */
  ping = xmlnode_from_str (fake_sent->pdata[fake_sent->len - 1], -1);
  answer = g_strdup_printf ("<iq xmlns='jabber:client' type='result' id='%s'/>", xmlnode_get_attrib (ping, "id"));
  xmlnode_free (ping);
  fake_receive (answer);
  ck_assert_uint_eq (fake_count (fake_got, "id='slot'"), 1);
}
END_TEST

START_TEST (transfers__place__is_asked_for_where_nobody_has)
{
  allow_plain (BOB);
  ask_for_place (NS_UPLOAD, "secret.txt");
  ck_assert_uint_eq (fake_count (fake_sent, "secret.txt"), 1);
  ck_assert_uint_eq (fake_notes->len, 0);
}
END_TEST

START_TEST (transfers__place__is_not_asked_for_while_the_buddy_is_not_in_memory)
{
  g_autoptr (GError) error = NULL;

  fake_add_buddy (CAROL);
  ck_assert (es_trust_set_policy (es_plugin_running ()->trust, es_at ("alice@localhost"), es_at (CAROL),
                                  ES_POLICY_ALWAYS, &error));
  ask_for_place (NS_UPLOAD, "secret.txt");
  ck_assert_uint_eq (fake_count (fake_sent, "secret.txt"), 0);
  ck_assert_uint_eq (fake_count (fake_notes, PAST), 1);
}
END_TEST

/* libpurple's questions */

static GPtrArray *removed;

/* libpurple's own, which nobody has to call where there is no network. */
void jabber_iq_remove_callback_by_id (gpointer stream, const char *id);

void
jabber_iq_remove_callback_by_id (gpointer stream, const char *id)
{
  g_ptr_array_add (removed, g_strdup (id));
}

static void
start_asking (void)
{
  start ();
  removed = g_ptr_array_new_with_free_func (g_free);
  es_plugin_running ()->jabber->handle = g_module_open (NULL, 0);
}

static PurpleXfer *
new_file (void)
{
  PurpleXfer *xfer = purple_xfer_new (fake_account (), PURPLE_XFER_SEND, BOB_FULL);

  purple_xfer_set_local_filename (xfer, path);
  return xfer;
}

static void
ask (const char *id, const char *question)
{
  g_autofree char *xml = g_strdup_printf ("<iq type='set' id='%s' to='" BOB_FULL "'>%s</iq>", id, question);
  xmlnode *node = xmlnode_from_str (xml, -1), *packet = node;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (node);
}

static void
answer (const char *id, const char *from)
{
  g_autofree char *xml = g_strdup_printf ("<iq xmlns='jabber:client' type='result' id='%s' from='%s'/>", id, from);

  fake_receive (xml);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static void
assert_removed (const char *ids)
{
  g_autofree char *all = NULL;

  g_ptr_array_sort (removed, by_name);
  g_ptr_array_add (removed, NULL);
  all = g_strjoinv (" ", (char **) removed->pdata);
  ck_assert_str_eq (all, ids);
  g_ptr_array_set_size (removed, 0);
}

#define DISCO "<query xmlns='http://jabber.org/protocol/disco#info'/>"
#define OFFER(sid) "<si xmlns='http://jabber.org/protocol/si' id='" sid "'/>"
#define SOCKS(sid) "<query xmlns='http://jabber.org/protocol/bytestreams' sid='" sid "'/>"
#define OPEN(sid) "<open xmlns='http://jabber.org/protocol/ibb' sid='" sid "'/>"

START_TEST (transfers__cancelled__waits_for_no_answer)
{
  static const char *const questions[] = { DISCO, OFFER ("s"), SOCKS ("s"), OPEN ("s") };
  PurpleXfer *xfer = new_file ();

  allow_plain (BOB);
  ask ("1", questions[_i]);
  purple_xfer_cancel_local (xfer);
  assert_removed ("1");
  ask ("2", questions[_i]);
  new_file ();
  ask ("3", "<query xmlns='http://jabber.org/protocol/disco#info' node='urn:x'/>");
  purple_xfer_cancel_local (purple_xfers_get_all ()->data);
  assert_removed ("");
}
END_TEST

/* Files to the same program, whose questions cross. */
START_TEST (transfers__cancelled__leaves_others_alone)
{
  PurpleXfer *one = new_file (), *two = NULL;

  allow_plain (BOB);
  ask ("1a", DISCO);
  two = new_file ();
  ask ("2a", DISCO);
  answer ("2a", CAROL);
  answer (_i == 0 ? "1a" : "2a", BOB_FULL);
  ask ("b", OFFER ("s"));
  answer ("b", BOB_FULL);
  ask ("c", OPEN ("s"));
  purple_xfer_cancel_local (_i == 0 ? two : one);
  assert_removed (_i == 0 ? "2a" : "1a");
  purple_xfer_cancel_local (_i == 0 ? one : two);
  assert_removed (_i == 0 ? "1a b c" : "2a b c");
}
END_TEST

/* What libpurple knows of streams it knows of all accounts. */
START_TEST (transfers__own_account__is_offered_nothing_encrypted)
{
  static const struct
  {
    const char *connection; /* Bob's, in the same program */
    gboolean plain, refused;
  } rows[] = { { BOB_FULL, FALSE, TRUE }, { BOB_FULL, TRUE, FALSE }, { BOB "/other", FALSE, FALSE } };
  PurpleAccount *other = purple_account_new (BOB "/x", "prpl-jabber");

  purple_accounts_add (other);
  purple_account_set_password (other, "secret");
  purple_account_set_enabled (other, "esession-test", TRUE);
  purple_account_connect (other);
  purple_connection_set_display_name (purple_account_get_connection (other), rows[_i].connection);
  fake_encrypt_with_bob ();
  if (rows[_i].plain)
    allow_plain (BOB);
  g_ptr_array_set_size (fake_sent, 0);
  ask ("1", OFFER ("s"));
  ck_assert_uint_eq (fake_count (fake_lines, "between two accounts of one program"), rows[_i].refused ? 1 : 0);
  ck_assert_uint_eq (fake_count (fake_sent, "id='1'"), rows[_i].plain ? 1 : 0);

  /* Whoever asked is not left waiting. */
  ck_assert (!rows[_i].refused || fake_count (fake_sent, "urn:xmpp:ping") == 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("transfers");
  TCase *tcase = tcase_create ("transfers");

  tcase_add_checked_fixture (tcase, start, stop);
  tcase_add_loop_test (tcase, transfers__upload__does_not_begin_where_it_is_encrypted, 0, 4);
  tcase_add_test (tcase, transfers__upload__does_not_begin_where_nothing_may_be_plain);
  tcase_add_test (tcase, transfers__upload__waits_until_it_is_known);
  tcase_add_test (tcase, transfers__upload__begins_where_nothing_is_encrypted);
  tcase_add_test (tcase, transfers__upload__does_not_begin_without_an_address);
  tcase_add_loop_test (tcase, transfers__file__is_not_written_where_it_is_encrypted, 0, 2);
  tcase_add_test (tcase, transfers__file__is_written_where_nothing_is);
  tcase_add_loop_test (tcase, transfers__place__is_not_asked_for_where_somebody_has_nothing_plain, 0, 4);
  tcase_add_test (tcase, transfers__place__is_asked_for_where_nobody_has);
  tcase_add_test (tcase, transfers__place__is_not_asked_for_while_the_buddy_is_not_in_memory);
  suite_add_tcase (suite, tcase);
  tcase = tcase_create ("questions");
  tcase_add_checked_fixture (tcase, start_asking, stop);
  tcase_add_loop_test (tcase, transfers__cancelled__waits_for_no_answer, 0, 4);
  tcase_add_loop_test (tcase, transfers__cancelled__leaves_others_alone, 0, 2);
  tcase_add_loop_test (tcase, transfers__own_account__is_offered_nothing_encrypted, 0, 3);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
