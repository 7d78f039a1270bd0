#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that lies about who says what to whom, and when: nobody is believed who has not proven it, nothing is read, and
no mark is lost."""
from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Callable

import harness
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, NOW_ENCRYPTED, NOW_VERIFIED, NS_CRYPT, NS_ERRORS, THEY_ENDED, VERIFIED,
                       Client, finish, meet, messages, plain, quoted, readers, talk, tells, verify)
from files import accept, make_file
from harness import Stanza, Workspace, built, wait_until
from hostile import (Held, Liar, Rule, attribute, changed, extended, fresh, is_message, is_negotiation, masquerade, mirror,
                     thread_of)
from stranger import Stranger, values_of

A, B = f"{ALICE}/test", f"{BOB}/test"
BELIEFS = NOW_ENCRYPTED, NOW_VERIFIED


def scene(workspace: Workspace, verified: bool = True) -> tuple[Liar, Client, Client]:
    server = Liar(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    meet(alice, bob)
    talk(alice, bob)
    if verified:
        verify(alice, bob)
    return server, alice, bob


def end(one: Client, other: Client) -> None:
    mark = other.mark()
    one.ask(BOB if one.name == "alice" else ALICE, "end")
    other.wait_line(THEY_ENDED, mark)


def request(server: Liar, client: str, since: int = 0) -> Stanza:
    """The newest message 1 that the client has sent."""
    return wait_until(lambda: [s for s in server.stanzas("received", client, since) if is_negotiation(s, "form")],
                      f"request of {client}")[-1]


def to(server: Liar, jid: str, client: str, since: int = 0) -> list[Stanza]:
    """The messages that the client sent there."""
    return [s for s in messages(server.stanzas("received", client, since)) if attribute(s, "to") == jid]


def believes(client: Client, since: int) -> list[str]:
    """The lines that say that a conversation is encrypted now."""
    return [line for line in client.lines(since) if any(words in line for words in BELIEFS)]


def marked(client: Client, text: str, since: int, flag: str = "RECV") -> bool:
    """Whether it was shown below a line of its own that says what it is, and looks like it."""
    shown = client.seen("displayed", since)
    place = next(i for i, event in enumerate(shown) if flag in event["flags"] and text in plain(event["text"]))
    if plain(shown[place]["text"]) == text:
        return False
    assert shown[place]["text"].startswith("<i>") and plain(shown[place]["text"]) == quoted(text), shown[place]
    return place > 0 and "SYSTEM" in shown[place - 1]["flags"] and "not encrypted" in plain(shown[place - 1]["text"])


def still_verified(server: Liar, alice: Client, bob: Client) -> None:
    """The marks are where they were, and honest words pass as before."""
    assert alice.devices() == [(BOB, True)] and bob.devices() == [(ALICE, True)]
    marks = alice.mark(), bob.mark()
    end(alice, bob)
    alice.ask(BOB, "start")
    for client, mark in zip((alice, bob), marks):
        client.wait_line(NOW_VERIFIED, mark)
    alice.send(BOB, "as it was before")
    bob.wait_received("as it was before", marks[1])
    bob.send(ALICE, "for me as well")
    alice.wait_received("for me as well", marks[0])
    assert not readers(server.stanzas(), "as it was before") and not readers(server.stanzas(), "for me as well")
    server.ruled()
    finish(alice, bob)


# One's own words

def own_request_returns(workspace: Workspace, mask: str) -> None:
    server, alice, bob = scene(workspace)
    end(alice, bob)
    marks = alice.mark(), server.mark()
    rule = mirror(server, A, B, mask)
    alice.ask(BOB, "start")
    request(server, A, marks[1])
    server.quiet(A)
    assert not to(server, mask, A, marks[1]), "an answer to herself"
    assert not believes(alice, marks[0])
    assert alice.state(BOB) not in (ENCRYPTED, VERIFIED)
    server.off(rule)
    alice.ask(BOB, "end")
    alice.ask(BOB, "start")
    alice.wait_line(NOW_VERIFIED, marks[0])
    still_verified(server, alice, bob)


def test_own_request_from_another_client_of_the_contact(workspace: Workspace) -> None:
    own_request_returns(workspace, f"{BOB}/phone")


def test_own_request_from_somebody_else(workspace: Workspace) -> None:
    own_request_returns(workspace, f"{CAROL}/test")


def test_own_request_on_another_account(workspace: Workspace) -> None:
    """The program knows what it said, whichever account said it."""
    server, alice, bob = scene(workspace)
    end(alice, bob)
    alice.login(user="carol")
    marks = alice.mark(), server.mark()
    held = Held(server, lambda s: s.way == "received" and s.client == A and is_negotiation(s, "form"))
    alice.command("slash", account=A, who=BOB, line="esession start")
    own = held.wait()[0].xml
    server.deliver(f"{CAROL}/test", changed(own, from_=f"{BOB}/phone", to=f"{CAROL}/test"))
    server.settle(f"{CAROL}/test")
    assert not to(server, f"{BOB}/phone", f"{CAROL}/test", marks[1])
    held.release()
    alice.wait_line(NOW_VERIFIED, marks[0])
    finish(alice, bob)


# Somebody else's

def test_request_of_the_verified_contact_from_somebody_else(workspace: Workspace) -> None:
    """Bob's request arrives as Carol's, and all that follows."""
    server, alice, bob = scene(workspace)
    end(bob, alice)
    marks = alice.mark(), bob.mark(), server.mark()
    rule = masquerade(server, A, CAROL, BOB)
    bob.ask(ALICE, "start")
    request(server, B, marks[2])
    server.quiet(A, B)
    alice.open(CAROL)
    server.quiet(A, B)
    assert alice.devices() == [(BOB, True)] and bob.devices() == [(ALICE, True)], (alice.devices(), bob.devices())
    assert alice.state(CAROL) not in (ENCRYPTED, VERIFIED)
    assert not believes(alice, marks[0]) and not believes(bob, marks[1])
    server.off(rule)
    bob.ask(ALICE, "end")
    bob.ask(ALICE, "start")
    for client, mark in zip((alice, bob), marks):
        client.wait_line(NOW_VERIFIED, mark)
    still_verified(server, alice, bob)


PARTIES = re.compile("<field [^>]*var=['\"]parties['\"].*?</field>")
SPLICES: dict[str, Callable[[Stanza], str]] = {
    "as it is": lambda s: s.xml,
    "parties taken out": lambda s: PARTIES.sub("", s.xml),
    "parties rewritten": lambda s: PARTIES.sub(
        lambda found: found[0].replace(*((CAROL, BOB) if s.way == "received" else (BOB, CAROL))), s.xml),
}


def test_two_conversations_spliced(workspace: Workspace) -> None:
    """Alice writes to Carol, and all of it passes between her and Bob: neither may believe it."""
    server = Liar(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    meet(alice, bob)
    for name, edit in SPLICES.items():
        marks = alice.mark(), bob.mark(), server.mark()
        rule = masquerade(server, A, CAROL, BOB, edit)
        alice.wait_for("buddy-signed-on", who=CAROL)
        alice.open(CAROL)
        alice.ask(CAROL, "start")
        request(server, A, marks[2])
        server.quiet(A, B)
        assert not believes(alice, marks[0]) and not believes(bob, marks[1]), name
        assert alice.state(CAROL) not in (ENCRYPTED, VERIFIED), name
        bob.open(ALICE)
        bob.ask(ALICE, "start")
        server.quiet(A, B)
        assert not believes(alice, marks[0]) and not believes(bob, marks[1]), name
        assert bob.state(ALICE) not in (ENCRYPTED, VERIFIED), name
        assert alice.lines(marks[0]) and bob.lines(marks[1]), f"{name}: nobody was told"
        alice.ask(CAROL, "end")
        bob.ask(ALICE, "end")
        server.off(rule)
    assert not alice.devices() and not bob.devices()
    finish(alice, bob)


# The chain

def test_hashes_of_an_old_request_replayed(workspace: Workspace) -> None:
    """Bob's first words under the new secret are lost, so that Alice holds both; then somebody repeats what he heard of how Bob
    named the old one. He knows neither, and neither may suffer."""
    server, alice, bob = scene(workspace)
    end(bob, alice)
    marks = alice.mark(), server.mark()
    held = Held(server, lambda s: s.way == "received" and s.client == B and NS_CRYPT in s.xml)
    bob.ask(ALICE, "start")
    held.wait()
    sent = to(server, A, B, marks[1])
    nonce, = values_of(next(s.xml for s in sent if is_negotiation(s, "form")), "my_nonce")
    hashes = values_of(next(s.xml for s in sent if is_negotiation(s, "result")), "rshashes")
    bob.command("disconnect")
    alice.wait_for("buddy-signed-off", since=marks[0])
    held.let_go()

    marks = alice.mark(), server.mark()
    evil = f"{BOB}/evil"
    stranger = Stranger(evil, A, nonce)
    server.deliver(A, stranger.request())
    server.settle(A)
    answer = [s for s in to(server, evil, A, marks[1]) if is_negotiation(s, "submit")]
    if answer:
        server.deliver(A, stranger.accept(answer[0].xml, hashes))
        server.settle(A)
        last = to(server, evil, A, marks[1])[-1]
        assert is_negotiation(last, "result"), f"the stranger does not know how to ask: {last}"
    assert not believes(alice, marks[0]), "nothing is proven"
    assert alice.devices() == [(BOB, True)]

    bob.login()
    bob.ask(ALICE, "start")
    alice.wait_line(NOW_VERIFIED, marks[0])
    bob.wait_line(NOW_VERIFIED)
    still_verified(server, alice, bob)


# Codes are not to be tried out

TRIES, AN_HOUR = 120, 100


def give_up(server: Liar, thread: str) -> None:
    server.deliver(A, f"<message from='{BOB}/grinder' to='{A}' type='error'><thread>{thread}</thread>"
                      f"<error type='modify'><not-acceptable xmlns='{NS_ERRORS}'/></error></message>")


def test_requests_given_up_after_the_answer(workspace: Workspace) -> None:
    """Each answer is a chance to hit a code."""
    server, alice, bob = scene(workspace, verified=False)
    end(bob, alice)
    mark = server.mark()
    bob.ask(ALICE, "start")
    template = request(server, B, mark).xml
    bob.wait_line(NOW_ENCRYPTED)
    server.quiet(A, B)
    marks = alice.mark(), server.mark()
    for _ in range(TRIES):
        xml = changed(fresh(template), from_=f"{BOB}/grinder", to=A)
        server.deliver(A, xml)
        give_up(server, thread_of(xml))
    server.settle(A)
    answers = [s for s in to(server, f"{BOB}/grinder", A, marks[1]) if is_negotiation(s, "submit")]
    assert 0 < len(answers) <= AN_HOUR, len(answers)
    told = [line for line in alice.lines(marks[0]) if line]
    assert 0 < len(told) < 10, told
    assert alice.state(BOB) == bob.state(ALICE) == ENCRYPTED, "the session that there is does not suffer"
    alice.send(BOB, "as if nothing had been")
    bob.wait_received("as if nothing had been")
    finish(alice, bob)


# Between two sessions

def test_plain_text_between_two_sessions(workspace: Workspace) -> None:
    """An error on the thread interrupts the session; whatever comes in the clear is marked in every state after it."""
    server, alice, bob = scene(workspace)
    alice.send(BOB, "the first")
    bob.wait_received("the first")
    server.quiet(A, B)
    thread = thread_of(to(server, B, A)[-1].xml)
    held = Held(server, lambda s: s.way == "received" and is_negotiation(s))
    mark = alice.mark()
    server.deliver(A, f"<message from='{B}' to='{A}' type='error'><thread>{thread}</thread>"
                      f"<error type='modify'><not-acceptable xmlns='{NS_ERRORS}'/></error></message>")
    forge(server, "in the gap")
    server.settle(A)
    assert marked(alice, "in the gap", mark), alice.seen("displayed", mark)
    forge(server, "while it starts")
    server.settle(A)
    assert marked(alice, "while it starts", mark), alice.seen("displayed", mark)
    held.release()
    alice.wait_line(NOW_VERIFIED, mark)
    server.quiet(A, B)
    mark = alice.mark()
    end(bob, alice)
    forge(server, "after the end")
    server.settle(A)
    assert marked(alice, "after the end", mark), alice.seen("displayed", mark)
    bob.ask(ALICE, "start")
    alice.wait_line(NOW_VERIFIED, mark)
    still_verified(server, alice, bob)


def forge(server: Liar, text: str, who: str = B) -> None:
    server.deliver(A, f"<message from='{who}' to='{A}' type='chat'><body>{text}</body></message>")


def test_plain_text_in_another_window(workspace: Workspace) -> None:
    """After an attempt to join the contact libpurple opens a window for each of his devices: each shows the marks."""
    server, alice, bob = scene(workspace)
    alice.command("uri", uri=f"xmpp:{BOB}?join")
    alice.wait_for("notify")
    for text in "forged one", "forged two":
        mark = alice.mark()
        forge(server, text)
        event = alice.wait_received(quoted(text), mark)
        window = event["conversation"] if "conversation" in event else event["who"]
        lines = [e for e in alice.seen("displayed", mark) if "SYSTEM" in e["flags"] and "not encrypted" in plain(e["text"])]
        assert any((e["conversation"] if "conversation" in e else e["who"]) == window for e in lines), (event, lines)
    server.ruled()
    finish(alice, bob)


def test_window_that_is_opened_again(workspace: Workspace) -> None:
    """It is the only one: what its forerunner said is not said again."""
    server, alice, bob = scene(workspace)
    server.quiet(A, B)
    mark = alice.mark()
    forge(server, "forged in the first")
    alice.wait_received(quoted("forged in the first"), mark)
    alice.command("close", who=BOB)
    mark = alice.mark()
    alice.open(BOB)
    server.settle(A)
    assert not [line for line in alice.lines(mark) if "not encrypted" in line], alice.lines(mark)
    assert alice.state(BOB) == VERIFIED
    finish(alice, bob)


NOT_SHOWN = "Something that came in the other side's name was not shown"
ELSEWHERE = {
    "a headline": "<body>trust me</body>",
    "a headline with a heading": "<subject>trust me</subject><body>trust me</body>",
    "an invitation": "<x xmlns='jabber:x:conference' jid='room@conf.localhost' reason='trust me'/>",
    "an invitation with text": "<body>trust me</body><x xmlns='jabber:x:conference' jid='room@conf.localhost'/>",
    "an invitation that is handed on": f"<x xmlns='http://jabber.org/protocol/muc#user'><invite from='{BOB}'>"
                                       "<reason>trust me</reason></invite></x>",
    "attention": "<attention xmlns='urn:xmpp:attention:0'/>",
    "attention with text": "<attention xmlns='urn:xmpp:attention:0'/><body>trust me</body>",
    "error": "<body>trust me</body><error type='cancel' code='503'>trust me</error>",
    "groupchat": "<body>trust me</body>",
}
SAID_NOTHING = "error", "groupchat"


def test_what_would_be_shown_elsewhere(workspace: Workspace) -> None:
    """Popups and invitations in his name come from nobody knows whom; and no mark of theirs stands above what he says next."""
    server, alice, bob = scene(workspace)
    for window in True, False:
        for name, inside in ELSEWHERE.items():
            if not window:
                alice.command("close", who=BOB)
            mark = alice.mark()
            kind = next((kind for kind in ("headline", "error", "groupchat") if kind in name), "normal")
            server.deliver(A, f"<message from='{B}' to='{A}' type='{kind}'>{inside}</message>")
            server.settle(A)
            assert not alice.seen("notify", mark) + alice.seen("request", mark), (name, alice.events[mark:])
            alice.open(BOB)
            bob.send(ALICE, f"true words after {name}, {window}")
            alice.wait_received(f"true words after {name}, {window}", mark)
            shown = [plain(event["text"]) for event in alice.seen("displayed", mark)]
            told = [text for text in shown if NOT_SHOWN in text]
            assert len(told) == (name not in SAID_NOTHING), (name, shown)
            assert not [text for text in shown if "trust me" in text or "next message" in text], (name, shown)
    assert alice.state(BOB) == VERIFIED
    finish(alice, bob)


def test_invitation_of_a_room_in_his_name(workspace: Workspace) -> None:
    """Who was invited can go, but does not read that it was he."""
    server, alice, bob = scene(workspace)
    for who in BOB, f"{BOB}/test", "BOB@localhost", "Bob", CAROL:
        mark = alice.mark()
        server.deliver(A, f"<message from='room@conf.localhost' to='{A}'><x xmlns='http://jabber.org/protocol/muc#user'>"
                          f"<invite from='{who}'><reason>come here</reason></invite></x></message>")
        request = alice.wait_for("request", since=mark)
        inviter = CAROL if who == CAROL else "room@conf.localhost"
        assert request["secondary"].startswith(f"{inviter} has invited"), request
    server.settle(A)
    finish(alice, bob)


def test_plain_text_that_is_not_shown(workspace: Workspace) -> None:
    """What libpurple says nothing of leaves no mark for the next message."""
    server, alice, bob = scene(workspace)
    unseen = ("<html xmlns='http://jabber.org/protocol/xhtml-im'/>", "<subject>trust me</subject>",
              "<whatever xmlns='urn:example:new'/>")
    for number, inside in enumerate(unseen):
        mark = alice.mark()
        server.deliver(A, f"<message from='{B}' to='{A}' type='chat'>{inside}</message>")
        server.settle(A)
        bob.send(ALICE, f"true words, {number}")
        alice.wait_received(f"true words, {number}", mark)
        assert not marked(alice, f"true words, {number}", mark), (inside, alice.lines(mark))
    finish(alice, bob)


def test_plain_text_in_a_copy(workspace: Workspace) -> None:
    """What another plugin takes out of a stanza is marked as what came by itself would be; what is ours is not taken."""
    server, alice, bob = scene(workspace)
    alice.command("load", plugin=str(built("tests/e2e/second-plugin.so")))
    for who in B, f"{BOB}/other":
        for inside, shown in (f"<body>forged of {who}</body>", True), (f"<c xmlns='{NS_CRYPT}'/><body>{who} in c</body>", False):
            mark = alice.mark()
            server.deliver(A, f"<message from='{ALICE}' to='{A}' type='chat'><received xmlns='urn:xmpp:carbons:2'>"
                              f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{who}' to='{ALICE}'"
                              f" type='chat'>{inside}</message></forwarded></received></message>")
            server.settle(A)
            if shown:
                assert marked(alice, f"forged of {who}", mark), alice.lines(mark)
            else:
                assert not alice.seen("displayed", mark), alice.seen("displayed", mark)
    server.ruled()
    finish(alice, bob)


def test_own_words_in_a_copy(workspace: Workspace) -> None:
    """What another client of hers is said to have written was not sent by this one, nor encrypted: it is marked."""
    server, alice, bob = scene(workspace)
    alice.command("load", plugin=str(built("tests/e2e/second-plugin.so")))
    for number, (source, target) in enumerate([(A, BOB), (f"{ALICE}/phone", B), (B, BOB)]):
        alice.send(BOB, f"her own, {number}")
        bob.wait_received(f"her own, {number} -- signed")
        mark = alice.mark()
        server.deliver(A, f"<message from='{ALICE}' to='{A}' type='chat'><sent xmlns='urn:xmpp:carbons:2'>"
                          f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{source}' to='{target}'"
                          f" type='chat'><body>never said, {number}</body></message></forwarded></sent></message>")
        server.settle(A)
        assert marked(alice, f"never said, {number}", mark, "SEND"), alice.seen("displayed", mark)
    assert not [text for text in bob.received() if "never said" in text]
    assert len([line for line in alice.lines(0) if "The next message was not encrypted" in line]) == 3
    assert alice.state(BOB) == VERIFIED

    # Where nothing is encrypted it is what it always was.
    mark = alice.mark()
    alice.open(CAROL)
    server.deliver(A, f"<message from='{ALICE}' to='{A}' type='chat'><sent xmlns='urn:xmpp:carbons:2'>"
                      f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{ALICE}/phone' to='{CAROL}'"
                      f" type='chat'><body>said elsewhere</body></message></forwarded></sent></message>")
    server.settle(A)
    assert not marked(alice, "said elsewhere", mark, "SEND")
    server.ruled()
    finish(alice, bob)


# Names

RENAMED = "You have verified the other device"
NAMING = f"<nick xmlns='http://jabber.org/protocol/nick'>bob.\n{RENAMED}</nick>"


def nobody_is_renamed(alice: Client, since: int) -> None:
    shown = [plain(event["text"]) for event in alice.seen("displayed", since)]
    assert not [text for text in shown if RENAMED in text or "now known" in text], shown


def test_names_from_a_device_that_is_not_verified(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace)
    other = Client(workspace, "other", server)
    other.login(user="bob", resource="phone")
    other.wait_for("buddy-signed-on", who=ALICE)
    other.open(ALICE)
    other.ask(ALICE, "start")
    wait_until(lambda: other.state(ALICE) == ENCRYPTED, "a session of the other device")
    mark = alice.mark()
    event = (f"<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='http://jabber.org/protocol/nick'>"
             f"<item id='1'>{NAMING}</item></items></event>")
    other.command("send-stanza", xml=f"<presence to='{A}'>{NAMING}</presence>")
    other.command("send-stanza", xml=f"<message to='{A}'>{event}</message>")
    server.quiet(A, f"{BOB}/phone")
    nobody_is_renamed(alice, mark)
    assert alice.state(BOB) == VERIFIED
    finish(alice, bob, other)


def test_typing_of_a_device_that_is_not_verified(workspace: Workspace) -> None:
    """Bob's window does not say that he types, pauses or has left."""
    server, alice, bob = scene(workspace)
    other = Client(workspace, "other", server)
    other.login(user="bob", resource="phone")
    other.wait_for("buddy-signed-on", who=ALICE)
    other.open(ALICE)
    other.ask(ALICE, "start")
    wait_until(lambda: other.state(ALICE) == ENCRYPTED, "a session of the other device")
    server.quiet(A, f"{BOB}/phone")
    mark = alice.mark()
    for state in "typing", "typed", "stopped":
        other.command("typing", who=ALICE, state=state)
    other.command("close", who=ALICE)
    server.quiet(A, f"{BOB}/phone")
    assert not alice.seen("typing", mark) + alice.seen("displayed", mark), alice.events[mark:]
    bob.command("typing", who=ALICE, state="typing")
    alice.wait_for("typing", since=mark, state="typing")
    assert alice.state(BOB) == VERIFIED
    finish(alice, bob, other)


