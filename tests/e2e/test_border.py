#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where libpurple and the network meet us: addresses that are written otherwise, rooms that are none, what servers do not
take, what other plugins do, and what becomes of waiting messages. Nothing of it lets a word out, or a stranger in."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable

import harness
from encrypted import (ALICE, BOB, CAROL, CODE, ENDED, NOW_ENCRYPTED, NOW_VERIFIED, NS_CRYPT, THEY_LEFT, VERIFIED, YOU_VERIFIED,
                       Client, finish, flush, meet, messages, of, plain, quoted, readers, talk, tells)
from files import make_file, transfer, wait_same
from harness import Pidgin, Workspace, built, wait_until
from hostile import Held, Liar, attribute, bare, between, changed, fresh, is_negotiation, masquerade
from pidgin import blist, preferences
from test_choices import says
from test_liar import A, B, CALLS, believes, call, forge, marked, request, scene
from test_password import SAME as SAME_PASSWORD
from test_password import give
from test_pidgin import Alice

MUC = "http://jabber.org/protocol/muc"
SAME = "Bob@localhost", "bob@LOCALHOST", "b\N{SOFT HYPHEN}ob@localhost", "\uff42\uff4f\uff42@localhost"
WRONG = "bob@localhost.", "bob@localhost/", "bob@@localhost", "bo b@localhost"
NO_DOMAINS = ("bob@localhost?body", "bob@localhost\N{FULLWIDTH QUESTION MARK}body", "bob@localhost%x", "bob@localhost,x", 'bob@localhost"x',
              "bob@local_host", "bob@localhost:5222", "bob@local..host", "bob@-localhost", "bob@localhost#x")
SIGNATURE = " -- signed"
ALWAYS = 3


def again(alice: Client, user: str = "alice") -> int:
    """Alice's client leaves and comes back, with no conversation open; the mark before that."""
    mark = alice.mark()
    for name in alice.command("state")["conversations"]:
        alice.command("close", who=name)
    alice.command("disconnect")
    alice.wait_for("signed-off", since=mark)
    alice.login(user=user)
    alice.wait_for("buddy-signed-on", since=mark, who=BOB)
    return mark


def in_the_clear(server: Liar, *words: str, since: int = 0) -> dict[str, set[str]]:
    """Who can read which of them."""
    stanzas = server.stanzas(since=since)
    return {word: found for word in words if (found := readers(stanzas, word))}


def nobody_reads(server: Liar, *words: str, since: int = 0) -> None:
    found = in_the_clear(server, *words, since=since)
    assert not found, found


def chat_states(server: Liar, since: int) -> list[str]:
    """Typing notices that Alice's server can read."""
    return [s.xml for s in messages(server.stanzas("received", A, since)) if "chatstates" in s.xml]


# Addresses

def test_other_spellings_of_a_verified_contact(workspace: Workspace) -> None:
    """The conversation is opened under them before anything else is known of him in this life."""
    server, alice, bob = scene(workspace)
    path = make_file(workspace, 1000)
    for spelling in SAME:
        again(alice)
        marks = bob.mark(), server.mark()
        typed, automatic = f"typed to {spelling}", f"an answer by itself to {spelling}"
        alice.open(spelling)
        alice.command("typing", who=spelling, state="typing")
        alice.command("send-file", who=f"{spelling}/test", path=str(path))
        alice.command("serv-send-im", who=spelling, text=automatic, auto=True)
        alice.command("send", who=spelling, text=typed)
        for text in automatic, typed:
            bob.wait_received(text, marks[0], timeout=15)
        server.quiet(A, B)
        alice.command("typing", who=spelling, state="typed")
        server.quiet(A, B)
        nobody_reads(server, typed, automatic, path.name, since=marks[1])
        assert not chat_states(server, marks[1]), spelling
        assert alice.state(spelling) == VERIFIED, spelling
    finish(alice, bob)


def test_what_is_no_address_of_his(workspace: Workspace) -> None:
    """Nothing to it leaves, or what leaves is encrypted."""
    server, alice, bob = scene(workspace)
    for spelling in WRONG:
        again(alice)
        mark = server.mark()
        alice.open(spelling)
        alice.command("typing", who=spelling, state="typing")
        alice.command("serv-send-im", who=spelling, text=f"automatic to {spelling}", auto=True)
        alice.command("send", who=spelling, text=f"typed to {spelling}")
        server.quiet(A, B)
        nobody_reads(server, f"typed to {spelling}", f"automatic to {spelling}", since=mark)
        assert not chat_states(server, mark), spelling
    finish(alice, bob)


def test_what_is_no_domain(workspace: Workspace) -> None:
    """libpurple opens a window for it, and would send: one's own server, at least, would read that. It stays in the window."""
    server, alice, bob = scene(workspace)
    marks = alice.mark(), server.mark()
    for name in NO_DOMAINS:
        lines = alice.mark()
        alice.open(name)
        alice.command("typing", who=name, state="typing")
        alice.command("send", who=name, text=f"typed to {name}")
        assert [line for line in alice.lines(lines) if "not written as servers write it" in line], name
        alice.command("serv-send-im", who=name, text=f"automatic to {name}", auto=True)
        server.quiet(A)
        nobody_reads(server, f"typed to {name}", f"automatic to {name}", since=marks[1])
        assert not chat_states(server, marks[1]), name
    told = [event["primary"] for event in alice.seen("notify", marks[0])]
    assert len([line for line in told if "not an address as servers write it" in line]) == len(NO_DOMAINS), told
    assert alice.state(BOB) == VERIFIED
    finish(alice, bob)


