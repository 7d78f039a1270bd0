# SPDX-License-Identifier: GPL-3.0-or-later
"""Pidgin in other languages, without installing anything."""
from __future__ import annotations

import gettext
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Callable

from workspace import Workspace, built

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import translations  # noqa: E402

DOMAIN = translations.DOMAIN
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
    if languages in (LONG, LONG_ARABIC):
        write_pseudo(languages)
    folder = workspace.folder("locales")
    if not (folder / f"{name}.UTF-8").exists():
        # --no-archive: into this folder. Its warnings are about the definitions of others.
        subprocess.run(["localedef", "--no-archive", "--quiet", "-c", "-i", name, "-f", "UTF-8",
                        str(folder / f"{name}.UTF-8")], capture_output=True, timeout=60)
    return {"LOCPATH": str(folder), "LC_ALL": f"{name}.UTF-8", "LANGUAGE": languages}


def ours() -> Path:
    """Where the plugins of the build folder look for translations."""
    return built("po")


def words(languages: str, domain: str = DOMAIN) -> Callable[[str], str]:
    """What a string is in these languages; as it is if there is no translation. domain is ours, or "pidgin"."""
    folder = ours() if domain == DOMAIN else SYSTEM
    return gettext.translation(domain, folder, languages.split(":"), fallback=True).gettext


# Pseudo-translations: every string of ours as a translator might make it, 40 % longer and in brackets. What is then seen
# without brackets cannot be translated.

LONG, LONG_ARABIC = "qps:de", "qpa:ar"  # for Pidgin(language=...), which speaks German or Arabic itself
KEEP = re.compile(r"%(?:\d+\$)?[a-z]|/esession(?: [a-z|]+)*|\n")
LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه"))


def pseudo(text: str, arabic: bool = False) -> str:
    """One string of a pseudo-translation."""
    filling = "".join(" lenger"[i % 7] for i in range(max(2, len(text) * 2 // 5)))
    parts = re.split(f"({KEEP.pattern})", text + filling.rstrip())
    if arabic:
        parts = ["".join(LETTERS.get(c.lower(), c) for c in part) if i % 2 == 0 else part for i, part in enumerate(parts)]
    return f"[{''.join(parts)}]"


def write_pseudo(languages: str) -> None:
    """LONG or LONG_ARABIC, where the plugins of the build folder find it."""
    language = languages.partition(":")[0]
    folder = ours() / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    entries = translations.parse((translations.ROOT / "po" / f"{DOMAIN}.pot").read_text(encoding="utf-8"))
    plural = translations.PLURALS[languages.rpartition(":")[2]][0]
    lines = ['msgid ""', 'msgstr "Content-Type: text/plain; charset=UTF-8\\n"',
             f'"Plural-Forms: nplurals={plural.replace("; ", "; plural=")};\\n"', ""]
    for entry in entries[1:]:
        made = quote(pseudo(entry.id, languages == LONG_ARABIC))
        lines += [f"msgid {quote(entry.id)}"]
        if entry.plural is not None:
            lines += [f"msgid_plural {quote(entry.plural)}"]
            lines += [f"msgstr[{number}] {made}" for number in range(int(plural[0]))]
        else:
            lines += [f"msgstr {made}"]
    part = folder / f"{os.getpid()}.part"
    subprocess.run(["msgfmt", "-o", str(part), "-"], input="\n".join(lines) + "\n", text=True, check=True)
    part.replace(folder / f"{DOMAIN}.mo")  # others may be reading it


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
