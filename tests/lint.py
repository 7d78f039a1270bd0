#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the house that a compiler does not know: who may include what, how long things are, how they look."""
import graphlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

# From the ground up. A floor includes its own headers and those of the floors below it; but pidgin and purple, which are
# two plugins, stand side by side.
CORE = ["core/base", "core/xml", "core/negotiation", "core/stanza"]
FLOORS = [*CORE, "store", "session", "words", "face", "text", "purple", "pidgin"]
BELOW = {floor: set(FLOORS[:index]) for index, floor in enumerate(FLOORS)}
BELOW["pidgin"] -= {"purple"}

# What a log may hold: numbers, and texts of a fixed set, which are what functions called like this give. Of each function that
# writes a line, where its format stands.
LOGS = {"es_log": 4, "es_peer_log": 3, "log_entry": 3}
LOG_CALL = re.compile(r"\b(" + "|".join(LOGS) + r") \(")
NAMED = re.compile(r"\w+_name \(.*\)", re.DOTALL)
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
CONVERSION = re.compile(r"%([^%]?)")

# Who may include which library: files, or whole floors.
LIBRARIES = {
    r"openssl/": {"core/base/es-secret.c", "core/base/es-crypto.c", "core/negotiation/es-dh.c",
                  "core/negotiation/es-spake2.c"},
    r"libxml/": {"core/xml/es-xml-parse.c"},
    r"stringprep\.h": {"core/xml/es-address.c"},
    r"sqlite3\.h": {"store/es-store-sqlite.c"},
    r"libsecret/": {"purple/es-keyring.c"},
    r"qrencode\.h": {"pidgin/es-qr.c"},
    r"gtk|gdk": {"pidgin"},
    r"purple\.h": {"face", "purple", "text", "pidgin"},
}
MAX_FUNCTION = 60

# What has one owner is changed in one file.
OWNED = {
    re.compile(r"peer->state (?:[-+|&]?=) "): "session/es-peer.c",
    re.compile(r"intent(?:\.|->)(?:wish|ended) (?:[-+|&]?=) "): "session/es-wish.c",
}

# Each namespace has one name, and one place.
NAMESPACES = "es-ns.h"
NAMESPACE = re.compile(r'\s*#\s*define \w*NS_\w+ "')
HEADERS = {file.name: str(file.parent.relative_to(SOURCE)) for file in SOURCE.rglob("es-*.h")}

# What people read is made of codes above these floors, and only there.
WORDLESS = (*CORE, "store", "session")
TRANSLATES = re.compile(r"\b(?:[NCQ]?_|NC_|\w*gettext)\s*\(")
GETTEXT = re.compile(r"libintl\.h|glib/gi18n")
# Nor do they know what any program calls its menus and commands.
NAMES_PROGRAM = re.compile(r'"[^"]*(?:Pidgin|/esession|[Mm]enu)[^"]*"')


def floor_of(file: Path) -> str:
    return str(file.parent.relative_to(SOURCE))


def check_include(file: Path, number: int, header: str) -> list[str]:
    floor = floor_of(file)
    place = f"{file.relative_to(ROOT)}:{number}"
    other = HEADERS.get(Path(header).name)
    if other is not None:
        return [] if other == floor or other in BELOW[floor] else [f"{place}: {floor} may not include {header} of {other}"]
    if floor in WORDLESS and GETTEXT.match(header):
        return [f"{place}: {floor} may not include {header}"]
    for pattern, allowed in LIBRARIES.items():
        if re.match(pattern, header) and not {floor, f"{floor}/{file.name}"} & allowed:
            return [f"{place}: may not include {header}"]
    return []


def check_circles() -> list[str]:
    """es-x.c, es-x.h and es-x-private.h are one; who includes stands above what he includes, and never above himself."""
    sees: dict[str, set[str]] = {}
    for file in SOURCE.rglob("es-*.[ch]"):
        included = re.findall(r'^\s*#\s*include\s*"(es-[^"]+)\.h"', file.read_text(encoding="utf-8"), re.M)
        one = file.stem.removesuffix("-private")
        sees.setdefault(one, set()).update({name.removesuffix("-private") for name in included} - {one})
    try:
        graphlib.TopologicalSorter(sees).prepare()
    except graphlib.CycleError as error:
        return ["include each other in a circle: " + " -> ".join(error.args[1])]
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


