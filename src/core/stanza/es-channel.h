/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encrypted stanzas of one session (XEP-0200): content in, <c/> out, and back; re-keying; old MAC keys.
 *
 *     <c xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'>
 *       <data>CTR (KC, C, content)</data> <new>n</new> <key>e</key> <old>...</old>
 *       <mac>HMAC (KM, what stands before | C)</mac>
 *     </c>
 *
 * A channel trusts its transport to keep order and to lose nothing; what was changed, swapped or lost ends it. */
#pragma once
#include "es-negotiation.h"

typedef struct _EsChannel EsChannel;

/* Takes over what AGREEMENT holds of keys; RANDOM must outlive the channel. */
EsChannel *es_channel_new (EsAgreement *agreement, const EsRandom *random);

/* Wipes every key and frees. */
void es_channel_free (EsChannel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsChannel, es_channel_free)

/* When to re-key is decided here, by turns: a stanza is one if it says something to people, which its sender and its reader know.
 * Nothing else re-keys, unless the key is nearly used up: else a receipt for each message would.
 *
 * Whether the next stanza, which is a TURN or not and leaves NOW (seconds of any clock), should carry a new key: rekey_freq
 * stanzas have passed and either the last turn was the other side's, or the key has served for ES_REKEY_STANZAS or
 * ES_REKEY_SECONDS, or nothing has passed for ES_REKEY_IDLE_SECONDS. */
gboolean es_channel_should_rekey (const EsChannel *channel, gboolean turn, gint64 now);

/* The stanza that was encrypted or decrypted last was a TURN or not, and passed NOW. */
void es_channel_note (EsChannel *channel, gboolean turn, gint64 now);

/* Whether es_channel_decrypt () of the other side would take CONTENT, which is what es_xml_children_to_string () wrote of INSIDE
 * (NULL: not known): what it refuses ends the session, and would end each one after it. */
gboolean es_channel_can_read (const EsXml *inside, const char *content);

/* How many octets OCTETS of content are encrypted as. */
gsize es_channel_size (const EsChannel *channel, gsize octets);

/* Encrypts CONTENT, well-formed XML, or nothing when it is NULL (a stanza without <data/>); with REKEY a new key goes
 * with it and holds from the next stanza on. The caller frees the <c/>. ES_ERROR_LIMIT, and no change, for content
 * that takes more than 1 MiB or a key that is used up. */
EsXml *es_channel_encrypt (EsChannel *channel, const char *content, gboolean rekey, GError **error);

/* About how long it takes to decrypt C beside what that takes for any, in microseconds: whether it brings a key. */
guint es_channel_cost (const EsChannel *channel, const EsXml *c);

/* Decrypts C. *CONTENT, the caller's, is an element <x xmlns='jabber:client'/> around what was inside, or NULL if
 * nothing was. ES_ERROR_DUPLICATE: accepted before, drop it. Any other error ends the session: every key is gone and
 * all later calls fail. */
gboolean es_channel_decrypt (EsChannel *channel, const EsXml *c, EsXml **content, GError **error);
