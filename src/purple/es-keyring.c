/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-keyring.h"

#include <dlfcn.h>
#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>

#define SERVICE "org.freedesktop.secrets"
#define KEY_OCTETS 32

/* Between a key and the change that it is for there are moments only; but another program of the same user may be in the
 * middle of one. */
#define LEFT_SECONDS 60

static const SecretSchema schema = {
  .name = "im.pidgin.EncryptedSessions",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "folder", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "item", SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

struct _EsKeyring
{
  char *folder;
  GDBusConnection *bus;
  GCancellable *cancellable;
};

/* One question, from connecting to the answer. */
typedef struct Call Call;
struct Call
{
  EsKeyring *keyring; /* gone if CANCELLABLE is cancelled */
  GCancellable *cancellable;
  void (*run) (Call *call); /* once there is a bus; without one it is answered with FALSE and NULL */
  char *item;
  EsSecret *key; /* to be stored */
  void (*done) (gpointer data, gboolean yes);
  void (*found) (gpointer data, EsSecret *key);
  gpointer data;
};

static void
call_free (Call *call)
{
  g_object_unref (call->cancellable);
  es_secret_free (call->key);
  g_free (call->item);
  g_free (call);
}

/* Answers and ends CALL; takes KEY. */
static void
answer (Call *call, gboolean yes, EsSecret *key)
{
  if (g_cancellable_is_cancelled (call->cancellable))
    es_secret_free (key);
  else if (call->found != NULL)
    call->found (call->data, key);
  else if (call->done != NULL)
    call->done (call->data, yes);
  call_free (call);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);

  if (bus == NULL || g_cancellable_is_cancelled (call->cancellable))
    {
      g_clear_object (&bus);
      answer (call, FALSE, NULL);
      return;
    }

  /* A desktop that ends its bus is no reason to end without a word. Held on to, since who asks for it anew would get
   * another one. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_clear_object (&call->keyring->bus);
  call->keyring->bus = bus;
  call->run (call);
}

static Call *
begin (EsKeyring *keyring, const char *item, void (*run) (Call *call), gpointer data)
{
  Call *call = g_new0 (Call, 1);

  call->keyring = keyring;
  call->cancellable = g_object_ref (keyring->cancellable);
  call->item = g_strdup (item);
  call->run = run;
  call->data = data;
  g_bus_get (G_BUS_TYPE_SESSION, call->cancellable, on_bus, call);
  return call;
}

/* Its types cannot be registered twice, so libsecret stays in memory although libpurple may unload us and load us again. */
static void
stay (void)
{
  Dl_info info;

  if (dladdr ((gconstpointer) secret_service_get_type, &info) != 0)
    dlopen (info.dli_fname, RTLD_LAZY | RTLD_NODELETE);
}

EsKeyring *
es_keyring_new (const char *folder)
{
  EsKeyring *keyring = g_new0 (EsKeyring, 1);

  keyring->folder = g_strdup (folder);
  keyring->cancellable = g_cancellable_new ();
  stay ();
  return keyring;
}

void
es_keyring_free (EsKeyring *keyring)
{
  if (keyring == NULL)
    return;
  g_cancellable_cancel (keyring->cancellable);
  g_object_unref (keyring->cancellable);
  if (keyring->bus != NULL)
    secret_service_disconnect ();
  g_clear_object (&keyring->bus);
  g_free (keyring->folder);
  g_free (keyring);
}

/* Is there one? */

static void
on_collection (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, &error);

  answer (data, collection != NULL && !secret_collection_get_locked (collection), NULL);
}

static void
on_service (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretService) service = secret_service_get_finish (result, &error);

  if (service == NULL)
    answer (call, FALSE, NULL);
  else
    secret_collection_for_alias (service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, call->cancellable,
                                 on_collection, call);
}

static void
on_owner (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean owned = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &owned);
  if (owned)
    secret_service_get (SECRET_SERVICE_NONE, call->cancellable, on_service, call);
  else
    answer (call, FALSE, NULL);
}

