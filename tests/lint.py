#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the house that a compiler does not know: who may include what, how long things are, how they look."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

# A floor includes its own headers and those of the floors below; text and pidgin see purple's es-ui.h only.
BELOW = {
    "core": [],
    "session": ["core"],
    "words": ["session", "core"],
    "text": ["words", "session", "core"],
    "purple": ["text", "words", "session", "core"],
    "pidgin": ["text", "words", "session", "core"],
}
INTERFACE = "es-ui.h"

# Who may include which library.
LIBRARIES = {
    r"openssl/": {"core/es-secret.c", "core/es-crypto.c", "core/es-dh.c", "core/es-sign.c",
                  "core/es-spake2.c"},
    r"libxml/": {"core/es-xml-parse.c"},
    r"stringprep\.h": {"core/es-address.c"},
    r"sqlite3\.h": {"core/es-store-sqlite.c"},
    r"libsecret/": {"purple/es-keyring.c"},
    r"gtk|gdk": None,  # the pidgin floor
    r"purple\.h": None,  # purple, text and pidgin
}
MAX_FUNCTION = 60

# What people read is made of codes above these floors, and only there.
WORDLESS = ("core", "session")
TRANSLATES = re.compile(r"\b(?:[NCQ]?_|NC_|\w*gettext)\s*\(")
GETTEXT = re.compile(r"libintl\.h|glib/gi18n")
# Nor do they know what any program calls its menus and commands.
NAMES_PROGRAM = re.compile(r'"[^"]*(?:Pidgin|/esession|[Mm]enu)[^"]*"')


def floor_of(header: str) -> str | None:
    found = list(SOURCE.glob(f"*/{header}"))
    return found[0].parent.name if found else None


def check_include(file: Path, number: int, header: str) -> list[str]:
    floor = file.parent.name
    place = f"{file.relative_to(ROOT)}:{number}"
    other = floor_of(Path(header).name) if header.startswith("es-") else None
    if other is not None:
        allowed = other == floor or other in BELOW[floor] or (header == INTERFACE and floor in ("text", "pidgin"))
        return [] if allowed else [f"{place}: {floor} may not include {header} of {other}"]
    if floor in WORDLESS and GETTEXT.match(header):
        return [f"{place}: {floor} may not include {header}"]
    for pattern, files in LIBRARIES.items():
        if not re.match(pattern, header):
            continue
        if files is not None:
            allowed = f"{floor}/{file.name}" in files
        elif pattern.startswith("gtk"):
            allowed = floor == "pidgin"
        else:
            allowed = floor in ("purple", "text", "pidgin")
        if not allowed:
            return [f"{place}: may not include {header}"]
    return []


def check_functions(file: Path, lines: list[str]) -> list[str]:
    problems = []
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start > MAX_FUNCTION:
                problems.append(f"{file.relative_to(ROOT)}:{start}: function of {number - start} lines")
            start = None
    return problems


def check_file(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    problems = []
    if "SPDX-License-Identifier: GPL-3.0-or-later" not in "\n".join(lines[:3]):
        problems.append(f"{file.relative_to(ROOT)}: no licence line")
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if include and SOURCE in file.parents:
            problems += check_include(file, number, include.group(1))
        if file.parent.name in WORDLESS and SOURCE in file.parents and (TRANSLATES.search(line) or NAMES_PROGRAM.search(line)):
            problems.append(f"{file.relative_to(ROOT)}:{number}: {file.parent.name} has no words for people")
    if SOURCE in file.parents:
        problems += check_functions(file, lines)
    return problems


def check_format(files: list[Path]) -> list[str]:
    # Later versions format differently; Debian 12 has this one.
    tool = shutil.which("clang-format-14")
    if tool is None:
        return []
    done = subprocess.run([tool, "--dry-run", "-Werror", *map(str, files)], capture_output=True, text=True, cwd=ROOT)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def main() -> int:
    files = sorted(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.[ch]"))
    problems = [problem for file in files for problem in check_file(file)]
    problems += check_format(files)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
