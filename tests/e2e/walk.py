# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks through every window and state of ours in a real Pidgin, in any language: it goes by roles, by actions for screen
readers, and by translated strings, never by keys.

    for stop in walk(workspace, language="de"):
        stop.alice.screenshot(stop.name, stop.window)
"""
from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from typing import Any, Iterator

import accessible
from accessible import Node
from encrypted import ALICE, BOB, ENCRYPTED, ENDED, HELD, PLAIN, STARTING, VERIFIED, finish
from harness import Window, Workspace, wait_until
from pidgin import preferences
from test_choices import ALWAYS, policies, typed
from test_pidgin import SCREEN, Alice, scene

SMALLEST = 340, 300
MENU = "Encr_yption"
TYPED = "one", "two", "three", "four", "five"
WAITING = "_Edit", "Disca_rd"  # of one message


@dataclass(frozen=True)
class Stop:
    """Where the walk is: what is to be seen is on the screen."""
    name: str
    alice: Alice
    window: Window  # SCREEN where menus are open
    node: Node  # what of it is ours


def label(alice: Alice, text: str) -> str:
    """One of our strings as it is read: translated, without its key."""
    return re.sub(r"_(?=\w)", "", alice.ours(text))


def conversation(alice: Alice) -> Node:
    """The window that has our menu."""
    name = label(alice, MENU)

    def find() -> Node | None:
        bars = [bar for window in accessible.tree(alice).children for bar in window.all("menu bar")[:1]
                if any((node.role, node.name) == ("menu", name) for node in bar.children)]
        return bars[0] if bars else None
    bar = wait_until(find, "menu of ours")
    return next(window for window in accessible.tree(alice).children if window.path == bar.path[:1])


def menu(alice: Alice) -> Node:
    """Ours; Pidgin's Conversation > More has another of that name."""
    bar = conversation(alice).all("menu bar")[0]
    return next(node for node in bar.children if (node.role, node.name) == ("menu", label(alice, MENU)))


def indicator(alice: Alice) -> Node:
    """The tray at the end of the menu bar."""
    return next(node for node in conversation(alice).all("menu bar")[0].children if node.role == "menu item")


def padlock(alice: Alice) -> Node:
    """The button behind the contact's name, once it says what the indicator says."""
    def find() -> Node | None:
        told = indicator(alice)
        return next((node for node in conversation(alice).all("push button", told.name)
                     if node.description == told.description), None)
    return wait_until(find, "padlock")


def wait_state(alice: Alice, state: str) -> None:
    """Of all that says it; a state's words may be followed by others."""
    words = alice.ours(state).rstrip("]")
    wait_until(lambda: words in indicator(alice).name and words in menu(alice).description and words in padlock(alice).name,
               f"{words!r} for screen readers")


def item(alice: Alice, name: str) -> Node:
    """Of our menu, once it can be chosen; name has the key."""
    wanted = label(alice, name)
    return wait_until(lambda: next((node for node in menu(alice).all(name=wanted) if "sensitive" in node.states), None),
                      wanted)


def choose(alice: Alice, *names: str) -> None:
    """An item of our menu, opened as a screen reader's user does."""
    accessible.act(alice, menu(alice))
    for name in names:
        accessible.act(alice, item(alice, name))


def always(alice: Alice) -> None:
    """Conversations with Bob are encrypted, and what waits for it does so for as long as it takes."""
    choose(alice, "_This contact", "_Always")
    wait_until(lambda: policies(alice) == {BOB: ALWAYS}, "policy")


def bar(alice: Alice, *buttons: str) -> Node:
    """The one above the entry, once it has these buttons, and they can be pressed."""
    wanted = [label(alice, button) for button in buttons]

    def find() -> Node | None:
        return next((node for node in conversation(alice).all("alert")
                     if [button.name for button in node.all("push button") if "sensitive" in button.states] == wanted), None)
    return wait_until(find, f"bar with {wanted}", 20)


