# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of encrypted conversations share: clients with the plugin, and what a server can read."""
from __future__ import annotations

import base64
import binascii
import html
import re
import sqlite3
from pathlib import Path
from typing import Any, Callable

from harness import HeadlessClient, Prosody, Stanza, Workspace, built, wait_until

ALICE, BOB, CAROL = "alice@localhost", "bob@localhost", "carol@localhost"

NS_CRYPT = "http://www.xmpp.org/extensions/xep-0200.html#ns"
NS_FEATURE = "http://jabber.org/protocol/feature-neg"
NS_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
FALLBACK = "This message is encrypted, and your program cannot decrypt it."

# The states, and the sentences that come with them.
PLAIN, STARTING, ENCRYPTED, VERIFIED, ENDED = STATES = (
    "Not encrypted", "Starting...", "Encrypted, not verified", "Encrypted and verified", "Ended")
HELD = "Not yet encrypted"  # what the first is called where nothing leaves like that
NOW_ENCRYPTED = "now encrypted, but not verified"
NOW_VERIFIED = "now encrypted and verified"
YOU_VERIFIED = "You have verified the other device"
THEY_ENDED = "The other side has ended the encrypted conversation"
THEY_LEFT = "The other side has left the encrypted conversation: what you write now waits until it is back."
REFUSED = "Your message was not sent because the encrypted conversation has ended"
WAITS = "Your message will be sent as soon as the conversation is encrypted."
UNKNOWN = "Your message waits until it is known whether the other side's program can encrypt."
UNREAD = "Your message waits until the list of remembered devices can be read; if the program ends before that, it is lost."
STUCK = "Your message waits because it cannot be encrypted now"
CODE = "Verify the other side"
GIVEN_BACK_STRICT = "What you wrote before was meant for a verified device and was not sent to this one: you have it back."
GIVEN_BACK = "What you wrote was not sent: you have it back."
NOT_ENCRYPTED = "The next message was not encrypted"


def plain(markup: str) -> str:
    """A line of a conversation as one reads it."""
    return html.unescape(re.sub("<[^>]*>", "", re.sub("<br */?>", "\n", markup, flags=re.IGNORECASE)))


def quoted(text: str) -> str:
    """As a message of one line is shown that is marked."""
    return f"> {text}"


def of(jid: str) -> Callable[[str], bool]:
    """libpurple puts in the resource when it knows which one talks."""
    return lambda who: who.partition("/")[0] == jid


class Client(HeadlessClient):
    """A client with the plugin loaded, unless plugin is False."""

    def __init__(self, workspace: Workspace, name: str, prosody: Prosody, plugin: bool = True, **options: Any):
        super().__init__(workspace, name, prosody, **options)
        if plugin:
            self.load()

    def load(self) -> None:
        self.command("load", plugin=str(built("src/purple/esession.so")))

    def unload(self) -> None:
        self.command("unload", plugin="core-esession")

    def wait_line(self, text: str, since: int = 0, timeout: float = 10) -> str:
        """A system line that holds text."""
        line = self.wait_for("displayed", timeout, since, flags="SYSTEM", text=lambda t: text in plain(t))
        return plain(line["text"])

    def lines(self, since: int = 0) -> list[str]:
        return [plain(event["text"]) for event in self.seen("displayed", since, flags="SYSTEM")]

    def received(self, since: int = 0) -> list[str]:
        return [plain(event["text"]) for event in self.seen("displayed", since, flags="RECV")]

    def wait_received(self, text: str, since: int = 0, timeout: float = 10) -> dict[str, Any]:
        """TEXT, or what it looks like where it is marked."""
        return self.wait_for("displayed", timeout, since, flags="RECV", text=lambda t: plain(t) in (text, f"> {text}"))

    def ask(self, who: str, command: str) -> list[str]:
        """Runs /esession COMMAND and returns the lines that it wrote at once."""
        mark = self.mark()
        reply = self.command("slash", who=who, line=f"esession {command}")
        if reply["status"] != "OK":
            raise AssertionError(f"/esession {command}: {reply}")
        return self.lines(mark)

    def state(self, who: str) -> str:
        told = self._answer(who, "status", "This conversation: ")
        return next(state for state in (*STATES, HELD) if told.startswith(state))

    def code(self, who: str) -> str:
        """As it is shown: in two groups, in a window, and nowhere in the conversation."""
        mark = self.mark()
        lines = self.ask(who, "code")
        window = self.wait_for("request", since=mark, title=CODE)
        code = re.search("^ +([a-z0-9]{3} [a-z0-9]{3})$", window["secondary"], re.MULTILINE)[1]
        assert not any(code in line for line in lines), lines
        self.command("answer", request=window["request"], button=window["buttons"].index("Later"))
        return code

    def asked(self, since: int = 0) -> list[dict[str, Any]]:
        """What the user was asked, beside to compare a code."""
        return [event for event in self.seen("request", since) if event["title"] != CODE]

    def _answer(self, who: str, command: str, label: str) -> str:
        """Without the lines that happen to come at the same time."""
        return next(line.removeprefix(label) for line in self.ask(who, command) if line.startswith(label))

    def store(self) -> Path:
        return self.path / "esession.db"

    def devices(self) -> list[tuple[str, bool]]:
        """What the file remembers: contact and whether verified."""
        return devices(self.store())


