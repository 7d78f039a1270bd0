#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted conversations between libpurple clients over a real server, and what that server can read of them."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Callable

import harness
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, ENDED, NOT_ENCRYPTED, NOW_ENCRYPTED, NOW_VERIFIED, NS_CRYPT,
                       NS_ERRORS, NS_FEATURE, PLAIN, REFUSED, THEY_ENDED, VERIFIED, WAITS, YOU_VERIFIED, Client,
                       encrypted_pair, finish, flush, meet, messages, of, only_encrypted, pair, plain, readers, talk,
                       verify)
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
    record = wait_for_record(prosody, mark, 4 * len(TEXTS))
    assert {name: readers(record, text) for name, text in TEXTS.items()} == {name: set() for name in TEXTS}
    only_encrypted(prosody.stanzas())

    # The same texts without the plugin are found by the same search.
    alice.unload()
    bob.unload()
    mark = prosody.mark()
    exchange(alice, bob)
    record = wait_for_record(prosody, mark, 4 * len(TEXTS))
    everywhere = {f"{way} {who}" for way in ("received", "sent") for who in ("alice", "bob")}
    assert {name: readers(record, text) for name, text in TEXTS.items()} == {name: everywhere for name in TEXTS}
    finish(alice, bob)


def wait_for_record(prosody: Prosody, since: int, count: int) -> list:
    """Each message is recorded as it comes and as it goes."""
    wait_until(lambda: len(messages(prosody.stanzas(since=since))) >= count, f"record of {count} messages")
    return prosody.stanzas(since=since)



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
    assert alice.lines() == [WAITS] and not alice.seen("displayed", flags="SEND")
    bob.wait_received(texts[-1])
    assert bob.received() == texts
    assert [plain(event["text"]) for event in alice.seen("displayed", flags="SEND")] == texts
    assert not any(readers(prosody.stanzas(), text) for text in texts)
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


# Verification

def test_verifying_by_command(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    code = alice.code(BOB)
    assert code == bob.code(ALICE) and not readers(prosody.stanzas(), code.replace(" ", ""))
    wrong = "".join("b" if c == "a" else "a" for c in code)
    for typed in wrong, code[:3], code + "a", "a" * 5000:
        assert "not the code shown here" in alice.ask(BOB, f"verify {typed}")[0], typed
    assert "Type /esession verify and the code" in alice.ask(BOB, "verify")[0]
    assert alice.state(BOB) == ENCRYPTED and alice.devices() == [(BOB, False)]

    assert YOU_VERIFIED in alice.ask(BOB, f"verify {code}")[0]
    assert alice.state(BOB) == VERIFIED and alice.devices() == [(BOB, True)]
    assert bob.state(ALICE) == ENCRYPTED and bob.devices() == [(ALICE, False)]
    typed = code.replace(" ", "-").upper()
    assert YOU_VERIFIED in bob.ask(ALICE, f"verify {typed}")[0]
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
    assert "cannot be started" in alice.ask(BOB, "start")[0]
    alice.send(BOB, "still in the clear")
    bob.wait_received("still in the clear")
    check_nothing_strange(prosody.stanzas("sent", BOB, since=record))
    assert readers(prosody.stanzas(), "one more") == {"received alice", "sent bob"}
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


def test_contact_who_is_offline(workspace: Workspace) -> None:
    """As before, too: the server keeps it."""
    prosody, alice, bob = pair(workspace)
    finish(bob)
    alice.wait_for("buddy-signed-off", who=BOB)
    alice.send(BOB, "for later")
    alice.wait_for("displayed", flags="SEND")
    assert alice.state(BOB) == PLAIN
    bob = Client(workspace, "bob", prosody)
    bob.login()
    bob.wait_received("for later")
    finish(alice, bob)


def test_one_side_unloads_the_plugin(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace)
    mark = alice.mark()
    bob.unload()
    alice.wait_line(THEY_ENDED, mark)
    assert alice.state(BOB) == ENDED
    check_refused(prosody, alice)
    flush(alice)
    flush(bob)
    only_encrypted(prosody.stanzas())
    assert not bob.received()

    # What Bob says in the clear is marked by nothing but the state; Alice may choose to answer likewise.
    bob.send(ALICE, "mine is gone")
    alice.wait_received("mine is gone")
    assert "What you write now is not encrypted." in alice.ask(BOB, "end")[0]
    alice.send(BOB, "then so be it")
    bob.wait_received("then so be it")
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
    assert "You have ended the encrypted conversation" in alice.ask(BOB, "end")[0]
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
    assert "someone may be listening in" in alice.ask(BOB, "differ")[0]
    bob.wait_line(THEY_ENDED, mark)
    assert alice.state(BOB) == bob.state(ALICE) == ENDED
    assert alice.devices() == []
    check_refused(prosody, alice)
    only_encrypted(prosody.stanzas())
    finish(alice, bob)



# Bad input

def carol(workspace: Workspace, prosody: Prosody) -> Client:
    """A contact whose client does not have the plugin, and sends whatever it is told."""
    client = Client(workspace, "carol", prosody, plugin=False)
    client.login()
    client.wait_for("buddy-signed-on", who=ALICE)
    return client


EVERYBODY = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}