def press(alice: Alice, window: Window, node: Node, button: str) -> None:
    """By keyboard: GTK complains when its own action for screen readers destroys the button."""
    alice.focus(window)
    accessible.act(alice, node.one("push button", label(alice, button)), "focus")
    alice.key("space")


def dialog(alice: Alice, title: str) -> tuple[Window, Node]:
    """One of ours, once it is there; its title is translated already."""
    window = alice.wait_window(f"^{re.escape(title)}")
    alice.place(window, 20, 40)
    alice.focus(window)
    return window, accessible.window(alice, f"{title}*")


def close(alice: Alice, title: str) -> None:
    alice.key("Escape")
    alice.wait_no_window(f"^{re.escape(title)}")


class Walk:
    """Alice's Pidgin and Bob's client, and where they are."""

    def __init__(self, workspace: Workspace, name: str = "Bob", small: bool = False, **options: Any):
        self.workspace = workspace
        self.name = name
        self.size = SMALLEST if small else (600, 400)
        self.options = options | {"accessible": True}

    def begin(self, stopped: bool = False) -> None:
        users = {"alice": "Alice", "bob": self.name}
        self.prosody, self.alice, self.bob = scene(self.workspace, users=users, **self.options)
        if stopped:
            self.stop()
        self.window = self.alice.open(title=f"^{re.escape(self.name)}$")
        self.alice.place(self.window, 300, 20, *self.size)

    def stop(self) -> None:
        os.kill(self.bob.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.bob.process.pid, signal.SIGCONT)

    def end(self) -> None:
        self.alice.leave()
        finish(self.bob)

    def state(self, name: str, state: str) -> Stop:
        wait_state(self.alice, state)
        return Stop(name, self.alice, self.window, padlock(self.alice))

    def bar(self, name: str, *buttons: str) -> Stop:
        return Stop(name, self.alice, self.window, bar(self.alice, *buttons))

    def dialog(self, name: str, title: str) -> Iterator[Stop]:
        """It is closed when the walk goes on."""
        yield Stop(name, self.alice, *dialog(self.alice, title))
        close(self.alice, title)

    def helped(self, name: str, title: str) -> Iterator[Stop]:
        """The same, and its help."""
        window, node = dialog(self.alice, title)
        yield Stop(name, self.alice, window, node)
        self.alice.key("F1")
        yield from self.dialog(f"help-{name}", self.alice.ours("Help"))
        self.alice.focus(window)
        close(self.alice, title)

    def plain(self, name: str) -> Iterator[Stop]:
        """With a verified contact it takes an answer."""
        choose(self.alice, "_End encryption")
        title = self.alice.ours("Write unencrypted?")
        window, node = dialog(self.alice, title)
        yield Stop(name, self.alice, window, node)
        press(self.alice, window, node, "_Write unencrypted")
        self.alice.wait_no_window(f"^{re.escape(title)}")

    def menus(self) -> Iterator[Stop]:
        accessible.act(self.alice, menu(self.alice))
        item(self.alice, "_End encryption")
        yield Stop("menu", self.alice, SCREEN, menu(self.alice))
        accessible.act(self.alice, item(self.alice, "_This contact"))
        item(self.alice, "_Always")
        yield Stop("menu-contact", self.alice, SCREEN, menu(self.alice))
        self.alice.key("Escape", "Escape", "Escape")

    # The ways

    def states(self) -> Iterator[Stop]:
        alice, bob = self.alice, self.bob
        yield self.state("state-not-encrypted", PLAIN)
        always(alice)
        typed(alice, self.window, "one")
        yield self.bar("bar-waiting", *WAITING, "Send _unencrypted", "_Keep waiting")
        self.go_on()
        yield self.state("state-encrypted", ENCRYPTED)
        yield from self.menus()
        choose(alice, "_About encryption")
        yield from self.dialog("about", alice.ours("About encryption"))
        choose(alice, "_Verify...")
        yield from self.verification()
        yield self.state("state-verified", VERIFIED)
        bob.open(ALICE)
        bob.ask(ALICE, "end")
        yield self.state("state-ended", ENDED)
        yield self.bar("bar-ended", "Start a_gain", "_Write unencrypted")
        self.stop()
        choose(alice, "_Start encryption")
        yield self.state("state-starting", STARTING)
        self.go_on()
        wait_state(alice, VERIFIED)

    def page(self, window: Window, name: str) -> None:
        """Of the dialog, by mouse."""
        def tab() -> Node:
            node = accessible.window(self.alice, f"{self.alice.ours('Verify the other side')}*")
            return node.one("page tab", label(self.alice, name))
        x, y, width, height = tab().extents
        self.alice._run("xdotool", "mousemove", str(x + width // 2), str(y + height // 2), "click", "1")
        wait_until(lambda: any("showing" in node.states for child in tab().children for node in child.walk()),
                   f"page {name!r}")

    def verification(self) -> Iterator[Stop]:
        """All that the dialog shows, until both are sure."""
        alice, title = self.alice, self.alice.ours("Verify the other side")

        def node() -> Node:
            return accessible.window(alice, f"{title}*")
        window, _ = dialog(alice, title)
        yield Stop("verify", alice, window, node())
        self.page(window, "_Type the code")
        accessible.act(alice, next(one for one in node().all("text") if one.shown()), "focus")
        alice.type("jjj")
        wait_until(lambda: any(one.text == "jjj" for one in node().all("text")), "what was typed")
        yield Stop("verify-type", alice, window, node())
        self.page(window, "Shared pass_word")
        yield Stop("verify-password", alice, window, node())
        self.page(window, "With a lin_k")
        yield Stop("verify-link", alice, window, node())
        self.page(window, "C_ompare codes")
        press(alice, window, node(), "They _differ")
        yield Stop("verify-differ", alice, window, node())
        press(alice, window, node(), "_Back")
        press(alice, window, node(), "They _match")
        wait_state(alice, VERIFIED)
        wait_until(lambda: not node().all("push button", label(alice, "They _match")), "end of the question")
        yield Stop("verify-done", alice, window, node())
        close(alice, title)

    def messages(self) -> Iterator[Stop]:
        """From verified: what has not arrived, what waits, what was not sent."""
        alice = self.alice
        self.stop()
        typed(alice, self.window, "two")
        yield self.bar("bar-not-arrived")
        self.go_on()
        self.bob.wait_received("two")
        self.bob.command("disconnect")
        wait_state(alice, ENDED)
        yield from self.plain("question-write")
        wait_state(alice, HELD)
        typed(alice, self.window, "three")
        typed(alice, self.window, "four")
        press(alice, self.window, bar(alice, *WAITING * 2, "Send _unencrypted", "_Keep waiting"), "Send _unencrypted")
        title = alice.ours("Send unencrypted?")
        yield from self.dialog("question", title)
        alice.focus(self.window)
        alice.type("five")
        yield from self.plain("question-write-waiting")
        yield self.bar("bar-not-sent", "Send a_gain", "_Do not send")

    def contact(self) -> Iterator[Stop]:
        """In the buddy list."""
        buddies = self.alice.buddy_list()
        row = next(node for node in accessible.tree(self.alice).walk() if node.role == "table cell"
                   and node.name.startswith(self.name[:20]) and node.shown())
        x, y, _, height = row.extents
        self.alice._run("xdotool", "mousemove", str(x + 5), str(y + height // 2), "click", "3")
        name = label(self.alice, MENU)
        found = wait_until(lambda: [node for popup in accessible.tree(self.alice).all("window")
                                    for node in popup.all("menu", name)], "menu of a contact")
        accessible.act(self.alice, found[0])
        yield Stop("menu-buddy-list", self.alice, SCREEN, found[0])
        self.alice.key("Escape", "Escape", "Escape")
        self.alice.focus(buddies)

    def plugin(self) -> Iterator[Stop]:
        """The entry in the list of plugins, and its settings."""
        alice = self.alice
        alice.focus(alice.buddy_list())
        alice.key("ctrl+u")
        window = alice.wait_window(f"^{re.escape(alice.pidgins('Plugins'))}$")
        alice.place(window, 300, 200, 600, 500)
        alice.focus(window)

        def read() -> Node:
            return accessible.window(alice, alice.pidgins("Plugins"))
        name = alice.ours("Encrypted Sessions")

        def row() -> Node | None:
            """However many others there are. To be given the keyboard selects it."""
            cell = next((node for node in read().walk() if node.role == "table cell" and name in node.name), None)
            if cell and "selected" not in cell.states:
                accessible.act(alice, cell, "focus")
            return cell if cell and {"selected", "showing"} <= cell.states else None
        yield Stop("plugins", alice, window, wait_until(row, "our row in the list of plugins"))
        accessible.act(alice, read().one("push button", alice.pidgins("Configure Pl_ugin").replace("_", "")))
        yield from self.dialog("plugin-settings", name)


    def without_log(self) -> Iterator[Stop]:
        """Bob wants none."""
        folder = self.workspace.folder("purple-bob")
        (folder / "prefs.xml").write_text(preferences({"/plugins/core/esession/log": False}))
        self.begin()
        yield self.bar("bar-not-logged", "_Go on without a log", "E_nd encryption")

    def tool(self, name: str) -> None:
        """From Tools > Encrypted Sessions."""
        alice = self.alice
        alice.focus(alice.buddy_list())
        wanted = alice.ours("Encrypted Sessions")
        menus = [node for node in accessible.window(alice, alice.pidgins("Buddy List")).all("menu", wanted)]
        accessible.act(alice, menus[0].one("menu item", label(alice, name)))

    def tools(self) -> Iterator[Stop]:
        """The windows of remembered devices and of preferences."""
        alice, title = self.alice, self.alice.ours("Remembered devices")
        self.tool("Preferences...")
        yield from self.helped("preferences", alice.ours("Encryption preferences"))
        self.tool("Report a problem...")
        yield from self.dialog("report", alice.ours("Report a problem"))
        self.tool("Remembered devices...")
        window, node = dialog(alice, title)
        yield Stop("devices", alice, window, node)
        row = next(cell for cell in node.walk() if cell.role == "table cell" and cell.shown() and BOB in cell.name)
        x, y, _, height = row.extents
        alice._run("xdotool", "mousemove", str(x + 5), str(y + height // 2), "click", "1")
        wait_until(lambda: "sensitive" in accessible.window(alice, title).one("push button", label(alice, "_Forget")).states,
                   "selected device")
        yield Stop("devices-selected", alice, window, accessible.window(alice, title))
        for button, name, other in (("_Rename...", "device-rename", "Rename the device"),
                                    ("_Forget", "device-forget", "Forget?")):
            press(alice, window, accessible.window(alice, title), button)
            yield from self.dialog(name, alice.ours(other))
        alice.focus(window)
        close(alice, title)


def walk(workspace: Workspace, **options: Any) -> Iterator[Stop]:
    """Nearly everything; options are Walk's."""
    way = Walk(workspace, **options)
    way.begin(stopped=True)
    way.tool("Remembered devices...")
    yield from way.dialog("devices-none", way.alice.ours("Remembered devices"))
    yield from way.states()
    yield from way.contact()
    yield from way.plugin()
    yield from way.tools()
    yield from way.messages()
    way.end()


def walk_without_log(workspace: Workspace, **options: Any) -> Iterator[Stop]:
    """The rest, which takes another Bob."""
    way = Walk(workspace, **options)
    yield from way.without_log()
    way.end()
