/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices in words: for the window, the command and the file. */
#pragma once
#include "es-ui.h"

/* What a device is called, as plain text that neither turns round what stands beside it nor is endless; the caller's. */
char *es_device_shown_name (const EsRemembered *device);

/* Whom it belongs to: "Bob (bob@example.com)", likewise. */
char *es_device_shown_contact (const EsRemembered *device);

/* Both with quotation marks around what others have chosen, for sentences: es-shown.h. */
char *es_device_quoted_name (const EsRemembered *device);

/* What DEVICE, of the contact's DEVICES, is to be called from its first session on: what it calls itself, with a number where another one
 * has that name, so that neither of them takes it from the other. The caller's; "" if it calls itself nothing. */
char *es_device_first_name (const GPtrArray *devices, const EsRemembered *device);
char *es_device_quoted_contact (const EsRemembered *device);

/* The day, short as the user's language has it; the caller's. "" for 0. */
char *es_shown_day (gint64 time);

/* What is said of one that was moved to another computer, where it could be changed otherwise. */
const char *es_device_moved_sentence (void);

/* "not verified", or since when it is verified; the caller's. */
char *es_device_shown_mark (const EsRemembered *device);

/* One device in a line, without whose it is; the caller's. */
char *es_device_line (const EsRemembered *device);

/* All of DEVICES, of EsRemembered, for people to read: no secrets, lines end with a line feed; the caller's. */
char *es_devices_text (const GPtrArray *devices);

/* The order of the text: by account and contact; what was used last comes first. */
void es_devices_sort (GPtrArray *devices);

/* Whether a contact who has a verified device has none after that, as below. */
gboolean es_forget_loses_verification (const GPtrArray *all, const GPtrArray *forgotten, gboolean whole);

/* What the owner of a device that somebody else has by now has to do. */
const char *es_device_lost_sentence (void);

/* What it means to forget FORGOTTEN, or WHOLE contacts of which those are, of ALL (EsRemembered) that there are, which may be NULL; the
 * caller's. */
char *es_forget_explanation (const GPtrArray *all, const GPtrArray *forgotten, gboolean whole);
