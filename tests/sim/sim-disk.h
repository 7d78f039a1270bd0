/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks in memory, as SQLite sees them. Each write can be the last one before its owner dies; what was not synced then
 * survives a power cut in part; writes and reads can fail. */
#pragma once
#include "sim-prng.h"

typedef struct _SimDisk SimDisk;

typedef enum
{
  SIM_FAULT_NONE,
  SIM_FAULT_READ,  /* cannot be read */
  SIM_FAULT_WRITE, /* cannot be written */
  SIM_FAULT_FULL,
  SIM_FAULT_LOCKED /* another program has it */
} SimFault;

/* Makes this the file system of every database that is opened from now on; and removes what that took. */
void sim_disks_setup (void);
void sim_disks_teardown (void);

/* An empty disk, number NUMBER of at most SIM_MAX_DISKS at a time. BEFORE (DATA) is asked before each change: FALSE, and it
 * is not made. */
#define SIM_MAX_DISKS 8
SimDisk *sim_disk_new (guint number, gboolean (*before) (gpointer data), gpointer data);
void sim_disk_free (SimDisk *disk);

/* Where the store is to be opened. */
const char *sim_disk_path (const SimDisk *disk);

/* Every operation of FAULT's kind fails until it is SIM_FAULT_NONE again. */
void sim_disk_set_fault (SimDisk *disk, SimFault fault);
SimFault sim_disk_fault (const SimDisk *disk);

/* The power fails: of what was not synced only what PRNG chooses stays, by sectors. */
void sim_disk_cut_power (SimDisk *disk, SimPrng *prng);

/* All files together, in octets. */
gsize sim_disk_octets (const SimDisk *disk);
