# SPDX-License-Identifier: GPL-3.0-or-later
"""What screen readers are told about a Pidgin that was started with accessible=True."""
from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from typing import Iterator

from pidgin import READER, Pidgin
from workspace import wait_until

# What somebody comes to by keyboard, and what says something without words.
ITEMS = {"menu", "menu item", "check menu item", "radio menu item"}
CONTROLS = ITEMS | {"push button", "toggle button", "check box", "radio button", "text", "entry", "password text",
                    "combo box", "spin button", "slider", "link", "table", "tree table", "tree", "list"}
SPEAKING = CONTROLS | {"icon", "image", "unknown", "drawing area", "alert", "dialog", "frame", "page tab", "progress bar"}


@dataclass
class Node:
    """One accessible object. Extents are x, y, width and height on the screen."""
    role: str
    name: str
    description: str
    states: frozenset[str]
    actions: tuple[str, ...]
    extents: tuple[int, int, int, int] | None
    ends: tuple[tuple[int, int, int, int], ...]  # of a label: where its first and its last character are
    text: str | None
    labels: tuple[str, ...]
    path: tuple[int, ...]
    children: list[Node] = field(repr=False)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def shown(self) -> bool:
        """GTK does not tell of the items of a menu whether they are on the screen."""
        return "showing" in self.states or (self.role in ITEMS and "visible" in self.states)

    def all(self, role: str | None = None, name: str | None = None) -> list[Node]:
        """What is shown of these with a role and a name (or its beginning, if it ends in a star)."""
        def fits(node: Node) -> bool:
            if name is not None and not (node.name.startswith(name[:-1]) if name.endswith("*") else node.name == name):
                return False
            return role in (None, node.role) and node.shown()
        return [node for node in self.walk() if fits(node)]

    def one(self, role: str | None = None, name: str | None = None) -> Node:
        found = self.all(role, name)
        if len(found) != 1:
            others = [node.name for node in self.all(role)]
            raise LookupError(f"{len(found)} of {role} {name!r} in {self.role} {self.name!r}; there are {others}")
        return found[0]

    def outline(self, depth: int = 0) -> str:
        """To be read by people."""
        more = f" ({self.description})" if self.description else ""
        mine = "  " * depth + f"{self.role} {self.name!r}{more} {' '.join(sorted(self.states))}"
        return "\n".join([mine, *(child.outline(depth + 1) for child in self.children)])

    def spoken(self) -> str:
        """What it is called, by itself or by a label that belongs to it."""
        return " ".join([self.name, *self.labels]).strip()


def build(data: dict, path: tuple[int, ...] = ()) -> Node:
    children = [build(child, (*path, i)) for i, child in enumerate(data["children"]) if child is not None]
    return Node(data["role"], data["name"] or "", data["description"] or "", frozenset(data["states"]),
                tuple(data["actions"]), tuple(data["extents"]) if data["extents"] else None,
                tuple(map(tuple, data["ends"])), data["text"], tuple(data["labels"]), path, children)


def run(pidgin: Pidgin, *arguments: str) -> str:
    """The reader is started anew each time, so that it remembers nothing that is no longer true."""
    def answer() -> subprocess.CompletedProcess | None:
        pidgin.alive()
        done = subprocess.run([*READER, *arguments], env=pidgin.environment, capture_output=True,
                              text=True, timeout=60)
        # Before that line there may be warnings of Python's.
        return None if any(line.startswith("again: ") for line in done.stderr.splitlines()) else done
    done = wait_until(answer, "quiet moment to read")
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def tree(pidgin: Pidgin, title: str = "*") -> Node:
    """The program with all its windows, or only those with a title, which may end in a star."""
    return build(json.loads(run(pidgin, "tree", title)))


def window(pidgin: Pidgin, title: str) -> Node:
    """The first window with this title."""
    return wait_until(lambda: next(iter([node for node in tree(pidgin, title).children if "showing" in node.states]), None),
                      f"accessible window {title!r}")


def act(pidgin: Pidgin, node: Node, action: str = "click") -> None:
    """As a screen reader does it for its user."""
    run(pidgin, "act", path_of(node), node.role, node.name, action)


def path_of(node: Node) -> str:
    return "/".join(map(str, node.path))


def select(pidgin: Pidgin, node: Node, begin: int, end: int) -> None:
    """Part of its text."""
    run(pidgin, "select", path_of(node), str(begin), str(end))


def selected(pidgin: Pidgin, node: Node) -> list[list[int]]:
    return json.loads(run(pidgin, "selected", path_of(node)))


def character(pidgin: Pidgin, node: Node, number: int) -> tuple[int, int, int, int]:
    """Where it is on the screen."""
    return tuple(json.loads(run(pidgin, "at", path_of(node), str(number))))


def nameless(node: Node) -> list[str]:
    """What a screen reader has no words for, of all that is shown in node."""
    return [f"{found.role} at {found.extents}" for found in node.walk()
            if found.role in SPEAKING and found.shown() and not found.spoken()]


def reachable(node: Node) -> set[tuple[int, ...]]:
    """The controls that the keyboard should come to."""
    return {found.path for found in node.walk() if {"focusable", "showing", "sensitive"} <= found.states
            and (found.role in CONTROLS or found.role == "label")}


def tab_order(pidgin: Pidgin, title: str, key: str = "Tab") -> list[tuple[int, ...]]:
    """The paths of what has the focus in a window, from now on until it comes round again."""
    order: list[tuple[int, ...]] = []
    for _ in range(60):
        found = run(pidgin, "focused", title).strip()
        path = tuple(map(int, found.split("/"))) if found else None
        if path is not None:
            if order and path == order[0]:
                return order
            order.append(path)
        pidgin.key(key)
    raise AssertionError(f"the focus does not come round: {order}")
