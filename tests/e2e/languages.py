# SPDX-License-Identifier: GPL-3.0-or-later
"""Pidgin in other languages, without installing anything."""
from __future__ import annotations

import gettext
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Callable

from workspace import Workspace, built

SUPPORTED = Path("/usr/share/i18n/SUPPORTED")
USUAL = {"ar": "ar_EG", "ca": "ca_ES", "en": "en_US", "sv": "sv_SE"}  # where neither the language's own country nor the first one will do
SYSTEM = Path("/usr/share/locale")


@cache
def locale_of(language: str) -> str:
    """A locale of Debian's for a language such as "de", "pt_BR" or "ar"."""
    names = re.findall(r"^(\w+)(?:\.UTF-8)?(?:@\w+)? UTF-8$", SUPPORTED.read_text(encoding="utf-8"), re.MULTILINE)
    own = USUAL.get(language, f"{language}_{language.upper()}")
    return next(name for name in [language, own, *(n for n in names if n.startswith(f"{language}_"))] if name in names)


def environment(workspace: Workspace, languages: str) -> dict[str, str]:
    """For a program that speaks languages, as LANGUAGE has them: "de", or "xx:ar" for Arabic where there is no xx. The
    dates and the direction of writing are those of the last."""
    name = locale_of(languages.rpartition(":")[2])
    folder = workspace.folder("locales")
    if not (folder / f"{name}.UTF-8").exists():
        # --no-archive: into this folder. Its warnings are about the definitions of others.
        subprocess.run(["localedef", "--no-archive", "--quiet", "-c", "-i", name, "-f", "UTF-8",
                        str(folder / f"{name}.UTF-8")], capture_output=True, timeout=60)
    return {"LOCPATH": str(folder), "LC_ALL": f"{name}.UTF-8", "LANGUAGE": languages}


def ours() -> Path:
    """Where the plugins of the build folder look for translations."""
    return built("po")


def words(languages: str, domain: str = "pidgin-esession") -> Callable[[str], str]:
    """What a string is in these languages; as it is if there is no translation. domain is ours, or "pidgin"."""
    folder = ours() if domain == "pidgin-esession" else SYSTEM
    return gettext.translation(domain, folder, languages.split(":"), fallback=True).gettext
