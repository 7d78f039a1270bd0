/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices for the user interface. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-lists.h"
#include "es-words.h"

static void
remembered_free (gpointer data)
{
  EsRemembered *device = data;

  g_free (device->account_name);
  g_free (device->contact);
  g_free (device->alias);
  g_free (device->name);
  g_free (device->resource);
  g_free (device);
}

static char *
sentence_of (const GError *error)
{
  const char *sentence = error != NULL ? es_error_sentence (&es_program_libpurple, (EsErrorCode) error->code) : NULL;

  return g_strdup (sentence != NULL ? sentence : es_error_sentence (&es_program_libpurple, ES_ERROR_STORE));
}

/* Of two accounts with the same address, the one that is online. */
static PurpleAccount *
find_account (const char *name)
{
  g_autoptr (EsAddress) bare = es_address_new (name);
  PurpleAccount *found = NULL;

  for (GList *item = purple_accounts_get_all (); item != NULL; item = item->next)
    {
      PurpleAccount *account = item->data;
      EsPlugin *plugin = es_plugin_running ();
      const EsLink *link = plugin != NULL ? es_plugin_link (plugin, account) : NULL;

      if (link != NULL && es_address_equal (link->own, bare)
          && (found == NULL || purple_account_is_connected (account)))
        found = account;
    }
  return found;
}

/* What its sessions are doing, in whichever of the accounts with that address. */
static void
add_use (EsPlugin *plugin, EsRemembered *device)
{
  GHashTableIter iter;
  gpointer account = NULL, link = NULL;
  EsDeviceUse use = { 0 };

  g_hash_table_iter_init (&iter, plugin->links);
  while (!device->connected && g_hash_table_iter_next (&iter, &account, &link))
    if (es_manager_use_of (((EsLink *) link)->manager, device->id, &use))
      {
        device->connected = TRUE;
        device->account = account;
        device->resource = g_strdup (es_address_resource (use.jid));
      }
  if (!device->connected)
    device->cannot_verify = _ ("This device is not connected: open a conversation with it, then compare codes.");
  else if (!use.current)
    device->cannot_verify = _ ("Your conversation is with another device of this contact now.");
  else if (!use.can_verify)
    device->cannot_verify = _ ("The program of the other side has no verification code that proves anything.");
}

static EsRemembered *
remembered_new (EsPlugin *plugin, const EsDevice *from)
{
  EsRemembered *device = g_new0 (EsRemembered, 1);
  PurpleBuddy *buddy = NULL;
  const char *alias = NULL;

  *device = (EsRemembered){
    .id = from->id,
    .account = find_account (es_address_text (from->account)),
    .account_name = g_strdup (es_address_text (from->account)),
    .contact = g_strdup (es_address_text (from->contact)),
    .name = g_strdup (from->name),
    .verified = from->verified && from->moved == 0,
    .created = from->created,
    .verified_at = from->verified_at,
    .last_used = from->last_used,
    .moved = from->moved,
  };
  if (device->moved != 0)
    device->cannot_verify = es_device_moved_sentence ();
  else
    add_use (plugin, device);
  device->elsewhere = es_contact_is_elsewhere (device->account, from->contact, device->contact);
  buddy = device->account != NULL ? es_border_buddy (device->account, from->contact) : NULL;
  alias = buddy != NULL ? purple_buddy_get_alias (buddy) : NULL;
  device->alias = alias == NULL || purple_strequal (alias, device->contact)
                          || purple_strequal (alias, purple_buddy_get_name (buddy))
                      ? NULL
                      : g_strdup (alias);
  return device;
}

GPtrArray *
es_remembered_list (char **error)
{
  EsPlugin *plugin = es_plugin_running_or_error (error);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) found = plugin != NULL ? es_trust_devices (plugin->trust, &failure) : NULL;
  GPtrArray *devices = NULL;

  if (plugin == NULL)
    return NULL;
  if (found == NULL)
    {
      *error = sentence_of (failure);
      return NULL;
    }
  devices = g_ptr_array_new_with_free_func (remembered_free);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (devices, remembered_new (plugin, found->pdata[i]));
  return devices;
}

char *
es_remembered_export (char **error)
{
  g_autoptr (GPtrArray) devices = es_remembered_list (error);

  return devices != NULL ? es_devices_text (devices) : NULL;
}

gboolean
es_remembered_rename (gint64 id, const char *name, char **error)
{
  EsPlugin *plugin = es_plugin_running_or_error (error);
  g_autoptr (GError) failure = NULL;

  if (plugin == NULL)
    return FALSE;
  if (es_trust_rename (plugin->trust, id, name, &failure))
    return TRUE;
  *error = sentence_of (failure);
  return FALSE;
}

typedef void (*Follow) (EsManager *manager, const EsAddress *contact, gint64 device);