def test_held_texts_of_two_spellings_keep_their_order(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace)
    again(alice)
    mark = bob.mark()
    held = Held(server, lambda s: s.way == "received" and s.client == A and is_negotiation(s))
    alice.open("Bob@localhost")
    texts = [f"in its place, {number}" for number in range(4)]
    alice.command("send", who=BOB, text=texts[0])
    alice.command("serv-send-im", who=BOB, text=texts[1])
    alice.command("serv-send-im", who="BOB@localhost", text=texts[2])
    held.wait()
    held.release()
    alice.wait_line(NOW_VERIFIED)
    alice.command("send", who=BOB, text=texts[3])
    bob.wait_received(texts[3], mark, timeout=15)
    assert bob.received(mark) == texts
    nobody_reads(server, *texts)
    finish(alice, bob)


def stamp_rosters(server: Liar) -> None:
    """As some servers do: what they say of the roster is from one's own address."""
    def rule(stanza: Any) -> bool:
        if stanza.way != "sent" or "jabber:iq:roster" not in stanza.xml or attribute(stanza, "from"):
            return False
        server.deliver(stanza.client, changed(stanza.xml, from_=bare(stanza.client)))
        return True
    server.rule(rule)


def test_account_that_is_typed_otherwise(workspace: Workspace) -> None:
    server = Liar(workspace)
    stamp_rosters(server)
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    alice.login(user="Alice")
    bob.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    bob.wait_for("buddy-signed-on", who=ALICE)
    talk(alice, bob)
    give(alice, bob, "the same password", "the same password", SAME_PASSWORD)
    assert alice.state(BOB) == bob.state(ALICE) == VERIFIED
    alice.send(BOB, "nobody else reads this")
    bob.wait_received("nobody else reads this")
    again(alice, user="Alice")
    alice.send(BOB, "nor this, the next day")
    bob.wait_received("nor this, the next day")
    assert alice.state(BOB) == VERIFIED
    nobody_reads(server, "nobody else reads this", "nor this, the next day")
    server.ruled()
    finish(alice, bob)


FORGED = "BOB@localhost/x", "bob@LOCALHOST/test", "b\N{SOFT HYPHEN}ob@localhost/phone", "\uff42ob@localhost/test"


def test_plain_message_of_another_spelling(workspace: Workspace) -> None:
    """It is marked like any, and what is answered goes where it went before."""
    server, alice, bob = scene(workspace)
    for number, source in enumerate(FORGED):
        mark = alice.mark()
        text, answer = f"trust me, {number}", f"an answer to Bob alone, {number}"
        forge(server, text, source)
        alice.wait_received(quoted(text), mark)
        assert marked(alice, text, mark), (source, alice.seen("displayed", mark))
        alice.send(BOB, answer)
        bob.wait_received(answer)
        nobody_reads(server, answer)
        assert alice.state(BOB) == VERIFIED
    finish(alice, bob)


def push(server: Liar, jid: str, name: str) -> None:
    server.deliver(A, f"<iq type='set' id='push-{name}' to='{A}'><query xmlns='jabber:iq:roster'>"
                      f"<item jid='{jid}' name='{name}' subscription='both'/></query></iq>")
    server.settle(A)


def test_stranger_in_the_name_of_another_spelling(workspace: Workspace) -> None:
    """The server puts BOB@localhost into the roster, and Carol behind it."""
    server, alice, bob = scene(workspace)
    carol = Client(workspace, "carol", server)
    carol.login(resource="evil")
    alice.wait_for("buddy-signed-on", who=CAROL)
    push(server, "BOB@localhost", "Bob")
    marks = alice.mark(), carol.mark()
    held = Held(server, lambda s: s.way == "received" and s.client == f"{CAROL}/evil" and is_negotiation(s))
    carol.open(ALICE)
    held.wait()
    masquerade(server, A, "BOB@localhost", CAROL)
    held.release()
    server.quiet(A, B, f"{CAROL}/evil")
    assert not believes(alice, marks[0]) + believes(carol, marks[1])
    assert alice.devices() == [(BOB, True)] and alice.state(BOB) == VERIFIED
    alice.send(BOB, "for the true one")
    bob.wait_received("for the true one")
    server.quiet(A, B, f"{CAROL}/evil")
    assert not carol.received()
    nobody_reads(server, "for the true one")
    server.ruled()
    finish(alice, bob, carol)


def offers(source: str) -> dict[str, str]:
    """Files, in the two ways that libpurple understands."""
    return {
        "si": f"<iq type='set' id='offer' from='{source}' to='{A}'><si xmlns='http://jabber.org/protocol/si' id='sid' "
              "mime-type='text/plain' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
              "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='trojan.txt' size='5'/>"
              "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
              "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option>"
              "</field></x></feature></si></iq>",
        "oob": f"<iq type='set' id='offer' from='{source}' to='{A}'><query xmlns='jabber:iq:oob'>"
               "<url>http://127.0.0.1:9/trojan.txt</url><desc>trojan</desc></query></iq>",
    }


def answer(id: str, source: str) -> str:
    """Yes, to a file."""
    return (f"<iq type='result' id='{id}' from='{source}' to='{A}'><si xmlns='http://jabber.org/protocol/si'>"
            "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"
            "<field var='stream-method'><value>http://jabber.org/protocol/ibb</value></field></x></feature></si></iq>")


def test_files_and_answers_in_his_name(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace)
    for source in B, BOB, *FORGED:
        for kind, xml in offers(source).items():
            mark = alice.mark()
            server.deliver(A, xml)
            server.settle(A)
            assert not alice.seen("request", mark), (source, kind)

    # Alice offers one, and somebody else answers first.
    held = Held(server, lambda s: s.way == "received" and s.client == A and s.xml.startswith("<iq") and NS_CRYPT in s.xml)
    mark = alice.mark()
    alice.command("send-file", who=B, path=str(make_file(workspace, 1000)))
    id = attribute(held.wait()[0], "id")
    for source in B, BOB, *FORGED:
        server.deliver(A, answer(id, source))
        server.settle(A)
        assert len(held.stanzas) == 1 and not alice.seen("file-send-cancel", mark), source
    mark = bob.mark()
    held.release()
    bob.wait_for("request", since=mark, who=of(ALICE))
    finish(alice, bob)


