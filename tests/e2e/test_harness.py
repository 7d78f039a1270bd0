#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves the harness: everything works without encryption, and then the server can read every word.

The tests of encryption look for the same texts in the same record; here is shown that they would be found."""
import html
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable

import harness
from harness import CommandError, HeadlessClient, Pidgin, Prosody, Stanza, Workspace, ended, wait_until

ALICE, BOB = "alice@localhost", "bob@localhost"

# No two pieces of the long one are alike: a hole or a swap would show.
TEXTS = {
    "plain": "the quick brown fox",
    "special": "1 < 2 && 3 > 2, \"quoted\" & 'quoted' &amp; not markup <b>",
    "emoji": "\N{GRINNING FACE}\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5} ñ 漢字 עברית",
    "lines": "first line\nsecond line\n\n  fourth, indented",
    "long": "".join(f"{number:06d}," for number in range(102400 // 7)) + "end",
}


def two_clients(workspace: Workspace, **options) -> tuple[Prosody, HeadlessClient, HeadlessClient]:
    """Alice and Bob, online and aware of each other."""
    prosody = Prosody(workspace, **options)
    alice, bob = (HeadlessClient(workspace, name, prosody) for name in ("alice", "bob"))
    alice.login()
    bob.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    bob.wait_for("buddy-signed-on", who=ALICE)
    return prosody, alice, bob


def of(jid: str) -> Callable[[str], bool]:
    """libpurple puts in the resource when it knows which one talks."""
    return lambda who: who.partition("/")[0] == jid


def plain(markup: str) -> str:
    return html.unescape(re.sub("<br>", "\n", markup, flags=re.IGNORECASE))


def bodies(stanzas: list[Stanza]) -> list[str]:
    return [body.text for stanza in stanzas for body in stanza.element().findall("{jabber:client}body")]


def no_complaints(*clients: HeadlessClient) -> None:
    for client in clients:
        assert not client.seen("critical") and not client.seen("warning"), client.seen("critical")


def test_messages_both_ways_and_the_server_holds_them(workspace: Workspace) -> None:
    prosody, alice, bob = two_clients(workspace)
    for sender, receiver, who, jid in (alice, bob, BOB, ALICE), (bob, alice, ALICE, BOB):
        for name, text in TEXTS.items():
            sent, got, recorded = sender.mark(), receiver.mark(), prosody.mark()
            sender.send(who, text)
            for event in "sending-im-msg", "sent-im-msg":
                assert sender.seen(event, sent, who=of(who)), (name, event)
            mine = sender.wait_for("displayed", since=sent, flags="SEND")
            line = receiver.wait_for("displayed", since=got, flags="RECV", conversation=of(jid))
            theirs = receiver.wait_for("received-im-msg", since=got)
            shown = [plain(event["text"]) for event in (mine, line, theirs)]
            assert shown == [text] * 3, name
            for way in "received", "sent":
                found = wait_until(lambda: prosody.holding(text, way=way, since=recorded), f"{name} {way}")
                assert bodies(found) == [text], (name, way)
    assert not prosody.holding("never written")
    no_complaints(alice, bob)


def test_markup(workspace: Workspace) -> None:
    prosody, alice, bob = two_clients(workspace)
    alice.open(BOB)
    alice.command("send", who=BOB, html="plain <b>bold</b> and <i>slanted</i>")
    line = bob.wait_for("displayed", flags="RECV")
    assert "<span style='font-weight: bold;'>bold</span>" in line["text"], line
    found = prosody.holding("plain bold and slanted", way="sent")
    assert bodies(found) == ["plain bold and slanted"]
    assert found[0].element().find("{http://jabber.org/protocol/xhtml-im}html") is not None


def test_sending_past_the_window(workspace: Workspace) -> None:
    prosody, alice, bob = two_clients(workspace)
    alice.command("serv-send-im", who=BOB, text="direct & plain", auto=True)
    bob.wait_for("displayed", flags="RECV", text="direct &amp; plain")
    assert not alice.seen("sending-im-msg")
    alice.command("send-stanza", xml=f"<message to='{BOB}' type='chat'><body>by hand</body></message>")
    bob.wait_for("displayed", flags="RECV", text="by hand")
    assert prosody.holding("direct & plain", way="received") and prosody.holding("by hand", way="received")


def test_typing_status_and_lists(workspace: Workspace) -> None:
    prosody, alice, bob = two_clients(workspace)
    alice.open(BOB)
    alice.command("typing", who=BOB, state="typing")
    bob.wait_for("typing", who=of(ALICE), state="typing")
    alice.command("typing", who=BOB, state="typed")
    bob.wait_for("typing", state="typed")
    alice.command("typing", who=BOB, state="stopped")
    bob.wait_for("typing", state="stopped")
    assert prosody.holding("chatstates", way="sent", client=BOB)
    assert alice.command("buddies")["online"] == {BOB: "available"}
    bob.command("status", status="away", message="at lunch")
    wait_until(lambda: alice.command("buddies")["online"] == {BOB: "away"}, "Bob away")
    state = alice.command("state")
    assert state["accounts"] == {f"{ALICE}/test": "connected"} and state["conversations"] == [BOB], state
    alice.command("close", who=BOB)
    alice.wait_for("deleting-conversation", who=BOB)


def test_plugins_system_lines_and_slash_commands(workspace: Workspace) -> None:
    _, alice, bob = two_clients(workspace)
    assert alice.command("load", plugin="statenotify")["plugin"] == "core-statenotify"
    assert "core-statenotify" in alice.command("state")["plugins"]
    alice.open(BOB)
    bob.command("status", status="away")
    line = alice.wait_for("displayed", flags="SYSTEM", conversation=BOB)
    assert "away" in line["text"], line
    alice.command("unload", plugin="statenotify")
    assert "core-statenotify" not in alice.command("state")["plugins"]
    assert alice.command("slash", who=BOB, line="no-such-command")["status"] == "NOT_FOUND"
    reply = alice.command("slash", who=BOB, line="buzz nobody")
    assert reply["status"] == "FAILED" and "nobody" in reply["text"], reply
    for plugin in "no-such-plugin", str(Path(__file__)):
        try:
            alice.command("load", plugin=plugin)
        except CommandError:
            continue
        raise AssertionError(f"{plugin} was loaded")


def test_requests_are_told_and_answered(workspace: Workspace) -> None:
    """Without the pinned certificate libpurple asks; it asks again when the answer was no."""
    alice = HeadlessClient(workspace, "alice", Prosody(workspace), pin=False)
    alice.login(wait=False)
    request = alice.wait_for("request", type="action")
    assert "localhost" in request["primary"] and len(request["buttons"]) >= 2, request
    reject = next(i for i, label in enumerate(request["buttons"]) if "Reject" in label)
    alice.command("answer", request=request["request"], button=reject)
    alice.wait_for("request-closed", request=request["request"])
    alice.wait_for("connection-error")
    alice.wait_for("signed-off")
    mark = alice.mark()
    alice.login(wait=False)
    request = alice.wait_for("request", since=mark)
    accept = next(i for i, label in enumerate(request["buttons"]) if "Accept" in label)
    alice.command("answer", request=request["request"], button=accept)
    alice.wait_for("signed-on")


def test_errors_restarts_and_offline_messages(workspace: Workspace) -> None:
    prosody, alice, bob = two_clients(workspace)
    bob.quit()
    assert bob.seen("signed-off") and ended(bob.process)
    alice.wait_for("buddy-signed-off", who=BOB)
    alice.send(BOB, "while you were out")
    wait_until(lambda: prosody.holding("while you were out"), "offline message")
    bob = HeadlessClient(workspace, "bob", prosody)
    bob.login()
    bob.wait_for("displayed", flags="RECV", text="while you were out")

    port, mark = prosody.port, alice.mark()
    prosody.kill()
    alice.wait_for("connection-error", since=mark)
    alice.wait_for("signed-off", since=mark)
    prosody.start()
    assert prosody.port == port
    alice.login()
    assert prosody.holding("while you were out"), "the record outlives a restart"

    eve = HeadlessClient(workspace, "eve", prosody)
    eve.login(wait=False)
    eve.wait_for("connection-error")
    eve.kill()
    try:
        eve.wait_for("signed-on")
    except ChildProcessError:
        pass
    else:
        raise AssertionError("a dead client signed on")


def test_pidgin(workspace: Workspace) -> None:
    prosody = Prosody(workspace, users={"alice": "Alice \"A\" Example", "bob": "Bob"})
    alice = HeadlessClient(workspace, "alice", prosody)
    alice.login()
    bob = Pidgin(workspace, "bob", prosody, buddies=[ALICE])
    alice.wait_for("buddy-signed-on", who=BOB)

    alice.send(BOB, "Hello from Alice, <b> & \N{GRINNING FACE}")
    window = bob.wait_window('^Alice "A" Example$')
    line = alice.seen("displayed", flags="SEND")[0]["text"]
    assert [text for _, text, _ in bob.history(ALICE)] == [line]

    bob.place(window, 300, 20)
    bob.focus(window)
    bob.type("typed by hand")
    bob.key("Return")
    alice.wait_for("displayed", flags="RECV", text="typed by hand")
    bob.send(ALICE, "over the <b>bus</b>")
    alice.wait_for("displayed", flags="RECV", text=lambda text: "bus" in text)
    assert len(bob.history(ALICE)) == 3
    picture = bob.screenshot("harness-pidgin")
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 5000

    bob.key("ctrl+w")
    bob.wait_no_window('^Alice "A" Example$')
    mark = alice.mark()
    bob.quit()
    alice.wait_for("buddy-signed-off", since=mark, who=BOB)
    bob.start()
    alice.wait_for("buddy-signed-on", since=mark, who=BOB)


FAILING = """
import harness, os, sys
def test_fails(workspace):
    print("# folder", workspace.path, flush=True)
    prosody = harness.Prosody(workspace)
    print("# server", prosody.process.pid, flush=True)
    client = harness.HeadlessClient(workspace, "alice", prosody)
    client.wait_for("signed-on", timeout=0.1)
def test_passes(workspace):
    pass
def test_waits(workspace):
    harness.Pidgin(workspace, "bob", harness.Prosody(workspace))
    print("# waiting", workspace.path, *(p.pid for p in workspace.processes), flush=True)
    harness.wait_until(lambda: False, "end", 60)
harness.main(globals())
"""


def nothing_left(folder: str, *numbers: str) -> bool:
    return not os.path.exists(folder) and not any(os.path.exists(f"/proc/{number}") for number in numbers)


def test_the_runner_tells_failures_and_cleans_up(workspace: Workspace) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent)}
    run = subprocess.Popen([sys.executable, "-c", FAILING], env=environment, text=True,
                           stdout=subprocess.PIPE)
    lines = []
    for line in run.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("# waiting"):
            run.terminate()
    told = {line.split()[1]: line.split()[2:] for line in lines if line.startswith("#")}
    assert run.wait() != 0, lines
    assert "not ok 1 - test_fails" in lines, lines
    assert any(line.startswith("ok 2 - test_passes") for line in lines), lines
    assert any("no signed-on" in line for line in lines), lines
    assert nothing_left(told["folder"][0], *told["server"]) and nothing_left(*told["waiting"]), told


if __name__ == "__main__":
    harness.main(globals())
