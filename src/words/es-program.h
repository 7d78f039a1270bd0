/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences that name a menu, a command or a folder, or what stands beside them: every program has its own. */
#pragma once
#include "es-notice.h"

/* NULL for all others. Not yet translated. */
typedef struct _EsProgram EsProgram;

struct _EsProgram
{
  const char *domain;    /* what gettext finds the translations under */
  const EsProgram *base; /* whose hold where there is none of its own, or NULL */
  const char *notices[ES_N_NOTICES];
  const char *errors[ES_N_ERRORS];
};

/* Those of the command that every program with libpurple has. */
extern const EsProgram es_program_libpurple;

/* Those of Pidgin's menus; what is to be chosen at the moment stands on the bar of the conversation, and is not said again. */
extern const EsProgram es_program_pidgin;
