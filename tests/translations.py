#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No translation falls behind: the template has every string of the sources, every language of po/LINGUAS has all of
them, and none of them breaks a sentence, a key or a plural.

    tests/translations.py            says what is wrong
    tests/translations.py --update   brings the template and all translations up to date; what is new is then empty

Keys are compared among strings that are on the screen together: po/KEYS says which."""
from __future__ import annotations

import gettext
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "pidgin-esession"
DEFAULT_DOMAIN = re.compile(r"(?<![A-Za-z0-9_])(?:n?gettext|Q_) \(")
USES = re.compile(r"(?<![A-Za-z0-9_])(?:_|N_|C_|NC_|g_d[a-z]*gettext\d?) \(")
UPDATE = "run tests/translations.py --update"

# What is on the screen together with ours. Send To is greyed out where there is nothing to choose, and shares its key.
PIDGINS = {"conversation window": ["/_Conversation", "/_Options", "_Font", "_Insert", "_Smile!", "_Attention!"]}

# How a sentence ends where it is not with these.
STOPS = {"zh": "。", "ja": "。", "hi": "।.", "bn": "।", "ne": "।", "mr": ".", "pa": "।", "ur": "۔", "hy": "։:", "am": "።",
         "my": "။", "km": "។"}
QUESTIONS = {"ar": "؟", "fa": "؟", "ur": "؟", "ps": "؟", "ug": "؟", "ckb": "؟", "el": ";;", "zh": "？", "ja": "？?"}
COLONS = {"zh": "：", "ja": "：:"}
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}
UNMARKED = {"th", "lo"}  # sentences that end in nothing
INSIDE = {"hy"}  # the question mark is in the middle

# All that gettext and Unicode agree on for these, first the one to choose.
ONE, TWO, FRENCH = "1; 0", "2; n != 1", "2; n > 1"
SLAVIC = "3; n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"
CZECH = "3; n==1 ? 0 : n>=2 && n<=4 ? 1 : 2"
INDIAN = [TWO, FRENCH]
PLURALS = {
    **dict.fromkeys("ja ko zh vi th id ms lo km my".split(), [ONE]),
    **dict.fromkeys("en de nl sv da nb nn no fy fi et el bg hu eo gl ca es it pt eu sq ka sw ml ta te af ur".split(), [TWO]),
    **dict.fromkeys("hi bn gu mr pa fa kn ne am hy tr az kk".split(), INDIAN),
    **dict.fromkeys("fr pt_BR oc".split(), [FRENCH]),
    **dict.fromkeys("ru uk be sr hr bs".split(), [SLAVIC]),
    **dict.fromkeys("cs sk".split(), [CZECH]),
    "he": [TWO, "3; n==1 ? 0 : n==2 ? 1 : 2"],
    "pl": ["3; n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"],
    "lt": ["3; n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2"],
    "lv": ["3; n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2"],
    "ro": ["3; n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2"],
    "sl": ["4; n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3"],
    "ga": ["5; n==1 ? 0 : n==2 ? 1 : n<7 ? 2 : n<11 ? 3 : 4"],
    "ar": ["6; n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5"],
}


@dataclass
class Entry:
    """One string of a .po or .pot file."""
    id: str = ""
    plural: str | None = None
    context: str | None = None
    strings: list[str] = field(default_factory=list)
    comments: str = ""  # those of the sources
    files: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.id


def unquote(text: str) -> str:
    escapes = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[0]), text.strip()[1:-1])


def parse(text: str) -> list[Entry]:
    """The header comes first, with an empty id; what is obsolete is left out."""
    entries = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line for line in block.splitlines() if not line.startswith(("#~", "#|"))]
        entry, current = Entry(), []
        values: dict[str, list[str]] = {}
        for line in lines:
            if line.startswith("#."):
                entry.comments = f"{entry.comments} {line[2:].strip()}".strip()
            elif line.startswith("#:"):
                entry.files += [place.partition(":")[0] for place in line[2:].split()]
            elif line.startswith("#,"):
                entry.flags |= {flag.strip() for flag in line[2:].split(",")}
            elif match := re.match(r'(msg\w+(?:\[\d+\])?)\s+(".*")\s*$', line):
                current = values.setdefault(match[1], [])
                current.append(unquote(match[2]))
            elif line.startswith('"'):
                current.append(unquote(line))
        if "msgid" not in values:
            continue
        joined = {name: "".join(parts) for name, parts in values.items()}
        entry.id, entry.plural, entry.context = joined["msgid"], joined.get("msgid_plural"), joined.get("msgctxt")
        entry.strings = [joined[name] for name in sorted(joined) if name.startswith("msgstr")]
        entries.append(entry)
    return entries


def header(entries: list[Entry]) -> dict[str, str]:
    text = entries[0].strings[0] if entries and not entries[0].id and entries[0].strings else ""
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


# Endings, keys, plurals

def bare(text: str) -> str:
    """Without what is not read at its ends: the key that languages without letters put in brackets, and marks of the
    direction of writing."""
    text = re.sub(r"\s*\(_\w\)", "", text)
    return re.sub("[\u200e\u200f\u061c\u2066-\u2069]", "", text)


def ending(text: str, language: str) -> str:
    """What kind of sentence or label it is, as far as its end tells."""
    text = bare(text).rstrip("\n")
    base = language.split("_")[0]
    kinds = {"question": QUESTIONS.get(base, "?"), "stop": STOPS.get(base, "."), "colon": COLONS.get(base, ":")}
    if text.endswith(("...", "…")):
        return "ellipsis"
    for kind, marks in kinds.items():
        if text and text[-1] in marks:
            return kind
    if text.endswith(("!", "！")):
        return "exclamation mark"
    return "foreign mark" if text and text[-1] in ".。।?？؟:：" else "nothing"


def key_of(text: str) -> str | None:
    """The letter of its mnemonic."""
    found = re.findall(r"_(\w)", text.replace("__", ""))
    return found[0].lower() if len(found) == 1 and found[0] != "_" else None


def backwards(text: str) -> bool:
    """Whether a paragraph in a language from right to left is taken for one from left to right, as programs decide that by
    the first letter: the order of what it lists is then wrong. What begins with an argument depends on that."""
    first = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), "R")
    return first == "L" and not text.startswith("%")


def edges(text: str) -> tuple[str, str]:
    return re.match(r"\s*", text)[0], re.search(r"\s*$", text)[0]


def plural_function(rule: str):
    """The number of forms, and which one a number takes."""
    number, _, expression = rule.partition(";")
    return int(number), gettext.c2py(expression)


def plural_of(text: str):
    """Of a header's Plural-Forms."""
    match = re.match(r"nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*(.+?)\s*;?\s*$", text)
    return plural_function(f"{match[1]}; {match[2]}") if match else None


