#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures that software centres show, into data/screenshots: ES_BUILD=$PWD/out/gcc tests/e2e/screenshots.py"""
from __future__ import annotations

import subprocess
from pathlib import Path

from encrypted import ALICE, BOB, finish
from harness import Workspace, Window
from test_devices import TITLE, verified_scene
from test_pidgin import Alice, encrypted_scene

FOLDER = Path(__file__).resolve().parents[2] / "data" / "screenshots"
TALK = ((BOB, "Hi Alice! Did the surprise arrive?"), (ALICE, "Yes, this morning. Nobody but us knows."),
        (BOB, "And nobody on the way can read it."))


def keep(alice: Alice, name: str, window: Window) -> None:
    """Few colours are enough, and nothing in the file changes from one day to the next."""
    picture = alice.screenshot(name, window)
    subprocess.run(["convert", str(picture), "-strip", "+dither", "-colors", "64", "-define", "png:compression-level=9",
                    "-define", "png:exclude-chunks=date,time", f"PNG8:{FOLDER / name}.png"], check=True)


def verifying() -> None:
    with Workspace() as workspace:
        _, alice, bob, window = encrypted_scene(workspace)
        keep(alice, "verify", alice.dialog(window))
        alice.key("Escape")
        alice.wait_no_window("^Verify")
        alice.leave()
        finish(bob)


def verified() -> None:
    with Workspace() as workspace:
        _, alice, bob, carol, window = verified_scene(workspace)
        alice.call("PurpleConversationClearMessageHistory", alice.conversation(BOB))
        for sender, text in TALK:
            if sender == ALICE:
                alice.send(BOB, text)
                bob.wait_received(text)
            else:
                bob.send(ALICE, text)
                alice.wait_shown(text)
        alice.place(window, 300, 20, 560, 330)
        keep(alice, "verified", window)
        alice.menu(window, "r")
        listed = alice.wait_window(TITLE)
        alice.place(listed, 20, 380, 860, 280)
        alice.focus(listed)
        alice.key("alt+s", "ctrl+a", "BackSpace", "Down")
        keep(alice, "devices", listed)
        alice.key("Escape")
        alice.wait_no_window(TITLE)
        alice.leave()
        finish(bob, carol)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    verifying()
    verified()
