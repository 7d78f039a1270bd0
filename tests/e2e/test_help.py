#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The help of our windows in a real Pidgin: by its button, by F1, and away again."""
from __future__ import annotations

import re

import accessible
import harness
from accessible import Node
from encrypted import ALICE, BOB, Client, finish
from harness import Workspace, wait_until
from hostile import between, changed, fresh
from prosody import PASSWORD
from test_choices import policies, typed
from test_pidgin import Alice
from walk import Walk, bar, choose, dialog

HELP = "Help"


def page(alice: Alice, words: str) -> Node:
    """The window with the help, once that is about it."""
    node = accessible.window(alice, HELP)
    wait_until(lambda: any(words in label.name for label in accessible.window(alice, HELP).all("label")), words)
    assert not accessible.nameless(node), node.outline()
    return node


def look(alice: Alice, title: str, words: str, name: str) -> None:
    """By mouse, and by keyboard: the dialog stays as it is, what is asked for is about it, and Escape takes only that away."""
    window, node = dialog(alice, title)
    button = node.one("push button", HELP)
    others = [other for other in node.all("push button") if other.name != HELP and other.extents[1] == button.extents[1]]
    assert others and all(button.extents[0] < other.extents[0] for other in others), node.outline()
    alice.click_at(button.extents)
    page(alice, words)
    help_window = alice.wait_window(f"^{HELP}$")
    alice.screenshot(f"help-{name}")
    alice.focus(help_window)
    alice.key("Escape")
    alice.wait_no_window(f"^{HELP}$")
    alice.focus(window)
    alice.key("F1")
    page(alice, words)
    assert len(alice.windows(f"^{HELP}$")) == 1
    alice.focus(alice.wait_window(f"^{HELP}$"))
    alice.key("Escape")
    alice.wait_no_window(f"^{HELP}$")
    assert alice.windows(f"^{re.escape(title)}"), "the dialog has gone"


def leave(alice: Alice, title: str) -> None:
    alice.focus(alice.wait_window(f"^{re.escape(title)}"))
    alice.key("Escape")
    alice.wait_no_window(f"^{re.escape(title)}")


def test_help(workspace: Workspace) -> None:
    """Every dialog has it, and none does anything by it."""
    way = Walk(workspace)
    way.begin()
    alice = way.alice
    alice.wait_shown("now encrypted")
    way.tool("Preferences...")
    look(alice, "Encryption preferences", "wherever you have chosen nothing else", "preferences")
    leave(alice, "Encryption preferences")
    way.tool("Remembered devices...")
    look(alice, "Remembered devices", "If a device was lost", "devices")
    leave(alice, "Remembered devices")
    way.tool("Protection of remembered devices...")
    look(alice, "Protection of remembered devices", "the keyring of this computer", "protection")
    leave(alice, "Protection of remembered devices")
    choose(alice, "_Verify...")
    look(alice, "Verify the other side", "There are four ways", "verify")
    assert alice.devices() == [(BOB, False)]

    # From there to what all of this is; and what asked for it takes it along.
    window, node = dialog(alice, "Verify the other side")
    alice.key("F1")
    alice.focus(alice.wait_window(f"^{HELP}$"))
    alice.key("alt+a")
    alice.focus(alice.wait_window("^About encryption$"))
    alice.key("Escape")
    alice.wait_no_window("^About encryption$")
    assert alice.windows(f"^{HELP}$")
    alice.focus(window)
    alice.key("Escape")
    alice.wait_no_window("^Verify the other side")
    alice.wait_no_window(f"^{HELP}$")
    way.end()


def test_help_in_questions(workspace: Workspace) -> None:
    """Ours and those that Pidgin makes for us, each about its own matter."""
    way = Walk(workspace)
    way.begin()
    alice = way.alice
    alice.wait_shown("now encrypted")
    way.tool("Remembered devices...")
    alice.focus(alice.wait_window("^Remembered devices$"))
    alice.key("Tab", "Down", "space")
    alice.key("alt+r")
    look(alice, "Rename the device", "Here you will find every device", "rename")
    leave(alice, "Rename the device")
    alice.focus(alice.wait_window("^Remembered devices$"))
    alice.key("alt+f")
    look(alice, "Forget?", "Here you will find every device", "forget")
    leave(alice, "Forget?")
    leave(alice, "Remembered devices")
    way.tool("Move to another computer...")
    look(alice, "Move to another computer", "Here you will find every device", "move")
    leave(alice, "Move to another computer")

    alice.call("PurplePrefsSetInt", "/plugins/core/esession/starters", 1)
    request = next(stanza.xml for stanza in way.prosody.stanzas() if "my_nonce" in stanza.xml)
    way.prosody._store("accounts", "eve", f'return {{ ["password"] = "{PASSWORD}"; }};\n')
    eve = Client(workspace, "eve", way.prosody, plugin=False)
    eve.login()
    eve.command("send-stanza", xml=between(changed(fresh(request), to=f"{ALICE}/pidgin"), "eve@localhost", ALICE))
    look(alice, "Encrypted Sessions", "Encryption does not say who that is", "stranger")
    leave(alice, "Encrypted Sessions")
    finish(eve)
    way.end()


def test_help_with_what_waits(workspace: Workspace) -> None:
    """F1 in the bar above the entry, and the question before something leaves unencrypted."""
    way = Walk(workspace)
    way.begin(stopped=True)
    alice = way.alice
    choose(alice, "_This contact", "_Always")
    wait_until(lambda: policies(alice), "policy")
    typed(alice, way.window, "waits")
    node = bar(alice, "_Edit", "Disca_rd", "Send _unencrypted", "_Keep waiting")
    alice.focus(way.window)
    accessible.act(alice, node.one("push button", "Keep waiting"), "focus")
    alice.key("F1")
    page(alice, "A message that cannot be encrypted yet waits")
    alice.focus(alice.wait_window(f"^{HELP}$"))
    alice.key("Escape")
    alice.wait_no_window(f"^{HELP}$")
    alice.focus(way.window)
    alice.key("alt+u")
    look(alice, "Send unencrypted?", "What you send unencrypted can be read by others", "waiting")
    leave(alice, "Send unencrypted?")
    way.go_on()
    way.bob.wait_received("waits")
    way.end()


if __name__ == "__main__":
    harness.main(globals())