def late_answer(workspace: Workspace, give_up: Callable[[Client, Client], None]) -> None:
    """The answer to the opening of a stream comes when the file has been given up: the program lives on."""
    server, alice, bob = scene(workspace)
    path, mark = make_file(workspace, 100_000), bob.mark()
    alice.command("send-file", who=B, path=str(path))
    seen: list[Stanza] = []

    def is_second(stanza: Stanza) -> bool:
        if stanza.way != "received" or stanza.client != B or not stanza.xml.startswith("<iq") or NS_CRYPT not in stanza.xml:
            return False
        seen.append(stanza)
        return len(seen) > 1

    held = Held(server, is_second)
    accept(bob, ALICE, workspace.path / "arrived", mark)
    held.wait()
    give_up(alice, bob)
    held.release()
    server.settle(A)
    alice.load()
    for number in range(3):
        alice.send(BOB, f"I am still here, {number}")
    bob.wait_received("I am still here, 2", timeout=30)
    finish(alice, bob)


def test_file_cancelled_before_its_stream_is_open(workspace: Workspace) -> None:
    late_answer(workspace, lambda alice, bob: alice.command("cancel-files"))


def test_file_cancelled_by_the_other_side_before_its_stream_is_open(workspace: Workspace) -> None:
    late_answer(workspace, lambda alice, bob: bob.command("cancel-files"))


