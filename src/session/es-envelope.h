/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What servers could change outside the encryption is said inside as well: of an iq its type and its id, of a message when it
 * was written. */
#pragma once
#include "es-xml.h"

/* Puts into IQ what it is, for the encryption. */
void es_envelope_close_iq (EsXml *iq);

/* Takes that out of IQ, decrypted. FALSE if it is not there, or is not what stands outside. */
gboolean es_envelope_open_iq (EsXml *iq);

/* Puts into MESSAGE that it was written at THEN, seconds since 1970, unless it says so already. */
void es_envelope_close_message (EsXml *message, gint64 then);

/* Makes MESSAGE, for the encryption, one of a type that is decrypted: headlines, as which libpurple asks for attention, are not. */
void es_envelope_close_type (EsXml *message);

/* Takes the time out of MESSAGE, decrypted, and whatever stands outside: it is a chat message that was written then, as far as that is before
 * NOW, or else now. */
void es_envelope_open_message (EsXml *message, gint64 now);
