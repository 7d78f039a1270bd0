#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong around an encrypted conversation: bad input from the network, a list of remembered devices that
cannot be used, a plugin that comes and goes; and what valgrind says."""
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
                       NS_ERRORS, NS_FEATURE, STUCK, THEY_LEFT, Client, encrypted_pair, finish, flush, meet, messages,
                       only_encrypted, plain, quoted, readers, tells, verify)
from files import make_file, transfer
from harness import Prosody, Workspace, wait_until
from hostile import between, fresh

KEPT = "What you wrote before and what has not arrived is kept, and sent when this plugin runs again."
EVERYBODY = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}


# Bad input

def carol(workspace: Workspace, prosody: Prosody) -> Client:
    """A contact whose client does not have the plugin, and sends whatever it is told."""
    client = Client(workspace, "carol", prosody, plugin=False)
    client.login()
    client.wait_for("buddy-signed-on", who=ALICE)
    return client


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


def error_answer(prosody: Prosody, thread: str, who: str = CAROL) -> ET.Element:
    """The error that Alice sent back on a thread."""
    def answer() -> ET.Element | None:
        elements = (stanza.element() for stanza in messages(prosody.stanzas("sent", who)))
        return next((e for e in elements if e.findtext("{jabber:client}thread") == thread
                     and e.get("from") == f"{ALICE}/test" and e.get("type") == "error"), None)
    return wait_until(answer, f"answer on {thread}")


def condition(element: ET.Element) -> str:
    names = [child.tag.removeprefix(f"{{{NS_ERRORS}}}") for child in element.find("{jabber:client}error")]
    return names[0]


def test_bad_requests_over_the_wire(workspace: Workspace) -> None:
    prosody, alice, bob = encrypted_pair(workspace, users=EVERYBODY)
    eve = carol(workspace, prosody)
    request = next(s.xml for s in messages(prosody.stanzas("received", ALICE)) if "<feature " in s.xml)
    feature = re.search("<feature .*</feature>", between(fresh(request), CAROL, ALICE))[0]
    for name, (change, wanted) in BAD_REQUESTS.items():
        thread = f"thread of {name}"
        eve.command("send-stanza",
                    xml=f"<message to='{ALICE}/test'><thread>{thread}</thread>{change(feature)}</message>")
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

    # Nor is there one once Bob's plugin is gone.
    bob.send(ALICE, "mine")
    alice.wait_received("mine")
    real = next(s.xml for s in prosody.stanzas("received", BOB) if "<data>" in s.xml)
    mark = alice.mark()
    bob.unload()
    alice.wait_line(THEY_LEFT, mark)
    bob.command("send-stanza", xml=real)
    element = error_answer(prosody, thread, BOB)
    assert condition(element) == "not-acceptable"
    assert alice.received() == ["from Carol", "mine"] and alice.lines(mark)[1:] == []
    finish(alice, bob, eve)


def test_replayed_and_changed_stanzas(workspace: Workspace) -> None:
    """What came already is dropped without a word; what was changed ends the session, and the next one starts by itself."""
    prosody, alice, bob = encrypted_pair(workspace)
    alice.send(BOB, "sent once")
    bob.wait_received("sent once")
    real = next(s.xml for s in prosody.stanzas("received", ALICE) if "<data>" in s.xml)
    marks = alice.mark(), bob.mark()
    alice.command("send-stanza", xml=real)
    alice.send(BOB, "and then")
    bob.wait_received("and then")
    assert bob.received() == ["sent once", "and then"] and not bob.lines(marks[1])

    changed = re.sub("<data>(.)", lambda m: "<data>" + ("B" if m[1] == "A" else "A"), real)
    changed = re.sub("<mac>(.)", lambda m: "<mac>" + ("B" if m[1] == "A" else "A"), changed)
    alice.command("send-stanza", xml=changed)
    for client, mark in zip((alice, bob), marks):
        client.wait_line("was interrupted", mark)
        client.wait_line(NOW_ENCRYPTED, mark)
    alice.send(BOB, "whole again")
    bob.wait_received("whole again")
    assert bob.received() == ["sent once", "and then", "whole again"]
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


def test_plain_message_during_a_session(workspace: Workspace) -> None:
    """From another device of Bob's; a server could write one just so."""
    prosody, alice, bob = encrypted_pair(workspace)
    other = Client(workspace, "other", prosody, plugin=False)
    other.login(user="bob", resource="other")
    mark = alice.mark()
    other.command("send-stanza", xml=f"<message to='{ALICE}/test' type='chat'><body>trust me</body></message>")
    alice.wait_received(quoted("trust me"), mark)
    shown = [plain(event["text"]) for event in alice.seen("displayed", mark)]
    assert len(shown) == 2 and NOT_ENCRYPTED in shown[0] and shown[1] == quoted("trust me"), shown
    mark = alice.mark()
    bob.send(ALICE, "this is me")
    alice.wait_received("this is me", mark)
    assert alice.lines(mark) == [] and alice.state(BOB) == ENCRYPTED
    finish(alice, bob, other)


