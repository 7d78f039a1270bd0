#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user interface of programs that have none of ours: dialogs, and /esession for remembered devices."""
from __future__ import annotations

import re
import stat
from typing import Any

import harness
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, NOW_ENCRYPTED, THEY_ENDED, VERIFIED, YOU_VERIFIED, Client,
                       encrypted_pair, finish, readers, talk, tells, verify)
from harness import Prosody, Workspace, wait_until
from pidgin import preferences

MOVED = "Your conversation is with another device of this contact now: to verify that one, type"
CODE, PASSWORD, FORGET = "Verify the other side", "Compare a password", "Forget?"


def asked(client: Client, title: str, since: int = 0) -> dict[str, Any]:
    return client.wait_for("request", since=since, title=title)


def answer(client: Client, request: dict[str, Any], label: str, **members: Any) -> None:
    """Presses the button, and the dialog is gone."""
    client.command("answer", request=request["request"], button=request["buttons"].index(label), **members)
    client.wait_for("request-closed", request=request["request"])


def closed(client: Client, request: dict[str, Any]) -> bool:
    return bool(client.seen("request-closed", request=request["request"]))


def ask(client: Client, command: str, title: str, who: str = BOB) -> dict[str, Any]:
    mark = client.mark()
    client.ask(who, command)
    return asked(client, title, mark)


# Codes

