#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people verify by a password that both know, over a real server, and say that they have verified."""
from __future__ import annotations

import harness
from encrypted import (ALICE, BOB, ENCRYPTED, VERIFIED, YOU_VERIFIED, Client, encrypted_pair, finish,
                       messages, only_encrypted, pair, readers, tells)
from harness import Workspace

WANTS = "The other side wants to compare a password"
WAITS = "Your password is compared as soon as the other person has typed it as well."
SAME = "Both passwords are the same"
DIFFER = "The two passwords differ"
THEY_VERIFIED = "The other side says that the codes match"
PASSWORD = "the cat   on the <piano> & Größe"


def give(alice: Client, bob: Client, one: str, other: str, sentence: str) -> None:
    """Alice types one, Bob the other, and both read the sentence."""
    marks = alice.mark(), bob.mark()
    assert tells(alice, BOB, f"password {one}", WAITS)
    bob.wait_line(WANTS, marks[1])
    bob.ask(ALICE, f"password {other}")
    alice.wait_line(sentence, marks[0])
    bob.wait_line(sentence, marks[1])


def everything_kept(workspace: Workspace) -> str:
    """All that the clients and the server have written down."""
    return "\n".join(path.read_bytes().decode(errors="replace") for path in workspace.path.rglob("*") if path.is_file())


def test_a_password_that_both_know(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    assert tells(alice, BOB, "password", "Type /esession password and a password that only you two know")
    assert tells(alice, BOB, "password    ", "Type /esession password and a password that only you two know")
    give(alice, bob, PASSWORD, f"  {PASSWORD}  ", SAME)
    assert alice.state(BOB) == bob.state(ALICE) == VERIFIED
    assert alice.devices() == [(BOB, True)] and bob.devices() == [(ALICE, True)]

    # It is nowhere but in the two heads.
    only_encrypted(prosody.stanzas())
    assert not readers(prosody.stanzas(), "piano") and not readers(prosody.stanzas(), "esession:verify:0")
    lines = alice.lines() + bob.lines()
    assert not [line for line in lines if "piano" in line], lines
    assert not [line for line in lines if THEY_VERIFIED in line], lines
    alice.send(BOB, "harpsichord")
    bob.wait_received("harpsichord")
    finish(alice, bob)
    assert "harpsichord" in everything_kept(workspace) and "piano" not in everything_kept(workspace)


def test_passwords_that_differ(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    for attempt in range(3):
        give(alice, bob, PASSWORD, f"{PASSWORD} {attempt}", DIFFER)
        assert alice.state(BOB) == bob.state(ALICE) == ENCRYPTED
    assert [line for line in alice.lines() if "That was the third time" in line]
    assert tells(bob, ALICE, f"password {PASSWORD}", "Passwords cannot be compared with this contact for now")
    assert alice.devices() == [(BOB, False)] and bob.devices() == [(ALICE, False)]
    finish(alice, bob)


def test_nothing_to_compare_in(workspace: Workspace) -> None:
    prosody, alice, bob = pair(workspace, (True, False))
    alice.open(BOB)
    assert tells(alice, BOB, f"password {PASSWORD}", "Passwords can be compared only while")
    assert not [s for s in messages(prosody.stanzas()) if "piano" in s.text]
    finish(alice, bob)


def test_one_says_that_the_codes_match(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = bob.mark()
    assert tells(alice, BOB, f"verify {bob.code(ALICE)}", YOU_VERIFIED)
    bob.wait_line(THEY_VERIFIED, mark)
    assert bob.state(ALICE) == ENCRYPTED and bob.devices() == [(ALICE, False)]
    assert tells(bob, ALICE, f"verify {alice.code(BOB)}", YOU_VERIFIED)
    assert alice.state(BOB) == bob.state(ALICE) == VERIFIED
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


if __name__ == "__main__":
    harness.main(globals())