/* Tells every account with the address ACCOUNT of what has become of DEVICE. */
static void
follow (EsPlugin *plugin, const EsDevice *device, Follow told)
{
  g_autoptr (GList) links = g_hash_table_get_values (plugin->links);

  for (GList *item = links; item != NULL; item = item->next)
    {
      EsLink *link = item->data;

      if (es_address_equal (link->own, device->account))
        told (link->manager, device->contact, device->id);
    }
}

/* Of the devices that WHICH finds among all. */
static gboolean
change (char **error,
        gboolean (*which) (const EsDevice *device, gconstpointer data),
        gconstpointer data,
        gboolean (*make) (EsTrust *trust, gconstpointer data, GError **error),
        Follow told)
{
  EsPlugin *plugin = es_plugin_running_or_error (error);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) devices = plugin != NULL ? es_trust_devices (plugin->trust, &failure) : NULL;

  if (plugin == NULL)
    return FALSE;
  if (devices == NULL || !make (plugin->trust, data, &failure))
    {
      *error = sentence_of (failure);
      return FALSE;
    }
  for (guint i = 0; i < devices->len; i++)
    if (which (devices->pdata[i], data))
      follow (plugin, devices->pdata[i], told);
  return TRUE;
}

static gboolean
is_device (const EsDevice *device, gconstpointer id)
{
  return device->id == *(const gint64 *) id;
}

static gboolean
unmark (EsTrust *trust, gconstpointer id, GError **error)
{
  return es_trust_unmark (trust, *(const gint64 *) id, g_get_real_time () / G_USEC_PER_SEC, error);
}

static gboolean
forget (EsTrust *trust, gconstpointer id, GError **error)
{
  return es_trust_forget (trust, *(const gint64 *) id, error);
}

static gboolean
lose (EsTrust *trust, gconstpointer id, GError **error)
{
  return es_trust_lose (trust, *(const gint64 *) id, error);
}

gboolean
es_remembered_unmark (gint64 id, char **error)
{
  return change (error, is_device, &id, unmark, es_manager_device_unmarked);
}

gboolean
es_remembered_forget (gint64 id, gboolean lost, char **error)
{
  return change (error, is_device, &id, lost ? lose : forget, es_manager_device_forgotten);
}

typedef struct
{
  EsAddress *account;
  EsAddress *contact;
} Contact;

static gboolean
is_of_contact (const EsDevice *device, gconstpointer data)
{
  const Contact *of = data;

  return es_address_equal (device->account, of->account) && es_address_equal (device->contact, of->contact);
}

static gboolean
forget_contact (EsTrust *trust, gconstpointer data, GError **error)
{
  const Contact *of = data;

  return es_trust_forget_contact (trust, of->account, of->contact, error);
}

static gboolean
lose_contact (EsTrust *trust, gconstpointer data, GError **error)
{
  const Contact *of = data;

  return es_trust_lose_contact (trust, of->account, of->contact, error);
}

gboolean
es_remembered_forget_contact (const char *account_name, const char *contact, gboolean lost, char **error)
{
  g_autoptr (EsAddress) account = es_address_new (account_name), other = es_address_new (contact);
  const Contact of = { account, other };

  if (account == NULL || other == NULL)
    {
      *error = sentence_of (NULL);
      return FALSE;
    }
  return change (error, is_of_contact, &of, lost ? lose_contact : forget_contact, es_manager_device_forgotten);
}

/* What a device calls itself is known only while it is connected: it keeps that name, also when another one comes that calls itself so. */
static void
name_devices (EsPlugin *plugin)
{
  g_autofree char *error = NULL;
  g_autoptr (GPtrArray) devices = es_remembered_list (&error);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      EsRemembered *device = devices->pdata[i];

      if (device->name != NULL || device->resource == NULL || *device->resource == '\0')
        continue;
      device->name = es_device_first_name (devices, device);
      es_trust_rename (plugin->trust, device->id, device->name, NULL);
    }
}

/* Many things change at once: the user interface looks when they are through. */
static gboolean
on_changed (gpointer data)
{
  EsPlugin *plugin = data;

  plugin->devices_source = 0;
  if (plugin->devices_unnamed)
    name_devices (plugin);
  plugin->devices_unnamed = FALSE;
  if (plugin->ui != NULL && plugin->ui->devices_changed != NULL)
    plugin->ui->devices_changed ();
  return G_SOURCE_REMOVE;
}

void
es_remembered_changed (EsPlugin *plugin)
{
  if (plugin->devices_source == 0)
    plugin->devices_source = g_idle_add (on_changed, plugin);
}

static void
on_trust_changed (gpointer data)
{
  EsPlugin *plugin = data;

  plugin->devices_unnamed = TRUE;
  es_remembered_changed (plugin);
}

void
es_remembered_start (EsPlugin *plugin)
{
  es_trust_watch (plugin->trust, on_trust_changed, plugin);
}

void
es_remembered_stop (EsPlugin *plugin)
{
  es_trust_watch (plugin->trust, NULL, NULL);
  if (plugin->devices_source != 0)
    g_source_remove (plugin->devices_source);
  plugin->devices_source = 0;
}
