# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that lies: what passes through it is changed, returned, diverted, kept, dropped or invented by rules.

A rule is a function of a Stanza that returns whether it has seen to it; what no rule sees to goes on as it was. Rules
run in the order in which stanzas come, in a thread of their own."""
from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import socket
import threading
import traceback
from typing import Any, Callable, Iterable
from xml.sax.saxutils import quoteattr

from prosody import Prosody, Stanza
from workspace import Workspace, wait_until

Rule = Callable[[Stanza], Any]

STANZA = re.compile("<(?:message|iq|presence)")
SETTLING = re.compile("id=['\"]settle-")
START = re.compile(r"<\w+(?:\s[^>]*?)?(?=/?>)")


class Liar(Prosody):
    """A Prosody with mod_hostile. Without rules it is honest."""

    def __init__(self, workspace: Workspace, users: dict[str, str] | None = None, extra: str = "", modules: Iterable[str] = ()):
        self.rules: list[Rule] = []
        self.problems: list[str] = []
        self._pings = 0
        self._socket: socket.socket | None = None
        self._writing = threading.Lock()
        self._hostile = workspace.folder("prosody") / "hostile"
        super().__init__(workspace, users, f'hostile_socket = "{self._hostile}"\n{extra}', ["hostile", *modules])

    def start(self) -> None:
        super().start()
        self._socket = wait_until(self._connect, "mod_hostile")
        threading.Thread(target=self._listen, args=(self._socket,), daemon=True).start()

    def _connect(self) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self._hostile))
        except OSError:
            connection.close()
            return None
        return connection

    def rule(self, rule: Rule) -> Rule:
        """Before all others; off() takes it away."""
        self.rules.insert(0, rule)
        return rule

    def off(self, *rules: Rule) -> None:
        self.rules = [rule for rule in self.rules if rule not in rules]

    def deliver(self, client: str, xml: str) -> None:
        """To the client with this full JID, whoever it is from."""
        self._say({"deliver": xml, "client": client})

    def submit(self, client: str, xml: str) -> None:
        """As if that client had sent it."""
        self._say({"submit": xml, "client": client})

    def settle(self, client: str) -> None:
        """Until the client has dealt with all that was delivered to it, and the server has what it said to that at once."""
        self._pings += 1
        id = f"settle-{self._pings}"
        mark = self.mark()
        self.deliver(client, f"<iq from='localhost' to={quoteattr(client)} type='get' id='{id}'>"
                             "<ping xmlns='urn:xmpp:ping'/></iq>")
        wait_until(lambda: any(s.xml.startswith("<iq") and id in s.xml
                               for s in self.stanzas("received", client, since=mark)), f"answer of {client}")
        self.ruled()

    def quiet(self, *clients: str) -> None:
        """Until none of the clients has more to say to what the others said."""
        mark = -1
        while mark < 0 or any(STANZA.match(s.xml) and not SETTLING.search(s.xml) for s in self.stanzas(since=mark)):
            mark = self.mark()
            for client in clients:
                self.settle(client)

    def ruled(self) -> None:
        """No rule has failed."""
        assert not self.problems, "\n".join(self.problems)

    def _say(self, order: dict[str, Any]) -> None:
        with self._writing:
            self._socket.sendall(json.dumps(order).encode() + b"\n")

    def _listen(self, connection: socket.socket) -> None:
        rest = b""
        try:
            while data := connection.recv(65536):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    entry = json.loads(line)
                    handled = self._judge(Stanza(entry["way"], entry["client"], entry["stanza"], 0))
                    self._say({"drop" if handled else "pass": entry["n"]})
        except OSError:
            pass  # it was stopped

    def _judge(self, stanza: Stanza) -> bool:
        try:
            return any(rule(stanza) for rule in self.rules)
        except Exception:
            self.problems.append(f"{stanza}\n{traceback.format_exc()}")
            return False


# Stanzas as text: whatever a MAC is over must stay as it was.

def changed(xml: str, **attributes: str | None) -> str:
    """With other attributes, None for none; "from" is given as from_."""
    tag = START.match(xml)[0]
    rest = xml[len(tag):]
    for name, value in attributes.items():
        name = name.rstrip("_")
        tag = re.sub(rf"\s{name}=('[^']*'|\"[^\"]*\")", "", tag)
        if value is not None:
            tag += f" {name}={quoteattr(value)}"
    return tag + rest


def extended(xml: str, more: str) -> str:
    """With one more child, the last."""
    end = xml.rindex("</")
    return xml[:end] + more + xml[end:]


def thread_of(xml: str) -> str:
    found = re.search("<thread>([^<]*)</thread>", xml)
    return found[1] if found else ""


def rethreaded(xml: str, thread: str) -> str:
    return re.sub("<thread>[^<]*</thread>", f"<thread>{thread}</thread>", xml)


def attribute(stanza: Stanza, name: str) -> str:
    return stanza.element().get(name, "")


def bare(jid: str) -> str:
    return jid.partition("/")[0]


def is_message(stanza: Stanza) -> bool:
    return stanza.xml.startswith("<message")


def is_negotiation(stanza: Stanza, kind: str = "") -> bool:
    """KIND: form is message 1, submit is 2, result is 3 or 4."""
    form = re.search("<(?:feature|init) [^>]*>\\s*<x [^>]*>", stanza.xml)
    return is_message(stanza) and form is not None and (not kind or re.search(f"type=['\"]{kind}['\"]", form[0]) is not None)


def field(name: str, *values: bytes) -> str:
    encoded = "".join(f"<value>{base64.b64encode(value).decode()}</value>" for value in values)
    return f"<field var='{name}' type='hidden'>{encoded}</field>"


def fresh(request: str) -> str:
    """Message 1 of nobody's: as this one, with a nonce and commitments never seen before. It cannot be carried through."""
    commitments = re.search("<field [^>]*var=['\"]dhhashes['\"].*?</field>", request)[0].count("<value>")
    hashes = [hashlib.sha256(secrets.token_bytes(32)).digest() for _ in range(commitments)]
    for new in field("my_nonce", secrets.token_bytes(32)), field("dhhashes", *hashes):
        name = re.search("var='(.*?)'", new)[1]
        request = re.sub(f"<field [^>]*var=['\"]{name}['\"].*?</field>", new, request)
    return rethreaded(request, secrets.token_hex(16))


