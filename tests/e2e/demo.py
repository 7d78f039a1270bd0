#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: alice and bob, each with a Pidgin of their own, throw-away folders and a private server."""
from __future__ import annotations

import html
import os
import re
import signal
import sys
import textwrap
import time

import accessible
from harness import Pidgin, Prosody, Workspace, built, ended, wait_until
from workspace import SIGNALS

ALICE, BOB = "alice@localhost", "bob@localhost"
TITLES = {BOB: "^Bob$", ALICE: "^Alice$"}
HELLO = "Hi Bob, this was typed before anything was encrypted."
ANSWER = "Hi Alice! 1 < 2 & nobody else knows."
LATER = "Both of us have restarted, and nobody had to do anything."


def plugins() -> list:
    return [built("src/purple/esession.so"), built("src/pidgin/pidgin-esession.so")]


def start(workspace: Workspace, prosody: Prosody, display: str | None) -> tuple[Pidgin, Pidgin]:
    options = {"plugins": plugins(), "loaded": ["pidgin-esession.so"], "size": "1280x800"}
    alice = Pidgin(workspace, "alice", prosody, buddies=[BOB], display=display, accessible=display is None, **options)
    bob = Pidgin(workspace, "bob", prosody, buddies=[ALICE], display=display or alice.environment["DISPLAY"],
                 **options)
    return alice, bob


def lines(pidgin: Pidgin, who: str) -> list[str]:
    return [html.unescape(re.sub("<[^>]*>", "", text)) for _, text, _ in pidgin.history(who)]


def wait_line(pidgin: Pidgin, who: str, text: str) -> str:
    def found() -> str | None:
        return next((line for line in reversed(lines(pidgin, who)) if text in line), None)
    return wait_until(found, f"{text!r} shown to {pidgin.name}", 20)


def ask(pidgin: Pidgin, who: str, command: str, answer: str) -> str:
    """What /esession COMMAND, typed into the window, says."""
    before = len(lines(pidgin, who))
    pidgin.focus(pidgin.wait_window(TITLES[who]))
    pidgin.type(f"/esession {command}")
    pidgin.key("Return")
    wait_until(lambda: len(lines(pidgin, who)) > before, f"answer to /esession {command}")
    return wait_line(pidgin, who, answer)


def state(pidgin: Pidgin, who: str) -> str:
    return ask(pidgin, who, "status", "This conversation:").removeprefix("This conversation: ")


def code(pidgin: Pidgin) -> str:
    """What the dialog shows."""
    shown = accessible.window(pidgin, "Verify*")
    return next(node.text for node in shown.all("label") if re.fullmatch("[a-z0-9]{3} [a-z0-9]{3}", node.text or ""))


def open_windows(alice: Pidgin, bob: Pidgin) -> None:
    alice.conversation(BOB)
    alice.place(alice.wait_window(TITLES[BOB]), 20, 40, 600, 360)
    bob.conversation(ALICE)
    bob.place(bob.wait_window(TITLES[ALICE]), 640, 40, 600, 360)


def hide_lists(*pidgins: Pidgin) -> None:
    for pidgin in pidgins:
        for window in pidgin.windows("Buddy List"):
            pidgin.place(window, 20, 420)


def verify(pidgin: Pidgin, title: str, x: int) -> None:
    """Opens the dialog from the keyboard."""
    pidgin.focus(pidgin.wait_window(title))
    pidgin.key("alt+y", "v")
    pidgin.place(pidgin.wait_window("Verify"), x, 120)


def match(pidgin: Pidgin) -> None:
    """They match; and the dialog that says so is closed."""
    pidgin.focus(pidgin.wait_window("Verify"))
    pidgin.key("alt+m")
    time.sleep(0.3)
    pidgin.key("Return")
    pidgin.wait_no_window("Verify")


def type_code(pidgin: Pidgin, read: str) -> None:
    """The program compares it with its own."""
    pidgin.focus(pidgin.wait_window("Verify"))
    pidgin.key("alt+t", "alt+c")
    pidgin.type(read)
    pidgin.key("Return")
    time.sleep(0.3)
    pidgin.key("Return")
    pidgin.wait_no_window("Verify")


def by_itself(workspace: Workspace) -> None:
    prosody = Prosody(workspace)
    alice, bob = start(workspace, prosody, None)
    alice.conversation(BOB)
    alice.send(BOB, html.escape(HELLO))
    wait_line(bob, ALICE, HELLO)
    open_windows(alice, bob)
    hide_lists(alice, bob)
    bob.send(ALICE, html.escape(ANSWER))
    wait_line(alice, BOB, ANSWER)

    print("Before:   ", state(alice, BOB), "/", state(bob, ALICE))
    verify(alice, TITLES[BOB], 120)
    first = alice.screenshot("1-the-code")
    read = code(alice)
    print("Code:     ", read, "(alice's, typed by bob)")
    match(alice)
    verify(bob, TITLES[ALICE], 740)
    type_code(bob, read)
    wait_line(bob, ALICE, "You have verified")
    wait_line(alice, BOB, "You have verified")
    second = alice.screenshot("2-verified")
    print("Verified: ", state(alice, BOB), "/", state(bob, ALICE))

    alice.quit()
    bob.quit()
    alice.start()
    bob.start()
    alice.conversation(BOB)
    wait_line(alice, BOB, "encrypted and verified")
    open_windows(alice, bob)
    hide_lists(alice, bob)
    alice.send(BOB, html.escape(LATER))
    wait_line(bob, ALICE, LATER)
    third = alice.screenshot("3-after-restart")
    states = state(alice, BOB), state(bob, ALICE)
    print("Restarted:", states[0], "/", states[1])
    if not all("Encrypted and verified" in s for s in states):
        raise RuntimeError("The conversation is not verified after a restart.")

    leaked = [text for text in (HELLO, ANSWER, LATER) if prosody.holding(text)]
    print("What the server saw of the three messages:")
    for stanza in prosody.stanzas("received"):
        if "<data>" in stanza.xml and "<body>" in stanza.xml:
            print(textwrap.indent("\n".join(textwrap.wrap(stanza.xml, 116)), "    "))
    print("Screenshots:", first, second, third, sep="\n    ")
    if leaked:
        raise RuntimeError(f"The server could read {leaked}.")
    print("The server could not read any of them.")
    alice.quit()
    bob.quit()


def to_play_with(workspace: Workspace) -> None:
    prosody = Prosody(workspace)
    alice, bob = start(workspace, prosody, os.environ["DISPLAY"])
    alice.conversation(BOB)
    bob.conversation(ALICE)
    print("Two Pidgins are running: one is Alice's, one is Bob's, and they are talking encrypted already.\n"
          "Choose Verify in the Encryption menu of both windows and compare the codes.\n"
          "Close both, or press Ctrl-C here, and everything is gone again.")
    while not (ended(alice.process) and ended(bob.process)):
        time.sleep(0.5)


def main() -> int:
    for number in SIGNALS:
        signal.signal(number, lambda number, frame: sys.exit(0))
    try:
        with Workspace(False) as workspace:
            if os.environ.get("DISPLAY") and "--headless" not in sys.argv:
                to_play_with(workspace)
            else:
                by_itself(workspace)
    except Exception as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