def arguments_of(text: str) -> list[str]:
    """Those of the call whose opening parenthesis TEXT follows."""
    arguments, depth, start, position = [], 0, 0, 0
    while position < len(text):
        literal = LITERAL.match(text, position)
        if literal:
            position = literal.end()
            continue
        character = text[position]
        if character == "," and depth == 0 or character == ")" and depth == 0:
            arguments.append(text[start:position].strip())
            start = position + 1
            if character == ")":
                return arguments
        depth += (character in "([{") - (character in ")]}")
        position += 1
    return arguments


def is_named(argument: str) -> bool:
    ways = re.split("[?:]", argument)
    return len(ways) in (1, 3) and all(NAMED.fullmatch(way.strip()) for way in ways[-2:])


def is_safe_to_log(call: str, arguments: list[str]) -> bool:
    place = LOGS[call]
    literals = LITERAL.findall(arguments[place])
    conversions = CONVERSION.findall("".join(literals))
    given = arguments[place + 1:]
    rest = LITERAL.sub("", arguments[place]).strip()
    if not literals or (rest and conversions) or len(conversions) != len(given):
        return False
    return all(kind in "du" or (kind == "s" and is_named(argument))
               for kind, argument in zip(conversions, given))


def check_log(file: Path, text: str) -> list[str]:
    """Declarations and definitions have types where a call has arguments."""
    problems = []
    for call in LOG_CALL.finditer(text):
        arguments = arguments_of(text[call.end():])
        if "const char *format" in arguments or is_safe_to_log(call.group(1), arguments):
            continue
        number = text.count("\n", 0, call.start()) + 1
        problems.append(f"{file.relative_to(ROOT)}:{number}: a log holds numbers and names of a fixed set only")
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
        for what, owner in OWNED.items():
            if what.search(line) and SOURCE / "session" == file.parent and not file.match(owner):
                problems.append(f"{file.relative_to(ROOT)}:{number}: that is changed in {owner} alone")
        if NAMESPACE.match(line) and SOURCE in file.parents and file.name != NAMESPACES:
            problems.append(f"{file.relative_to(ROOT)}:{number}: namespaces are in {NAMESPACES}")
        wordless = SOURCE in file.parents and floor_of(file) in WORDLESS
        if wordless and (TRANSLATES.search(line) or NAMES_PROGRAM.search(line)):
            problems.append(f"{file.relative_to(ROOT)}:{number}: {floor_of(file)} has no words for people")
    if SOURCE in file.parents:
        problems += check_functions(file, lines) + check_log(file, "\n".join(lines))
    return problems


def check_format(files: list[Path]) -> list[str]:
    # Later versions format differently; Debian 12 has this one.
    tool = shutil.which("clang-format-14")
    if tool is None:
        return []
    done = subprocess.run([tool, "--dry-run", "-Werror", *map(str, files)], capture_output=True, text=True, cwd=ROOT)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def check_python() -> list[str]:
    """What is never run before its day comes may name what is not there. The system's interpreter has the tool."""
    scripts = [path for path in sorted((ROOT / "tests").rglob("*")) if path.is_file() and is_python(path)]
    done = subprocess.run(["/usr/bin/python3", "-m", "pyflakes", *map(str, scripts)], capture_output=True, text=True, cwd=ROOT)
    if "No module named" in done.stderr:
        return ["python3-pyflakes is not installed"]
    return (done.stdout + done.stderr).replace(f"{ROOT}/", "").splitlines()


def is_python(path: Path) -> bool:
    if path.suffix:
        return path.suffix == ".py"
    with path.open("rb") as file:
        return file.readline().rstrip() == b"#!/usr/bin/env python3"


def main() -> int:
    files = sorted(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.[ch]"))
    problems = [problem for file in files for problem in check_file(file)]
    problems += check_circles() + check_format(files) + check_python()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