def test_contact_without_a_name_before_the_domain(workspace: Workspace) -> None:
    """A bot or a gateway: what is always encrypted is not sent in the clear to it either."""
    server, alice, bob = scene(workspace)
    push(server, "bot.localhost", "Bot")
    server.deliver(A, f"<presence from='bot.localhost' to='{A}'/>")
    server.settle(A)
    alice.open("bot.localhost")
    alice.ask("bot.localhost", "policy always")
    marks = alice.mark(), server.mark()
    alice.command("typing", who="bot.localhost", state="typing")
    alice.command("send", who="bot.localhost", text="words for the bot alone")
    server.quiet(A)
    nobody_reads(server, "words for the bot alone", since=marks[1])
    assert not chat_states(server, marks[1])
    assert alice.lines(marks[0]), "nobody was told"
    finish(alice, bob)


# Rooms

ROOMS = """
Component "rooms.localhost" "muc"
    muc_room_locking = false
"""


def accept(alice: Client, server: Liar, xml: str) -> None:
    """An invitation."""
    mark = alice.mark()
    server.deliver(A, xml)
    server.settle(A)
    for asked in alice.seen("request", mark):
        alice.command("answer", request=asked["request"], button=0)


def test_contact_that_is_called_a_room(workspace: Workspace) -> None:
    """Nobody whom we know is one, whoever says so; and who tried to join him is told."""
    server, alice, bob = scene(workspace)
    for name, join in ways_in(alice, server).items():
        mark = again(alice)
        alice.open(BOB)
        alice.wait_line(NOW_VERIFIED, mark)
        marks = alice.mark(), bob.mark(), server.mark()
        join()
        server.quiet(A, B)
        # His next presence makes libpurple believe it.
        for status in "away", "available":
            bob.command("status", status=status)
            server.quiet(A, B)
        told = alice.lines(marks[0]) + alice.seen("notify", marks[0]) + alice.seen("request", marks[0])
        text = f"still for you alone, after {name}"
        alice.command("serv-send-im", who=BOB, text=f"{text}, by itself")
        alice.send(BOB, text)
        bob.wait_received(text, marks[1])
        nobody_reads(server, text, since=marks[2])
        assert alice.state(BOB) == VERIFIED, name
        assert told, f"{name}: nobody was told"
    finish(alice, bob)


def ways_in(alice: Client, server: Liar) -> dict[str, Callable[[], Any]]:
    """How one comes to join Bob."""
    return {
        "link": lambda: alice.command("uri", uri=f"xmpp:{BOB}?join"),
        "dialog": lambda: alice.command("join", room=BOB),
        "another spelling": lambda: alice.command("join", room="Bob@localhost"),
        "invitation": lambda: accept(alice, server, f"<message from='{BOB}' to='{A}'><x xmlns='{MUC}#user'>"
                                                    f"<invite from='{CAROL}'/></x></message>"),
        "direct invitation": lambda: accept(alice, server, f"<message from='{CAROL}/x' to='{A}'>"
                                                           f"<x xmlns='jabber:x:conference' jid='{BOB}'/></message>"),
    }


def stays_a_contact(alice: Client, bob: Client, mark: int) -> None:
    """What comes of Bob is a contact's, and whoever writes is in the one window."""
    for status in "away", "available":
        bob.command("status", status=status)
        wait_until(lambda: alice.command("buddies")["online"].get(BOB) == status, f"Bob {status}")
    bob.send(ALICE, "from the contact that I am")
    alice.wait_received("from the contact that I am", mark)
    alice.command("open", who=f"{BOB}/other")
    assert len(alice.command("state")["conversations"]) == 1, alice.command("state")
    assert not alice.seen("conversation-created", mark)


def test_contact_who_was_not_joined_stays_one(workspace: Workspace) -> None:
    """libpurple takes whom it has asked to join for a room."""
    server, alice, bob = scene(workspace)
    for name, join in ways_in(alice, server).items():
        mark = again(alice)
        alice.open(BOB)
        alice.wait_line(NOW_VERIFIED, mark)
        mark = alice.mark()
        join()
        server.quiet(A, B)
        try:
            stays_a_contact(alice, bob, mark)
        except (AssertionError, TimeoutError) as error:
            raise AssertionError(name) from error
    finish(alice, bob)


def test_rooms_stay_rooms(workspace: Workspace) -> None:
    """What is said to many is not encrypted, and is not kept back."""
    server = Liar(workspace, extra=ROOMS)
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    meet(alice, bob)
    room = "square@rooms.localhost"
    for client in alice, bob:
        client.command("join", room=room)
        client.wait_for("conversation-created", who=room)
        server.quiet(A, B)
    alice.command("say", room=room, text="words for the whole square")
    for client in alice, bob:
        client.wait_for("displayed", conversation=room, text="words for the whole square")
    assert in_the_clear(server, "words for the whole square")
    finish(alice, bob)


# What servers do not take

