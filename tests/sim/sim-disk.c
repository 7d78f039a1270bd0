/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-disk.h"

#include <string.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#define SECTOR 512

/* A change that a power cut may undo. */
typedef struct
{
  gsize at;
  gsize size; /* of data, or of the file where DATA is NULL */
  guint8 *data;
} Change;

/* Either the database or its journal. */
typedef struct
{
  GByteArray *octets;
  gboolean exists;
  GByteArray *synced;
  gboolean synced_exists;
  GArray *changes; /* of Change, since the last sync */
} File;

struct _SimDisk
{
  char *path;
  File files[2];
  gboolean (*before) (gpointer data);
  gpointer data;
  SimFault fault;
};

typedef struct
{
  sqlite3_file base;
  SimDisk *disk;
  File *file;
} Handle;

static SimDisk *disks[SIM_MAX_DISKS];
static char *folder;

/* Files */

static void
clear_change (gpointer data)
{
  g_free (((Change *) data)->data);
}

static void
file_init (File *file)
{
  file->octets = g_byte_array_new ();
  file->synced = g_byte_array_new ();
  file->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_set_clear_func (file->changes, clear_change);
}

static void
file_clear (File *file)
{
  g_byte_array_unref (file->octets);
  g_byte_array_unref (file->synced);
  g_array_unref (file->changes);
}

static void
resize (GByteArray *octets, gsize size)
{
  gsize before = octets->len;

  g_byte_array_set_size (octets, (guint) size);
  if (size > before)
    memset (octets->data + before, 0, size - before);
}

static void
put (GByteArray *octets, gsize at, const void *data, gsize size)
{
  if (octets->len < at + size)
    resize (octets, at + size);
  memcpy (octets->data + at, data, size);
}

static void
file_sync (File *file)
{
  for (guint i = 0; i < file->changes->len; i++)
    {
      const Change *change = &g_array_index (file->changes, Change, i);

      if (change->data != NULL)
        put (file->synced, change->at, change->data, change->size);
      else
        resize (file->synced, change->size);
    }
  g_array_set_size (file->changes, 0);
  file->synced_exists = file->exists;
}

static void
file_cut_power (File *file, SimPrng *prng)
{
  for (guint i = 0; i < file->changes->len; i++)
    {
      const Change *change = &g_array_index (file->changes, Change, i);

      if (change->data == NULL && sim_prng_chance (prng, 50))
        resize (file->synced, change->size);
      for (gsize done = 0; change->data != NULL && done < change->size;)
        {
          gsize size = MIN (SECTOR - (change->at + done) % SECTOR, change->size - done);

          if (sim_prng_chance (prng, 50))
            put (file->synced, change->at + done, change->data + done, size);
          done += size;
        }
    }
  if (file->synced_exists != file->exists && sim_prng_chance (prng, 50))
    file->synced_exists = file->exists;

  g_array_set_size (file->changes, 0);
  file->exists = file->synced_exists;
  g_byte_array_set_size (file->octets, 0);
  if (!file->exists)
    g_byte_array_set_size (file->synced, 0);
  g_byte_array_append (file->octets, file->synced->data, file->synced->len);
}

/* What SQLite calls */

