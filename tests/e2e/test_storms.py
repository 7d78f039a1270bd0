# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people who go on writing while things break: what each wrote the other one sees once and in order, or the writer is
told; and nobody else reads any of it."""
from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import time
from typing import Any

import harness
from encrypted import (ALICE, BOB, NOW_ENCRYPTED, NOW_VERIFIED, VERIFIED, Client, encrypted_pair, finish, plain, readers,
                       verify)
from harness import Pidgin, Prosody, Workspace, built, wait_until
from network import Bystander, Wire

TOLD = "This message was not sent: ", "This message may not have arrived: "
ROUNDS = 20


class Person:
    """Somebody who writes numbered texts to one contact, over several lives of one client."""

    def __init__(self, client: Any, contact: str):
        self.client = client
        self.contact = contact
        self.over: list[list[str]] = []  # what lives that are over have shown
        self.reported: set[str] = set()  # and told
        self.written: list[str] = []
        self.excused: set[str] = set()  # what was written in the same moment may not be in the store yet

    def write(self) -> None:
        text = f"{self.client.name} number {len(self.written):04}"
        self.client.send(self.contact, text)
        self.written.append(text)

    def shown(self) -> list[str]:
        return self.client.received()

    def lines(self) -> list[str]:
        return self.client.lines()

    def seen(self) -> list[list[str]]:
        """The contact's texts, by life."""
        return [[text for text in life if " number " in text] for life in [*self.over, self.shown()]]

    def told(self) -> set[str]:
        """The texts of which this person was told that they were not sent, or may not have arrived."""
        return self.reported | {line.removeprefix(start) for line in self.lines() for start in TOLD
                                if line.startswith(start)}

    def die(self) -> None:
        """kill -9; what was shown until then counts, and what was written is in the store."""
        self.excused.update(self.written[-1:])
        self.client.kill()
        wait_until(lambda: self.client.over, "last words")
        self.over.append(self.shown())
        self.reported = self.told()

    def revive(self) -> None:
        self.client = Client(self.client.workspace, self.client.name, self.client.prosody)


class WindowPerson(Person):
    """The same in a real Pidgin."""

    def shown(self) -> list[str]:
        return [plain(markup) for _, markup, flags in self.client.history(self.contact) if flags & 0x0002]

    def lines(self) -> list[str]:
        return [plain(markup) for _, markup, flags in self.client.history(self.contact) if flags & 0x0004]

    def die(self) -> None:
        """Nobody can look into the windows afterwards; what they show Pidgin has logged at once."""
        self.excused.update(self.written[-1:])
        self.reported = self.told()
        self.client.kill()
        before = {text for life in self.over for text in life}
        contact = self.contact.partition("@")[0]
        logged = [text for log in sorted(self.client.path.glob("logs/jabber/*/*/*"))
                  for text in re.findall(f"{contact} number [0-9]+", log.read_text())]
        self.over.append([text for text in logged if text not in before])

    def revive(self) -> None:
        self.client.start()
        self.client.conversation(self.contact)


def missing(writer: Person, reader: Person) -> list[str]:
    """What was written and neither seen nor given back."""
    found = {text for life in reader.seen() for text in life} | writer.told() | writer.excused
    return [text for text in writer.written if text not in found]


def compare(writer: Person, reader: Person) -> None:
    """The ledgers of both sides."""
    report = f"\nwritten: {writer.written}\ntold: {sorted(writer.told())}\nseen: {reader.seen()}"
    for life in reader.seen():
        assert life == sorted(set(life)), "twice or out of order" + report
    assert not missing(writer, reader), f"lost: {missing(writer, reader)}" + report


def settle(alice: Person, bob: Person, timeout: float = 60) -> None:
    """Both write once more, and it arrives: whatever was on its way has, too, or never will."""
    for writer, reader in (alice, bob), (bob, alice):
        writer.write()
        last = writer.written[-1]
        try:
            wait_until(lambda: any(last in life for life in reader.seen()) or last in writer.told(), last, timeout)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{writer.lines()}\n{reader.lines()}") from error
    for writer, reader in (alice, bob), (bob, alice):
        compare(writer, reader)


def nobody_read(prosody: Prosody, *people: Person, bystander: Bystander | None = None) -> None:
    stanzas = prosody.stanzas()
    for text in [text for person in people for text in person.written]:
        assert not readers(stanzas, text), text
        assert bystander is None or text.encode() not in bystander.heard, text


def storm(workspace: Workspace, **options: Any) -> tuple[Prosody, Person, Person, random.Random]:
    """Alice and Bob, who have verified each other."""
    prosody, alice, bob = encrypted_pair(workspace, **options)
    verify(alice, bob)
    return prosody, Person(alice, BOB), Person(bob, ALICE), dice_of(workspace)


def dice_of(workspace: Workspace) -> random.Random:
    seed = os.environ.get("ES_SEED", workspace.path.name)
    print(f"# ES_SEED={seed}", flush=True)
    return random.Random(seed)


