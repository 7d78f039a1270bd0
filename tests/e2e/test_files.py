#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, and whatever else programs ask each other, in encrypted conversations over a real server."""
from __future__ import annotations

from pathlib import Path

import harness
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, NOW_ENCRYPTED, NS_CRYPT, THEY_ENDED, THEY_LEFT, Client, encrypted_pair,
                       finish, flush, of, pair, readers, readings, tells)
from files import NAME, accept, make_file, transfer, wait_same
from harness import Prosody, Stanza, Workspace, wait_until

SOCKS = "http://jabber.org/protocol/bytestreams"
IBB = "http://jabber.org/protocol/ibb"
SI = "http://jabber.org/protocol/si"
NOT_YET = "The file was not sent because it is not known yet whether it can be encrypted"
NOT_ENCRYPTED_YET = "The file was not sent because the conversation is not encrypted yet"
ENDED_FILE = "The file was not sent because the encrypted conversation has ended"
OFFERED_PLAIN = "A file that was offered to you without encryption was refused."


def content_readers(stanzas: list[Stanza], path: Path) -> set[str]:
    """Where a piece of the content can be read, however it is cut."""
    lines = path.read_text().splitlines()
    return {reader for line in lines[1:-1:400] for reader in readers(stanzas, line)}


def iqs(stanzas: list[Stanza], namespace: str) -> list[Stanza]:
    """Those with a payload of that namespace."""
    return [stanza for stanza in stanzas if stanza.xml.startswith("<iq")
            and any(child.tag.startswith(f"{{{namespace}}}") for child in stanza.element())]


def answers(prosody: Prosody, who: str, id: str, since: int = 0) -> list[Stanza]:
    """The iqs with that id, or ids that begin so, that reached a client."""
    return [stanza for stanza in prosody.stanzas("sent", who, since=since)
            if stanza.xml.startswith("<iq") and stanza.element().get("id", "").startswith(id)]


FROM_ALICE = {"received alice", "sent bob"}


