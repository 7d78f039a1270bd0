/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sanitizer/allocator_interface.h>
#include <glib/gstdio.h>

#include "es-secret.h"

/* Memory */

static gssize in_use, most;

static void
on_malloc (const volatile void *block, size_t size)
{
  in_use += (gssize) size;
  most = MAX (most, in_use);
}

static void
on_free (const volatile void *block)
{
  if (block != NULL)
    in_use -= (gssize) __sanitizer_get_allocated_size ((const void *) (guintptr) block);
}

void
fuzz_require_memory (gsize octets, gsize more)
{
  if (most > (gssize) (50 * octets + more))
    g_error ("%" G_GSSIZE_FORMAT " octets in use for %" G_GSIZE_FORMAT, most, octets);
}

/* Randomness: OpenSSL's too, behind what asks it for octets (see meson.build). */

static FuzzRandom openssl_random;

static void
fill (gpointer data, guint8 *out, gsize size)
{
  FuzzRandom *random = data;
  guint8 block[ES_HASH_MAX_OCTETS];

  for (gsize i = 0; i < size; i++)
    {
      if (i % 32 == 0)
        {
          EsPart part = ES_PART (random, sizeof *random);

          es_hash (es_hash_find ("sha256"), &part, 1, block);
          random->n++;
        }
      out[i] = block[i % 32];
    }
}

EsRandom
fuzz_random (FuzzRandom *random, guint64 number)
{
  *random = (FuzzRandom){ .number = number };
  return (EsRandom){ fill, random };
}

int __wrap_RAND_bytes (unsigned char *out, int size);
int __wrap_RAND_priv_bytes (unsigned char *out, int size);

int
__wrap_RAND_bytes (unsigned char *out, int size)
{
  fill (&openssl_random, out, (gsize) size);
  return 1;
}

int
__wrap_RAND_priv_bytes (unsigned char *out, int size)
{
  return __wrap_RAND_bytes (out, size);
}

/* Beginnings */

const char *__asan_default_options (void);
const char *__ubsan_default_options (void);

/* Faster: inputs are small, and so are the memory that is freed and the ways to where it was allocated. */
const char *
__asan_default_options (void)
{
  return "quarantine_size_mb=8:malloc_context_size=8";
}

const char *
__ubsan_default_options (void)
{
  return "print_stacktrace=1";
}

/* Run names one that it removes, whatever becomes of us. */
const char *
fuzz_folder (void)
{
  static char *folder;
  const char *parent = g_access ("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();

  if (folder == NULL)
    folder = g_strdup (g_getenv ("ES_FUZZ_FOLDER"));
  if (folder == NULL)
    folder = g_mkdtemp (g_build_filename (parent, "esession-fuzz-XXXXXX", NULL));
  if (folder == NULL)
    g_error ("no folder");
  return folder;
}

/* GLib's way to end after an error, at which libFuzzer would not keep the input. */
static void
on_trap (int number)
{
  abort ();
}

/* GLib's own allocator, which hides overruns, has to be turned off before GLib is loaded. */
int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  if (g_getenv ("G_SLICE") == NULL)
    {
      g_setenv ("G_SLICE", "always-malloc", TRUE);
      execv ("/proc/self/exe", *argv);
    }
  signal (SIGTRAP, on_trap);
  g_log_set_always_fatal ((GLogLevelFlags) (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK));
  if (!es_crypto_available ())
    g_error ("no OpenSSL");
  es_secret_setup ();
  fuzz_setup ();
  if (__sanitizer_install_malloc_and_free_hooks (on_malloc, on_free) == 0)
    g_error ("no hooks");
  return 0;
}

void
fuzz_begin (void)
{
  openssl_random = (FuzzRandom){ .number = 0 };
  in_use = most = 0;
}

/* Scripts */

gboolean
script_is_over (const Script *script)
{
  return script->left == 0;
}

guint
script_octet (Script *script)
{
  if (script->left == 0)
    return 0;
  script->left--;
  return *script->at++;
}

guint
script_below (Script *script, guint limit)
{
  guint high = limit > 256 ? script_octet (script) : 0;

  return (high << 8 | script_octet (script)) % limit;
}

GBytes *
script_bytes (Script *script)
{
  gsize wanted = script_octet (script), size = MIN (wanted, script->left);
  GBytes *bytes = g_bytes_new (script->at, size);

  script->at += size;
  script->left -= size;
  return bytes;
}

char *
script_text (Script *script)
{
  g_autoptr (GBytes) bytes = script_bytes (script);
  gsize size = g_bytes_get_size (bytes);
  g_autofree char *text = size > 0 ? g_strndup (g_bytes_get_data (bytes, NULL), size) : g_strdup ("");

  return g_utf8_make_valid (text, -1);
}

static const char *const words[] = {
  "",
  "0",
  "1",
  "2",
  "4294967295",
  "4294967296",
  "-1",
  "true",
  "false",
  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  "AQ==",
  "AAAAAAAAAAAAAAAAAAAAAA==",
  "AQEBAQEBAQE=",
  "//////////////////////////////////////////8=",
  "FORM_TYPE",
  "urn:xmpp:ssn",
  "accept",
  "ver",
  "1.0",
  "1.3",
  "modp",
  "31",
  "14",
  "15",
  "5",
  "crypt_algs",
  "aes256-ctr",
  "aes128-ctr",
  "hash_algs",
  "sha256",
  "sha512",
  "sas_algs",
  "sas28x5",
  "sas28x6",
  "sign_algs",
  "compress",
  "none",
  "stanzas",
  "message",
  "iq",
  "presence",
  "init_pubkey",
  "resp_pubkey",
  "rekey_freq",
  "logging",
  "otr",
  "may",
  "mustnot",
  "disclosure",
  "never",
  "security",
  "e2e",
  "c2s",
  "my_nonce",
  "nonce",
  "dhhashes",
  "dhkeys",
  "counter",
  "rshashes",
  "srshash",
  "identity",
  "mac",
  "parties",
  "terminate",
  "reason",
  "offline",
  "alice@example.org",
  "bob@example.com",
  "bob@example.com/laptop",
  "field",
  "value",
  "option",
  "required",
  "x",
  "feature",
  "init",
  "c",
  "data",
  "new",
  "key",
  "old",
  "body",
  "thread",
  "error",
  "type",
  "var",
  "form",
  "submit",
  "result",
  "chat",
  "get",
  "set",
  "id",
  "jabber:x:data",
  "jabber:client",
  "http://jabber.org/protocol/feature-neg",
  "http://www.xmpp.org/extensions/xep-0116.html#ns-init",
  "http://www.xmpp.org/extensions/xep-0200.html#ns",
  "urn:ietf:params:xml:ns:xmpp-stanzas",
  "urn:xmpp:receipts",
  "received",
  "request",
  "verify",
  "step",
  "3",
  "failed",
  "point",
  "confirm",
  "esession:verify:0",
  "about",
  "esession:envelope:0",
};

char *
script_word (Script *script)
{
  guint number = script_octet (script);

  return number < G_N_ELEMENTS (words) ? g_strdup (words[number]) : script_text (script);
}