def say_in_the_clear(workspace: Workspace, prosody: Prosody, text: str) -> None:
    """From a client of Alice's without the plugin to the one that Bob uses."""
    other = Client(workspace, "other", prosody, plugin=False)
    other.login(user="alice", resource="other")
    other.command("send-stanza", xml=f"<message to='{BOB}/test' type='chat'><body>{text}</body></message>")
    wait_until(lambda: prosody.holding(text), text)
    finish(other)


def test_killed_in_mid_sentence(workspace: Workspace) -> None:
    """Bob's client is killed and comes back, twice; a client of his that has asked for copies of everything learns
    nothing, though it hears what is said in the clear."""
    prosody, alice, bob, dice = storm(workspace)
    bystander = Bystander(prosody, "bob")
    say_in_the_clear(workspace, prosody, "words for all")
    wait_until(lambda: b"words for all" in bystander.heard, "copy of what was said in the clear")
    assert readers(prosody.stanzas(), "words for all")
    deaths = sorted(dice.sample(range(ROUNDS), 2))
    for i in range(ROUNDS):
        alice.write()
        if i in deaths:
            bob.die()
            alice.write()
            bob.revive()
            bob.client.login()
            bob.client.wait_for("buddy-signed-on", who=ALICE)
            bob.client.open(ALICE)
        bob.write()
    settle(alice, bob)
    assert alice.client.state(BOB) == bob.client.state(ALICE) == VERIFIED
    nobody_read(prosody, alice, bob, bystander=bystander)
    bystander.leave()
    finish(alice.client, bob.client)


def reconnect(person: Person, mark: int, **where: Any) -> None:
    person.client.wait_for("signed-off", since=mark, timeout=20)
    person.client.login(**where)


def server_goes(workspace: Workspace, clean: bool) -> None:
    prosody, alice, bob, dice = storm(workspace)
    moment = dice.randrange(ROUNDS)
    for i in range(ROUNDS):
        alice.write()
        bob.write()
        if i == moment:
            marks = alice.client.mark(), bob.client.mark()
            prosody.stop() if clean else prosody.kill()
            prosody.start()
            reconnect(alice, marks[0])
            reconnect(bob, marks[1])
            alice.client.wait_line(NOW_VERIFIED, marks[0], timeout=30)
            bob.client.wait_line(NOW_VERIFIED, marks[1], timeout=30)
    settle(alice, bob)
    nobody_read(prosody, alice, bob)
    finish(alice.client, bob.client)


def test_server_restarted(workspace: Workspace) -> None:
    server_goes(workspace, clean=True)


def test_server_killed(workspace: Workspace) -> None:
    server_goes(workspace, clean=False)


def over_a_wire(prosody: Prosody, person: Person) -> Wire:
    """That person leaves and comes back by it."""
    wire = Wire(prosody)
    finish(person.client)
    person.over.append(person.shown())
    person.revive()
    person.client.login(port=wire.port)
    person.client.wait_for("buddy-signed-on", who=person.contact)
    person.client.open(person.contact)
    person.client.wait_line(NOW_VERIFIED)
    return wire


def wire_breaks(workspace: Workspace, *directions: str) -> None:
    """What goes in these directions is stalled for a moment, then Alice's connection is reset: what was on its way is
    lost, and libpurple sends again some of what the server had already."""
    prosody, alice, bob = storm(workspace)[:3]
    wire = over_a_wire(prosody, alice)
    for i in range(ROUNDS):
        alice.write()
        bob.write()
        if i % 7 == 3:
            mark = alice.client.mark()
            wire.stall(*directions)
            for _ in range(3):
                alice.write()
                bob.write()
            time.sleep(0.2)  # for what is not stalled
            wire.cut()
            reconnect(alice, mark, port=wire.port)
            alice.client.wait_line(NOW_VERIFIED, mark, timeout=30)
    settle(alice, bob)
    assert alice.client.state(BOB) == bob.client.state(ALICE) == VERIFIED
    nobody_read(prosody, alice, bob)
    finish(alice.client, bob.client)
    wire.close()


def test_wire_cut(workspace: Workspace) -> None:
    wire_breaks(workspace)


def test_wire_cut_from_the_client(workspace: Workspace) -> None:
    wire_breaks(workspace, "up")


def test_wire_cut_from_the_server(workspace: Workspace) -> None:
    wire_breaks(workspace, "down")


def test_wire_cut_both_ways(workspace: Workspace) -> None:
    wire_breaks(workspace, "up", "down")


def test_wire_stalls(workspace: Workspace) -> None:
    """A wire that is only slow costs nothing but time."""
    prosody, alice, bob = storm(workspace)[:3]
    wire = over_a_wire(prosody, alice)
    mark = alice.client.mark()
    for direction in "up", "down":
        wire.stall(direction)
        for _ in range(10):
            alice.write()
            bob.write()
        wire.flow()
    settle(alice, bob)
    assert not alice.told() and not bob.told() and not alice.client.lines(mark)
    nobody_read(prosody, alice, bob)
    finish(alice.client, bob.client)
    wire.close()


