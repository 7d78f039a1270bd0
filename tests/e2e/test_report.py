#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window with the report of a fault in a real Pidgin: read, copied, saved, closed, by keyboard and by mouse."""
from __future__ import annotations

import re
import stat
from pathlib import Path

import accessible
import harness
from accessible import Node
from encrypted import ALICE, YOU_VERIFIED, Client, finish
from harness import Window, Workspace, wait_until
from test_pidgin import Alice, encrypted_scene
from walk import Walk, conversation

TITLE = "Report a problem"


def read(alice: Alice) -> Node:
    """What the window shows."""
    return accessible.window(alice, TITLE).one("text", TITLE)


def save(alice: Alice, path: Path) -> set[str]:
    """By keyboard. What is on the screen before the chooser is asked for the file."""
    alice.focus(alice.wait_window(f"^{TITLE}"))
    alice.key("alt+s")
    chooser = alice.wait_window("^Save the report")
    alice.focus(chooser)
    alice.key("ctrl+a")
    alice.type(str(path))
    alice.screenshot("report-save", chooser)
    before = alice.popups()
    alice.key("Return")
    return before


def replace(alice: Alice, before: set[str], answer: str) -> None:
    """Answers GTK's question whether the file that is there is to be replaced, in a window without a title."""
    def buttons() -> list[Node]:
        return [button for alert in accessible.tree(alice).all("alert") for button in alert.all("push button", answer)]
    wait_until(buttons, answer)
    alice.screenshot("report-replace")
    alice.focus(Window(next(iter(alice.popups() - before)), ""))
    accessible.act(alice, buttons()[0], "focus")
    alice.key("space")
    wait_until(lambda: not buttons(), "end of the question")


def words(text: str) -> list[str]:
    return text.split()


def shown(workspace: Workspace) -> tuple[Alice, Client, Window, Window, list[str]]:
    """From the menu of a verified conversation: both people, both windows, and what must not stand in the report."""
    workspace.folder("home/.local/share")
    _, alice, bob, window = encrypted_scene(workspace, accessible=True)
    code = bob.code(ALICE)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    alice.focus(window)
    alice.type("between the two of us")
    alice.key("Return")
    bob.wait_received("between the two of us")
    alice.menu(window, "b")
    report = alice.wait_window(f"^{TITLE}$")
    alice.place(report, 320, 200)
    return alice, bob, window, report, ["between the two of us", code, "alice", "bob", "localhost", str(workspace.path)]


def test_read_copied_and_saved(workspace: Workspace) -> None:
    """It tells what happened, nothing of what was said nor by whom, and what is copied and saved is what was shown."""
    alice, bob, window, report, secrets = shown(workspace)
    text = read(alice).text
    for line in ("  contacts, verified: 1", "  sessions: 1", "  devices: 1", "  verified: 1"):
        assert line in text.splitlines(), (line, text)
    assert re.search(r"^....-..-..T..:..:..Z session info ~[0-9a-f]{6}: encrypted, verified: verified$", text, re.M), text
    for secret in secrets:
        assert secret not in text, (secret, text)
    assert "editable" not in read(alice).states
    sentence = [node.name for node in accessible.window(alice, TITLE).all("label") if "bug report" in node.name]
    assert len(sentence) == 1 and "nothing that was written" in sentence[0], sentence
    alice.screenshot("report", report)

    # It is only to be read: what is typed there changes nothing.
    alice.focus(report)
    alice.type("x")
    alice.key("BackSpace")
    assert read(alice).text == text

    # Copied; and something happens, which is in the next report and not in this one.
    alice.key("alt+y")
    alice.focus(window)
    alice.key("ctrl+v")

    def pasted() -> bool:
        return any(words(node.text or "") == words(text) for node in conversation(alice).walk()
                   if node.role == "text" and "editable" in node.states)
    wait_until(pasted, "pasted report")
    alice.key("ctrl+a", "BackSpace")

    # Saved, for nobody else to read; what is there is asked about.
    path = workspace.path / "mine.txt"
    path.write_text("mine")
    path.chmod(0o644)
    replace(alice, save(alice, path), "Cancel")
    assert path.read_text() == "mine"
    alice.focus(alice.wait_window("^Save the report"))
    alice.key("Escape")
    alice.wait_no_window("^Save the report")
    replace(alice, save(alice, path), "Replace")
    alice.wait_no_window("^Save the report")
    wait_until(lambda: path.read_text() == text, "saved report")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = workspace.path / "new.txt"
    save(alice, other)
    wait_until(lambda: other.exists() and other.read_text() == text, "new file")
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    assert not list(alice.path.glob("esession-report-*")), "a file that nobody asked for"

    # Where that cannot be done it is said, and the report is still there.
    save(alice, Path("/proc/report.txt"))
    wait_until(lambda: any("please choose another place" in node.name for node in accessible.tree(alice).all("label")),
               "complaint")
    alice.key("Escape")
    alice.focus(report)
    alice.key("Escape")
    alice.wait_no_window(f"^{TITLE}")
    alice.leave()
    finish(bob)


def test_once_by_mouse(workspace: Workspace) -> None:
    """From both menus it is one window, which tells anew what has happened by then; the mouse closes it."""
    way = Walk(workspace)
    way.begin()
    alice = way.alice
    alice.wait_shown("now encrypted")
    way.tool("Report a problem...")
    report = alice.wait_window(f"^{TITLE}$")
    alice.place(report, 300, 450)
    before = read(alice).text
    assert "  contacts, verified: 0" in before.splitlines(), before
    alice.dialog(way.window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    assert read(alice).text == before
    alice.menu(way.window, "b")
    wait_until(lambda: "  contacts, verified: 1" in read(alice).text.splitlines(), "new report")
    assert len(alice.windows(f"^{TITLE}$")) == 1
    close = accessible.window(alice, TITLE).one("push button", "Close")
    alice.click_at(close.extents)
    alice.wait_no_window(f"^{TITLE}")
    way.end()


if __name__ == "__main__":
    harness.main(globals())
