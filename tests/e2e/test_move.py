#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembered devices move to another computer: there nobody is asked anything, and here nothing goes out by mistake."""
from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path

import harness
from encrypted import BOB, ENCRYPTED, ENDED, NOW_VERIFIED, VERIFIED, Client, finish, readers
from harness import Window, Workspace, wait_until
from test_devices import verified_scene
from test_pidgin import Alice
from test_protection import answer, back_online, is_recognised, request, verified_pair

PASSPHRASE = "correct horse"
OUT, IN = "Move to another computer", "Take over from another computer"
MOVED = "was moved to another computer of yours"
SECRET = "for bob only"


def tool(client: Client, label: str) -> int:
    mark = client.mark()
    client.command("tool", plugin="core-esession", label=f"{label}...")
    return mark


def move_out(client: Client, file: Path, first: str = PASSPHRASE, second: str = PASSPHRASE) -> int:
    """The mark from which on the answer is to be seen."""
    number = request(client, tool(client, OUT), type="fields")
    mark = answer(client, number, 0, fields={"passphrase": first, "again": second})
    return answer(client, request(client, mark, type="file"), 0, value=str(file))


def take_over(client: Client, file: Path, passphrase: str = PASSPHRASE) -> int:
    mark = answer(client, request(client, tool(client, IN), type="file"), 0, value=str(file))
    return answer(client, request(client, mark, type="input"), 0, value=passphrase)


def told(client: Client, since: int, text: str) -> None:
    client.wait_for("notify", since=since, primary=lambda primary: text in primary)


class Computers:
    """Two folders of one person."""

    def __init__(self, folder: Path):
        self.here = folder
        self.there = folder.with_name(f"{folder.name}-other")
        self.there.mkdir()

    def change(self) -> None:
        aside = self.here.with_name(f"{self.here.name}-aside")
        self.here.rename(aside)
        self.there.rename(self.here)
        aside.rename(self.there)


def test_move(workspace: Workspace) -> None:
    prosody, alice, bob = verified_pair(workspace)
    computers, file = Computers(alice.path), workspace.path / "stick" / "devices"
    file.parent.mkdir()

    # Nothing happens by half a wish.
    number = request(alice, tool(alice, OUT), type="fields")
    mark = answer(alice, number, 0, fields={"passphrase": PASSPHRASE, "again": "correct house"})
    event = alice.wait_for("request", since=mark, type="fields")
    assert "two different passphrases" in event["primary"]
    mark = answer(alice, event["request"], 0, fields={"passphrase": "short", "again": "short"})
    event = alice.wait_for("request", since=mark, type="fields")
    assert "at least 8 characters" in event["primary"]
    answer(alice, event["request"], 1)
    file.write_text("something else")
    told(alice, move_out(alice, file), "There is a file of that name already")
    file.unlink()
    told(alice, move_out(alice, workspace.path / "nowhere" / "devices"), "could not be written")
    assert alice.devices() == [(BOB, True)] and alice.state(BOB) == VERIFIED and not list(file.parent.iterdir())

    # Moved, and void here.
    mark = alice.mark()
    told(alice, move_out(alice, file), "The remembered devices of your contacts are in the file")
    assert list(file.parent.iterdir()) == [file] and stat.S_IMODE(file.stat().st_mode) == 0o600
    alice.wait_line("go on there", since=mark)
    alice.wait_line(MOVED, since=mark)
    assert alice.devices() == [] and alice.state(BOB) == ENDED
    assert any("moved to another computer on" in line for line in alice.ask(BOB, "devices"))
    alice.send(BOB, SECRET)
    alice.ask(BOB, "start")
    wait_until(lambda: alice.state(BOB) == ENCRYPTED, "a stranger")
    assert not readers(prosody.stanzas(), SECRET) and not any(SECRET in text for text in bob.received())

    # The other computer knows nobody, and then everybody.
    finish(alice)
    computers.change()
    alice = Client(workspace, "alice", prosody)
    mark, octets = take_over(alice, file, "another horse"), file.read_bytes()
    again = alice.wait_for("request", since=mark, type="input")
    assert "not the passphrase of the file" in again["primary"].replace("\n", " "), again
    told(alice, answer(alice, again["request"], 0, value=PASSPHRASE), "1 remembered device was taken over")
    assert alice.seen("notify")[-1]["secondary"] == "The file was deleted."
    assert not file.exists() and alice.devices() == [(BOB, True)]
    file.write_bytes(octets)
    told(alice, take_over(alice, file), "was taken over already")
    finish(alice)
    alice = Client(workspace, "alice", prosody)
    is_recognised(alice, bob)

    # The old one still does not.
    finish(alice)
    computers.change()
    alice = Client(workspace, "alice", prosody)
    back_online(alice, bob)
    mark = alice.mark()
    alice.open(BOB)
    alice.send(BOB, SECRET)
    wait_until(lambda: alice.state(BOB) == ENCRYPTED, "a stranger")
    assert NOW_VERIFIED not in " ".join(alice.lines(mark))
    assert not readers(prosody.stanzas(), SECRET) and not any(SECRET in text for text in bob.received())
    finish(alice, bob)


