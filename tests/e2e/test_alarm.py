#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever looks elsewhere in a real Pidgin gets to know of an alarm, by a sound, by the window and by the tab; and nobody
takes it for a message."""
from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import harness
from encrypted import ALICE, BOB, CAROL, NOW_ENCRYPTED, THEY_ENDED, YOU_VERIFIED, Client, finish
from harness import Prosody, Window, Workspace, wait_until
from test_choices import logged, typed
from test_password import DIFFER, WAITS
from test_pidgin import Alice, encrypted_scene, pixels

STRANGE = "The other side uses a device that you have not verified, although you verified another one"
NICK, SYSTEM, RECEIVED = 0x0020, 0x0004, 0x0002
TABS = 0, 25, 600, 24  # in a window with two of them


class Ears:
    """What Pidgin plays: one name of a file for each sound. The player is a script of ours."""

    def __init__(self, workspace: Workspace):
        self.heard_in = workspace.path / "heard"
        self.player = workspace.path / "player"
        self.player.write_text(f'#!/bin/sh\necho "$1" >> {self.heard_in}\n')
        self.player.chmod(0o755)
        self.prefs = {"/pidgin/sound/method": "custom", "/pidgin/sound/mute": False}

    def listen(self, alice: Alice) -> None:
        alice.call("PurplePrefsSetPath", "/pidgin/sound/command", f"{self.player} %s")

    def heard(self) -> list[str]:
        return [Path(line).name for line in self.heard_in.read_text().split()] if self.heard_in.exists() else []

    def alerts(self) -> int:
        return self.heard().count("alert.wav")


def urgent(alice: Alice, window: Window) -> bool:
    return "urgency hint bit is set" in alice._run("xprop", "-id", window.id, "WM_HINTS")


def verified(workspace: Workspace, ears: Ears, **options: Any) -> tuple[Prosody, Alice, Client, Window]:
    prosody, alice, bob, window = encrypted_scene(workspace, prefs=ears.prefs, **options)
    ears.listen(alice)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    return prosody, alice, bob, window


def take_place(workspace: Workspace, prosody: Prosody, alice: Alice, bob: Client) -> Client:
    """A device that Alice has not verified comes in the place of the one that she has."""
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    bob.kill()
    alice.wait_shown(STRANGE)
    phone.open(ALICE)
    phone.wait_line(NOW_ENCRYPTED)
    return phone


def lines(alice: Alice, sentence: str) -> list[int]:
    """The flags of those that hold it."""
    return [flags for _, text, flags in alice.history(BOB) if sentence in text]


def test_in_another_window(workspace: Workspace) -> None:
    """One sound, and the window asks to be looked at until it is; there is one line, that came from nobody."""
    ears = Ears(workspace)
    prosody, alice, bob, window = verified(workspace, ears)
    record = workspace.path / "received"
    with record.open("w") as out:
        monitor = workspace.spawn(["dbus-monitor", "--address", alice.bus.address, "member='ReceivedImMsg'"],
                                  workspace.path / "monitor.log", stdout=out)
    alice.focus(alice.buddy_list())
    bob.send(ALICE, "a message of his")
    alice.wait_shown("a message of his")
    wait_until(lambda: "ReceivedImMsg" in record.read_text(), "signal of a message")
    n_messages = record.read_text().count("ReceivedImMsg")
    assert not urgent(alice, window) and ears.alerts() == 0, ears.heard()

    phone = take_place(workspace, prosody, alice, bob)
    wait_until(lambda: urgent(alice, window), "urgent window")
    wait_until(lambda: ears.alerts() == 1, "sound")
    alice.screenshot("alarm-other-window")
    time.sleep(3)
    flags = lines(alice, STRANGE)
    assert len(flags) == 1 and flags[0] & SYSTEM and flags[0] & NICK and not flags[0] & RECEIVED, flags
    assert ears.alerts() == 1, ears.heard()
    assert record.read_text().count("ReceivedImMsg") == n_messages, record.read_text()
    alice.focus(window)
    wait_until(lambda: not urgent(alice, window), "window that was looked at")
    workspace.end(monitor)
    alice.leave()
    assert logged(alice).count(STRANGE) == 1
    finish(phone)


def test_where_the_user_looks(workspace: Workspace) -> None:
    """There it is said, and nothing else happens; and nothing for what is no alarm."""
    ears = Ears(workspace)
    prosody, alice, bob, window = verified(workspace, ears)
    alice.focus(alice.buddy_list())
    bob.ask(ALICE, "end")
    alice.wait_shown(THEY_ENDED)
    bob.ask(ALICE, "start")
    time.sleep(3)
    assert not urgent(alice, window) and ears.alerts() == 0, ears.heard()
    alice.focus(window)
    phone = take_place(workspace, prosody, alice, bob)
    time.sleep(3)
    assert not urgent(alice, window) and ears.alerts() == 0, ears.heard()
    alice.leave()
    finish(phone)


def test_in_another_tab(workspace: Workspace) -> None:
    """The window has the keyboard: the tab has another colour than an ordinary line gives it, and there is a sound. Passwords
    that differ are an alarm as well."""
    ears = Ears(workspace)
    users = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
    prosody, alice, bob, window = encrypted_scene(workspace, prefs=ears.prefs, users=users, buddies=(BOB, CAROL))
    ears.listen(alice)
    typed(alice, window, "/esession password one")
    alice.wait_shown(WAITS)
    alice.conversation(CAROL)
    wait_until(lambda: alice.steady_bar(window), "both tabs")
    alice.focus(window)
    alice.key("ctrl+Tab")
    window = alice.wait_window("^Carol$")
    alice.focus(window)
    before = alice.steady(window, *TABS)
    assert ears.alerts() == 0, ears.heard()
    bob.ask(ALICE, "password another")
    alice.wait_shown(DIFFER)
    wait_until(lambda: ears.alerts() == 1, "sound")
    assert not urgent(alice, window)
    after = alice.steady(window, *TABS)
    alice.screenshot("alarm-other-tab", window)
    assert set(pixels(after)) - set(pixels(before)), "the tab looks as before"
    assert all(flags & NICK for flags in lines(alice, DIFFER)) and lines(alice, DIFFER)
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
