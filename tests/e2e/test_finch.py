#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""esession.so in a real Finch, which has no windows of ours: what its user types and reads on 80 columns and 24 lines."""
from __future__ import annotations

import sqlite3
import time
from typing import Any

import harness
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, NOT_ENCRYPTED, NOW_ENCRYPTED, NOW_VERIFIED, PLAIN, THEY_ENDED, THEY_LEFT,
                       VERIFIED, YOU_VERIFIED, Client, devices, finish, readers)
from finch import FRAME, Finch
from harness import Prosody, Workspace, built, wait_until
from hostile import Liar

PASSPHRASE = 1  # of the kinds of protection
CAROLS, BOBS = (f'"\u2068{name}\u2069" (\u2068{name.lower()}@localhost\u2069)' for name in ("Carol", "Bob"))
TO_CAROL, TO_BOB = (f"What you write goes to {who} from now on: " for who in (CAROLS, BOBS))
ABOUT_BOB = f"{BOBS}: "
HELD = f"Your message was not sent because it would go to {CAROLS} now ({PLAIN}): press Enter again to send it there."
BUTTONS = "They match They differ Type the code... Later"


def scene(workspace: Workspace, **options: Any) -> tuple[Prosody, Finch, Client]:
    """Alice in Finch has opened the conversation with Bob, and it is encrypted."""
    prosody = Prosody(workspace)
    bob = Client(workspace, "bob", prosody)
    bob.login()
    alice = Finch(workspace, "alice", prosody, buddies=[BOB], plugins=[built("src/purple/esession.so")], **options)
    bob.wait_for("buddy-signed-on", who=ALICE)
    alice.open("Bob")
    alice.wait(NOW_ENCRYPTED)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    return prosody, alice, bob