def test_file_arrives_and_the_server_reads_nothing_of_it(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    source, target = make_file(workspace), workspace.path / "arrived"
    mark = prosody.mark()
    transfer(alice, bob, source, target)
    record = prosody.stanzas(since=mark)
    assert not readers(record, NAME) and not content_readers(record, source)
    assert not iqs(record, SOCKS) and not iqs(record, IBB) and not iqs(record, SI)

    # A hundred blocks and their confirmations, each with nothing but <c/>.
    encrypted = iqs(record, NS_CRYPT)
    assert len(encrypted) > 400
    for stanza in encrypted:
        assert [child.tag for child in stanza.element()] == [f"{{{NS_CRYPT}}}c"], stanza

    # It goes back as well, and the conversation goes on.
    transfer(bob, alice, target, workspace.path / "returned")
    alice.send(BOB, "and that was all")
    bob.wait_received("and that was all")
    assert alice.state(BOB) == bob.state(ALICE) == ENCRYPTED
    assert not readers(prosody.stanzas(since=mark), NAME)

    # The same search finds it where the plugin is not.
    alice.unload()
    bob.unload()
    alice.command("proxy-only")
    mark = prosody.mark()
    transfer(alice, bob, source, workspace.path / "again")
    record = prosody.stanzas(since=mark)
    assert readers(record, NAME) == content_readers(record, source) == FROM_ALICE
    finish(alice, bob)


def test_file_offer_is_declined(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    marks, record = (alice.mark(), bob.mark()), prosody.mark()
    alice.command("send-file", who=f"{BOB}/test", path=str(make_file(workspace)))
    offer = bob.wait_for("request", since=marks[1], type="action", who=of(ALICE))
    bob.command("answer", request=offer["request"], button=1)
    alice.wait_for("file-send-cancel", since=marks[0])
    assert not readers(prosody.stanzas(since=record), NAME)
    assert alice.state(BOB) == bob.state(ALICE) == ENCRYPTED
    finish(alice, bob)


def test_file_and_messages_at_once(workspace: Workspace) -> None:
    """Both files and what is said meanwhile: nothing gets out of step."""
    prosody, alice, bob = encrypted_pair(workspace)
    one, two = make_file(workspace, 100_000, "one.txt"), make_file(workspace, 120_000, "two.txt")
    record = prosody.mark()
    alice.command("send-file", who=f"{BOB}/test", path=str(one))
    bob.command("send-file", who=f"{ALICE}/test", path=str(two))
    accept(bob, ALICE, workspace.path / "got-one", 0)
    accept(alice, BOB, workspace.path / "got-two", 0)
    texts = [f"meanwhile, {number}" for number in range(10)]
    for text in texts:
        alice.send(BOB, text)
        bob.send(ALICE, text)
    for client in alice, bob:
        client.wait_for("file-recv-complete", 60)
        client.wait_for("file-send-complete", 60)
        client.wait_received(texts[-1])
        assert client.received() == texts
    wait_same(one, workspace.path / "got-one")
    wait_same(two, workspace.path / "got-two")
    assert not any(readers(prosody.stanzas(since=record), text) for text in (*texts, "one.txt", "two.txt"))
    finish(alice, bob)


def refused(client: Client, prosody: Prosody, path: Path, sentence: str, who: str = f"{BOB}/test") -> str:
    """The file fails at once, for a reason that is told, which is returned, and nothing of it leaves."""
    mark, record = client.mark(), prosody.mark()
    client.command("send-file", who=who, path=str(path))
    client.wait_for("file-send-cancel", 5, mark)
    reason = client.wait_line(sentence, mark)
    client.wait_for("notify", since=mark, type="error")
    flush(client)
    stanzas = prosody.stanzas("received", f"{client.name}@localhost", since=record)
    assert not readers(stanzas, path.name) and not iqs(stanzas, SI)
    return reason


def test_file_before_the_conversation_is_encrypted(workspace: Workspace) -> None:
    """It is refused, and that it was wanted is reason enough to encrypt."""
    prosody, alice, bob = pair(workspace)
    path = make_file(workspace)
    refused(alice, prosody, path, NOT_YET)
    alice.wait_line(NOW_ENCRYPTED)
    transfer(alice, bob, path, workspace.path / "arrived")
    assert not readers(prosody.stanzas(), NAME)
    finish(alice, bob)


def test_file_after_the_other_side_ended_it(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    path = make_file(workspace, 20_000)
    bob.ask(ALICE, "end")
    alice.wait_line(THEY_ENDED)
    refused(alice, prosody, path, ENDED_FILE)

    # Whoever chooses to go on in the clear can.
    alice.ask(BOB, "end")
    mark = prosody.mark()
    transfer(alice, bob, path, workspace.path / "arrived")
    assert readers(prosody.stanzas(since=mark), NAME) == FROM_ALICE
    finish(alice, bob)


def test_file_after_the_other_side_has_left(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    path = make_file(workspace, 20_000)
    bob.unload()
    alice.wait_line(THEY_LEFT)
    refused(alice, prosody, path, NOT_ENCRYPTED_YET)

    # Whoever chooses to go on in the clear can.
    alice.ask(BOB, "end")
    mark = prosody.mark()
    transfer(alice, bob, path, workspace.path / "arrived")
    assert readers(prosody.stanzas(since=mark), NAME) == FROM_ALICE
    finish(alice, bob)


def test_file_offered_in_the_clear_is_refused(workspace: Workspace) -> None:
    """Bob's other program does not encrypt: its file is refused at once, and told of."""
    prosody, alice, bob = encrypted_pair(workspace)
    other = Client(workspace, "other", prosody, plugin=False)
    other.login("bob", resource="other")
    other.wait_for("buddy-signed-on", who=ALICE)
    marks = alice.mark(), other.mark()
    other.command("send-file", who=f"{ALICE}/test", path=str(make_file(workspace)))
    other.wait_for("file-send-cancel", since=marks[1])
    alice.wait_line(OFFERED_PLAIN, marks[0])
    assert not alice.seen("request", marks[0])
    assert alice.state(BOB) == ENCRYPTED
    finish(alice, bob, other)


def test_file_to_a_contact_without_the_plugin(workspace: Workspace) -> None:
    """As ever, by the way that libpurple likes best."""
    prosody, alice, bob = pair(workspace, plugins=(True, False))
    alice.open(BOB)
    path = make_file(workspace, 50_000)

    # Until it is known what Bob's client can, a file is refused.
    wait_until(lambda: tells(alice, BOB, "status", "does not offer"), "answer")
    transfer(alice, bob, path, workspace.path / "arrived")
    assert iqs(prosody.stanzas(), SOCKS)
    transfer(bob, alice, path, workspace.path / "returned")
    finish(alice, bob)


def begin_transfer(workspace: Workspace, prosody: Prosody, alice: Client, bob: Client) -> int:
    """Some of a big file has passed; returns the mark in the record where it began."""
    mark, record = bob.mark(), prosody.mark()
    alice.command("send-file", who=f"{BOB}/test", path=str(make_file(workspace, 2_000_000)))
    accept(bob, ALICE, workspace.path / "arrived", mark)
    wait_until(lambda: len(iqs(prosody.stanzas(since=record), NS_CRYPT)) > 200, "some of the file")
    return record


def check_unread(prosody: Prosody, record: int) -> None:
    assert not any("paragraph" in readings(stanza) for stanza in prosody.stanzas(since=record))


def test_connection_lost_in_the_middle_of_a_file(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    marks = alice.mark(), bob.mark()
    record = begin_transfer(workspace, prosody, alice, bob)
    prosody.kill()
    alice.wait_for("file-send-cancel", since=marks[0])
    bob.wait_for("file-recv-cancel", since=marks[1])
    prosody.start()
    alice.login()
    bob.login()
    alice.send(BOB, "hello again")
    bob.wait_received("hello again")
    transfer(alice, bob, make_file(workspace, 30_000, "another.txt"), workspace.path / "another")
    check_unread(prosody, record)
    finish(alice, bob)


def test_receiver_disappears_in_the_middle_of_a_file(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = alice.mark()
    record = begin_transfer(workspace, prosody, alice, bob)
    bob.kill()
    alice.wait_for("file-send-cancel", since=mark)
    bob = Client(workspace, "bob", prosody)
    bob.login()
    alice.send(BOB, "are you back?")
    bob.wait_received("are you back?")
    check_unread(prosody, record)
    finish(alice, bob)


def test_session_lost_in_the_middle_of_a_file(workspace: Workspace) -> None:
    """The file fails on both sides, and the rest of it does not leave."""
    prosody, alice, bob = encrypted_pair(workspace)
    marks = alice.mark(), bob.mark()
    record = begin_transfer(workspace, prosody, alice, bob)
    alice.ask(BOB, "end")
    alice.wait_for("file-send-cancel", since=marks[0])
    alice.wait_line("The rest of the file was not sent", marks[0])
    bob.wait_for("file-recv-cancel", since=marks[1])
    flush(alice)
    check_unread(prosody, record)
    finish(alice, bob)


def test_plugin_stops_in_the_middle_of_a_file(workspace: Workspace) -> None:
    """Nobody is left to encrypt the rest: it does not leave."""
    prosody, alice, bob = encrypted_pair(workspace)
    marks = alice.mark(), bob.mark()
    record = begin_transfer(workspace, prosody, alice, bob)
    alice.unload()
    alice.wait_for("file-send-cancel", since=marks[0])
    bob.wait_for("file-recv-cancel", since=marks[1])
    flush(alice)
    check_unread(prosody, record)
    finish(alice, bob)


def policy(client: Client, who: str, word: str) -> None:
    client.open(who)
    client.ask(who, f"policy {word}")


def test_file_where_nothing_may_leave_in_the_clear(workspace: Workspace) -> None:
    """Bob cannot encrypt, and Alice wants nothing else: neither his programs nor hers get anything private across."""
    prosody, alice, bob = pair(workspace, plugins=(True, False))
    policy(alice, BOB, "always")
    path = make_file(workspace, 20_000)
    flush(alice)
    flush(bob)
    wait_until(lambda: NOT_ENCRYPTED_YET in refused(alice, prosody, path, "The file was not sent because"), "the reason")
    mark, record = alice.mark(), prosody.mark()
    for number in range(3):
        alice.command("send-stanza", xml=f"<iq type='set' id='p{number}' to='{BOB}/test'>"
                                         "<query xmlns='urn:x'>a very private thing</query></iq>")
        alice.command("send-stanza", xml=f"<presence to='{BOB}/test'><status>a very private thing</status></presence>")
    flush(alice)
    assert not readers(prosody.stanzas(since=record), "a very private thing")
    assert [line for line in alice.lines(mark)] == [
        "Something that was meant for the other side's program was not sent because it could not be encrypted."]

    # Bob's offer is refused as well.
    marks = alice.mark(), bob.mark()
    bob.command("send-file", who=f"{ALICE}/test", path=str(path))
    bob.wait_for("file-send-cancel", since=marks[1])
    alice.wait_line(OFFERED_PLAIN, marks[0])
    finish(alice, bob)


# What is not files

HARMLESS = {
    "disco": "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "items": "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    "ping": "<ping xmlns='urn:xmpp:ping'/>",
    "version": "<query xmlns='jabber:iq:version'/>",
    "last": "<query xmlns='jabber:iq:last'/>",
    "time": "<time xmlns='urn:xmpp:time'/>",
}


def test_what_is_harmless_stays_as_it_was(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    for name, payload in HARMLESS.items():
        mark = prosody.mark()
        alice.command("send-stanza", xml=f"<iq type='get' id='test-{name}' to='{BOB}/test'>{payload}</iq>")
        answer = wait_until(lambda: answers(prosody, ALICE, f"test-{name}", mark), f"answer to {name}")[0].element()
        assert answer.get("type") == "result" and answer.get("from") == f"{BOB}/test", name
        assert not iqs(prosody.stanzas(since=mark), NS_CRYPT), name
    finish(alice, bob)


def test_presence_for_everybody_stays_as_it_was(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = prosody.mark()
    alice.command("status", status="away", message="out for lunch")
    wait_until(lambda: bob.command("buddies")["online"].get(ALICE) == "away", "Alice being away")
    assert readers(prosody.stanzas(since=mark), "out for lunch") >= {"received alice", "sent bob"}
    alice.command("status", status="available", message="")
    wait_until(lambda: bob.command("buddies")["online"].get(ALICE) == "available", "Alice being back")

    # For Bob alone it is encrypted.
    mark = prosody.mark()
    alice.command("send-stanza", xml=f"<presence to='{BOB}/test'><show>dnd</show><status>only for Bob</status></presence>")
    wait_until(lambda: bob.command("buddies")["online"].get(ALICE) == "dnd", "Alice not wanting to be disturbed")
    assert not readers(prosody.stanzas(since=mark), "only for Bob")
    finish(alice, bob)


def test_unknown_question_is_answered_encrypted(workspace: Workspace) -> None:
    """libpurple's own error, which repeats what was asked."""
    prosody, alice, bob = encrypted_pair(workspace)
    mark = prosody.mark()
    alice.command("send-stanza", xml=f"<iq type='set' id='strange' to='{BOB}/test'>"
                                     "<query xmlns='urn:x'>a very private thing</query></iq>")
    answer = wait_until(lambda: answers(prosody, ALICE, "strange", mark), "answer")[0]
    assert answer.element().get("type") == "error" and NS_CRYPT in answer.xml
    assert "feature-not-implemented" in answer.xml
    assert not readers(prosody.stanzas(since=mark), "a very private thing")
    finish(alice, bob)


def test_bad_stanzas_over_the_wire(workspace: Workspace) -> None:
    """From a contact with whom there is no session: questions are answered with an error, nothing else is."""
    prosody, alice, bob = encrypted_pair(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    eve = Client(workspace, "carol", prosody, plugin=False)
    eve.login()
    eve.wait_for("buddy-signed-on", who=ALICE)
    c = f"<c xmlns='{NS_CRYPT}'><data>AAAA</data><mac>AAAA</mac></c>"
    mark = prosody.mark()
    for type in "result", "error", "get", "set":
        eve.command("send-stanza", xml=f"<iq type='{type}' id='bad-{type}' to='{ALICE}/test'>{c}</iq>")
    eve.command("send-stanza", xml=f"<presence to='{ALICE}/test'>{c}</presence>")
    wait_until(lambda: answers(prosody, CAROL, "bad-set", mark), "answer")
    flush(alice)
    got = answers(prosody, CAROL, "bad-", mark)
    assert [(s.element().get("id"), s.element().get("type")) for s in got] == [("bad-get", "error"), ("bad-set", "error")]
    assert all("not-acceptable" in s.xml for s in got)
    assert alice.state(BOB) == ENCRYPTED
    transfer(alice, bob, make_file(workspace, 10_000), workspace.path / "arrived")
    finish(alice, bob, eve)


if __name__ == "__main__":
    harness.main(globals())