static int
may_change (SimDisk *disk)
{
  if (!disk->before (disk->data))
    return SQLITE_IOERR_WRITE;
  if (disk->fault == SIM_FAULT_FULL)
    return SQLITE_FULL;
  return disk->fault == SIM_FAULT_WRITE ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int
on_close (sqlite3_file *base)
{
  return SQLITE_OK;
}

static int
on_read (sqlite3_file *base, void *out, int size, sqlite3_int64 at)
{
  const Handle *handle = (const Handle *) base;
  const GByteArray *octets = handle->file->octets;
  gsize there = (gsize) at < octets->len ? MIN ((gsize) size, octets->len - (gsize) at) : 0;

  if (handle->disk->fault == SIM_FAULT_READ)
    return SQLITE_IOERR_READ;
  if (there > 0)
    memcpy (out, octets->data + at, there);
  memset ((guint8 *) out + there, 0, (gsize) size - there);
  return there == (gsize) size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
on_write (sqlite3_file *base, const void *data, int size, sqlite3_int64 at)
{
  const Handle *handle = (const Handle *) base;
  Change change = { (gsize) at, (gsize) size, NULL };
  int code = may_change (handle->disk);

  if (code != SQLITE_OK)
    return code;
  put (handle->file->octets, (gsize) at, data, (gsize) size);
  change.data = g_memdup2 (data, (gsize) size);
  g_array_append_val (handle->file->changes, change);
  return SQLITE_OK;
}

static int
on_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  const Handle *handle = (const Handle *) base;
  Change change = { 0, (gsize) size, NULL };
  int code = may_change (handle->disk);

  if (code != SQLITE_OK)
    return code;
  resize (handle->file->octets, (gsize) size);
  g_array_append_val (handle->file->changes, change);
  return SQLITE_OK;
}

static int
on_sync (sqlite3_file *base, int flags)
{
  const Handle *handle = (const Handle *) base;
  int code = may_change (handle->disk);

  if (code == SQLITE_OK)
    file_sync (handle->file);
  return code == SQLITE_IOERR_WRITE ? SQLITE_IOERR_FSYNC : code;
}

static int
on_file_size (sqlite3_file *base, sqlite3_int64 *size)
{
  *size = ((const Handle *) base)->file->octets->len;
  return SQLITE_OK;
}

/* One program at a time uses a disk of ours, but for one that has it all the time. */
static int
on_lock (sqlite3_file *base, int level)
{
  return ((const Handle *) base)->disk->fault == SIM_FAULT_LOCKED ? SQLITE_BUSY : SQLITE_OK;
}

static int
on_unlock (sqlite3_file *base, int level)
{
  return SQLITE_OK;
}

static int
on_check_lock (sqlite3_file *base, int *locked)
{
  *locked = 0;
  return SQLITE_OK;
}

static int
on_control (sqlite3_file *base, int op, void *argument)
{
  return SQLITE_NOTFOUND;
}

static int
on_sector_size (sqlite3_file *base)
{
  return SECTOR;
}

static int
on_characteristics (sqlite3_file *base)
{
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
  .iVersion = 1,
  .xClose = on_close,
  .xRead = on_read,
  .xWrite = on_write,
  .xTruncate = on_truncate,
  .xSync = on_sync,
  .xFileSize = on_file_size,
  .xLock = on_lock,
  .xUnlock = on_unlock,
  .xCheckReservedLock = on_check_lock,
  .xFileControl = on_control,
  .xSectorSize = on_sector_size,
  .xDeviceCharacteristics = on_characteristics,
};

static File *
find_file (const char *name, SimDisk **disk)
{
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (disks); i++)
    if (disks[i] != NULL && g_str_has_prefix (name, disks[i]->path))
      {
        const char *rest = name + strlen (disks[i]->path);

        *disk = disks[i];
        return *rest == '\0' ? &disks[i]->files[0] : strcmp (rest, "-journal") == 0 ? &disks[i]->files[1] : NULL;
      }
  return NULL;
}

static int
on_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
  Handle *handle = (Handle *) base;
  SimDisk *disk = NULL;
  File *file = find_file (name, &disk);
  int code = SQLITE_OK;

  base->pMethods = NULL;
  if (file == NULL || disk->fault == SIM_FAULT_READ)
    return SQLITE_CANTOPEN;
  if (!file->exists)
    {
      code = may_change (disk);
      if (code != SQLITE_OK)
        return SQLITE_CANTOPEN;

      /* Another file of the same name: nothing of the one before is in it. */
      file->exists = TRUE;
      file->synced_exists = FALSE;
      g_byte_array_set_size (file->synced, 0);
    }
  *handle = (Handle){ { &methods }, disk, file };
  if (out_flags != NULL)
    *out_flags = flags;
  return SQLITE_OK;
}