def stored_of_what_was_shown(client: Client) -> list[tuple]:
    database = sqlite3.connect(f"file:{client.store()}?mode=ro", uri=True)
    try:
        return database.execute("SELECT content FROM outbox WHERE kind = 3").fetchall()
    finally:
        database.close()


def test_killed_before_the_receipt_left(workspace: Workspace) -> None:
    """What a life has shown the next one does not show again, though the writer sends it again."""
    prosody, alice, bob = storm(workspace)[:3]
    mark = alice.client.mark()
    wire = over_a_wire(prosody, bob)

    # Whoever answers waits for the other's proof.
    alice.client.wait_line(NOW_VERIFIED, mark)
    before = stored_of_what_was_shown(bob.client)
    wire.stall("up")
    alice.write()
    wait_until(lambda: alice.written[-1] in bob.shown(), alice.written[-1])
    wait_until(lambda: stored_of_what_was_shown(bob.client) != before, "what was shown")
    bob.die()
    wire.cut()
    bob.revive()
    bob.client.login(port=wire.port)
    bob.client.wait_for("buddy-signed-on", who=ALICE)
    bob.client.open(ALICE)
    settle(alice, bob)
    assert not alice.told()
    seen = [text for life in bob.seen() for text in life]
    assert sorted(seen) == sorted(alice.written), f"{seen}\n{alice.written}"
    nobody_read(prosody, alice, bob)
    finish(alice.client, bob.client)
    wire.close()


def test_account_disabled_after_the_connection_was_lost(workspace: Workspace) -> None:
    """What waited for the connection to come back waits on, and is sent once when the account is there again."""
    prosody, alice, bob = storm(workspace)[:3]
    mark = alice.client.mark()
    os.kill(prosody.process.pid, signal.SIGSTOP)
    alice.write()
    prosody.kill()
    alice.client.wait_for("signed-off", since=mark)
    assert not alice.told()
    alice.client.command("disable")
    assert not alice.told() and "1 message has not arrived yet." in alice.client.ask(BOB, "status")
    marks = alice.client.mark(), bob.client.mark()
    prosody.start()
    alice.client.login()
    bob.client.login()
    for client, since in zip((alice.client, bob.client), marks):
        client.wait_line(NOW_VERIFIED, since, timeout=30)
    settle(alice, bob)
    assert not alice.told() and not bob.told()
    nobody_read(prosody, alice, bob)
    finish(alice.client, bob.client)


def test_devices_come_and_go(workspace: Workspace) -> None:
    """Bob has a second device, and a third: whatever Alice writes while he changes from one to the other is on one of
    them, or given back to her."""
    prosody, alice, bob = encrypted_pair(workspace)
    bystander = Bystander(prosody, "bob")
    devices = [bob]
    for name in "phone", "tablet":
        device = Client(workspace, name, prosody)
        device.login(user="bob", resource=name)
        device.wait_for("buddy-signed-on", who=ALICE)
        devices.append(device)
    written = []

    def write() -> None:
        written.append(f"alice number {len(written):04}")
        alice.send(BOB, written[-1])

    for device in devices[1:]:
        device.open(ALICE)
        device.send(ALICE, "now from here")
        write()
        write()
        device.command("disconnect") if device is devices[1] else device.kill()
        write()
        write()
    told = Person(alice, BOB).told

    def seen(device: Client) -> list[str]:
        return [text for text in device.received() if " number " in text]

    def accounted() -> bool:
        return set(written) == {text for device in devices for text in seen(device)} | (told() & set(written))

    wait_until(accounted, "account of everything that Alice wrote", 60)
    for device in devices:
        assert seen(device) == sorted(set(seen(device))), [seen(device) for device in devices]
    stanzas = prosody.stanzas()
    for text in written:
        assert not readers(stanzas, text) and text.encode() not in bystander.heard, text
    bystander.leave()
    finish(alice, bob)


def test_pidgin_killed_in_mid_sentence(workspace: Workspace) -> None:
    prosody = Prosody(workspace)
    plugins = [built("src/purple/esession.so"), built("src/pidgin/pidgin-esession.so")]
    bob = Person(Client(workspace, "bob", prosody), ALICE)
    bob.client.login()
    alice = WindowPerson(Pidgin(workspace, "alice", prosody, resource="test", buddies=[BOB], plugins=plugins), BOB)
    alice.client.conversation(BOB)
    bob.client.open(ALICE)
    bob.client.wait_line(NOW_ENCRYPTED)
    moment = dice_of(workspace).randrange(2, 10)
    for i in range(12):
        bob.write()
        alice.write()
        if i == moment:
            alice.die()
            bob.write()
            alice.revive()
    settle(alice, bob)
    nobody_read(prosody, alice, bob)
    alice.client.quit()
    finish(bob.client)


if __name__ == "__main__":
    harness.main(globals())