def test_codes_are_compared_in_a_dialog(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    code = bob.code(ALICE)
    request = ask(alice, "verify", CODE)
    assert code in request["secondary"] and "Call \"\u2068Bob\u2069\"" in request["secondary"], request
    assert request["buttons"] == ["They match", "They differ", "Type the code...", "Later"], request
    assert request["buttons"][request["value"]] == "Later", "Enter alone must not verify"
    assert max(map(len, request["secondary"].splitlines())) < 78, request

    # Another one takes the place of the first; nothing happens later.
    again = ask(alice, "verify", CODE)
    assert closed(alice, request)
    answer(alice, again, "Later")
    assert alice.state(BOB) == ENCRYPTED

    mark = alice.mark()
    answer(alice, ask(alice, "verify", CODE), "Type the code...")
    answer(alice, typing(alice, mark), "Compare", value="abc def")
    alice.wait_line("not the code shown here", mark)
    assert alice.state(BOB) == ENCRYPTED
    mark = alice.mark()
    answer(alice, ask(alice, "verify", CODE), "Type the code...")
    answer(alice, typing(alice, mark), "Compare", value=code.upper())
    alice.wait_line(YOU_VERIFIED, mark)
    assert alice.state(BOB) == VERIFIED

    answer(bob, ask(bob, "verify", CODE, ALICE), "They match")
    bob.wait_line(YOU_VERIFIED)
    assert bob.devices() == [(ALICE, True)]
    finish(alice, bob)


def told_by(client: Client, command: str, who: str = BOB) -> list[str]:
    """Without the reminder, which may come at the same time."""
    return [line for line in client.ask(who, command) if not line.startswith("To be sure that nobody listens in")]


def typing(client: Client, since: int) -> dict[str, Any]:
    return client.wait_for("request", since=since, type="input")


def test_codes_that_differ(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    answer(alice, ask(alice, "verify", CODE), "They differ")
    bob.wait_line(THEY_ENDED)
    assert alice.devices() == []
    finish(alice, bob)


def test_dialogs_go_with_what_they_are_about(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    request = ask(alice, "verify", CODE)
    alice.ask(BOB, "end")
    alice.wait_for("request-closed", request=request["request"])
    mark = alice.mark()
    alice.ask(BOB, "start")
    alice.wait_line(NOW_ENCRYPTED, mark)
    open = [ask(alice, "verify", CODE), ask(alice, "password", PASSWORD), forget(alice, "1")]
    alice.command("close", who=BOB)
    for request in open:
        alice.wait_for("request-closed", request=request["request"])
    alice.open(BOB)
    open = [ask(alice, "verify", CODE), ask(alice, "password", PASSWORD), forget(alice, "1")]
    alice.unload()
    for request in open:
        assert closed(alice, request), request
    finish(alice, bob)


def typing_code(client: Client) -> dict[str, Any]:
    request, mark = ask(client, "verify", CODE), client.mark()
    answer(client, request, "Type the code...")
    return typing(client, mark)


# Passwords

def test_passwords_are_compared_in_a_dialog(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = bob.mark()
    answer(alice, ask(alice, "password", PASSWORD), "Compare", fields={"password": "open sesame", "question": "What opens the cave?"})
    offer = asked(bob, PASSWORD, mark)
    assert 'asks "\u2068What opens the cave?\u2069" and wants to compare the answer' in " ".join(offer["secondary"].split()), offer
    answer(bob, offer, "Do not compare")
    alice.wait_line("does not want to compare passwords now")
    assert alice.state(BOB) == ENCRYPTED

    mark = bob.mark()
    alice.ask(BOB, "password open sesame")
    answer(bob, asked(bob, PASSWORD, mark), "Compare", value="open sesame")
    alice.wait_line("Both passwords are the same")
    bob.wait_line("Both passwords are the same")
    assert alice.state(BOB) == bob.state(ALICE) == VERIFIED
    finish(alice, bob)


def test_offer_that_is_answered_otherwise(workspace: Workspace) -> None:
    """By command, and not at all: the dialog is gone either way, and one offer makes one dialog."""
    prosody, alice, bob = encrypted_pair(workspace)
    alice.ask(BOB, "password open sesame")
    offer = asked(bob, PASSWORD)
    bob.ask(ALICE, "password something else")
    bob.wait_for("request-closed", request=offer["request"])
    bob.wait_line("The two passwords differ")

    mark = bob.mark()
    alice.ask(BOB, "password open sesame")
    offer = asked(bob, PASSWORD, mark)
    alice.send(BOB, "what is keeping you?")
    bob.wait_received("what is keeping you?")
    alice.ask(BOB, "end")
    bob.wait_for("request-closed", request=offer["request"])
    assert len(bob.seen("request", mark)) == 1
    finish(alice, bob)


def test_dialogs_do_not_go_along_to_another_device(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    phone.open(ALICE)
    phone.wait_line(NOW_ENCRYPTED)
    writers = [bob, phone]
    bob.send(ALICE, "first")
    alice.wait_received("first")
    for round, open in enumerate([lambda: ask(alice, "verify", CODE), lambda: ask(alice, "password", PASSWORD),
                                  lambda: typing_code(alice)]):
        request, mark = open(), alice.mark()
        writers[(round + 1) % 2].send(ALICE, f"round {round}")
        alice.wait_for("request-closed", request=request["request"])
        alice.wait_line(MOVED, mark)

    # Each offer is asked about by itself, and answered in its own session.
    bob.send(ALICE, "back")
    alice.wait_received("back")
    mark = alice.mark()
    bob.ask(ALICE, "password open sesame")
    first = asked(alice, PASSWORD, mark)
    phone.ask(ALICE, "password something else")
    alice.wait_for("request-closed", request=first["request"])
    alice.wait_line(MOVED, mark)
    second = alice.wait_for("request", since=mark, title=PASSWORD, request=lambda number: number != first["request"])
    answer(alice, second, "Compare", value="something else")
    alice.wait_line("Both passwords are the same", mark)
    phone.wait_line("Both passwords are the same")
    assert sorted(alice.devices()) == [(BOB, False), (BOB, True)]
    finish(alice, bob, phone)


# Logs

def test_asked_once_whether_no_log_is_well(workspace: Workspace) -> None:
    prosody = Prosody(workspace)
    (workspace.folder("purple-bob") / "prefs.xml").write_text(preferences({"/plugins/core/esession/log": False}))
    alice, bob = Client(workspace, "alice", prosody), Client(workspace, "bob", prosody)
    for client in alice, bob:
        client.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    talk(alice, bob)
    request = alice.wait_for("request")
    assert "does not want this conversation to be logged" in " ".join(request["primary"].split()), request
    for text in "said meanwhile", "and this":
        alice.send(BOB, text)
        bob.wait_received(text)
        bob.send(ALICE, f"{text}?")
        alice.wait_received(f"{text}?")
    assert len(alice.seen("request")) == 1
    answer(alice, request, "Go on without a log")
    mark = alice.mark()
    alice.ask(BOB, "end")
    alice.ask(BOB, "start")
    alice.wait_line(NOW_ENCRYPTED, mark)
    alice.send(BOB, "said without a question")
    bob.wait_received("said without a question")
    assert not alice.seen("request", mark) and not bob.seen("request")
    finish(alice, bob)


def test_no_log_is_not_well(workspace: Workspace) -> None:
    prosody = Prosody(workspace)
    (workspace.folder("purple-bob") / "prefs.xml").write_text(preferences({"/plugins/core/esession/log": False}))
    alice, bob = Client(workspace, "alice", prosody), Client(workspace, "bob", prosody)
    for client in alice, bob:
        client.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    talk(alice, bob)
    answer(alice, alice.wait_for("request"), "End encryption")
    bob.wait_line(THEY_ENDED)
    finish(alice, bob)


# Remembered devices

def forget(client: Client, which: str, who: str = BOB) -> dict[str, Any]:
    client.ask(who, "devices")
    return ask(client, f"forget {which}", FORGET, who)


def test_devices_by_command(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    for command in "forget 1", "rename 1 phone", "unverify 1":
        assert tells(alice, BOB, command, "There is no such number: /esession devices lists"), command
    verify(alice, bob)
    told = told_by(alice, "devices")
    assert len(told) == 2 and told[0].startswith(
        "1. \"\u2068Bob\u2069\" (\u2068bob@localhost\u2069), \"\u2068test\u2069\": verified "), told
    assert told[0].endswith(", connected now") and "type /esession rename, unverify or forget" in told[1], told

    assert tells(alice, BOB, "rename 1 <b>his</b> phone", "The device is now called \"\u2068<b>his</b> phone\u2069\".")
    assert tells(alice, BOB, "devices", "\"\u2068<b>his</b> phone\u2069\": verified ")
    assert tells(alice, BOB, "rename 1", "The device has no name of yours any more.")
    assert tells(alice, BOB, "devices", "\"\u2068test\u2069\": verified ")

    assert tells(alice, BOB, "unverify 1", "The device does not count as verified any more.")
    assert alice.state(BOB) == ENCRYPTED and alice.devices() == [(BOB, False)]
    assert tells(alice, BOB, "unverify 1", "That device is not verified.")

    for command, sentence in {
            "devices some": "Type /esession devices for those of this contact",
            "forget": "Type /esession forget and the number", "forget x": "Type /esession forget and the number",
            "forget 1 2": "Type /esession forget and the number", "forget 2": "There is no such number",
            "rename": "Type /esession rename, the number", "rename phone": "Type /esession rename, the number",
            "rename 2 phone": "There is no such number", "unverify": "Type /esession unverify and the number",
            "unverify 1 now": "Type /esession unverify and the number", "unverify 0": "Type /esession unverify"}.items():
        assert tells(alice, BOB, command, sentence), command
    assert not alice.asked()

    request = forget(alice, "1")
    assert "Forget the device \"\u2068test\u2069\" of \"\u2068Bob\u2069\"" in request["primary"], request
    assert request["buttons"][request["value"]] == "Cancel"
    answer(alice, request, "Cancel")
    assert alice.devices() == [(BOB, False)]
    answer(alice, forget(alice, "1"), "Forget")
    alice.wait_line("The device is forgotten.")
    assert alice.devices() == []
    bob.wait_line(THEY_ENDED)
    assert tells(alice, BOB, "forget 1", "That device is not remembered any more")
    finish(alice, bob)


def test_number_means_the_device_that_it_was_shown_with(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    alice.ask(BOB, "devices")
    old = ask(alice, "forget 1", FORGET)
    alice.ask(BOB, "forget 1 anyway")
    alice.wait_line("The device is forgotten.")
    alice.wait_for("request-closed", request=old["request"])
    mark = alice.mark()
    alice.ask(BOB, "start")
    alice.wait_line(NOW_ENCRYPTED, mark)
    assert alice.devices() == [(BOB, False)]
    for command in "forget 1", "forget 1 anyway", "rename 1 phone", "unverify 1":
        assert tells(alice, BOB, command, "That device is not remembered any more"), command
    assert alice.devices() == [(BOB, False)]

    # A window that is opened again has shown no list yet.
    alice.ask(BOB, "devices")
    alice.command("close", who=BOB)
    alice.open(BOB)
    assert tells(alice, BOB, "forget 1", "There is no such number")
    finish(alice, bob)


def test_lost_device(workspace: Workspace) -> None:
    """Forgotten at once; and nothing goes to whoever has it, nor in the clear."""
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    alice.ask(BOB, "devices")
    request = forget(alice, "1")
    assert "Lost or stolen" in request["buttons"] and request["buttons"][request["value"]] == "Cancel", request
    answer(alice, request, "Cancel")
    mark = alice.mark()
    alice.ask(BOB, "forget 1 lost")
    alice.wait_line("The device is forgotten.", mark)
    alice.wait_line("change the password of the account", mark)
    assert alice.devices() == []
    bob.wait_line(THEY_ENDED)
    bob.ask(ALICE, "start")
    wait_until(lambda: alice.state(BOB) == ENCRYPTED, "a stranger")
    alice.send(BOB, "for bob only")
    alice.wait_line("a device that you have not verified", mark)
    assert not readers(prosody.stanzas(), "for bob only") and not any("for bob only" in text for text in bob.received())
    finish(alice, bob)


def test_forget_all_of_a_contact(workspace: Workspace) -> None:
    prosody = Prosody(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    alice, bob, carol = (Client(workspace, name, prosody) for name in ("alice", "bob", "carol"))
    for client in alice, bob, carol:
        client.login()
    for jid in BOB, CAROL:
        alice.wait_for("buddy-signed-on", who=jid)
        mark = alice.mark()
        alice.open(jid)
        alice.wait_line(NOW_ENCRYPTED, mark)
    told = told_by(alice, "devices all", CAROL)
    assert told[0].startswith("1. \"\u2068Bob\u2069\" ") and told[1].startswith("2. \"\u2068Carol\u2069\" "), told
    assert len(told_by(alice, "devices", CAROL)) == 2
    mark = alice.mark()
    alice.ask(BOB, "forget all")
    request = asked(alice, FORGET, mark)
    assert "Forget all devices of \"\u2068Bob\u2069\"" in request["primary"], request
    answer(alice, request, "Forget")
    alice.wait_line("All devices of this contact are forgotten.")
    assert alice.devices() == [(CAROL, False)]
    assert tells(alice, BOB, "forget all", "No device of this contact is remembered.")
    assert told_by(alice, "devices") == ["No device of this contact is remembered."]
    assert alice.state(CAROL) == ENCRYPTED
    finish(alice, bob, carol)


# What to attach to the report of a bug

def test_report(workspace: Workspace) -> None:
    """It is in a file of the user's own, tells what happened, and nothing of what was said nor by whom."""
    prosody, alice, bob = encrypted_pair(workspace)
    alice.send(BOB, "between the two of us")
    bob.wait_received("between the two of us")
    verify(alice, bob)
    code = bob.code(ALICE)
    lines = told_by(alice, "debug")
    assert len(lines) == 1 and lines[0].startswith("A report is in the file "), lines
    files = list(alice.path.glob("esession-report-*.txt"))
    assert len(files) == 1 and f"in the file {files[0]}. It holds" in lines[0], (files, lines)
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    text = files[0].read_text(encoding="utf-8")
    for line in ("  contacts, verified: 1", "  XMPP accounts: 1", "  online: 1", "  devices: 1", "  verified: 1"):
        assert line in text.splitlines(), (line, text)
    assert re.search(r"^....-..-..T..:..:..Z session info ~[0-9a-f]{6}: encrypted, verified: verified$", text, re.M), text
    for secret in ("between the two of us", code, "alice", "bob", "localhost", str(workspace.path)):
        assert secret not in text, (secret, text)
    finish(alice, bob)


if __name__ == "__main__":
    harness.main(globals())
