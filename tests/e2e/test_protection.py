#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How remembered devices are protected: by a real keyring, by a passphrase, or not; and what happens without the key."""
from __future__ import annotations

import sqlite3
from typing import Any

import accessible
import harness
from encrypted import (ALICE, BOB, ENCRYPTED, NOW_VERIFIED, UNREAD, VERIFIED, Client, finish, meet, only_encrypted, readers,
                       talk, verify)
from harness import Prosody, Window, Workspace, wait_until
from keyring import Desktop
from test_pidgin import Alice, encrypted_scene
from walk import Walk, dialog, press, wait_state

NONE, PASSPHRASE, KEYRING = range(3)
LOCKED = "Your remembered devices are locked"
SEALED = 93


def rows(client: Client, sql: str) -> list[tuple]:
    database = sqlite3.connect(f"file:{client.store()}?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def kind(client: Client) -> int:
    found = rows(client, "SELECT kind FROM protection")
    return found[0][0] if found else NONE


def is_sealed(client: Client) -> bool:
    """Every secret in the file, and there is one."""
    lengths = rows(client, "SELECT length (newest), coalesce (length (older), 93) FROM devices")
    return bool(lengths) and all(length == SEALED for row in lengths for length in row)


def again(client: Client, **env: str) -> Client:
    """The same person in the same folder, on that desktop."""
    finish(client)
    return Client(client.workspace, client.name, client.prosody, env=env)


def verified_pair(workspace: Workspace, **env: str) -> tuple[Prosody, Client, Client]:
    prosody = Prosody(workspace)
    alice, bob = Client(workspace, "alice", prosody, env=env), Client(workspace, "bob", prosody)
    meet(alice, bob)
    talk(alice, bob)
    verify(alice, bob)
    return prosody, alice, bob


def back_online(alice: Client, bob: Client) -> None:
    mark = bob.mark()
    alice.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    bob.wait_for("buddy-signed-on", since=mark, who=ALICE)


def is_recognised(alice: Client, bob: Client) -> None:
    """By itself: nobody was asked anything."""
    back_online(alice, bob)
    alice.open(BOB)
    alice.wait_line(NOW_VERIFIED)
    assert alice.state(BOB) == VERIFIED
    assert not alice.seen("request") and not any(LOCKED in line for line in alice.lines())
    alice.send(BOB, "it is me")
    bob.wait_received("it is me")


def waits(prosody: Prosody, alice: Client, text: str, line: str = LOCKED) -> None:
    """Nothing is done about what Alice writes, and she knows why."""
    before, since = alice.store().read_bytes(), len(prosody.stanzas())
    alice.send(BOB, text)
    alice.wait_line(line)
    alice.wait_line(UNREAD)
    assert alice.store().read_bytes() == before
    assert not readers(prosody.stanzas(), text)
    only_encrypted(prosody.stanzas(since=since))


def request(client: Client, since: int, **members: Any) -> int:
    return client.wait_for("request", since=since, **members)["request"]


def answer(client: Client, number: int, button: int, **members: Any) -> int:
    mark = client.mark()
    client.command("answer", request=number, button=button, **members)
    return mark


def protect(client: Client, wanted: int, first: str = "", second: str = "") -> int:
    """By /esession protect; returns the mark from which on the answer is to be seen."""
    mark = client.mark()
    client.ask(BOB, "protect")
    number = request(client, mark, type="fields")
    return answer(client, number, 0, fields={"kind": wanted, "passphrase": first, "again": second})


def test_keyring(workspace: Workspace) -> None:
    desktop = Desktop(workspace)
    desktop.start_keyring()
    prosody, alice, bob = verified_pair(workspace, **desktop.env)
    wait_until(lambda: kind(alice) == KEYRING, "protection by the keyring")
    assert is_sealed(alice) and len(desktop.keys()) == 1 and kind(bob) == NONE
    assert not alice.asked()

    alice = again(alice, **desktop.env)
    is_recognised(alice, bob)

    # The keyring is gone, as is all that it knows while it runs.
    desktop.stop_keyring()
    alice = again(alice, **desktop.env)
    back_online(alice, bob)
    waits(prosody, alice, "wait for the keyring")
    assert not alice.seen("request")

    # Asking for it changes nothing; when it is back, what waits goes out.
    mark = alice.mark()
    alice.ask(BOB, "unlock")
    event = alice.wait_for("request", since=mark, type="action")
    assert "keyring" in event["primary"]
    desktop.start_keyring()
    answer(alice, event["request"], 0)
    bob.wait_received("wait for the keyring")
    assert alice.state(BOB) == VERIFIED
    assert not readers(prosody.stanzas(), "wait for the keyring")
    assert is_sealed(alice) and len(desktop.keys()) == 1
    finish(alice, bob)


def test_keyring_of_another_desktop(workspace: Workspace) -> None:
    """Nothing is written over, and starting over is a matter of choice."""
    desktop, other = Desktop(workspace), Desktop(workspace, "other")
    desktop.start_keyring()
    prosody, alice, bob = verified_pair(workspace, **desktop.env)
    wait_until(lambda: kind(alice) == KEYRING, "protection by the keyring")
    desktop.stop_keyring()
    other.start_keyring()
    alice = again(alice, **other.env)
    back_online(alice, bob)
    before = alice.store().read_bytes()
    waits(prosody, alice, "from elsewhere")

    mark = alice.mark()
    alice.ask(BOB, "unlock")
    mark = answer(alice, request(alice, mark, type="action"), 1)
    event = alice.wait_for("request", since=mark, type="action")
    assert "start over" in event["primary"] and "verified again" in event["secondary"]
    assert alice.store().read_bytes() == before
    answer(alice, event["request"], 1)
    bob.wait_received("from elsewhere")
    assert (alice.path / "esession.db.locked-1").read_bytes() == before
    assert alice.devices() == [(BOB, False)]
    finish(alice, bob)


def test_file_from_before_moves_into_the_keyring(workspace: Workspace) -> None:
    prosody, alice, bob = verified_pair(workspace)
    assert kind(alice) == NONE and not is_sealed(alice)
    desktop = Desktop(workspace)

    # A keyring that would have to ask its owner first is let alone.
    desktop.start_keyring(password=None)
    alice = again(alice, **desktop.env)
    is_recognised(alice, bob)
    assert kind(alice) == NONE
    desktop.stop_keyring()

    desktop.start_keyring()
    alice = again(alice, **desktop.env)
    is_recognised(alice, bob)
    wait_until(lambda: kind(alice) == KEYRING, "protection by the keyring")
    assert is_sealed(alice)

    # Who wants none has none, also the next time; and the keyring keeps nothing.
    alice.wait_for("notify", since=protect(alice, NONE), primary=lambda text: "permissions" in text)
    wait_until(lambda: not desktop.keys(), "empty keyring")
    assert kind(alice) == NONE and not is_sealed(alice)
    alice = again(alice, **desktop.env)
    is_recognised(alice, bob)
    assert kind(alice) == NONE and not desktop.keys()

    # And back, by wish.
    alice.wait_for("notify", since=protect(alice, KEYRING), primary=lambda text: "by the keyring" in text)
    assert kind(alice) == KEYRING and is_sealed(alice) and len(desktop.keys()) == 1
    alice = again(alice, **desktop.env)
    is_recognised(alice, bob)
    finish(alice, bob)


def test_passphrase(workspace: Workspace) -> None:
    prosody, alice, bob = verified_pair(workspace)

    # There is no keyring here.
    alice.wait_for("notify", since=protect(alice, KEYRING), primary=lambda text: "nothing was changed" in text)
    assert kind(alice) == NONE

    # Two that differ, and one that is too short, are asked for again.
    mark = protect(alice, PASSPHRASE, "correct horse", "correct house")
    event = alice.wait_for("request", since=mark, type="fields")
    assert "different" in event["primary"]
    mark = answer(alice, event["request"], 0, fields={"kind": PASSPHRASE, "passphrase": "horse", "again": "horse"})
    event = alice.wait_for("request", since=mark, type="fields")
    assert "8 characters" in event["primary"]
    assert kind(alice) == NONE
    mark = answer(alice, event["request"], 0,
                  fields={"kind": PASSPHRASE, "passphrase": "correct horse", "again": "correct horse"})
    alice.wait_for("notify", since=mark, primary=lambda text: "by your passphrase" in text)
    assert kind(alice) == PASSPHRASE and is_sealed(alice)
    alice.send(BOB, "still here")
    bob.wait_received("still here")

    # The next time it is asked for, once.
    alice = again(alice)
    number = request(alice, 0, type="input")
    back_online(alice, bob)
    waits(prosody, alice, "wait for me")
    mark = answer(alice, number, 0, value="correct house")
    event = alice.wait_for("request", since=mark, type="action")
    assert event["primary"] == "This is not your passphrase."
    mark = answer(alice, event["request"], 2)
    assert not alice.seen("request", mark) and not bob.received(bob.mark())
    assert len(alice.seen("request", type="input")) == 1

    mark = alice.mark()
    alice.ask(BOB, "unlock")
    answer(alice, request(alice, mark, type="input"), 0, value="correct horse")
    bob.wait_received("wait for me")
    assert alice.state(BOB) == VERIFIED
    assert "Your remembered devices are not locked." in alice.ask(BOB, "unlock")

    # Not even in the program's own files or what it printed.
    assert not any(b"correct horse" in path.read_bytes() for path in alice.path.rglob("*") if path.is_file())
    assert b"correct horse" not in alice.log.read_bytes()
    finish(alice, bob)


def ask_in_pidgin(alice: Alice, *keys: str) -> None:
    """Answers the window that there is, and waits for the end of it."""
    window = alice.wait_window("^Protection of remembered devices$")
    alice.place(window, 350, 60)
    alice.screenshot(f"pidgin-{alice.shots.pop(0)}", window)
    alice.focus(window)
    for key in keys:
        if key.startswith("="):
            alice.type(key[1:])
        else:
            alice.key(key)
    wait_until(lambda: window.id not in [other.id for other in alice.windows()], "end of a window")


def slash(alice: Alice, window: Window, line: str) -> None:
    alice.focus(window)
    alice.type(line)
    alice.key("Return")


def test_passphrase_in_pidgin(workspace: Workspace) -> None:
    """By keyboard."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.shots = ["protect", "protected", "unlock", "wrong", "start-over", "unlock-again"]
    slash(alice, window, "/esession protect")
    alice.wait_shown("only by the permissions of their file")
    ask_in_pidgin(alice, "Down", "Tab", "=correct horse", "Tab", "=correct horse", "alt+o")
    ask_in_pidgin(alice, "Return")
    assert alice.devices() == [(BOB, False)]

    alice.quit()
    alice.start()
    ask_in_pidgin(alice, "=correct house", "Return")
    ask_in_pidgin(alice, "alt+s")
    ask_in_pidgin(alice, "Return")  # keeps them
    assert alice.devices() == [(BOB, False)]
    window = alice.open()
    alice.wait_shown(LOCKED)
    slash(alice, window, "wait for me")
    alice.wait_shown(UNREAD)
    alice.screenshot("pidgin-locked", window)
    assert not bob.seen("displayed", text=lambda text: "wait for me" in text)

    # From the menu Tools, as the sentence says.
    buddies = alice.wait_window("^Buddy List$")
    alice.focus(buddies)
    alice.key("alt+t", "Up", "Right", "Down", "Down", "Return")
    ask_in_pidgin(alice, "=correct horse", "Return")
    bob.wait_received("wait for me")
    assert alice.devices() == [(BOB, False)] and not readers(prosody.stanzas(), "wait for me")
    alice.leave()
    finish(bob)


def checked(way: Walk) -> list[str]:
    node = accessible.window(way.alice, "Protection*")
    return [button.name for button in node.all("radio button") if "checked" in button.states]


def test_choosing_follows_typing(workspace: Workspace) -> None:
    """Whoever types a passphrase in a real Pidgin has chosen one."""
    way = Walk(workspace)
    way.begin()
    wait_state(way.alice, ENCRYPTED)
    alice = way.alice
    way.tool("Protection of remembered devices...")
    window, node = dialog(alice, "Protection of remembered devices")
    assert checked(way) == ["The permissions of their file only"]
    first, second = [entry for entry in node.walk() if entry.role in ("password text", "text") and "editable" in entry.states]
    accessible.act(alice, first, "focus")
    alice.type("correct horse")
    wait_until(lambda: checked(way) == ["A passphrase"], "choice")
    alice.screenshot("protection-typed", window)
    accessible.act(alice, second, "focus")
    alice.type("correct horse")
    press(alice, window, accessible.window(alice, "Protection*"), "_OK")
    wait_until(lambda: (alice.path / "esession.db").exists() and protected(alice) == [(PASSPHRASE,)], "protection")
    alice.key("Escape")
    way.end()


def protected(alice: Alice) -> list[tuple]:
    database = sqlite3.connect(f"file:{alice.path / 'esession.db'}?mode=ro", uri=True)
    try:
        return database.execute("SELECT kind FROM protection").fetchall()
    finally:
        database.close()


if __name__ == "__main__":
    harness.main(globals())
