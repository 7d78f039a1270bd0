#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The choices that a user has in a real Pidgin: policies, the bar above the entry, what is logged, what comes back."""
from __future__ import annotations

import os
import re
import signal
import sqlite3
from pathlib import Path

import harness
from encrypted import (ALICE, BOB, CAROL, NOW_ENCRYPTED, NOW_VERIFIED, THEY_ENDED, YOU_VERIFIED, Client, finish, plain,
                       readers)
from harness import Window, Workspace, wait_until
from test_pidgin import DARK, SIZE, Alice, encrypted_scene, scene


def test_narrow_window(workspace: Workspace) -> None:
    """The words of the indicator give way, and come back."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    wide = alice.steady_bar(window)
    alice.screenshot("choices-wide", window)
    alice.place(window, 300, 20, 340, 400)
    wait_until(lambda: alice.size(window)[0] == 340, "narrow window")
    alice.screenshot("choices-narrow", window)
    alice.place(window, 300, 20, *SIZE)
    wait_until(lambda: alice.bar(window) == wide, "same picture as before")
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
