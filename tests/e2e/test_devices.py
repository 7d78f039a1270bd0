#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The windows of remembered devices and of preferences in a real Pidgin, and what they do to running conversations."""
from __future__ import annotations

import sqlite3
import stat
import time
from pathlib import Path
from typing import Any

import harness
from accessible import tree
from bus import BusError
from encrypted import ALICE, BOB, CAROL, ENDED, NOW_ENCRYPTED, PLAIN, THEY_ENDED, YOU_VERIFIED, Client, finish, readers
from harness import PASSWORD, Prosody, Window, Workspace, wait_until
from hostile import between, fresh
from test_choices import NEVER, policies, says
from test_pidgin import DARK, SCREEN, TABS, Alice, encrypted_scene, scene

TITLE, SETTINGS = "^Remembered devices$", "^Encryption preferences$"
UNMARKED = "The other device no longer counts as verified"
FORGOTTEN = "The other device is forgotten, so the encrypted conversation was ended"
PREFERENCES = "/plugins/core/esession"


def rows(alice: Alice) -> dict[str, dict[str, Any]]:
    """What the file remembers, by contact."""
    database = sqlite3.connect(f"file:{alice.path / 'esession.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        return {row["contact"]: dict(row) for row in database.execute("SELECT * FROM devices ORDER BY id").fetchall()}
    finally:
        database.close()


def rows_in_order(alice: Alice) -> list[dict[str, Any]]:
    """The same, of contacts with several devices as well."""
    database = sqlite3.connect(f"file:{alice.path / 'esession.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in database.execute("SELECT * FROM devices ORDER BY id").fetchall()]
    finally:
        database.close()


def tools(alice: Alice, item: str, title: str) -> Window:
    """Opens a window from Tools > Encrypted Sessions, the last there, by keyboard."""
    alice.focus(alice.wait_window("Buddy List"))
    alice.key("alt+t", "Up", "Right", *["Down"] * {"devices": 0, "preferences": 1}[item], "Return")
    window = alice.wait_window(title)
    alice.place(window, 20, 380)
    alice.focus(window)
    return window


def devices_window(alice: Alice) -> Window:
    return tools(alice, "devices", TITLE)


def verified_scene(workspace: Workspace, **options: Any) -> tuple[Prosody, Alice, Client, Client, Window]:
    """Bob's device is verified, Carol's is not; both are connected."""
    users = options.pop("users", {"alice": "Alice", "bob": "Bob", "carol": "Carol"})
    prosody, alice, bob, window = encrypted_scene(workspace, users=users, buddies=(BOB, CAROL), **options)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Return")
    alice.wait_no_window("^Verify")
    carol = Client(workspace, "carol", prosody)
    carol.login()
    carol.wait_for("buddy-signed-on", who=ALICE)
    alice.conversation(CAROL)
    alice.wait_shown(NOW_ENCRYPTED, who=CAROL)
    carol.open(ALICE)
    carol.wait_line(NOW_ENCRYPTED)
    return prosody, alice, bob, carol, window


def select(alice: Alice, window: Window, words: str) -> None:
    """The first row in which the words are found, with the list focused."""
    alice.focus(window)
    alice.key("alt+s", "ctrl+a", "BackSpace")
    alice.type(words)
    alice.key("Down")


def confirm(alice: Alice, shot: str = "") -> None:
    question = alice.wait_window("^Forget\\?$")
    alice.place(question, 200, 500)
    if shot:
        alice.screenshot(shot, question)
    alice.focus(question)
    alice.key("alt+f")
    alice.wait_no_window("^Forget\\?$")


def save(alice: Alice, path: Path, shot: str = "") -> None:
    alice.key("alt+x")
    chooser = alice.wait_window("^Export")
    alice.focus(chooser)
    if shot:
        alice.screenshot(shot, chooser)
    alice.key("ctrl+a")
    alice.type(str(path))
    alice.key("Return")
    alice.wait_no_window("^Export")


def test_devices_by_keyboard(workspace: Workspace) -> None:
    """Found, named, unmarked, forgotten; the conversations follow."""
    workspace.folder("home/.local/share")  # where GTK notes what was used last
    prosody, alice, bob, carol, conversation = verified_scene(workspace)
    window = devices_window(alice)
    alice.screenshot("devices", window)
    assert rows(alice)[BOB]["verified"] == 1 and rows(alice)[CAROL]["verified"] == 0

    # There is a row to begin with.
    alice.focus(window)
    alice.key("alt+r")
    alice.focus(alice.wait_window("^Rename"))
    alice.key("Escape")
    alice.wait_no_window("^Rename")
    select(alice, window, "CAROL")
    alice.screenshot("devices-found", window)
    alice.key("F2")
    alice.focus(rename := alice.wait_window("^Rename"))
    alice.type("her phone")
    alice.screenshot("devices-naming", rename)
    alice.key("Return")
    wait_until(lambda: rows(alice)[CAROL]["name"] == "her phone", "name")
    alice.wait_no_window("^Rename")
    alice.focus(window)
    alice.key("F2")
    alice.focus(alice.wait_window("^Rename"))
    alice.type("nothing")
    alice.key("Escape")
    alice.wait_no_window("^Rename")
    select(alice, window, "phone")
    alice.key("alt+r")
    alice.focus(alice.wait_window("^Rename"))
    alice.key("End")
    alice.type("!")
    alice.key("Return")
    wait_until(lambda: rows(alice)[CAROL]["name"] == "her phone!", "other name")
    alice.wait_no_window("^Rename")
    assert rows(alice)[BOB]["name"] == "test"

    verified = alice.steady_bar(conversation, TABS)

    # Unmarked from the menu of the keyboard: the conversation says so at once.
    select(alice, window, "bob")
    alice.key("shift+F10")
    alice.screenshot("devices-menu", SCREEN)
    alice.key("n")
    alice.wait_shown(UNMARKED)
    assert rows(alice)[BOB]["verified"] == 0 and rows(alice)[BOB]["verified_at"] == 0
    wait_until(lambda: alice.bar(conversation, TABS) != verified, "other picture")
    alice.screenshot("devices-unmarked", window)

    # Verified again from here.
    alice.key("alt+v")
    verify = alice.wait_window("^Verify")
    alice.focus(verify)
    alice.key("alt+m")
    wait_until(lambda: rows(alice)[BOB]["verified"] == 1, "verified again")
    alice.key("Return")
    alice.wait_no_window("^Verify")
    wait_until(lambda: alice.bar(conversation, TABS) == verified, "picture of a verified conversation")

    path = workspace.path / "list.txt"
    alice.focus(window)
    save(alice, path, "devices-export")
    wait_until(lambda: path.exists() and path.read_text(), "list")
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "her phone!" in text and BOB in text and ": verified " in text and ": not verified" in text, text
    assert "connected now" in text and ALICE in text
    for row in rows(alice).values():
        for form in (row["newest"].hex(), str(row["newest"])):
            assert form not in text

    alice.focus(window)
    select(alice, window, "bob")
    mark = bob.mark()
    alice.key("Delete")
    question = alice.wait_window("^Forget\\?$")
    alice.focus(question)
    alice.key("Return")
    alice.wait_no_window("^Forget\\?$")
    assert BOB in rows(alice)
    alice.focus(window)
    alice.key("Delete")
    confirm(alice, "devices-forget")
    alice.wait_shown(FORGOTTEN)
    bob.wait_line(THEY_ENDED, mark)
    assert BOB not in rows(alice) and CAROL in rows(alice)
    alice.screenshot("devices-forgotten", conversation)
    alice.leave()
    finish(bob, carol)


def test_devices_of_a_contact(workspace: Workspace) -> None:
    """All at once, and several at once; what is left is a sentence. The size is remembered."""
    prosody, alice, bob, carol, conversation = verified_scene(workspace)
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.open(ALICE)
    phone.wait_line(NOW_ENCRYPTED)
    window = devices_window(alice)
    wait_until(lambda: len(alice.devices()) == 3, "three devices")
    alice.place(window, 20, 450, 610, 330)
    select(alice, window, "bob")
    alice.screenshot("devices-two-of-bob", window)
    alice.key("alt+a")
    confirm(alice, "devices-forget-contact")
    wait_until(lambda: [contact for contact, _ in alice.devices()] == [CAROL], "Carol's device alone")
    alice.wait_shown(FORGOTTEN)

    select(alice, window, " ")
    alice.key("ctrl+a", "Delete")
    confirm(alice)
    wait_until(lambda: not alice.devices(), "no device")
    alice.wait_shown(FORGOTTEN, who=CAROL)
    alice.screenshot("devices-none", window)
    alice.focus(window)
    alice.key("Escape")
    alice.wait_no_window(TITLE)
    window = devices_window(alice)
    assert alice.size(window) == (610, 330)

    # It fills by itself.
    alice.focus(conversation)
    alice.menu(conversation, "s")
    wait_until(lambda: alice.devices(), "a new device")
    alice.screenshot("devices-again", window)
    alice.leave()
    finish(bob, carol, phone)


def test_names_stay(workspace: Workspace) -> None:
    """A second device that calls itself like the first one takes nothing from it; and to forget the only verified one says so."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.key("Return")
    listed = devices_window(alice)

    def names() -> list[str]:
        return [row["name"] for row in rows_in_order(alice)]
    wait_until(lambda: names() == ["test"], "name")
    bob.command("disconnect")
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="test")
    wait_until(lambda: names() == ["test", "test (2)"], "second name", 30)
    alice.screenshot("devices-names", listed)
    alice.place(listed, 20, 380, 340, 300)
    wait_until(lambda: alice.size(listed) == (340, 300), "narrow window")
    alice.screenshot("devices-narrow", listed)
    wait_until(lambda: [cell.name for cell in tree(alice, "Remembered devices").walk() if "(2)" in cell.name], "second name")
    alice.focus(listed)
    row = next(cell for cell in tree(alice).walk() if cell.role == "table cell" and cell.shown() and BOB in cell.name)
    alice.click_at((row.extents[0], row.extents[1], 20, row.extents[3]))
    alice.key("alt+f")
    alice.wait_window("^Forget\\?$")
    said = " ".join(label.name for label in tree(alice, "Forget?").all("label"))
    assert 'the device "\u2068test\u2069" of ' in said and "is verified any more after that." in said, said
    confirm(alice)
    wait_until(lambda: names() == ["test (2)"], "end of the first device")
    alice.leave()
    finish(phone)


def test_lost_or_stolen(workspace: Workspace) -> None:
    """What was verified and is somebody else's by now gets nothing in its next session, which it begins; only such a device can be lost."""
    prosody, alice, bob, carol, conversation = verified_scene(workspace, accessible=True)
    window = devices_window(alice)
    select(alice, window, "carol")
    alice.key("Delete")
    alice.wait_window("^Forget\\?$")
    assert [button.name for button in tree(alice, "Forget?").all("push button")].count("Lost or stolen") == 0
    alice.key("Escape")
    alice.wait_no_window("^Forget\\?$")
    select(alice, window, "bob")
    alice.key("Delete")
    question = alice.wait_window("^Forget\\?$")
    said = " ".join(label.name for label in tree(alice, "Forget?").all("label"))
    assert "Was it lost or stolen?" in said and "change the password" in said, said
    alice.place(question, 200, 450)
    alice.screenshot("devices-lost", question)
    alice.focus(question)
    mark = bob.mark()
    alice.key("alt+l")
    alice.wait_no_window("^Forget\\?$")
    alice.wait_shown(FORGOTTEN)
    bob.wait_line(THEY_ENDED, mark)
    assert BOB not in rows(alice) and CAROL in rows(alice)
    mark = bob.mark()
    bob.ask(ALICE, "start")
    bob.wait_line(NOW_ENCRYPTED, mark)
    alice.send(BOB, "for bob only")
    alice.wait_shown("a device that you have not verified")
    assert not readers(prosody.stanzas(), "for bob only") and not any("for bob only" in text for text in bob.received())
    alice.screenshot("devices-lost-after", conversation)
    alice.leave()
    finish(bob, carol)


def test_export_fails(workspace: Workspace) -> None:
    workspace.folder("home/.local/share")
    prosody, alice, bob, window = encrypted_scene(workspace)
    devices_window(alice)
    save(alice, Path("/proc/list.txt"))
    complaint = alice.wait_window(TITLE + "|^$")
    alice.screenshot("devices-export-fails")
    assert not Path("/proc/list.txt").exists() and complaint
    alice.leave()
    finish(bob)


def test_mouse_and_order(workspace: Workspace) -> None:
    prosody, alice, bob, carol, conversation = verified_scene(workspace)
    window = devices_window(alice)
    alice.place(window, 20, 450, 800, 400)
    body = 10, 70, 500, 45
    ascending = alice.steady(window, *body)
    alice.click(window, 60, 53)
    wait_until(lambda: alice.picture(window, *body) != ascending, "other order")
    alice.screenshot("devices-descending", window)
    alice.click(window, 60, 53)
    wait_until(lambda: alice.picture(window, *body) == ascending, "same order as before")
    before = alice.popups()
    alice.click(window, 60, 80, button=3)
    alice.wait_popup(before)
    alice.screenshot("devices-context-menu", SCREEN)
    alice.key("a")
    question = alice.wait_window("^Forget\\?$")
    alice.focus(question)
    alice.key("Escape")
    alice.wait_no_window("^Forget\\?$")
    assert len(alice.devices()) == 2
    alice.leave()
    finish(bob, carol)


def show(workspace: Workspace, label: str, name: str, title: str, **options: Any) -> None:
    users = {"alice": "Alice", "bob": name, "carol": "Carol"}
    prosody, alice, bob, carol, conversation = verified_scene(workspace, users=users, title=title, **options)
    window = devices_window(alice)
    alice.screenshot(f"devices-{label}", window)
    select(alice, window, "bob")
    alice.key("Delete")
    question = alice.wait_window("^Forget\\?$")
    alice.screenshot(f"devices-{label}-forget", question)
    assert alice.size(question)[0] < 700, alice.size(question)
    alice.focus(question)
    alice.key("Escape")
    alice.place(window, 20, 450, 400, 300)
    alice.screenshot(f"devices-{label}-small", window)
    assert alice.size(window) == (400, 300)
    alice.leave()
    finish(bob, carol)


def test_long_name(workspace: Workspace) -> None:
    show(workspace, "long", "Wolfeschlegelsteinhausenbergerdorff & <b>the Third</b> of 1234", "^Wolfe")


def test_right_to_left_name(workspace: Workspace) -> None:
    show(workspace, "right-to-left", "\N{HEBREW LETTER RESH}ות כהן (عائشة)", "^\N{HEBREW LETTER RESH}")


def test_dark_theme(workspace: Workspace) -> None:
    gtkrc = workspace.path / "gtkrc"
    gtkrc.write_text(DARK)
    show(workspace, "dark", "Bob", "^Bob$", env={"GTK2_RC_FILES": str(gtkrc)})


# Preferences

def preference(alice: Alice, name: str) -> int:
    path = f"{PREFERENCES}/{name}"
    kind = alice.call("PurplePrefsGetType", path)
    return alice.call("PurplePrefsGetBool" if kind == 1 else "PurplePrefsGetInt", path)


def test_preferences(workspace: Workspace) -> None:
    """Each has a key, and holds at once."""
    prosody, alice, bob = scene(workspace)
    settings = tools(alice, "preferences", SETTINGS)
    alice.screenshot("settings", settings)
    for key, name, before in ("m", "remind", 1), ("l", "log", 1), ("w", "weak-groups", 0):
        assert preference(alice, name) == before
        alice.key(f"alt+{key}")
        wait_until(lambda: preference(alice, name) == 1 - before, name)
    choices = ("s", "starters", 0, 1), ("n", "expiry", 90, 365), ("v", "expiry-verified", 0, 365), ("e", "policy", 2, 1)
    for key, name, before, after in choices:
        assert preference(alice, name) == before
        alice.key(f"alt+{key}", "Down" if after > before and name != "expiry-verified" else "Up")
        wait_until(lambda: preference(alice, name) == after, name)
    alice.screenshot("settings-changed", settings)

    # When the user asks: nothing starts by itself.
    window = alice.open()
    says(alice, "status", "Conversations with this contact are encrypted when you ask for it.")
    alice.menu(window, "t")
    alice.screenshot("settings-usual")
    alice.key("Escape", "Escape")
    alice.menu(window, "s")
    alice.wait_shown(NOW_ENCRYPTED)

    alice.focus(settings)
    alice.key("alt+r")
    alice.wait_window(TITLE)
    # Other programs are shut out as soon as it is ticked.
    alice.focus(settings)
    alice.key("alt+h")
    wait_until(lambda: not reachable(alice), "silence on the bus")
    alice.key("Escape")
    alice.wait_no_window(SETTINGS)
    alice.leave()
    finish(bob)


def reachable(alice: Alice) -> bool:
    """Whether other programs can talk to her Pidgin."""
    try:
        return alice.account() != 0
    except BusError:
        return False


def test_hostile_preferences(workspace: Workspace) -> None:
    """What is no choice counts as the default."""
    junk = {"policy": 99, "starters": "anyone", "weak-groups": "yes", "hide-from-dbus": 7, "remind": 3, "expiry": -5,
            "expiry-verified": True, "log": "no"}
    prosody, alice, bob, window = encrypted_scene(
        workspace, prefs={f"{PREFERENCES}/{name}": value for name, value in junk.items()})
    assert [preference(alice, name) for name in junk] == [2, 0, 0, 0, 1, 90, 0, 1]
    alice.leave()
    finish(bob)


def test_never_by_preference(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace, prefs={f"{PREFERENCES}/policy": 0})
    window = alice.open()
    alice.focus(window)
    alice.type("in the clear")
    alice.key("Return")
    bob.wait_received("in the clear")
    assert readers(prosody.stanzas(), "in the clear") == {"received alice", "sent bob"}

    # Bob would like to.
    wait_until(lambda: bob.state(ALICE) in (PLAIN, ENDED), "end of Bob's attempts")
    assert not any(NOW_ENCRYPTED in line for line in alice.shown())
    alice.leave()
    finish(bob)


def stranger_scene(workspace: Workspace, **prefs: int) -> tuple[Prosody, Alice, Client, Client, str]:
    """Eve is in nobody's list; the request is one that she could have made."""
    prosody = Prosody(workspace)
    prosody._store("accounts", "eve", f'return {{ ["password"] = "{PASSWORD}"; }};\n')
    bob = Client(workspace, "bob", prosody)
    bob.login()
    alice = Alice(workspace, prosody, prefs={f"{PREFERENCES}/{name}": value for name, value in prefs.items()})
    bob.wait_for("buddy-signed-on", who=ALICE)
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    request = next(stanza.xml for stanza in prosody.stanzas("received", BOB) if "my_nonce" in stanza.xml)
    eve = Client(workspace, "eve", prosody, plugin=False)
    eve.login()
    return prosody, alice, bob, eve, between(fresh(request), "eve@localhost", ALICE)


def answers(prosody: Prosody, since: int) -> list[str]:
    """What Alice has sent to Eve."""
    return [stanza.xml for stanza in prosody.stanzas("received", ALICE, since=since) if "eve@localhost" in stanza.xml]


def test_strangers(workspace: Workspace) -> None:
    """The user is asked, and nothing is answered before."""
    prosody, alice, bob, eve, request = stranger_scene(workspace, starters=1)
    mark = prosody.mark()
    eve.command("send-stanza", xml=request)
    question = alice.wait_window("^Encrypted Sessions$")
    alice.place(question, 100, 400)
    alice.screenshot("stranger", question)
    eve.command("send-stanza", xml=request)
    time.sleep(0.5)
    assert len(alice.windows("^Encrypted Sessions$")) == 1
    assert not answers(prosody, mark)
    alice.focus(question)
    alice.key("alt+a")
    wait_until(lambda: any("feature-neg" in xml for xml in answers(prosody, mark)), "answer")
    alice.wait_window("eve")
    alice.leave()
    finish(bob)


def test_strangers_declined(workspace: Workspace) -> None:
    prosody, alice, bob, eve, request = stranger_scene(workspace, starters=1)
    mark = prosody.mark()
    eve.command("send-stanza", xml=request)
    question = alice.wait_window("^Encrypted Sessions$")
    alice.focus(question)
    alice.key("Return")
    alice.wait_no_window("^Encrypted Sessions$")
    eve.command("send-stanza", xml=request)
    bob.send(ALICE, "later")
    alice.wait_shown("later")
    assert not answers(prosody, mark) and not alice.windows("^Encrypted Sessions$")
    alice.leave()
    finish(bob)


def test_strangers_are_not_heard(workspace: Workspace) -> None:
    prosody, alice, bob, eve, request = stranger_scene(workspace)
    mark = prosody.mark()
    eve.command("send-stanza", xml=request)
    bob.send(ALICE, "later")
    alice.wait_shown("later")
    assert not answers(prosody, mark) and not alice.windows("^Encrypted Sessions$")
    alice.leave()
    finish(bob)


def overheard(workspace: Workspace, hidden: bool) -> str:
    """What another program of Alice's sees on her bus while she and Bob write."""
    workspace.folder("home/.local/share")
    prosody, alice, bob = scene(workspace, prefs={f"{PREFERENCES}/hide-from-dbus": hidden})
    record = workspace.path / "overheard"
    monitor = workspace.spawn(["dbus-monitor", "--address", alice.environment["DBUS_SESSION_BUS_ADDRESS"]], record)
    wait_until(lambda: "NameAcquired" in record.read_text(errors="replace"), "monitor")
    bob.open(ALICE)
    bob.wait_line(NOW_ENCRYPTED)
    bob.send(ALICE, "heard by nobody else")
    window = alice.wait_window("^Bob$")
    alice.place(window, 300, 20, 600, 400)
    alice.focus(window)
    alice.type("said to nobody else")
    alice.key("Return")
    bob.wait_received("said to nobody else")
    assert not readers(prosody.stanzas(), "nobody else")
    alice.quit()
    finish(bob)
    workspace.end(monitor)
    return record.read_text(errors="replace")


def test_alarm_in_a_closed_tab(workspace: Workspace) -> None:
    """Pidgin keeps a conversation whose tab was closed: what is said there is said again when somebody sees it."""
    prosody = Prosody(workspace)
    alice = Alice(workspace, prosody, prefs={"/pidgin/conversations/im/close_immediately": False})
    bob = Client(workspace, "bob", prosody)
    bob.login()
    bob.wait_for("buddy-signed-on", who=ALICE)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    bob.open(ALICE)
    alice.focus(window)
    alice.type(f"/esession verify {bob.code(ALICE).replace(' ', '')}")
    alice.key("Return")
    alice.wait_shown(YOU_VERIFIED)
    bob.ask(ALICE, "end")
    alice.wait_shown(THEY_ENDED)
    bob.quit()
    before = len(alice.shown())
    alice.key("ctrl+w")
    alice.wait_no_window("^Bob$")
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    phone.open(ALICE)
    phone.ask(ALICE, "start")
    phone.wait_line(NOW_ENCRYPTED)
    phone.ask(ALICE, "end")
    wait_until(lambda: phone.state(ALICE) == PLAIN, "the end of it")
    phone.quit()
    time.sleep(1)
    assert not alice.windows("^Bob$") and len(alice.shown()) == before, alice.shown()
    alice.call("PurpleConversationPresent", alice.call("PurpleGetIms")[0])
    alice.wait_window("^Bob$")
    alice.wait_shown("the encrypted conversation was with a device that you have not verified", since=before)
    alice.leave()


def test_hidden_from_other_programs(workspace: Workspace) -> None:
    text = overheard(workspace, hidden=True)
    assert "nobody else" not in text, text[:2000]


def test_other_programs_see_it_otherwise(workspace: Workspace) -> None:
    text = overheard(workspace, hidden=False)
    assert "heard by nobody else" in text and "said to nobody else" in text


def never_in_the_buddy_list(alice: Alice) -> Window:
    """The question."""
    buddies, before = alice.wait_window("Buddy List"), alice.popups()
    alice.click(buddies, 60, 66, button=3)
    for key in "ytn":
        alice.wait_popup(before)
        before = alice.popups()
        alice.key(key)
    return alice.wait_window("^Write unencrypted")


def test_never_asks_in_the_buddy_list_as_well(workspace: Workspace) -> None:
    """Of a verified contact."""
    prosody, alice, bob, *others, _ = verified_scene(workspace)
    question = never_in_the_buddy_list(alice)
    alice.screenshot("choices-never", question)
    alice.focus(question)
    alice.key("Escape")
    alice.wait_no_window("^Write unencrypted")
    assert policies(alice) == {}, policies(alice)
    alice.focus(never_in_the_buddy_list(alice))
    alice.key("alt+w")
    wait_until(lambda: policies(alice) == {BOB: NEVER}, "policy")
    alice.leave()
    finish(bob, *others)


if __name__ == "__main__":
    harness.main(globals())
