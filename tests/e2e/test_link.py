#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people verify by links that they hand to each other past the conversation, and not by those that come through it."""
from __future__ import annotations

import os
import signal
import subprocess

import accessible
import harness
from accessible import Node
from encrypted import ALICE, BOB, ENCRYPTED, NOW_ENCRYPTED, YOU_VERIFIED, finish, tells
from encrypted import pair as headless
from harness import Pidgin, Prosody, Window, Workspace, built, wait_until
from test_accessible import check_focus
from test_pidgin import Alice, encrypted_scene, scene
from test_window import REMIND, link_place

CAME = "This link came through the conversation that it is to verify"
HERE = "A link to verify with proves nothing in the conversation that it is about"
EARLIER = "This link is of an earlier conversation"
ELSEWHERE = "This link is of another conversation"
OWN = "This is your own link"
NONE = "There is no verification code now."
UNREADABLE = "This is not a whole link to verify with"
START = "The link can only be checked while the conversation is encrypted"


class Bob(Alice):
    """The other one, who has a Pidgin, too."""

    def __init__(self, workspace: Workspace, prosody: Prosody, **options):
        plugins = [built("src/purple/esession.so"), built("src/pidgin/pidgin-esession.so")]
        Pidgin.__init__(self, workspace, "bob", prosody, buddies=(ALICE,), plugins=plugins, loaded=["pidgin-esession.so"],
                        **options)


def pair(workspace: Workspace) -> tuple[Alice, Bob, Window, Window]:
    """Both in an encrypted conversation, each in a Pidgin of their own."""
    prosody = Prosody(workspace)
    bob = Bob(workspace, prosody, accessible=True)
    alice = Alice(workspace, prosody, accessible=True)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    return alice, bob, window, bob.open(ALICE, "^Alice$")


def page(who: Alice) -> Node:
    """The page with the link, turned to as somebody does who uses the keyboard."""
    def shown() -> Node | None:
        return next((node for node in [accessible.window(who, "Verify*")] if node.all("text", who.ours("Your link"))), None)
    who.key("alt+k")
    return wait_until(shown, "page with the link")


def own_link(node: Node) -> str:
    return node.one("text", "Your link").text


def paste(who: Alice, link: str) -> None:
    """Into what has the key of the entry, and the button is pressed."""
    who.key("alt+p", "ctrl+a")
    who.type(link)
    who.key("alt+h")


def wait_said(who: Alice, text: str) -> None:
    wait_until(lambda: any(text in node.name for node in accessible.window(who, "Verify*").all("label")), f"{text!r} in Verify")


def decoded(picture) -> list[str]:
    """What a QR code in a picture says."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, timeout=60)
    return done.stdout.split("\n")[:-1]


def test_both_verify(workspace: Workspace) -> None:
    """Each for themselves. The picture says what the text says."""
    alice, bob, alice_window, bob_window = pair(workspace)
    alice_dialog, bob_dialog = alice.dialog(alice_window), bob.dialog(bob_window)
    alice_link, bob_link = own_link(page(alice)), own_link(page(bob))
    assert alice_link.startswith("xmpp:alice@localhost/pidgin?esession;verify="), alice_link
    assert decoded(alice.screenshot("link-page", alice_dialog)) == [alice_link]
    assert decoded(bob.screenshot("link-page-bob", bob_dialog)) == [bob_link]

    paste(bob, bob_link)
    wait_said(bob, OWN)
    bob.screenshot("link-own", bob_dialog)
    paste(bob, alice_link)
    bob.wait_shown(YOU_VERIFIED, ALICE)
    assert bob.devices() == [(ALICE, True)] and alice.devices() == [(BOB, False)]
    bob.screenshot("link-done", bob_dialog)
    paste(alice, bob_link)
    alice.wait_shown(YOU_VERIFIED)
    assert alice.devices() == [(BOB, True)]
    alice.leave()
    bob.leave()


def test_copied_and_pasted(workspace: Workspace) -> None:
    """The button puts the link where others paste from; white space around it does not matter."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    link = own_link(page(alice))
    assert not accessible.nameless(accessible.window(alice, "Verify*")), accessible.nameless(accessible.window(alice, "Verify*"))
    accessible.window(alice, "Verify*").one(name="QR code of your link")
    check_focus(alice, "Verify*")
    alice.key("alt+y", "alt+p", "ctrl+v")
    wait_until(lambda: [node.text for node in accessible.window(alice, "Verify*").all("text")] == [link, link], "pasted link")

    # What cannot be read is said, and is selected, so that the next one takes its place; and nothing has changed.
    paste(alice, link[:-10])
    wait_said(alice, UNREADABLE)
    theirs = next(line for line in bob.ask(ALICE, "verify link") if "xmpp:" in line).split()[-1]
    assert theirs.startswith("xmpp:bob@localhost/test?esession;verify="), theirs
    old = theirs
    bob.ask(ALICE, "end")
    alice.wait_no_window("^Verify")
    since = len(alice.shown())
    alice.menu(window, "s")
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    alice.dialog(window)
    page(alice)
    paste(alice, old)
    wait_said(alice, EARLIER)
    paste(alice, old.replace("bob@", "carol@"))
    wait_said(alice, ELSEWHERE)
    assert alice.devices() == [(BOB, False)]
    theirs = next(line for line in bob.ask(ALICE, "verify link") if "xmpp:" in line).split()[-1]
    paste(alice, f"  {theirs} ")
    alice.wait_shown(YOU_VERIFIED)
    assert alice.devices() == [(BOB, True)]
    alice.leave()
    finish(bob)