def test_unloaded_before_the_stream_of_a_file_is_open(workspace: Workspace) -> None:
    late_answer(workspace, lambda alice, bob: alice.unload())


def test_file_cancelled_before_it_is_known_whether_it_is_taken(workspace: Workspace) -> None:
    """libpurple asks what Carol's program can do, which has not told; the answer comes when the file has been given up."""
    server = Liar(workspace, users={"alice": "Alice", "carol": "Carol"})
    server.rule(lambda stanza: stanza.way == "sent" and stanza.client == A and stanza.xml.startswith("<presence")
                and "http://jabber.org/protocol/caps" in stanza.xml)
    alice = Client(workspace, "alice", server, env={"MALLOC_PERTURB_": "165"})  # what is freed is nothing any more
    carol = Client(workspace, "carol", server, plugin=False)
    alice.login()
    carol.login()
    server.deliver(A, f"<presence from='{CAROL}/test' to='{A}'/>")
    alice.wait_for("buddy-signed-on", who=CAROL)
    alice.open(CAROL)
    wait_until(lambda: tells(alice, CAROL, "status", "does not offer"), "answer")
    held = Held(server, lambda stanza: stanza.way == "received" and stanza.client == A and "disco#info" in stanza.xml
                and attribute(stanza, "to") == f"{CAROL}/test")
    alice.command("send-file", who=f"{CAROL}/test", path=str(make_file(workspace, 1000)))
    held.wait()
    alice.command("cancel-files")
    held.release()
    server.settle(A)
    alice.send(CAROL, "I am still here")
    carol.wait_received("I am still here")
    finish(alice, carol)