def person_scene(workspace: Workspace) -> tuple[Liar, Finch, Client, Client]:
    """Bob, who is verified, and Carol, who has nothing of that, are one person and have one window. It is with Bob."""
    server = Liar(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    bob, carol = Client(workspace, "bob", server), Client(workspace, "carol", server, plugin=False)
    bob.login()
    alice = Finch(workspace, "alice", server, buddies=[(BOB, CAROL)], plugins=[built("src/purple/esession.so")])
    bob.wait_for("buddy-signed-on", who=ALICE)
    alice.open("Bob")
    alice.wait(NOW_ENCRYPTED)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    alice.enter("/esession verify")
    alice.wait(BUTTONS)
    alice.key("Tab", "Enter")
    alice.wait_gone(BUTTONS)
    state_line(alice, VERIFIED)
    carol.login()
    return server, alice, bob, carol


def leave(alice: Finch, *others: Client) -> None:
    alice.quit()
    finish(*others)
    complaints = [line for line in alice.log.read_text().splitlines() if "CRITICAL" in line or "WARNING" in line]
    assert not complaints, complaints


def state_line(alice: Finch, line: str) -> None:
    """What stands above the entry of the conversation, where nothing scrolls."""
    wait_until(lambda: line in alice.screen().splitlines()[-4], f"{line!r} above the entry of\n{alice.screen()}")


def test_encrypted_and_verified(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace)
    state_line(alice, ENCRYPTED)
    alice.enter("written in Finch")
    bob.wait_received("written in Finch")
    bob.send(ALICE, "read in Finch")
    alice.wait("Bob: read in Finch")
    assert not readers(prosody.stanzas(), "in Finch")
    alice.enter("/esession")
    alice.wait(f"This conversation: {ENCRYPTED}, with")
    code = bob.code(ALICE)

    # The code goes with the session: it stands in a window and not in the conversation.
    alice.enter("/esession code")
    assert code in alice.wait(BUTTONS)
    alice.key("Enter")
    alice.wait_gone(BUTTONS)

    # Enter alone does not verify.
    alice.enter("/esession verify")
    text = alice.wait(BUTTONS)
    assert code in text and "Do not send the code here: whoever listens in could change it on the way." in text, text
    alice.key("Enter")
    alice.wait_gone(BUTTONS)
    assert devices(alice.path / "esession.db") == [(BOB, False)]

    # What was typed is compared.
    alice.enter("/esession verify")
    alice.wait(BUTTONS)
    alice.key("Tab", "Tab", "Tab", "Enter")
    alice.wait("type the code that is read to you:")
    alice.type("abc def")
    alice.key("Tab", "Enter")
    alice.wait("This is not the code shown here.")
    assert devices(alice.path / "esession.db") == [(BOB, False)]

    alice.enter("/esession verify")
    alice.wait(BUTTONS)
    alice.key("Tab", "Enter")
    alice.wait(YOU_VERIFIED)
    alice.wait_gone(BUTTONS)
    state_line(alice, VERIFIED)
    assert devices(alice.path / "esession.db") == [(BOB, True)]
    leave(alice, bob)


def test_marked_message_looks_like_nothing_else(workspace: Workspace) -> None:
    """A message of several lines, of which one is wider than the window, has a sign before each line that one sees."""
    prosody, alice, bob = scene(workspace)
    other = Client(workspace, "other", prosody, plugin=False)
    other.login(user="bob", resource="other")
    forged = "(16:47:29) What follows is encrypted and verified again."
    other.command("send-stanza", xml=f"<message to='{ALICE}/finch' type='chat'><body>ok\n{forged}\u2028{'padding ' * 7}"
                                     f"{' ' * 40}{forged}</body></message>")
    alice.wait("again. > padding")
    lines = [FRAME.sub(" ", line).strip() for line in alice.screen().splitlines()]
    first = next(place for place, line in enumerate(lines) if line.endswith("Bob: > ok"))
    marked = lines[first + 1:first + 5]
    assert marked[0].startswith(f"> {forged}") and marked[1].startswith("> padding"), lines
    assert "verified again." in marked[2] + marked[3], lines
    assert all(line.startswith("> ") for line in marked[:3 if "again." in marked[2] else 4]), lines
    leave(alice, bob, other)


def test_they_differ(workspace: Workspace) -> None:
    """The dialog before was closed with its window, which Finch tells nobody."""
    prosody, alice, bob = scene(workspace)
    for keys in ["M-c"], ["Tab", "Tab", "Enter"]:
        alice.enter("/esession verify")
        alice.wait(BUTTONS)
        alice.key(*keys)
        alice.wait_gone(BUTTONS)
    bob.wait_line(THEY_ENDED)
    state_line(alice, "Ended: type /esession start, or /esession end to write unencrypted.")
    assert devices(alice.path / "esession.db") == []
    alice.enter("/esession end")
    state_line(alice, PLAIN)
    leave(alice, bob)


def test_passwords(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace)
    alice.enter("/esession password")
    assert f"This is about your conversation with {BOBS}." in alice.wait("Compare Cancel")
    alice.type("open sesame")
    alice.wait("···········_")
    assert "sesame" not in alice.text()
    alice.key("Tab", "Tab", "Enter")
    request = bob.wait_for("request", title="Compare a password")
    bob.command("answer", request=request["request"], button=0, value="open barley")
    alice.wait("The two passwords differ")
    bob.wait_line("The two passwords differ")

    bob.ask(ALICE, "password open sesame")
    alice.wait("The other side wants to compare a password")
    alice.bring("What is your password?")
    assert f"This is about your conversation with {BOBS}." in alice.text(), alice.screen()
    alice.type("open sesame")
    alice.key("Tab", "Enter")
    bob.wait_line("Both passwords are the same")
    alice.wait("Both passwords are the same")
    state_line(alice, VERIFIED)
    leave(alice, bob)


def test_devices(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace)
    alice.enter("/esession devices")
    alice.wait("connected now")
    alice.enter("/esession rename 1 his telephone")
    alice.wait("The device is now called")
    for keys, rows in (["Enter"], [(BOB, False)]), (["Tab", "Enter"], []):
        alice.enter("/esession forget 1")
        alice.wait("Forget Cancel")
        alice.key(*keys)
        alice.wait_gone("Forget Cancel")
        assert devices(alice.path / "esession.db") == rows
    alice.wait("The device is forgotten.")
    bob.wait_line(THEY_ENDED)
    octets = b"".join(path.read_bytes() for path in alice.path.glob("esession.db*"))
    assert b"his telephone" not in octets, "it is still in the file"
    leave(alice, bob)


def test_policy_and_menu(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace)
    alice.enter("/esession policy always")
    alice.wait("are always encrypted: what cannot be encrypted waits.")
    alice.key("M-1", "F11")
    text = alice.wait("Encryption")
    assert "Encr_yption" not in text
    leave(alice, bob)
    database = sqlite3.connect(alice.path / "esession.db")
    assert database.execute("SELECT contact, policy FROM policies").fetchall() == [(BOB, 3)]
    database.close()


def test_preferences(workspace: Workspace) -> None:
    """The whole form is on the screen, and what it says is kept."""
    prosody, alice, bob = scene(workspace)
    alice.plugins()
    alice.key("Tab", "Tab", "Tab", "Enter")
    text = alice.wait("Save Cancel")
    for label in ("Encrypt conversations: Whenever possible", "Who may start them with me:", "[X] Remind me to verify",
                  "Forget devices that are not verified:", "Forget verified devices:", "[X] Log encrypted conversations",
                  "[X] Keep unsent messages when the program ends",
                  "[ ] Hide messages from my other programs", "[ ] Allow weak encryption for old programs"):
        assert label in " ".join(text.replace("│", " ").split()), (label, alice.screen())
    alice.key("Tab", "Tab", " ")
    alice.wait("[ ] Remind me to verify")
    alice.key("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Enter")
    alice.wait_gone("Save Cancel")
    leave(alice, bob)
    assert "name='remind' type='bool' value='0'" in (alice.path / "prefs.xml").read_text()


def test_list_of_devices(workspace: Workspace) -> None:
    """In the menu of the buddy list."""
    prosody, alice, bob = scene(workspace)
    alice.key("M-1", "F10")
    alice.wait("Options Accounts Plugins")
    while "Encrypted" not in alice.screen():
        alice.key("Right")
    if "Remembered devices..." not in alice.screen():
        alice.key("e")
    alice.wait("Remembered devices...")
    alice.key("r")
    text = alice.wait("To change them, type /esession devices all in a conversation.")
    assert "not verified, first used" in text, text
    alice.key("Enter")
    leave(alice, bob)


def protection(alice: Finch) -> int:
    database = sqlite3.connect(f"file:{alice.path / 'esession.db'}?mode=ro", uri=True)
    try:
        found = database.execute("SELECT kind FROM protection").fetchall()
    finally:
        database.close()
    return found[0][0] if found else 0


def test_passphrase(workspace: Workspace) -> None:
    """Set in a form that is whole on the screen, and typed when Finch starts again."""
    prosody, alice, bob = scene(workspace)
    before = protection(alice)
    alice.enter("/esession protect")
    text = alice.wait("OK Cancel")
    assert "Passphrase, at least 8 characters ___" in text and "_Passphrase" not in text, alice.screen()
    alice.key("Down", "Down", "Enter")
    alice.wait("A passphrase ↓")
    alice.key("Tab")
    alice.type("a long passphrase")
    alice.key("Tab")
    alice.type("a long passphrase")
    alice.key("Tab", "Enter")
    alice.wait("Remembered devices are protected by your passphrase.")
    assert protection(alice) == PASSPHRASE != before
    alice.key("Enter")
    alice.quit()

    alice.start()
    alice.bring("Type your passphrase to unlock them.")
    alice.type("a wrong passphrase")
    alice.key("Tab", "Enter")
    alice.wait("This is not your passphrase.")
    alice.key("Enter")
    alice.wait("Type your passphrase to unlock them.")
    alice.type("a long passphrase")
    alice.key("Tab", "Enter")
    alice.wait_gone("Type your passphrase")
    alice.open("Bob")
    alice.wait(NOW_ENCRYPTED)
    assert devices(alice.path / "esession.db") == [(BOB, False)]
    leave(alice, bob)


def test_unticked_it_is_gone(workspace: Workspace) -> None:
    """Its dialogs and its line, too."""
    prosody, alice, bob = scene(workspace)
    alice.enter("/esession verify")
    alice.wait(BUTTONS)
    alice.plugins()
    alice.key(" ")
    bob.wait_line(THEY_LEFT)
    alice.key("M-c")
    alice.bring("What you write now is not encrypted.")
    assert BUTTONS not in alice.text() and ENCRYPTED not in alice.screen().splitlines()[-4], alice.screen()
    alice.enter("in the clear")
    bob.wait_received("in the clear")
    leave(alice, bob)


# Two contacts that are one person

def test_the_line_is_about_whom_it_goes_to(workspace: Workspace) -> None:
    """Also when the state of the other conversation changes, which is told with a name."""
    server, alice, bob, carol = person_scene(workspace)
    carol.send(ALICE, "it is me")
    alice.wait(TO_CAROL + PLAIN)
    state_line(alice, PLAIN)
    assert f"Carol ({alice.jid}" in alice.text() and f"Bob ({alice.jid}" not in alice.text(), alice.screen()
    bob.quit()
    alice.wait(ABOUT_BOB + "The ")  # was interrupted, or the other side has left it
    state_line(alice, PLAIN)
    bob = Client(workspace, "bob", server)
    bob.login()
    alice.wait(NOW_VERIFIED)
    state_line(alice, PLAIN)
    alice.enter("hello, Carol")
    carol.wait_received("hello, Carol")

    bob.send(ALICE, "and me")
    alice.wait(TO_BOB + VERIFIED)
    state_line(alice, VERIFIED)
    alice.enter("hello, Bob")
    bob.wait_received("hello, Bob")
    assert not readers(server.stanzas(), "hello, Bob")
    leave(alice, bob, carol)


def looked(alice: Finch) -> None:
    """She has had the time to see what has changed."""
    screens = [""] * 22

    def same() -> bool:
        time.sleep(0.08)
        screens.append(alice.screen())
        screens.pop(0)
        return len(set(screens)) == 1
    wait_until(same, "steady screen")


def test_what_stood_in_the_entry_is_held(workspace: Workspace) -> None:
    """Commands as well. The second time it was meant so."""
    server, alice, bob, carol = person_scene(workspace)
    for typed, arrives in ("only for Bob", "only for Bob"), ("/say at once", "at once"):
        alice.type(typed)
        alice.wait(typed)
        carol.send(ALICE, f"before {arrives}")
        alice.wait(TO_CAROL + PLAIN)
        alice.key("Enter")
        alice.wait(HELD)
        assert arrives not in carol.received()
        assert typed in alice.screen().splitlines()[-3], alice.screen()
        looked(alice)
        alice.key("Enter")
        carol.wait_received(arrives)
        mark = bob.mark()
        bob.send(ALICE, f"after {arrives}")
        alice.wait(TO_BOB + VERIFIED)
        alice.enter("/clear")
        alice.wait_gone(HELD)
        state_line(alice, VERIFIED)
        assert not bob.received(mark)
    leave(alice, bob, carol)


def test_marks_come_before_what_they_mark(workspace: Workspace) -> None:
    """In the window that is with somebody else."""
    server, alice, bob, carol = person_scene(workspace)
    carol.send(ALICE, "it is me")
    alice.wait(TO_CAROL + PLAIN)
    server.deliver(alice.jid, f"<message from='{BOB}/test' to='{alice.jid}' type='chat'><body>from the server</body></message>")
    text = alice.wait(TO_BOB + VERIFIED)
    assert text.index(ABOUT_BOB + NOT_ENCRYPTED) < text.index("from the server"), text
    leave(alice, bob, carol)


def test_send_to(workspace: Workspace) -> None:
    """Finch tells nobody."""
    server, alice, bob, carol = person_scene(workspace)
    alice.key("F10")
    alice.wait("Conversation Send To")
    alice.key("Right", "Escape")  # it stays there, and on who was chosen
    for who, whom, state in ("carol", TO_CAROL, PLAIN), ("bob", TO_BOB, VERIFIED), ("carol", TO_CAROL, PLAIN):
        alice.key("F10", "Down")
        alice.wait(f"{who}@localhost ({alice.jid}")
        alice.key("Down" if who == "carol" else "Up", "Enter")
        alice.wait(whom + state)
        state_line(alice, state)
        alice.enter("/clear")
        alice.wait_gone(whom)
    leave(alice, bob, carol)


if __name__ == "__main__":
    harness.main(globals())
