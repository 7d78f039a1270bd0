/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-move-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "es-limits.h"

#define MAGIC "SQLite format 3"
#define NAMES_MAX 100

static gboolean
fail (const char *path, int number, GError **error)
{
  g_set_error (error, ES_ERROR, number == EEXIST ? ES_ERROR_MOVE_EXISTS : ES_ERROR_MOVE_FILE, "%s: %s", path,
               g_strerror (number));
  return FALSE;
}

char *
es_move_file_part (const char *path)
{
  return g_strconcat (path, ".part", NULL);
}

static gboolean
look_at_folder (const char *path, struct stat *status)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return stat (folder, status) == 0;
}

/* Some file systems do not tell large letters from small ones. */
gboolean
es_move_file_is_of (const char *path, const char *store)
{
  g_autofree char *name = g_path_get_basename (path), *own = g_path_get_basename (store);
  struct stat there, here;

  if (g_ascii_strncasecmp (name, own, strlen (own)) != 0)
    return FALSE;
  return !look_at_folder (path, &there) || !look_at_folder (store, &here)
         || (there.st_dev == here.st_dev && there.st_ino == here.st_ino);
}

/* So that the name is there after a power loss as well. Not every file system has that. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

static gboolean
write_at (int fd, const guint8 *octets, gsize size, gsize place)
{
  for (gsize at = 0; at < size;)
    {
      ssize_t n = pwrite (fd, octets + at, size - at, (off_t) (place + at));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      at += (gsize) n;
    }
  return fsync (fd) == 0;
}

gboolean
es_move_file_write (const char *path, GBytes *octets, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  gboolean good = FALSE;
  int number = 0;

  if (fd < 0)
    return fail (path, errno, error);

  good = write_at (fd, g_bytes_get_data (octets, NULL), g_bytes_get_size (octets), 0);
  number = errno;

  /* What is read of it next is to come from the disk. */
  if (good)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  if (close (fd) != 0 && good)
    {
      good = FALSE;
      number = errno;
    }
  sync_folder (path);
  return good || fail (path, number != EEXIST ? number : EIO, error);
}

/* A regular file, which nobody has to write into before this returns. */
static int
open_regular (const char *path, int flags, gsize *size)
{
  struct stat status;
  int fd = open (path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0)
    return -1;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    {
      *size = (gsize) status.st_size;
      return fd;
    }
  close (fd);
  errno = EINVAL;
  return -1;
}

static gboolean
read_all (int fd, guint8 *octets, gsize size)
{
  for (gsize at = 0; at < size;)
    {
      ssize_t n = pread (fd, octets + at, size - at, (off_t) at);

      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = EIO;
      if (n <= 0)
        return FALSE;
      at += (gsize) n;
    }
  return TRUE;
}

GBytes *
es_move_file_read (const char *path, GError **error)
{
  gsize size = 0;
  int fd = open_regular (path, O_RDONLY, &size);
  g_autofree guint8 *octets = NULL;

  if (fd < 0)
    {
      fail (path, errno != EEXIST ? errno : EIO, error);
      return NULL;
    }
  if (size > ES_LIMIT_MOVE_OCTETS)
    g_set_error (error, ES_ERROR, ES_ERROR_MOVE_LIMIT, "%s: too large", path);
  else if (!read_all (fd, octets = g_malloc (size + 1), size))
    fail (path, EIO, error);
  else
    {
      close (fd);
      return g_bytes_new_take (g_steal_pointer (&octets), size);
    }
  close (fd);
  return NULL;
}

gboolean
es_move_file_patch (const char *path, gsize place, GBytes *octets)
{
  gsize size = 0;
  int fd = open_regular (path, O_RDWR, &size);
  gboolean good = FALSE;

  if (fd < 0)
    return FALSE;
  good = place + g_bytes_get_size (octets) <= size
         && write_at (fd, g_bytes_get_data (octets, NULL), g_bytes_get_size (octets), place);
  return close (fd) == 0 && good;
}

/* Where a file system does not know how to replace nothing, it is looked before. */
static gboolean
rename_to (const char *part, const char *path)
{
  struct stat status;

  if (renameat2 (AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (lstat (path, &status) == 0)
    {
      errno = EEXIST;
      return FALSE;
    }
  return rename (part, path) == 0;
}

char *
es_move_file_rename (const char *part, const char *path)
{
  g_autofree char *name = g_strdup (path);

  for (guint n = 2; n < NAMES_MAX; n++)
    {
      if (rename_to (part, name))
        {
          sync_folder (name);
          return g_steal_pointer (&name);
        }
      if (errno != EEXIST)
        return NULL;
      g_free (name);
      name = g_strdup_printf ("%s-%u", path, n);
    }
  return NULL;
}

static gboolean
begins_as_ours (int fd, gsize size)
{
  guint8 head[sizeof MAGIC] = { 0 };
  gsize n = MIN (size, sizeof head);

  return read_all (fd, head, n) && memcmp (head, MAGIC, n) == 0;
}

gboolean
es_move_file_remove (const char *path, gboolean erase)
{
  gsize size = 0;
  int fd = open_regular (path, erase ? O_RDWR : O_RDONLY, &size);
  gboolean ours = fd >= 0 && begins_as_ours (fd, size);
  g_autofree guint8 *zeros = ours && erase ? g_malloc0 (size + 1) : NULL;

  if (fd < 0)
    return errno == ENOENT;

  /* What cannot be overwritten is deleted all the same. */
  if (zeros != NULL)
    write_at (fd, zeros, size, 0);
  close (fd);
  if (!ours || unlink (path) != 0)
    return FALSE;
  sync_folder (path);
  return TRUE;
}
