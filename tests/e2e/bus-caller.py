#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls methods on the session bus: a line of JSON in, [NAME, PATH, INTERFACE, METHOD, [ARGUMENT, ...]], and one out, the list of
what came back, or {"error": ...}. Numbers go as int32, objects as dictionaries of strings.

It runs with the system's Python, which has the bindings, beside tests that may run with another one: see bus.py."""
import json
import sys

from gi.repository import Gio, GLib

TIMEOUT = 20000  # ms


def variant(argument):
    kind = {int: "i", str: "s", dict: "a{ss}"}[type(argument)]
    return GLib.Variant(kind, argument)


def call(connection, name, path, interface, method, arguments):
    parameters = GLib.Variant.new_tuple(*map(variant, arguments))
    try:
        reply = connection.call_sync(name, path, interface, method, parameters, None, Gio.DBusCallFlags.NO_AUTO_START,
                                     TIMEOUT, None)
    except GLib.Error as error:
        return {"error": error.message}
    return reply.unpack()


def main():
    connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    connection.set_exit_on_close(False)
    for line in sys.stdin:
        print(json.dumps(call(connection, *json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