def test_more_than_this_server_takes(workspace: Workspace) -> None:
    """It ends the stream over 64 KiB: that may happen once, and nothing is lost."""
    server = Liar(workspace, extra="c2s_stanza_size_limit = 65536")
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    meet(alice, bob)
    talk(alice, bob)
    text = "".join(f"{number:06d}," for number in range(55_000 // 7)) + "end"
    marks = alice.mark(), bob.mark()

    def settled() -> str:
        if alice.seen("signed-off", marks[0]):
            return "ended"
        if any("end" in line and "000001," in line for line in alice.lines(marks[0])):
            return "returned"
        return "arrived" if "".join(bob.received(marks[1])) == text else ""

    alice.send(BOB, text)
    if wait_until(settled, "outcome", 20) == "ended":
        marks = alice.mark(), bob.mark()
        alice.login(wait=False)
        assert wait_until(settled, "second outcome", 20) != "ended", "it was sent again, and ended the stream again"
    alice.send(BOB, "a short one")
    bob.wait_received("a short one", marks[1])
    nobody_reads(server, text, "a short one")
    finish(alice, bob)


def test_plain_message_nested_deep(workspace: Workspace) -> None:
    """What is not ours passes as it came."""
    server, alice, bob = scene(workspace, verified=False)
    deep = "<x xmlns='urn:example:deep'>" + "<y>" * 70 + "</y>" * 70 + "</x>"
    server.deliver(A, f"<message from='{CAROL}/x' to='{A}' type='chat'><body>from the depths</body>{deep}</message>")
    alice.wait_received("from the depths")
    finish(alice, bob)


# Waiting messages

RESTORED = "Messages that you wrote last time have not arrived yet: they are sent as soon as the conversation is encrypted."


def logged(client: Any) -> str:
    return "\n".join(path.read_text(errors="replace") for path in client.path.glob("logs/**/*") if path.is_file())


def test_waiting_messages_outlive_the_program(workspace: Workspace) -> None:
    """Whether it is left or killed."""
    server, alice, bob = scene(workspace)
    for leave in finish, Client.kill:
        text = f"kept over {leave.__name__}"
        mark = alice.mark()
        bob.command("disconnect")
        alice.wait_for("buddy-signed-off", since=mark, who=BOB)
        alice.send(BOB, text)
        flush(alice)
        assert not alice.seen("displayed", flags="SEND", text=text)
        leave(alice)
        assert text not in logged(alice)

        alice = Client(workspace, "alice", server)
        alice.login()
        alice.open(BOB)
        alice.wait_line(RESTORED)
        assert "1 message waits to be encrypted." in alice.ask(BOB, "status")
        assert not alice.seen("displayed", flags="SEND")
        mark = bob.mark()
        bob.login()
        bob.wait_received(text, mark)
        alice.send(BOB, f"after {text}")
        bob.wait_received(f"after {text}", mark)
        assert bob.received(mark) == [text, f"after {text}"]
        nobody_reads(server, text)
        again(alice)
        alice.send(BOB, f"long after {text}")
        bob.wait_received(f"long after {text}", mark)
        assert bob.received(mark) == [text, f"after {text}", f"long after {text}"], "sent once"
    finish(alice, bob)


def test_waiting_message_of_a_pidgin_that_is_left(workspace: Workspace) -> None:
    """Its plain log holds what was said, and not what waits."""
    server = Liar(workspace)
    preferences = {"/plugins/core/esession/policy": ALWAYS, "/purple/logging/log_ims": True, "/purple/logging/log_system": True}
    alice = Alice(workspace, server, prefs=preferences)
    alice.open(title="bob|Bob")
    before = len(alice.shown())
    alice.send(BOB, "this waits for Bob")
    wait_until(lambda: len(alice.shown()) > before, "line")
    alice.quit()
    assert "this waits for Bob" not in logged(alice)
    alice.start()
    alice.open(title="bob|Bob")
    alice.wait_shown(RESTORED)
    says(alice, "status", "1 message waits to be encrypted.")
    assert "this waits for Bob" not in logged(alice)
    bob = Client(workspace, "bob", server)
    bob.login()
    bob.wait_received("this waits for Bob")
    nobody_reads(server, "this waits for Bob")
    assert bob.received() == ["this waits for Bob"]
    alice.wait_shown("this waits for Bob")
    alice.leave()
    finish(bob)


def in_a_room(workspace: Workspace) -> tuple[Liar, Client, Client, str]:
    server, room = Liar(workspace, extra=ROOMS), "square@rooms.localhost"
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server, plugin=False)
    for client in bob, alice:
        client.login()
        client.command("join", room=room)
        client.wait_for("conversation-created", who=room)
    server.quiet(A, B)
    return server, alice, bob, room


def test_ticked_in_a_room(workspace: Workspace) -> None:
    """One that libpurple is in is a room, to talk in and in private."""
    server, alice, bob, room = in_a_room(workspace)
    alice.unload()
    alice.load()
    mark = bob.mark()
    alice.command("say", room=room, text="said after the tick")
    bob.wait_received("said after the tick", mark)
    alice.open(f"{room}/bob")
    alice.command("send", who=f"{room}/bob", text="in private after the tick")
    bob.wait_received("in private after the tick", mark)
    finish(alice, bob)


def test_ticked_where_the_contact_passes_for_a_room(workspace: Workspace) -> None:
    """While nobody watched libpurple has joined him, and the server has answered as a room."""
    server, alice, bob = scene(workspace)
    alice.unload()
    mark = alice.mark()
    alice.command("join", room=BOB)
    server.quiet(A)
    server.deliver(A, f"<presence from='{BOB}/alice' to='{A}'><x xmlns='{MUC}#user'><item affiliation='member' role='participant'/>"
                      "<status code='110'/></x></presence>")
    alice.wait_for("conversation-created", since=mark, who=BOB)
    marks = alice.mark(), server.mark()
    alice.load()
    alice.command("say", room=BOB, text="words for a room that is none")
    alice.open(BOB)
    alice.wait_line(NOW_VERIFIED, marks[0])
    mark = alice.mark()
    server.deliver(A, f"<presence from='{BOB}/alice' to='{A}' type='unavailable'/>")
    stays_a_contact(alice, bob, mark)
    alice.command("say", room=BOB, text="words for a room that is none")
    assert len(alice.seen("notify", marks[0], primary=lambda text: "no room has answered" in text)) == 2
    alice.send(BOB, "words for Bob alone")
    bob.wait_received("words for Bob alone")
    nobody_reads(server, "words for a room that is none", "words for Bob alone", since=marks[1])
    finish(alice, bob)


def test_room_with_a_private_window_over_a_reconnect(workspace: Workspace) -> None:
    server, alice, bob, room = in_a_room(workspace)
    alice.open(f"{room}/bob")
    alice.command("send", who=f"{room}/bob", text="in private before")
    bob.wait_received("in private before")
    alice.command("disconnect")
    alice.wait_for("signed-off")
    marks = alice.mark(), bob.mark()
    alice.login()
    alice.command("join", room=room)
    server.quiet(A, B)
    assert not alice.seen("notify", marks[0])
    alice.command("say", room=room, text="said afterwards")
    bob.wait_received("said afterwards", marks[1])
    alice.command("send", who=f"{room}/bob", text="in private afterwards")
    bob.wait_received("in private afterwards", marks[1])
    finish(alice, bob)


def test_room_with_a_private_window_that_is_joined_again(workspace: Workspace) -> None:
    """Its own window is closed by then."""
    server, alice, bob, room = in_a_room(workspace)
    alice.open(f"{room}/bob")
    alice.command("send", who=f"{room}/bob", text="in private before")
    bob.wait_received("in private before")
    alice.command("close", who=room)
    alice.command("disconnect")
    alice.wait_for("signed-off")
    marks = alice.mark(), bob.mark()
    alice.login()
    server.quiet(A)
    alice.command("join", room=room)
    alice.wait_for("conversation-created", since=marks[0], who=room)
    server.quiet(A, B)
    assert not alice.seen("notify", marks[0])
    alice.command("send", who=f"{room}/bob", text="in private afterwards")
    bob.wait_received("in private afterwards", marks[1])
    finish(alice, bob)


def test_room_in_the_buddy_list(workspace: Workspace) -> None:
    """The server has put it there: it stays a room, to talk in and in private."""
    server, alice, bob, room = in_a_room(workspace)
    push(server, room, "Bob")
    server.settle(A)
    marks = alice.mark(), bob.mark()
    bob.send(f"{room}/alice", "in private")
    alice.wait_received("in private", marks[0])
    alice.command("say", room=room, text="for all")
    bob.wait_received("for all", marks[1])
    alice.command("send", who=f"{room}/bob", text="in private as well")
    bob.wait_received("in private as well", marks[1])
    assert not alice.seen("notify", marks[0])
    finish(alice, bob)


# Beside other plugins

def second(client: Client) -> None:
    client.command("load", plugin=str(built("tests/e2e/second-plugin.so")))


def test_plugin_that_changes_what_is_sent(workspace: Workspace) -> None:
    """Once, whether the text waits or not, and whichever plugin was there first."""
    server = Liar(workspace)
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server, plugin=False)
    second(alice)
    second(bob)
    bob.load()
    meet(alice, bob)
    alice.send(BOB, "typed too early")
    bob.wait_received("typed too early" + SIGNATURE)
    alice.send(BOB, "in good time")
    bob.wait_received("in good time" + SIGNATURE)
    assert bob.received() == ["typed too early" + SIGNATURE, "in good time" + SIGNATURE]
    marks = alice.mark(), bob.mark()
    bob.ask(ALICE, "end")
    held = Held(server, lambda s: s.way == "received" and s.client == B and is_negotiation(s))
    bob.ask(ALICE, "start")
    bob.send(ALICE, "typed too early as well")
    held.wait()
    held.release()
    alice.wait_received("typed too early as well" + SIGNATURE, marks[0])
    assert alice.received(marks[0]) == ["typed too early as well" + SIGNATURE]
    nobody_reads(server, "typed too early", "in good time", "typed too early as well")
    finish(alice, bob)