def same_plural(one, other) -> bool:
    return one[0] == other[0] and all(one[1](n) == other[1](n) for n in range(1000))


# The checks

def check_plural_forms(entries: list[Entry], language: str) -> list[str]:
    known = PLURALS.get(language, PLURALS.get(language.split("_")[0]))
    if known is None:
        return [f"the plural forms of {language} are unknown: add them to tests/translations.py"]
    try:
        have = plural_of(header(entries).get("Plural-Forms", ""))
    except ValueError:
        have = None
    if have is None or not any(same_plural(have, plural_function(rule)) for rule in known):
        return [f"the plural forms are not those of {language}: nplurals={known[0].replace('; ', '; plural=')};"]
    return [f"{entry.id!r}: {len(entry.strings)} plural forms instead of {have[0]}" for entry in entries
            if entry.plural is not None and len(entry.strings) != have[0]]


def check_string(original: str, text: str, language: str) -> list[str]:
    base = language.split("_")[0]
    problems = ["begins from left to right: put another word first, or U+200F"] if base in RIGHT_TO_LEFT and backwards(text) \
        else []
    wanted, have = ending(original, "en"), ending(text, language)
    lenient = (base in UNMARKED and have == "nothing") or (base in INSIDE and wanted == "question")
    if wanted != have and not lenient:
        problems.append(f"ends in {have} instead of {wanted}")
    if edges(original) != edges(text):
        problems.append("has other spaces at its ends")
    if key_of(original) and not key_of(text):
        problems.append("has no key, or more than one: write _ before one letter")
    if not key_of(original) and key_of(text):
        problems.append("has a key (_) where the original has none")
    return problems


