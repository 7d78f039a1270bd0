# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending files between clients."""
from __future__ import annotations

import hashlib
import random
from pathlib import Path

from encrypted import of
from harness import HeadlessClient, Workspace, wait_until

NAME = "dossier-on-the-minister.txt"


def make_file(workspace: Workspace, size: int = 300_000, name: str = NAME) -> Path:
    """No two pieces alike, and all of them text that a search finds."""
    path = workspace.folder("files") / name
    number = random.Random(size)
    text = "".join(f"paragraph {index} of the dossier {number.random()}\n" for index in range(size // 30))
    path.write_text(text[:size])
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wait_same(source: Path, target: Path) -> None:
    """libpurple says that a file is complete before the last of it is on disk."""
    wait_until(lambda: target.stat().st_size >= source.stat().st_size, f"all of {target}")
    assert digest(source) == digest(target)


def accept(receiver: HeadlessClient, sender: str, path: Path, since: int, timeout: float = 10) -> None:
    """Takes the file that is offered."""
    offer = receiver.wait_for("request", timeout=timeout, since=since, type="action", who=of(sender))
    receiver.command("answer", request=offer["request"], button=0)
    place = receiver.wait_for("request", timeout=timeout, since=since, type="file", who=of(sender))
    receiver.command("answer", request=place["request"], button=0, value=str(path))


def transfer(sender: HeadlessClient, receiver: HeadlessClient, source: Path, target: Path, timeout: float = 60) -> None:
    """From offer to end, whole and unchanged."""
    marks = sender.mark(), receiver.mark()
    sender.command("send-file", who=f"{receiver.name}@localhost/test", path=str(source))
    accept(receiver, f"{sender.name}@localhost", target, marks[1], timeout)
    receiver.wait_for("file-recv-complete", timeout, marks[1])
    sender.wait_for("file-send-complete", timeout, marks[0])
    wait_same(source, target)
    assert not sender.seen("notify", marks[0]) and not receiver.seen("notify", marks[1])
