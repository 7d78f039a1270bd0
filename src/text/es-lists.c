/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-lists.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-labels.h"
#include "es-shown.h"

/* With a number behind it the store takes it. */
#define FIRST_NAME_CHARACTERS 40

typedef char *(*Show) (const char *name);

static char *
name_of (const EsRemembered *device, Show show)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, device->id);
  const char *name = device->name != NULL ? device->name : device->resource;

  /* Translators: %s is a number, for want of a name. */
  g_autofree char *numbered = g_strdup_printf (_ ("Device %s"), number);

  return show (name != NULL ? name : numbered);
}

static gboolean
is_of (const EsRemembered *device, const EsRemembered *other)
{
  return strcmp (device->contact, other->contact) == 0 && strcmp (device->account_name, other->account_name) == 0;
}

static gboolean
is_called (const EsRemembered *device, const char *name)
{
  return g_strcmp0 (device->name != NULL ? device->name : device->resource, name) == 0;
}

static gboolean
is_taken (const GPtrArray *devices, const EsRemembered *by, const char *name)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const EsRemembered *other = devices->pdata[i];

      if (other->id != by->id && is_of (other, by) && is_called (other, name))
        return TRUE;
    }
  return FALSE;
}

char *
es_device_first_name (const GPtrArray *devices, const EsRemembered *device)
{
  g_autofree char *own = g_utf8_make_valid (device->resource != NULL ? device->resource : "", -1);
  g_autofree char *base = g_utf8_substring (own, 0, MIN (g_utf8_strlen (own, -1), FIRST_NAME_CHARACTERS));
  char *name = g_strdup (base);

  for (guint n = 2; is_taken (devices, device, name); n++)
    {
      g_free (name);
      name = g_strdup_printf ("%s (%u)", base, n);
    }
  return name;
}

char *
es_device_shown_name (const EsRemembered *device)
{
  return name_of (device, es_shown_name);
}

char *
es_device_quoted_name (const EsRemembered *device)
{
  return name_of (device, es_quoted_name);
}

/* Addresses are no sentences. */
static char *
contact_of (const EsRemembered *device, Show show, const char *own)
{
  g_autofree char *alias = device->alias != NULL ? show (device->alias) : NULL;

  return es_contact_on (alias, device->contact, own);
}

char *
es_device_shown_contact (const EsRemembered *device)
{
  return contact_of (device, es_shown_name, NULL);
}

char *
es_device_quoted_contact (const EsRemembered *device)
{
  return contact_of (device, es_quoted_name, device->elsewhere ? device->account_name : NULL);
}

char *
es_shown_day (gint64 time)
{
  g_autoptr (GDateTime) date = time > 0 ? g_date_time_new_from_unix_local (time) : NULL;

  return date != NULL ? g_date_time_format (date, "%x") : g_strdup ("");
}

const char *
es_device_moved_sentence (void)
{
  return _ ("This device was moved to another computer: here it can only be forgotten.");
}

/* NULL if it was not. */
static char *
moved_label (const EsRemembered *device)
{
  g_autofree char *day = es_shown_day (device->moved);

  /* Translators: %s is a day. */
  return device->moved != 0 ? g_strdup_printf (_ ("moved to another computer on %s"), day) : NULL;
}

char *
es_device_shown_mark (const EsRemembered *device)
{
  g_autofree char *day = es_shown_day (device->verified_at);

  if (device->moved != 0)
    return moved_label (device);

  return g_strdup (!device->verified ? _ ("not verified") : *day != '\0' ? day : _ ("verified"));
}

char *
es_device_line (const EsRemembered *device)
{
  g_autofree char *name = es_device_quoted_name (device), *verified_at = es_shown_day (device->verified_at),
                  *created = es_shown_day (device->created), *used = es_shown_day (device->last_used);
  g_autofree char *line
      = device->verified
            /* Translators: a device, when it was verified, when it was first used, and last. */
            ? g_strdup_printf (_ ("%s: verified %s, first used %s, last used %s"), name, verified_at, created, used)
            /* Translators: a device, when it was first used, and last. */
            : g_strdup_printf (_ ("%s: not verified, first used %s, last used %s"), name, created, used);

  if (device->moved != 0)
    {
      g_autofree char *moved = moved_label (device);

      return g_strdup_printf ("%s: %s", name, moved);
    }

  /* Translators: %s describes a device. */
  return device->connected ? g_strdup_printf (_ ("%s, connected now"), line) : g_steal_pointer (&line);
}

