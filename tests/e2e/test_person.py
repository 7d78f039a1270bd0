#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two contacts that are one person in Pidgin's buddy list: its tab goes from one to the other when that one writes, and what is
typed must not go with it unseen."""
from __future__ import annotations

import socketserver
import sqlite3
import threading
import time
from typing import Any

import harness
from accessible import tree
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, NOW_ENCRYPTED, NOW_VERIFIED, PLAIN, STATES, VERIFIED, YOU_VERIFIED, Client,
                       finish)
from harness import Prosody, Window, Workspace, wait_until
from prosody import PASSWORD
from test_choices import ALWAYS, bar_buttons, policies, press, wait_buttons
from test_pidgin import SIZE, Alice, scene
from test_window import REMINDER, link_place
from walk import indicator
from workspace import plugin_folder

TO_CAROL = "What you write goes to \"\u2068Carol\u2069\" (\u2068carol@localhost\u2069) from now on: Not encrypted."
HELD = "Your message was not sent because it would go to \"\u2068Carol\u2069\" (\u2068carol@localhost\u2069) now (Not encrypted)"
HELD_HERE = "Your message was not sent because it would go to"
ABOUT_BOB = "\"\u2068Bob\u2069\" (\u2068bob@localhost\u2069): "
DAVE = "dave@localhost"  # nobody
TEXT_REPLACEMENT = plugin_folder("pidgin") / "spellchk.so"


def person_scene(workspace: Workspace, **options: Any) -> tuple[Prosody, Alice, Client, Client, Window]:
    """Bob, with whom the conversation is encrypted, and Carol, who has nothing of that, are one person."""
    prosody, alice, bob = scene(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"}, buddies=(BOB, CAROL),
                                **options)
    carol = Client(workspace, "carol", prosody, plugin=False)
    carol.login()
    contacts = [alice.call("PurpleBuddyGetContact", alice.call("PurpleFindBuddy", alice.account(), who))
                for who in (BOB, CAROL)]
    alice.call("PurpleBlistMergeContact", contacts[1], alice.call("PurpleFindBuddy", alice.account(), BOB))
    window = alice.open(title="^(Bob|bob)")
    alice.wait_shown(NOW_ENCRYPTED)
    return prosody, alice, bob, carol, window


def looked(alice: Alice, window: Window) -> None:
    """She has had the time to see what has changed."""
    alice.steady(window, 0, 30, SIZE[0], 200, times=22)


def test_what_stood_in_the_entry_is_held(workspace: Workspace) -> None:
    prosody, alice, bob, carol, window = person_scene(workspace)
    alice.focus(window)
    alice.type("only for Bob")
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.wait_shown("it is me", CAROL)

    # The first time it comes back, the second time it was meant so.
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown(HELD, CAROL)
    assert not carol.received()
    alice.screenshot("person-held", window)
    looked(alice, window)
    alice.key("Return")
    carol.wait_received("only for Bob")
    assert not bob.received()
    alice.leave()
    finish(bob, carol)


def test_enter_that_is_held_sends_nothing(workspace: Workspace) -> None:
    """Nor does one that comes twice, or after a word more; nothing of it is lost."""
    prosody, alice, bob, carol, window = person_scene(workspace)
    alice.focus(window)
    alice.type("only for Bob")
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.focus(window)
    alice.key(*["Return"] * 5)
    alice.wait_shown(HELD, CAROL)
    alice.type(" and more")
    alice.key("Return")
    looked(alice, window)
    assert not carol.received() and sum(HELD in line for line in alice.shown(CAROL)) == 1
    alice.key("Return")
    carol.wait_received("only for Bob and more")
    assert not bob.received()
    alice.leave()
    finish(bob, carol)


def type_for_carol(alice: Alice, bob: Client, carol: Client, window: Window, text: str) -> None:
    """And then Bob's message takes the window to him."""
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.focus(window)
    alice.type(text)
    bob.send(ALICE, "and me")
    alice.wait_shown("and me")