def test_text_that_a_plugin_has_emptied(workspace: Workspace) -> None:
    """It was not sent; what goes to others meanwhile is."""
    server, alice, bob = scene(workspace)
    carol = Client(workspace, "carol", server, plugin=False)
    carol.login()
    second(alice)
    alice.open(CAROL)
    alice.send(BOB, "please swallow it")
    for text in "first for Carol", "second for Carol":
        alice.command("serv-send-im", who=CAROL, text=text)
        carol.wait_received(text)
    assert "please swallow it" not in " ".join(bob.received())
    finish(alice, bob, carol)


def test_text_that_was_swallowed_is_not_confirmed(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace, verified=False)
    second(bob)
    alice.send(BOB, "this one is shown")
    bob.wait_received("this one is shown")
    alice.send(BOB, "please swallow it")
    server.quiet(A, B)
    assert bob.received() == ["this one is shown"]
    mark = alice.mark()
    alice.ask(BOB, "end")
    alice.wait_line("please swallow it", mark)
    assert not [line for line in alice.lines(mark) if "this one is shown" in line]
    finish(alice, bob)


def beside_otr(workspace: Workspace, name: str, prosody: Liar, who: str) -> Pidgin:
    """A Pidgin with both plugins ticked."""
    plugins = built("src/purple/esession.so"), built("src/pidgin/pidgin-esession.so"), Path("/usr/lib/pidgin/pidgin-otr.so")
    return Pidgin(workspace, name, prosody, buddies=(who,), plugins=plugins,
                  loaded=["pidgin-esession.so", "pidgin-otr.so"])


