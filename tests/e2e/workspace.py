# SPDX-License-Identifier: GPL-3.0-or-later
"""A temporary folder and the processes started in it."""
from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterable

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KEPT = re.compile(r"PATH|TMPDIR|LD_\w+|ES_\w+|G_\w+|PURPLE_\w+|\w+SAN_OPTIONS")


def plugin_folder(package: str) -> Path:
    """Where Pidgin and libpurple look, whatever our prefix is."""
    return Path(subprocess.run(["pkg-config", "--variable=plugindir", package], check=True, capture_output=True,
                               text=True).stdout.strip())


def built(path: str) -> Path:
    """A file of the build folder."""
    if "ES_BUILD" not in os.environ:
        raise RuntimeError("ES_BUILD does not name the build folder")
    return Path(os.environ["ES_BUILD"]) / path


def wait_until(condition: Callable[[], Any], what: str, timeout: float = 10) -> Any:
    """Returns the first true value of condition()."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"after {timeout:g} s still no {what}")
        time.sleep(0.02)
    return value


def tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


class Workspace:
    def __init__(self, keep: bool = False):
        self.keep = keep
        self.processes: list[subprocess.Popen] = []

    def __enter__(self) -> Workspace:
        self.path = Path(tempfile.mkdtemp(prefix="esession-e2e-"))
        (self.path / "home").mkdir()
        return self

    def __exit__(self, *exception: object) -> None:
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}  # not half-way out
        for process in reversed(self.processes):
            self.end(process)
        if self.keep:
            print(f"# kept: {self.path}", flush=True)
        else:
            shutil.rmtree(self.path)
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def folder(self, name: str) -> Path:
        path = self.path / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """Of the user's only what concerns finding and debugging programs; more is added."""
        kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
        return kept | {"HOME": str(self.path / "home"), "LC_ALL": "C.UTF-8",
                       "DBUS_SESSION_BUS_ADDRESS": "disabled:"} | more

    def spawn(self, args: Iterable[str | Path], log: Path, **options: Any) -> subprocess.Popen:
        """Starts a process in a group of its own; what it prints and no other pipe takes goes to log."""
        options.setdefault("env", self.environment())
        options.setdefault("stdin", subprocess.DEVNULL)
        with log.open("ab") as output:
            options.setdefault("stdout", output)
            process = subprocess.Popen([str(a) for a in args], stderr=output, start_new_session=True,
                                       **options)
        self.processes.append(process)
        return process

    def end(self, process: subprocess.Popen, patience: float = 3) -> int:
        """Asks the process to end, kills what is left of its group, returns its status."""
        if process.returncode is None:
            if not ended(process) and patience:
                os.killpg(process.pid, signal.SIGTERM)
                waited = time.monotonic() + patience
                while not ended(process) and time.monotonic() < waited:
                    time.sleep(0.01)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return process.returncode


def ended(process: subprocess.Popen) -> bool:
    """Whether it has ended; it is not reaped, so its number and its group's stay taken until end()."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
