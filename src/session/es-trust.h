/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of whom: the store as sessions use it. The file is opened when it is first needed and tried again as
 * long as it cannot be; until then every call gives its error and nothing is started. */
#pragma once
#include "es-negotiation.h"
#include "es-store.h"

typedef struct _EsTrust EsTrust;

EsTrust *es_trust_new (const char *path);
void es_trust_free (EsTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsTrust, es_trust_free)

/* What we know of a contact. */
typedef struct
{
  gboolean remembered; /* a device at all */
  gboolean verified;   /* a verified one */
  int policy;          /* -1: none of its own */
} EsTrustSummary;

gboolean
es_trust_summary (EsTrust *trust, const char *account, const char *contact, EsTrustSummary *summary, GError **error);

/* The retained secrets of CONTACT and of everybody, both generations, newest first; arrays of EsRetained for
 * es_negotiation_set_secrets. Devices not used for long are forgotten first. */
gboolean es_trust_secrets (EsTrust *trust,
                           const char *account,
                           const char *contact,
                           gint64 now,
                           GPtrArray **own,
                           GPtrArray **anybody,
                           GError **error);

/* Whom a session turned out to be with. */
typedef struct
{
  gint64 device;     /* its number from now on */
  gboolean verified; /* the chain was verified before, with this contact */
  gboolean narrowed; /* it supports less than it was seen to support before */
  char *known_as;    /* the contact that the device was remembered under, if another one; the caller's */
} EsRecognition;

/* Remembers the new secret of AGREEMENT, as its role asks for. */
gboolean es_trust_remember (EsTrust *trust,
                            const char *account,
                            const char *contact,
                            const EsAgreement *agreement,
                            gint64 now,
                            EsRecognition *recognition,
                            GError **error);

/* The other side was seen to hold SECRET, which a session had remembered. */
gboolean es_trust_confirm (EsTrust *trust, gint64 device, const EsSecret *secret, gint64 now, GError **error);

gboolean es_trust_verify (EsTrust *trust, gint64 device, gint64 now, GError **error);
gboolean es_trust_forget (EsTrust *trust, gint64 device, GError **error);

/* The user's list: all devices of all accounts, without their secrets. The array frees its EsDevice elements. */
GPtrArray *es_trust_devices (EsTrust *trust, GError **error);

/* NAME NULL or "": none. */
gboolean es_trust_rename (EsTrust *trust, gint64 device, const char *name, GError **error);

/* Of sessions that run on them es-manager.h has to be told. */
gboolean es_trust_unmark (EsTrust *trust, gint64 device, gint64 now, GError **error);
gboolean es_trust_forget_contact (EsTrust *trust, const char *account, const char *contact, GError **error);

/* After how many days without use devices are forgotten; 0: never. Unverified ones after ES_TRUST_DAYS, verified ones never,
 * unless this says otherwise. */
#define ES_TRUST_DAYS 90
void es_trust_set_expiry (EsTrust *trust, guint unverified_days, guint verified_days);

/* CHANGED (DATA) is called whenever what is remembered of devices has changed. */
void es_trust_watch (EsTrust *trust, void (*changed) (gpointer data), gpointer data);

/* A policy of the contact's own, or -1 for none. */
gboolean es_trust_set_policy (EsTrust *trust, const char *account, const char *contact, int policy, GError **error);