def test_typed_here_and_there_is_held(workspace: Workspace) -> None:
    """The first letter was for Carol, and the rest for Bob."""
    prosody, alice, bob, carol, window = person_scene(workspace)
    type_for_carol(alice, bob, carol, window, "y")
    alice.focus(window)
    alice.type("ou know, Bob")
    carol.send(ALICE, "me again")
    alice.wait_shown("me again", CAROL)
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown(HELD, CAROL)
    assert not carol.received() and not bob.received()

    # To him and back is another move.
    looked(alice, window)
    bob.send(ALICE, "still here")
    alice.wait_shown("still here")
    carol.send(ALICE, "still there")
    alice.wait_shown("still there", CAROL)
    alice.focus(window)
    alice.key("Return")
    wait_until(lambda: sum(HELD in line for line in alice.shown(CAROL)) == 2, "that it is held again")
    assert not carol.received() and not bob.received()
    looked(alice, window)
    alice.key("Return")
    carol.wait_received("you know, Bob")
    alice.leave()
    finish(bob, carol)


def test_what_waited_for_another_is_held(workspace: Workspace) -> None:
    """It goes back into the entry, where something for Carol stands, and the tab goes to her."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    finish(bob)
    alice.focus(window)
    alice.type("only for Bob")
    alice.key("Return")
    wait_until(lambda: "Edit only for Bob" in bar_buttons(alice), "what waits")
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.focus(window)
    alice.type("hello,")
    alice.call("PurpleConversationPresent", alice.conversation(BOB))
    wait_until(lambda: "Edit only for Bob" in bar_buttons(alice), "what waits")
    press(alice, window, "Edit", "only for Bob")
    wait_until(lambda: not any("only for Bob" in name for name in bar_buttons(alice)), "that it waits no more")
    carol.send(ALICE, "me again")
    alice.wait_shown("me again", CAROL)
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown(HELD, CAROL)
    assert not carol.received()
    alice.leave()
    finish(carol)


def test_what_is_sent_again_goes_whatever_stands_in_the_entry(workspace: Workspace) -> None:
    """Something in the program writes to Carol while she types for Bob: that does not leave by itself, but when she wants it to."""
    prosody, alice, bob, carol, window = person_scene(workspace, accessible=True)
    alice.focus(window)
    alice.type("only for Bob")
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.send(CAROL, "by itself")
    wait_buttons(alice, "Send again", "Do not send")
    assert not carol.received()
    alice.screenshot("person-offered", window)
    alice.focus(window)
    alice.key("alt+g")
    carol.wait_received("by itself")
    wait_buttons(alice)
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown(HELD, CAROL)
    assert carol.received() == ["by itself"] and not bob.received()
    alice.leave()
    finish(bob, carol)


def test_event_of_the_users_is_no_leave_for_another(workspace: Workspace) -> None:
    """Whatever takes the tab to Carol while a key is pressed: what stands in the entry was typed for Bob."""
    prosody, alice, bob, carol, window = person_scene(workspace)
    alice.focus(window)
    alice.type("only for Bob")
    before = alice.popups()
    alice.key("alt+o")
    alice.wait_popup(before)
    alice.key("Right", "End", "Return")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown(HELD, CAROL)
    assert not carol.received()
    alice.leave()
    finish(bob, carol)


def test_word_that_a_program_replaces_is_held(workspace: Workspace) -> None:
    """Pidgin's Text Replacement does that at Enter, and the entry is empty for an instant. Who deletes it herself begins anew."""
    prosody, alice, bob, carol, window = person_scene(workspace, others=(TEXT_REPLACEMENT,))
    alice.focus(window)
    alice.type("u")
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.focus(window)
    alice.key("Return")
    looked(alice, window)
    alice.key("Return")
    alice.wait_shown(HELD, CAROL)
    assert not carol.received()
    looked(alice, window)
    alice.key("BackSpace", "BackSpace", "BackSpace")
    looked(alice, window)
    alice.type("hello, Carol")
    alice.key("Return")
    assert carol.wait_received("hello, Carol") and carol.received() == ["hello, Carol"], carol.received()
    alice.quit()  # the other plugin has complaints of its own
    finish(bob, carol)