def read_places(root: Path) -> dict[str, list[str]]:
    """Parts of the screen, and the strings with keys that are there."""
    places: dict[str, list[str]] = {}
    for line in (root / "po" / "KEYS").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            strings = places.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            strings.append(line)
    return places


def check_places(places: dict[str, list[str]], template: list[Entry]) -> list[str]:
    placed = {text for texts in places.values() for text in texts}
    keyed = {entry.id for entry in template if key_of(entry.id)}
    return ([f"{text!r} has a key: say in po/KEYS with what it is on the screen" for text in sorted(keyed - placed)]
            + [f"po/KEYS has {text!r}, which no source has" for text in sorted(placed - keyed)])


def check_keys(places: dict[str, list[str]], words: dict[str, str], pidgins: dict[str, list[str]]) -> list[str]:
    """Two of the same on the screen at once. words are the strings as they are in a language."""
    problems = []
    for place, texts in places.items():
        above = place.rpartition("/")[0]
        others = [(key_of(words.get(text, text)), text) for text in places.get(above, [])]
        others += [(key_of(text), text) for text in pidgins.get(above or place, [])]
        for text in texts:
            key = key_of(words.get(text, text))
            problems += [f"{text!r} and {other!r} have the same key {key!r} in {place}" for taken, other in others
                         if taken == key is not None]
            others.append((key, text))
    return problems


def pidgins_own(language: str, folder: Path = Path("/usr/share/locale")) -> dict[str, list[str]]:
    translated = gettext.translation("pidgin", folder, [language], fallback=True).gettext
    return {place: [translated(text) for text in texts] for place, texts in PIDGINS.items()}