def between(request: str, initiator: str, responder: str) -> str:
    """Message 1 as if these two talked."""
    parties = f"<field var='parties' type='hidden'><value>{initiator}</value><value>{responder}</value></field>"
    changed, count = re.subn("<field [^>]*var=['\"]parties['\"].*?</field>", parties, request)
    assert count == 1, request
    return changed


# Rules

def masquerade(server: Liar, victim: str, mask: str, face: str,
               edit: Callable[[Stanza], str] = lambda stanza: stanza.xml) -> Rule:
    """FACE, a contact of VICTIM's, is seen by it as MASK, and is sent what VICTIM writes to MASK: all addresses but VICTIM's full
    JID are bare. FACE has to be online; VICTIM sees MASK come online at once. EDIT may change more on the way."""
    masks: set[str] = set()  # prepared, at least what tests make of them: who is answered may be spelled so

    def rule(stanza: Stanza) -> bool:
        if stanza.client != victim:
            return False
        source, target = attribute(stanza, "from"), attribute(stanza, "to")
        if stanza.way == "sent" and bare(source) == face:
            masks.add((mask + source[len(face):]).lower())
            server.deliver(victim, changed(edit(stanza), from_=mask + source[len(face):]))
            return True
        if stanza.way == "received" and (bare(target) == mask or target.lower() in masks):
            server.submit(victim, changed(edit(stanza), to=face + target[len(mask):]))
            return True
        return False

    presence = [s for s in server.stanzas("sent", victim) if s.xml.startswith("<presence") and "type=" not in s.xml
                and bare(attribute(s, "from")) == face]
    server.rule(rule)
    if presence:
        source = attribute(presence[-1], "from")
        server.deliver(victim, changed(presence[-1].xml, from_=mask + source[len(face):]))
    return rule


def mirror(server: Liar, victim: str, contact: str, mask: str) -> Rule:
    """What VICTIM's negotiations and sessions send to CONTACT comes back as from MASK on another thread, and what it answers
    MASK comes back as from CONTACT: it talks with itself. All of them are full JIDs."""
    def rule(stanza: Stanza) -> bool:
        if stanza.way != "received" or stanza.client != victim or not is_message(stanza):
            return False
        target, thread = attribute(stanza, "to"), thread_of(stanza.xml)
        if bare(target) == bare(contact) and target != mask:
            server.deliver(victim, rethreaded(changed(stanza.xml, from_=mask, to=victim), f"mirror-{thread}"))
        elif target == mask:
            server.deliver(victim, rethreaded(changed(stanza.xml, from_=contact, to=victim), thread.removeprefix("mirror-")))
        else:
            return False
        return True
    return server.rule(rule)


class Held:
    """Stanzas that wait at the server."""

    def __init__(self, server: Liar, which: Callable[[Stanza], Any]):
        self.stanzas: list[Stanza] = []
        self._server = server
        self._which = which
        self._rule = server.rule(self._hold)

    def _hold(self, stanza: Stanza) -> bool:
        if not self._which(stanza):
            return False
        self.stanzas.append(stanza)
        return True

    def wait(self, count: int = 1) -> list[Stanza]:
        return wait_until(lambda: len(self.stanzas) >= count and self.stanzas, f"{count} stanzas held")

    def let_go(self) -> None:
        """What was held is lost, and from now on nothing is held."""
        self._server.off(self._rule)

    def release(self, change: Callable[[str], str] = lambda xml: xml) -> None:
        """Goes on, changed, to where it was on its way; from now on nothing is held."""
        self.let_go()
        for stanza in self.stanzas:
            go_on = self._server.deliver if stanza.way == "sent" else self._server.submit
            go_on(stanza.client, change(stanza.xml))