def test_names_from_the_server(workspace: Workspace) -> None:
    """That it says so in a card which libpurple asks for by itself, or in presence, makes nobody anybody else."""
    server, alice, bob = scene(workspace)
    mark = alice.mark()
    held = Held(server, lambda s: s.way == "received" and s.client == A and s.xml.startswith("<iq")
                and "vcard-temp" in s.xml and attribute(s, "to") == BOB)
    server.deliver(A, f"<presence from='{B}' to='{A}'><x xmlns='vcard-temp:x:update'><photo>{'01' * 20}</photo></x>"
                      f"{NAMING}</presence>")
    id = attribute(held.wait()[0], "id")
    server.deliver(A, f"<iq from='{BOB}' to='{A}' type='result' id='{id}'><vCard xmlns='vcard-temp'><FN>{RENAMED}</FN>"
                      f"<NICKNAME>bob. {RENAMED}</NICKNAME><N><GIVEN>{RENAMED}</GIVEN></N></vCard></iq>")
    server.settle(A)
    nobody_is_renamed(alice, mark)
    assert alice.state(BOB) == VERIFIED
    finish(alice, bob)


CALLS = "This conversation is with \u2068{}\u2069, whom your buddy list calls \"\u2068{}\u2069\"."


def call(server: Liar, jid: str, name: str, group: str = "Friends", client: str = A) -> None:
    """The server says that this is how the user wants it."""
    call.count += 1
    server.deliver(client, f"<iq type='set' id='call-{call.count}' to='{client}'><query xmlns='jabber:iq:roster'>"
                           f"<item jid='{jid}' name='{name}' subscription='both'><group>{group}</group></item></query></iq>")
    server.settle(client)


