#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a conversation's window offers in a real Pidgin: the ways to verify, the reminder, the padlock with its words, the buddy
list's menu."""
from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any, Callable

import harness
from accessible import Node, act, tree
from encrypted import ALICE, BOB, CAROL, ENCRYPTED, HELD, NOW_ENCRYPTED, PLAIN, THEY_LEFT, VERIFIED, YOU_VERIFIED, Client, finish
from harness import Window, Workspace, wait_until
from test_choices import policies
from test_choices import says as answered
from test_languages import LONG_NAME, inside
from test_pidgin import PADLOCK, SIZE, Alice, encrypted_scene, scene
from walk import Walk, always, choose, conversation, item, menu, padlock, wait_state
from workspace import plugin_folder

OTHER_DEVICE = "Your conversation is with another device of this contact now."
NOT_SAME = "The two passwords differ"
REMINDER = "To be sure that nobody listens in, verify once"
WAITS_AGAIN = "What you write waits until the conversation is encrypted, and is sent then."
CHOOSE = "Nothing is sent until you choose to start again or to write unencrypted."
REMIND = "/plugins/core/esession/remind"
DETAILS = "/pidgin/conversations/im/show_buddy_icons"  # whether Pidgin has a row with the contact's name
COLOURS = plugin_folder("pidgin") / "convcolors.so"
TOOLBAR = "/pidgin/conversations/show_formatting_toolbar"  # Pidgin's own, which is wide in some languages


def page(alice: Alice, window: Window, key: str) -> Window:
    """The dialog, on one of its pages."""
    dialog = alice.dialog(window)
    alice.key(key)
    return dialog


def close_done(alice: Alice, name: str) -> None:
    """The dialog says that all is well, until it is closed."""
    dialog = alice.wait_window("^Verify")
    alice.screenshot(name, dialog)
    alice.key("Return")
    alice.wait_no_window("^Verify")


# Ways to verify

