/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every cap that hostile or broken input runs into, in one place. */
#pragma once

/* Forms (XEP-0004) that carry a negotiation. */
#define ES_LIMIT_FORM_OCTETS (64u * 1024u)
#define ES_LIMIT_FORM_FIELDS 64u
#define ES_LIMIT_FIELD_VALUES 64u

/* Any XML that we parse ourselves: octets, depth, number of elements and attributes, and of all values in one tag, which with
 * a namespace for each attribute and one for the element are so many; the octets of a name or namespace, and how many
 * namespaces are in force somewhere. What was read may be so many times as long when it is written again, and no more than
 * ES_LIMIT_XML_OCTETS. */
#define ES_LIMIT_XML_OCTETS (2u * ES_LIMIT_STANZA_OCTETS)
#define ES_LIMIT_XML_DEPTH 64u
#define ES_LIMIT_XML_NODES 65536u
#define ES_LIMIT_XML_ATTRIBUTES 64u
#define ES_LIMIT_XML_TAG_VALUES (2u * ES_LIMIT_XML_ATTRIBUTES + 1u)
#define ES_LIMIT_XML_NAME_OCTETS 1024u
#define ES_LIMIT_XML_NAMESPACES 256u
#define ES_LIMIT_XML_GROWTH 16u

/* Stanzas that libpurple has parsed: what their namespaces may take up when each is declared where it is needed. */
#define ES_LIMIT_NODE_NAMESPACE_OCTETS (256u * 1024u)

/* The content of one encrypted stanza, in octets. */
#define ES_LIMIT_STANZA_OCTETS (1024u * 1024u)

/* What we put into one, in octets: Base64 makes four of three, and servers commonly end the stream over a stanza of
 * more than 256 KiB. It is one of the lengths that content is filled up to: the next one would be too long. */
#define ES_LIMIT_CONTENT_OCTETS (176u * 1024u)

/* What there is of an encrypted stanza beside its content, in octets, at the most. */
#define ES_STANZA_FRAME_OCTETS (4u * 1024u)

/* A question that a password is the answer to, in octets. */
#define ES_LIMIT_QUESTION_OCTETS 1024u

/* Nonces: what we send, and the range that we accept, in octets. */
#define ES_NONCE_OCTETS 32u
#define ES_LIMIT_NONCE_MIN 8u
#define ES_LIMIT_NONCE_MAX 64u

/* Nonces and public values of our own that are recognised when they come back. */
#define ES_LIMIT_ECHOES 16384u

/* A <thread/>, and a JID, in octets. */
#define ES_LIMIT_THREAD_OCTETS 256u
#define ES_LIMIT_JID_OCTETS 3071u

/* A link that verifies: two addresses of which each octet is written in three, and the rest. White space counts. */
#define ES_LIMIT_LINK_OCTETS (6 * ES_LIMIT_JID_OCTETS + 1024)

/* Negotiations: unanswered ones with one contact and in one account; those begun or answered with one contact in an hour and in
 * a day, and in one account in an hour; how long one may stand still; how old a request may be. Each is one try to hit a
 * verification code. */
#define ES_LIMIT_PENDING_CONTACT 3u
#define ES_LIMIT_PENDING_ACCOUNT 32u
#define ES_LIMIT_NEGOTIATIONS_HOUR 100u
#define ES_LIMIT_NEGOTIATIONS_DAY 500u
#define ES_LIMIT_NEGOTIATIONS_ACCOUNT_HOUR 1000u
#define ES_NEGOTIATION_SECONDS 30u
#define ES_REQUEST_SECONDS 30u

/* Requests that cross do so within so many seconds: whoever asks later has not had ours. */
#define ES_CROSSING_SECONDS 10

/* Sessions that live at one time with one contact. */
#define ES_LIMIT_SESSIONS 8u

/* How much time the re-keys of one contact's may take at once, and for how much a second it may rest for that, in microseconds: those
 * of verified devices and those of others each. Groups of many bits are slow. */
#define ES_LIMIT_REKEY_BURST 400000u
#define ES_LIMIT_REKEY_SECOND 50000u

/* Whoever was refused because of too many negotiations asks again after so many seconds at the least and at the most. */
#define ES_RETRY_SECONDS_MIN 10u
#define ES_RETRY_SECONDS_MAX 60u

/* Contacts that somebody else can make us remember by writing to us, and errors that we answer with in a minute. */
#define ES_LIMIT_PEERS 4096u
#define ES_LIMIT_ERRORS_MINUTE 30u

/* Strangers about whom the user is asked, in an hour, and those that are remembered as declined: with more nobody is asked
 * about any more before we have been offline. */
#define ES_LIMIT_STRANGERS_HOUR 3u
#define ES_LIMIT_STRANGERS_DECLINED 64u