call.count = 0


def whom(client: Client, since: int = 0) -> list[str]:
    return [line for line in client.lines(since) if line.startswith("This conversation is with")]


def names_scene(workspace: Workspace) -> tuple[Liar, Client, Client]:
    """Alice calls them Bob and Carol, by her own hand."""
    server, alice, bob = scene(workspace)
    for jid, name in (BOB, "Bob"), (CAROL, "Carol"):
        alice.command("alias", who=jid, alias=name)
    server.quiet(A, B)
    assert not whom(alice), whom(alice)
    return server, alice, bob


def test_contacts_that_swap_names(workspace: Workspace) -> None:
    """Whoever is meant by the name in the title is said at once; and again in a window that is opened later."""
    server, alice, bob = names_scene(workspace)
    mark = alice.mark()
    call(server, BOB, "Carol")
    assert whom(alice, mark) == [CALLS.format(BOB, "Carol")], whom(alice, mark)
    call(server, CAROL, "Bob")
    call(server, BOB, "Carol")
    assert len(whom(alice, mark)) == 1, whom(alice, mark)
    alice.command("close", who=BOB)
    call(server, BOB, "Carol.")
    call(server, BOB, "Dave", group="Others")
    assert len(whom(alice, mark)) == 1, whom(alice, mark)
    alice.open(BOB)
    assert whom(alice, mark)[1:] == [CALLS.format(BOB, "Dave")], whom(alice, mark)
    alice.command("close", who=BOB)
    alice.open(BOB)
    call(server, BOB, "Dave", group="Third")
    assert len(whom(alice, mark)) == 2 and alice.state(BOB) == VERIFIED
    finish(alice, bob)