def test_what_is_typed_afterwards_goes_on(workspace: Workspace) -> None:
    prosody, alice, bob, carol, window = person_scene(workspace)
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.focus(window)
    alice.type("hello, Carol")
    alice.key("Return")
    carol.wait_received("hello, Carol")

    # And back.
    bob.send(ALICE, "and me")
    alice.wait_shown("What you write goes to \"\u2068Bob\u2069\" (\u2068bob@localhost\u2069) from now on: Encrypted, not verified.")
    alice.focus(window)
    alice.type("hello, Bob")
    alice.key("Return")
    bob.wait_received("hello, Bob")
    wait_until(lambda: alice.shown()[-1].endswith("hello, Bob"), "what was sent")
    alice.leave()
    finish(bob, carol)


def verified_scene(workspace: Workspace) -> tuple[Prosody, Alice, Client, Client, Window]:
    """Bob is verified."""
    prosody, alice, bob, carol, window = person_scene(workspace, accessible=True)
    dialog = alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.focus(dialog)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    wait_state(alice, VERIFIED)
    return prosody, alice, bob, carol, window


def states(alice: Alice) -> set[str]:
    """What the window says anywhere outside of the conversation: beside the menus, and on the button."""
    return {node.name for node in tree(alice).walk()
            if node.role in ("push button", "menu item") and node.name in STATES and node.shown()}


def wait_state(alice: Alice, state: str) -> None:
    wait_until(lambda: states(alice) == {state}, f"{state!r} alone, not {states(alice)}")


def test_window_says_how_it_is_with_whom_it_goes_to(workspace: Workspace) -> None:
    """Whatever happens to the other one, of whom it is said by name."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    wait_state(alice, PLAIN)
    since = len(alice.shown())
    finish(bob)
    bob = Client(workspace, "bob", prosody)
    bob.login()
    alice.wait_shown(NOW_VERIFIED, since=since)
    alice.screenshot("person-other-is-back", window)
    wait_state(alice, PLAIN)
    assert states(alice) == {PLAIN}
    told = alice.shown()[since:]
    assert all(line.startswith(ABOUT_BOB) for line in told), told
    alice.leave()
    finish(bob, carol)


def test_tab_that_opens_at_the_other_one_says_so(workspace: Workspace) -> None:
    """Bob, who is verified, is not there, and the tab is with Carol from the start."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    finish(bob)
    alice.quit()
    alice.start()
    alice.conversation(CAROL)
    alice.wait_shown(TO_CAROL, CAROL)
    alice.screenshot("person-opens-at-the-other", alice.wait_window("^(Carol|carol|Bob)"))

    # Where there is nobody else to take her for, nothing is said.
    alice.call("PurpleConversationDestroy", alice.conversation(CAROL))
    alice.conversation(BOB)
    time.sleep(1)
    assert not any("from now on" in line for line in alice.shown()), alice.shown()
    alice.leave()
    finish(carol)


def test_conversation_that_goes_takes_its_state_along(workspace: Workspace) -> None:
    """Another plugin closes it; the tab stays, and goes to the other one."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    carol.send(ALICE, "it is me")
    alice.wait_shown("it is me", CAROL)
    bob.send(ALICE, "and me")
    alice.wait_shown("and me")
    wait_state(alice, VERIFIED)
    alice.call("PurpleConversationDestroy", alice.conversation(BOB))
    wait_until(lambda: TO_CAROL in alice.shown(CAROL)[-1], "what it says")
    wait_state(alice, PLAIN)
    alice.screenshot("person-other-is-gone", window)
    alice.leave()
    finish(bob, carol)


def test_link_is_of_whom_its_line_speaks_of(workspace: Workspace) -> None:
    prosody, alice, bob, carol, window = person_scene(workspace, accessible=True)
    bob.send(ALICE, "hello")
    alice.wait_shown(REMINDER)
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    alice.steady(window, 0, 30, SIZE[0], 200)
    x, y = wait_until(lambda: link_place(alice, window), "link")
    alice.click(window, x + 3, y + 3)
    alice.wait_window("^Verify")
    alice.leave()
    finish(bob, carol)


def second_account(alice: Alice) -> int:
    """Carol's is hers as well, and online."""
    account = alice.call("PurpleAccountNew", f"{CAROL}/pidgin", "prpl-jabber")
    alice.call("PurpleAccountSetPassword", account, PASSWORD)
    alice.call("PurpleAccountSetInt", account, "port", alice.prosody.port)
    alice.call("PurpleAccountsAdd", account)
    mark = alice.prosody.mark()
    alice.call("PurpleAccountSetEnabled", account, "gtk-gaim", 1)
    alice.prosody.wait_online(f"{CAROL}/pidgin", since=mark)
    return account