/* Stanza channel: accepted <mac/> values remembered, own re-keys the other side has not yet used, old MAC keys
 * published in one stanza and kept until they can be, 16-octet blocks under one key. What says something to people re-keys
 * where the other side has spoken since, after so many stanzas or seconds under one key where it has not, and after so many idle
 * seconds. */
#define ES_LIMIT_SEEN_MACS 256u
#define ES_LIMIT_REKEY_SETS 16u
#define ES_LIMIT_OLD_KEYS 16u
#define ES_LIMIT_OLD_KEYS_KEPT 64u
#define ES_LIMIT_KEY_BLOCKS ((guint64) 1 << 32)
#define ES_REKEY_STANZAS 50u
#define ES_REKEY_SECONDS 60u
#define ES_REKEY_IDLE_SECONDS 600u

/* Remembered devices of one contact, and secrets of one that wait to be proven: more than there are negotiations in two days.
 * One of each device with two random values and padding to a multiple of four must fit in one field. */
#define ES_LIMIT_DEVICES 30u
#define ES_LIMIT_PENDING_SECRETS 1024u

/* A file that remembered devices are moved in, in octets, its rows of each kind, and how many such files are known to have been taken
 * over: more than anybody has, and no more than is looked through at once. */
#define ES_LIMIT_MOVE_OCTETS (32u * 1024u * 1024u)
#define ES_LIMIT_MOVE_ROWS 50000u
#define ES_LIMIT_TRANSFERS 1024u

/* What the user calls a device, in octets. */
#define ES_LIMIT_NAME_OCTETS 1024u

/* Encrypted iqs of one contact that wait for their answer, each way, and an iq's id, in octets. */
#define ES_LIMIT_REQUESTS 256u
#define ES_LIMIT_ID_OCTETS 1024u

/* Messages to one contact that left unencrypted, which we know again when a server sends them back. */
#define ES_LIMIT_PLAIN_IDS 64u

/* A text in which libpurple finds links, in octets: it takes a time that grows with the square of that. */
#define ES_LIMIT_LINKED_OCTETS 8192u

/* What has come while a session was being negotiated, of all accounts, in hexadecimal digits. */
#define ES_LIMIT_EARLY_DIGITS 262144u

/* Messages of one session, which we know again when a server could not pass them on. */
#define ES_LIMIT_SESSION_IDS 64u

/* Threads of one contact's sessions that are over, which we know again. */
#define ES_LIMIT_GONE_THREADS 16u

/* Messages that wait for encryption in one conversation, and their octets. */
#define ES_LIMIT_WAITING 4096u
#define ES_LIMIT_WAITING_OCTETS (16u * 1024u * 1024u)

/* The content of one entry of the outbox in the store, in octets. */
#define ES_LIMIT_STORED_OCTETS ES_LIMIT_STANZA_OCTETS

/* Receipts in one stanza, in octets: what every server takes. One more is let in where there is none yet. */
#define ES_LIMIT_RECEIPTS_OCTETS 2048u

/* Messages of one contact that are recognised when they arrive again, by two marks each: more than may be unconfirmed. */
#define ES_LIMIT_SHOWN 16384u

/* The same of an earlier life of the program, of how many contacts, and the shortest label that nobody gives twice by chance, in
 * octets. */
#define ES_LIMIT_SHOWN_STORED ES_LIMIT_WAITING
#define ES_LIMIT_SHOWN_CONTACTS 1000u
#define ES_LIMIT_LABEL_MIN 8u

/* What libpurple's accounts remember for others: iqs of ours that wait for an answer, sentences for conversations that are not open,
 * by contact, rooms, reminders, names, and contacts who may see our presence. */
#define ES_LIMIT_QUERIES 4096u
#define ES_LIMIT_LINES 1024u
#define ES_LIMIT_ROOMS 1024u
#define ES_LIMIT_REMINDERS 4096u
#define ES_LIMIT_NAMES 4096u
#define ES_LIMIT_SUBSCRIBERS 65536u

/* What every server takes in one stanza, in octets (RFC 6120 section 13.12). */
#define ES_STANZA_OCTETS_ALL_TAKE 10000u

/* Programs that a file of remembered devices knows to have written it; and comparisons of passwords, stopped by the user, of which an
 * answer that comes late is still known. */
#define ES_LIMIT_PROGRAMS 64u
#define ES_LIMIT_STOPPED_PASSWORDS 8u

/* To learn which tables a file has: steps of SQLite's (a few hundred where they are ours), octets of a statement, and columns. Whoever made another
 * file may have made its list of tables one without an end, or what is to be read of each as long as he liked. */
#define ES_LIMIT_SCHEMA_STEPS 5000
#define ES_LIMIT_SCHEMA_OCTETS 4096
#define ES_LIMIT_SCHEMA_COLUMNS 32

/* Lines of the log that are kept in memory: what led to a fault, and little enough to be read before it is sent to somebody. */
#define ES_LIMIT_LOG_LINES 200u