def test_names_after_the_program_was_killed(workspace: Workspace) -> None:
    """Before libpurple had the time to write its list: what was said, or is the user's doing, is no news."""
    server, alice, bob = names_scene(workspace)
    for name in "Bob", "Dave":
        if name != "Bob":
            mark = alice.mark()
            call(server, BOB, name)
            assert whom(alice, mark) == [CALLS.format(BOB, name)], whom(alice, mark)
        alice.kill()
        alice = Client(workspace, "alice", server)
        alice.login()
        server.settle(A)
        if name != "Bob":
            call(server, BOB, name)
        alice.open(BOB)
        server.quiet(A, B)
        assert not whom(alice), whom(alice)
    finish(alice, bob)


def test_contact_that_is_taken_out_and_put_in(workspace: Workspace) -> None:
    server, alice, bob = names_scene(workspace)
    mark = alice.mark()
    server.deliver(A, f"<iq type='set' id='out' to='{A}'><query xmlns='jabber:iq:roster'>"
                      f"<item jid='{BOB}' subscription='remove'/></query></iq>")
    server.settle(A)
    call(server, BOB, "Carol")
    assert whom(alice, mark) == [CALLS.format(BOB, "Carol")], whom(alice, mark)
    finish(alice, bob)


def test_contact_that_was_renamed_meanwhile(workspace: Workspace) -> None:
    """On another client of hers, while this one was not there, in this life or the next: the first window says so."""
    server, alice, bob = names_scene(workspace)
    other = Client(workspace, "other", server, plugin=False)
    other.login(user="alice", resource="phone")
    names = iter(("Carol", "Dave", "Eve"))

    def rename() -> str:
        name = next(names)
        other.command("send-stanza", xml=f"<iq type='set' id='{name}'><query xmlns='jabber:iq:roster'><item jid='{BOB}' "
                                         f"name='{name}'><group>Friends</group></item></query></iq>")
        server.quiet(f"{ALICE}/phone")
        return name

    mark = alice.mark()
    name = rename()
    alice.wait_line(CALLS.format(BOB, name), mark)
    for open_before in True, False:
        mark = alice.mark()
        if not open_before:
            alice.command("close", who=BOB)
        alice.command("disconnect")
        alice.wait_for("signed-off", since=mark)
        name = rename()
        mark = alice.mark()
        alice.login()
        server.settle(A)
        if not open_before:
            assert not whom(alice, mark), whom(alice, mark)
            alice.quit()
            alice = Client(workspace, "alice", server)
            mark = alice.mark()
            alice.login()
            server.settle(A)
            alice.open(BOB)
        assert whom(alice, mark) == [CALLS.format(BOB, name)], whom(alice, mark)
    finish(alice, bob, other)


