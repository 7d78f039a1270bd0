/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences that name a menu, a command or a folder: every program has its own. */
#pragma once
#include "es-notice.h"

/* NULL for all others. Not yet translated. */
typedef struct
{
  const char *domain; /* what gettext finds the translations under */
  const char *notices[ES_N_NOTICES];
  const char *errors[ES_N_ERRORS];
} EsProgram;

/* Those of Pidgin's menus, and of the command that every program with libpurple has. */
extern const EsProgram es_program_pidgin;