def replace_field(form: str, name: str, new: str) -> str:
    changed, count = re.subn(f"<field [^>]*var='{name}'.*?</field>", new, form)
    assert count == 1, name
    return changed


# What is wrong with message 1, and the condition of the error that it gets.
BAD_REQUESTS: dict[str, tuple[Callable[[str], str], str]] = {
    "unknown cipher": (lambda form: replace_field(
        form, "crypt_algs", "<field var='crypt_algs' type='list-single'><option><value>rot13</value></option></field>"),
        "not-acceptable"),
    "no nonce": (lambda form: replace_field(form, "my_nonce", ""), "bad-request"),
    "bad Base64": (lambda form: replace_field(
        form, "my_nonce", "<field var='my_nonce' type='hidden'><value>!!!!</value></field>"), "bad-request"),
    "field twice": (lambda form: form.replace(
        "</x>", "<field var='my_nonce' type='hidden'><value>AAAAAAAAAAAAAAAA</value></field></x>"), "bad-request"),
    "too many fields": (lambda form: form.replace(
        "</x>", "".join(f"<field var='f{n}'><value>1</value></field>" for n in range(70)) + "</x>"),
        "resource-constraint"),
}


def error_answer(prosody: Prosody, thread: str) -> ET.Element:
    """The error that came back to Carol on a thread."""
    def answer() -> ET.Element | None:
        elements = (stanza.element() for stanza in messages(prosody.stanzas("sent", CAROL)))
        return next((e for e in elements if e.findtext("{jabber:client}thread") == thread), None)
    element = wait_until(answer, f"answer on {thread}")
    assert element.get("type") == "error" and element.get("from") == f"{ALICE}/test", ET.tostring(element)
    return element


def condition(element: ET.Element) -> str:
    names = [child.tag.removeprefix(f"{{{NS_ERRORS}}}") for child in element.find("{jabber:client}error")]
    return names[0]


def test_bad_requests_over_the_wire(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace, users=EVERYBODY)
    eve = carol(workspace, prosody)
    feature = next(m[0] for s in messages(prosody.stanzas("received", ALICE))
                   if (m := re.search("<feature .*</feature>", s.xml)))
    for name, (change, wanted) in BAD_REQUESTS.items():
        thread = f"thread of {name}"
        eve.command("send-stanza", xml=f"<message to='{ALICE}/test'><thread>{thread}</thread>{change(feature)}</message>")
        element = error_answer(prosody, thread)
        assert condition(element) == wanted, (name, ET.tostring(element))
        assert (name != "unknown cipher") or element.find(f".//{{{NS_FEATURE}}}field").get("var") == "crypt_algs"

    # Carol sees none of it, Alice is told, and is where she was with Bob.
    eve.open(ALICE)
    alice.open(CAROL)
    assert not eve.lines() and not eve.received() and not eve.seen("notify")
    assert alice.state(BOB) == ENCRYPTED
    alice.send(BOB, "nothing has happened")
    bob.wait_received("nothing has happened")
    finish(alice, bob, eve)


