# SPDX-License-Identifier: GPL-3.0-or-later
"""A session bus, and a gnome-keyring-daemon on it that can be ended and started again."""
from __future__ import annotations

import subprocess

from pidgin import BUS
from workspace import Workspace, tail, wait_until

SERVICE = "org.freedesktop.secrets"


class Desktop:
    """What a client needs to find a keyring: pass env to it."""

    def __init__(self, workspace: Workspace, name: str = "desktop"):
        self.workspace = workspace
        self.name = name
        self.log = workspace.path / f"{name}.log"
        self.home = workspace.folder(f"home-{name}")
        config = self.home / "bus.conf"
        config.write_text(BUS.format(path=workspace.path))
        bus = workspace.spawn(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"], self.log,
                              stdout=subprocess.PIPE)
        address = bus.stdout.readline().decode().strip()
        if not address:
            raise RuntimeError(f"dbus-daemon does not start:\n{tail(self.log)}")
        self.env = {"DBUS_SESSION_BUS_ADDRESS": address}
        self.keyring: subprocess.Popen | None = None

    def start_keyring(self, password: str | None = "of the login") -> None:
        """Without a password it stays locked."""
        env = self.workspace.environment(HOME=str(self.home), XDG_RUNTIME_DIR=str(self.workspace.folder("run")),
                                         XDG_DATA_HOME=str(self.home), **self.env)
        args = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        self.keyring = self.workspace.spawn([*args, "--unlock"] if password else args, self.log, env=env,
                                            stdin=subprocess.PIPE)
        self.keyring.stdin.write((password or "").encode())
        self.keyring.stdin.close()
        wait_until(lambda: SERVICE in self._call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                 "org.freedesktop.DBus.ListNames"), "keyring")
        if password:
            wait_until(lambda: "login" in self._call(SERVICE, "/org/freedesktop/secrets",
                                                     "org.freedesktop.Secret.Service.ReadAlias", "default"), "login")

    def stop_keyring(self) -> None:
        self.workspace.end(self.keyring)

    def keys(self) -> list[str]:
        """Names of the items in the keyring."""
        found = self._call(SERVICE, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SearchItems", "{}")
        return [part for part in found.split("'") if part.startswith("/org/freedesktop/secrets/collection/login/")]

    def _call(self, destination: str, path: str, method: str, *arguments: str) -> str:
        args = ["gdbus", "call", "--session", "-d", destination, "-o", path, "-m", method, *arguments]
        done = subprocess.run(args, env=self.workspace.environment(**self.env), capture_output=True, text=True)
        return done.stdout

