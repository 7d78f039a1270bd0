# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Finch in a terminal, driven by its keys and read off its screen."""
from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any, Iterable
from xml.sax.saxutils import escape

from pidgin import ACCOUNTS, blist, preferences
from prosody import PASSWORD, Prosody
from workspace import Workspace, tail, wait_until

# Finch understands these as a terminal sends them in its application mode.
KEYS = {"Up": "\033OA", "Down": "\033OB", "Right": "\033OC", "F10": "\033[21~", "F11": "\033[23~"}
FRAME = re.compile("[\u2500-\u257f\u2580-\u259f]")


class Finch:
    """In a tmux of its own. plugins are linked into the purple folder and ticked."""

    def __init__(self, workspace: Workspace, name: str, prosody: Prosody, buddies: Iterable[str | tuple[str, ...]] = (),
                 plugins: Iterable[Path] = (), prefs: dict[str, Any] | None = None, columns: int = 80,
                 lines: int = 24):
        self.jid = f"{name}@localhost/finch"
        self.prosody = prosody
        self.workspace = workspace
        self.path = workspace.folder(f"purple-finch-{name}")
        self.log = workspace.path / f"finch-{name}.log"
        self._preset(buddies, list(plugins), prefs or {})
        prosody.pin(self.path)
        self.environment = workspace.environment(TERM="screen-256color")
        self.socket = workspace.path / f"tmux-{name}"
        self.server = workspace.spawn(["tmux", "-S", self.socket, "-f", "/dev/null", "-D"], self.log,
                                      env=self.environment)
        wait_until(self.socket.exists, "tmux")
        self._tmux("new-session", "-d", "-s", "rest", "sleep infinity")
        self.size = "-x", str(columns), "-y", str(lines)
        self.start()

    def start(self) -> None:
        """Again after quit()."""
        mark = self.prosody.mark()
        (self.path / "status").unlink(missing_ok=True)
        self._tmux("new-session", "-d", "-s", "finch", *self.size,
                   f"finch -c {self.path} 2>>{self.log}; echo $? >{self.path}/status")
        self.prosody.wait_online(self.jid, since=mark)

    def _preset(self, buddies: Iterable[str | tuple[str, ...]], plugins: list[Path], prefs: dict[str, Any]) -> None:
        (self.path / "plugins").mkdir()
        ticked = []
        for plugin in plugins:
            ticked.append(self.path / "plugins" / plugin.name)
            ticked[-1].symlink_to(plugin.resolve())
        accounts = ACCOUNTS.format(jid=escape(self.jid), password=PASSWORD, port=self.prosody.port, ui="gnt-purple")
        (self.path / "accounts.xml").write_text(accounts)
        (self.path / "blist.xml").write_text(blist(self.jid, buddies))
        (self.path / "prefs.xml").write_text(preferences(PREFS | {"/finch/plugins/loaded": ticked} | prefs))

    def _tmux(self, *arguments: str | Path) -> str:
        done = subprocess.run(["tmux", "-S", str(self.socket), *map(str, arguments)], env=self.environment,
                              capture_output=True, text=True, timeout=10)
        if done.returncode:
            raise ChildProcessError(f"Finch of {self.jid}: {done.stderr}{tail(self.log)}")
        return done.stdout

    def key(self, *keys: str) -> None:
        """As tmux names them: "Enter", "M-a" (Alt+a), "Tab"."""
        for key in keys:
            self._tmux("send-keys", "-t", "finch", *(["-l", KEYS[key]] if key in KEYS else [key]))
            time.sleep(0.1)  # two at once may be taken for one

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", "finch", "-l", text)

    def enter(self, text: str) -> None:
        self.type(text)
        self.key("Enter")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-t", "finch", "-p")

    def text(self) -> str:
        """What is on the screen as running text: no frames, and lines that were broken are whole again."""
        return " ".join(FRAME.sub(" ", self.screen()).split())

    def wait(self, text: str, timeout: float = 10) -> str:
        try:
            wait_until(lambda: text in self.text(), text, timeout)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; the screen:\n{self.screen()}") from None
        return self.text()

    def bring(self, text: str, timeout: float = 10) -> None:
        """Goes from window to window until the text is on top."""
        def seen() -> bool:
            self.key("M-n")
            time.sleep(0.2)
            return text in self.text()
        wait_until(seen, f"window with {text!r}", timeout)

    def open(self, who: str) -> None:
        """The conversation with the only buddy, from the buddy list."""
        self.wait(who)
        self.key("Down", "Enter")
        self.wait(f"{who} ({self.jid}")

    def plugins(self) -> None:
        """The list of plugins, with ours selected."""
        self.key("M-a")
        self.wait("Room List")
        self.key(*["Down"] * 6, "Enter")
        self.wait("You can (un)load plugins")
        for _ in range(30):
            if "Name: Encrypted Sessions" in self.text():
                return
            self.key("Down")
        raise TimeoutError(f"the plugin is not in the list:\n{self.screen()}")

    def wait_gone(self, text: str, timeout: float = 10) -> None:
        wait_until(lambda: text not in self.text(), f"end of {text!r}", timeout)

    def quit(self) -> None:
        status = self.path / "status"
        self.key("M-q")
        wait_until(status.exists, "end of Finch", 60)
        wait_until(lambda: "finch" not in self._tmux("list-sessions"), "end of the terminal")
        if wait_until(status.read_text, "status").strip() != "0":
            raise ChildProcessError(f"Finch of {self.jid} ended with status {status.read_text()}{tail(self.log)}")


PREFS = {
    "/finch/sound/method": "none",
    "/finch/sound/mute": True,
    "/purple/away/idle_reporting": "none",
    "/purple/away/away_when_idle": False,
}
