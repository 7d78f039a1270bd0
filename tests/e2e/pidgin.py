# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Pidgin, driven by its bus and by its windows."""
from __future__ import annotations

import os
import re
import subprocess
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable
from xml.sax.saxutils import escape, quoteattr

import languages
from bus import Bus, BusError
from prosody import PASSWORD, Prosody
from workspace import Workspace, ended, tail, wait_until

STILL_SECONDS = 3  # whatever blinks until then will go on
READER = ("/usr/bin/python3", str(Path(__file__).with_name("accessible-reader.py")))


@dataclass(frozen=True)
class Window:
    id: str
    title: str


class Pidgin:
    """A real Pidgin, on an X server and a session bus of its own. It has no window manager."""

    def __init__(self, workspace: Workspace, name: str, prosody: Prosody, resource: str = "pidgin",
                 buddies: Iterable[str] = (), plugins: Iterable[Path] = (),
                 loaded: Iterable[str] | None = None, prefs: dict[str, Any] | None = None,
                 display: str | None = None, size: str = "1280x1024", env: dict[str, str] | None = None,
                 language: str = "", accessible: bool = False):
        """name is the user's; buddies: bare JIDs known before the server's roster comes; plugins are linked
        into the purple folder and ticked, or only those file names in loaded; prefs by path; display: an
        X server to use instead of one of its own; language: as languages.environment() has it;
        accessible: so that what screen readers read can be read."""
        self.name = name
        self.jid = f"{name}@localhost/{resource}"
        self.prosody = prosody
        self.workspace = workspace
        self.path = workspace.folder(f"purple-pidgin-{name}")
        self.log = workspace.path / f"pidgin-{name}.log"
        self.process: subprocess.Popen | None = None
        if not (self.path / "accounts.xml").exists():
            self._preset(buddies, list(plugins), loaded, prefs or {})
        prosody.pin(self.path)
        self.language = language
        self.environment = workspace.environment(**(env or {}))
        if language:
            self.environment |= languages.environment(workspace, language)
        self.environment |= {"DISPLAY": display or self._start_xvfb(size)}
        self.bus = Bus(workspace, name)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        self.accessible = accessible
        self.environment |= self._start_accessibility() if accessible else {"NO_AT_BRIDGE": "1"}
        self.start()

    def start(self) -> None:
        mark = self.prosody.mark()
        self.process = self.workspace.spawn(["pidgin", "-c", self.path, "-m", "-d"], self.log,
                                            env=self.environment)
        self.buddy_list()
        self.prosody.wait_online(self.jid, since=mark)
        if self.accessible:
            self._start_screen_reader()

    def quit(self) -> None:
        """SIGTERM is one of Pidgin's ways to quit: it signs off and saves."""
        status = self.workspace.end(self.process, patience=60)
        if status:
            raise ChildProcessError(f"Pidgin of {self.name} ended with status {status}:\n{tail(self.log)}")

    def wait_end(self) -> None:
        """The user has it quit."""
        wait_until(lambda: ended(self.process), "end of Pidgin", 20)
        self.quit()

    def kill(self) -> None:
        self.workspace.end(self.process, patience=0)

    def alive(self) -> None:
        """Raises an error with the end of the log if it is not."""
        if ended(self.process):
            raise ChildProcessError(f"Pidgin of {self.name} has ended:\n{tail(self.log)}")

    # The bus

    def call(self, method: str, *arguments: int | str) -> int | str | list[int] | None:
        """Calls a function of libpurple or Pidgin over D-Bus, such as "PurpleAccountsGetAllActive"."""
        values = self.bus.call("im.pidgin.purple.PurpleService", "/im/pidgin/purple/PurpleObject",
                               "im.pidgin.purple.PurpleInterface", method, *arguments)
        return values[0] if values else None

    def account(self) -> int:
        return self.call("PurpleAccountsFind", self.jid, "prpl-jabber")

    def conversation(self, who: str) -> int:
        """The number of the conversation with a bare JID; its window opens if need be."""
        return self.call("PurpleConversationNew", 1, self.account(), who)

    def send(self, who: str, markup: str) -> None:
        im = self.call("PurpleConversationGetImData", self.conversation(who))
        self.call("PurpleConvImSend", im, markup)

    def slash(self, who: str, line: str) -> int:
        """Runs a /command; 0 means that it was done."""
        return self.call("PurpleCmdDoCommand", self.conversation(who), line, escape(line))

    def history(self, who: str) -> list[tuple[str, str, int]]:
        """What the conversation shows, oldest first: (sender, markup, PURPLE_MESSAGE_ flags)."""
        messages = self.call("PurpleConversationGetMessageHistory", self.conversation(who))
        return [(self.call("PurpleConversationMessageGetSender", message),
                 self.call("PurpleConversationMessageGetMessage", message),
                 self.call("PurpleConversationMessageGetFlags", message)) for message in reversed(messages)]

    # The words

    def ours(self, text: str) -> str:
        """One of our strings in the language of this Pidgin."""
        return languages.words(self.language)(text) if self.language else text

    def pidgins(self, text: str) -> str:
        """One of Pidgin's own."""
        return languages.words(self.language, "pidgin")(text) if self.language else text

    # The windows

    def windows(self, title: str = "") -> list[Window]:
        """Those on the screen whose title matches the regular expression."""
        ids = self._run("xdotool", "search", "--onlyvisible", "--name", ".", check=False).split()
        found = [Window(i, self._run("xdotool", "getwindowname", i, check=False).rstrip("\n")) for i in ids]
        return [window for window in found if re.search(title, window.title)]

    def popups(self) -> set[str]:
        """All that is on the screen, menus and tooltips too, which have no titles."""
        return set(self._run("xdotool", "search", "--onlyvisible", "--class", ".", check=False).split())

    def wait_popup(self, before: set[str]) -> None:
        """One more than before."""
        wait_until(lambda: self.popups() - before, "menu or tooltip")

    def wait_window(self, title: str, timeout: float = 10) -> Window:
        def window() -> Window | None:
            self.alive()
            return next(iter(self.windows(title)), None)
        return wait_until(window, f"window {title!r}", timeout)

    def buddy_list(self) -> Window:
        return self.wait_window(re.escape(self.pidgins("Buddy List")))

    def wait_no_window(self, title: str, timeout: float = 10) -> None:
        wait_until(lambda: not self.windows(title), f"end of window {title!r}", timeout)

    def place(self, window: Window, x: int, y: int, width: int = 0, height: int = 0) -> None:
        """Nobody else does without a window manager: new windows cover what is at the top left."""
        self._run("xdotool", "windowmove", "--sync", window.id, str(x), str(y))
        if width and height:
            self._run("xdotool", "windowsize", "--sync", window.id, str(width), str(height))

    def focus(self, window: Window) -> None:
        self._run("xdotool", "windowraise", window.id, "windowfocus", window.id)
        wait_until(lambda: self._run("xdotool", "getwindowfocus", "-f").strip() == window.id, "focus")

    def key(self, *keys: str) -> None:
        """Presses keys such as "ctrl+w", "alt+o", "Return", "Tab" in the focused window."""
        self._run("xdotool", "key", "--delay", "30", *keys)

    def type(self, text: str) -> None:
        """Types ASCII text into the focused window."""
        self._run("xdotool", "type", "--delay", "10", "--", text)

    def click(self, window: Window, x: int, y: int, button: int = 1) -> None:
        """x and y within the window."""
        self._run("xdotool", "mousemove", "--window", window.id, str(x), str(y), "click", str(button))

    def click_at(self, extents: tuple[int, int, int, int], button: int = 1) -> None:
        """In the middle of what is there on the screen."""
        x, y, width, height = extents
        self._run("xdotool", "mousemove", str(x + width // 2), str(y + height // 2), "click", str(button))

    def screenshot(self, name: str, window: Window | None = None) -> Path:
        """Of the whole screen, or of one window, once two in a row are the same: GTK draws when it has nothing else to do. The
        file is NAME.png in ES_SHOTS or the workspace."""
        folder = Path(os.environ.get("ES_SHOTS", self.workspace.path / "shots"))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        part = folder / f"{name}-{os.getpid()}.part.png"
        before, end = b"", time.monotonic() + STILL_SECONDS
        while True:
            self._run("import", "-window", window.id if window else "root", str(part))
            now = self._run("convert", str(part), "-format", "%#", "info:").encode()
            if now == before or time.monotonic() > end:
                return part.replace(path)  # whole at once: others may be taking theirs
            before = now

    # Beginnings

    def _run(self, *args: str, check: bool = True) -> str:
        done = subprocess.run(args, env=self.environment, capture_output=True, text=True, timeout=20)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(args)[:300]}: {done.stderr.strip()}")
        return done.stdout

    def _start_xvfb(self, size: str) -> str:
        log = self.workspace.path / f"xvfb-{self.name}.log"
        xvfb = self.workspace.spawn(["Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24",
                                     "-nolisten", "tcp", "-noreset"], log, stdout=subprocess.PIPE)
        number = xvfb.stdout.readline().decode().strip()
        if not number:
            raise RuntimeError(f"Xvfb does not start:\n{tail(log)}")
        return f":{number}"

    def _start_accessibility(self) -> dict[str, str]:
        """What a desktop starts when somebody uses a screen reader."""
        launcher = self.workspace.spawn(["/usr/libexec/at-spi-bus-launcher", "--launch-immediately"],
                                        self.workspace.path / f"accessibility-{self.name}.log", env=self.environment)

        def address() -> bool:
            if ended(launcher):
                raise ChildProcessError("at-spi-bus-launcher has ended")
            try:
                return "unix:" in self.bus.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")[0]
            except BusError:
                return False
        wait_until(address, "accessibility bus")
        return {"GTK_MODULES": "gail:atk-bridge"}

    def _start_screen_reader(self) -> None:
        """It stays for as long as there are windows: when the last reader leaves, GTK 2 takes its listeners to keys out of
        a list that it may be going through, and crashes."""
        def stays() -> bool:
            reader = self.workspace.spawn([*READER, "stay"], self.workspace.path / f"reader-{self.name}.log",
                                          env=self.environment, stdout=subprocess.PIPE)
            return bool(reader.stdout.readline())
        wait_until(stays, "screen reader")

    def _preset(self, buddies: Iterable[str], plugins: list[Path], loaded: Iterable[str] | None,
                prefs: dict[str, Any]) -> None:
        (self.path / "plugins").mkdir()
        for plugin in plugins:
            (self.path / "plugins" / plugin.name).symlink_to(plugin.resolve())
        names = [plugin.name for plugin in plugins] if loaded is None else loaded
        ticked = [self.path / "plugins" / name for name in names]
        accounts = ACCOUNTS.format(jid=escape(self.jid), password=PASSWORD, port=self.prosody.port,
                                   ui="gtk-gaim")
        (self.path / "accounts.xml").write_text(accounts)
        (self.path / "blist.xml").write_text(blist(self.jid, buddies))
        (self.path / "prefs.xml").write_text(preferences(PREFS | {"/pidgin/plugins/loaded": ticked} | prefs))


def blist(account: str, people: Iterable[str | tuple[str, ...]]) -> str:
    """Several addresses may be one person."""
    def buddy(jid: str) -> str:
        return f"<buddy account={quoteattr(account)} proto='prpl-jabber'><name>{escape(jid)}</name></buddy>"
    contacts = "".join(f"<contact>{''.join(map(buddy, [person] if isinstance(person, str) else person))}</contact>"
                       for person in people)
    return ("<?xml version='1.0' encoding='UTF-8'?>\n<purple version='1.0'><blist><group name='Friends'>"
            f"{contacts}</group></blist></purple>\n")


def preferences(values: dict[str, Any]) -> str:
    """prefs.xml from { "/path/of/a/preference": value }; a list of Paths is a path list."""
    root = ET.Element("pref", version="1", name="/")
    for path, value in values.items():
        node = root
        for name in path.strip("/").split("/"):
            known = {child.get("name"): child for child in node}
            node = known[name] if name in known else ET.SubElement(node, "pref", name=name)
        if isinstance(value, bool):
            node.attrib.update(type="bool", value=str(int(value)))
        elif isinstance(value, int):
            node.attrib.update(type="int", value=str(value))
        elif isinstance(value, list):
            node.set("type", "pathlist" if all(isinstance(v, Path) for v in value) else "stringlist")
            for item in value:
                ET.SubElement(node, "item", value=str(item))
        else:
            node.attrib.update(type="string", value=value)
    return "<?xml version='1.0' encoding='UTF-8'?>\n" + ET.tostring(root, encoding="unicode") + "\n"


PREFS = {
    "/pidgin/sound/method": "none",
    "/pidgin/sound/mute": True,
    "/pidgin/docklet/show": "never",  # without a tray Pidgin would some time take the focus to its buddy list
    "/pidgin/blist/list_visible": True,
    "/pidgin/blist/x": 1,
    "/pidgin/blist/y": 1,
    "/pidgin/blist/width": 260,
    "/pidgin/blist/height": 600,
    "/pidgin/conversations/im/width": 560,
    "/pidgin/conversations/im/height": 400,
    "/pidgin/conversations/spellcheck": False,
    "/plugins/gtk/esession/introduced": True,
    "/purple/away/idle_reporting": "none",
    "/purple/away/away_when_idle": False,
}

ACCOUNTS = """<?xml version='1.0' encoding='UTF-8'?>
<account version='1.0'>
  <account>
    <protocol>prpl-jabber</protocol>
    <name>{jid}</name>
    <password>{password}</password>
    <statuses><status type='available' name='Available' active='true'><attributes/></status></statuses>
    <settings>
      <setting name='connect_server' type='string'>localhost</setting>
      <setting name='port' type='int'>{port}</setting>
      <setting name='connection_security' type='string'>require_tls</setting>
    </settings>
    <settings ui='{ui}'>
      <setting name='auto-login' type='bool'>1</setting>
    </settings>
  </account>
</account>
"""