def two_accounts_scene(workspace: Workspace) -> tuple[Alice, Client, Window, int]:
    """Bob is a contact of two of her accounts, and one person: both conversations are encrypted, and in one tab, which goes to that of the
    second account, the last one."""
    prosody, alice, bob = scene(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"}, buddies=(BOB,))
    account = second_account(alice)
    first, second = (wait_until(lambda: alice.call("PurpleFindBuddy", which, BOB), "Bob in the buddy list")
                     for which in (alice.account(), account))
    alice.call("PurpleBlistMergeContact", alice.call("PurpleBuddyGetContact", second), first)
    window = alice.open(title="^(Bob|bob)")
    alice.place(window, 300, 20, SIZE[0], 700)
    alice.wait_shown(NOW_ENCRYPTED)
    bob.send(ALICE, "hello, Alice")
    alice.wait_shown("hello, Alice")
    other = alice.call("PurpleConversationNew", 1, account, BOB)
    bob.open(CAROL)
    wait_until(lambda: any(NOW_ENCRYPTED in line for line in alice.said(other)), "encryption")
    bob.send(CAROL, "hello, Carol")
    wait_until(lambda: "hello, Carol" in alice.said(other), "what is said last")
    return alice, bob, window, other


def on_account(own: str) -> str:
    return f"\"\u2068Bob\u2069\" (\u2068{BOB}\u2069, on your account \u2068{own}\u2069)"


def test_link_is_of_the_account_that_its_line_speaks_of(workspace: Workspace) -> None:
    alice, bob, window, other = two_accounts_scene(workspace)
    alice.steady(window, 0, 30, SIZE[0], 400)
    x, y = wait_until(lambda: link_place(alice, window), "link")  # the upper one, of the first account
    alice.screenshot("person-two-accounts", window)
    alice.click(window, x + 3, y + 3)
    dialog = alice.wait_window("^Verify")
    alice.focus(dialog)
    looked(alice, window)
    alice.screenshot("person-two-accounts-verify", dialog)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.focus(dialog)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    with sqlite3.connect(f"file:{alice.path}/esession.db?mode=ro", uri=True) as database:
        verified = dict(database.execute("SELECT account, verified FROM devices"))
    assert verified == {ALICE: 1, CAROL: 0}, verified

    # Why there is no dialog is said of that account, too.
    bob.ask(ALICE, "end")
    alice.wait_shown("has ended the encrypted conversation")
    since = len(alice.shown())
    alice.click(window, x + 3, y + 3)
    alice.wait_shown(f"{on_account(ALICE)}: There is no verification code now.", since=since)

    # With its conversation the link goes.
    alice.call("PurpleConversationDestroy", alice.conversation(BOB))
    since = len(alice.said(other))
    alice.steady(window, 0, 30, SIZE[0], 400)
    alice.screenshot("person-two-accounts-gone", window)
    alice.click(window, x + 3, y + 3)
    wait_until(lambda: any("is not open any more" in line for line in alice.said(other)[since:]), "why there is none")
    alice.leave()
    finish(bob)


def test_accounts_are_told_apart(workspace: Workspace) -> None:
    """In every line of the tab, and where something asks."""
    alice, bob, window, other = two_accounts_scene(workspace)
    first, second = on_account(ALICE), on_account(CAROL)
    assert any(f"What you write goes to {second} from now on: " in line for line in alice.said(other)), alice.said(other)
    assert any(line.startswith(f"{second}: {REMINDER}") for line in alice.said(other)), alice.said(other)
    alice.focus(window)
    alice.type("for Bob")
    since = len(alice.shown())
    looked(alice, window)
    bob.send(ALICE, "me again")
    alice.wait_shown(f"What you write goes to {first} from now on: {ENCRYPTED}", since=since)
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown(f"Your message was not sent because it would go to {first} now", since=since)
    alice.place(window, 300, 20, 340, 700)
    wait_until(lambda: alice.size(window)[0] == 340, "narrow window")
    alice.steady(window, 0, 30, 340, 600)
    alice.screenshot("person-two-accounts-narrow", window)
    alice.leave()
    finish(bob)


def test_account_that_is_deleted_takes_its_state_along(workspace: Workspace) -> None:
    """The tab goes to somebody whom she talks to by another account."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    other = second_account(alice)
    buddy = alice.call("PurpleBuddyNew", other, DAVE, "")
    person = alice.call("PurpleBuddyGetContact", alice.call("PurpleFindBuddy", alice.account(), BOB))
    alice.call("PurpleBlistAddBuddy", buddy, person, alice.call("PurpleBuddyGetGroup",
               alice.call("PurpleFindBuddy", alice.account(), BOB)), 0)
    alice.call("PurpleConversationNew", 1, other, DAVE)
    bob.send(ALICE, "it is me")
    alice.wait_shown("it is me")
    wait_state(alice, VERIFIED)
    alice.call("PurpleAccountsDelete", alice.account())
    wait_until(lambda: VERIFIED not in states(alice), "another state")
    alice.screenshot("person-account-deleted", window)
    assert states(alice) == {PLAIN}
    alice.leave()
    finish(bob, carol)


def test_command_is_done_to_whom_it_was_typed_for(workspace: Workspace) -> None:
    """Bob's message comes while one is typed for Carol: it is held like text, and does nothing."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    type_for_carol(alice, bob, carol, window, "/esession policy never")
    wait_state(alice, VERIFIED)
    alice.focus(window)
    alice.key("Return")
    alice.wait_shown("Your message was not sent because it would go to \"\u2068Bob\u2069\"")
    assert policies(alice) == {} and VERIFIED in states(alice)

    # The second time it was meant so.
    looked(alice, window)
    alice.key("Return")
    wait_until(lambda: policies(alice), "what was chosen for Bob")
    alice.leave()
    finish(bob, carol)


def test_menu_of_pidgins_goes_with_whom_it_was_opened_for(workspace: Workspace) -> None:
    """What is chosen from it would be for another: a file sent to Carol, say."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    before = alice.popups()
    alice.focus(window)
    alice.key("alt+c")
    alice.wait_popup(before)
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    wait_until(lambda: not alice.popups() - before, "end of the menu")

    # Not where nothing changes.
    alice.key("alt+c")
    alice.wait_popup(before)
    carol.send(ALICE, "me again")
    alice.wait_shown("me again", CAROL)
    assert alice.popups() - before
    alice.key("Escape")
    alice.leave()
    finish(bob, carol)


class Irc(socketserver.StreamRequestHandler):
    """As much of another network as lets somebody sign on, and what is said there."""
    heard: list[bytes] = []

    def handle(self) -> None:
        for line in self.rfile:
            if line.startswith(b"USER"):
                self.wfile.write(b":irc.localhost 001 alice :Welcome\r\n:irc.localhost 376 alice :End\r\n")
            elif line.startswith(b"PING"):
                self.wfile.write(b":irc.localhost PONG irc.localhost" + line[4:])
            elif line.startswith(b"PRIVMSG"):
                self.heard.append(line)


def test_tab_that_goes_to_another_network_says_so(workspace: Workspace) -> None:
    """What was typed for Bob does not go there unseen, however many lines, once nobody in it can be talked to encrypted any more."""
    prosody, alice, bob, carol, window = person_scene(workspace)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Irc) as irc:
        irc.daemon_threads = True
        threading.Thread(target=irc.serve_forever, daemon=True).start()
        other = alice.call("PurpleAccountNew", "alice@localhost", "prpl-irc")
        alice.call("PurpleAccountSetInt", other, "port", irc.server_address[1])
        alice.call("PurpleAccountsAdd", other)
        alice.call("PurpleAccountSetEnabled", other, "gtk-gaim", 1)
        wait_until(lambda: alice.call("PurpleAccountIsConnected", other), "the other network")
        buddy = alice.call("PurpleBuddyNew", other, "dave", "")
        bobs = alice.call("PurpleFindBuddy", alice.account(), BOB)
        alice.call("PurpleBlistAddBuddy", buddy, alice.call("PurpleBuddyGetContact", bobs),
                   alice.call("PurpleBuddyGetGroup", bobs), 0)
        dave = alice.call("PurpleConversationNew", 1, other, "dave")
        bob.send(ALICE, "it is me")
        alice.wait_shown("it is me")
        alice.focus(window)
        alice.type("only for")
        alice.key("shift+Return")
        alice.type("Bob")
        alice.call("PurpleConversationDestroy", alice.conversation(BOB))

        wait_until(lambda: any("dave" in line and "from now on: Not encrypted." in line for line in alice.said(dave)), "what it says")
        alice.focus(window)
        alice.key("Return")
        wait_until(lambda: any(HELD_HERE in line for line in alice.said(dave)), "what is held")
        assert not Irc.heard and sum(HELD_HERE in line for line in alice.said(dave)) == 1

        # All of it stands in the entry again, and goes where it is meant to go now.
        looked(alice, window)
        alice.focus(window)
        alice.key("Return")
        wait_until(lambda: len(Irc.heard) == 2, "what was sent")
        assert Irc.heard == [b"PRIVMSG dave :only for\r\n", b"PRIVMSG dave :Bob\r\n"], Irc.heard
        alice.leave()
        irc.shutdown()
    finish(bob, carol)


def test_open_menu_is_of_whom_it_was_opened_for(workspace: Workspace) -> None:
    """The tab goes to Bob while she chooses for Carol: the menu closes, and nothing is chosen for him."""
    prosody, alice, bob, carol, window = verified_scene(workspace)
    carol.send(ALICE, "it is me")
    alice.wait_shown(TO_CAROL, CAROL)
    before = alice.popups()
    alice.menu(window, "t")
    alice.wait_popup(before)
    bob.send(ALICE, "and me")
    alice.wait_shown("and me")
    wait_state(alice, VERIFIED)
    alice.screenshot("person-menu-closed")
    wait_until(lambda: not alice.popups() - before, "end of the menus")
    alice.key("n")
    alice.menu(window, "t", "a")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")

    # It is his menu by now, and stays open when he writes again.
    before = alice.popups()
    alice.menu(window, "t")
    alice.wait_popup(before)
    bob.send(ALICE, "me again")
    alice.wait_shown("me again")
    alice.key("u")
    wait_until(lambda: policies(alice) in ({}, {BOB: -1}), "no policy")
    alice.leave()
    finish(bob, carol)


def test_a_window_becomes_somebody_elses(workspace: Workspace) -> None:
    """Anybody in the program can give it another name: what is shown is what holds for whom the next words go to, and those that were meant
    for the former contact are held."""
    users = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
    prosody, alice, bob = scene(workspace, users=users, buddies=(BOB, CAROL), accessible=True)
    carol = Client(workspace, "carol", prosody, plugin=False)
    carol.login()
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    alice.focus(window)
    alice.type("for Bob alone")
    conversation = alice.call("PurpleFindConversationWithAccount", 1, BOB, alice.account())
    alice.call("PurpleConversationSetName", conversation, CAROL)
    alice.wait_shown(TO_CAROL, who=CAROL)
    wait_until(lambda: indicator(alice).name == "Not encrypted", "state of the other contact")
    alice.focus(alice.wait_window("^Carol$"))
    alice.key("Return")
    alice.wait_shown(HELD, who=CAROL)
    assert not carol.received(), carol.received()
    time.sleep(2)
    alice.key("Return")
    carol.wait_received("for Bob alone")
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