def test_contact_that_the_user_renames(workspace: Workspace) -> None:
    server, alice, bob = names_scene(workspace)
    mark = alice.mark()
    alice.command("alias", who=BOB, alias="Robert")
    server.quiet(A, B)
    alice.command("close", who=BOB)
    alice.command("alias", who=BOB, alias="Bobby")
    server.quiet(A, B)
    alice.open(BOB)
    alice.command("disconnect")
    alice.wait_for("signed-off", since=mark)
    alice.login()
    server.settle(A)
    assert not whom(alice, mark), whom(alice, mark)
    finish(alice, bob)


def test_second_contact_of_that_name(workspace: Workspace) -> None:
    """Whom the server makes up."""
    server, alice, bob = names_scene(workspace)
    mark = alice.mark()
    call(server, "mallory@localhost", "Bob")
    alice.open("mallory@localhost")
    assert whom(alice, mark) == [CALLS.format("mallory@localhost", "Bob")], whom(alice, mark)
    finish(alice, bob)


def test_contact_of_two_accounts(workspace: Workspace) -> None:
    """Each has its own list, and its own window."""
    server, alice, bob = names_scene(workspace)
    alice.login(user="carol")
    carol = f"{CAROL}/test"
    server.quiet(A, carol)
    alice.command("alias", account=carol, who=BOB, alias="Bob")
    server.quiet(A, carol)
    alice.command("open", account=A, who=BOB)
    mark = alice.mark()
    call(server, BOB, "Carol", client=carol)
    assert not whom(alice, mark), whom(alice, mark)
    call(server, BOB, "Carol")
    lines = [e for e in alice.seen("displayed", mark) if plain(e["text"]) == CALLS.format(BOB, "Carol")]
    assert [line["account"] for line in lines] == [A], lines
    finish(alice, bob)


# Passwords

def guess(server: Liar, alice: Client, bob: Client, number: int) -> list[str]:
    """Bob guesses and sees to it that Alice never learns whether he was right; what she is told at her password."""
    marks = alice.mark(), server.mark()
    bob.ask(ALICE, f"password guess {number}")
    alice.wait_line("wants to compare a password", marks[0])
    server.settle(A)
    held = Held(server, lambda s: s.way == "received" and s.client == A and is_message(s))
    told = alice.ask(BOB, "password the right one")
    held.wait()  # her confirmation: he has what he wants, and hangs up
    marks = alice.mark(), bob.mark()
    bob.ask(ALICE, "end")
    alice.wait_line(THEY_ENDED, marks[0])
    held.let_go()
    alice.ask(BOB, "start")
    alice.wait_line(NOW_ENCRYPTED, marks[0])
    bob.wait_line(NOW_ENCRYPTED, marks[1])
    server.quiet(A, B)
    return told


def test_guesses_count_however_they_end(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace, verified=False)
    for number in range(3):
        guess(server, alice, bob, number)
    marks = alice.mark(), server.mark()
    bob.ask(ALICE, "password guess 4")
    server.quiet(A, B)
    offers = [line for line in alice.lines(marks[0]) if "wants to compare a password" in line]
    answer = alice.ask(BOB, "password the right one")
    assert not offers and not any("compared as soon as" in line for line in answer), (offers, answer)
    assert alice.state(BOB) == ENCRYPTED
    finish(alice, bob)