# The list of remembered devices

def without_privileges() -> list[str]:
    """What to run a program under so that file modes hold for it even if we are root."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def check_nothing_leaves(prosody: Prosody, alice: Client, sentence: str, attempts: int = 1, ends: bool = True) -> None:
    """Alice's store cannot be used: she is told once, and nothing that she writes leaves."""
    before = alice.store().read_bytes()
    alice.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    record = prosody.mark()
    alice.open(BOB)
    alice.wait_line(sentence)
    alice.send(BOB, "never in the clear")
    alice.command("serv-send-im", who=BOB, text="nor automatically", auto=True)
    if ends:
        wait_until(lambda: alice.state(BOB) == ENDED, "end of the attempt")
    assert not alice.seen("displayed", flags="SEND")
    flush(alice)
    for text in "never in the clear", "nor automatically":
        assert not readers(prosody.stanzas(since=record), text)
    assert alice.store().read_bytes() == before
    assert len([line for line in alice.lines() if sentence in line]) == attempts, alice.lines()


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
    assert tells(alice, BOB, "start", "is damaged"), "who asks again is told again"
    wait_until(lambda: alice.state(BOB) == ENDED, "end of the second attempt")
    assert alice.store().read_bytes() == octets

    # What the sentence advises helps.
    alice.store().rename(workspace.path / "moved away")
    mark = alice.mark()
    alice.ask(BOB, "start")
    alice.wait_line(NOW_ENCRYPTED, mark)
    assert alice.devices() == [(BOB, False)]
    finish(alice, bob)


def test_damaged_store_and_a_contact_without_the_plugin(workspace: Workspace) -> None:
    """Whether Bob was verified once cannot be known: nothing leaves in the clear by itself."""
    prosody, alice, bob = stored(workspace)
    finish(bob)
    alice.store().write_text("no database")
    alice = Client(workspace, "alice", prosody)
    bob = Client(workspace, "bob", prosody, plugin=False)
    meet(alice, bob)
    record = prosody.mark()
    alice.send(BOB, "not by itself")
    alice.wait_line(STUCK)
    flush(alice)
    assert not messages(prosody.stanzas("received", ALICE, since=record))
    alice.ask(BOB, "send anyway")
    bob.wait_received("not by itself")
    alice.ask(BOB, "end")
    alice.send(BOB, "nor now")
    flush(alice)
    assert bob.received() == ["not by itself"] and alice.store().read_text() == "no database"
    finish(alice, bob)


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
    check_nothing_leaves(prosody, alice, "may not be written to", attempts=2)
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
    check_nothing_leaves(prosody, alice, "another program is using", ends=False)
    mark = alice.mark()
    lock.communicate()

    # It works again without a restart.
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
    bob.wait_line(THEY_LEFT, marks[1])
    alice.load()
    alice.wait_line(NOW_VERIFIED, marks[0])
    return alice.lines(marks[0])


