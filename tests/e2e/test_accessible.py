#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader has to say about our windows, and whether the keyboard comes everywhere."""
from __future__ import annotations

import os
import signal

import accessible
import harness
from accessible import Node
from encrypted import ALICE, ENCRYPTED, ENDED, PLAIN, STARTING, THEY_ENDED, VERIFIED, finish
from harness import Workspace, wait_until
from test_choices import typed
from test_pidgin import Alice, encrypted_scene, plugins_window, scene
from walk import WAITING, Walk, always, bar, choose, conversation, indicator, menu, wait_state


def check_focus(alice: Alice, title: str) -> None:
    """Tab comes to every control of a window, both ways."""
    node = accessible.window(alice, title)
    for key in ("Tab", "shift+Tab"):
        visited = set(accessible.tab_order(alice, title, key))
        missed = [found for found in node.walk() if found.path in accessible.reachable(node) - visited]
        assert not missed, (key, [(found.role, found.name) for found in missed], node.outline())


def check_dialog(alice: Alice, title: str) -> None:
    """Everything in it has a name, Tab comes to every control, both ways, and Escape closes it."""
    window = alice.wait_window(f"^{title}")
    alice.place(window, 350, 120)
    alice.focus(window)
    node = accessible.window(alice, f"{title}*")
    assert not accessible.nameless(node), (accessible.nameless(node), node.outline())
    check_focus(alice, f"{title}*")
    alice.key("Escape")
    alice.wait_no_window(f"^{title}")


def test_states(workspace: Workspace) -> None:
    """The tray of the menu bar is called what the state is, and the menu says so, too."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    wait_state(alice, PLAIN)
    typed(alice, window, "waits")
    os.kill(bob.process.pid, signal.SIGCONT)
    wait_state(alice, ENCRYPTED)
    assert 'With the device "\u2068test\u2069", since ' in indicator(alice).description, indicator(alice)
    choose(alice, "_Verify...")
    alice.focus(alice.wait_window("^Verify"))
    alice.key("alt+m")
    wait_state(alice, VERIFIED)
    assert "You verified this device: " in indicator(alice).description, indicator(alice)
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    wait_state(alice, ENDED)
    os.kill(bob.process.pid, signal.SIGSTOP)
    choose(alice, "_Start encryption")
    wait_state(alice, STARTING)
    os.kill(bob.process.pid, signal.SIGCONT)
    wait_state(alice, VERIFIED)
    alice.leave()
    finish(bob)


def test_menu(workspace: Workspace) -> None:
    """Every item has a name and says whether it is ticked or cannot be chosen; what is chosen is done."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    accessible.act(alice, menu(alice))
    wait_until(lambda: "sensitive" not in menu(alice).one("menu item", "Start encryption").states, "opened menu")
    assert "sensitive" in menu(alice).one("menu item", "End encryption").states
    assert "checked" in menu(alice).one("check menu item", "Log this conversation").states
    assert "checked" in menu(alice).one("radio menu item", "As usual (Whenever possible)").states
    assert not accessible.nameless(menu(alice)), menu(alice).outline()
    alice.key("Escape", "Escape", "Escape")
    choose(alice, "_End encryption")
    bob.wait_line(THEY_ENDED)
    alice.leave()
    finish(bob)


def test_dialogs(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    for item, title in (("_Verify...", "Verify"), ("_About encryption", "About encryption")):
        choose(alice, item)
        check_dialog(alice, title)
    plugins_window(alice)
    alice.key("alt+u")
    check_dialog(alice, "Encrypted Sessions")
    alice.leave()
    finish(bob)


def test_tools(workspace: Workspace) -> None:
    """Preferences, remembered devices, and what they ask."""
    way = Walk(workspace)
    way.begin()
    wait_state(way.alice, ENCRYPTED)
    for stop in way.tools():
        assert not accessible.nameless(stop.node), (stop.name, stop.node.outline())
        if stop.name != "devices":  # as it is when one is selected
            check_focus(way.alice, stop.node.name)
    way.end()


def check_bar(alice: Alice, words: str, *buttons: str) -> Node:
    node = wait_until(lambda: next((node for node in [bar(alice, *buttons)] if words in node.name), None), words)
    assert not accessible.nameless(node), node.outline()
    return node


def test_bar_of_what_waits(workspace: Workspace) -> None:
    """It is an alert that says what there is to choose, and its buttons say what they do."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    always(alice)
    typed(alice, window, "one")
    node = check_bar(alice, "1 message waits", *WAITING, "Send _unencrypted", "_Keep waiting")
    accessible.act(alice, node.one("push button", "Keep waiting"))
    check_bar(alice, "1 message waits", *WAITING)
    typed(alice, window, "thrown away")

    # For a moment nothing can be pressed, but all can be read.
    node = wait_until(lambda: next((node for node in conversation(alice).all("alert") for button in
                                    node.all("push button", "Edit") if "sensitive" not in button.states), None), "moment")
    assert len(node.all("image", "Waits")) == len(node.all("push button", "Edit")), node.outline()
    assert all("sensitive" in label.states for label in node.all("label")), node.outline()
    node = check_bar(alice, "2 messages wait", *WAITING * 2, "Send _unencrypted", "_Keep waiting")
    accessible.act(alice, next(button for button in node.all("push button", "Discard") if "away" in button.description))
    check_bar(alice, "1 message waits", *WAITING, "Undo")
    check_bar(alice, "1 message waits", *WAITING)
    typed(alice, window, "two")
    check_bar(alice, "2 messages wait", *WAITING * 2, "Send _unencrypted", "_Keep waiting")
    alice.focus(window)
    alice.type("three")
    choose(alice, "_End encryption")
    check_bar(alice, "2 messages were not sent.", "Send a_gain", "_Do not send")
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.leave()
    finish(bob)


def test_bar_of_an_end(workspace: Workspace) -> None:
    """The question before something leaves in the clear belongs to it."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    bob.ask(ALICE, "end")
    node = check_bar(alice, "Encryption has ended.", "Start a_gain", "_Write unencrypted")
    accessible.act(alice, node.one("push button", "Write unencrypted"))
    alice.wait_shown("What you write now is not encrypted.")
    bob.command("disconnect")
    always(alice)
    typed(alice, window, "waits")
    accessible.act(alice, bar(alice, *WAITING, "Send _unencrypted", "_Keep waiting").one("push button", "Send unencrypted"))
    check_dialog(alice, "Send unencrypted")
    alice.leave()
    finish(bob)


def test_bar_of_what_has_not_arrived(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    typed(alice, window, "one")
    check_bar(alice, "1 message has not arrived yet.")
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("one")
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
