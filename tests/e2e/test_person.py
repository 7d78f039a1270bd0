#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two contacts that are one person in Pidgin's buddy list: its tab goes from one to the other when that one writes, and what is
typed must not go with it unseen."""
from __future__ import annotations

import harness
from encrypted import ALICE, BOB, CAROL, NOW_ENCRYPTED, Client, finish
from harness import Prosody, Window, Workspace, wait_until
from test_pidgin import Alice, scene

TO_CAROL = "What you write goes to \"\u2068Carol\u2069\" (\u2068carol@localhost\u2069) from now on: Not encrypted."
HELD = "Your message was not sent because it would go to \"\u2068Carol\u2069\" (\u2068carol@localhost\u2069) now (Not encrypted)"


def person_scene(workspace: Workspace) -> tuple[Prosody, Alice, Client, Client, Window]:
    """Bob, with whom the conversation is encrypted, and Carol, who has nothing of that, are one person."""
    prosody, alice, bob = scene(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"}, buddies=(BOB, CAROL))
    carol = Client(workspace, "carol", prosody, plugin=False)
    carol.login()
    contacts = [alice.call("PurpleBuddyGetContact", alice.call("PurpleFindBuddy", alice.account(), who))
                for who in (BOB, CAROL)]
    alice.call("PurpleBlistMergeContact", contacts[1], alice.call("PurpleFindBuddy", alice.account(), BOB))
    window = alice.open(title="^(Bob|bob)")
    alice.wait_shown(NOW_ENCRYPTED)
    return prosody, alice, bob, carol, window


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
    alice.key("Return")
    carol.wait_received("only for Bob")
    assert not bob.received()
    alice.leave()
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


if __name__ == "__main__":
    harness.main(globals())