def test_pidgin_otr(workspace: Workspace) -> None:
    """It begins nothing of its own in what is encrypted, and what was written outlives a program that is killed."""
    server = Liar(workspace)
    alice, bob = beside_otr(workspace, "alice", server, BOB), beside_otr(workspace, "bob", server, ALICE)

    def shown(pidgin: Pidgin, who: str) -> list[str]:
        """What people said."""
        return [plain(text).rstrip() for _, text, flags in pidgin.history(who) if flags & 3]

    alice.send(BOB, "from Alice")
    wait_until(lambda: shown(bob, ALICE) == ["from Alice"], "what Alice wrote")
    bob.send(ALICE, "from Bob")
    wait_until(lambda: shown(alice, BOB) == ["from Alice", "from Bob"], "what Bob wrote")
    bob.kill()
    wait_until(lambda: any("interrupted" in text for _, text, _ in alice.history(BOB)), "end of Bob")
    alice.send(BOB, "while Bob is away")
    bob.start()
    wait_until(lambda: shown(bob, ALICE) == ["while Bob is away"], "what waited", 30)
    alice.send(BOB, "and when he is back")
    wait_until(lambda: shown(bob, ALICE) == ["while Bob is away", "and when he is back"], "what came last")
    assert not any("?OTR" in s.xml for s in server.stanzas())  # three letters may stand in Base64 by chance
    assert not [text for _, text, _ in alice.history(BOB) + bob.history(ALICE) if "private" in text or "nreadable" in text]
    nobody_reads(server, "from Alice", "from Bob", "while Bob is away", "and when he is back")
    alice.quit()
    bob.quit()


UPLOADED = "https://upload.localhost/place"
PAST = "The file was not sent because it would have gone a way that is not encrypted."


def uploads(server: Liar) -> None:
    """There is a place for everything, if anybody asks."""
    def rule(stanza: Any) -> bool:
        if stanza.way != "received" or "urn:xmpp:http:upload:0" not in stanza.xml:
            return False
        server.deliver(stanza.client, f"<iq type='result' id='{attribute(stanza, 'id')}' from='upload.localhost' "
                                      f"to='{stanza.client}'/>")
        return True
    server.rule(rule)


def test_plugin_that_uploads_files(workspace: Workspace) -> None:
    """What is for Bob goes encrypted, on libpurple's own way; to whom nothing is encrypted it goes as the plugin likes."""
    server, alice, bob = scene(workspace)
    carol = Client(workspace, "carol", server, plugin=False)
    carol.login()
    uploads(server)
    second(alice)
    path = make_file(workspace, 1000)
    mark = server.mark()
    transfer(alice, bob, path, workspace.path / "arrived")
    nobody_reads(server, path.name, UPLOADED, since=mark)

    # By the plugin's own command it cannot be.
    alice.open(BOB)
    marks = alice.mark(), server.mark()
    alice.command("slash", who=BOB, line=f"upload {path}")
    alice.wait_line(PAST, marks[0])
    alice.wait_for("file-send-cancel", since=marks[0])
    server.quiet(A, B)
    nobody_reads(server, path.name, UPLOADED, since=marks[1])
    assert alice.state(BOB) == VERIFIED

    alice.open(CAROL)
    wait_until(lambda: tells(alice, CAROL, "status", "does not offer"), "answer")
    for send in (lambda: alice.command("send-file", who=f"{CAROL}/test", path=str(path)),
                 lambda: alice.command("slash", who=CAROL, line=f"upload {path}")):
        marks = carol.mark(), server.mark()
        send()
        carol.wait_received(UPLOADED + SIGNATURE, marks[0])
        assert in_the_clear(server, path.name, since=marks[1]) == {path.name: {"received alice"}}
    server.ruled()
    finish(alice, bob, carol)


def test_plugin_that_uploaded_files_before_us(workspace: Workspace) -> None:
    """As soon as we are there what is encrypted goes encrypted."""
    server = Liar(workspace)
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server, plugin=False)
    second(bob)
    bob.load()
    meet(alice, bob)
    uploads(server)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    path = make_file(workspace, 1000)
    transfer(bob, alice, path, workspace.path / "arrived")
    nobody_reads(server, path.name, UPLOADED)

    # The way that was there before us is there again afterwards.
    bob.unload()
    mark = server.mark()
    bob.command("send-file", who=A, path=str(path))
    wait_until(lambda: in_the_clear(server, path.name, since=mark), "upload")
    server.ruled()
    finish(alice, bob)


# People

def test_blocked_contact_meets_silence(workspace: Workspace) -> None:
    server, alice, bob = scene(workspace)
    alice.command("block", who=CAROL)
    carol = Client(workspace, "carol", server)
    carol.login()
    carol.wait_for("buddy-signed-on", who=ALICE)
    marks = alice.mark(), carol.mark(), server.mark()
    carol.open(ALICE)
    carol.send(ALICE, "are you there?")
    wait_until(lambda: any(is_negotiation(s, "form") for s in server.stanzas("received", f"{CAROL}/test", marks[2])),
               "request of Carol's")
    server.quiet(A, f"{CAROL}/test")
    said = [s.xml for s in messages(server.stanzas("received", A, marks[2])) if bare(attribute(s, "to")) == CAROL]
    assert not said, said
    assert not believes(carol, marks[1]) and not alice.seen("displayed", marks[0]) and alice.devices() == [(BOB, True)]
    finish(alice, bob, carol)


