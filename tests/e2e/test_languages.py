#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our windows in other languages: pseudo-translations, which are longer than any real one, find what cannot be translated
and what does not fit."""
from __future__ import annotations

import re
from typing import Callable, Iterator

import harness
from accessible import Node
from encrypted import BOB, ENCRYPTED, plain
from harness import Window, Workspace
from languages import LONG, LONG_ARABIC, words
from test_pidgin import DARK, pixels
from walk import TYPED, Stop, Walk, close, conversation, dialog, indicator, menu, padlock, wait_state, walk, walk_without_log

SYSTEM = 0x0004  # PURPLE_MESSAGE_SYSTEM
LONG_NAME = " ".join(["Wolfeschlegelsteinhausenbergerdorff", "the Third of his Name"] * 4)[:200]
SCREEN_SIZE = 1024, 768


def left_over(text: str) -> str:
    """What is not in brackets, and thus not from a translation."""
    text = re.sub("[\u2066-\u2069]", "", text)
    while "[" in text:
        shorter = re.sub(r"\[[^][]*\]", "", text)
        if shorter == text:
            break
        text = shorter
    return " ".join(re.findall(r"\w+", text))


def untranslated(stop: Stop) -> list[str]:
    """Of all that is seen or read out there. GTK's own buttons are in GTK's words."""
    close = words(stop.alice.language, "gtk20")
    typed = {f"\u2068{text}\u2069" for text in TYPED}
    stock = typed | {close(f"Stock label\x04_{text}").replace("_", "") for text in ("Close", "Cancel", "OK")} | {close("Stock label\x04Warning")}
    found = {text for node in stop.node.walk() if node.shown() and node.role not in ("text", "table cell")
             for text in (node.name, node.description) if left_over(text) and text not in stock}
    return sorted(found)


def inside(inner: tuple[int, int, int, int], outer: tuple[int, int, int, int]) -> bool:
    return (outer[0] <= inner[0] and outer[1] <= inner[1] and inner[0] + inner[2] <= outer[0] + outer[2]
            and inner[1] + inner[3] <= outer[1] + outer[3])


def cut_off(stop: Stop) -> list[str]:
    """What reaches out of its window, or the window out of the screen; what has no room at all. What can be scrolled may."""
    screen = 0, 0, *SCREEN_SIZE
    outer = stop.node.extents if stop.node.role in ("dialog", "alert") else screen
    problems = [] if inside(outer, screen) else [f"{outer} is not on the screen"]
    scrolled = {below.path for node in stop.node.walk() if node.role == "scroll pane" for below in node.walk()}
    for node in stop.node.walk():
        if "showing" not in node.states or node.extents is None or node.path in scrolled:
            continue
        if node.role == "page tab" and node.extents[2:] == (0, 0):
            continue  # only screen readers know of it
        if not inside(node.extents, outer) or min(node.extents[2:]) <= 0:
            problems.append(f"{node.role} {node.name!r} at {node.extents} in {outer}")
        problems += [f"the end of {node.name!r} at {end} in {node.extents}" for end in node.ends
                     if not inside(end, node.extents)]
    return problems


def look_everywhere(workspace: Workspace, language: str, label: str, way: Callable[..., Iterator[Stop]] = walk) -> None:
    gtkrc = workspace.path / "gtkrc"
    gtkrc.write_text(DARK)
    problems, lines = [], []
    for stop in way(workspace, language=language, name=LONG_NAME, small=True, env={"GTK2_RC_FILES": str(gtkrc)},
                    size="x".join(map(str, SCREEN_SIZE))):
        stop.alice.screenshot(f"{label}-{stop.name}", stop.window)
        problems += [f"{stop.name}: not translated: {text}" for text in untranslated(stop)]
        problems += [f"{stop.name}: {text}" for text in cut_off(stop)]
        if stop.name.startswith("bar-not-"):
            lines = [plain(text) for _, text, flags in stop.alice.history(BOB) if flags & SYSTEM]
    problems += [f"not translated: {line}" for line in lines if left_over(line)]
    assert lines and not problems, "\n".join(problems)


def test_long_words(workspace: Workspace) -> None:
    look_everywhere(workspace, LONG, "long")


def test_long_words_without_log(workspace: Workspace) -> None:
    look_everywhere(workspace, LONG, "long", walk_without_log)


def test_right_to_left(workspace: Workspace) -> None:
    look_everywhere(workspace, LONG_ARABIC, "arabic")


def test_direction(workspace: Workspace) -> None:
    """In Arabic everything is on the other side, and the time is written as there."""
    way = Walk(workspace, language=LONG_ARABIC)
    way.begin()
    wait_state(way.alice, ENCRYPTED)
    left, right = indicator(way.alice), menu(way.alice)
    assert left.extents[0] < right.extents[0], (left, right)
    window, button = conversation(way.alice), padlock(way.alice)
    assert button.extents[0] + button.extents[2] < window.extents[0] + window.extents[2] - 100, (button, window)
    assert "م" in left.name or "ص" in left.name, left.name
    way.end()


def right_edge(way: Walk, window: Window, node: Node, label: Node) -> int:
    """Of what is written in the label, from the left edge of the window."""
    x, y, width, height = label.extents
    x, y = x - node.extents[0], y - node.extents[1]
    points = pixels(way.alice.steady(window, x, y, width, height))
    background = max(set(points), key=points.count)
    return x + max(at % width for at, point in enumerate(points) if point != background)


def test_paragraphs_begin_at_the_right_edge(workspace: Workspace) -> None:
    """Where they are written from the right, however long their lines are."""
    way = Walk(workspace, language="ar")
    way.begin()
    alice, title, asked = way.alice, way.alice.ours("Help"), way.alice.ours("Protection of remembered devices")
    way.tool("Protection of remembered devices...")
    alice.focus(alice.wait_window(f"^{re.escape(asked)}"))
    alice.key("F1")
    window, node = dialog(alice, title)
    paragraphs = [label for label in node.all("label") if len(label.name) > 60]
    assert len(paragraphs) > 1, node.outline()
    ends = [right_edge(way, window, node, label) for label in paragraphs]
    assert max(ends) - min(ends) <= 3, ends
    close(alice, title)
    alice.focus(alice.wait_window(f"^{re.escape(asked)}"))
    close(alice, asked)
    way.end()


if __name__ == "__main__":
    harness.main(globals())
