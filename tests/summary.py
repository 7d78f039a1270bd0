#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what meson's test runs below a folder say: one closing line, and exit status 1 if anything failed."""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main() -> int:
    passed = failed = skipped = 0
    for log in sorted(Path(sys.argv[1]).glob("*/meson-logs/*.junit.xml")):
        for case in ElementTree.parse(log).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {case.get('classname')} {case.get('name')}")
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