/* Asking the service itself would start it. */
static void
run_probe (Call *call)
{
  g_dbus_connection_call (call->keyring->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "NameHasOwner", g_variant_new ("(s)", SERVICE), G_VARIANT_TYPE ("(b)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, call->cancellable, on_owner, call);
}

void
es_keyring_probe (EsKeyring *keyring, void (*done) (gpointer data, gboolean ready), gpointer data)
{
  begin (keyring, NULL, run_probe, data)->done = done;
}

/* Keys, as text: some keyrings know no other */

static SecretValue *
encode (const EsSecret *key)
{
  char *text = g_base64_encode (es_secret_peek (key), es_secret_size (key));
  SecretValue *value = secret_value_new (text, -1, "text/plain");

  es_text_free (text);
  return value;
}

static EsSecret *
decode (SecretValue *value)
{
  const char *text = value != NULL ? secret_value_get_text (value) : NULL;
  gsize size = 0;
  guchar *octets = text != NULL ? g_base64_decode (text, &size) : NULL;
  EsSecret *key = size == KEY_OCTETS ? es_secret_new_from (octets, size) : NULL;

  if (octets != NULL)
    es_octets_wipe (octets, size);
  g_free (octets);
  return key;
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  SecretValue *value = secret_password_lookup_binary_finish (result, &error);
  g_autoptr (EsSecret) key = decode (value);
  gboolean same = key != NULL && call->key != NULL && es_secret_equal (key, call->key);

  if (value != NULL)
    secret_value_unref (value);
  answer (call, same, call->found != NULL ? g_steal_pointer (&key) : NULL);
}

static void
run_find (Call *call)
{
  secret_password_lookup (&schema, call->cancellable, on_found, call, "folder", call->keyring->folder, "item",
                          call->item, NULL);
}

void
es_keyring_find (EsKeyring *keyring, const char *item, void (*done) (gpointer data, EsSecret *key), gpointer data)
{
  begin (keyring, item, run_find, data)->found = done;
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;

  if (secret_password_store_finish (result, &error) && !g_cancellable_is_cancelled (call->cancellable))
    run_find (call);
  else
    answer (call, FALSE, NULL);
}

static void
run_store (Call *call)
{
  SecretValue *value = encode (call->key);

  secret_password_store_binary (&schema, SECRET_COLLECTION_DEFAULT, _ ("Remembered devices of encrypted conversations"),
                                value, call->cancellable, on_stored, call, "folder", call->keyring->folder, "item",
                                call->item, NULL);
  secret_value_unref (value);
}

void
es_keyring_store (EsKeyring *keyring,
                  const char *item,
                  const EsSecret *key,
                  void (*done) (gpointer data, gboolean stored),
                  gpointer data)
{
  Call *call = begin (keyring, item, run_store, data);

  call->key = es_secret_copy (key);
  call->done = done;
}

/* Removing */

static void
on_removed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  secret_password_clear_finish (result, &error);
  answer (data, error == NULL, NULL);
}

static void
run_remove (Call *call)
{
  secret_password_clear (&schema, call->cancellable, on_removed, call, "folder", call->keyring->folder, "item",
                         call->item, NULL);
}

void
es_keyring_remove (EsKeyring *keyring, const char *item)
{
  begin (keyring, item, run_remove, NULL);
}

static void
on_searched (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  GList *items = secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  guint64 now = (guint64) (g_get_real_time () / G_USEC_PER_SEC);

  for (GList *each = items; each != NULL && !g_cancellable_is_cancelled (call->cancellable); each = each->next)
    {
      g_autoptr (GHashTable) attributes = secret_item_get_attributes (each->data);
      const char *item = g_hash_table_lookup (attributes, "item");

      if (item != NULL && strcmp (item, call->item) != 0 && secret_item_get_created (each->data) + LEFT_SECONDS < now)
        es_keyring_remove (call->keyring, item);
    }
  g_list_free_full (items, g_object_unref);
  answer (call, TRUE, NULL);
}

static void
on_search_service (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretService) service = secret_service_get_finish (result, &error);
  g_autoptr (GHashTable) wanted = NULL;

  if (service == NULL || g_cancellable_is_cancelled (call->cancellable))
    {
      answer (call, FALSE, NULL);
      return;
    }
  wanted = secret_attributes_build (&schema, "folder", call->keyring->folder, NULL);
  secret_service_search (service, &schema, wanted, SECRET_SEARCH_ALL, call->cancellable, on_searched, call);
}

static void
run_remove_others (Call *call)
{
  secret_service_get (SECRET_SERVICE_NONE, call->cancellable, on_search_service, call);
}

void
es_keyring_remove_others (EsKeyring *keyring, const char *item)
{
  begin (keyring, item, run_remove_others, NULL);
}
