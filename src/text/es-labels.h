/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to encrypt, as more than one user interface says it. */
#pragma once
#include "es-policy.h"

/* When a contact's conversations are to be encrypted: "_Never", with the underline of a menu; the second one as text, the
 * caller's. */
const char *es_policy_label (EsPolicy policy);
char *es_policy_name (EsPolicy policy);

/* "As _usual (Whenever possible)", of the policy that holds for a contact for which nothing was chosen; the caller's. */
char *es_policy_usual_label (EsPolicy usual);
