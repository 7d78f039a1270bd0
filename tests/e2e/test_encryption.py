#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted conversations between libpurple clients over a real server, and what that server can read of them."""
from __future__ import annotations

import os
import signal

import harness
from encrypted import (ALICE, BOB, ENCRYPTED, ENDED, GIVEN_BACK, HELD, NOT_ENCRYPTED, NOW_ENCRYPTED, NOW_VERIFIED, PLAIN,
                       REFUSED, STUCK, THEY_ENDED, THEY_LEFT, UNKNOWN, VERIFIED, YOU_VERIFIED, Client, encrypted_pair,
                       finish, flush, meet, messages, of, only_encrypted, pair, plain, quoted, readers, talk, tells, verify)
from harness import Prosody, Stanza, Workspace, wait_until

# No two pieces of the long one are alike: a hole or a swap would show.
TEXTS = {
    "plain": "the quick brown fox",
    "special": "1 < 2 && 3 > 2, \"quoted\" & 'quoted' &amp; not markup <b> ]]> <!-- no -->",
    "emoji": "\N{GRINNING FACE}\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5} ñ 漢字 "
             "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
    "right to left": "\N{RIGHT-TO-LEFT MARK}שלום עולם, مرحبا بالعالم (1 < 2)",
    "lines": "first of the lines\nsecond line\n\n  fourth, indented",
    "link": "look at https://example.org/?a=1&b=2#c",
    "long": "".join(f"{number:06d}," for number in range(102400 // 7)) + "end",
}
MARKUP = "is <b>bold</b>, <i>slanted</i> and <font color=\"#cc0000\">coloured &amp; loud</font>"


def exchange(alice: Client, bob: Client) -> None:
    """Every text both ways, each shown whole, unchanged and once."""
    for sender, receiver, who, jid in (alice, bob, BOB, ALICE), (bob, alice, ALICE, BOB):
        sent, got = sender.mark(), receiver.mark()
        for name, text in TEXTS.items():
            mark = receiver.mark()
            sender.send(who, text)
            line = receiver.wait_for("displayed", since=mark, flags="RECV", conversation=of(jid))
            assert plain(line["text"]) == text, name
        shown = [plain(event["text"]) for event in sender.seen("displayed", sent, flags="SEND")]
        assert shown == receiver.received(got) == list(TEXTS.values())


def test_every_text_both_ways_and_the_server_reads_none(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = prosody.mark()
    exchange(alice, bob)
    record = prosody.stanzas(since=mark)
    assert {name: readers(record, text) for name, text in TEXTS.items()} == {name: set() for name in TEXTS}
    only_encrypted(prosody.stanzas())

    # The same texts without the plugin are found by the same search.
    alice.unload()
    bob.unload()
    mark = prosody.mark()
    exchange(alice, bob)
    record = prosody.stanzas(since=mark)
    everywhere = {f"{way} {who}" for way in ("received", "sent") for who in ("alice", "bob")}
    assert {name: readers(record, text) for name, text in TEXTS.items()} == {name: everywhere for name in TEXTS}
    finish(alice, bob)


def test_opening_the_conversation_is_enough(workspace: Workspace) -> None:
    prosody, alice, bob = pair(workspace)
    alice.open(BOB)
    alice.wait_line(NOW_ENCRYPTED)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    assert alice.state(BOB) == bob.state(ALICE) == ENCRYPTED
    assert alice.code(BOB) == bob.code(ALICE)
    flush(alice)
    flush(bob)
    # Message 1 to 4, and an empty stanza under the new keys.
    assert [s.client.partition("@")[0] for s in messages(prosody.stanzas("received"))] == [
        "alice", "bob", "alice", "bob", "alice"]
    only_encrypted(prosody.stanzas())
    for client in alice, bob:
        assert client.store().stat().st_mode & 0o777 == 0o600
    assert (alice.devices(), bob.devices()) == ([(BOB, False)], [(ALICE, False)])
    finish(alice, bob)


def test_both_open_at_once(workspace: Workspace) -> None:
    prosody, alice, bob = pair(workspace)
    alice.open(BOB)
    bob.open(ALICE)
    alice.wait_line(NOW_ENCRYPTED)
    bob.wait_line(NOW_ENCRYPTED)
    assert alice.code(BOB) == bob.code(ALICE)
    alice.send(BOB, "after the crossing")
    bob.wait_received("after the crossing")
    assert not readers(prosody.stanzas(), "after the crossing")
    finish(alice, bob)


def test_what_is_typed_at_once_waits_and_arrives_encrypted(workspace: Workspace) -> None:
    prosody, alice, bob = pair(workspace)
    texts = [f"typed at once, {number}" for number in range(5)]
    for text in texts:
        alice.send(BOB, text)
    assert alice.lines() == [UNKNOWN] and not alice.seen("displayed", flags="SEND")
    bob.wait_received(texts[-1])
    assert bob.received() == texts
    assert [plain(event["text"]) for event in alice.seen("displayed", flags="SEND")] == texts
    assert not any(readers(prosody.stanzas(), text) for text in texts)
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


def test_what_waits_in_vain_is_given_back(workspace: Workspace) -> None:
    """By the user's own choice; what only the connection keeps back waits on."""
    prosody, alice, bob = pair(workspace)
    os.kill(bob.process.pid, signal.SIGSTOP)
    alice.send(BOB, "said <b>too</b> early")
    assert alice.lines() == [UNKNOWN]
    alice.ask(BOB, "end")
    assert alice.lines()[1:] == ["What you write now is not encrypted.",
                                 "This message was not sent: said <b>too</b> early", GIVEN_BACK]
    alice.ask(BOB, "start")
    mark = alice.mark()
    alice.send(BOB, "and again")
    alice.command("disconnect")
    assert alice.lines(mark) == [UNKNOWN], alice.lines()
    assert "1 message waits to be encrypted." in alice.ask(BOB, "status")

    alice.login()
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.wait_line(NOW_ENCRYPTED, mark)
    alice.send(BOB, "in good time")
    bob.wait_received("in good time")
    assert bob.received() == ["and again", "in good time"]
    assert [plain(event["text"]) for event in alice.seen("displayed", flags="SEND")] == ["and again", "in good time"]
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


def test_typing_notices(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    for state in "typing", "typed", "stopped":
        mark = bob.mark()
        alice.command("typing", who=BOB, state=state)
        bob.wait_for("typing", since=mark, who=of(ALICE), state=state)
    only_encrypted(prosody.stanzas())
    assert not readers(messages(prosody.stanzas()), "chatstates")

    alice.unload()
    bob.unload()
    alice.command("typing", who=BOB, state="typing")
    wait_until(lambda: readers(messages(prosody.stanzas()), "chatstates") == {"received alice", "sent bob"},
               "typing in the clear")
    finish(alice, bob)


def test_attention(workspace: Workspace) -> None:
    """What the button Attention! does: it arrives, and what is said afterwards as well."""
    prosody, alice, bob = encrypted_pair(workspace)
    for one, other, who, back in (alice, bob, BOB, ALICE), (bob, alice, ALICE, BOB):
        marks = one.mark(), other.mark()
        reply = one.command("slash", who=who, line="buzz")
        assert reply["status"] == "OK", reply
        one.send(who, f"did you hear that, {who}?")
        other.wait_received(f"did you hear that, {who}?", marks[1])
        assert [line for line in other.lines(marks[1]) if "has buzzed you" in line], other.lines(marks[1])
        for client, mark in zip((one, other), marks):
            assert not [line for line in client.lines(mark) if NOW_ENCRYPTED in line or NOT_ENCRYPTED in line], client.lines(mark)
    assert not readers(messages(prosody.stanzas()), "attention")
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


def test_past_the_window(workspace: Workspace) -> None:
    """Automatic answers and other plugins do not go through the conversation: before a session, and in it."""
    prosody, alice, bob = pair(workspace)
    alice.command("send-stanza", xml=f"<message to='{BOB}' type='chat'><body>made by hand</body></message>")
    bob.wait_received("made by hand")
    alice.open(BOB)
    alice.command("serv-send-im", who=BOB, text="automatic <again>", auto=True)
    bob.wait_received("automatic <again>")
    bob.open(ALICE)
    bob.command("serv-send-im", who=ALICE, text="so is this one")
    alice.wait_received("so is this one")
    for text in "made by hand", "automatic <again>", "so is this one":
        assert not readers(prosody.stanzas(), text), text
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


def test_formatting_survives(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    alice.command("send", who=BOB, html=MARKUP)
    line = bob.wait_for("displayed", flags="RECV")["text"]
    for part in ("<span style='font-weight: bold;'>bold</span>", "slanted</", "coloured &amp; loud</", "#cc0000"):
        assert part in line, line
    assert bob.received() == [plain(MARKUP)]
    for part in plain(MARKUP), "slanted", "xhtml":
        assert not readers(prosody.stanzas(), part), part
    finish(alice, bob)


def test_more_than_servers_take(workspace: Workspace) -> None:
    """Prosody ends the connection over a stanza of 256 KiB."""
    prosody, alice, bob = encrypted_pair(workspace)
    text = TEXTS["long"]
    alice.command("send", who=BOB, html=f"<b>{text}</b>")
    bob.wait_received(text)

    mark = alice.mark()
    alice.send(BOB, text * 2)
    alice.wait_line("too long to be encrypted", mark)
    assert f"This message was not sent: {text * 2}" in alice.lines(mark)
    alice.send(BOB, "in parts, then")
    bob.wait_received("in parts, then")
    assert bob.received() == [text, "in parts, then"]
    assert not readers(prosody.stanzas(), text)
    finish(alice, bob)


# Verification

def test_verifying_by_command(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    code = alice.code(BOB)
    assert code == bob.code(ALICE) and not readers(prosody.stanzas(), code.replace(" ", ""))
    wrong = "".join("b" if c == "a" else "a" for c in code)
    for typed in wrong, code[:3], code + "a", "a" * 5000:
        assert tells(alice, BOB, f"verify {typed}", "not the code shown here"), typed
    assert tells(alice, BOB, "verify", "Type /esession verify and the code")
    assert alice.state(BOB) == ENCRYPTED and alice.devices() == [(BOB, False)]

    assert tells(alice, BOB, f"verify {code}", YOU_VERIFIED)
    assert alice.state(BOB) == VERIFIED and alice.devices() == [(BOB, True)]
    assert bob.state(ALICE) == ENCRYPTED and bob.devices() == [(ALICE, False)]
    typed = code.replace(" ", "-").upper()
    assert tells(bob, ALICE, f"verify {typed}", YOU_VERIFIED)
    assert bob.state(ALICE) == VERIFIED and bob.devices() == [(ALICE, True)]
    assert alice.store().stat().st_mode & 0o777 == 0o600
    finish(alice, bob)


def restart(client: Client, quit: bool) -> Client:
    """The same person in the same folder: after a clean end or none at all."""
    if quit:
        finish(client)
    else:
        client.kill()
    return Client(client.workspace, client.name, client.prosody)


def check_verified(prosody: Prosody, alice: Client, bob: Client, since: int) -> None:
    assert alice.state(BOB) == bob.state(ALICE) == VERIFIED
    assert alice.devices() == [(BOB, True)] and bob.devices() == [(ALICE, True)]
    alice.send(BOB, "here I am again")
    bob.wait_received("here I am again")
    bob.send(ALICE, "so I see")
    alice.wait_received("so I see")
    assert not readers(prosody.stanzas(since=since), "here I am again")
    assert not readers(prosody.stanzas(since=since), "so I see")
    only_encrypted(prosody.stanzas(since=since))


def restart_one(workspace: Workspace, quit: bool) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    mark, record = bob.mark(), prosody.mark()
    alice = restart(alice, quit)
    alice.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    alice.open(BOB)
    alice.wait_line(NOW_VERIFIED)
    bob.wait_line(NOW_VERIFIED, mark)
    check_verified(prosody, alice, bob, record)
    finish(alice, bob)


def restart_both(workspace: Workspace, quit: bool) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    record = prosody.mark()
    alice, bob = restart(alice, quit), restart(bob, quit)
    meet(alice, bob)
    talk(alice, bob, NOW_VERIFIED)
    check_verified(prosody, alice, bob, record)
    finish(alice, bob)


def test_verified_after_one_restarts(workspace: Workspace) -> None:
    restart_one(workspace, quit=True)


def test_verified_after_one_is_killed(workspace: Workspace) -> None:
    restart_one(workspace, quit=False)


def test_verified_after_both_restart(workspace: Workspace) -> None:
    restart_both(workspace, quit=True)


def test_verified_after_both_are_killed(workspace: Workspace) -> None:
    restart_both(workspace, quit=False)


def test_connection_lost_in_the_middle(workspace: Workspace) -> None:
    """The conversation goes on by itself once both are back."""
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    marks, record = (alice.mark(), bob.mark()), prosody.mark()
    prosody.kill()
    alice.wait_for("signed-off", since=marks[0])
    bob.wait_for("signed-off", since=marks[1])
    prosody.start()
    alice.login()
    bob.login()
    alice.wait_line(NOW_VERIFIED, marks[0])
    bob.wait_line(NOW_VERIFIED, marks[1])
    check_verified(prosody, alice, bob, record)
    assert bob.received(marks[1]) == ["here I am again"]
    finish(alice, bob)


def test_one_signs_off_and_on_again(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    marks, record = (alice.mark(), bob.mark()), prosody.mark()
    alice.command("disconnect")
    bob.wait_line(THEY_LEFT, marks[1])
    assert bob.state(ALICE) == alice.state(BOB) == ENDED
    alice.login()
    alice.wait_line(NOW_VERIFIED, marks[0])
    bob.wait_line(NOW_VERIFIED, marks[1])
    check_verified(prosody, alice, bob, record)
    finish(alice, bob)


# Others

def test_contact_without_the_plugin(workspace: Workspace) -> None:
    prosody, alice, bob = pair(workspace, plugins=(True, False))
    record = prosody.mark()
    alice.send(BOB, "typed before anything is known")
    bob.wait_received("typed before anything is known")
    assert alice.state(BOB) == PLAIN
    bob.send(ALICE, "an answer")
    alice.wait_received("an answer")
    alice.send(BOB, "one more")
    bob.wait_received("one more")
    assert bob.received() == ["typed before anything is known", "one more"] and not bob.lines()
    assert alice.ask(BOB, "code") == ["There is no verification code now."]
    assert tells(alice, BOB, "status", "cannot be started")
    assert tells(alice, BOB, "start", "cannot be started")
    alice.send(BOB, "still in the clear")
    bob.wait_received("still in the clear")
    check_nothing_strange(prosody.stanzas("sent", BOB, since=record))
    assert readers(prosody.stanzas(), "one more") == {"received alice", "sent bob"}
    alice.command("disconnect")
    assert not tells(alice, BOB, "status", "cannot be started")
    finish(alice, bob)


def check_nothing_strange(stanzas: list[Stanza]) -> None:
    """Only plain messages and disco#info."""
    for stanza in stanzas:
        element = stanza.element()
        tags = {child.tag for child in element}
        if element.tag == "{jabber:client}message":
            assert tags <= {"{jabber:client}body", "{http://jabber.org/protocol/chatstates}active",
                            "{jabber:client}thread"}, stanza
        elif "alice@" in element.get("from", ""):
            assert tags == {"{http://jabber.org/protocol/disco#info}query"}, stanza


def test_verified_contact_comes_back_without_the_plugin(workspace: Workspace) -> None:
    """Nothing is sent in the clear by itself to somebody who was verified, and Alice is told what she can do."""
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    finish(bob)
    alice.wait_line(THEY_LEFT)
    alice = restart(alice, quit=True)
    bob = Client(workspace, "bob", prosody, plugin=False)
    meet(alice, bob)
    record = prosody.mark()
    alice.send(BOB, "only for the Bob I know")
    alice.wait_line(STUCK)
    assert alice.state(BOB) == HELD
    flush(alice)
    assert not messages(prosody.stanzas("received", ALICE, since=record))
    alice.ask(BOB, "end")
    assert alice.lines()[-2:] == ["This message was not sent: only for the Bob I know", GIVEN_BACK]
    alice.send(BOB, "for any Bob")
    bob.wait_received("for any Bob")
    assert bob.received() == ["for any Bob"]
    finish(alice, bob)


def test_contact_who_is_offline(workspace: Workspace) -> None:
    """As before, too: the server keeps it."""
    prosody, alice, bob = pair(workspace)
    finish(bob)
    alice.wait_for("buddy-signed-off", who=BOB)
    alice.send(BOB, "for later")
    alice.wait_for("displayed", flags="SEND")
    assert alice.state(BOB) == PLAIN
    assert alice.lines().count('What you write is sent unencrypted while "\u2068Bob\u2069" is offline: to have it wait until it '
                               'can be encrypted, type /esession policy always.') == 1, alice.lines()
    bob = Client(workspace, "bob", prosody)
    bob.login()
    bob.wait_received("for later")
    finish(alice, bob)


def test_one_side_unloads_the_plugin(workspace: Workspace) -> None:
    """It may be back: what is written now waits for it, and goes back to its writer if she does not want that."""
    prosody, alice, bob = encrypted_pair(workspace)
    mark = alice.mark()
    bob.unload()
    assert bob.lines()[-1] == "What you write now is not encrypted."
    alice.wait_line(THEY_LEFT, mark)
    assert alice.state(BOB) == ENDED
    alice.send(BOB, "not for <everybody>")
    alice.command("serv-send-im", who=BOB, text="not automatically either", auto=True)
    assert not alice.seen("displayed", mark, flags="SEND")
    assert "2 messages wait to be encrypted." in alice.ask(BOB, "status")
    flush(alice)
    flush(bob)
    assert not bob.received()
    only_encrypted(prosody.stanzas())
    for text in "not for <everybody>", "not automatically either":
        assert not readers(prosody.stanzas(), text), text

    # What Bob says in the clear is marked; Alice may choose to answer likewise.
    told = alice.mark()
    bob.send(ALICE, "mine is gone")
    alice.wait_received(quoted("mine is gone"))
    assert NOT_ENCRYPTED in alice.lines(told)[-1], alice.lines(told)
    assert tells(alice, BOB, "end", "What you write now is not encrypted.")
    assert alice.lines(told)[-3:] == ["This message was not sent: not for <everybody>",
                                      "This message was not sent: not automatically either", GIVEN_BACK]
    alice.send(BOB, "then so be it")
    bob.wait_received("then so be it")
    assert bob.received() == ["then so be it"]
    finish(alice, bob)


def check_refused(prosody: Prosody, alice: Client) -> None:
    """What Alice writes now is not sent, and she has it back."""
    flush(alice)
    mark, record = alice.mark(), prosody.mark()
    alice.send(BOB, "not for <everybody>")
    alice.wait_line(REFUSED, mark)
    assert "This message was not sent: not for <everybody>" in alice.lines(mark)
    alice.command("serv-send-im", who=BOB, text="not automatically either", auto=True)
    assert not alice.seen("displayed", mark, flags="SEND")
    flush(alice)
    assert not messages(prosody.stanzas("received", ALICE, since=record))


def test_ending_it(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = bob.mark()
    assert tells(alice, BOB, "end", "You have ended the encrypted conversation")
    bob.wait_line(THEY_ENDED, mark)
    assert alice.state(BOB) == PLAIN and bob.state(ALICE) == ENDED
    only_encrypted(prosody.stanzas())
    alice.send(BOB, "for everybody to read")
    bob.wait_received("for everybody to read")
    assert readers(prosody.stanzas(), "for everybody to read") == {"received alice", "sent bob"}

    bob.send(ALICE, "not in the clear")
    bob.wait_line(REFUSED, mark)
    mark = alice.mark(), bob.mark()
    bob.ask(ALICE, "start")
    alice.wait_line(NOW_ENCRYPTED, mark[0])
    bob.wait_line(NOW_ENCRYPTED, mark[1])
    alice.send(BOB, "for nobody else")
    bob.wait_received("for nobody else")
    for text in "not in the clear", "for nobody else":
        assert not readers(prosody.stanzas(), text), text
    finish(alice, bob)


def test_codes_that_differ(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = bob.mark()
    assert tells(alice, BOB, "differ", "someone may be listening in")
    bob.wait_line(THEY_ENDED, mark)
    assert alice.state(BOB) == bob.state(ALICE) == ENDED
    assert alice.devices() == []
    check_refused(prosody, alice)
    only_encrypted(prosody.stanzas())
    finish(alice, bob)

if __name__ == "__main__":
    harness.main(globals())