/* By account and contact; what was used last comes first. */
static int
in_order (gconstpointer left, gconstpointer right)
{
  const EsRemembered *a = *(const EsRemembered *const *) left, *b = *(const EsRemembered *const *) right;
  int order = strcmp (a->account_name, b->account_name);

  if (order == 0)
    order = strcmp (a->contact, b->contact);
  if (order == 0 && a->last_used != b->last_used)
    order = a->last_used > b->last_used ? -1 : 1;
  return order;
}

void
es_devices_sort (GPtrArray *devices)
{
  g_ptr_array_sort (devices, in_order);
}

char *
es_devices_text (const GPtrArray *devices)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  const EsRemembered *before = NULL;

  for (guint i = 0; i < devices->len; i++)
    g_ptr_array_add (sorted, devices->pdata[i]);
  es_devices_sort (sorted);
  g_string_append_printf (text, "%s\n", _ ("Remembered devices"));
  if (sorted->len == 0)
    g_string_append_printf (text, "\n%s\n", _ ("No device is remembered."));
  for (guint i = 0; i < sorted->len; i++)
    {
      const EsRemembered *device = sorted->pdata[i];
      g_autofree char *line = es_device_line (device), *contact = contact_of (device, es_quoted_name, NULL),
                      *account = es_shown_name (device->account_name);
      gboolean other_account = before == NULL || strcmp (before->account_name, device->account_name) != 0;

      if (other_account)
        {
          /* Translators: %s is an address, such as alice@example.org. */
          g_autofree char *heading = g_strdup_printf (_ ("Your account %s"), account);

          g_string_append_printf (text, "\n%s\n", heading);
        }
      if (other_account || strcmp (before->contact, device->contact) != 0)
        g_string_append_printf (text, "  %s\n", contact);
      g_string_append_printf (text, "    %s\n", line);
      before = device;
    }
  return g_string_free (text, FALSE);
}

static gboolean
has_id (const GPtrArray *devices, gint64 id)
{
  for (guint i = 0; i < devices->len; i++)
    if (((const EsRemembered *) devices->pdata[i])->id == id)
      return TRUE;
  return FALSE;
}

/* Whether the contact that ONE is of has a verified device now, and has none without FORGOTTEN. */
static gboolean
loses_verification (const GPtrArray *all, const GPtrArray *forgotten, gboolean whole, const EsRemembered *one)
{
  gboolean had = FALSE;

  for (guint i = 0; i < all->len; i++)
    {
      const EsRemembered *device = all->pdata[i];

      if (!device->verified || !is_of (device, one))
        continue;
      if (!whole && !has_id (forgotten, device->id))
        return FALSE;
      had = TRUE;
    }
  return had;
}

static gboolean
is_first_of_contact (const GPtrArray *devices, guint n)
{
  for (guint i = 0; i < n; i++)
    if (is_of (devices->pdata[i], devices->pdata[n]))
      return FALSE;
  return TRUE;
}

gboolean
es_forget_loses_verification (const GPtrArray *all, const GPtrArray *forgotten, gboolean whole)
{
  for (guint i = 0; all != NULL && i < forgotten->len; i++)
    if (loses_verification (all, forgotten, whole, forgotten->pdata[i]))
      return TRUE;
  return FALSE;
}

const char *
es_device_lost_sentence (void)
{
  return _ ("Whoever has a lost or stolen device can still sign in as its owner, who should change the password of the "
            "account.");
}

char *
es_forget_explanation (const GPtrArray *all, const GPtrArray *forgotten, gboolean whole)
{
  GString *text = g_string_new (
      _ ("What you forget is not recognised any more: the next conversation with it is encrypted, but not verified "
         "until you compare codes again. An encrypted conversation that is open with it now ends."));

  for (guint i = 0; all != NULL && i < forgotten->len; i++)
    {
      const EsRemembered *device = forgotten->pdata[i];
      g_autofree char *contact = NULL;

      if (!is_first_of_contact (forgotten, i) || !loses_verification (all, forgotten, whole, device))
        continue;
      contact = es_device_quoted_contact (device);
      g_string_append (text, "\n\n");
      /* Translators: %s is a person. */
      g_string_append_printf (text, _ ("No device of %s is verified any more after that."), contact);
    }
  if (es_forget_loses_verification (all, forgotten, whole))
    g_string_append_printf (text, "\n\n%s %s",
                            _ ("Was it lost or stolen? Then choose that: nothing that you write goes to this contact "
                               "before you verify again, unless you choose to."),
                            es_device_lost_sentence ());
  return g_string_free (text, FALSE);
}
