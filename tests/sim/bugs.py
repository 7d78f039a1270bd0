#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that the simulator can fail: breaks the code on purpose, one patch of tests/sim/bugs after the other, in a copy of
the tree, and counts the worlds in which that is seen. Exit status 1 if a bug is seen in none, or if a patch does not apply where
it says or does not build.

    tests/sim/bugs.py [--count N] [--jobs J] [NAME...]      NAME: of a patch, without .patch
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUGS = sorted((ROOT / "tests/sim/bugs").glob("*.patch"))


def run(command: list[str], folder: Path, quiet: bool = True) -> subprocess.CompletedProcess:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if quiet and done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done


def copy_tree(folder: Path) -> None:
    for name in ("src", "po", "tests", "data"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("meson.build", "meson_options.txt"):
        shutil.copy(ROOT / name, folder)


def build(folder: Path) -> str:
    """What the compiler says first; "" if there is a simulator now."""
    done = run(["ninja", "-C", "build", "tests/sim/sim"], folder, quiet=False)
    if done.returncode == 0:
        return ""
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    return next((line for line in lines if " error: " in line), lines[-1] if lines else "ninja failed")


def count_wrong(folder: Path, options: argparse.Namespace) -> tuple[int, str]:
    """In how many worlds the simulator saw something wrong, and what it said of the first."""
    done = run(["build/tests/sim/sim", "--count", str(options.count), "--jobs", str(options.jobs), "--lines", "0"],
               folder, quiet=False)
    wrong = [line for line in done.stdout.splitlines() if re.match(r"seed \d+: ", line)]
    return len(wrong), wrong[0] if wrong else ""


def try_bug(folder: Path, patch: Path, options: argparse.Namespace) -> bool:
    """Whether the simulator sees it."""
    command = ["git", "apply", str(patch)]
    applied = run(command, folder, quiet=False)
    if applied.returncode != 0:
        print(f"{patch.stem:32} DOES NOT APPLY: {applied.stderr.splitlines()[0]}", flush=True)
        return False
    trouble = build(folder)
    wrong, first = (0, "") if trouble else count_wrong(folder, options)
    print(f"{patch.stem:32} " + (f"DOES NOT BUILD: {trouble}" if trouble else f"{wrong:5} of {options.count}  {first}"),
          flush=True)
    run([*command, "-R"], folder)
    return wrong > 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    unseen = 0

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["GIT_CEILING_DIRECTORIES"] = str(folder.resolve().parent)
        copy_tree(folder)
        run(["meson", "setup", "build", "-Dpidgin=disabled", "-Dwerror=false"], folder)
        trouble = build(folder)
        if trouble:
            sys.exit(f"the tree itself does not build: {trouble}")
        wrong, first = count_wrong(folder, options)
        print(f"{'(no bug)':32} {wrong:5} of {options.count}  {first}", flush=True)
        for patch in BUGS:
            if not options.names or patch.stem in options.names:
                unseen += not try_bug(folder, patch, options)
    return 1 if unseen else 0


if __name__ == "__main__":
    os.environ.setdefault("CC", "gcc")
    sys.exit(main())
