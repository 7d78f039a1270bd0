#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The padlocks that say of several contacts at once what they are: in the tabs of a real Pidgin, and in its buddy list."""
from __future__ import annotations

from typing import Any

import accessible
import harness
from accessible import Node
from encrypted import ALICE, BOB, CAROL, NOW_ENCRYPTED, YOU_VERIFIED, Client, finish
from harness import Window, Workspace, wait_until
from test_choices import typed
from test_pidgin import SCREEN, Alice, encrypted_scene, plugins_window, scene, toggle

SIDE = "/pidgin/conversations/tab_side"
BOTTOM, TOP = 3, 2
PADLOCK = 24, 18


def tabs_scene(workspace: Workspace, **options: Any) -> tuple[Alice, Client, Client, Window]:
    """Bob's tab, who can encrypt, and in front Carol's, who cannot."""
    users = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
    prosody, alice, bob = scene(workspace, users=users, buddies=(BOB, CAROL), accessible=True, **options)
    carol = Client(workspace, "carol", prosody, plugin=False)
    carol.login()
    carol.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    alice.conversation(CAROL)
    alice.focus(window)
    alice.key("ctrl+Tab")
    return alice, bob, carol, alice.wait_window("^Carol$")


def tab(alice: Alice, name: str) -> Node:
    return wait_until(lambda: next((node for node in accessible.tree(alice).walk()
                                    if node.role == "page tab" and node.name == name and node.extents), None), f"tab {name}")