def test_type_the_code(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    code = bob.code(ALICE)
    other = code[:-1] + ("a" if code[-1] != "a" else "c")
    dialog = page(alice, window, "alt+t")
    alice.screenshot("window-type", dialog)
    alice.key("alt+c")

    # What can be in no code is noticed at once, and another code than ours verifies nobody.
    alice.type("jjj")
    alice.screenshot("window-type-impossible", dialog)
    alice.key("ctrl+a")
    alice.type(other)
    alice.key("Return")
    alice.screenshot("window-type-wrong", dialog)
    assert alice.devices() == [(BOB, False)]
    alice.key("ctrl+a")
    alice.type(f"{code[:3].upper()} - {code[3:]}")
    alice.key("Return")
    alice.wait_shown(YOU_VERIFIED)
    assert alice.devices() == [(BOB, True)]
    close_done(alice, "window-done")
    alice.leave()
    finish(bob)


def test_password(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    dialog = page(alice, window, "alt+w")
    alice.screenshot("window-password", dialog)

    # Taken back, then with another one, then with the same.
    alice.key("alt+p")
    alice.type("blue whale")
    alice.key("Return")
    bob.wait_line("wants to compare a password")
    alice.screenshot("window-password-waits", dialog)
    alice.key("alt+i")
    bob.wait_line("does not wait for your password any more")
    assert alice.devices() == [(BOB, False)]

    mark = bob.mark()
    alice.key("alt+p")
    alice.type("blue whale")
    alice.key("Return")
    bob.wait_line("wants to compare a password", mark)
    bob.ask(ALICE, "password red herring")
    alice.wait_shown("The two passwords differ")
    alice.screenshot("window-password-differs", dialog)
    assert alice.devices() == [(BOB, False)]

    mark = bob.mark()
    alice.key("alt+p")
    alice.type("blue whale")
    alice.key("Return")
    bob.wait_line("wants to compare a password", mark)
    bob.ask(ALICE, "password blue whale")
    alice.wait_shown("Both passwords are the same")
    bob.wait_line("Both passwords are the same", mark)
    assert alice.devices() == [(BOB, True)] and bob.devices() == [(ALICE, True)]
    close_done(alice, "window-password-done")
    alice.leave()
    finish(bob)


def test_other_side_wants_a_password(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    bob.ask(ALICE, "password blue whale")
    alice.wait_shown("wants to compare a password")

    # The dialog opens where the answer goes.
    dialog = alice.dialog(window)
    alice.screenshot("window-password-offered", dialog)
    alice.type("blue whale")
    alice.key("Return")
    alice.wait_shown("Both passwords are the same")
    assert alice.devices() == [(BOB, True)]
    close_done(alice, "window-offered-done")
    alice.leave()
    finish(bob)


def test_question(workspace: Workspace) -> None:
    """What the password is the answer to is shown where it is typed."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    dialog = page(alice, window, "alt+w")
    alice.key("alt+q")
    alice.type("Where did we meet?")
    alice.key("alt+p")
    alice.type("in Rome")
    alice.screenshot("window-question", dialog)
    alice.key("Return")
    bob.wait_line('The other side asks "\u2068Where did we meet?\u2069" and wants to compare the answer')
    alice.key("alt+i")
    bob.wait_line("does not wait for your password any more")
    alice.key("Escape")
    alice.wait_no_window("^Verify")

    mark = bob.mark()
    bob.ask(ALICE, "password")
    request = bob.wait_for("request", since=mark, title="Compare a password")
    bob.command("answer", request=request["request"], button=request["buttons"].index("Compare"),
                fields={"password": "in Rome", "question": "Where else?"})
    alice.wait_shown("The other side asks")
    dialog = alice.dialog(window)
    wait_until(lambda: any("asks \"\u2068Where else?\u2069\"" in (node.text or "") for node in tree(alice, "Verify*").all("label")
                           if node.shown()), "question")
    alice.screenshot("window-question-asked", dialog)
    alice.type("in Rome")
    alice.key("Return")
    bob.wait_line("Both passwords are the same", mark)
    alice.wait_shown("Both passwords are the same")
    assert alice.devices() == [(BOB, True)]
    close_done(alice, "window-question-done")
    assert not any("Where" in stanza.xml for stanza in prosody.stanzas())
    alice.leave()
    finish(bob)


def test_later_leaves_the_other_side_waiting(workspace: Workspace) -> None:
    """To put the answer off is not to decline it."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    bob.ask(ALICE, "password blue whale")
    alice.wait_shown("wants to compare a password")
    alice.dialog(window)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    look_again(alice, bob, "take your time")
    assert not any("does not want to compare passwords" in line for line in bob.lines()), bob.lines()
    alice.dialog(window)
    alice.type("blue whale")
    alice.key("Return")
    alice.wait_shown("Both passwords are the same")
    close_done(alice, "window-later-done")
    alice.leave()
    finish(bob)


def test_verified_and_still_asked(workspace: Workspace) -> None:
    """Whoever is sure can still read the code to the other person, and answer a password."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    close_done(alice, "window-verified")
    dialog = alice.dialog(window)
    code = bob.code(ALICE)
    wait_until(lambda: any(code in (node.text or "") for node in tree(alice, "Verify*").all("label")
                           if node.shown()), "code")
    alice.screenshot("window-verified-code", dialog)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    bob.ask(ALICE, "password blue whale")
    alice.wait_shown("wants to compare a password")
    dialog = alice.dialog(window)
    alice.screenshot("window-verified-offered", dialog)

    # That she is sure for another reason does not make a wrong one right.
    alice.type("red herring")
    alice.key("Return")
    wait_until(lambda: any(node.text and "The two passwords differ" in node.text
                           for node in tree(alice, "Verify*").all("label") if node.shown()), "what became of it")
    alice.screenshot("window-verified-differs", dialog)
    mark = bob.mark()
    bob.ask(ALICE, "password blue whale")
    alice.focus(dialog)
    alice.key("alt+p")
    alice.type("blue whale")
    alice.key("Return")
    bob.wait_line("Both passwords are the same", mark)
    close_done(alice, "window-verified-done")
    assert bob.devices() == [(ALICE, True)]
    alice.leave()
    finish(bob)


def test_never_asks_first(workspace: Workspace) -> None:
    """As the end of encryption does, with whom is verified."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    close_done(alice, "window-never")
    choose(alice, "_This contact", "_Never")
    alice.focus(alice.wait_window("^Write unencrypted"))
    alice.key("Escape")
    alice.wait_no_window("^Write unencrypted")
    assert not policies(alice)
    choose(alice, "_This contact", "_Never")
    alice.focus(alice.wait_window("^Write unencrypted"))
    alice.key("alt+w")
    alice.wait_shown("never encrypted")
    assert policies(alice)
    alice.leave()
    finish(bob)


def test_dialog_follows_the_session(workspace: Workspace) -> None:
    """The dialog stays while the session is renewed, and then shows the new code."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    dialog = alice.dialog(window)
    old = bob.code(ALICE)
    bob.kill()
    again = Client(workspace, "bob", prosody)
    mark = again.mark()
    again.login()
    again.open(ALICE)
    again.wait_line(NOW_ENCRYPTED, mark, timeout=30)
    wait_until(lambda: again.code(ALICE) != old, "another code")
    alice.screenshot("window-new-code", dialog)
    alice.key("alt+t", "alt+c")
    alice.type(f"{again.code(ALICE)}")
    alice.key("Return")
    alice.wait_shown(YOU_VERIFIED)
    alice.leave()
    finish(again)


def test_new_code_is_looked_at_first(workspace: Workspace) -> None:
    """Whoever else has a device of the contact's can change the code just when it is found to match."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    phone = Client(workspace, "phone", prosody)
    phone.login(user="bob", resource="phone")
    phone.wait_for("buddy-signed-on", who=ALICE)
    phone.open(ALICE)
    phone.wait_line(NOW_ENCRYPTED)
    bob.send(ALICE, "this is me")
    alice.wait_shown("this is me")
    dialog = alice.dialog(window)
    match = tree(alice).one("push button", "They match")
    assert "sensitive" in match.states
    phone.send(ALICE, "and this is not")
    alice.wait_shown("and this is not")
    alice.key("alt+m")
    alice.click_at(match.extents)
    says(alice, OTHER_DEVICE)
    alice.key("alt+v")
    wait_until(lambda: tree(alice, "Verify*").all("push button", "They match"), "other code")
    alice.key("alt+m")
    alice.screenshot("window-other-code", dialog)
    wait_until(lambda: "sensitive" in tree(alice).one("push button", "They match").states, "end of the wait", 20)
    assert not any(verified for _, verified in alice.devices()), alice.devices()

    # Once it could be compared it counts.
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    alice.leave()
    finish(bob, phone)


# One dialog is about one session

def words(alice: Alice) -> str:
    """All that the dialog shows."""
    return "\n".join(node.text or node.name for node in tree(alice, "Verify*").all("label"))


def says(alice: Alice, sentence: str) -> None:
    wait_until(lambda: sentence in words(alice), f"{sentence!r} in the dialog")


def give(alice: Alice, other: Client, since: int = 0) -> None:
    """She types a password, and the other side is asked for it."""
    alice.key("alt+p")
    alice.type("blue whale")
    wait_until(lambda: "sensitive" in tree(alice, "Verify*").one("push button", "Compare now").states, "end of the wait")
    alice.key("Return")
    other.wait_line("wants to compare a password", since)


def log_in_again(workspace: Workspace, prosody: Any, name: str, resource: str) -> Client:
    """One of Bob's devices, which looks at the conversation."""
    device = Client(workspace, name, prosody)
    device.login(user="bob", resource=resource)
    device.wait_for("buddy-signed-on", who=ALICE)
    device.open(ALICE)
    return device


def test_phone_writes_while_a_password_is_compared(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    phone = log_in_again(workspace, prosody, "phone", "phone")
    phone.wait_line(NOW_ENCRYPTED)
    bob.send(ALICE, "this is my laptop")
    alice.wait_shown("this is my laptop")
    dialog = page(alice, window, "alt+w")
    says(alice, 'This is about the device "\u2068test\u2069": every other one has another code.')
    give(alice, bob)
    says(alice, "Waiting until")

    # Nothing of the phone's session is shown as if it were the laptop's, and the other way round.
    phone.send(ALICE, "I am on my phone now")
    says(alice, OTHER_DEVICE)
    alice.screenshot("window-moved", dialog)
    assert NOT_SAME not in words(alice) and phone.code(ALICE) not in words(alice), words(alice)
    shown = sorted(node.name for node in tree(alice, "Verify*").all("push button") if node.name != "Help")
    assert shown == ["Close", "Verify that device"], shown
    bob.send(ALICE, "I am back")
    says(alice, "Waiting until")
    bob.ask(ALICE, "password red herring")
    says(alice, NOT_SAME)
    phone.send(ALICE, "I am on my phone again")
    says(alice, OTHER_DEVICE)

    # It is shown when that is asked for, and is then what the dialog is about.
    alice.key("alt+v", "alt+o")
    says(alice, phone.code(ALICE))
    says(alice, 'This is about the device "\u2068phone\u2069"')
    assert NOT_SAME not in words(alice), words(alice)
    alice.screenshot("window-moved-there", dialog)
    bob.send(ALICE, "I am back once more")
    says(alice, OTHER_DEVICE)
    assert bob.code(ALICE) not in words(alice), words(alice)
    alice.key("alt+v", "alt+w")

    # What comes out while the phone writes is true of the laptop, with which the conversation then goes on.
    mark = bob.mark()
    give(alice, bob, mark)
    phone.send(ALICE, "once more")
    says(alice, OTHER_DEVICE)
    bob.ask(ALICE, "password blue whale")
    alice.wait_shown("Both passwords are the same")
    assert (BOB, True) in alice.devices() and (BOB, False) in alice.devices(), alice.devices()
    says(alice, "need not do this again")
    says(alice, bob.code(ALICE))
    assert NOT_SAME not in words(alice), words(alice)
    alice.leave()
    finish(bob, phone)


def test_verified_phone_writes_while_a_password_is_compared(workspace: Workspace) -> None:
    """That this one is verified says nothing of the passwords."""
    prosody, alice, phone, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    close_done(alice, "window-phone-verified")
    phone.quit()
    alice.wait_shown(THEY_LEFT)
    laptop = log_in_again(workspace, prosody, "laptop", "laptop")
    alice.wait_shown("uses a device that you have not verified")
    page(alice, window, "alt+w")
    give(alice, laptop)
    says(alice, "Waiting until")
    phone = log_in_again(workspace, prosody, "bob", "test")
    phone.send(ALICE, "I am on my phone now")
    alice.wait_shown("I am on my phone now")
    says(alice, OTHER_DEVICE)
    assert "need not do this again" not in words(alice) and NOT_SAME not in words(alice), words(alice)

    # It is shown as what it is when that is asked for.
    alice.key("alt+v")
    says(alice, "need not do this again")
    alice.leave()
    finish(laptop, phone)


def test_no_longer_verified(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    close_done(alice, "window-before-unmarking")
    alice.dialog(window)
    says(alice, "need not do this again")
    answered(alice, "devices", "1")
    answered(alice, "unverify 1", "no longer counts as verified")
    says(alice, bob.code(ALICE))
    assert "need not do this again" not in words(alice), words(alice)
    alice.leave()
    finish(bob)


def test_what_is_typed_stays_where_it_is_typed(workspace: Workspace) -> None:
    """Whatever happens meanwhile."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    page(alice, window, "alt+w")
    alice.key("alt+p")
    alice.type("blue")
    bob.ask(ALICE, f"verify {bob.code(ALICE)}")
    alice.wait_shown("The other side says that the codes match")
    alice.type(" whale")
    alice.key("Return")
    bob.wait_line("wants to compare a password")
    bob.ask(ALICE, "password blue whale")
    alice.wait_shown("Both passwords are the same")
    alice.leave()
    finish(bob)


# The reminder

def reminders(alice: Alice, who: str = BOB) -> int:
    return sum(REMINDER in line for line in alice.shown(who))


def look_again(alice: Alice, bob: Client, text: str) -> None:
    """Once what was said until now has come: this comes after it."""
    bob.send(ALICE, text)
    alice.wait_shown(text)


def test_reminded_once_a_day(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    wait_until(lambda: reminders(alice) == 1, "reminder")
    alice.screenshot("window-reminder", window)
    since = len(alice.shown())
    alice.menu(window, "e")
    alice.wait_shown("You have ended")
    alice.menu(window, "s")
    alice.wait_shown(NOW_ENCRYPTED, since=since)
    look_again(alice, bob, "not again")
    assert reminders(alice) == 1

    # Nor does a restart make it another day; but a day does.
    alice.quit()
    path = alice.path / "blist.xml"
    setting = re.compile(r"(<setting name='esession-reminded' type='int'>)(\d+)")
    assert setting.search(path.read_text())
    alice.start()
    alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    look_again(alice, bob, "not today")
    assert reminders(alice) == 0
    alice.quit()
    path.write_text(setting.sub(lambda found: found[1] + str(int(found[2]) - 25 * 3600), path.read_text()))
    ElementTree.parse(path)
    alice.start()
    alice.open()
    wait_until(lambda: reminders(alice) == 1, "reminder")
    alice.leave()
    finish(bob)


def test_not_reminded_if_not_wanted(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace, prefs={REMIND: False})
    look_again(alice, bob, "nor at all")
    assert reminders(alice) == 0
    alice.leave()
    finish(bob)


def link_place(alice: Alice, window: Window) -> tuple[int, int] | None:
    """Where there is blue, underlined text, if there is."""
    width, height = alice.size(window)
    picture = alice.picture(window, 0, 0, width, height)
    for y in range(0, height):
        for x in range(0, width):
            if picture[3 * (y * width + x):][:3] == b"\x00\x00\xff":
                return x, y
    return None


def test_link_opens_the_dialog(workspace: Workspace) -> None:
    prosody, alice, bob, window = encrypted_scene(workspace)
    wait_until(lambda: reminders(alice) == 1, "reminder")
    alice.steady(window, 0, 30, SIZE[0], 200)
    x, y = wait_until(lambda: link_place(alice, window), "link")
    alice.click(window, x + 3, y + 3)
    dialog = alice.wait_window("^Verify")
    alice.focus(dialog)
    alice.key("Escape")
    alice.wait_no_window("^Verify")

    # Where nothing is encrypted it says why it leads nowhere.
    alice.menu(window, "e")
    alice.wait_shown("You have ended")
    since = len(alice.shown())
    alice.click(window, x + 3, y + 3)
    alice.wait_shown("There is no verification code now.", since=since)
    alice.menu(window, "s")
    alice.wait_shown(NOW_ENCRYPTED, since=since)

    # Such a link from the other side leads nowhere else.
    alice.conversation(BOB)
    bob.send(ALICE, '<a href="esession:end">esession</a>')
    alice.wait_shown("esession")
    look_again(alice, bob, "and here we are")
    bob.ask(ALICE, "status")
    assert bob.state(ALICE) == ENCRYPTED
    alice.leave()
    finish(bob)


def test_link_where_another_plugin_colours_lines(workspace: Workspace) -> None:
    """Pidgin's own takes the markup out of them, but not ours."""
    prosody, alice, bob = scene(workspace, others=(COLOURS,))
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    bob.send(ALICE, "hello")
    wait_until(lambda: reminders(alice) == 1, "reminder")
    alice.steady(window, 0, 30, SIZE[0], 200)
    alice.screenshot("window-colours", window)
    x, y = wait_until(lambda: link_place(alice, window), "link")
    alice.click(window, x + 3, y + 3)
    alice.wait_window("^Verify")
    alice.quit()  # the other plugin has complaints of its own
    finish(bob)


# The padlock and its words

def spoken(alice: Alice) -> str:
    return "\n".join(f"{node.role}: {node.name} | {node.description}" for node in tree(alice).walk())


def test_details(workspace: Workspace) -> None:
    """Screen readers and tooltips are told all there is to know."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    wait_until(lambda: 'With the device "\u2068test\u2069", since ' in spoken(alice), "details")
    assert "This conversation is logged." in spoken(alice)
    before = alice.popups()
    alice._run("xdotool", "mousemove", "--window", window.id, *map(str, PADLOCK))
    alice.wait_popup(before)
    alice.screenshot("window-tooltip")
    alice.dialog(window)
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    wait_until(lambda: "You verified this device: " in spoken(alice), "when it was verified")
    alice.leave()
    finish(bob)


def test_details_of_an_end(workspace: Workspace) -> None:
    """Why it ended, and what becomes of what is written now: it goes on by itself, or not before the user has chosen."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    bob.command("disconnect")
    wait_until(lambda: WAITS_AGAIN in padlock(alice).description, "what becomes of what is written")
    assert "because the other side is offline" in padlock(alice).description, padlock(alice)
    bob.login()
    wait_until(lambda: padlock(alice).name == ENCRYPTED, "end of the wait")
    bob.open(ALICE)
    bob.ask(ALICE, "end")
    wait_until(lambda: CHOOSE in padlock(alice).description, "what there is to choose")
    assert WAITS_AGAIN not in padlock(alice).description, padlock(alice)
    alice.leave()
    finish(bob)


def test_always_does_not_look_plain(workspace: Workspace) -> None:
    """Where nothing leaves in the clear the padlock is closed, and says what it waits for."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    always(alice)
    choose(alice, "_End encryption")
    wait_state(alice, HELD)
    told = padlock(alice).description
    assert WAITS_AGAIN in told and "read along" not in told, told
    alice.place(window, 300, 20, 340, 300)
    alice.screenshot("window-always", window)
    choose(alice, "_This contact", "_When I ask")
    wait_state(alice, PLAIN)
    assert "read along" in padlock(alice).description, padlock(alice)
    alice.leave()
    finish(bob)


def test_no_tooltip_over_the_menu(workspace: Workspace) -> None:
    """Neither the one that is there, nor another one when something changes meanwhile."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.steady_bar(window)
    hover(alice, window, 300, 300)
    before = alice.popups()
    hover(alice, window, *PADLOCK)
    alice.wait_popup(before)
    alice._run("xdotool", "click", "1", "sleep", "0.5")
    menu_alone = alice.popups() - before
    since = len(alice.shown())
    bob.command("disconnect")
    alice.wait_shown(THEY_LEFT, since=since)
    alice._run("xdotool", "mousemove_relative", "2", "0", "sleep", "0.1", "mousemove_relative", "1", "0", "sleep", "1.5")
    alice.screenshot("window-menu-alone")
    assert menu_alone and alice.popups() - before == menu_alone
    alice.key("Escape")
    wait_until(lambda: not alice.popups() & menu_alone, "end of the menu")
    alice.leave()
    finish(bob)


def test_menu_says_why(workspace: Workspace) -> None:
    """What cannot be chosen says why."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)

    def told() -> dict[str, str]:
        act(alice, menu(alice))
        wait_until(lambda: any("sensitive" not in node.states for node in menu(alice).all("menu item")), "opened menu")
        found = {node.name: node.description for node in menu(alice).all("menu item") if "sensitive" not in node.states}
        alice.screenshot("window-menu-why")
        alice.key("Escape", "Escape")
        return found
    assert told() == {"Start encryption": "This conversation is already encrypted."}
    alice.menu(window, "e")
    alice.wait_shown("You have ended")
    assert told() == {"End encryption": "This conversation is not encrypted.",
                      "Verify...": "You can verify the other side as soon as this conversation is encrypted."}

    # What is chosen for the contact says what comes of it, if anything does, and what cannot be done any more.
    never = "Conversations with this contact are never encrypted."
    alice.menu(window, "t", "p")
    alice.menu(window, "t", "n")
    alice.wait_shown(never)
    assert told()["Start encryption"] == never
    alice.screenshot("window-never", window)
    assert not any("whenever that is possible" in line for line in alice.shown()), alice.shown()
    alice.leave()
    finish(bob)


def buttons(alice: Alice) -> list[str]:
    return [node.name for node in tree(alice).all("push button") if node.name in (ENCRYPTED, VERIFIED) and node.shown()]


def popups(alice: Alice, name: str) -> list[Node]:
    """What of that name stands in menus that have popped up."""
    return [node for popup in tree(alice).all("window") for node in popup.walk() if node.name == name and node.shown()]


def verify_from_menu(alice: Alice, open_menu: Callable[[], None]) -> Window:
    """Once the menu is there its items are chosen by keyboard."""
    before = alice.popups()
    open_menu()
    alice.wait_popup(before)
    alice.screenshot("window-padlock-menu")
    alice.key("v")
    dialog = alice.wait_window("^Verify")
    alice.focus(dialog)
    return dialog


def test_padlock(workspace: Workspace) -> None:
    """It opens the menu, by mouse and by keyboard, and nothing of Pidgin's own."""
    prosody, alice, bob, window = encrypted_scene(workspace, accessible=True)
    button = wait_until(lambda: padlock(alice), "padlock")
    assert buttons(alice) == [ENCRYPTED]
    alice.steady_bar(window)

    # Pidgin would rename the contact, or open its own menu.
    before = alice.popups()
    alice.click_at(button.extents, 3)
    alice.click_at(button.extents, 2)
    assert not alice.popups() - before
    verify_from_menu(alice, lambda: alice.click_at(button.extents))
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    alice._run("xdotool", "click", "--repeat", "2", "--delay", "40", "1")
    alice.key("Escape", "Escape")
    alice.steady_bar(window)
    assert padlock(alice).extents == button.extents and not tree(alice, "Bob").all("text", "Bob")

    alice.focus(window)
    act(alice, padlock(alice), "focus")
    verify_from_menu(alice, lambda: alice.key("Return"))
    alice.key("alt+m")
    alice.wait_shown(YOU_VERIFIED)
    close_done(alice, "window-padlock-done")
    wait_until(lambda: buttons(alice) == [VERIFIED], "padlock of a verified conversation")
    alice.leave()
    finish(bob)


def ends_in_a_letter(alice: Alice, window: Window) -> bool:
    """Whether the name of the menu does, and not in dots: it is high where it ends."""
    x, y, width, height = menu(alice).extents
    place = conversation(alice).extents
    picture = alice.steady(window, x - place[0], y - place[1], width, height)
    ink = [(i // 3 % width, i // 3 // width) for i in range(0, len(picture), 3) if picture[i] < 100]
    end = max(column for column, _ in ink)
    rows = {row for column, row in ink if column > end - 4}
    return max(rows) - min(rows) > 3


def look_narrow(workspace: Workspace, language: str, **options: Any) -> Walk:
    """As narrow as it can be the words stand there as they do where there is room, and open the menu."""
    way = Walk(workspace, language=language, prefs={TOOLBAR: False}, **options)
    way.begin()
    alice, window = way.alice, way.window
    wait_state(alice, ENCRYPTED)

    def words() -> bytes:
        """The picture of the button."""
        x, y, width, height = padlock(alice).extents
        place = conversation(alice).extents
        assert inside((x, y, width, height), place), (x, y, width, height, place)
        return alice.steady(window, x - place[0], y - place[1], width, height)
    wide = words()
    assert ends_in_a_letter(alice, window)
    alice.place(window, 300, 20, 340, 300)
    wait_until(lambda: conversation(alice).extents[2:] == alice.size(window) != way.size, "narrow window")
    alice._run("xdotool", "mousemove", "10", "900")
    assert words() == wide, padlock(alice)
    alice.screenshot(f"window-narrow-{language}", window)
    assert ends_in_a_letter(alice, window)
    before = alice.popups()
    alice.click_at(padlock(alice).extents)
    alice.wait_popup(before)
    alice.screenshot(f"window-narrow-menu-{language}")
    act(alice, item(alice, "_Verify..."))
    title = f"^{re.escape(alice.ours('Verify the other side'))}"
    alice.focus(alice.wait_window(title))
    alice.key("Escape")
    alice.wait_no_window(title)
    return way


def test_words_in_a_narrow_window(workspace: Workspace) -> None:
    way = look_narrow(workspace, "en")
    assert way.alice.size(way.window) == (340, 300)
    way.end()


def test_words_in_a_narrow_window_in_german(workspace: Workspace) -> None:
    look_narrow(workspace, "de").end()


def test_words_beside_a_long_name(workspace: Workspace) -> None:
    """It is the name that gives way."""
    way = look_narrow(workspace, "en", name=LONG_NAME)
    assert way.alice.size(way.window) == (340, 300)
    way.end()


def hover(alice: Alice, window: Window, x: int, y: int) -> None:
    """The mouse comes there and moves."""
    alice._run("xdotool", "mousemove", "--window", window.id, str(x), str(y), "sleep", "0.1", "mousemove_relative", "1", "0")


def test_one_tooltip(workspace: Workspace) -> None:
    """Pidgin's own about the contact, which has the title of the window, goes when the mouse comes to the padlock."""
    prosody, alice, bob, window = encrypted_scene(workspace)
    alice.steady_bar(window)
    hover(alice, window, 80, PADLOCK[1])
    wait_until(lambda: len(alice.windows("^Bob$")) == 2, "Pidgin's tooltip")
    hover(alice, window, *PADLOCK)
    wait_until(lambda: alice.windows("^Pidgin$"), "tooltip of the padlock")
    alice._run("xdotool", "mousemove_relative", "2", "0", "sleep", "1.5")
    assert len(alice.windows("^Bob$")) == 1 and alice.windows("^Pidgin$")
    alice.quit()
    assert all("Source ID" in line for line in alice.complaints()), alice.complaints()  # of Pidgin's tooltip
    finish(bob)


def test_padlock_without_details(workspace: Workspace) -> None:
    """Where Pidgin shows no row with the contact's name it has a row of its own, and goes back."""
    prosody, alice, bob, window = encrypted_scene(workspace, prefs={DETAILS: False}, accessible=True)
    alone = wait_until(lambda: padlock(alice), "padlock")
    alice.screenshot("window-no-details", window)
    alice.call("PurplePrefsSetBool", DETAILS, 1)
    wait_until(lambda: padlock(alice).extents != alone.extents, "padlock in Pidgin's row")
    alice.screenshot("window-details", window)
    alice.call("PurplePrefsSetBool", DETAILS, 0)
    wait_until(lambda: padlock(alice).extents == alone.extents, "padlock in a row of its own")
    assert buttons(alice) == [ENCRYPTED]
    verify_from_menu(alice, lambda: alice.click_at(alone.extents))
    alice.leave()
    finish(bob)


def test_padlock_of_another_tab(workspace: Workspace) -> None:
    """A screen reader may press it: the menu is about the tab that is shown."""
    prosody, alice, bob = scene(workspace, users={"alice": "Alice", "bob": "Bob", "carol": "Carol"}, buddies=(BOB, CAROL),
                                accessible=True)
    window = alice.open()
    alice.wait_shown(NOW_ENCRYPTED)
    alice.conversation(CAROL)
    alice.focus(window)
    for title in "^Carol$", "^Bob$":
        alice.key("ctrl+Tab")
        alice.wait_window(title)
    found = wait_until(lambda: [node for node in tree(alice, "Bob").walk() if node.role == "push button"
                                and node.name == PLAIN], "padlock of Carol's tab")
    before = alice.popups()
    act(alice, found[0])
    look_again(alice, bob, "what comes after it")
    assert not alice.popups() - before
    verify_from_menu(alice, lambda: alice.click_at(padlock(alice).extents))
    alice.leave()
    finish(bob)


# The buddy list

def close(alice: Alice, title: str) -> None:
    alice.focus(alice.wait_window(title))
    alice.key("Escape")
    alice.wait_no_window(title)


def test_buddy_menu(workspace: Workspace) -> None:
    prosody, alice, bob = scene(workspace, accessible=True)
    alice.wait_window("Buddy List")

    def choose(key: str) -> None:
        """By mouse on whatever row is Bob's now: on a busy machine the list may still be moving."""
        def menus() -> list[Node]:
            found = popups(alice, "Encryption")
            if not found:
                alice.key("Escape")
                row = next(node for node in tree(alice).walk() if node.role == "table cell"
                           and node.name.startswith("Bob") and node.shown())
                x, y, _, height = row.extents
                alice._run("xdotool", "mousemove", str(x + 5), str(y + height // 2), "click", "3")
            return found
        wait_until(menus, "menu of a buddy")
        alice.key("y")
        alice.screenshot("window-buddy-menu")
        alice.key(key)

    # What needs a conversation opens it.
    choose("s")
    alice.place(alice.wait_window("^Bob$"), 300, 20, *SIZE)
    alice.wait_shown(NOW_ENCRYPTED)
    choose("v")
    dialog = alice.wait_window("^Verify")
    alice.focus(dialog)
    alice.key("Escape")
    alice.wait_no_window("^Verify")
    choose("r")
    close(alice, "^Remembered devices")
    choose("p")
    close(alice, "^Encryption preferences")
    choose("a")
    close(alice, "^About encryption")
    choose("b")
    close(alice, "^Report a problem")
    choose("e")
    alice.wait_shown("You have ended the encrypted conversation")
    alice.leave()
    finish(bob)


if __name__ == "__main__":
    harness.main(globals())
