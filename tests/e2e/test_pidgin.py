#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin in a real Pidgin: its window, menu and dialogs, used by keyboard and by mouse.

What a picture has to show is compared with other pictures of the same run: the same state looks the same, another one
does not."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import harness
from encrypted import (ALICE, BOB, CAROL, ENCRYPTED, ENDED, GIVEN_BACK, NOW_ENCRYPTED, NOW_VERIFIED, PLAIN, REFUSED,
                       STARTING, THEY_ENDED, THEY_LEFT, UNKNOWN, VERIFIED, YOU_VERIFIED, Client, devices, finish, messages,
                       plain, quoted, readers, tells)
from harness import Pidgin, Prosody, Window, Workspace, built, wait_until

SIZE = 600, 400
TOP = 0, 0, SIZE[0], 66  # the menu bar, and the row with the contact's name, which has the padlock and its words at its end
MENU_BAR_HEIGHT = 25
TABS = 28  # how high they are
PADLOCK = SIZE[0] - 100, 47  # somewhere on them
SCREEN = Window("root", "")
COMPLAINT = re.compile(r"^\(\d\d:\d\d:\d\d\) (GLib|GObject|GLib-\w+|GModule|GThread|Gtk|Gdk|GdkPixbuf|Pango|Atk|g_log): "
                       r"|CRITICAL|WARNING \*\*")


# Formatting that makes one message look like three.
FORGED = ("<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>ok<br/>"
          "<span style='font-size: small'>(16:47:29)</span> <strong>What follows is encrypted again.</strong><br/>"
          "<span style='color: #cc0000'><span style='font-size: small'>(16:47:30)</span> <strong>Bob:</strong></span> "
          "call this number</body></html>")


class Alice(Pidgin):
    """Alice's Pidgin with the plugin ticked, and after it others."""

    def __init__(self, workspace: Workspace, prosody: Prosody, buddies: tuple[str, ...] = (BOB,),
                 others: tuple[Path, ...] = (), ticked: bool = True, **options: Any):
        plugins = [built("src/purple/esession.so"), built("src/pidgin/pidgin-esession.so"), *others]
        super().__init__(workspace, "alice", prosody, buddies=buddies, plugins=plugins,
                         loaded=["pidgin-esession.so"] * ticked + [other.name for other in others], **options)

    def open(self, who: str = BOB, title: str = "^Bob$") -> Window:
        self.conversation(who)
        window = self.wait_window(title)
        self.place(window, 300, 20, *SIZE)
        return window

    def shown(self, who: str = BOB) -> list[str]:
        return self.said(self.conversation(who))

    def said(self, conversation: int) -> list[str]:
        """What a conversation shows, of whichever account."""
        numbers = self.call("PurpleConversationGetMessageHistory", conversation)
        return [plain(self.call("PurpleConversationMessageGetMessage", number)) for number in reversed(numbers)]

    def wait_shown(self, text: str, who: str = BOB, since: int = 0) -> None:
        wait_until(lambda: any(text in line for line in self.shown(who)[since:]), f"{text!r} in Pidgin")

    def menu(self, window: Window, *keys: str) -> None:
        """Chooses from the Encryption menu, by keyboard."""
        self.focus(window)
        self.key("alt+y", *keys)

    def end(self, window: Window) -> None:
        """Ends encryption with a verified contact, which takes an answer."""
        self.menu(window, "e")
        question = self.wait_window("^Write unencrypted")
        self.place(question, 320, 120)
        self.focus(question)
        self.key("alt+w")
        self.wait_no_window("^Write unencrypted")

    def dialog(self, window: Window) -> Window:
        self.menu(window, "v")
        dialog = self.wait_window("^Verify")
        self.place(dialog, 350, 120)
        self.focus(dialog)
        return dialog

    def size(self, window: Window) -> tuple[int, int]:
        found = self._run("xdotool", "getwindowgeometry", window.id)
        return tuple(int(n) for n in re.search(r"Geometry: (\d+)x(\d+)", found).groups())

    def picture(self, window: Window, x: int, y: int, width: int, height: int) -> bytes:
        """Part of a window."""
        part = f"{width}x{height}+{x}+{y}"
        command = ["import", "-window", window.id, "-crop", part, "+repage", "-depth", "8", "rgb:-"]
        return subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout

    def steady(self, window: Window, *part: int, times: int = 4) -> bytes:
        """The picture once it is drawn: GTK does that when it has nothing else to do, and tells nobody."""
        pictures = [b""] * times

        def same() -> bytes:
            time.sleep(0.08)
            pictures.append(self.picture(window, *part))
            pictures.pop(0)
            return pictures[0] if len(set(pictures)) == 1 and len(set(pixels(pictures[0]))) > 2 else b""
        return wait_until(same, "steady picture")

    def bar(self, window: Window, tabs: int = 0) -> bytes:
        """What is ours at the top, without what Pidgin says of the contact; tabs: how high they are."""
        return without_name(self.picture(window, *TOP[:3], TOP[3] + tabs), tabs)

    def steady_bar(self, window: Window, tabs: int = 0) -> bytes:
        return without_name(self.steady(window, *TOP[:3], TOP[3] + tabs), tabs)

    def devices(self) -> list[tuple[str, bool]]:
        return devices(self.path / "esession.db")

    def complaints(self) -> list[str]:
        """Of GLib and GTK, but for those that Pidgin causes by itself: its tray icon, its buddy list, what it does
        after the plugins are gone, and what GTK's part for screen readers says of lists that drop down."""
        text = self.log.read_text(errors="replace")
        text = re.sub(r"(?s)plugins: Unloading plugin SSL.*?(?=util: Reading file accounts.xml|\Z)", "", text)
        known = ["'GtkStatusIcon'", "property 'weight'"]
        if "GTK_MODULES" in self.environment:
            known += ["A floating object was finalized", "gail_cell_parent_get_cell_extents", "IA__gtk_widget_get_accessible"]
        return [line for line in text.splitlines()
                if COMPLAINT.search(line) and not any(words in line for words in known)]

    def leave(self) -> None:
        self.quit()
        assert not self.complaints(), self.complaints()


