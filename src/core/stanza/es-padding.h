/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long what is encrypted is made, so that its length tells little of what it is: of lengths up to 1,024 octets a server sees
 * sixteen, and as many of each doubling above. */
#pragma once
#include <glib.h>

/* The octets that OCTETS of content become; none stay none. */
gsize es_padded_size (gsize octets);
