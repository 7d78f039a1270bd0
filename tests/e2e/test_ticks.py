#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real Pidgin shows behind the messages that left encrypted: that they were sent, that they have arrived."""
from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Iterator

import accessible
import harness
from accessible import Node
from encrypted import ALICE, BOB, ENDED, NOW_ENCRYPTED, Client, finish
from harness import Window, Workspace, wait_until
from test_choices import typed
from test_pidgin import DARK, Alice, encrypted_scene, pixels, plugins_window, toggle
from walk import conversation, wait_state

SENT, ARRIVED = "\u00a0\u2713", "\u00a0\u2713\u2713"
RETURNED = "\u00a0(may not have arrived)"


def history(alice: Alice) -> Node:
    """What a screen reader reads of the messages."""
    texts = [node for node in conversation(alice).walk() if node.role == "text" and node.shown() and node.text is not None
             and "editable" not in node.states]
    assert len(texts) == 1, texts
    return texts[0]


def lines(alice: Alice) -> list[str]:
    """Those of Alice's without the time and the name that they begin with."""
    return [line.partition(f"{alice.jid}: ")[2] or line for line in history(alice).text.splitlines()]


def wait_line(alice: Alice, line: str, timeout: float = 10) -> None:
    wait_until(lambda: line in lines(alice), f"{line!r}", timeout)


