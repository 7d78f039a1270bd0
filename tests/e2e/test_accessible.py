#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader has to say about our windows, and whether the keyboard comes everywhere."""
from __future__ import annotations

import os
import signal

import accessible
import harness
from accessible import Node
from encrypted import (ALICE, BOB, ENCRYPTED, ENDED, PLAIN, STARTING, THEY_ENDED, VERIFIED, finish)
from harness import Workspace, wait_until
from test_choices import ALWAYS, policies, typed
from test_pidgin import Alice, encrypted_scene, plugins_window, scene


def menu(alice: Alice) -> Node:
    """Ours; Pidgin's Conversation > More has another of that name."""
    name = alice.ours("_Encryption").replace("_", "")
    bar = accessible.window(alice, "Bob").one("menu bar")
    return next(node for node in bar.children if (node.role, node.name) == ("menu", name))


def item(alice: Alice, name: str, sensitive: bool = True) -> Node:
    """Of our menu, once it can be chosen; name has the mnemonic."""
    wanted = alice.ours(name).replace("_", "")
    return wait_until(lambda: next((node for node in menu(alice).all(name=wanted)
                                    if not sensitive or "sensitive" in node.states), None), wanted)


def choose(alice: Alice, *names: str) -> None:
    """An item of our menu, opened as a screen reader's user does."""
    accessible.act(alice, menu(alice))
    for name in names:
        accessible.act(alice, item(alice, name))


def bar(alice: Alice, words: str) -> Node:
    """The one above the entry, once it says these words."""
    return wait_until(lambda: next((node for node in accessible.window(alice, "Bob").all("alert") if words in node.name),
                                   None), f"bar with {words!r}", 20)


def check_dialog(alice: Alice, title: str, spoken: str = "") -> None:
    """Everything in it has a name, Tab comes to every control, both ways, and Escape closes it. spoken is what it is
    called if that is not the title."""
    window = alice.wait_window(f"^{title}")
    alice.place(window, 350, 120)
    alice.focus(window)

    def read() -> Node:
        return accessible.window(alice, spoken or f"{title}*")
    assert not accessible.nameless(read()), (accessible.nameless(read()), read().outline())
    for key in ("Tab", "shift+Tab"):
        visited = {node.path for node in accessible.tab_order(alice, read, key)}
        missed = accessible.reachable(read()) - visited
        assert not missed, (key, missed, read().outline())
    alice.key("Escape")
    alice.wait_no_window(f"^{title}")


def states(alice: Alice, wanted: str) -> None:
    """The tray of the menu bar is called what the state is, and the menu says so, too."""
    def told() -> bool:
        window = accessible.window(alice, "Bob")
        return bool(window.all("menu item", f"{wanted}*")) and menu(alice).description.startswith(wanted)
    wait_until(told, f"{wanted!r} for screen readers")


def test_states(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    states(alice, PLAIN)
    typed(alice, window, "waits")
    os.kill(bob.process.pid, signal.SIGCONT)
    states(alice, f"{ENCRYPTED}, with ")
    choose(alice, "_Verify...")
    alice.focus(alice.wait_window("^Verify"))
    alice.key("alt+m")
    states(alice, f"{VERIFIED}, with ")
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    states(alice, ENDED)
    os.kill(bob.process.pid, signal.SIGSTOP)
    choose(alice, "_Start")
    states(alice, STARTING)
    os.kill(bob.process.pid, signal.SIGCONT)
    states(alice, VERIFIED)
    alice.leave()
    finish(bob)


def test_menu(workspace: Workspace) -> None:
    """Every item has a name and says whether it is ticked or cannot be chosen; what is chosen is done."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    accessible.act(alice, menu(alice))
    wait_until(lambda: "sensitive" not in menu(alice).one("menu item", "Start").states, "opened menu")
    assert "sensitive" in menu(alice).one("menu item", "End").states
    assert "checked" in menu(alice).one("check menu item", "Log this conversation").states
    assert "checked" in menu(alice).one("radio menu item", "As usual (Whenever possible)").states
    assert not accessible.nameless(menu(alice)), menu(alice).outline()
    alice.key("Escape", "Escape", "Escape")
    choose(alice, "_End")
    bob.wait_line(THEY_ENDED)
    alice.leave()
    finish(bob)


def test_dialogs(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    for item, title in (("_Verify...", "Verify"), ("_What is this?", "About encryption")):
        choose(alice, item)
        check_dialog(alice, title)
    plugins_window(alice)
    alice.key("alt+u")
    check_dialog(alice, "Encrypted Sessions")
    alice.leave()
    finish(bob)


def check_bar(alice: Alice, words: str, *buttons: str) -> Node:
    node = bar(alice, words)
    assert not accessible.nameless(node), node.outline()
    assert [button.name for button in node.all("push button")] == list(buttons), node.outline()
    return node


def test_bar_of_what_waits(workspace: Workspace) -> None:
    """It is an alert that says what there is to choose, and its buttons say what they do."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "one")
    node = check_bar(alice, "1 message waits", "Send unencrypted", "Keep waiting")
    accessible.act(alice, node.one("push button", "Keep waiting"))
    wait_until(lambda: not accessible.window(alice, "Bob").all("alert"), "end of the bar")
    typed(alice, window, "two")
    check_bar(alice, "2 messages wait", "Send unencrypted", "Keep waiting")
    alice.focus(window)
    alice.type("three")
    choose(alice, "_End")
    check_bar(alice, "2 messages were not sent.", "Send again", "Do not send")
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.leave()
    finish(bob)


def test_bar_of_an_end(workspace: Workspace) -> None:
    """The question before something leaves in the clear belongs to it."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    bob.ask(ALICE, "end")
    node = check_bar(alice, "Encryption has ended.", "Start again", "Write unencrypted")
    accessible.act(alice, node.one("push button", "Write unencrypted"))
    alice.wait_shown("What you write now is not encrypted.")
    bob.command("disconnect")
    choose(alice, "_This contact", "_Always")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    typed(alice, window, "waits")
    accessible.act(alice, bar(alice, "1 message waits").one("push button", "Send unencrypted"))
    check_dialog(alice, "Send unencrypted", spoken="Warning")
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