def without_name(picture: bytes, tabs: int = 0) -> bytes:
    """Of a picture of the top the menu bar, and the second half of the row below, or below the tabs."""
    row = 3 * SIZE[0]
    below = row * (MENU_BAR_HEIGHT + tabs)
    return (picture[:row * MENU_BAR_HEIGHT]
            + b"".join(picture[at + row // 2:at + row] for at in range(below, len(picture), row)))


def pixels(picture: bytes) -> list[bytes]:
    return [picture[i:i + 3] for i in range(0, len(picture), 3)]


def scene(workspace: Workspace, users: dict[str, str] | None = None, **options: Any) -> tuple[Prosody, Alice, Client]:
    """Alice's Pidgin and Bob's client, online."""
    prosody = Prosody(workspace, users=users)
    bob = Client(workspace, "bob", prosody)
    bob.login()
    alice = Alice(workspace, prosody, **options)
    bob.wait_for("buddy-signed-on", who=ALICE)
    return prosody, alice, bob


def encrypted_scene(workspace: Workspace, title: str = "^Bob$",
                    **options: Any) -> tuple[Prosody, Alice, Client, Window]:
    """With their conversation open on both sides, Alice's in a window of SIZE."""
    prosody, alice, bob = scene(workspace, **options)
    window = alice.open(title=title)
    alice.wait_shown(NOW_ENCRYPTED)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    return prosody, alice, bob, window


def test_verified_by_keyboard(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    # Enter at once must not verify anybody: it is Later.
    alice.dialog(window)
    alice.key("Return")
    alice.wait_no_window("^Verify")
    assert alice.devices() == [(BOB, False)]

    dialog = alice.dialog(window)
    alice.screenshot("pidgin-verify", dialog)
    alice.screenshot("pidgin-verify-screen")
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    assert alice.devices() == [(BOB, True)]
    alice.screenshot("pidgin-verified", window)

    alice.quit()
    bob.wait_line(THEY_LEFT)
    mark = bob.mark()
    alice.start()
    window = alice.open()
    alice.wait_shown(NOW_VERIFIED)
    bob.wait_line(NOW_ENCRYPTED, mark)
    assert alice.devices() == [(BOB, True)]
    alice.leave()
    finish(bob)


def click_button(alice: Alice, dialog: Window, from_right: int) -> None:
    """Of the row at the bottom; 0 is the last one."""
    width, height = alice.size(dialog)
    alice.click(dialog, width - 60 - 109 * from_right, height - 22)


def popup(alice: Alice, window: Window, item: int) -> None:
    """Clicks on the padlock, then on an item of the menu that comes; 0 is the first."""
    x, y = SIZE[0] - 150, 64  # in the menu, at its top
    place = 300 + x, 20 + y + 5, 40, 90
    before = alice.picture(SCREEN, *place)
    alice.click(window, *PADLOCK)
    wait_until(lambda: alice.picture(SCREEN, *place) != before, "menu")
    alice.click(window, x, y + 12 + 22 * item)


def test_verified_by_mouse(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    popup(alice, window, 2)
    dialog = alice.wait_window("^Verify")
    alice.place(dialog, 350, 120)
    click_button(alice, dialog, 2)
    alice.wait_no_window("^Verify")
    assert alice.devices() == [(BOB, False)]

    popup(alice, window, 2)
    dialog = alice.wait_window("^Verify")
    alice.place(dialog, 350, 120)
    click_button(alice, dialog, 0)
    alice.wait_shown(YOU_VERIFIED)
    assert alice.devices() == [(BOB, True)]
    alice.leave()
    finish(bob)


def test_they_differ(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    dialog = alice.dialog(window)

    # It is said what that means, and there is a way back.
    alice.key("alt+d")
    alice.screenshot("pidgin-differ-question", dialog)
    alice.key("alt+b")
    alice.key("alt+d", "Escape")
    alice.wait_no_window("^Verify")
    assert alice.devices() == [(BOB, False)]
    alice.dialog(window)
    alice.key("alt+d", "alt+e")
    alice.wait_shown("someone may be listening in")
    bob.wait_line(THEY_ENDED)
    alice.wait_no_window("^Verify")
    assert alice.devices() == []

    # What is typed now is refused, and back in the entry.
    alice.focus(window)
    alice.type("a secret < & >")
    alice.key("Return")
    alice.wait_shown(REFUSED)
    alice.screenshot("pidgin-differ", window)
    alice.menu(window, "e")
    alice.wait_shown("What you write now is not encrypted.")
    alice.focus(window)
    alice.key("Return")
    bob.wait_received("a secret < & >")
    assert readers(prosody.stanzas(), "a secret < & >") == {"received alice", "sent bob"}
    alice.leave()
    finish(bob)


def test_dialog_goes_with_its_session(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.dialog(window)
    bob.ask(ALICE, "end")
    alice.wait_shown(f"{THEY_ENDED}.")  # what there is to choose is on the bar
    alice.wait_no_window("^Verify")

    # Closing the conversation closes it, too.
    since = len(alice.shown())
    alice.menu(window, "s")
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    alice.dialog(window)
    alice.focus(window)
    alice.key("ctrl+w")
    alice.wait_no_window("^Bob$")
    alice.wait_no_window("^Verify")
    alice.leave()
    finish(bob)


def test_menu_by_keyboard(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.menu(window)
    alice.screenshot("pidgin-menu")
    alice.key("a")
    about = alice.wait_window("^About encryption")
    alice.place(about, 320, 60)
    alice.screenshot("pidgin-about", about)
    alice.focus(about)
    alice.key("Escape")
    alice.wait_no_window("^About encryption")

    mark = bob.mark()
    alice.menu(window, "e")
    bob.wait_line(f"{THEY_ENDED}: type /esession start to encrypt again, or /esession end to write unencrypted.", mark)
    alice.wait_shown("You have ended the encrypted conversation")
    alice.menu(window, "v", "Escape", "Escape")
    assert not alice.windows("^Verify")
    mark = bob.mark()
    alice.menu(window, "s")
    bob.wait_line(NOW_ENCRYPTED, mark)
    alice.leave()
    finish(bob)


def look(alice: Alice, window: Window, state: str, pictures: dict[str, bytes]) -> None:
    """Adds the picture of a state, which is another one than those before; asks for the state in words, too."""
    wait_until(lambda: alice.bar(window) not in pictures.values(), "other picture")
    pictures[state] = alice.steady_bar(window)
    since = len(alice.shown())
    alice.focus(window)
    alice.type("/esession status")
    alice.key("Return")
    alice.wait_shown(f"This conversation: {state}", since=since)
    alice.screenshot(f"pidgin-state-{len(pictures)}", window)


def test_every_state_has_its_picture(workspace: Workspace) -> None:
    """All look different, and the same whenever they come back."""
    prosody, alice, bob = scene(workspace)
    pictures: dict[str, bytes] = {}
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    look(alice, window, PLAIN, pictures)
    alice.focus(window)
    alice.type("waits")
    alice.key("Return")
    os.kill(bob.process.pid, signal.SIGCONT)
    bob.wait_received("waits")
    look(alice, window, ENCRYPTED, pictures)
    alice.dialog(window)
    alice.key("alt+m")
    look(alice, window, VERIFIED, pictures)
    bob.ask(ALICE, "end")
    look(alice, window, ENDED, pictures)
    os.kill(bob.process.pid, signal.SIGSTOP)
    alice.menu(window, "s")
    look(alice, window, STARTING, pictures)

    os.kill(bob.process.pid, signal.SIGCONT)
    alice.wait_shown(NOW_VERIFIED)
    wait_until(lambda: alice.bar(window) == pictures[VERIFIED], "picture of a verified conversation")
    alice.end(window)
    wait_until(lambda: alice.bar(window) == pictures[PLAIN], "picture of a plain conversation")
    alice.leave()
    finish(bob)


def test_text_that_waits(workspace: Workspace) -> None:
    """It leaves the entry, and comes back to it as it was if it is not sent."""
    prosody, alice, bob = scene(workspace)
    os.kill(bob.process.pid, signal.SIGSTOP)
    window = alice.open()
    alice.focus(window)
    alice.type("1 < 2 & <b>nothing</b> more")
    alice.key("Return")
    alice.wait_shown(UNKNOWN)
    alice.menu(window, "e")
    alice.wait_shown("What you write now is not encrypted.")
    alice.wait_shown(GIVEN_BACK)
    alice.screenshot("pidgin-returned", window)
    os.kill(bob.process.pid, signal.SIGCONT)
    alice.focus(window)
    alice.key("Return")
    bob.wait_received("1 < 2 & <b>nothing</b> more")
    assert len(bob.received()) == 1
    alice.leave()
    finish(bob)


# The Plugins window

def plugins_window(alice: Alice) -> Window:
    """With our row selected."""
    alice.focus(alice.wait_window("Buddy List"))
    alice.key("ctrl+u")
    window = alice.wait_window("^Plugins$")
    alice.place(window, 300, 450, 600, 500)
    alice.focus(window)
    alice.type("Encrypted")
    alice.key("Escape")
    alice.focus(window)
    return window


def toggle(alice: Alice, window: Window) -> None:
    """Ticks or unticks the selected plugin. Pidgin takes the focus elsewhere once it finds that there is no tray."""
    begin = alice.log.stat().st_size

    def toggled() -> bool:
        with alice.log.open("rb") as log:
            log.seek(begin)
            return b"/pidgin/plugins/loaded changed" in log.read()
    for _ in range(5):
        alice.key("space")
        try:
            return wait_until(toggled, "change of the plugin", 1)
        except TimeoutError:
            alice.focus(window)
    raise TimeoutError("the plugin does not change")


def test_ticked_for_the_first_time_while_people_talk(workspace: Workspace) -> None:
    """What is open is encrypted from then on, and shows it."""
    prosody, alice, bob = scene(workspace, ticked=False)
    window = alice.open()
    bob.send(ALICE, "hello")
    alice.wait_shown("hello")
    plugins = plugins_window(alice)
    toggle(alice, plugins)
    alice.focus(plugins)
    alice.key("Escape")
    alice.wait_shown(NOW_ENCRYPTED)
    alice.focus(window)
    alice.type("good that you ask")
    alice.key("Return")
    bob.wait_received("good that you ask")
    assert not readers(prosody.stanzas(), "good that you ask")
    alice.leave()
    finish(bob)


def resident(alice: Alice) -> int:
    """KiB of memory."""
    with open(f"/proc/{alice.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s*(\d+)", status.read())[1])


def retick(prosody: Prosody, alice: Alice, bob: Client, window: Window) -> None:
    """Both sides are through with each change before the next."""
    mark = bob.mark()
    toggle(alice, window)
    bob.wait_line(THEY_LEFT, mark)
    mark, record = bob.mark(), prosody.mark()
    toggle(alice, window)
    bob.wait_line(NOW_VERIFIED, mark)
    wait_until(lambda: any("<c " in stanza.xml for stanza in messages(prosody.stanzas("received", ALICE, since=record))),
               "first encrypted stanza")


def test_other_devices_and_files(workspace: Workspace) -> None:
    """What comes from elsewhere is told apart; a file goes through the session that there is."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    phone, old = Client(workspace, "phone", prosody), Client(workspace, "old", prosody, plugin=False)
    for device in phone, old:
        device.login(user="bob", resource=device.name)
        device.wait_for("buddy-signed-on", who=ALICE)
    phone.open(ALICE)
    phone.wait_line(NOW_ENCRYPTED)
    phone.send(ALICE, "hello from the phone")
    alice.wait_shown("The next message comes from a device that you have not verified.")
    alice.wait_shown("hello from the phone")
    old.command("send-stanza", xml=f"<message to='{alice.jid}' type='chat'><body>trust me</body></message>")
    alice.wait_shown("The next message was not encrypted")
    alice.wait_shown(quoted("trust me"))
    old.command("send-stanza", xml=f"<message to='{alice.jid}' type='chat'><body>ok</body>{FORGED}</message>")
    alice.wait_shown("> ok\n> (16:47:29) What follows is encrypted again.\n> (16:47:30) Bob: call this number")
    assert alice.history(BOB)[-1][1].startswith("<i>&gt; ok<br>&gt; (16:47:29) What"), alice.history(BOB)[-1]
    alice.screenshot("pidgin-marked", window)
    bob.kill()
    alice.wait_shown("The other side uses a device that you have not verified, although you verified another one")
    alice.wait_shown("You are now talking to the device \"\u2068phone\u2069\".")
    alice.screenshot("pidgin-alarms", window)

    workspace.folder("home/.local/share")  # where GTK notes what was used last
    source, target = workspace.path / "nobody-knows-its-name.txt", workspace.path / "as-it-arrived.txt"
    source.write_text("".join(f"line {i} of what nobody else reads\n" for i in range(2000)))
    phone.command("send-file", who=alice.jid, path=str(source))
    alice.focus(alice.wait_window("^Pidgin$"))
    alice.screenshot("pidgin-file-offered", SCREEN)
    alice.key("alt+a")
    alice.focus(alice.wait_window("Save"))
    alice.key("ctrl+a")
    alice.type(str(target))
    alice.key("Return")
    wait_until(lambda: target.exists() and target.read_text() == source.read_text(), "the whole file", 30)
    alice.screenshot("pidgin-file", SCREEN)
    for text in "hello from the phone", "nobody-knows-its-name", "line 7 of what nobody", "line 1900 of what nobody":
        assert not readers(prosody.stanzas(), text)
    assert readers(prosody.stanzas(), "trust me")
    alice.leave()
    finish(phone, old)


def test_ticked_for_the_first_time(workspace: Workspace) -> None:
    """Then, and never again, it says what happens by itself and what is to be done once."""
    prosody, alice, bob = scene(workspace, prefs={"/plugins/gtk/esession/introduced": False})
    about = alice.wait_window("^About encryption$")
    alice.screenshot("introduction", about)
    alice.focus(about)
    alice.key("Escape")
    alice.wait_no_window("^About encryption$")
    plugins = plugins_window(alice)
    toggle(alice, plugins)
    toggle(alice, plugins)
    alice.open()
    assert not alice.windows("^About encryption$")
    alice.leave()
    finish(bob)


def test_ticked_a_hundred_times(workspace: Workspace) -> None:
    """Of whoever is verified so many requests are answered."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    assert tells(bob, ALICE, f"verify {bob.code(ALICE)}", YOU_VERIFIED)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    ticked = alice.steady_bar(window)
    plugins = plugins_window(alice)
    sizes = {}
    for number in range(1, 101):
        retick(prosody, alice, bob, plugins)
        if number in (20, 100):
            sizes[number] = resident(alice)
    print(f"# {sizes[20]} KiB after 20 times, {sizes[100]} KiB after 100", flush=True)
    wait_until(lambda: alice.bar(window) == ticked, "one indicator and one menu")

    alice.focus(window)
    alice.type("still encrypted")
    alice.key("Return")
    bob.wait_received("still encrypted")
    bob.send(ALICE, "and back")
    alice.wait_shown("and back")
    assert not readers(prosody.stanzas(), "still encrypted") and not readers(prosody.stanzas(), "and back")
    assert bob.received() == ["still encrypted"]
    assert sizes[100] - sizes[20] < 2048, sizes
    alice.leave()
    finish(bob)


def test_unticked_it_is_gone(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    ticked = alice.steady_bar(window)
    alice.dialog(window)
    plugins = plugins_window(alice)
    mark = bob.mark()
    toggle(alice, plugins)
    bob.wait_line(THEY_LEFT, mark)
    alice.wait_no_window("^Verify")
    alice.wait_shown("What you write now is not encrypted.")
    wait_until(lambda: alice.bar(window) != ticked, "picture without the plugin")
    unticked = alice.steady_bar(window)
    alice.screenshot("pidgin-unticked")
    alice.focus(window)
    alice.type("in the clear")
    alice.key("Return")
    bob.wait_received("in the clear")
    alice.quit()

    # It is remembered, and looks as if it had never been there.
    alice.start()
    window = alice.open()
    wait_until(lambda: alice.bar(window) == unticked, "same picture without the plugin")
    alice.leave()
    finish(bob)


# What it looks like

def test_two_tabs(workspace: Workspace) -> None:
    """One window, two conversations: the indicator follows the one that is shown."""
    users = {"alice": "Alice", "bob": "Bob", "carol": "Carol"}
    prosody, alice, bob = scene(workspace, users=users, buddies=(BOB, CAROL))
    eve = Client(workspace, "carol", prosody, plugin=False)
    eve.login()
    eve.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    alice.conversation(CAROL)
    alice.focus(window)
    with_bob = alice.steady_bar(window, TABS)
    alice.key("ctrl+Tab")
    window = alice.wait_window("^Carol$")
    wait_until(lambda: alice.bar(window, TABS) != with_bob, "other picture")
    with_carol = alice.steady_bar(window, TABS)
    alice.screenshot("pidgin-tabs-carol", window)
    alice.key("ctrl+Tab")
    alice.wait_window("^Bob$")
    wait_until(lambda: alice.bar(window, TABS) == with_bob, "picture of Bob's conversation")
    alice.screenshot("pidgin-tabs-bob", window)
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    wait_until(lambda: alice.bar(window, TABS) not in (with_bob, with_carol), "picture of an end")
    alice.key("ctrl+Tab")
    alice.wait_window("^Carol$")
    wait_until(lambda: alice.bar(window, TABS) == with_carol, "picture of Carol's conversation")
    alice.leave()
    finish(bob, eve)


def show_name(workspace: Workspace, name: str, label: str) -> None:
    title = f"^{re.escape(name)}$"
    prosody, alice, bob, window = encrypted_scene(workspace, title=title, users={"alice": "Alice", "bob": name})
    alice.screenshot(f"pidgin-{label}", window)
    dialog = alice.dialog(window)
    alice.screenshot(f"pidgin-{label}-verify", dialog)
    width, height = alice.size(dialog)
    assert width < 600 and height < 400, (width, height)
    alice.key("alt+l")
    alice.place(window, 300, 20, 320, 240)
    alice.screenshot(f"pidgin-{label}-small", window)
    alice.leave()
    finish(bob)


def test_long_name(workspace: Workspace) -> None:
    show_name(workspace, "Wolfeschlegelsteinhausenbergerdorff & <b>the Third</b> of 1234", "long-name")


def test_right_to_left_name(workspace: Workspace) -> None:
    show_name(workspace, "\N{HEBREW LETTER RESH}ות כהן (عائشة)", "right-to-left")


def test_hostile_name(workspace: Workspace) -> None:
    """It neither hides the code nor turns the sentence round."""
    show_name(workspace, "\N{RIGHT-TO-LEFT OVERRIDE}.ti si sihT " + "very " * 400, "hostile-name")


DARK = """
style "dark"
{
  bg[NORMAL] = "#202428"
  bg[ACTIVE] = "#30363c"
  bg[PRELIGHT] = "#3a4148"
  bg[SELECTED] = "#3b6ea5"
  bg[INSENSITIVE] = "#202428"
  fg[NORMAL] = "#e6e6e6"
  fg[ACTIVE] = "#e6e6e6"
  fg[PRELIGHT] = "#ffffff"
  fg[SELECTED] = "#ffffff"
  fg[INSENSITIVE] = "#7a8087"
  base[NORMAL] = "#15181b"
  base[ACTIVE] = "#30363c"
  base[SELECTED] = "#3b6ea5"
  text[NORMAL] = "#e6e6e6"
  text[ACTIVE] = "#e6e6e6"
  text[SELECTED] = "#ffffff"
}
class "GtkWidget" style "dark"
"""
LIGHT_INK, DARK_PAPER = b"\xe6" * 3, b"\x20\x24\x28"
LIGHT_BLUE, BLUE = b"\x70\xa0\xff", b"\x00\x00\xff"
LOG = 5, 60, 560, 160


def test_dark_theme(workspace: Workspace) -> None:
    gtkrc = workspace.path / "gtkrc"
    gtkrc.write_text(DARK)
    prosody, alice, bob, window = encrypted_scene(workspace, env={"GTK2_RC_FILES": str(gtkrc)})
    alice.steady_bar(window)
    alice.screenshot("pidgin-dark-unverified", window)
    colours = pixels(alice.picture(window, SIZE[0] - 200, MENU_BAR_HEIGHT + 5, 200, 25))
    assert colours.count(LIGHT_INK) > 50 and colours.count(DARK_PAPER) > 2500

    # The link beside the advice to verify; where the mouse has been it stays so.
    def link() -> tuple[int, int]:
        colours = pixels(alice.picture(window, *LOG))
        return colours.count(LIGHT_BLUE), colours.count(BLUE)
    wait_until(lambda: link()[0] > 20 and link()[1] == 0, "link that can be read")
    for y in range(60, 200, 4):
        alice._run("xdotool", "mousemove", "--window", window.id, "150", str(y))
    alice._run("xdotool", "mousemove", "--window", window.id, "150", "10")
    assert link()[0] > 20 and link()[1] == 0, link()
    there = pixels(alice.picture(window, *LOG)).index(LIGHT_BLUE)
    alice.click(window, LOG[0] + there % LOG[2] + 2, LOG[1] + there // LOG[2] + 2)
    alice.wait_window("^Verify")
    alice.focus(window)
    alice.screenshot("pidgin-dark-clicked", window)
    wait_until(lambda: link()[0] > 20, "link that can still be read")
    dialog = alice.dialog(window)
    alice.screenshot("pidgin-dark-verify", dialog)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.screenshot("pidgin-dark", window)
    alice.menu(window, "a")
    about = alice.wait_window("^About encryption")
    alice.screenshot("pidgin-dark-about", about)
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
