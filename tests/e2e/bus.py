# SPDX-License-Identifier: GPL-3.0-or-later
"""A session bus of one's own, and what is called on it."""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

from workspace import Workspace, ended, tail

CALLER = ("/usr/bin/python3", str(Path(__file__).with_name("bus-caller.py")))


class BusError(Exception):
    """What the other side, or the bus, answered instead."""


class Bus:
    """Whoever is to be on it gets its address as DBUS_SESSION_BUS_ADDRESS."""

    def __init__(self, workspace: Workspace, name: str):
        self.workspace = workspace
        self.log = workspace.path / f"bus-{name}.log"
        self.caller: subprocess.Popen | None = None
        config = workspace.path / f"bus-{name}.conf"
        config.write_text(CONFIG.format(path=workspace.path))
        bus = workspace.spawn(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"], self.log,
                              stdout=subprocess.PIPE)
        self.address = bus.stdout.readline().decode().strip()
        if not self.address:
            raise RuntimeError(f"dbus-daemon does not start:\n{tail(self.log)}")

    def call(self, name: str, path: str, interface: str, method: str, *arguments: int | str | dict[str, str]) -> list:
        """What came back. Raises a BusError for an error."""
        if self.caller is None or ended(self.caller):
            env = self.workspace.environment(DBUS_SESSION_BUS_ADDRESS=self.address)
            self.caller = self.workspace.spawn(CALLER, self.log, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.caller.stdin.write(json.dumps([name, path, interface, method, arguments]).encode() + b"\n")
        self.caller.stdin.flush()
        line = self.caller.stdout.readline()
        if not line:
            raise ChildProcessError(f"nobody calls on the bus any more:\n{tail(self.log)}")
        answer = json.loads(line)
        if isinstance(answer, dict):
            raise BusError(f"{method}: {answer['error']}")
        return answer


# Starts no services, so that nothing of the desktop wakes up; root in a container may use it.
CONFIG = """<busconfig>
  <type>session</type>
  <listen>unix:dir={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
