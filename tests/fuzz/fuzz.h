/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the harnesses share. Each is one libFuzzer executable, fuzz-NAME, with fuzz-NAME.dict and corpus/NAME beside it; see run.
 *
 * Those for parsers read octets as they are. Those for state machines read a *script*: octets that say what is done next, with
 * which edits of what an honest side made. Nothing else decides what happens: random octets, clocks and addresses are the same in
 * each run, so that an input that ends one ends the next. */
#pragma once
#include <stdint.h>

#include <glib.h>

#include "es-crypto.h"
#include "es-xml.h"

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Once, before the first input: each harness has one. */
void fuzz_setup (void);

/* Random octets begin anew, as do the memory's counts. To be called first with each input. */
void fuzz_begin (void);

/* No more was in use at any time since then than fifty times OCTETS and MORE. */
void fuzz_require_memory (gsize octets, gsize more);

/* Scripts. At their end they are all zeros. */
typedef struct
{
  const guint8 *at;
  gsize left;
} Script;

gboolean script_is_over (const Script *script);
guint script_octet (Script *script);
guint script_below (Script *script, guint limit);

/* An octet that is a length, and so many octets, fewer at the end; the caller frees. The text is made UTF-8 without a NUL. */
GBytes *script_bytes (Script *script);
char *script_text (Script *script);

/* A word of the protocol, or a text of the script's; the caller frees. */
char *script_word (Script *script);

/* A random source that repeats, other than those of others with another NUMBER. */
typedef struct
{
  guint64 number, n;
} FuzzRandom;

EsRandom fuzz_random (FuzzRandom *random, guint64 number);

/* One edit of XML, or of anything in it, as SCRIPT has it. */
void fuzz_edit (EsXml *xml, Script *script);

/* XML as it is behind a stream; NULL where nobody could have sent it. The caller frees. */
EsXml *fuzz_travel (const EsXml *xml);

/* What of C, an encrypted stanza, has a meaning, the MAC last; the caller frees. */
char *fuzz_meaning (const EsXml *c);

/* A folder, in memory where that can be. */
const char *fuzz_folder (void);