def interrupt(alice: Client, file: Path) -> None:
    """As if the program had ended before it wrote the key into the file."""
    placeholder = b"ESession: whoever wrote this file did not come to an end...."
    with contextlib.closing(sqlite3.connect(file)) as moved:
        wrapped = moved.execute("SELECT wrapped FROM protection").fetchone()[0]
    octets = file.read_bytes()
    with contextlib.closing(sqlite3.connect(alice.store())) as store, store:
        store.execute("INSERT INTO moving VALUES (1, ?, ?, ?)", (bytes(file), octets.index(wrapped), wrapped))
    file.with_name(f"{file.name}.part").write_bytes(octets.replace(wrapped, placeholder))
    file.unlink()


def test_move_finished_later(workspace: Workspace) -> None:
    """Whoever wants to move again is told first of what that has brought to an end."""
    _, alice, bob = verified_pair(workspace)
    file = workspace.path / "devices"
    told(alice, move_out(alice, file), "The remembered devices of your contacts are in the file")
    interrupt(alice, file)
    told(alice, tool(alice, OUT), "The remembered devices of your contacts are in the file")
    assert file.exists() and not file.with_name("devices.part").exists()
    request(alice, tool(alice, OUT), type="fields")
    finish(alice, bob)


# In Pidgin, by keyboard

def tools(alice: Alice, down: int) -> None:
    alice.focus(alice.wait_window("^Buddy List$"))
    alice.key("alt+t", "Up", "Right", *["Down"] * down, "Return")


def fill(alice: Alice, title: str, name: str, *keys: str) -> None:
    """Answers the window that there is, and waits for the end of it."""
    window = alice.wait_window(f"^{title}")
    alice.place(window, 250, 60)
    alice.screenshot(f"move-{name}", window)
    alice.focus(window)
    for key in keys:
        if key.startswith("="):
            alice.type(key[1:])
        else:
            alice.key(key)
    wait_until(lambda: window.id not in [other.id for other in alice.windows()], f"end of {title}")


def show_devices(alice: Alice, name: str) -> None:
    tools(alice, 0)
    window = alice.wait_window("^Remembered devices$")
    alice.place(window, 100, 100)
    alice.screenshot(f"move-{name}", window)
    alice.focus(window)
    alice.key("Escape")
    alice.wait_no_window("^Remembered devices$")


def conversation(alice: Alice, name: str) -> Window:
    window = alice.open()
    alice.screenshot(f"move-{name}", window)
    return window


def test_move_in_pidgin(workspace: Workspace) -> None:
    (workspace.path / "home" / ".local" / "share").mkdir(parents=True, exist_ok=True)  # where GTK notes which files were used
    prosody, alice, bob, *others, _ = verified_scene(workspace)
    computers, file = Computers(alice.path), workspace.path / "home" / "devices"
    tools(alice, 4)
    fill(alice, OUT, "out", f"={PASSPHRASE}", "Tab", f"={PASSPHRASE}", "alt+h")
    fill(alice, OUT, "file", "ctrl+a", f"={file.name}", "Return")  # there is a folder to begin in
    fill(alice, OUT, "written", "Return")
    assert file.exists() and (BOB, True) not in alice.devices()
    alice.wait_shown(MOVED)
    conversation(alice, "old")
    show_devices(alice, "devices")
    alice.leave()

    computers.change()
    alice = Alice(workspace, prosody)
    tools(alice, 5)
    fill(alice, IN, "in-file", "slash", "ctrl+a", f"={file}", "Return")
    fill(alice, IN, "in", f"={PASSPHRASE}", "Return")
    fill(alice, IN, "taken", "Return")
    assert not file.exists() and (BOB, True) in alice.devices()
    alice.open()
    alice.wait_shown(NOW_VERIFIED)
    conversation(alice, "new")
    alice.send(BOB, "it is me")
    bob.wait_received("it is me")
    alice.leave()

    computers.change()
    alice = Alice(workspace, prosody)
    alice.open()
    alice.send(BOB, SECRET)
    alice.wait_shown("remembered devices were moved to another computer: what")
    conversation(alice, "old-again")
    assert not readers(prosody.stanzas(), SECRET) and not any(SECRET in text for text in bob.received())
    alice.leave()
    finish(bob, *others)


if __name__ == "__main__":
    harness.main(globals())
