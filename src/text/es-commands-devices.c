/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices by number. A number is that of the list which was shown last in the conversation, and stands for the
 * device that it stood for there, whatever has become of the list since. */
#include "es-call.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-ask.h"
#include "es-lists.h"
#include "es-shown.h"
#include "es-number.h"

/* PurpleConversation -> GArray of gint64, the devices in the order in which they were shown. */
static GHashTable *numbers;

void
es_numbers_forget (PurpleConversation *conversation)
{
  if (numbers != NULL && conversation != NULL)
    g_hash_table_remove (numbers, conversation);
  else
    g_clear_pointer (&numbers, g_hash_table_unref);
}

static GArray *
new_numbers (PurpleConversation *conversation)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (numbers == NULL)
    numbers = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  g_hash_table_insert (numbers, conversation, ids);
  return ids;
}

/* Every device, or NULL after saying why not. */
static GPtrArray *
list (const EsCall *call)
{
  g_autofree char *error = NULL;
  GPtrArray *devices = call->api->devices (&error);

  if (devices == NULL)
    es_say (call->conversation, error);
  return devices;
}

static gboolean
is_here (const EsCall *call, const EsRemembered *device)
{
  PurpleAccount *account = purple_conversation_get_account (call->conversation);
  g_autofree char *contact = call->api->contact_of (call->conversation);

  return purple_strequal (contact, device->contact) && device->account == account;
}

static void
show (const EsCall *call, guint number, const EsRemembered *device)
{
  g_autofree char *line = es_device_line (device), *contact = es_device_quoted_contact (device);
  g_autofree char *numbered = g_strdup_printf ("%u. %s, %s", number, contact, line);

  es_say (call->conversation, numbered);
}

void
es_command_devices (const EsCall *call)
{
  gboolean all = strcmp (call->word, "all") == 0;
  g_autoptr (GPtrArray) devices = NULL;
  GArray *ids = NULL;

  if (*call->word != '\0' && !all)
    {
      es_say (call->conversation, _ ("Type /esession devices for those of this contact, or /esession devices all."));
      return;
    }
  devices = list (call);
  if (devices == NULL)
    return;
  ids = new_numbers (call->conversation);
  es_devices_sort (devices);
  for (guint i = 0; i < devices->len; i++)
    {
      const EsRemembered *device = devices->pdata[i];

      if (!all && !is_here (call, device))
        continue;
      g_array_append_val (ids, device->id);
      show (call, ids->len, device);
    }
  if (ids->len == 0)
    es_say (call->conversation, all ? _ ("No device is remembered.") : _ ("No device of this contact is remembered."));
  else
    es_say (call->conversation,
            _ ("To change one of them, type /esession rename, unverify or forget, and its number."));
}

/* The device of NUMBER and all others, in *DEVICES, the caller's; NULL after saying why not. */
static const EsRemembered *
find (const EsCall *call, guint number, GPtrArray **devices)
{
  const GArray *ids = numbers != NULL ? g_hash_table_lookup (numbers, call->conversation) : NULL;

  if (number == 0 || ids == NULL || number > ids->len)
    {
      es_say (call->conversation,
              _ ("There is no such number: /esession devices lists the devices with their numbers."));
      return NULL;
    }
  *devices = list (call);
  for (guint i = 0; *devices != NULL && i < (*devices)->len; i++)
    {
      const EsRemembered *device = (*devices)->pdata[i];

      if (device->id == g_array_index (ids, gint64, number - 1))
        return device;
    }
  if (*devices != NULL)
    es_say (call->conversation, _ ("That device is not remembered any more: /esession devices lists those that are."));
  return NULL;
}

void
es_forget (PurpleConversation *conversation,
           const EsApi *api,
           gint64 device,
           gboolean lost,
           const char *account_name,
           const char *contact)
{
  g_autofree char *error = NULL;
  gboolean done = device != 0 ? api->forget_device (device, lost, &error)
                              : api->forget_contact (account_name, contact, lost, &error);

  if (!done)
    {
      es_say (conversation, error);
      return;
    }
  es_say (conversation,
          device != 0 ? _ ("The device is forgotten.") : _ ("All devices of this contact are forgotten."));
  if (lost)
    es_say (conversation, es_device_lost_sentence ());
}