def test_blocked_in_an_encrypted_conversation(workspace: Workspace) -> None:
    """He is told that it is over before the server lets nothing more through."""
    server = Liar(workspace, modules=["blocklist"])
    alice, bob = Client(workspace, "alice", server), Client(workspace, "bob", server)
    meet(alice, bob)
    talk(alice, bob)
    server.quiet(A, B)
    marks = bob.mark(), server.mark()
    alice.command("block", who=BOB)
    bob.wait_line(THEY_LEFT, marks[0])
    wait_until(lambda: bob.state(ALICE) == ENDED, "the end")
    server.quiet(A, B)
    sent = [s.xml for s in server.stanzas("received", A, marks[1])]
    places = [next(i for i, xml in enumerate(sent) if words in xml) for words in (NS_CRYPT, "urn:xmpp:blocking")]
    assert places == sorted(places), sent
    assert alice.state(BOB) == ENDED
    bob.send(ALICE, "are you still there?")
    server.quiet(A, B)
    nobody_reads(server, "are you still there?")
    finish(alice, bob)


def test_blocked_contact_is_nowhere_to_be_seen(workspace: Workspace) -> None:
    """The server lets everything through, and has more to say in his name."""
    server, alice, bob = scene(workspace)
    alice.command("block", who=BOB)
    bob.wait_line(THEY_LEFT)
    server.quiet(A, B)
    mark = alice.mark()
    for inside in ("<body>trust me</body>", "<gone xmlns='http://jabber.org/protocol/chatstates'/>",
                   "<composing xmlns='http://jabber.org/protocol/chatstates'/>", "<attention xmlns='urn:xmpp:attention:0'/>",
                   "<subject>trust me</subject><body>trust me</body>", "<body>trust me</body><error type='cancel' code='503'/>",
                   "<x xmlns='jabber:x:conference' jid='trust@localhost'/>"):
        for kind in "chat", "normal", "headline", "error", "groupchat":
            server.deliver(A, f"<message from='{B}' to='{A}' type='{kind}'>{inside}</message>")
    for kind in "subscribe", "unsubscribed", "error":
        server.deliver(A, f"<presence from='{BOB}' to='{A}' type='{kind}'><status>trust me</status></presence>")
    for xml in offers(B).values():
        server.deliver(A, xml)
    server.settle(A)
    seen = [event for name in ("displayed", "notify", "request", "conversation-created", "typing", "authorized")
            for event in alice.seen(name, mark)]
    assert not seen, seen
    finish(alice, bob)