def wait_check(alice: Alice) -> None:
    """Nothing that somebody else has opened can be checked at once."""
    wait_until(lambda: "sensitive" in accessible.window(alice, "Verify*").one("push button", "Check").states, "Check")


def test_through_the_conversation(workspace: Workspace) -> None:
    """It is sent and shown, with a word to whoever sends it; where it came it is refused, however it is opened."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    link = next(line for line in bob.ask(ALICE, "verify link") if "xmpp:" in line).split()[-1]
    mark = bob.mark()
    bob.command("send", who=ALICE, text=link)
    bob.wait_line(HERE, mark)
    alice.wait_shown(link)
    alice.call("PurpleGotProtocolHandlerUri", link)
    dialog = alice.wait_window("^Verify")
    alice.place(dialog, 350, 120)
    alice.focus(dialog)
    wait_until(lambda: accessible.window(alice, "Verify*").all("text")[-1].text == link, "link")
    wait_check(alice)
    alice.key("alt+h")
    wait_said(alice, CAME)
    alice.screenshot("link-came", dialog)
    assert alice.devices() == [(BOB, False)]

    # Hers is hers, wherever she writes it.
    alice.focus(window)
    alice.type(own_link(accessible.window(alice, "Verify*")))
    alice.key("Return")
    alice.wait_shown(HERE)
    bob.wait_for("displayed", flags="RECV", text=lambda text: "esession;verify=" in text)
    alice.leave()
    finish(bob)


def test_clicked_in_the_conversation(workspace: Workspace) -> None:
    """It leads to the window, and there to nothing."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True, prefs={REMIND: False})
    link = next(line for line in bob.ask(ALICE, "verify link") if "xmpp:" in line).split()[-1]
    bob.command("send-stanza", xml=f"<message to='{ALICE}' type='chat'><body>my photos</body>"
                f"<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>"
                f"<a href='{link}'>my photos</a></body></html></message>")
    alice.wait_shown("my photos")
    x, y = wait_until(lambda: link_place(alice, window), "link")
    alice.click(window, x + 3, y + 3)
    dialog = alice.wait_window("^Verify")
    alice.place(dialog, 350, 120)
    alice.focus(dialog)
    wait_until(lambda: accessible.window(alice, "Verify*").all("text")[-1].text == link, "link")
    wait_check(alice)
    alice.key("alt+h")
    wait_said(alice, CAME)
    assert alice.devices() == [(BOB, False)]
    alice.leave()
    finish(bob)


def test_opened_elsewhere(workspace: Workspace) -> None:
    """It waits in the window until somebody checks it; without a session there is a line; and others' are others'."""
    prosody, alice, bob = scene(workspace, accessible=True)
    link = "xmpp:bob@localhost/test?esession;verify=acdefg.0123456789abcdef0123456789abcdef;" \
           "session=0123456789abcdef;with=alice%40localhost%2Fpidgin"
    os.kill(bob.process.pid, signal.SIGSTOP)
    alice.call("PurpleGotProtocolHandlerUri", link)
    window = alice.wait_window("^Bob$")
    alice.wait_shown(START)
    alice.call("PurpleGotProtocolHandlerUri", link.replace("alice%40", "carol%40"))
    notice = alice.wait_window("^Encrypted Sessions")
    alice.screenshot("link-of-others", notice)
    alice.focus(notice)
    alice.key("Escape")
    alice.wait_no_window("^Encrypted Sessions")

    os.kill(bob.process.pid, signal.SIGCONT)
    alice.place(window, 300, 20, 600, 400)
    alice.wait_shown(NOW_ENCRYPTED)
    bob.open(ALICE)
    link = next(line for line in bob.ask(ALICE, "verify link") if "xmpp:" in line).split()[-1]
    alice.call("PurpleGotProtocolHandlerUri", link)
    dialog = alice.wait_window("^Verify")
    alice.place(dialog, 350, 120)
    alice.focus(dialog)
    wait_until(lambda: accessible.window(alice, "Verify*").all("text")[-1].text == link, "link")

    # Enter was meant for something else.
    alice.key("Return")
    alice.wait_no_window("^Verify")
    assert alice.devices() == [(BOB, False)]
    alice.call("PurpleGotProtocolHandlerUri", link)
    dialog = alice.wait_window("^Verify")
    alice.focus(dialog)
    wait_check(alice)
    alice.key("alt+h")
    alice.wait_shown(YOU_VERIFIED)
    assert alice.devices() == [(BOB, True)]
    alice.leave()
    finish(bob)


def test_commands(workspace: Workspace) -> None:
    prosody, alice, bob = headless(workspace)
    alice.open(BOB)
    alice.wait_line(NOW_ENCRYPTED)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    mine, theirs = (next(line for line in who.ask(other, "verify link") if "xmpp:" in line).split()[-1]
                    for who, other in ((alice, BOB), (bob, ALICE)))
    assert tells(alice, BOB, f"verify {mine}", OWN)
    assert tells(alice, BOB, f"verify {theirs[:-9]}", UNREADABLE)
    assert alice.state(BOB) == ENCRYPTED
    assert tells(alice, BOB, f"verify {theirs}", YOU_VERIFIED)
    assert tells(bob, ALICE, f"verify {mine}", YOU_VERIFIED)
    alice.ask(BOB, "end")
    assert tells(alice, BOB, "verify link", NONE)
    assert tells(alice, BOB, f"verify {theirs}", START)
    finish(alice, bob)


if __name__ == "__main__":
    harness.main(globals())
