#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The choices that a user has in a real Pidgin: policies, the bar above the entry, what is logged, what comes back."""
from __future__ import annotations

import os
import re
import signal
import sqlite3
import time

import harness
from accessible import Node, act, tree
from encrypted import (ALICE, BOB, CAROL, GIVEN_BACK, GIVEN_BACK_STRICT, NOW_ENCRYPTED, STUCK, THEY_ENDED, THEY_LEFT, UNKNOWN,
                       YOU_VERIFIED, Client, encrypted_pair, finish, pair, plain, readers, tells, verify)
from harness import Prosody, Window, Workspace, wait_until
from network import Wire
from pidgin import preferences
from test_pidgin import DARK, SIZE, Alice, encrypted_scene, pixels, plugins_window, scene, toggle

NEVER, ASK, POSSIBLE, ALWAYS = range(4)
KEEP = "/plugins/core/esession/keep"
POLICY = "/plugins/core/esession/policy"
BAR = 14, SIZE[1] - 112, SIZE[0] - 60, 14  # in a window of SIZE with one line in the entry


def policies(alice: Alice) -> dict[str, int]:
    """What the file remembers."""
    database = sqlite3.connect(f"file:{alice.path / 'esession.db'}?mode=ro", uri=True)
    try:
        return dict(database.execute("SELECT contact, policy FROM policies").fetchall())
    finally:
        database.close()


def says(alice: Alice, command: str, sentence: str, who: str = BOB) -> None:
    """/esession COMMAND is answered with it."""
    since = len(alice.shown(who))
    alice.focus(next(iter(alice.windows("^Bob$"))))
    alice.type(f"/esession {command}")
    alice.key("Return")
    alice.wait_shown(sentence, who=who, since=since)


def logged(alice: Alice) -> str:
    """All that Pidgin has logged of conversations."""
    return "\n".join(plain(path.read_text()) for path in sorted(alice.path.glob("logs/**/*")) if path.is_file()
                     and ".system" not in str(path))


def typed(alice: Alice, window: Window, text: str) -> None:
    alice.focus(window)
    alice.type(text)
    alice.key("Return")


def has_bar(alice: Alice, window: Window) -> bool:
    """Where the lowest line of the bar is, the conversation is otherwise."""
    colours = pixels(alice.picture(window, *BAR))
    return colours.count(b"\xff" * 3) < len(colours) // 2


def wait_bar(alice: Alice, window: Window, there: bool = True, timeout: float = 10) -> None:
    """It is there, and can be pressed: what is new in it is grey for a second."""
    wait_until(lambda: has_bar(alice, window) == there, "bar" if there else "end of the bar", timeout)
    if there:
        alice.steady(window, *BAR, times=16)


# Policies

def test_policy_by_keyboard(workspace: Workspace) -> None:
    """Each is chosen, stored, shown when the menu opens again, and holds."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    says(alice, "policy", "encrypted whenever that is possible.")
    alice.menu(window, "t")
    alice.screenshot("choices-policy-usual")
    alice.key("Escape", "Escape", "Escape")

    # The mark is where the last choice was: up and down from it.
    alice.menu(window, "t", "a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    says(alice, "policy", "are always encrypted")
    alice.menu(window, "t")
    alice.screenshot("choices-policy-always")
    alice.key("Escape", "Escape", "Escape")
    alice.menu(window, "t", "n")
    wait_until(lambda: policies(alice) == {BOB: NEVER}, "policy")
    alice.wait_shown("You have ended the encrypted conversation")
    bob.wait_line(THEY_ENDED)
    typed(alice, window, "in the clear")
    bob.wait_received("in the clear")

    since = len(alice.shown())
    alice.menu(window, "t", "p")
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    assert policies(alice) == {BOB: POSSIBLE}
    alice.menu(window, "t", "w")
    wait_until(lambda: policies(alice) == {BOB: ASK}, "policy")
    alice.menu(window, "t", "u")
    wait_until(lambda: policies(alice) in ({}, {BOB: -1}), "no policy")
    says(alice, "policy", "You have chosen nothing else for this contact.")
    alice.leave()
    finish(bob)


def test_verified_is_always(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    says(alice, "policy", "are always encrypted")
    alice.menu(window, "t")
    alice.screenshot("choices-policy-verified")
    alice.key("Escape", "Escape", "Escape")
    alice.leave()
    finish(bob)


def test_policy_not_stored(workspace: Workspace) -> None:
    """It is said, and the mark goes back to what holds."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    lock = sqlite3.connect(alice.path / "esession.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    alice.menu(window, "t", "n")
    alice.wait_shown("Your choice could not be stored")
    lock.execute("ROLLBACK")
    lock.close()
    alice.menu(window, "t")
    alice.screenshot("choices-policy-not-stored")
    alice.key("Escape", "Escape", "Escape")
    assert policies(alice) == {}
    says(alice, "policy", "You have chosen nothing else for this contact.")
    alice.leave()
    finish(bob)