def test_encrypted_stanzas_of_no_session(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace, users=EVERYBODY)
    eve = carol(workspace, prosody)
    alice.send(BOB, "sent once")
    bob.wait_received("sent once")
    real = next(s.xml for s in prosody.stanzas("received", ALICE) if "<data>" in s.xml)
    thread, c = re.search("<thread>(.*)</thread>(<c .*</c>)", real).groups()
    for name, its_thread, content in (
            ("invented", "a thread of mine", f"<c xmlns='{NS_CRYPT}'><data>AAAA</data><mac>AAAA</mac></c>"),
            ("empty", "nothing in it", f"<c xmlns='{NS_CRYPT}'/>"),
            ("copied", thread, c)):
        eve.command("send-stanza", xml=f"<message to='{ALICE}/test' type='chat'><thread>{its_thread}</thread>"
                                       f"<body>fallback, {name}</body>{content}</message>")
        assert condition(error_answer(prosody, its_thread)) == "not-acceptable", name
    eve.command("send-stanza", xml=f"<message to='{ALICE}/test' type='chat'><body>from Carol</body></message>")
    alice.wait_received("from Carol")
    assert alice.received() == ["from Carol"]
    assert alice.state(BOB) == bob.state(ALICE) == ENCRYPTED
    alice.send(BOB, "still in step")
    bob.wait_received("still in step")
    assert bob.received() == ["sent once", "still in step"]
    finish(alice, bob, eve)


def test_plain_message_during_a_session(workspace: Workspace) -> None:
    """From another device of Bob's; a server could write one just so."""
    prosody, alice, bob = encrypted_pair(workspace)
    other = Client(workspace, "other", prosody, plugin=False)
    other.login(user="bob", resource="other")
    mark = alice.mark()
    other.command("send-stanza", xml=f"<message to='{ALICE}/test' type='chat'><body>trust me</body></message>")
    alice.wait_received("trust me", mark)
    shown = [plain(event["text"]) for event in alice.seen("displayed", mark)]
    assert len(shown) == 2 and NOT_ENCRYPTED in shown[0] and shown[1] == "trust me", shown
    mark = alice.mark()
    bob.send(ALICE, "this is me")
    alice.wait_received("this is me", mark)
    assert alice.lines(mark) == [] and alice.state(BOB) == ENCRYPTED
    finish(alice, bob, other)


# The list of remembered devices

def without_privileges() -> list[str]:
    """What to run a program under so that file modes hold for it even if we are root."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def check_nothing_leaves(prosody: Prosody, alice: Client, sentence: str) -> None:
    """Alice's store cannot be used: she is told once, and nothing that she writes leaves."""
    before = alice.store().read_bytes()
    alice.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    record = prosody.mark()
    alice.open(BOB)
    alice.wait_line(sentence)
    alice.send(BOB, "never in the clear")
    alice.command("serv-send-im", who=BOB, text="nor automatically", auto=True)
    wait_until(lambda: alice.state(BOB) == ENDED, "end of the attempt")
    assert not alice.seen("displayed", flags="SEND")
    flush(alice)
    for text in "never in the clear", "nor automatically":
        assert not readers(prosody.stanzas(since=record), text)
    assert alice.store().read_bytes() == before
    assert len([line for line in alice.lines() if sentence in line]) == 1, alice.lines()


def stored(workspace: Workspace) -> tuple[Prosody, Client, Client]:
    """Alice and Bob have talked before; Alice is not online now."""
    prosody, alice, bob = encrypted_pair(workspace)
    finish(alice)
    return prosody, alice, bob