def test_person_with_two_addresses(workspace: Workspace) -> None:
    """One window for both: when the other one speaks up, what was typed for Bob does not go to Carol."""
    server = Liar(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    bob, carol = Client(workspace, "bob", server), Client(workspace, "carol", server, plugin=False)
    for client in bob, carol:
        client.login()
    alice = MergedAlice(workspace, server, buddies=(BOB, CAROL))
    for client in bob, carol:
        client.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open(title="Bob|Carol")
    alice.wait_shown("now encrypted")
    bob.open(ALICE)
    bob.send(ALICE, "hello from the true one")
    alice.wait_shown("hello from the true one")
    alice.focus(window)
    alice.type("for Bob and nobody else")
    carol.send(ALICE, "it is me")
    wait_until(lambda: any("it is me" in line for line in alice.shown(CAROL)), "Carol's words")
    lines = len(alice.shown(BOB)) + len(alice.shown(CAROL))
    alice.focus(alice.wait_window("Bob|Carol"))
    alice.key("Return")
    wait_until(lambda: len(alice.shown(BOB)) + len(alice.shown(CAROL)) > lines, "what became of it")
    server.settle(f"{ALICE}/pidgin")
    nobody_reads(server, "for Bob and nobody else")
    assert not [text for text in carol.received() if "for Bob" in text]
    alice.leave()
    finish(bob, carol)


def test_name_of_somebody_else_in_the_title(workspace: Workspace) -> None:
    """The server swaps two names: in the window that now bears Carol's stands that it is Bob's."""
    server = Liar(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    bob = Client(workspace, "bob", server)
    bob.login()
    alice = Alice(workspace, server, buddies=(BOB, CAROL))
    bob.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open(title="^Bob")
    alice.wait_shown("now encrypted")
    bob.open(ALICE)
    server.settle(f"{ALICE}/pidgin")
    alice.focus(window)
    alice.type("/esession verify " + bob.code(ALICE))
    alice.key("Return")
    alice.wait_shown("You have verified the other device")
    assert not [line for line in alice.shown() if "This conversation is with" in line]
    call(server, BOB, "Carol", client=f"{ALICE}/pidgin")
    call(server, CAROL, "Bob", client=f"{ALICE}/pidgin")
    alice.wait_window("^Carol")
    alice.wait_shown(CALLS.format(BOB, "Carol"))
    alice.leave()
    finish(bob)


class MergedAlice(Alice):
    """Bob and Carol are one person in her list."""

    def _preset(self, buddies: Any, *rest: Any) -> None:
        super()._preset(buddies, *rest)
        merged = blist(self.jid, buddies).replace("</contact><contact>", "")
        (self.path / "blist.xml").write_text(merged)


POUNCES = """<?xml version='1.0' encoding='UTF-8'?>
<pounces version='1.0'><pounce ui='gtk-gaim'>
<account protocol='prpl-jabber'>{}</account><pouncee>{}</pouncee><options/><events><event type='message-received'/></events>
<actions><action type='send-message'><param name='message'>{}</param></action></actions><saved/>
</pounce></pounces>
"""


class Pouncing(Alice):
    """What she has the program say when Bob writes."""

    def _preset(self, *rest: Any) -> None:
        super()._preset(*rest)
        (self.path / "pounces.xml").write_text(POUNCES.format(self.jid, BOB, "you have written"))


def test_buddy_pounce(workspace: Workspace) -> None:
    """It is shown before it is sent, encrypted, and nobody is told anything else."""
    server = Liar(workspace)
    bob, alice = Client(workspace, "bob", server), Pouncing(workspace, server)
    bob.login()
    alice.open(title="bob|Bob")
    alice.send(BOB, "hello")
    bob.wait_received("hello")
    bob.send(ALICE, "an answer")
    bob.wait_received("you have written")
    alice.wait_shown("you have written")
    assert not any("not encrypted" in line for line in alice.shown()[alice.shown().index("hello"):])
    nobody_reads(server, "you have written")
    alice.leave()
    finish(bob)


# Two accounts of one program

def side(client: Client, account: str, since: int = 0) -> list[str]:
    """What was said in the window of one account, and who the contact was."""
    return [plain(event["text"]) for event in client.seen("displayed", since, account=account)]


def wait_side(client: Client, account: str, text: str, since: int = 0) -> str:
    event = client.wait_for("displayed", since=since, account=account, text=lambda line: text in plain(line))
    return plain(event["text"])


def slash(client: Client, account: str, who: str, line: str) -> None:
    client.command("slash", account=account, who=who, line=f"esession {line}")


def two_online(client: Client) -> int:
    mark = client.mark()
    for user in "alice", "bob":
        client.login(user=user)
    for account, who in (A, BOB), (B, ALICE):
        client.wait_for("buddy-signed-on", since=mark, account=account, who=who)
    return mark


def test_two_accounts_of_one_program(workspace: Workspace) -> None:
    """They talk to each other as any two do: encrypted, verified, and so again the next time."""
    server = Liar(workspace)
    both = Client(workspace, "alice", server)
    two_online(both)
    both.command("open", account=A, who=BOB)
    both.command("send", account=A, who=BOB, text="from one to the other")
    wait_side(both, A, NOW_ENCRYPTED)
    wait_side(both, B, "from one to the other")
    both.command("send", account=B, who=ALICE, text="and back")
    wait_side(both, A, "and back")
    assert side(both, B).count("from one to the other") == 1 and side(both, A).count("and back") == 1

    # Each has its own window, and its own code to type.
    for account, who in (A, BOB), (B, ALICE):
        mark = both.mark()
        slash(both, account, who, "code")
        window = both.wait_for("request", since=mark, title=CODE)
        code = re.search("^ +([a-z0-9]{3} [a-z0-9]{3})$", window["secondary"], re.MULTILINE)[1]
        both.command("answer", request=window["request"], button=window["buttons"].index("Later"))
        slash(both, account, who, f"verify {code}")
        wait_side(both, account, YOU_VERIFIED, mark)
    finish(both)

    both = Client(workspace, "alice", server)
    two_online(both)
    for account, who in (A, BOB), (B, ALICE):
        both.command("open", account=account, who=who)
    wait_side(both, B, NOW_VERIFIED)
    both.command("send", account=B, who=ALICE, text="the next day")
    wait_side(both, A, "the next day")
    wait_side(both, A, NOW_VERIFIED)
    both.command("send", account=A, who=BOB, text="that day, too")
    wait_side(both, B, "that day, too")

    # One of them goes and comes back.
    mark = both.mark()
    both.command("disconnect", account=A)
    both.wait_for("signed-off", since=mark, account=A)
    both.login()
    both.wait_for("buddy-signed-on", since=mark, account=B, who=ALICE)
    both.command("send", account=A, who=BOB, text="back again")
    wait_side(both, B, "back again", mark)
    nobody_reads(server, "from one to the other", "and back", "the next day", "that day, too", "back again")
    assert not any("not encrypted" in line for account in (A, B) for line in side(both, account))
    finish(both)


def test_stranger_asks_two_accounts_of_one_program(workspace: Workspace) -> None:
    """Each question says which of them is meant."""
    server = Liar(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    (workspace.folder("purple-alice") / "prefs.xml").write_text(preferences({"/plugins/core/esession/starters": 1}))
    both = Client(workspace, "alice", server)
    two_online(both)
    both.command("open", account=A, who=BOB)
    wait_side(both, A, NOW_ENCRYPTED)
    made = request(server, A).xml
    mark = both.mark()
    for account, bare_account in (A, ALICE), (B, BOB):
        server.deliver(account, between(changed(fresh(made), from_="eve@localhost/x", to=account), "eve@localhost", bare_account))
    for account, bare_account in (A, ALICE), (B, BOB):
        asked = both.wait_for("request", since=mark, account=account, primary=lambda text: "eve@localhost" in plain(text))
        assert f"on your account \u2068{bare_account}\u2069" in plain(asked["primary"]), asked
    finish(both)


def test_file_between_two_accounts_of_one_program(workspace: Workspace) -> None:
    """libpurple cannot bring it there by the way that is encrypted: it is refused at once, and unencrypted it arrives."""
    both = Client(workspace, "alice", Liar(workspace))
    two_online(both)
    both.command("open", account=A, who=BOB)
    both.command("send", account=A, who=BOB, text="from one to the other")
    wait_side(both, B, "from one to the other")
    path, mark = make_file(workspace, 20_000), both.mark()
    both.command("send-file", account=A, who=B, path=str(path))
    both.wait_for("file-send-cancel", since=mark, account=A)
    wait_side(both, A, "The file was not sent because files cannot be sent encrypted between two accounts", mark)
    both.command("send", account=A, who=BOB, text="and that was all")
    wait_side(both, B, "and that was all", mark)
    assert not both.seen("request", mark, account=B)
    for account, who in (A, BOB), (B, ALICE):
        slash(both, account, who, "policy never")
        slash(both, account, who, "end")
    mark = both.mark()
    both.command("send-file", account=A, who=B, path=str(path))
    for kind, value in ("action", None), ("file", str(workspace.path / "arrived")):
        request = both.wait_for("request", since=mark, account=B, type=kind)
        both.command("answer", request=request["request"], button=0, value=value)
    both.wait_for("file-recv-complete", 60, mark)
    wait_same(path, workspace.path / "arrived")
    finish(both)


if __name__ == "__main__":
    harness.main(globals())