def test_policy_of_the_account(workspace: Workspace) -> None:
    """Where the account is edited; it holds at once, and in the next life of the program."""
    prosody, alice, bob = scene(workspace, accessible=True)
    alice.open()
    says(alice, "policy", "encrypted whenever that is possible.")
    alice.focus(alice.buddy_list())
    alice.key("ctrl+a")
    alice.focus(alice.wait_window("^Accounts"))
    alice.click_at(next(node for node in tree(alice, "Accounts*").walk() if node.name.startswith(ALICE)).extents)
    alice.key("alt+m")
    editor = alice.wait_window("^Modify Account")
    alice.click_at(tree(alice, "Modify Account*").one("page tab", "Advanced").extents)
    combo = wait_until(lambda: next(iter(tree(alice, "Modify Account*").all("combo box", "As in the preferences")), None),
                       "choice of a policy")
    act(alice, next(node for node in combo.walk() if node.name == "Always"))
    alice.screenshot("choices-account", editor)
    act(alice, tree(alice, "Modify Account*").one("push button", "Save"))
    wait_until(lambda: not alice.windows("^Modify Account"), "end of the editor")
    alice.focus(alice.wait_window("^Accounts"))
    alice.key("alt+c")
    wait_until(lambda: not alice.windows("^Accounts"), "end of the list of accounts")
    says(alice, "policy", "are always encrypted")
    alice.quit()
    alice.start()
    alice.open()
    says(alice, "policy", "are always encrypted")
    alice.quit()  # with complaints, as Pidgin's editor has with screen readers, without us as well
    finish(bob)