def test_loaded_and_unloaded_a_hundred_times(workspace: Workspace) -> None:
    """Of whoever is verified so many requests are answered."""
    prosody, alice, bob = encrypted_pair(workspace, users=EVERYBODY)
    verify(alice, bob)
    eve = carol(workspace, prosody)
    eve.send(ALICE, "a conversation in the clear")
    alice.wait_received("a conversation in the clear")
    sizes = {}
    for number in range(1, 101):
        lines = reload(alice, bob)
        assert len(lines) == 2, (number, lines)
        if number in (20, 100):
            sizes[number] = resident(alice)
    print(f"# {sizes[20]} KiB after 20 times, {sizes[100]} KiB after 100", flush=True)
    assert sizes[100] - sizes[20] < 1024, sizes

    flush(alice)
    mark, record = bob.mark(), prosody.mark()
    alice.send(BOB, "once, and encrypted")
    bob.wait_received("once, and encrypted")
    bob.send(ALICE, "likewise")
    alice.wait_received("likewise")
    flush(bob)
    assert bob.received(mark) == ["once, and encrypted"]
    sent = messages(prosody.stanzas("received", since=record))
    assert len([stanza for stanza in sent if "<body>" in stanza.xml]) == 2, sent
    only_encrypted(prosody.stanzas(since=record))
    finish(alice, bob, eve)


def test_unloaded_while_something_waits(workspace: Workspace) -> None:
    """What waits is neither lost nor sent in the clear, and the user knows where it is."""
    prosody, alice, bob = encrypted_pair(workspace)
    verify(alice, bob)
    marks = alice.mark(), bob.mark()
    bob.command("disable")
    alice.wait_for("buddy-signed-off", since=marks[0], who=BOB)
    alice.send(BOB, "for when he is back")
    alice.unload()
    alice.wait_line(KEPT, marks[0])
    marks = alice.mark(), bob.mark()
    bob.login()
    alice.load()
    bob.wait_received("for when he is back", marks[1], timeout=30)
    assert bob.received(marks[1]) == ["for when he is back"]
    only_encrypted(prosody.stanzas())
    finish(alice, bob)


# libpurple forgets the name of a file that it sends, whoever asks it to.
LOST_BY_LIBPURPLE = ["purple_xfer_set_filename", "purple_xfer_request_accepted"]


def valgrind_findings(path: Path) -> list[str]:
    """Errors and certain leaks with our code on the way to them."""
    found = []
    log = ET.parse(path)
    assert [state.text for state in log.iter("state")] == ["RUNNING", "FINISHED"]
    for error in log.iter("error"):
        frames = [(frame.findtext("fn", "?"), frame.findtext("obj", "?")) for frame in error.iter("frame")]
        callers = [fn for fn, obj in frames if "libpurple" in obj][:2]
        if error.findtext("kind").startswith("Leak") and callers == LOST_BY_LIBPURPLE:
            continue
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
    path = make_file(workspace, 20_000)
    alice.command("send-file", timeout=30, who=f"{BOB}/test", path=str(path))
    alice.wait_for("file-send-cancel", timeout=30)
    alice.send(BOB, "typed at once")
    bob.wait_received("typed at once", timeout=30)
    transfer(alice, bob, path, workspace.path / "arrived", timeout=60)
    transfer(bob, alice, path, workspace.path / "returned", timeout=60)
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
    bob.wait_line(THEY_LEFT, marks[1], timeout=30)
    alice.load()
    alice.wait_line(NOW_VERIFIED, marks[0], timeout=30)
    alice.ask(BOB, "end")
    alice.send(BOB, "in the clear")
    bob.wait_received("in the clear", timeout=30)
    mark = alice.mark()
    alice.ask(BOB, "start")
    alice.wait_line(NOW_VERIFIED, mark, timeout=30)
    alice.ask(BOB, "differ")


if __name__ == "__main__":
    harness.main(globals())
