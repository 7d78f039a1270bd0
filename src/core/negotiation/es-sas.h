/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verification codes: what two people compare over the phone. */
#pragma once
#include "es-keys.h"

/* What codes are written with: digits of base 28, 0 to 27. */
#define ES_SAS_DIGITS "acdefghikmopqruvwxy123456789"

/* sas28x6: HASH ("sas28x6" | len (e) | e | len (form_A) | form_A | len (form_B) | form_B), lengths as 4 octets
 * big-endian; the low 28 bits in six digits of base 28. Every input is fixed before its sender can know the other
 * side's. The caller frees. */
char *es_sas_code (const EsSuite *suite, GBytes *e, const char *form_a, const char *form_b);

/* sas28x5 (XEP-0116 section 8): HASH (M_A | form_B | "Short Authentication String"), the low 24 bits in five digits.
 * Can be forged: es_sas_find says that it proves nothing. */
char *es_sas_code_weak (const EsSuite *suite, const guint8 *m_a, const char *form_b);

/* What a password that both know is compared in: "ESession password" and the whole hash of sas28x6, which binds it to this
 * session whatever code was negotiated. */
GBytes *es_sas_context (const EsSuite *suite, GBytes *e, const char *form_a, const char *form_b);
