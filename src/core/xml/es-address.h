/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address (JID), prepared: the profiles nodeprep, nameprep and resourceprep of RFC 6122, by the library that libpurple and
 * the servers use as well, so that all spellings that are one address to them are one EsAddress. A domain loses its final dot,
 * and its labels of other scripts ("xn--mnchen-3ya") are written in those (RFC 7622 section 3.2.1).
 *
 * Made where text comes in (windows, stanzas, files), and nowhere else: no function beyond takes an address as text. It does
 * not change and is counted; whoever keeps one takes a reference. */
#pragma once
#include <glib.h>

typedef struct _EsAddress EsAddress;

/* NULL if TEXT is no address: too long, not UTF-8, an empty part, or something in it that cannot be prepared. */
EsAddress *es_address_new (const char *text);

/* The same address; NULL for NULL. */
EsAddress *es_address_ref (const EsAddress *address);
void es_address_unref (EsAddress *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsAddress, es_address_unref)

/* As it stands in stanzas, files and in front of people; belongs to ADDRESS. */
const char *es_address_text (const EsAddress *address);

/* "pda" of "alice@example.org/pda", or NULL; belongs to ADDRESS. */
const char *es_address_resource (const EsAddress *address);

/* "alice@example.org" of both; belongs to ADDRESS. */
const EsAddress *es_address_bare (const EsAddress *address);

/* The same with labels of other scripts as they stand in the DNS, the caller's; NULL if it has none. Servers and programs differ in how they
 * write them. And whether TEXT, which is prepared, is BARE but for that. */
char *es_address_dup_ascii (const EsAddress *address);
gboolean es_address_is_written (const EsAddress *bare, const char *text);

/* Whether there is something in front of an '@'; whether there is no resource. */
gboolean es_address_has_node (const EsAddress *address);
gboolean es_address_is_bare (const EsAddress *address);

/* Whether both are one address, or of one contact; FALSE where either is NULL. */
gboolean es_address_equal (const EsAddress *a, const EsAddress *b);
gboolean es_address_same_bare (const EsAddress *a, const EsAddress *b);

/* A table that owns its keys, which are addresses. */
GHashTable *es_address_table_new (GDestroyNotify value_free);