static int
on_delete (sqlite3_vfs *vfs, const char *name, int sync_folder)
{
  SimDisk *disk = NULL;
  File *file = find_file (name, &disk);
  int code = SQLITE_OK;

  if (file == NULL || !file->exists)
    return SQLITE_IOERR_DELETE_NOENT;
  code = may_change (disk);
  if (code != SQLITE_OK)
    return SQLITE_IOERR_DELETE;
  file->exists = FALSE;
  g_byte_array_set_size (file->octets, 0);
  g_array_set_size (file->changes, 0);
  if (sync_folder)
    {
      file->synced_exists = FALSE;
      g_byte_array_set_size (file->synced, 0);
    }
  return SQLITE_OK;
}

static int
on_access (sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
  SimDisk *disk = NULL;
  const File *file = find_file (name, &disk);

  *result = file != NULL && file->exists;
  return SQLITE_OK;
}

static int
on_full_path (sqlite3_vfs *vfs, const char *name, int size, char *out)
{
  g_strlcpy (out, name, (gsize) size);
  return SQLITE_OK;
}

/* SQLite wants them for the journal's check sums; that they are always the same harms nothing here. */
static int
on_randomness (sqlite3_vfs *vfs, int size, char *out)
{
  memset (out, 42, (gsize) size);
  return size;
}

static int
on_sleep (sqlite3_vfs *vfs, int microseconds)
{
  return microseconds;
}

static int
on_time (sqlite3_vfs *vfs, double *day)
{
  *day = 2461000.5;
  return SQLITE_OK;
}

static int
on_last_error (sqlite3_vfs *vfs, int size, char *out)
{
  return 0;
}

static sqlite3_vfs file_system = {
  .iVersion = 1,
  .szOsFile = sizeof (Handle),
  .mxPathname = 512,
  .zName = "sim",
  .xOpen = on_open,
  .xDelete = on_delete,
  .xAccess = on_access,
  .xFullPathname = on_full_path,
  .xRandomness = on_randomness,
  .xSleep = on_sleep,
  .xCurrentTime = on_time,
  .xGetLastError = on_last_error,
};

/* Disks. The store looks at its file before SQLite does, so an empty one stands there. */

static char *
path_of (guint number)
{
  return g_strdup_printf ("%s/disk%u.db", folder, number);
}

void
sim_disks_setup (void)
{
  const char *parent = g_access ("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();

  folder = g_build_filename (parent, "esession-sim-XXXXXX", NULL);
  if (g_mkdtemp (folder) == NULL || sqlite3_vfs_register (&file_system, 1) != SQLITE_OK)
    g_error ("no file system");
  for (guint i = 0; i < SIM_MAX_DISKS; i++)
    {
      g_autofree char *path = path_of (i);

      g_file_set_contents (path, "", 0, NULL);
    }
}

void
sim_disks_teardown (void)
{
  for (guint i = 0; i < SIM_MAX_DISKS; i++)
    {
      g_autofree char *path = path_of (i);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
  sqlite3_vfs_unregister (&file_system);
}

SimDisk *
sim_disk_new (guint number, gboolean (*before) (gpointer data), gpointer data)
{
  SimDisk *disk = g_new0 (SimDisk, 1);

  g_assert (number < SIM_MAX_DISKS && disks[number] == NULL);
  disk->path = path_of (number);
  disk->before = before;
  disk->data = data;
  for (gsize i = 0; i < G_N_ELEMENTS (disk->files); i++)
    file_init (&disk->files[i]);
  disks[number] = disk;
  return disk;
}

void
sim_disk_free (SimDisk *disk)
{
  for (gsize i = 0; i < G_N_ELEMENTS (disks); i++)
    if (disks[i] == disk)
      disks[i] = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (disk->files); i++)
    file_clear (&disk->files[i]);
  g_free (disk->path);
  g_free (disk);
}

const char *
sim_disk_path (const SimDisk *disk)
{
  return disk->path;
}

void
sim_disk_set_fault (SimDisk *disk, SimFault fault)
{
  disk->fault = fault;
}

SimFault
sim_disk_fault (const SimDisk *disk)
{
  return disk->fault;
}

void
sim_disk_cut_power (SimDisk *disk, SimPrng *prng)
{
  for (gsize i = 0; i < G_N_ELEMENTS (disk->files); i++)
    file_cut_power (&disk->files[i], prng);
}

gsize
sim_disk_octets (const SimDisk *disk)
{
  return disk->files[0].octets->len + disk->files[1].octets->len;
}
