#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What meson installs: no file more and none less, plugins that work from there, and nothing left after its removal."""
from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import harness
from encrypted import ALICE, BOB, ENCRYPTED, NOW_ENCRYPTED, Client, finish
from harness import Pidgin, Prosody, Workspace, wait_until
from workspace import plugin_folder

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["ES_BUILD"])


def meson(*words: str | Path) -> str:
    done = subprocess.run(["meson", *map(str, words)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def options() -> dict[str, str]:
    return {option["name"]: option["value"] for option in json.loads(meson("introspect", "--buildoptions", BUILD))}


def expected() -> set[Path]:
    """Languages are those of po/LINGUAS."""
    folders = options()
    prefix = Path(folders["prefix"])
    data, man, locale = (prefix / folders[name] for name in ("datadir", "mandir", "localedir"))
    languages = (ROOT / "po" / "LINGUAS").read_text().split()
    return {
        plugin_folder("purple") / "esession.so",
        plugin_folder("pidgin") / "pidgin-esession.so",
        data / "icons/hicolor/scalable/apps/pidgin-esession.svg",
        data / "icons/hicolor/symbolic/apps/pidgin-esession-symbolic.svg",
        data / "metainfo/im.pidgin.Pidgin.Plugin.ESession.metainfo.xml",
        man / "man7/pidgin-esession.7",
        *(locale / language / "LC_MESSAGES/pidgin-esession.mo" for language in languages),
    }


def install(workspace: Workspace) -> Path:
    target = workspace.folder("installed")
    meson("install", "-C", BUILD, "--no-rebuild", "--destdir", target)
    return target


def inside(target: Path, path: Path) -> Path:
    return target / path.relative_to("/")


def files(target: Path) -> set[Path]:
    return {Path("/") / path.relative_to(target) for path in target.rglob("*") if not path.is_dir()}


def test_list_and_removal(workspace: Workspace) -> None:
    target = install(workspace)
    assert files(target) == expected(), files(target) ^ expected()
    for path in files(target):
        mode = inside(target, path).stat().st_mode & 0o777
        assert mode in (0o644, 0o755), (path, oct(mode))
    done = subprocess.run(["ninja", "-C", BUILD, "uninstall"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(target.rglob("*")), list(target.rglob("*"))


def test_only_the_entry_is_exported(workspace: Workspace) -> None:
    target = install(workspace)
    for path in expected():
        if path.suffix == ".so":
            done = subprocess.run(["nm", "-D", "--defined-only", "--format=just-symbols", inside(target, path)], check=True,
                                  capture_output=True, text=True)
            assert done.stdout.split() == ["purple_init_plugin"], (path, done.stdout)
            headers = subprocess.run(["readelf", "-d", inside(target, path)], check=True, capture_output=True, text=True).stdout
            assert "RPATH" not in headers and "RUNPATH" not in headers, headers


def test_home_needs_nobody_elses_folders(workspace: Workspace) -> None:
    """Whoever may not install for all users."""
    home, build = workspace.folder("home"), workspace.path / "build"
    meson("setup", build, ROOT, f"--prefix={home}/.local", f"-Dplugindir={home}/.purple/plugins", "-Dtests=false")
    places = json.loads(meson("introspect", "--installed", build)).values()
    assert len(places) == len(expected()), places
    assert all(place.startswith(f"{home}/") for place in places), places
    assert sorted(Path(place).name for place in places if place.startswith(f"{home}/.purple/plugins/")) \
        == ["esession.so", "pidgin-esession.so"], places


def test_plugins_work_from_there(workspace: Workspace) -> None:
    """Alice has Pidgin, and Bob has no windows."""
    target = install(workspace)
    core = inside(target, plugin_folder("purple") / "esession.so")
    windows = inside(target, plugin_folder("pidgin") / "pidgin-esession.so")
    prosody = Prosody(workspace)
    bob = Client(workspace, "bob", prosody, plugins=[core])
    bob.login()
    alice = Pidgin(workspace, "alice", prosody, buddies=[BOB], plugins=[core, windows], loaded=[windows.name])
    bob.wait_for("buddy-signed-on", who=ALICE)
    alice.conversation(BOB)
    wait_until(lambda: any(NOW_ENCRYPTED in text for _, text, _ in alice.history(BOB)), "encryption")
    bob.open(ALICE)
    assert ENCRYPTED in bob.state(ALICE)
    alice.quit()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