# The envelope

def altered(server: Liar, change: Callable[[str], str]) -> Rule:
    """The next message with content arrives at Bob's changed."""
    seen: list[Stanza] = []

    def rule(stanza: Stanza) -> bool:
        if seen or stanza.way != "sent" or stanza.client != B or not is_message(stanza) or "<data>" not in stanza.xml:
            return False
        seen.append(stanza)
        server.deliver(B, change(stanza.xml))
        return True
    return server.rule(rule)


def test_type_of_a_message_changed(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace)
    expected = []
    for kind in "headline", "groupchat", "error", "normal":
        mark = bob.mark()
        rule = altered(server, lambda xml: changed(xml, type=kind))
        for text in f"{kind}, the changed one", f"{kind}, the next":
            alice.send(BOB, text)
            expected.append(text)
        bob.wait_received(expected[-1], mark, timeout=80)  # a third session that breaks at once is not replaced at once
        server.off(rule)
        assert bob.received() == expected, kind
        assert not bob.seen("notify", mark) and not bob.seen("displayed", mark, flags="ERROR"), kind
    server.ruled()
    finish(alice, bob)


def test_date_of_a_message_changed(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace)
    for stamp in "2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z":
        rule = altered(server, lambda xml: extended(xml, f"<delay xmlns='urn:xmpp:delay' from='localhost' stamp='{stamp}'/>"))
        alice.send(BOB, f"not of {stamp}")
        event = bob.wait_received(f"not of {stamp}")
        server.off(rule)
        assert abs(event["time"] - time.time()) < 60, event
    server.ruled()
    finish(alice, bob)


def test_id_and_type_of_an_iq_changed(workspace: Workspace) -> None:
    """Bob is offered no file but the one whose envelope is whole."""
    server, alice, bob = scene(workspace)
    path = make_file(workspace, 1000)
    for changes in {"id": "another"}, {"type": "get"}:
        held = Held(server, lambda s: s.way == "sent" and s.client == B and s.xml.startswith("<iq") and NS_CRYPT in s.xml)
        mark = bob.mark()
        alice.command("send-file", who=B, path=str(path))
        held.wait()
        held.release(lambda xml: changed(xml, **changes))
        server.quiet(A, B)
        assert not bob.seen("request", mark), changes
    alice.send(BOB, "still here")
    bob.wait_received("still here")
    mark = bob.mark()
    alice.command("send-file", who=B, path=str(path))
    bob.wait_for("request", since=mark)
    assert not readers(server.stanzas(), path.name)
    finish(alice, bob)


def test_told_to_be_the_contact(workspace: Workspace) -> None:
    """Whatever name the server gives her connection, Alice says to Bob what is Bob's alone."""
    server = Liar(workspace, extra=f'hostile_bind = {{ alice = "{B}" }}')
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    meet(alice, bob)
    talk(alice, bob)
    verify(alice, bob)
    path = make_file(workspace, 1000)
    alice.command("send-file", who=B, path=str(path))
    alice.command("send-stanza", xml=f"<iq to='{B}' type='get' id='1'><query xmlns='jabber:iq:private'>iq words</query></iq>")
    alice.command("send-stanza", xml=f"<presence to='{B}'><status>presence words</status></presence>")
    server.quiet(A, B)
    for words in path.name, "iq words", "presence words":
        assert not readers(server.stanzas(), words), words
    server.ruled()
    finish(alice, bob)


# Time

def test_stored_request(workspace: Workspace) -> None:
    """Who asked a minute ago does not wait any more; a clock that is wrong by seconds does not matter."""
    server, alice, bob = scene(workspace)
    mark = server.mark()
    end(alice, bob)
    alice.ask(BOB, "start")
    template = request(server, A, mark).xml
    bob.wait_line(NOW_VERIFIED, 0)
    end(alice, bob)
    bob.command("disconnect")
    bob.wait_for("signed-off")
    mark = server.mark()
    bob.login()
    server.settle(B)
    for age, answered in (40, False), (3600, False), (-3600, False), (5, True):
        stamp = datetime.now(timezone.utc) - timedelta(seconds=age)
        delay = f"<delay xmlns='urn:xmpp:delay' from='localhost' stamp='{stamp:%Y-%m-%dT%H:%M:%SZ}'/>"
        xml = extended(changed(fresh(template), from_=f"{ALICE}/before", to=B), delay)
        lines = bob.mark()
        server.deliver(B, xml)
        server.settle(B)
        answers = [s for s in to(server, f"{ALICE}/before", B, mark) if thread_of(s.xml) == thread_of(xml)]
        assert bool(answers) == answered, (age, answers)
        assert answered or not bob.lines(lines), bob.lines(lines)
    finish(alice, bob)


if __name__ == "__main__":
    harness.main(globals())
