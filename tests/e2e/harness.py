# SPDX-License-Identifier: GPL-3.0-or-later
"""Real parts for the end-to-end tests: a Prosody, headless libpurple clients, a Pidgin under Xvfb.

All of them live in a Workspace: a temporary folder and the processes started in it. Leaving the workspace
ends the processes and removes the folder. Nothing of the user's is read or written, no port or display number
is fixed, several runs may go on at a time.

    def test_something(workspace):
        prosody = Prosody(workspace)
        alice = HeadlessClient(workspace, "alice", prosody, plugins=[built("src/purple/esession.so")])
        alice.login()
        ...

    harness.main(globals())

Environment:
  ES_BUILD   the build folder: tests/e2e/headless-client and the plugins are looked for there
  ES_SHOTS   where screenshots go (otherwise they are removed with the workspace)
"""
from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from typing import Any

from headless import CommandError, HeadlessClient
from pidgin import Pidgin, Window
from prosody import PASSWORD, Prosody, Stanza
from workspace import SIGNALS, Workspace, built, ended, wait_until

__all__ = ["PASSWORD", "CommandError", "HeadlessClient", "Pidgin", "Prosody", "Stanza", "Window", "Workspace",
           "built", "ended", "main", "wait_until"]


def main(names: dict[str, Any]) -> None:
    """Runs the functions test_* of names in order, each in a Workspace of its own, and prints TAP."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", metavar="NAME", help="run this test only")
    parser.add_argument("--keep", action="store_true", help="keep the folders for debugging")
    options = parser.parse_args()
    tests = {name: test for name, test in names.items()
             if name.startswith("test_") and options.only in (None, name, name.removeprefix("test_"))}
    for number in SIGNALS:
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    failed = 0
    for count, (name, test) in enumerate(tests.items(), 1):
        begin = time.monotonic()
        try:
            with Workspace(options.keep) as workspace:
                test(workspace)
        except Exception:
            failed += 1
            print(f"not ok {count} - {name}")
            print("\n".join(f"# {line}" for line in traceback.format_exc().splitlines()), flush=True)
        else:
            print(f"ok {count} - {name} # {time.monotonic() - begin:.1f} s", flush=True)
    print(f"1..{len(tests)}", flush=True)
    sys.exit(bool(failed or not tests))