def test_policy_in_the_buddy_list(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    buddies = alice.wait_window("Buddy List")
    before = alice.popups()
    alice.click(buddies, 60, 66, button=3)
    alice.wait_popup(before)
    before = alice.popups()
    alice.key("y")
    alice.wait_popup(before)
    alice.screenshot("choices-buddy-menu")
    before = alice.popups()
    alice.key("t")
    alice.wait_popup(before)
    alice.screenshot("choices-buddy-menu-policies")
    alice.key("a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    alice.wait_shown("Conversations with this contact are always encrypted")
    alice.leave()
    finish(bob)


# The bar

def bar_buttons(alice: Alice) -> list[str]:
    """Of the bar, each with what it is about."""
    return [f"{button.name} {plain(button.description)}".strip(" \u2068\u2069").replace("\u2068", "")
            for bar in tree(alice).all("alert") if bar.shown() for button in bar.all("push button")
            if button.shown() and "sensitive" in button.states]


def rows(*waiting: str) -> list[str]:
    return [f"{button} {text}" for text in waiting for button in ("Edit", "Discard")]


def wait_buttons(alice: Alice, *buttons: str) -> None:
    wait_until(lambda: bar_buttons(alice) == list(buttons), f"bar with {buttons}", 20)


def press(alice: Alice, window: Window, name: str, text: str = "") -> None:
    """By keyboard: a button of the bar, about a text."""
    alice.focus(window)
    button = next(node for node in tree(alice).all("push button", name) if node.shown() and text in node.description)
    act(alice, button, "focus")
    alice.key("space")


def test_what_waits_is_shown(workspace: Workspace) -> None:
    """Each text can go back into the entry, or be thrown away; neither is sent, and none is logged before it is."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    alice.menu(window, "t", "a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    texts = "one < 2", "two", "three", "four"
    for text in texts:
        typed(alice, window, text)
    alice.place(window, 300, 20, 340, 400)
    wait_buttons(alice, *rows(*texts), "Send unencrypted", "Keep waiting")
    alice.screenshot("choices-list", window)
    assert not any(text in line for text in texts for line in alice.shown()), alice.shown()

    # What is being typed stays before what comes back; and what is put off is shown all the same.
    alice.focus(window)
    alice.type("draft")
    press(alice, window, "Edit", "two")
    wait_buttons(alice, *rows("one < 2", "three", "four"), "Send unencrypted", "Keep waiting")
    press(alice, window, "Discard", "one < 2")
    wait_buttons(alice, "Undo one < 2", *rows("three", "four"), "Send unencrypted", "Keep waiting")
    alice.screenshot("choices-list-discarded", window)
    wait_buttons(alice, *rows("three", "four"), "Send unencrypted", "Keep waiting")
    alice.focus(window)
    alice.key("alt+k")
    wait_buttons(alice, *rows("three", "four"))
    alice.screenshot("choices-list-later", window)
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("four")
    wait_buttons(alice)
    alice.focus(window)
    alice.key("Return")
    bob.wait_received("draft\ntwo")
    assert bob.received() == ["three", "four", "draft\ntwo"], bob.received()
    assert not readers(prosody.stanzas(), "three")
    alice.leave()
    finish(bob)
    assert "one < 2" not in logged(alice)


def test_discarded_and_had_back(workspace: Workspace) -> None:
    """It keeps its place, also where it is the last one, and is sent once and in order if the user thinks better of it."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    alice.menu(window, "t", "a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    typed(alice, window, "one")
    wait_buttons(alice, *rows("one"), "Send unencrypted", "Keep waiting")
    press(alice, window, "Discard", "one")
    wait_buttons(alice, "Undo one")
    alice.screenshot("choices-discarded", window)
    assert any((label.text or "") == "Discarded \"\u2068one\u2069\"" for label in tree(alice).all("label")), tree(alice).outline()
    press(alice, window, "Undo", "one")
    wait_buttons(alice, *rows("one"), "Send unencrypted", "Keep waiting")
    typed(alice, window, "two")
    typed(alice, window, "three")
    wait_buttons(alice, *rows("one", "two", "three"), "Send unencrypted", "Keep waiting")
    press(alice, window, "Discard", "two")
    wait_buttons(alice, *rows("one"), "Undo two", *rows("three"), "Send unencrypted", "Keep waiting")
    press(alice, window, "Undo", "two")
    wait_buttons(alice, *rows("one", "two", "three"), "Send unencrypted", "Keep waiting")
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("three")
    wait_buttons(alice)
    assert bob.received() == ["one", "two", "three"], bob.received()
    alice.leave()
    finish(bob)


def test_all_that_waits_can_be_read(workspace: Workspace) -> None:
    """In a small window as well, which is as small again when it has gone."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    alice.menu(window, "t", "a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    alice.place(window, 300, 20, 340, 330)
    wait_until(lambda: alice.size(window) == (340, 330), "small window")
    long = "much more than there is room for in a row, and " * 3 + "no less"
    for text in (long, *map(str, range(2, 10))):
        typed(alice, window, text)
    grown = wait_until(lambda: alice.size(window)[1] > 330 and alice.size(window), "bar")
    assert grown[1] < 430, grown

    def shown() -> list[Node]:
        """The buttons of the rows that are on the screen, and can be pressed."""
        return [button for button in tree(alice).all("push button", "Edit") if "sensitive" in button.states]

    # The whole text is in the tooltip, and what does not fit is scrolled to by keyboard.
    wait_until(lambda: len(shown()) > 3, "rows")
    assert any(long in label.description for label in tree(alice).all("label"))
    alice.screenshot("choices-nine", window)
    alice.focus(window)
    for _ in range(9):
        alice.key("alt+e")
    wait_until(lambda: "9" in shown()[-1].description, "last row")
    alice.screenshot("choices-ninth", window)
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("9")
    wait_until(lambda: alice.size(window) == (340, 330), "small window")
    alice.screenshot("choices-small-again", window)
    alice.leave()
    finish(bob)


def test_what_came_back_waits_for_the_account(workspace: Workspace) -> None:
    """What was not sent is kept while the account is offline or still connecting, where nothing could be sent."""
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "one")
    typed(alice, window, "two")
    alice.focus(window)
    alice.type("draft")
    alice.menu(window, "e")
    wait_buttons(alice, "Send again", "Do not send")
    os.kill(bob.process.pid, signal.SIGCONT)

    account, mark, wire = alice.account(), prosody.mark(), Wire(prosody)
    alice.call("PurpleAccountDisconnect", account)
    wait_buttons(alice, "Do not send")
    alice.screenshot("choices-offline", window)
    alice.call("PurpleAccountSetInt", account, "port", wire.port)
    wire.stall("down")
    alice.call("PurpleAccountConnect", account)
    wait_until(lambda: alice.call("PurpleAccountIsConnecting", account), "connecting")
    alice.focus(window)
    alice.key("alt+g")
    wait_buttons(alice, "Do not send")
    wire.flow()
    prosody.wait_online(alice.jid, since=mark)
    wait_buttons(alice, "Send again", "Do not send")
    alice.focus(window)
    alice.key("alt+g")
    bob.wait_received("two")
    assert bob.received() == ["one", "two"], bob.received()
    alice.leave()
    finish(bob)
    wire.close()


def test_send_what_waits_unencrypted(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "first")
    typed(alice, window, "second")
    wait_buttons(alice, *rows("first", "second"), "Send unencrypted", "Keep waiting")
    alice.screenshot("choices-waiting", window)
    alice.focus(window)
    alice.key("alt+k")
    wait_buttons(alice, *rows("first", "second"))
    typed(alice, window, "third")
    wait_buttons(alice, *rows("first", "second", "third"), "Send unencrypted", "Keep waiting")
    alice.focus(window)
    alice.key("alt+u")
    wait_bar(alice, window, False)
    alice.screenshot("choices-sent-plain", window)
    os.kill(bob.process.pid, signal.SIGCONT)
    for text in ("first", "second", "third"):
        bob.wait_received(text)
    assert bob.received() == ["first", "second", "third"]
    alice.leave()
    finish(bob)


def test_keeps_waiting_for_a_verified_contact(workspace: Workspace) -> None:
    """To send unencrypted takes a second look, and Enter at once does not do it."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    bob.command("disconnect")
    alice.wait_shown(THEY_LEFT)
    alice.end(window)
    alice.wait_shown("What you write now is not encrypted.")
    alice.focus(window)
    alice.key("ctrl+w")
    alice.wait_no_window("^Bob$")
    window = alice.open()
    typed(alice, window, "only for Bob")
    alice.wait_shown(STUCK)
    wait_bar(alice, window)
    for answer in ("Return", "alt+u"):
        alice.focus(window)
        alice.key("alt+u")
        question = alice.wait_window("^Send unencrypted")
        alice.place(question, 320, 120)
        alice.screenshot("choices-question", question)
        alice.focus(question)
        alice.key(answer)
        alice.wait_no_window("^Send unencrypted")
        assert (answer == "alt+u") == bool(wait_read(prosody, "only for Bob", answer == "alt+u"))
    alice.leave()
    finish(bob)


def wait_read(prosody: Prosody, text: str, expected: bool) -> set[str]:
    """Where the server could read it; it has a while to do so, if that is expected."""
    try:
        return wait_until(lambda: readers(prosody.stanzas(), text), "reader", 10 if expected else 1)
    except TimeoutError:
        return set()


def test_ended(workspace: Workspace) -> None:
    """Start again, or write unencrypted: by keyboard, in a window with two tabs."""
    users = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
    prosody, alice, bob = scene(workspace, users=users, buddies=(BOB, CAROL))
    carol = Client(workspace, "carol", prosody)
    carol.login()
    carol.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    alice.conversation(CAROL)
    alice.wait_shown(NOW_ENCRYPTED, who=CAROL)
    wait_until(lambda: alice.steady_bar(window), "both tabs")
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    alice.wait_shown(THEY_ENDED)
    wait_bar(alice, window)
    alice.screenshot("choices-ended", window)
    alice.focus(window)
    alice.key("ctrl+Tab")
    window = alice.wait_window("^Carol$")
    wait_bar(alice, window, False)
    alice.screenshot("choices-ended-other-tab", window)
    alice.key("ctrl+Tab")
    window = alice.wait_window("^Bob$")
    wait_bar(alice, window)

    since, mark = len(alice.shown()), bob.mark()
    alice.key("alt+g")
    bob.wait_line(NOW_ENCRYPTED, mark)
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    bob.ask(ALICE, "end")
    alice.wait_shown(THEY_ENDED, since=since)
    wait_bar(alice, window)
    alice.focus(window)
    alice.key("alt+w")
    alice.wait_shown("What you write now is not encrypted.", since=since)
    typed(alice, window, "in the clear")
    bob.wait_received("in the clear")
    alice.leave()
    finish(bob, carol)


def test_ended_by_a_verified_contact(workspace: Workspace) -> None:
    """Wherever encryption can be left behind, the contact is named and the user asked; nothing happens by Enter."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.focus(alice.wait_window("^Verify"))
    alice.key("Return")
    bob.ask(ALICE, "end")
    alice.place(window, 300, 20, 340, 300)
    wait_buttons(alice, "Start again", "Write unencrypted")
    for answer in ("Return", "Escape", "alt+w"):
        alice.focus(window)
        alice.key("alt+w")
        question = alice.wait_window("^Write unencrypted")
        alice.place(question, 320, 120)
        shown = tree(alice, "Write unencrypted*")
        assert any("conversation with \"\u2068Bob\u2069\"" in (label.text or "") for label in shown.all("label")), shown.outline()
        alice.screenshot("choices-question-write", question)
        alice.focus(question)
        alice.key(answer)
        alice.wait_no_window("^Write unencrypted")
        assert (answer == "alt+w") == any("What you write now is not encrypted." in line for line in alice.shown())
    typed(alice, window, "in the clear")
    bob.wait_received("in the clear")
    alice.leave()
    finish(bob)


def test_other_side_wants_no_encryption(workspace: Workspace) -> None:
    """It is said, and there is a choice; what is written meanwhile does not come back."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    bob.ask(ALICE, "policy never")
    alice.wait_shown(THEY_ENDED)
    alice.place(window, 300, 20, 340, 300)
    wait_buttons(alice, "Start again", "Write unencrypted")
    alice.focus(window)
    alice.key("alt+g")
    wait_buttons(alice, "Write unencrypted", "Keep waiting")
    assert any(bar.name == "The other side does not want an encrypted conversation now." for bar in tree(alice).all("alert"))
    alice.screenshot("choices-declined", window)
    typed(alice, window, "waits")
    wait_buttons(alice, *rows("waits"), "Send unencrypted", "Keep waiting")
    alice.screenshot("choices-declined-waiting", window)
    alice.focus(window)
    alice.key("alt+u")
    question = alice.wait_window("^Send unencrypted")
    alice.place(question, 320, 120)
    assert any('"\u2068waits\u2069"' in (label.text or "") for label in tree(alice, "Send unencrypted*").all("label"))
    alice.screenshot("choices-question-quotes", question)
    alice.focus(question)
    alice.key("alt+u")
    bob.wait_received("waits")
    wait_buttons(alice, "Write unencrypted", "Keep waiting")

    # He thinks better of it.
    typed(alice, window, "sent encrypted")
    wait_buttons(alice, *rows("sent encrypted"), "Send unencrypted", "Keep waiting")
    bob.ask(ALICE, "policy possible")
    bob.ask(ALICE, "start")
    bob.wait_received("sent encrypted")
    wait_buttons(alice)
    assert not readers(prosody.stanzas(), "sent encrypted")
    alice.leave()
    finish(bob)


def test_device_that_is_not_verified(workspace: Workspace) -> None:
    """After the alarm nothing goes to it until the user has chosen: by the bar, which also opens the dialog."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    bob.kill()
    alice.wait_shown("The other side uses a device that you have not verified, although you verified another one")
    phone.open(ALICE)
    phone.wait_line(NOW_ENCRYPTED)
    wait_bar(alice, window)
    typed(alice, window, "for the one I know")
    says(alice, "status", "1 message waits to be encrypted.")
    says(alice, "status", "Nothing is sent to this device, which you have not verified")
    time.sleep(1)
    assert not phone.received() and "for the one I know" not in alice.shown()
    wait_bar(alice, window)
    alice.screenshot("choices-barred", window)
    alice.focus(window)
    alice.key("alt+v")
    alice.focus(alice.wait_window("^Verify"))
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    alice.focus(window)
    alice.key("alt+t")
    alice.wait_shown("What you write now goes to this device although you have not verified it.")
    alice.wait_shown("was meant for a verified device and was not sent to this one: you have it back.")
    wait_bar(alice, window, False)

    # It is in the entry, and goes to whom Alice now chooses to write to.
    assert not phone.received()
    alice.focus(window)
    alice.key("Return")
    phone.wait_received("for the one I know")
    assert phone.received() == ["for the one I know"] and not readers(prosody.stanzas(), "for the one I know")
    alice.leave()
    finish(phone)


def test_click_counts_for_what_was_there(workspace: Workspace) -> None:
    """A device that she has not verified comes just when she clicks at "Keep waiting": that is no leave to write to it."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    bob.command("disconnect")
    alice.wait_shown(THEY_LEFT)
    typed(alice, window, "for the one I know")
    waiting = rows("for the one I know")
    wait_buttons(alice, *waiting, "Send unencrypted", "Keep waiting")
    keep = tree(alice).one("push button", "Keep waiting")
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    phone.open(ALICE)
    alice.wait_shown("The other side uses a device that you have not verified, although you verified another one")
    alice.click_at(keep.extents)
    wait_buttons(alice, *waiting, "Verify...", "Write to it anyway")
    assert not any("goes to this device although" in line for line in alice.shown()), alice.shown()
    alice.click_at(tree(alice).one("push button", "Write to it anyway").extents)
    alice.wait_shown("What you write now goes to this device although you have not verified it.")
    alice.leave()
    finish(bob, phone)


def test_second_click_does_nothing(workspace: Workspace) -> None:
    """Where "Keep waiting" was, "Discard" is after the first one."""
    prosody, alice, bob = scene(workspace, accessible=True, prefs={POLICY: ALWAYS})
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    alice.place(window, 300, 20, 340, 400)
    typed(alice, window, "one")
    wait_buttons(alice, *rows("one"), "Send unencrypted", "Keep waiting")
    keep = tree(alice).one("push button", "Keep waiting").extents
    x, y = keep[0] + keep[2] // 2, keep[1] + keep[3] // 2
    alice._run("xdotool", "mousemove", str(x), str(y), "click", "--repeat", "2", "--delay", "200", "1")
    wait_buttons(alice, *rows("one"))
    discard = tree(alice).one("push button", "Discard").extents
    assert discard[0] < x < discard[0] + discard[2] and discard[1] < y < discard[1] + discard[3], (keep, discard)
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("one")
    alice.leave()
    finish(bob)


def test_not_arrived(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    typed(alice, window, "has arrived")
    bob.wait_received("has arrived")
    time.sleep(1)  # for the receipt, which is sent after it was shown
    os.kill(bob.process.pid, signal.SIGSTOP)
    typed(alice, window, "one")
    typed(alice, window, "two")
    time.sleep(4)
    assert not has_bar(alice, window)
    alice.screenshot("choices-not-arrived-yet", window)
    wait_bar(alice, window, timeout=15)
    alice.screenshot("choices-not-arrived", window)
    says(alice, "status", "2 messages have not arrived yet.")
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("two")
    wait_bar(alice, window, False)
    alice.screenshot("choices-arrived", window)
    alice.leave()
    finish(bob)


# What is logged

def test_not_logged(workspace: Workspace) -> None:
    """Neither by wish nor because the other side asks for it; unencrypted it is as before."""
    prosody, alice, bob, window = encrypted_scene(workspace, prefs={"/plugins/core/esession/log": False})
    typed(alice, window, "said in private")
    bob.wait_received("said in private")
    bob.send(ALICE, "heard in private")
    alice.wait_shown("heard in private")
    says(alice, "status", "This conversation is not logged.")
    alice.menu(window)
    alice.screenshot("choices-not-logged")
    alice.key("Escape")
    alice.focus(window)
    alice.key("alt+o")
    alice.screenshot("choices-not-logged-pidgin")
    alice.key("l", "Escape", "Escape")
    typed(alice, window, "still private")
    bob.wait_received("still private")
    assert not any("Logging started" in line for line in alice.shown())
    alice.menu(window, "e")
    alice.wait_shown("You have ended the encrypted conversation")
    typed(alice, window, "in public")
    bob.wait_received("in public")
    alice.menu(window)
    alice.screenshot("choices-logged")
    alice.key("Escape", "Escape")
    alice.leave()
    finish(bob)
    assert "in public" in logged(alice) and "private" not in logged(alice), logged(alice)
    assert "now encrypted" not in logged(alice)


def test_other_side_asks_not_to_log(workspace: Workspace) -> None:
    prosody = Prosody(workspace)
    folder = workspace.folder("purple-bob")
    (folder / "prefs.xml").write_text(preferences({"/plugins/core/esession/log": False}))
    bob = Client(workspace, "bob", prosody)
    bob.login()
    alice = Alice(workspace, prosody)
    bob.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    typed(alice, window, "said in private")
    bob.wait_received("said in private")
    says(alice, "status", "The other side asked not to log this conversation.")
    before = alice.popups()
    alice.menu(window)
    alice.wait_popup(before)
    before = alice.popups()
    alice._run("xdotool", "mousemove", "620", "150", "sleep", "0.1", "mousemove_relative", "1", "0")
    alice.wait_popup(before)
    alice.screenshot("choices-asked-not-to-log")
    alice.key("Escape", "Escape")
    alice.screenshot("choices-asked-not-to-log-window", window)

    # Asked once: the answer holds for that contact from then on.
    wait_bar(alice, window)
    alice.screenshot("choices-unlogged", window)
    alice.key("alt+g")
    wait_bar(alice, window, there=False)
    says(alice, "end", "You have ended the encrypted conversation")
    says(alice, "start", NOW_ENCRYPTED)
    typed(alice, window, "said without a question")
    bob.wait_received("said without a question")
    time.sleep(2)
    assert not has_bar(alice, window)
    alice.leave()
    finish(bob)
    assert "esession-unlogged" in (alice.path / "blist.xml").read_text()
    assert "without a question" not in logged(alice)
    assert "private" not in logged(alice), logged(alice)


def test_log_is_a_choice(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    typed(alice, window, "for the record")
    bob.wait_received("for the record")
    alice.menu(window, "l")
    alice.wait_shown("Logging stopped")
    typed(alice, window, "off the record")
    bob.wait_received("off the record")
    alice.menu(window, "l")
    alice.wait_shown("Logging started")
    typed(alice, window, "on the record")
    bob.wait_received("on the record")
    alice.leave()
    finish(bob)
    assert "for the record" in logged(alice) and "on the record" in logged(alice)
    assert "off the record" not in logged(alice)


def test_preference(workspace: Workspace) -> None:
    """Unticked in the Plugins window it holds at once."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    typed(alice, window, "for the record")
    bob.wait_received("for the record")
    plugins_window(alice)
    alice.key("alt+u")
    preferences_window = alice.wait_window("^Encrypted Sessions|Configure")
    alice.place(preferences_window, 300, 300)
    alice.focus(preferences_window)
    alice.screenshot("choices-preference", preferences_window)
    alice.key("alt+l")
    says(alice, "status", "Your preferences say that encrypted conversations are not logged.")
    typed(alice, window, "in private")
    bob.wait_received("in private")
    alice.leave()
    finish(bob)
    assert "for the record" in logged(alice) and "private" not in logged(alice)


# What comes back

def test_several_come_back(workspace: Workspace) -> None:
    """They stay in the conversation, and are sent again by one key, in order."""
    prosody, alice, bob = scene(workspace)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "one <b>")
    typed(alice, window, "two & three")
    alice.focus(window)
    alice.type("four")
    alice.menu(window, "e")
    alice.wait_shown("This message was not sent: one <b>")
    alice.wait_shown("This message was not sent: two & three")
    alice.wait_shown(GIVEN_BACK)
    wait_bar(alice, window)
    alice.screenshot("choices-unsent", window)
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.focus(window)
    alice.key("alt+g")
    bob.wait_received("two & three")
    alice.focus(window)
    alice.key("Return")
    bob.wait_received("four")

    # He may be about to answer what came while he was stopped: then they are marked as not encrypted.
    assert [text.removeprefix("> ") for text in bob.received()] == ["one <b>", "two & three", "four"], bob.received()
    alice.screenshot("choices-unsent-sent", window)
    alice.leave()
    finish(bob)
    assert "This message was not sent" not in logged(alice)


def test_waits_while_the_account_is_offline(workspace: Workspace) -> None:
    """It is neither given back nor forgotten, though the conversation is closed: it is shown when it is sent."""
    prosody, alice, bob = scene(workspace)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "kept for later")
    alice.focus(window)
    alice.key("ctrl+w")
    alice.wait_no_window("^Bob$")
    account, mark = alice.account(), prosody.mark()
    alice.call("PurpleAccountDisconnect", account)
    wait_until(lambda: not alice.call("PurpleAccountIsConnected", account), "sign-off")
    time.sleep(1)
    assert not alice.windows("^Bob$")
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.call("PurpleAccountConnect", account)
    prosody.wait_online(alice.jid, since=mark)
    bob.wait_received("kept for later")
    window = alice.wait_window("^Bob$")
    alice.wait_shown(NOW_ENCRYPTED)
    alice.wait_shown("kept for later")
    alice.screenshot("choices-kept", window)
    assert not any(line.startswith("This message was not sent") for line in alice.shown()), alice.shown()
    alice.focus(window)
    alice.key("Return")
    typed(alice, window, "and now")
    bob.wait_received("and now")
    assert bob.received() == ["kept for later", "and now"] and not readers(prosody.stanzas(), "kept for later")
    alice.leave()
    finish(bob)


def test_has_not_arrived_when_the_account_goes_offline(workspace: Workspace) -> None:
    """What was sent arrives once, and is not put where Enter would send it twice."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    os.kill(bob.process.pid, signal.SIGSTOP)
    account = alice.account()
    typed(alice, window, "perhaps")
    alice.wait_shown("perhaps")
    says(alice, "status", "1 message has not arrived yet.")
    alice.call("PurpleAccountDisconnect", account)
    wait_until(lambda: not alice.call("PurpleAccountIsConnected", account), "sign-off")
    since = len(alice.shown())
    typed(alice, window, "/esession status")
    alice.wait_shown("1 message has not arrived yet.", since=since)
    assert not any("may not have arrived" in line for line in alice.shown()), alice.shown()
    alice.screenshot("choices-perhaps", window)
    mark, since = prosody.mark(), len(alice.shown())
    alice.call("PurpleAccountConnect", account)
    prosody.wait_online(alice.jid, since=mark)
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("perhaps")
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    alice.focus(window)
    alice.key("Return")
    typed(alice, window, "surely")
    bob.wait_received("surely")
    assert bob.received() == ["perhaps", "surely"]
    assert not readers(prosody.stanzas(), "perhaps")
    alice.leave()
    finish(bob)


def test_waits_when_quitting(workspace: Workspace) -> None:
    """It was not meant for a plain file, and is sent when the program is there again."""
    prosody, alice, bob = scene(workspace)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "not sent yet")
    alice.wait_shown(UNKNOWN)
    alice.quit()
    assert "not sent yet" not in logged(alice)
    assert b"not sent yet" in (alice.path / "esession.db").read_bytes(), "no protection was chosen"
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.start()
    bob.wait_received("not sent yet")
    assert bob.received() == ["not sent yet"] and not readers(prosody.stanzas(), "not sent yet")
    alice.leave()
    finish(bob)


def in_file(alice: Alice) -> int:
    """How many messages are."""
    database = sqlite3.connect(f"file:{alice.path / 'esession.db'}?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM outbox WHERE kind < 3").fetchone()[0]
    finally:
        database.close()


def comes_back(workspace: Workspace, looks: bool) -> None:
    """Alice has it wait for encryption that is not to be, and does nothing with what she gets back: it waits in her next session as well,
    and is sent when it can be, whether she LOOKS there when it comes back or at another tab."""
    users = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
    prosody, alice, bob = scene(workspace, users=users, buddies=(BOB, CAROL), prefs={POLICY: ALWAYS})
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "for later")
    wait_until(lambda: in_file(alice) == 1, "what waits")
    if not looks:
        alice.conversation(CAROL)
        alice.focus(window)
        alice.key("ctrl+Tab")
        window = alice.wait_window("^Carol$")
    alice.call("PurplePrefsSetInt", POLICY, ASK)
    if looks:
        alice.wait_shown(GIVEN_BACK)
        wait_until(lambda: in_file(alice) == 0, "that it came back")
    else:
        time.sleep(1)
        assert in_file(alice) == 1 and not any("for later" in line for line in alice.shown()), alice.shown()
    alice.quit()
    assert in_file(alice) == 1
    alice.start()
    alice.call("PurplePrefsSetInt", POLICY, ALWAYS)
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("for later")
    assert bob.received() == ["for later"] and not readers(prosody.stanzas(), "for later")
    alice.leave()
    finish(bob)


def test_came_back_seen_and_waits_again(workspace: Workspace) -> None:
    comes_back(workspace, True)


def test_came_back_unseen_and_waits(workspace: Workspace) -> None:
    comes_back(workspace, False)


def test_waits_in_memory(workspace: Workspace) -> None:
    """Who wants it so is asked at the end, and may change his mind."""
    prosody, alice, bob = scene(workspace, prefs={KEEP: False})
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "gone with it")
    alice.wait_shown(UNKNOWN)
    alice.focus(alice.buddy_list())
    alice.key("ctrl+q")
    question = alice.wait_window("^Keep unsent messages")
    alice.screenshot("choices-keep", question)
    alice.key("Escape", "alt+e")
    alice.wait_end()
    assert in_file(alice) == 0 and "gone with it" not in logged(alice)

    # The session of the desktop may end while it is asked.
    alice.start()
    window = alice.open()
    typed(alice, window, "gone as well")
    alice.wait_shown(UNKNOWN)
    alice.focus(alice.buddy_list())
    alice.key("ctrl+q")
    alice.wait_window("^Keep unsent messages")
    alice.quit()
    assert in_file(alice) == 0
    alice.start()
    window = alice.open()
    typed(alice, window, "kept")
    alice.wait_shown(UNKNOWN)
    alice.focus(alice.buddy_list())
    alice.key("ctrl+q")
    alice.wait_window("^Keep unsent messages")
    assert in_file(alice) == 0
    alice.key("Return")
    alice.wait_end()
    assert in_file(alice) == 1 and "kept" not in logged(alice)
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.start()
    bob.wait_received("kept")
    assert bob.received() == ["kept"] and not readers(prosody.stanzas(), "kept")
    alice.call("PurplePrefsSetBool", KEEP, 1)
    alice.leave()
    finish(bob)


# The same by command

def test_commands(workspace: Workspace) -> None:
    """Each answers with whole sentences, one line each."""
    prosody, alice, bob = encrypted_pair(workspace)
    helps = [line for line in alice.ask(BOB, "help") if not line.startswith("To be sure")]  # which is said once, some time
    assert [line.split()[1].rstrip(":") for line in helps] == [
        "status", "start", "end", "code", "verify", "verify", "differ", "password", "send", "anyway", "policy", "devices", "rename",
        "unverify", "forget", "unlock", "protect", "debug", "help"], helps
    assert all(line.startswith("/esession ") and line.endswith(".") for line in helps), helps
    assert alice.ask(BOB, "policy") == ["Conversations with this contact are encrypted whenever that is possible.",
                                        "You have chosen nothing else for this contact."]
    for word, sentence in {"never": "never encrypted.", "ask": "when you ask for it.", "possible": "possible.",
                           "always": "what cannot be encrypted waits."}.items():
        assert tells(alice, BOB, f"policy {word}", sentence), word
        assert tells(alice, BOB, "policy", "You have chosen that for this contact"), word
    assert tells(alice, BOB, "policy default", "You have chosen nothing else")
    assert tells(alice, BOB, "policy maybe", "Type /esession policy and one of: never, ask, possible, always, default.")
    assert tells(alice, BOB, "send", "No message waits.")
    assert tells(alice, BOB, "anyway", "Nothing that you write is kept back because of its device.")
    assert alice.command("slash", who=BOB, line="esession dance")["status"] != "OK"
    finish(alice, bob)


def test_anyway_by_command(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    bob.kill()
    alice.wait_line("The other side uses a device that you have not verified, although you verified another one")
    alice.send(BOB, "for the one I know")
    assert "1 message waits to be encrypted." in alice.ask(BOB, "status")
    assert tells(alice, BOB, "anyway", "What you write now goes to this device although you have not verified it.")
    assert alice.lines()[-2:] == ["This message was not sent: for the one I know", GIVEN_BACK_STRICT]
    alice.send(BOB, "for whoever it is")
    phone.wait_received("for whoever it is")
    assert phone.received() == ["for whoever it is"]
    for text in "for the one I know", "for whoever it is":
        assert not readers(prosody.stanzas(), text), text
    finish(alice, phone)


def test_send_by_command(workspace: Workspace) -> None:
    prosody, alice, bob = pair(workspace)
    alice.open(BOB)
    alice.wait_line(NOW_ENCRYPTED)
    alice.ask(BOB, "policy always")
    alice.ask(BOB, "end")
    os.kill(bob.process.pid, signal.SIGSTOP)
    alice.ask(BOB, "policy always")
    alice.send(BOB, "cannot wait")
    told = alice.ask(BOB, "status")
    assert "1 message waits to be encrypted." in told, told
    assert "To send what waits unencrypted, type /esession send." in told, told
    assert tells(alice, BOB, "send", "type /esession send anyway.")
    alice.ask(BOB, "send anyway")
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("cannot wait")
    assert bob.received() == ["> cannot wait"]
    assert readers(prosody.stanzas(), "cannot wait") == {"received alice", "sent bob"}
    finish(alice, bob)


# What it looks like

def test_narrow_window(workspace: Workspace) -> None:
    """The name of the menu gives way, and comes back."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    wide = alice.steady_bar(window)
    alice.screenshot("choices-wide", window)
    alice.place(window, 300, 20, 340, 400)
    assert alice.size(window)[0] == 340
    alice.screenshot("choices-narrow", window)
    alice.menu(window, "e")
    alice.wait_shown("You have ended the encrypted conversation")
    alice.place(window, 300, 20, *SIZE)
    since = len(alice.shown())
    alice.menu(window, "s")
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    wait_until(lambda: alice.bar(window) == wide, "same picture as before")
    alice.leave()
    finish(bob)


def wait_button(alice: Alice, name: str) -> None:
    """Of the bar, wherever that is."""
    wait_until(lambda: any("sensitive" in button.states for bar in tree(alice).all("alert")
                           for button in bar.all("push button", name)), f"button {name!r}", 20)


def look_small(workspace: Workspace, label: str, name: str, **options: object) -> None:
    """All that the bar can show, in a small window."""
    title = f"^{re.escape(name)}$"
    prosody, alice, bob, window = encrypted_scene(workspace, title=title, users={"alice": "Alice", "bob": name},
                                                  accessible=True, **options)
    bob.send(ALICE, "\N{HEBREW LETTER SHIN}לום, מה שלומך? & <b>")
    bob.ask(ALICE, "end")
    alice.wait_shown(THEY_ENDED)
    alice.place(window, 300, 20, 340, 300)
    wait_button(alice, "Write unencrypted")
    alice.screenshot(f"choices-{label}-ended", window)
    alice.focus(window)
    alice.key("alt+w")
    alice.wait_shown("What you write now is not encrypted.")
    bob.command("disconnect")
    alice.menu(window, "t", "a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")
    typed(alice, window, "first")
    typed(alice, window, "second")
    wait_button(alice, "Send unencrypted")
    alice.screenshot(f"choices-{label}-waiting", window)
    alice.focus(window)
    alice.key("alt+u")
    question = alice.wait_window("^Send unencrypted")
    alice.place(question, 320, 120)
    alice.screenshot(f"choices-{label}-question", question)
    alice.focus(question)
    alice.key("Escape")
    alice.wait_no_window("^Send unencrypted")
    alice.focus(window)
    alice.type("third")
    alice.menu(window, "e")
    alice.wait_shown("This message was not sent: second")
    alice.screenshot(f"choices-{label}-unsent", window)
    alice.leave()
    finish(bob)


def test_long_name(workspace: Workspace) -> None:
    look_small(workspace, "long-name", "Wolfeschlegelsteinhausenbergerdorff & <b>the Third</b> of 1234")


def test_dark_theme(workspace: Workspace) -> None:
    gtkrc = workspace.path / "gtkrc"
    gtkrc.write_text(DARK)
    look_small(workspace, "dark", "Bob", env={"GTK2_RC_FILES": str(gtkrc)})


def test_right_to_left(workspace: Workspace) -> None:
    look_small(workspace, "right-to-left", "\N{HEBREW LETTER RESH}ות כהן (عائشة)")


def test_unticked_with_a_bar(workspace: Workspace) -> None:
    """The bar goes with the plugin, what waited waits until it is there again, and the log is as it was."""
    prosody, alice, bob = scene(workspace, prefs={"/plugins/core/esession/log": False})
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    typed(alice, window, "for Bob alone")
    wait_bar(alice, window)
    plugins = plugins_window(alice)
    toggle(alice, plugins)
    wait_bar(alice, window, False)
    alice.screenshot("choices-unticked", window)
    assert "for Bob alone" not in alice.shown()
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.focus(plugins)
    toggle(alice, plugins)
    bob.wait_received("for Bob alone")
    assert not readers(prosody.stanzas(), "for Bob alone")
    alice.focus(plugins)
    toggle(alice, plugins)
    bob.wait_line(THEY_LEFT)
    typed(alice, window, "in the clear")
    bob.wait_received("in the clear")
    assert bob.received() == ["for Bob alone", "> in the clear"]
    alice.leave()
    finish(bob)
    assert "in the clear" in logged(alice) and "for Bob alone" not in logged(alice)


def test_unticked_it_logs_again(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, prefs={"/plugins/core/esession/log": False})
    typed(alice, window, "in private")
    bob.wait_received("in private")
    toggle(alice, plugins_window(alice))
    alice.wait_shown("What you write now is not encrypted.")
    alice.focus(window)
    alice.key("alt+o")
    alice.screenshot("choices-unticked-logging")
    alice.key("Escape", "Escape")
    typed(alice, window, "in public")
    bob.wait_received("in public")
    alice.leave()
    finish(bob)
    assert "in public" in logged(alice) and "in private" not in logged(alice)


if __name__ == "__main__":
    harness.main(globals())