def padlock(alice: Alice, name: str) -> bytes:
    """What stands behind the name, which is all that a screen reader knows of a tab."""
    x, y, width, height = tab(alice, name).extents
    return alice.picture(SCREEN, x + width, y + (height - PADLOCK[1]) // 2, *PADLOCK)


def test_every_tab_has_its_own(workspace: Workspace) -> None:
    alice, bob, carol, window = tabs_scene(workspace)
    alice.screenshot("tabs", window)
    encrypted, plain = padlock(alice, "Bob"), padlock(alice, "Carol")
    assert encrypted != plain

    # Nobody looks at it, and it follows.
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    wait_until(lambda: padlock(alice, "Bob") != encrypted, "padlock of an end")
    alice.screenshot("tabs-ended", window)
    assert padlock(alice, "Carol") == plain
    bob.ask(ALICE, "start")
    wait_until(lambda: padlock(alice, "Bob") == encrypted, "padlock of an encrypted conversation")
    alice.leave()
    finish(bob, carol)


def test_tabs_on_another_side(workspace: Workspace) -> None:
    """Pidgin makes them anew."""
    alice, bob, carol, window = tabs_scene(workspace)
    before = padlock(alice, "Bob")
    alice.call("PurplePrefsSetInt", SIDE, BOTTOM)
    wait_until(lambda: tab(alice, "Bob").extents[1] > 300, "tabs at the bottom")
    wait_until(lambda: padlock(alice, "Bob") == before, "padlock at the bottom")
    alice.screenshot("tabs-bottom", window)
    alice.call("PurplePrefsSetInt", SIDE, TOP)
    wait_until(lambda: tab(alice, "Bob").extents[1] < 300, "tabs at the top")
    wait_until(lambda: padlock(alice, "Bob") == before, "padlock at the top")
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    wait_until(lambda: padlock(alice, "Bob") != before, "padlock of an end")
    alice.leave()
    finish(bob, carol)


def test_tab_in_another_window(workspace: Workspace) -> None:
    """It is drawn out of its window. At the bottom there is one for a single conversation as well."""
    alice, bob, carol, window = tabs_scene(workspace, prefs={SIDE: BOTTOM})
    x, y, _, height = tab(alice, "Bob").extents
    draw(alice, (x + 20, y + height // 2), (x + 20, 700))
    other = alice.wait_window("^Bob$")
    alice.place(other, 300, 520, 560, 400)
    wait_until(lambda: tab(alice, "Bob").extents[1] > 700, "tab in the other window")
    alice.screenshot("tabs-two-windows")
    before = padlock(alice, "Bob")
    assert before != padlock(alice, "Carol")
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    wait_until(lambda: padlock(alice, "Bob") != before, "padlock of an end")
    alice.screenshot("tabs-two-windows-ended")
    alice.leave()
    finish(bob, carol)


def draw(alice: Alice, begin: tuple[int, int], end: tuple[int, int]) -> None:
    """With the mouse."""
    steps = [str(value) for n in range(1, 6) for value in (
        "mousemove", begin[0] + (end[0] - begin[0]) * n // 5, begin[1] + (end[1] - begin[1]) * n // 5, "sleep", "0.1")]
    alice._run("xdotool", "mousemove", str(begin[0]), str(begin[1]), "mousedown", "1", *steps, "mouseup", "1")


def test_unticked_plugin(workspace: Workspace) -> None:
    """Nothing is left in the tabs, wherever they then are; and with the plugin all is there again."""
    alice, bob, carol, window = tabs_scene(workspace)
    before, other = padlock(alice, "Bob"), padlock(alice, "Carol")
    plugins = plugins_window(alice)
    toggle(alice, plugins)
    wait_until(lambda: padlock(alice, "Bob") not in (before, other), "tab without a padlock")
    alice.screenshot("tabs-unticked", window)
    alice.call("PurplePrefsSetInt", SIDE, BOTTOM)
    wait_until(lambda: tab(alice, "Bob").extents[1] > 300, "tabs at the bottom")
    alice.focus(plugins)
    toggle(alice, plugins)
    wait_until(lambda: padlock(alice, "Bob") == before, "padlock")
    alice.leave()
    finish(bob, carol)


# The buddy list

ROW = 20, 50, 235, 34  # of the first contact, without what Pidgin shows of who is there


def row(alice: Alice) -> bytes:
    return alice.steady(alice.buddy_list(), *ROW)


def edge(alice: Alice) -> bytes:
    """Where the padlock is, behind the name."""
    return alice.picture(alice.buddy_list(), 195, ROW[1], 60, ROW[3])


def wait_row(alice: Alice, wanted: bytes, what: str) -> None:
    wait_until(lambda: row(alice) == wanted, what)


def test_verified_in_the_buddy_list(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    plain = row(alice)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    wait_until(lambda: row(alice) != plain, "padlock in the buddy list")
    verified = row(alice)
    alice.screenshot("tabs-buddy-list", alice.buddy_list())

    # It is so before anybody has talked to Bob.
    alice.quit()
    alice.start()
    wait_row(alice, verified, "padlock in the next life")
    alice.screenshot("tabs-buddy-list-again", alice.buddy_list())
    plugins = plugins_window(alice)
    before = row(alice)
    toggle(alice, plugins)
    wait_until(lambda: row(alice) != before, "buddy list without the plugin")
    alice.focus(plugins)
    toggle(alice, plugins)
    wait_row(alice, before, "padlock with the plugin")

    # And not any more when the device is forgotten.
    window = alice.open()
    typed(alice, window, "/esession devices")
    typed(alice, window, "/esession forget 1 anyway")
    wait_until(lambda: alice.devices() == [], "forgotten device")
    wait_until(lambda: row(alice) != before, "contact without a padlock")
    alice.screenshot("tabs-buddy-list-forgotten", alice.buddy_list())
    alice.leave()
    finish(bob)


def test_padlock_goes_with_the_contact(workspace: Workspace) -> None:
    """The row becomes somebody else's, in the same place of the program's memory."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    plain = edge(alice)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    wait_until(lambda: edge(alice) != plain, "padlock in the buddy list")
    verified = edge(alice)
    buddy = alice.call("PurpleFindBuddy", alice.account(), BOB)
    alice.call("PurpleBlistRenameBuddy", buddy, CAROL)
    wait_until(lambda: edge(alice) == plain, "contact without a padlock")
    alice.call("PurpleBlistRenameBuddy", buddy, BOB)
    wait_until(lambda: edge(alice) == verified, "padlock of the contact")
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
