/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-trust.h"

#include <string.h>

#include "es-strength.h"

#define DAY ((gint64) 24 * 60 * 60)

struct _EsTrust
{
  char *path;
  EsStore *store;
  guint unverified_days;
  guint verified_days;
  void (*changed) (gpointer data);
  gpointer data;
};

EsTrust *
es_trust_new (const char *path)
{
  EsTrust *trust = g_new0 (EsTrust, 1);

  trust->path = g_strdup (path);
  trust->unverified_days = ES_TRUST_DAYS;
  return trust;
}

void
es_trust_free (EsTrust *trust)
{
  if (trust == NULL)
    return;
  es_store_close (trust->store);
  g_free (trust->path);
  g_free (trust);
}

static gboolean
ready (EsTrust *trust, GError **error)
{
  if (trust->store == NULL)
    trust->store = es_store_open (trust->path, error);
  return trust->store != NULL;
}

/* After an error the file is opened anew: it may have been repaired by then, or be another one. */
static gboolean
close_unless (EsTrust *trust, gboolean good)
{
  if (!good)
    g_clear_pointer (&trust->store, es_store_close);
  return good;
}

/* The same after a change. */
static gboolean
finish (EsTrust *trust, gboolean good)
{
  if (good && trust->changed != NULL)
    trust->changed (trust->data);
  return close_unless (trust, good);
}

gboolean
es_trust_summary (EsTrust *trust, const char *account, const char *contact, EsTrustSummary *summary, GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;

  *summary = (EsTrustSummary){ .policy = -1 };
  if (!ready (trust, error) || (devices = es_store_devices (trust->store, account, contact, error)) == NULL)
    return close_unless (trust, FALSE);

  summary->remembered = devices->len > 0;
  for (guint i = 0; i < devices->len; i++)
    summary->verified |= ((EsDevice *) devices->pdata[i])->verified;
  summary->policy = es_store_policy (trust->store, account, contact, error);
  return close_unless (trust, summary->policy >= -1);
}

static GPtrArray *
retained_of (const GPtrArray *devices)
{
  GPtrArray *secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) es_retained_free);

  for (guint i = 0; i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];

      g_ptr_array_add (secrets, es_retained_new (device->id, device->newest));
      if (device->older != NULL)
        g_ptr_array_add (secrets, es_retained_new (device->id, device->older));
    }
  return secrets;
}

static gboolean
expire (EsTrust *trust, gint64 now, GError **error)
{
  return (trust->unverified_days == 0
          || es_store_expire (trust->store, FALSE, now - trust->unverified_days * DAY, error))
         && (trust->verified_days == 0
             || es_store_expire (trust->store, TRUE, now - trust->verified_days * DAY, error));
}

gboolean
es_trust_secrets (EsTrust *trust,
                  const char *account,
                  const char *contact,
                  gint64 now,
                  GPtrArray **own,
                  GPtrArray **anybody,
                  GError **error)
{
  g_autoptr (GPtrArray) mine = NULL, all = NULL;

  if (!ready (trust, error) || !expire (trust, now, error)
      || (mine = es_store_devices (trust->store, account, contact, error)) == NULL
      || (all = es_store_devices (trust->store, account, NULL, error)) == NULL)
    return close_unless (trust, FALSE);

  *own = retained_of (mine);
  *anybody = retained_of (all);
  return TRUE;
}

/* Under which contact DEVICE was remembered (the caller's; NULL if it was not), whether it was verified, and how strong it
 * was. */
static gboolean
recall (EsTrust *trust,
        const char *account,
        gint64 id,
        EsRecognition *recognition,
        guint32 *strength,
        char **contact,
        GError **error)
{
  g_autoptr (GPtrArray) devices = es_store_devices (trust->store, account, NULL, error);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];

      if (device->id != id)
        continue;
      recognition->verified = device->verified;
      *strength = device->strength;
      *contact = g_strdup (device->contact);
    }
  return devices != NULL;
}

gboolean
es_trust_remember (EsTrust *trust,
                   const char *account,
                   const char *contact,
                   const EsAgreement *agreement,
                   gint64 now,
                   EsRecognition *recognition,
                   GError **error)
{
  g_autofree char *before = NULL;
  guint32 strength = 0, best = 0;

  *recognition = (EsRecognition){ 0 };
  if (!ready (trust, error)
      || !recall (trust, account, agreement->found_device, recognition, &strength, &before, error))
    return close_unless (trust, FALSE);

  /* The same device under another address may be the same person; but whoever was verified under one could take any
   * other address and be taken for its owner. */
  if (before != NULL && strcmp (before, contact) != 0)
    {
      recognition->verified = FALSE;
      recognition->known_as = g_steal_pointer (&before);
      if (!es_store_set_verified (trust->store, agreement->found_device, FALSE, now, error))
        return close_unless (trust, FALSE);
    }

  recognition->device = agreement->role == ES_ROLE_RESPONDER
                            ? es_store_add (trust->store, account, contact, agreement->found_device, agreement->found,
                                            agreement->retained, now, error)
                            : es_store_replace (trust->store, account, contact, agreement->found_device,
                                                agreement->found, agreement->retained, now, error);
  recognition->narrowed = es_strength_is_narrowed (agreement->strength, strength);
  best = es_strength_best (agreement->strength, strength);
  return finish (trust,
                 recognition->device != 0
                     && (best == strength || es_store_set_strength (trust->store, recognition->device, best, error)));
}

gboolean
es_trust_confirm (EsTrust *trust, gint64 device, const EsSecret *secret, gint64 now, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_confirm (trust->store, device, secret, now, error));
}

gboolean
es_trust_verify (EsTrust *trust, gint64 device, gint64 now, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_set_verified (trust->store, device, TRUE, now, error));
}

gboolean
es_trust_forget (EsTrust *trust, gint64 device, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_forget (trust->store, device, error));
}

gboolean
es_trust_set_policy (EsTrust *trust, const char *account, const char *contact, int policy, GError **error)
{
  return close_unless (trust,
                       ready (trust, error) && es_store_set_policy (trust->store, account, contact, policy, error));
}

GPtrArray *
es_trust_devices (EsTrust *trust, GError **error)
{
  GPtrArray *devices = ready (trust, error) ? es_store_all_devices (trust->store, error) : NULL;

  close_unless (trust, devices != NULL);
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      EsDevice *device = devices->pdata[i];

      g_clear_pointer (&device->newest, es_secret_free);
      g_clear_pointer (&device->older, es_secret_free);
    }
  return devices;
}

gboolean
es_trust_rename (EsTrust *trust, gint64 device, const char *name, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_set_name (trust->store, device, name, error));
}

gboolean
es_trust_unmark (EsTrust *trust, gint64 device, gint64 now, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_set_verified (trust->store, device, FALSE, now, error));
}

gboolean
es_trust_forget_contact (EsTrust *trust, const char *account, const char *contact, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_forget_contact (trust->store, account, contact, error));
}

void
es_trust_set_expiry (EsTrust *trust, guint unverified_days, guint verified_days)
{
  trust->unverified_days = unverified_days;
  trust->verified_days = verified_days;
}

void
es_trust_watch (EsTrust *trust, void (*changed) (gpointer data), gpointer data)
{
  trust->changed = changed;
  trust->data = data;
}