def check_msgfmt(path: Path) -> list[str]:
    """Format specifiers, their order and number, line ends, the header."""
    done = subprocess.run(["msgfmt", "-c", "-v", "-o", "/dev/null", str(path)], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    said = [line.replace(f"{path}:", "") for line in done.stderr.splitlines() if line.startswith(str(path))]
    return [f"msgfmt: line {line}" for line in said] or (["msgfmt: " + done.stderr] if done.returncode else [])


def check_po(path: Path, template: list[Entry], places: dict[str, list[str]],
             pidgins: dict[str, list[str]] | None = None) -> list[str]:
    """All that is wrong with the translation of one language."""
    language = path.stem
    problems = check_msgfmt(path)
    entries = parse(path.read_text(encoding="utf-8"))
    if header(entries).get("Language") != language:
        problems.append(f"the header's Language is not {language}")
    problems += check_plural_forms(entries, language)
    by_key = {entry.key: entry for entry in entries if entry.id}
    for source in template:
        if not source.id:
            continue
        entry = by_key.get(source.key)
        if entry is None or not entry.strings or not all(entry.strings):
            problems.append(f"{source.id!r} is not translated" + ("" if entry else f": {UPDATE}"))
        elif "fuzzy" in entry.flags:
            problems.append(f"{source.id!r} is fuzzy: look at it, and take the mark away")
        else:
            for form in entry.strings:
                problems += [f"{form!r} {problem}" for problem in check_string(source.id, form, language)]
    words = {entry.id: entry.strings[0] for entry in entries if entry.strings and entry.strings[0]}
    problems += check_keys(places, words, pidgins_own(language) if pidgins is None else pidgins)
    return [f"{path.name}: {problem}" for problem in problems]


def check_template(entries: list[Entry], fresh: list[Entry]) -> list[str]:
    """Against what the sources say now."""
    problems = [f"the template lacks {entry.id!r}: {UPDATE}" for entry in fresh
                if entry.key not in {old.key for old in entries}]
    problems += [f"the template has {entry.id!r}, which no source has: {UPDATE}" for entry in entries
                 if entry.key not in {new.key for new in fresh}]
    problems += [f"{entry.id!r} is cut off: G_GINT64_FORMAT and the like cannot be translated, use %s" for entry in fresh
                 if re.search(r"(?<!%)(%%)*%$", entry.id)]
    if problems:
        return problems
    now = {entry.key: (entry.plural, entry.comments, sorted(entry.files), sorted(entry.flags)) for entry in fresh if entry.id}
    return [f"the template has {entry.id!r} with another comment, plural or file: {UPDATE}" for entry in entries
            if entry.id and now[entry.key] != (entry.plural, entry.comments, sorted(entry.files), sorted(entry.flags))]


def check_sources(root: Path) -> list[str]:
    """Every file with strings is in POTFILES.in, and no other; none looks for its translations in Pidgin's."""
    listed = [line for line in (root / "po" / "POTFILES.in").read_text().splitlines() if line and not line.startswith("#")]
    problems = [f"po/POTFILES.in: {name} is there twice" for name in {name for name in listed if listed.count(name) > 1}]
    sources = {str(path.relative_to(root)): path.read_text() for path in sorted((root / "src").rglob("*.[ch]"))}
    problems += [f"{name}: ngettext looks in Pidgin's own translations: use g_dngettext (GETTEXT_PACKAGE, ...)"
                 for name, text in sources.items() if DEFAULT_DOMAIN.search(text)]
    using = {name for name, text in sources.items() if USES.search(text)}
    using |= {str(path.relative_to(root)) for path in (root / "data").glob("*.metainfo.xml.in")}
    problems += [f"po/POTFILES.in lacks {name}" for name in sorted(using - set(listed))]
    problems += [f"po/POTFILES.in: {name} has no strings" for name in sorted(set(listed) - using)]
    return problems


def check_languages(root: Path) -> list[str]:
    names = (root / "po" / "LINGUAS").read_text().split()
    files = {path.stem for path in (root / "po").glob("*.po")}
    return ([f"po/LINGUAS has {name}, but there is no {name}.po" for name in names if name not in files]
            + [f"{name}.po is not in po/LINGUAS" for name in sorted(files - set(names))])


# Reading the sources

def extract(root: Path, target: Path) -> None:
    """As meson's target does it."""
    options = re.findall(r"'(--[^']+)'", (root / "po" / "meson.build").read_text())
    command = ["xgettext", "-D", ".", "-f", "po/POTFILES.in", *options, "-o", str(target)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode or done.stderr:
        sys.exit(f"xgettext: {done.stderr}")


def fresh_template(root: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "fresh.pot"
        extract(root, target)
        return target.read_text(encoding="utf-8")


def update(root: Path) -> None:
    template = root / "po" / f"{DOMAIN}.pot"
    fresh = fresh_template(root)
    if not template.exists() or check_template(parse(template.read_text()), parse(fresh)):
        template.write_text(fresh)
    for path in sorted((root / "po").glob("*.po")):
        subprocess.run(["msgmerge", "--quiet", "--update", "--backup=none", "--previous", str(path), str(template)], check=True)


def check(root: Path) -> list[str]:
    problems = check_sources(root) + check_languages(root)
    template = root / "po" / f"{DOMAIN}.pot"
    if not template.exists():
        return [*problems, f"there is no {template.name}: {UPDATE}"]
    entries = parse(template.read_text(encoding="utf-8"))
    problems += check_template(entries, parse(fresh_template(root)))
    places = read_places(root)
    problems += check_places(places, entries) + check_keys(places, {}, PIDGINS)
    for path in sorted((root / "po").glob("*.po")):
        problems += check_po(path, entries, places)
    return problems


def main() -> int:
    if shutil.which("xgettext") is None:
        sys.exit("please install gettext")
    if sys.argv[1:] == ["--update"]:
        update(ROOT)
        return 0
    problems = check(ROOT)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
