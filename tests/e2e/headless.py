# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks with headless-client."""
from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterable

from prosody import PASSWORD, Prosody
from workspace import Workspace, built, ended, tail, wait_until


Wanted = str | Callable[[dict[str, Any]], Any]


class CommandError(Exception):
    pass


class HeadlessClient:
    """Another start under the same name finds what the one before has left in its folder."""

    def __init__(self, workspace: Workspace, name: str, prosody: Prosody, plugins: Iterable[str | Path] = (),
                 pin: bool = True, prefix: Iterable[str] = (), env: dict[str, str] | None = None):
        """plugins are loaded at once; prefix: a command to run the client under, such as valgrind."""
        self.name = name
        self.prosody = prosody
        self.workspace = workspace
        self.path = workspace.folder(f"purple-{name}")
        self.log = workspace.path / f"{name}.log"
        self.events: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._over = False
        self._last_id = 0
        if pin:
            prosody.pin(self.path)
        self.process = workspace.spawn([*prefix, built("tests/e2e/headless-client"), self.path], self.log,
                                       env=workspace.environment(**(env or {})),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for("ready", timeout=60 if prefix else 10)
        for plugin in plugins:
            self.command("load", plugin=str(plugin))

    def _read(self) -> None:
        for line in self.process.stdout:
            event = json.loads(line) | {"at": time.monotonic()}
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def command(self, name: str, timeout: float = 10, **members: Any) -> dict[str, Any]:
        """Runs a command of headless-client and returns its reply."""
        self._last_id += 1
        line = json.dumps({"command": name, "id": self._last_id} | members) + "\n"
        mark = self.mark()
        try:
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # wait_for says what is the matter
        reply = self.wait_for("reply", timeout, mark, id=self._last_id)
        if not reply["ok"]:
            raise CommandError(f"{self.name}: {name}: {reply['error']}")
        return reply

    @property
    def over(self) -> bool:
        """Whether the last event has come that there will be."""
        return self._over

    def mark(self) -> int:
        """For since=...: what happens from now on."""
        return len(self.events)

    def seen(self, event: Wanted, since: int = 0, **members: Any) -> list[dict[str, Any]]:
        """All events so far that match, by name and members or by a function of the event. A member may be
        given as a function too; one that is a list ("flags") has to hold the value."""
        return [e for e in self.events[since:] if matches(e, event, members)]

    def wait_for(self, event: Wanted, timeout: float = 10, since: int = 0, **members: Any) -> dict[str, Any]:
        """The first event that matches as in seen(), of those since the mark or yet to come."""
        end = time.monotonic() + timeout
        position = since
        with self._changed:
            while True:
                while position < len(self.events):
                    if matches(self.events[position], event, members):
                        return self.events[position]
                    position += 1
                if self._over or not self._changed.wait(end - time.monotonic()):
                    raise self._complaint(event, members, since, timeout)

    def _complaint(self, event: Any, members: dict, since: int, timeout: float) -> Exception:
        why = "it has ended" if self._over else f"waited {timeout:g} s"
        last = "\n".join(f"  {str(e)[:300]}" for e in self.events[since:][-10:])
        kind = ChildProcessError if self._over else TimeoutError
        log = tail(self.log, 5)
        return kind(f"{self.name}: no {event} {members or ''}: {why}; last events:\n{last}\n{log}")

    def login(self, user: str | None = None, resource: str = "test", security: str = "require_tls",
              wait: bool = True, port: int = 0) -> None:
        """user: the client's own name unless given; port: the server's."""
        jid = f"{user or self.name}@localhost/{resource}"
        mark = self.mark()
        self.command("connect", jid=jid, password=PASSWORD, server="localhost", port=port or self.prosody.port,
                     security=security)
        if wait:
            self.wait_for("signed-on", since=mark, account=jid)

    def open(self, who: str) -> None:
        self.command("open", who=who)

    def send(self, who: str, text: str) -> None:
        """As if typed into the window, which is opened if need be."""
        self.open(who)
        self.command("send", who=who, text=text)

    def quit(self) -> None:
        """Leaves the way a user does."""
        self.command("quit")
        self.wait_for("quit")
        wait_until(lambda: ended(self.process), f"end of {self.name}", 60)
        if status := self.workspace.end(self.process):
            raise ChildProcessError(f"{self.name} ended with status {status}:\n{tail(self.log)}")

    def kill(self) -> None:
        self.workspace.end(self.process, patience=0)


def matches(event: dict[str, Any], wanted: Wanted, members: dict[str, Any]) -> bool:
    if callable(wanted):
        return bool(wanted(event))
    if event["event"] != wanted:
        return False
    return all(name in event and value_matches(event[name], value) for name, value in members.items())


def value_matches(actual: Any, wanted: Any) -> bool:
    if callable(wanted):
        return bool(wanted(actual))
    if isinstance(actual, list) and not isinstance(wanted, list):
        return wanted in actual
    return actual == wanted
