# SPDX-License-Identifier: GPL-3.0-or-later
"""A session bus, and a gnome-keyring-daemon on it that can be ended and started again."""
from __future__ import annotations

import subprocess

from bus import Bus, BusError
from workspace import Workspace, wait_until

SERVICE = "org.freedesktop.secrets"


class Desktop:
    """What a client needs to find a keyring: pass env to it."""

    def __init__(self, workspace: Workspace, name: str = "desktop"):
        self.workspace = workspace
        self.name = name
        self.log = workspace.path / f"{name}.log"
        self.home = workspace.folder(f"home-{name}")
        self.bus = Bus(workspace, name)
        self.env = {"DBUS_SESSION_BUS_ADDRESS": self.bus.address}
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
        wait_until(lambda: SERVICE in self.bus.call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                    "org.freedesktop.DBus", "ListNames")[0], "keyring")
        if password:
            wait_until(lambda: "login" in self._ask("ReadAlias", "default", otherwise=[""])[0], "login")

    def stop_keyring(self) -> None:
        self.workspace.end(self.keyring)

    def keys(self) -> list[str]:
        """Names of the items in the keyring."""
        unlocked, locked = self._ask("SearchItems", {}, otherwise=[[], []])
        return [path for path in unlocked + locked if path.startswith("/org/freedesktop/secrets/collection/login/")]

    def _ask(self, method: str, *arguments: str | dict[str, str], otherwise: list) -> list:
        """Of the keyring; otherwise is what there is while it does not run."""
        try:
            return self.bus.call(SERVICE, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", method, *arguments)
        except BusError:
            return otherwise