def devices(store: Path) -> list[tuple[str, bool]]:
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT contact, verified FROM devices ORDER BY id").fetchall()
    finally:
        database.close()
    return [(contact, bool(verified)) for contact, verified in rows]


def pair(workspace: Workspace, plugins: tuple[bool, bool] = (True, True),
         **options: Any) -> tuple[Prosody, Client, Client]:
    """Alice and Bob, online and aware of each other."""
    prosody = Prosody(workspace, **options)
    alice = Client(workspace, "alice", prosody, plugin=plugins[0])
    bob = Client(workspace, "bob", prosody, plugin=plugins[1])
    meet(alice, bob)
    return prosody, alice, bob


def meet(alice: Client, bob: Client) -> None:
    alice.login()
    bob.login()
    alice.wait_for("buddy-signed-on", who=BOB)
    bob.wait_for("buddy-signed-on", who=ALICE)


def talk(alice: Client, bob: Client, sentence: str = NOW_ENCRYPTED) -> None:
    """Alice opens the conversation, which is enough; Bob then looks at it."""
    marks = alice.mark(), bob.mark()
    alice.open(BOB)
    alice.wait_line(sentence, marks[0])
    bob.open(ALICE)
    bob.wait_line(sentence, marks[1])


def encrypted_pair(workspace: Workspace, **options: Any) -> tuple[Prosody, Client, Client]:
    prosody, alice, bob = pair(workspace, **options)
    talk(alice, bob)
    return prosody, alice, bob


def tells(client: Client, who: str, command: str, sentence: str) -> bool:
    """Whether /esession COMMAND is answered with it."""
    return any(sentence in line for line in client.ask(who, command))


def verify(alice: Client, bob: Client) -> None:
    """Each types what the other one reads out."""
    assert tells(alice, BOB, f"verify {bob.code(ALICE)}", YOU_VERIFIED)
    assert tells(bob, ALICE, f"verify {alice.code(BOB)}", YOU_VERIFIED)


def finish(*clients: HeadlessClient) -> None:
    """They leave as users do, and neither GLib nor the system had anything to complain about."""
    for client in clients:
        client.quit()
    for client in clients:
        complaints = client.seen("critical") + client.seen("warning")
        assert not complaints, (client.name, complaints)


def flush(client: HeadlessClient) -> None:
    """Until the server has recorded everything that the client has sent so far."""
    flush.count += 1
    id = f"flush-{flush.count}"
    client.command("send-stanza", xml=f"<iq type='get' id='{id}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    wait_until(lambda: any(id in s.xml for s in client.prosody.stanzas("received", f"{client.name}@localhost")),
               f"what {client.name} sent")


flush.count = 0


# What a server can read

def readings(stanza: Stanza) -> str:
    """The stanza as octets, with its entities resolved, its text without markup, and what is only Base64."""
    encoded = (base64_text(value) for value in re.findall(">([A-Za-z0-9+/=\\s]{8,})<", stanza.xml))
    return "\0".join([stanza.xml, html.unescape(stanza.xml), "".join(stanza.element().itertext()), *encoded])


def base64_text(value: str) -> str:
    try:
        return base64.b64decode(value).decode(errors="replace")
    except binascii.Error:
        return ""


def pieces(text: str) -> set[str]:
    """Of a message that must not be read, not even in part."""
    found = {text.strip(), *(line.strip() for line in text.splitlines()), text[:30].strip(), text[-30:].strip()}
    return {piece for piece in found if len(piece) > 5}


def readers(stanzas: list[Stanza], text: str) -> set[str]:
    """Where text, or a piece of it, can be read: "received alice" is what the server had from her."""
    wanted = pieces(text)
    return {f"{stanza.way} {(stanza.client or '').partition('@')[0]}" for stanza in stanzas
            if any(piece in readings(stanza) for piece in wanted)}


def messages(stanzas: list[Stanza]) -> list[Stanza]:
    return [stanza for stanza in stanzas if stanza.xml.startswith("<message")]


def only_encrypted(stanzas: list[Stanza]) -> None:
    """Every message is part of a negotiation or encrypted, and holds nothing that is not meant for servers."""
    for stanza in messages(stanzas):
        element = stanza.element()
        tags = [child.tag for child in element if child.tag != DELAY]  # one for each time that the server kept it
        core = CORE.intersection(tags)
        assert len(core) == 1 and len(tags) == len(set(tags)), stanza
        assert OUTSIDE.issuperset(set(tags) - core), stanza
        assert element.findtext("{jabber:client}body", FALLBACK) == FALLBACK, stanza
        assert ATTRIBUTES.issuperset(element.attrib), stanza


CORE = {f"{{{NS_CRYPT}}}c", f"{{{NS_FEATURE}}}feature", "{http://www.xmpp.org/extensions/xep-0116.html#ns-init}init",
        "{jabber:client}error"}
OUTSIDE = {"{jabber:client}thread", "{jabber:client}body", "{urn:xmpp:eme:0}encryption", "{urn:xmpp:hints}no-store",
           "{urn:xmpp:hints}no-copy", "{urn:xmpp:carbons:2}private"}
DELAY = "{urn:xmpp:delay}delay"
ATTRIBUTES = {"to", "from", "type", "id", "{http://www.w3.org/XML/1998/namespace}lang"}
