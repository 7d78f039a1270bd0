/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of a test's own process, which it must not share with others. */
#pragma once
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "es-test.h"

/* As with ulimit -l; for root as well, who may lock as much as there is. */
static inline void
limit_locked_memory (gsize octets)
{
  struct rlimit limit = { octets, octets };
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct may[2] = { { 0 } };

  ck_assert_int_eq (syscall (SYS_capget, &header, may), 0);
  may[CAP_TO_INDEX (CAP_IPC_LOCK)].effective &= ~CAP_TO_MASK (CAP_IPC_LOCK);
  ck_assert_int_eq (syscall (SYS_capset, &header, may), 0);
  ck_assert_int_eq (setrlimit (RLIMIT_MEMLOCK, &limit), 0);
}