/* What stands behind the number. */
typedef enum
{
  ASK,
  ANYWAY,
  LOST,
  UNKNOWN
} How;

static How
how_of (const char *word)
{
  return *word == '\0' ? ASK : strcmp (word, "anyway") == 0 ? ANYWAY : strcmp (word, "lost") == 0 ? LOST : UNKNOWN;
}

static void
forget (const EsCall *call, const EsRemembered *device, gboolean all, How how)
{
  if (how == ASK && es_ask_forget (call->conversation, call->api, device, all))
    return;
  if (how == ASK)
    es_say (call->conversation,
            _ ("Your program cannot ask back: if you are sure, type the same again and the word anyway."));
  else
    es_forget (call->conversation, call->api, all ? 0 : device->id, how == LOST, device->account_name, device->contact);
}

static void
forget_all (const EsCall *call, How how)
{
  g_autoptr (GPtrArray) devices = list (call);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    if (is_here (call, devices->pdata[i]))
      {
        forget (call, devices->pdata[i], TRUE, how);
        return;
      }
  if (devices != NULL)
    es_say (call->conversation, _ ("No device of this contact is remembered."));
}

void
es_command_forget (const EsCall *call)
{
  const char *rest = "";
  guint number = 0;
  g_autoptr (GPtrArray) devices = NULL;
  const EsRemembered *device = NULL;

  if (strcmp (call->word, "all") == 0
      || (g_str_has_prefix (call->word, "all ") && how_of (call->word + strlen ("all ")) != UNKNOWN))
    {
      forget_all (call, call->word[3] == '\0' ? ASK : how_of (call->word + strlen ("all ")));
      return;
    }
  if (!es_number_parse (call->word, &number, &rest) || how_of (rest) == UNKNOWN)
    {
      es_say (call->conversation,
              _ ("Type /esession forget and the number of a device, or /esession forget all for all "
                 "devices of this contact. Type lost behind that if somebody else may have it by now."));
      return;
    }
  device = find (call, number, &devices);
  if (device != NULL)
    forget (call, device, FALSE, how_of (rest));
}

void
es_command_rename (const EsCall *call)
{
  const char *name = "";
  guint number = 0;
  g_autoptr (GPtrArray) devices = NULL;
  g_autofree char *error = NULL, *shown = NULL, *line = NULL;
  const EsRemembered *device = NULL;

  if (!es_number_parse (call->word, &number, &name))
    {
      es_say (call->conversation, _ ("Type /esession rename, the number of a device, and the name that you give it."));
      return;
    }
  device = find (call, number, &devices);
  if (device == NULL)
    return;
  if (device->moved != 0)
    {
      es_say (call->conversation, es_device_moved_sentence ());
      return;
    }
  if (!call->api->rename_device (device->id, name, &error))
    {
      es_say (call->conversation, error);
      return;
    }
  shown = es_quoted_name (name);
  line = *name != '\0' ? g_strdup_printf (_ ("The device is now called %s."), shown)
                       : g_strdup (_ ("The device has no name of yours any more."));
  es_say (call->conversation, line);
}

void
es_command_unverify (const EsCall *call)
{
  const char *rest = "";
  guint number = 0;
  g_autoptr (GPtrArray) devices = NULL;
  g_autofree char *error = NULL;
  const EsRemembered *device = NULL;

  if (!es_number_parse (call->word, &number, &rest) || *rest != '\0')
    {
      es_say (call->conversation, _ ("Type /esession unverify and the number of a device."));
      return;
    }
  device = find (call, number, &devices);
  if (device == NULL)
    return;
  if (!device->verified)
    es_say (call->conversation, _ ("That device is not verified."));
  else if (call->api->unmark_device (device->id, &error))
    es_say (call->conversation, _ ("The device does not count as verified any more."));
  else
    es_say (call->conversation, error);
}

void
es_command_unlock (const EsCall *call)
{
  if (call->api->is_locked ())
    call->api->user_unlock ();
  else
    es_say (call->conversation, _ ("Your remembered devices are not locked."));
}

void
es_command_protect (const EsCall *call)
{
  g_autofree char *sentence = call->api->protection_sentence ();

  es_say (call->conversation, sentence);
  call->api->user_protect ();
}