def test_damaged_store(workspace: Workspace) -> None:
    prosody, alice, bob = stored(workspace)
    octets = bytearray(alice.store().read_bytes())
    octets[100:] = b"garbage " * (len(octets[100:]) // 8)
    alice.store().write_bytes(octets)
    alice = Client(workspace, "alice", prosody)
    check_nothing_leaves(prosody, alice, "is damaged")
    finish(alice, bob)
    assert alice.store().read_bytes() == octets


def test_file_that_is_no_store(workspace: Workspace) -> None:
    prosody, alice, bob = stored(workspace)
    alice.store().write_text("the user's own notes\n")
    alice = Client(workspace, "alice", prosody)
    check_nothing_leaves(prosody, alice, "is damaged")
    finish(alice, bob)
    assert alice.store().read_text() == "the user's own notes\n"


def test_read_only_store(workspace: Workspace) -> None:
    prosody, alice, bob = stored(workspace)
    alice.store().chmod(0o400)
    alice = Client(workspace, "alice", prosody, prefix=without_privileges())
    check_nothing_leaves(prosody, alice, "may not be written to")
    finish(alice, bob)


# A process of its own: reading the file would end a lock of ours.
LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_locked_store(workspace: Workspace) -> None:
    prosody, alice, bob = stored(workspace)
    lock = workspace.spawn([sys.executable, "-c", LOCK, alice.store()], workspace.path / "lock.log",
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert lock.stdout.readline() == b"locked\n"
    alice = Client(workspace, "alice", prosody)
    check_nothing_leaves(prosody, alice, "another program is using")
    lock.communicate()

    # It works again without a restart.
    mark = alice.mark()
    alice.ask(BOB, "start")
    alice.wait_line(NOW_ENCRYPTED, mark)
    alice.send(BOB, "now it goes")
    bob.wait_received("now it goes")
    assert not readers(prosody.stanzas(), "never in the clear")
    finish(alice, bob)


# Loading and unloading

def resident(client: Client) -> int:
    """KiB of memory."""
    status = Path(f"/proc/{client.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+)", status)[1])


def reload(alice: Client, bob: Client) -> list[str]:
    """Unloads the plugin and loads it again in the middle of a conversation; the lines that Alice sees."""
    marks = alice.mark(), bob.mark()
    alice.unload()
    bob.wait_line(THEY_ENDED, marks[1])
    alice.load()
    alice.wait_line(NOW_ENCRYPTED, marks[0])
    return alice.lines(marks[0])


def test_loaded_and_unloaded_a_hundred_times(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace, users=EVERYBODY)
    eve = carol(workspace, prosody)
    eve.send(ALICE, "a conversation in the clear")
    alice.wait_received("a conversation in the clear")
    sizes = {}
    for number in range(1, 101):
        lines = reload(alice, bob)
        assert len(lines) == 1, (number, lines)
        if number in (20, 100):
            sizes[number] = resident(alice)
    print(f"# {sizes[20]} KiB after 20 times, {sizes[100]} KiB after 100", flush=True)
    assert sizes[100] - sizes[20] < 1024, sizes

    mark, record = bob.mark(), prosody.mark()
    alice.send(BOB, "once, and encrypted")
    bob.wait_received("once, and encrypted")
    bob.send(ALICE, "likewise")
    alice.wait_received("likewise")
    flush(bob)
    assert bob.received(mark) == ["once, and encrypted"]
    sent = messages(prosody.stanzas("received", since=record))
    assert len(sent) == 2, sent
    only_encrypted(prosody.stanzas(since=record))
    finish(alice, bob, eve)


def valgrind_findings(path: Path) -> list[str]:
    """Errors and certain leaks with our code on the way to them."""
    found = []
    for error in ET.parse(path).iter("error"):
        frames = [(frame.findtext("fn", "?"), frame.findtext("obj", "?")) for frame in error.iter("frame")]
        if any(fn.startswith("es_") or "esession" in obj for fn, obj in frames):
            found.append(f"{error.findtext('kind')}: " + " < ".join(fn for fn, obj in frames))
    return found


def test_under_valgrind(workspace: Workspace) -> None:
    log = workspace.path / "valgrind.xml"
    prosody = Prosody(workspace)
    prefix = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--keep-debuginfo=yes", "--num-callers=50",
              "--child-silent-after-fork=yes", "--xml=yes", f"--xml-file={log}"]
    alice = Client(workspace, "alice", prosody, prefix=prefix, env={"G_SLICE": "always-malloc"})
    bob = Client(workspace, "bob", prosody)
    meet(alice, bob)
    alice.send(BOB, "typed at once")
    bob.wait_received("typed at once", timeout=30)
    bob.open(ALICE)
    bob.send(ALICE, "an <b>answer</b>")
    alice.wait_received("an <b>answer</b>", timeout=30)
    verify(alice, bob)
    reload_and_end(alice, bob)
    finish(alice, bob)
    findings = valgrind_findings(log)
    assert not findings, "\n".join(findings)


def reload_and_end(alice: Client, bob: Client) -> None:
    marks = alice.mark(), bob.mark()
    alice.unload()
    bob.wait_line(THEY_ENDED, marks[1], timeout=30)
    alice.load()
    alice.wait_line(NOW_VERIFIED, marks[0], timeout=30)
    alice.ask(BOB, "end")
    alice.send(BOB, "in the clear")
    bob.wait_received("in the clear", timeout=30)
    alice.ask(BOB, "start")
    alice.wait_line(NOW_VERIFIED, alice.mark() - 1, timeout=30)
    alice.ask(BOB, "differ")


if __name__ == "__main__":
    harness.main(globals())
