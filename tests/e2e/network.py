# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between clients and the server, or beside them: a wire that can be cut, and a client that only listens."""
from __future__ import annotations

import base64
import re
import socket
import ssl
import threading

from prosody import PASSWORD, Prosody

CHUNK = 65536


class Wire:
    """A port of its own that leads to the server's. Each direction can be stalled; what comes meanwhile waits."""

    def __init__(self, prosody: Prosody):
        self._target = prosody.port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._open = {"up": threading.Event(), "down": threading.Event()}
        self.flow()
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self, *directions: str) -> None:
        """"up" is from the client to the server, "down" the other one."""
        for direction in directions:
            self._open[direction].clear()

    def flow(self) -> None:
        for gate in self._open.values():
            gate.set()

    def cut(self) -> None:
        """Both ends see a reset; what was stalled is lost."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                end.close()
        self.flow()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # the server is away
                client.close()
                continue
            self._pairs.append((client, server))
            for way in (client, server, "up"), (server, client, "down"):
                threading.Thread(target=self._pump, args=way, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, direction: str) -> None:
        try:
            while data := source.recv(CHUNK):
                self._open[direction].wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Bystander:
    """One more client of somebody's that asks for a copy of everything (XEP-0280) and keeps every octet it gets."""

    def __init__(self, prosody: Prosody, user: str, resource: str = "bystander"):
        self.heard = b""
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", prosody.port))
        self._open_stream()
        self._ask("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed")
        context = ssl.create_default_context(cafile=str(prosody.path / "localhost.crt"))
        self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
        self._open_stream()
        secret = base64.b64encode(f"\0{user}\0{PASSWORD}".encode()).decode()
        self._ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", "<success")
        self._open_stream()
        self._ask("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<resource>{resource}</resource></bind></iq>", "</iq>|<iq [^>]*/>")
        self._ask("<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>", "id=['\"]carbons")
        self._socket.sendall(b"<presence><priority>-1</priority></presence>")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _open_stream(self) -> None:
        self._ask("<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>", "</stream:features>")

    def _ask(self, text: str, answer: str) -> None:
        mark = len(self.heard)
        self._socket.sendall(text.encode())
        while not re.search(answer, self.heard[mark:].decode(errors="replace")):
            if not (data := self._socket.recv(CHUNK)):
                raise ConnectionError(self.heard[mark:])
            self.heard += data

    def _listen(self) -> None:
        try:
            while data := self._socket.recv(CHUNK):
                self.heard += data
        except OSError:
            pass

    def leave(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