@contextmanager
def silent(bob: Client) -> Iterator[None]:
    """Bob's program confirms nothing for a while."""
    os.kill(bob.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(bob.process.pid, signal.SIGCONT)


def ticks_scene(workspace: Workspace, **options: Any) -> tuple[Alice, Client, Window]:
    _, alice, bob, window = encrypted_scene(workspace, accessible=True, **options)
    return alice, bob, window


def logs(alice: Alice) -> str:
    files = [path for path in Path(alice.path).rglob("*") if path.parent.name == BOB and path.is_file()]
    return "\n".join(path.read_text(errors="replace") for path in files)


def test_sent_and_arrived(workspace: Workspace) -> None:
    alice, bob, window = ticks_scene(workspace)
    with silent(bob):
        typed(alice, window, "one")
        typed(alice, window, "two")
        wait_line(alice, "one" + SENT)
        wait_line(alice, "two" + SENT)
        alice.screenshot("ticks-sent", window)
    wait_line(alice, "one" + ARRIVED)
    wait_line(alice, "two" + ARRIVED)
    bob.send(ALICE, "three")
    alice.wait_shown("three")
    alice.screenshot("ticks-arrived", window)

    # In their own lines, once, and nobody else's.
    assert history(alice).text.count("\u2713") == 4, lines(alice)
    assert any(line.endswith("three") for line in lines(alice)), lines(alice)

    # Neither in what is kept nor in what is logged.
    assert not any("\u2713" in line for line in alice.shown()), alice.shown()
    wait_until(lambda: "three" in logs(alice), "log")
    assert "one" in logs(alice) and "\u2713" not in logs(alice), logs(alice)
    alice.leave()
    finish(bob)


def test_unencrypted_has_none(workspace: Workspace) -> None:
    prosody = harness.Prosody(workspace)
    bob = Client(workspace, "bob", prosody, plugin=False)
    bob.login()
    alice = Alice(workspace, prosody, accessible=True)
    window = alice.open()
    typed(alice, window, "in the clear")
    bob.wait_for("displayed", flags="RECV", text=lambda text: "in the clear" in text)
    wait_line(alice, "in the clear")

    # Encrypted from here on; what was said before stays as it is.
    bob.load()
    bob.open(ALICE)
    alice.wait_shown(NOW_ENCRYPTED)
    typed(alice, window, "in secret")
    wait_line(alice, "in secret" + ARRIVED)
    assert "in the clear" in lines(alice), lines(alice)
    alice.leave()
    finish(bob)


def test_sent_again_has_one(workspace: Workspace) -> None:
    """Bob's program dies before it has read it, and gets it when it is there again."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    os.kill(bob.process.pid, signal.SIGSTOP)
    typed(alice, window, "once")
    wait_line(alice, "once" + SENT)
    bob.kill()
    wait_state(alice, ENDED)
    wait_line(alice, "once" + SENT)
    bob = Client(workspace, "bob", prosody)
    bob.login()
    bob.wait_received("once", timeout=60)
    wait_line(alice, "once" + ARRIVED)
    assert history(alice).text.count("\u2713") == 2, lines(alice)
    alice.leave()
    finish(bob)


def test_given_back_in_words(workspace: Workspace) -> None:
    """The user ends it, and nobody is left to confirm it."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    typed(alice, window, "here")
    wait_line(alice, "here" + ARRIVED)
    os.kill(bob.process.pid, signal.SIGSTOP)
    typed(alice, window, "lost")
    wait_line(alice, "lost" + SENT)
    bob.kill()
    wait_state(alice, ENDED)
    alice.menu(window, "e")
    wait_line(alice, "lost" + RETURNED)
    alice.screenshot("ticks-returned", window)
    assert "here" + ARRIVED in lines(alice), lines(alice)
    alice.leave()


def test_selected_text_stays(workspace: Workspace) -> None:
    """Up to the end of a message that gets a tick, and what was selected of a line that changes."""
    alice, bob, window = ticks_scene(workspace)
    with silent(bob):
        typed(alice, window, "one")
        wait_line(alice, "one" + SENT)
        node = history(alice)
        begin = node.text.index("one" + SENT)

        # All that there is when the next one is written, which goes behind it.
        end = len(node.text)
        accessible.select(alice, node, begin, end)
        alice.send(BOB, "two")
        wait_line(alice, "two" + SENT)
        assert accessible.selected(alice, history(alice)) == [[begin, end]]
        accessible.select(alice, history(alice), begin, begin + 3)
    wait_line(alice, "one" + ARRIVED)
    wait_line(alice, "two" + ARRIVED)
    assert accessible.selected(alice, history(alice)) == [[begin, begin + 3]]
    alice.leave()
    finish(bob)


def test_emptied_window(workspace: Workspace) -> None:
    """What is not there any more is not written anew, nor in another line."""
    alice, bob, window = ticks_scene(workspace)
    with silent(bob):
        typed(alice, window, "gone")
        wait_line(alice, "gone" + SENT)
        typed(alice, window, "/clear")
        wait_until(lambda: not history(alice).text.strip(), "empty history")
        typed(alice, window, "next")
        wait_line(alice, "next" + SENT)
    wait_line(alice, "next" + ARRIVED)
    bob.wait_received("gone")
    assert history(alice).text.count("\u2713") == 2, lines(alice)
    alice.leave()
    finish(bob)


def test_copied(workspace: Workspace) -> None:
    """What is copied is what is seen."""
    alice, bob, window = ticks_scene(workspace)
    typed(alice, window, "one")
    wait_line(alice, "one" + ARRIVED)
    node = history(alice)
    accessible.select(alice, node, node.text.rindex("one"), len(node.text))
    accessible.act(alice, node, "focus")
    alice.key("ctrl+c")
    entry = next(node for node in conversation(alice).walk() if node.role == "text" and node.shown()
                 and "editable" in node.states)
    accessible.act(alice, entry, "focus")
    alice.key("ctrl+v")
    wait_until(lambda: any(node.text == "one" + ARRIVED for node in conversation(alice).all("text")), "what was copied")
    assert "one" + ARRIVED in lines(alice), lines(alice)
    alice.leave()
    finish(bob)


def test_trimmed(workspace: Workspace) -> None:
    """Pidgin throws away what is above so many lines."""
    alice, bob, window = ticks_scene(workspace, prefs={"/pidgin/conversations/scrollback_lines": 10})
    with silent(bob):
        typed(alice, window, "first")
        wait_line(alice, "first" + SENT)
        alice.send(BOB, "many<br>" * 120 + "lines")
        wait_line(alice, "lines" + SENT)
        alice.send(BOB, "last")
        wait_line(alice, "last" + SENT)
        assert "first" not in history(alice).text
    wait_line(alice, "last" + ARRIVED)
    bob.wait_received("first")
    assert {"lines" + ARRIVED, "last" + ARRIVED} <= set(lines(alice)) and history(alice).text.count("\u2713") == 4
    alice.leave()
    finish(bob)


def test_closed_window(workspace: Workspace) -> None:
    """The tick goes with the window, and the next one is all right."""
    alice, bob, window = ticks_scene(workspace, prefs={"/pidgin/conversations/im/close_immediately": True})
    with silent(bob):
        typed(alice, window, "one")
        wait_line(alice, "one" + SENT)
        alice.focus(window)
        alice.key("ctrl+w")
        alice.wait_no_window("^Bob$")
        window = alice.open()
        typed(alice, window, "two")
        wait_line(alice, "two" + SENT)
    wait_line(alice, "two" + ARRIVED)
    assert history(alice).text.count("\u2713") == 2, lines(alice)
    alice.leave()
    finish(bob)


def test_typing_notice(workspace: Workspace) -> None:
    """Pidgin writes below the last message that Bob is typing, and takes that away again."""
    alice, bob, window = ticks_scene(workspace)
    with silent(bob):
        typed(alice, window, "one")
        wait_line(alice, "one" + SENT)

        # It is the first that he does then: the notice is there when the tick changes.
        command = Thread(target=bob.command, args=["typing"], kwargs={"who": ALICE, "state": "typing"})
        command.start()
    command.join()
    wait_until(lambda: any("typing" in line for line in lines(alice)), "typing notice")
    wait_line(alice, "one" + ARRIVED)
    assert any("typing" in line for line in lines(alice)), lines(alice)
    bob.command("typing", who=ALICE, state="none")
    wait_until(lambda: not any("typing" in line for line in lines(alice)), "end of the typing notice")
    assert "one" + ARRIVED in lines(alice), lines(alice)
    bob.command("typing", who=ALICE, state="typing")
    wait_until(lambda: any("typing" in line for line in lines(alice)), "typing notice again")
    typed(alice, window, "two")
    wait_line(alice, "two" + ARRIVED)
    bob.command("typing", who=ALICE, state="none")
    wait_until(lambda: not any("typing" in line for line in lines(alice)), "end of the typing notice")
    assert {"one" + ARRIVED, "two" + ARRIVED} <= set(lines(alice)), lines(alice)
    bob.send(ALICE, "three")
    alice.wait_shown("three")
    assert {"one" + ARRIVED, "two" + ARRIVED} <= set(lines(alice)), lines(alice)
    alice.leave()
    finish(bob)


def test_where_the_user_looks(workspace: Workspace) -> None:
    """Whoever looks at the end sees the tick, whoever has scrolled up sees nothing move."""
    alice, bob, window = ticks_scene(workspace, prefs={"/pidgin/conversations/use_smooth_scrolling": False})
    for number in range(20):
        alice.send(BOB, f"number {number}")
    wait_line(alice, "number 19" + ARRIVED)

    def last() -> tuple[Node, tuple[int, int, int, int]]:
        node = history(alice)
        return node, accessible.character(alice, node, node.text.rindex("\u2713"))

    def is_seen() -> bool:
        node, (_, y, _, height) = last()
        return node.extents[1] <= y and y + height <= node.extents[1] + node.extents[3]
    wait_until(is_seen, "the end")
    with silent(bob):
        typed(alice, window, "the last " + "word " * 60)
        wait_until(lambda: history(alice).text.rstrip().endswith(SENT), "tick")
        x, y, width, height = history(alice).extents
        alice._run("xdotool", "mousemove", str(x + 40), str(y + 40))
        alice.key("Shift_L")
        alice._run("xdotool", "click", "--repeat", "8", "4")
        wait_until(lambda: not is_seen(), "older messages")
        part = x - 300, y - 20, width, height // 2  # below that a bar may come and go
        before = alice.steady(window, *part, times=12)
    wait_until(lambda: history(alice).text.rstrip().endswith(ARRIVED), "second tick")
    assert alice.steady(window, *part) == before
    alice._run("xdotool", "click", "--repeat", "20", "5")
    wait_until(is_seen, "the end again")
    alice.leave()
    finish(bob)


def rest(alice: Alice, node: Node, number: int) -> None:
    """The mouse, on a character."""
    x, y, width, height = accessible.character(alice, node, number)
    alice._run("xdotool", "mousemove", str(x + width // 2), str(y + height // 2))
    alice._run("xdotool", "mousemove_relative", "1", "0")


def test_dark_theme(workspace: Workspace) -> None:
    """The colour is between those of letters and paper. Whoever rests the mouse there is told what it means."""
    gtkrc = workspace.path / "gtkrc"
    gtkrc.write_text(DARK)
    alice, bob, window = ticks_scene(workspace, env={"GTK2_RC_FILES": str(gtkrc)})
    typed(alice, window, "one")
    wait_line(alice, "one" + ARRIVED)
    alice.screenshot("ticks-dark", window)
    node = history(alice)
    x, y, width, height = accessible.character(alice, node, node.text.rindex("\u2713"))
    ink = bytes((2 * 0xe6 + paper) // 3 for paper in (0x15, 0x18, 0x1b))
    found = pixels(alice.steady(window, x - 300 - width, y - 20, 2 * width, height))
    lightest = max(found, key=sum)
    assert sum(abs(a - b) for a, b in zip(lightest, ink)) < 90, (lightest, ink)
    rest(alice, node, node.text.rindex("one"))
    time.sleep(2)  # as long as it takes somewhere else
    assert not alice.windows("^Pidgin$")
    rest(alice, node, node.text.rindex("\u2713"))
    wait_until(lambda: alice.windows("^Pidgin$"), "tooltip of a tick")
    alice.screenshot("ticks-explained")
    alice.leave()
    finish(bob)


FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def test_font_without_a_tick(workspace: Workspace) -> None:
    """Then there are words."""
    folder = workspace.folder("fonts")
    (folder / "DejaVuSerif.ttf").symlink_to("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")
    (folder / "fonts.conf").write_text(FONTS.format(folder=folder))
    alice, bob, window = ticks_scene(workspace, env={"FONTCONFIG_FILE": str(folder / "fonts.conf")})
    with silent(bob):
        typed(alice, window, "one")
        wait_line(alice, "one\u00a0(sent)")
    wait_line(alice, "one\u00a0(arrived)")
    alice.screenshot("ticks-words", window)
    alice.leave()
    finish(bob)


def shown_text(alice: Alice) -> Node:
    """What the window shows, with our menu or without."""
    window = accessible.window(alice, "Bob")
    return next(node for node in window.walk() if node.role == "text" and node.shown() and "editable" not in node.states)


def test_unticked_plugin(workspace: Workspace) -> None:
    """Without the plugin the window goes on, with what stands there, which nobody explains; and with it again."""
    alice, bob, window = ticks_scene(workspace)
    with silent(bob):
        typed(alice, window, "one")
        wait_line(alice, "one" + SENT)
    wait_line(alice, "one" + ARRIVED)
    plugins = plugins_window(alice)
    alice.place(plugins, 300, 450, 500, 400)
    mark = len(alice.shown())
    toggle(alice, plugins)
    alice.wait_shown("What you write now is not encrypted.")
    node = shown_text(alice)
    rest(alice, node, node.text.rindex("\u2713"))
    time.sleep(2)
    assert not alice.windows("^Pidgin$")
    alice.focus(plugins)
    toggle(alice, plugins)
    alice.wait_shown(NOW_ENCRYPTED, since=mark)
    typed(alice, window, "two")
    wait_line(alice, "two" + ARRIVED)
    assert "one" + ARRIVED in lines(alice), lines(alice)
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
