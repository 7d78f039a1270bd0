/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the log goes, and what a user can attach to the report of a fault: a file with versions, settings and numbers, and the last
 * lines. It is for whoever mends the fault, so it is in English; nothing in it was said by anybody. */
#include "es-plugin.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "es-crypto.h"
#include "es-life.h"
#include "es-prefs.h"
#include "es-secret.h"

/* Set to 1: addresses are written as they are. */
#define WHOLE "ESESSION_LOG_ADDRESSES"

/* Files of one second. */
#define N_NAMES 10

static gboolean
is_whole (void)
{
  return purple_strequal (g_getenv (WHOLE), "1");
}

static gint64
sink_now (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
sink_write (gpointer data, EsLogLevel level, const char *line)
{
  switch (level)
    {
    case ES_LOG_ERROR:
      purple_debug_error ("esession", "%s\n", line);
      break;
    case ES_LOG_WARNING:
      purple_debug_warning ("esession", "%s\n", line);
      break;
    case ES_LOG_INFO:
      purple_debug_info ("esession", "%s\n", line);
      break;
    case ES_LOG_DETAIL:
    default:
      purple_debug_misc ("esession", "%s\n", line);
    }
}

EsLog *
es_report_log_new (void)
{
  EsLog *log = es_log_new (&(EsLogSink){ NULL, sink_now, sink_write }, is_whole ());

  es_log (log, ES_AREA_PLUGIN, ES_LOG_INFO, NULL, "started");
  return log;
}

static void
append_versions (GString *text)
{
  GHashTable *ui = purple_core_get_ui_info ();
  const char *name = ui != NULL ? g_hash_table_lookup (ui, "name") : NULL;
  const char *version = ui != NULL ? g_hash_table_lookup (ui, "version") : NULL;
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  struct utsname kernel;

  g_string_append_printf (text, "\nVersions\n  plugin: %s\n  program: %s %s\n  libpurple: %s\n", ES_VERSION,
                          name != NULL ? name : purple_core_get_ui (), version != NULL ? version : "",
                          purple_core_get_version ());
  g_string_append_printf (text, "  GLib: %u.%u.%u\n  OpenSSL: %s\n  SQLite: %s\n  libxml2: %s\n", glib_major_version,
                          glib_minor_version, glib_micro_version, es_crypto_version (), es_store_engine_version (),
                          es_xml_parser_version ());
  if (uname (&kernel) == 0)
    g_string_append_printf (text, "  system: %s, %s %s %s\n", system != NULL ? system : "?", kernel.sysname,
                            kernel.release, kernel.machine);
}

static void
append_store (EsPlugin *plugin, GString *text)
{
  static const char *const kinds[] = {
    [ES_PROTECTION_NONE] = "none",
    [ES_PROTECTION_PASSPHRASE] = "passphrase",
    [ES_PROTECTION_KEYRING] = "keyring",
  };
  EsProtection protection;
  gboolean locked = FALSE;
  guint verified = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  g_string_append (text, "\nRemembered devices\n");
  if (es_trust_protection (plugin->trust, &protection, &locked, &error))
    g_string_append_printf (text, "  protection: %s\n  chosen: %d\n  locked: %d\n", kinds[protection.kind],
                            protection.chosen, locked);
  devices = error == NULL ? es_trust_devices (plugin->trust, &error) : NULL;
  if (devices == NULL)
    {
      g_string_append_printf (text, "  cannot be read: %s\n", es_error_name ((EsErrorCode) error->code));
      return;
    }
  for (guint i = 0; i < devices->len; i++)
    verified += ((const EsDevice *) devices->pdata[i])->verified ? 1 : 0;
  g_string_append_printf (text, "  devices: %u\n  verified: %u\n", devices->len, verified);
}

static void
append_memory (GString *text)
{
  EsSecretMemory memory;

  es_secret_memory (&memory);
  g_string_append_printf (text, "\nMemory for keys\n  locked: %u KiB\n  in ordinary memory: %u\n",
                          (guint) (memory.locked_octets / 1024), memory.unlocked);
  if (memory.unlocked_ever > 0)
    g_string_append (text,
                     "  Some keys may be swapped out: the limit on locked memory is too small for all of them.\n");
  else if (!memory.library_is_locked)
    g_string_append (text,
                     "  Keys may be swapped out while they are computed with: the limit on locked memory is small.\n");
  else
    g_string_append (text, "  No keys are swapped out.\n");
}

static void
append_counts (EsPlugin *plugin, GString *text)
{
  GHashTableIter iter;
  gpointer link = NULL;
  EsCounts counts = { 0 };
  guint online = 0;

  g_hash_table_iter_init (&iter, plugin->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    {
      es_manager_count (((EsLink *) link)->manager, &counts);
      online += es_link_connection (link) != NULL ? 1 : 0;
    }
  g_string_append_printf (text, "\nNow\n  XMPP accounts: %u\n  online: %u\n", g_hash_table_size (plugin->links),
                          online);
  for (int state = 0; state < ES_N_STATES; state++)
    g_string_append_printf (text, "  contacts, %s: %u\n", es_state_name (state), counts.states[state]);
  g_string_append_printf (text, "  sessions: %u\n  messages that wait: %u\n  messages not confirmed: %u\n",
                          counts.sessions, counts.waiting, counts.unconfirmed);
}

static char *
make_report (EsPlugin *plugin)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *preferences = es_prefs_text (), *lines = NULL;

  g_string_append_printf (text, "Report of the plugin Encrypted Sessions, %s\n\n", date);
  g_string_append (text, is_whole () ? "It holds whole addresses, for " WHOLE
                                       " is set. Nothing that was written, no codes, keys or "
                                       "passwords are in it.\n"
                                     : "People and their devices are numbers (~1a2b3c/4d5e) that mean nothing once the "
                                       "program has ended. Nothing\nthat was written, no addresses, codes, keys or "
                                       "passwords are in it.\n");
  append_versions (text);
  g_string_append_printf (text, "\nPreferences\n%s", preferences);
  append_store (plugin, text);
  append_memory (text);
  append_counts (plugin, text);
  lines = es_log_text (plugin->log);
  g_string_append_printf (text, "\nWhat happened last (UTC)\n%s", lines);
  return g_string_free (text, FALSE);
}

/* A new file, nobody else's to read. */
static int
create (GDateTime *now, char **path)
{
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  int file = -1;

  for (guint i = 0; file < 0 && i < N_NAMES; i++)
    {
      g_autofree char *name = i == 0 ? g_strdup_printf ("esession-report-%s.txt", date)
                                     : g_strdup_printf ("esession-report-%s-%u.txt", date, i);

      g_free (*path);
      *path = g_build_filename (purple_user_dir (), name, NULL);
      file = g_open (*path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
  return file;
}

static gboolean
write_all (int file, const char *text)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      ssize_t n = write (file, text, left);

      if (n <= 0)
        return FALSE;
      text += n;
      left -= (gsize) n;
    }
  return TRUE;
}

char *
es_report_text (char **error)
{
  EsPlugin *plugin = es_plugin_running_or_error (error);

  return plugin != NULL ? make_report (plugin) : NULL;
}

char *
es_report_write (char **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *path = NULL, *text = es_report_text (error), *shown = NULL;
  gboolean done = FALSE;
  int file = -1;

  if (text == NULL)
    return NULL;
  file = create (now, &path);
  done = file >= 0 && write_all (file, text);
  if (file >= 0)
    done = close (file) == 0 && done;
  if (done)
    return g_steal_pointer (&path);
  if (file >= 0)
    g_unlink (path);
  shown = g_filename_display_name (path);
  /* Translators: %s is the name of a file. */
  *error = g_strdup_printf (_ ("The report could not be written to the file %s."), shown);
  return NULL;
}
