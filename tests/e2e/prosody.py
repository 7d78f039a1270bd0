# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server for the tests."""
from __future__ import annotations

import html
import json
import random
import shutil
import socket
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable
from xml.sax.saxutils import escape

from workspace import Workspace, ended, tail, wait_until

PASSWORD = "correct horse"  # everybody's


@dataclass(frozen=True)
class Stanza:
    """As the server received it from a client, or sent it to one (way "received" or "sent")."""
    way: str
    client: str | None  # full JID; None before a resource is bound
    xml: str
    time: float

    def element(self) -> ET.Element:
        """Parsed; a message is "{jabber:client}message"."""
        stream = "http://etherx.jabber.org/streams"
        return ET.fromstring(f"<x xmlns='jabber:client' xmlns:stream='{stream}'>{self.xml}</x>")[0]

    def holds(self, text: str) -> bool:
        """Whether text is in it: as octets, as attribute, or as character data, markup in between or not."""
        return (text in self.xml or escape(text) in self.xml or text in html.unescape(self.xml)
                or text in "".join(self.element().itertext()))


class Prosody:
    """A Prosody of its own on loopback that keeps a record of all stanzas. The host is localhost."""

    def __init__(self, workspace: Workspace, users: dict[str, str] | None = None, extra: str = "",
                 modules: Iterable[str] = ()):
        """users: their names as others' rosters have them, alice and bob unless given; everyone is in
        everyone's roster, subscription both. extra: more lines of configuration; modules: more of ours."""
        self.workspace = workspace
        self.path = workspace.folder("prosody")
        self.record = self.path / "stanzas"
        self.log = self.path / "log"
        self.process: subprocess.Popen | None = None
        self._make_certificate()
        users = users or {"alice": "Alice", "bob": "Bob"}
        for user in users:
            self._store("accounts", user, f'return {{ ["password"] = "{PASSWORD}"; }};\n')
            others = {other: name for other, name in users.items() if other != user}
            self._store("roster", user, roster(others))
        self._extra = extra
        self._modules = "".join(f'"{module}", ' for module in modules)
        self.port = 0
        self.start()

    def start(self) -> None:
        """A first start picks the port, later ones keep it."""
        if self.port:
            return self._start_on(self.port)
        while not self.port:
            port = random.randrange(15000, 32000)  # below what the kernel hands out
            try:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
                self._start_on(port)
            except OSError:
                continue
            self.port = port

    def _start_on(self, port: int) -> None:
        config = self.path / "prosody.cfg.lua"
        config.write_text(CONFIG.format(path=self.path, folder=MODULES, modules=self._modules, port=port,
                                        extra=self._extra))
        old = self.log.stat().st_size if self.log.exists() else 0
        self.process = self.workspace.spawn(["prosody", "--config", config, "-F"], self.path / "output")

        def listening() -> bool:
            if ended(self.process):
                raise RuntimeError(f"Prosody ended:\n{tail(self.path / 'output')}\n{tail(self.log)}")
            text = self.log.read_bytes()[old:].decode() if self.log.exists() else ""
            if "Failed to open server port" in text:
                self.kill()
                raise OSError(f"port {port} is taken")
            return "Activated service 'c2s' on" in text

        wait_until(listening, "listening Prosody")

    def stop(self) -> None:
        self.workspace.end(self.process)

    def kill(self) -> None:
        self.workspace.end(self.process, patience=0)

    def restart(self) -> None:
        self.stop()
        self.start()

    def stanzas(self, way: str | None = None, client: str | None = None, since: int = 0) -> list[Stanza]:
        """The record, whole stanzas only; client is a full JID or a bare one."""
        lines = self.record.read_bytes().split(b"\n")[:-1] if self.record.exists() else []
        found = []
        for line in lines[since:]:
            entry = json.loads(line)
            stanza = Stanza(entry["way"], entry.get("client"), entry["stanza"], entry["time"])
            if way in (None, stanza.way) and (client is None or f"{stanza.client}/".startswith(f"{client}/")):
                found.append(stanza)
        return found

    def mark(self) -> int:
        """For stanzas(since=...)."""
        return self.record.read_bytes().count(b"\n") if self.record.exists() else 0

    def holding(self, text: str, **which: Any) -> list[Stanza]:
        """The stanzas in which text can be read."""
        return [stanza for stanza in self.stanzas(**which) if stanza.holds(text)]

    def wait_online(self, jid: str, timeout: float = 10, since: int = 0) -> None:
        """Until the client with this full JID has sent its presence."""
        def present() -> bool:
            return any(s.xml.startswith("<presence") and "type=" not in s.xml.partition(">")[0]
                       for s in self.stanzas("received", jid, since))
        wait_until(present, f"presence of {jid}", timeout)

    def pin(self, purple_dir: Path) -> None:
        """Makes libpurple trust the certificate."""
        peers = purple_dir / "certificates/x509/tls_peers"
        peers.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.path / "localhost.crt", peers / "localhost")

    def _make_certificate(self) -> None:
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost",
                        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-keyout", self.path / "localhost.key", "-out", self.path / "localhost.crt"],
                       check=True, capture_output=True)

    def _store(self, store: str, user: str, lua: str) -> None:
        path = self.path / "data/localhost" / store
        path.mkdir(parents=True, exist_ok=True)
        name = "".join(c if c.isalnum() and c.isascii() else f"%{ord(c):02x}" for c in user)
        (path / f"{name}.dat").write_text(lua)


def roster(users: dict[str, str]) -> str:
    """A roster as Prosody's internal storage has it."""
    items = "".join(f'\t["{user}@localhost"] = {{ ["subscription"] = "both"; ["name"] = {lua_string(name)}; '
                    '["groups"] = { ["Friends"] = true; }; };\n' for user, name in users.items())
    return f'return {{\n\t[false] = {{ ["version"] = 1; ["pending"] = {{}}; }};\n{items}}};\n'


def lua_string(text: str) -> str:
    return '"' + "".join(f"\\{octet:03d}" for octet in text.encode()) + '"'


MODULES = Path(__file__).resolve().parent / "prosody-modules"

CONFIG = """
run_as_root = true
daemonize = false
pidfile = "{path}/prosody.pid"
data_path = "{path}/data"
plugin_paths = {{ "{folder}" }}
modules_enabled = {{
    "roster", "saslauth", "tls", "disco", "presence", "message", "smacks", "pep", "offline", "carbons",
    "record_stanzas", {modules}
}}
modules_disabled = {{ "s2s" }}
record_stanzas_file = "{path}/stanzas"
interfaces = {{ "127.0.0.1" }}
network_settings = {{ nagle = false }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{}}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
c2s_require_encryption = true
authentication = "internal_plain"
storage = "internal"
log = {{ debug = "{path}/log" }}
{extra}
VirtualHost "localhost"
    ssl = {{ key = "{path}/localhost.key", certificate = "{path}/localhost.crt" }}
"""
