#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of the product in several places is the same everywhere, and what comes with it is well made."""
from __future__ import annotations

import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
METAINFO = DATA / "im.pidgin.Pidgin.Plugin.ESession.metainfo.xml.in"
MANUAL = DATA / "pidgin-esession.7"
SVG = "{http://www.w3.org/2000/svg}"
SCREENSHOT_BYTES = 60_000


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def metainfo(screenshots: str) -> str:
    """As meson fills it in."""
    begin, end = ("", "") if screenshots else ("<!--", "-->")
    values = {"SCREENSHOTS": screenshots, "BEGIN": begin, "END": end}
    return re.sub(r"@(\w+)@", lambda match: values[match[1]], METAINFO.read_text(encoding="utf-8"))


def packages() -> dict[str, set[str]]:
    """Those of data/debian-packages.txt, by the first word of the comment above them."""
    blocks: dict[str, set[str]] = {}
    name = ""
    for line in read("data/debian-packages.txt").splitlines():
        if line.startswith("#"):
            name = re.match(r"# *(\w+)", line)[1]
        elif line.strip():
            blocks.setdefault(name, set()).add(line.partition("#")[0].strip())
    return blocks


def build_depends() -> list[str]:
    text = re.search(r"^Build-Depends:((?:.|\n )*)", read("debian/control"), re.MULTILINE)[1]
    return [entry.strip() for entry in text.split(",")]


class Product(unittest.TestCase):
    def test_version__everywhere__is_the_same(self) -> None:
        version = re.search(r"version: '([^']+)'", read("meson.build"))[1]
        self.assertEqual(re.match(r"pidgin-esession \(([^)]+)\)", read("debian/changelog"))[1], version)
        self.assertEqual(re.search(r"^Version: +(.*)$", read("data/fedora/pidgin-esession.spec"), re.MULTILINE)[1], version)
        self.assertEqual(re.search(r"^pkgver=(.*)$", read("data/arch/PKGBUILD"), re.MULTILINE)[1], version)
        newest = ElementTree.fromstring(metainfo("")).find("releases/release")
        self.assertEqual(newest.get("version"), version)
        self.assertTrue(newest.findtext("description/p"))

    def test_build_depends__and_our_list__are_the_same(self) -> None:
        always = {entry for entry in build_depends() if "<!nocheck>" not in entry}
        for_tests = {entry.replace("<!nocheck>", "").strip() for entry in build_depends() if "<!nocheck>" in entry}
        compat = {entry for entry in always if entry.startswith("debhelper-compat ")}
        self.assertEqual(len(compat), 1)
        self.assertEqual(always - compat, packages()["building"] - {"build-essential"})
        self.assertEqual(for_tests - packages()["tests"], set())

    def test_spec__requirements__are_those_of_meson(self) -> None:
        """gmodule and gobject come with GLib."""
        wanted = set(re.findall(r"dependency \('([^']+)'", read("meson.build"))) - {"gmodule-no-export-2.0", "gobject-2.0"}
        asked_for = set(re.findall(r"^BuildRequires: +pkgconfig\(([^)]+)\)", read("data/fedora/pidgin-esession.spec"), re.MULTILINE))
        self.assertEqual(asked_for, wanted)

    def test_recipe__of_arch__builds_what_is_there(self) -> None:
        """As far as that can be said where its tools are not."""
        subprocess.run(["bash", "-euc", "source data/arch/PKGBUILD; declare -F build package; [ -n \"$pkgdesc\" ]"], cwd=ROOT,
                       check=True, capture_output=True)

    def test_manual__commands__are_all_there(self) -> None:
        verbs = {verb for path in (ROOT / "src" / "text").glob("*.c")
                 for verb in re.findall(r'N_ \("/esession (\w+)', path.read_text(encoding="utf-8"))}
        described = set(re.findall(r"^\.It Ic /esession (\w+)", MANUAL.read_text(encoding="utf-8"), re.MULTILINE))
        self.assertIn("status", verbs)
        self.assertEqual(verbs - described, set())

    def test_manual__lint__says_nothing(self) -> None:
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(MANUAL)], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        drawn = subprocess.run(["mandoc", "-Tmarkdown", str(MANUAL)], capture_output=True, text=True, check=True).stdout
        self.assertIn("esession.db", drawn)

    def test_metainfo__appstreamcli__finds_nothing(self) -> None:
        for screenshots in ("", "https://example.org"):
            with self.subTest(screenshots), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / METAINFO.name.removesuffix(".in")
                path.write_text(metainfo(screenshots), encoding="utf-8")
                done = subprocess.run(["appstreamcli", "validate", "--no-net", "--pedantic", str(path)],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertNotRegex(done.stdout, r"(?m)^[EW]:")

    def test_metainfo__translation__is_in_it(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            (path / METAINFO.name).write_text(metainfo(""), encoding="utf-8")
            (path / "LINGUAS").write_text("de\n")
            (path / "de.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
                                        'msgid "Encrypted Sessions"\nmsgstr "Verschlüsselte Sitzungen"\n', encoding="utf-8")
            subprocess.run(["msgfmt", "--xml", "-d", folder, "--template", str(path / METAINFO.name),
                            "-o", str(path / "made.xml")], check=True)
            names = ElementTree.parse(path / "made.xml").getroot().findall("name")
        language = "{http://www.w3.org/XML/1998/namespace}lang"
        self.assertEqual([(name.get(language), name.text) for name in names],
                         [(None, "Encrypted Sessions"), ("de", "Verschlüsselte Sitzungen")])

    def test_screenshots__files__are_those_of_metainfo_and_manual(self) -> None:
        images = ElementTree.fromstring(metainfo("https://example.org")).iter("image")
        named = {Path(image.text).name for image in images}
        shown = set(re.findall(r"\(data/screenshots/([^)]+)\)", read("README.md")))
        pictures = {path.name: path.read_bytes() for path in (DATA / "screenshots").iterdir()}
        self.assertEqual(named | shown, set(pictures))
        for name, octets in pictures.items():
            with self.subTest(name):
                self.assertTrue(octets.startswith(b"\x89PNG"))
                self.assertLess(len(octets), SCREENSHOT_BYTES)

    def test_icons__drawing__is_a_square_that_needs_nothing_else(self) -> None:
        icons = {path.name: ElementTree.parse(path).getroot() for path in (DATA / "icons").rglob("*.svg")}
        self.assertEqual(set(icons), {"pidgin-esession.svg", "pidgin-esession-symbolic.svg"})
        for name, root in icons.items():
            with self.subTest(name):
                size = root.get("width")
                self.assertEqual((root.get("height"), root.get("viewBox")), (size, f"0 0 {size} {size}"))
                self.assertFalse([node.tag for node in root.iter() if node.tag in (SVG + "image", SVG + "text")])
        areas = icons["pidgin-esession-symbolic.svg"].iter(SVG + "path")
        self.assertEqual([(area.get("stroke"), area.get("fill")) for area in areas], [(None, "#2e3436")])


if __name__ == "__main__":
    unittest.main()
