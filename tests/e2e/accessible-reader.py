#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a program tells screen readers, and acts on it as they do.

    accessible-reader.py tree                       all windows of the one accessible program, as JSON
    accessible-reader.py tree TITLE                 only those with this title, which may end in a star
    accessible-reader.py focused TITLE              the path of what has the keyboard in that window ("0/2/1"), or nothing
    accessible-reader.py act PATH ROLE NAME ACTION  what is at PATH ("0/2/1") must still have that role and name; the
                                                    action "focus" gives it the keyboard
    accessible-reader.py select PATH BEGIN END      selects that part of the text at PATH
    accessible-reader.py selected PATH              what is selected of it, as [[BEGIN, END]] or []
    accessible-reader.py at PATH N                  the extents of its character N on the screen
    accessible-reader.py stay                       reads a little and stays, as a screen reader does

It runs with the system's Python, which has the bindings, beside tests that may run with another one: see accessible.py."""
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

STATES = ("active", "checked", "editable", "enabled", "expanded", "focusable", "focused", "modal", "selected", "sensitive",
          "showing", "visible")
LONGEST = 2000


def fits(name, wanted):
    """wanted may end in a star."""
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def program():
    desktop = Atspi.get_desktop(0)
    found = [desktop.get_child_at_index(i) for i in range(desktop.get_child_count())]
    there = [one for one in found if one is not None]
    if not there:
        sys.exit("again: there is no accessible program, or not yet")
    return there[0]


def role(accessible):
    """By the name that at-spi2 had for it before 2.54."""
    name = accessible.get_role_name()
    return {"button": "push button"}.get(name, name)


def actions(accessible):
    action = accessible.get_action_iface()
    return [Atspi.Action.get_action_name(action, i) for i in range(Atspi.Action.get_n_actions(action))] if action else []


def extents(accessible):
    component = accessible.get_component_iface()
    if not component:
        return None
    box = Atspi.Component.get_extents(component, Atspi.CoordType.SCREEN)
    return [box.x, box.y, box.width, box.height]


def text(accessible):
    interface = accessible.get_text_iface()
    if not interface:
        return None
    return Atspi.Text.get_text(interface, 0, min(Atspi.Text.get_character_count(interface), LONGEST))


def ends(accessible):
    """The places of the first and the last character of a label."""
    interface = accessible.get_text_iface() if role(accessible) == "label" else None
    count = Atspi.Text.get_character_count(interface) if interface else 0
    boxes = [Atspi.Text.get_character_extents(interface, i, Atspi.CoordType.SCREEN) for i in (0, count - 1)] if count else []
    return [[box.x, box.y, box.width, box.height] for box in boxes]


def labels(accessible):
    return [relation.get_target(i).get_name() for relation in accessible.get_relation_set()
            if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY for i in range(relation.get_n_targets())]


def children(accessible):
    """A table tells of each of its cells, which may be many."""
    return [accessible.get_child_at_index(i) for i in range(min(accessible.get_child_count(), 500))]


def node(accessible, wanted=None):
    """wanted says which children to look into."""
    have = accessible.get_state_set()
    showing = have.contains(Atspi.StateType.SHOWING)
    return {
        "role": role(accessible),
        "name": accessible.get_name(),
        "description": accessible.get_description(),
        "states": [name for name in STATES if have.contains(getattr(Atspi.StateType, name.upper()))],
        "actions": actions(accessible),
        "extents": extents(accessible) if showing else None,
        "ends": ends(accessible) if showing else [],
        "text": text(accessible),
        "labels": labels(accessible),
        "children": [node(child) if child is not None and (wanted is None or wanted(child)) else None
                     for child in children(accessible)],
    }


def focused(accessible, path):
    """Only what shows is looked into, for this is asked after every key."""
    have = accessible.get_state_set()
    if have.contains(Atspi.StateType.FOCUSED) and role(accessible) not in ("frame", "dialog"):
        return path
    for index, child in enumerate(children(accessible)):
        if child is not None and child.get_state_set().contains(Atspi.StateType.SHOWING):
            found = focused(child, [*path, index])
            if found:
                return found
    return None


def focused_in(title):
    windows = enumerate(children(program()))
    found = next((focused(window, [index]) for index, window in windows
                  if window is not None and fits(window.get_name(), title)
                  and window.get_state_set().contains(Atspi.StateType.SHOWING)), None)
    return "/".join(map(str, found or []))


def at(path):
    accessible = program()
    for index in path.split("/"):
        accessible = accessible.get_child_at_index(int(index))
    return accessible


def select(path, begin, end):
    interface = at(path).get_text_iface()
    while Atspi.Text.get_n_selections(interface):
        Atspi.Text.remove_selection(interface, 0)
    Atspi.Text.add_selection(interface, int(begin), int(end))


def selected(path):
    interface = at(path).get_text_iface()
    ranges = [Atspi.Text.get_selection(interface, i) for i in range(Atspi.Text.get_n_selections(interface))]
    return [[one.start_offset, one.end_offset] for one in ranges]


def character(path, number):
    box = Atspi.Text.get_character_extents(at(path).get_text_iface(), int(number), Atspi.CoordType.SCREEN)
    return [box.x, box.y, box.width, box.height]


def act(path, wanted_role, name, wanted):
    accessible = at(path)
    if (role(accessible), accessible.get_name()) != (wanted_role, name):
        sys.exit(f"{path} is now {role(accessible)} {accessible.get_name()!r}")
    if wanted == "focus":
        Atspi.Component.grab_focus(accessible.get_component_iface())
        return
    if wanted not in actions(accessible):
        sys.exit(f"{wanted_role} {name!r} has no action {wanted}, only {actions(accessible)}")
    Atspi.Action.do_action(accessible.get_action_iface(), actions(accessible).index(wanted))


def main():
    try:
        if sys.argv[1] == "act":
            act(*sys.argv[2:])
        elif sys.argv[1] == "stay":
            node(program(), lambda window: False)
            print("stays", flush=True)
            Atspi.event_main()
        elif sys.argv[1] == "select":
            select(*sys.argv[2:])
        elif sys.argv[1] == "selected":
            print(json.dumps(selected(sys.argv[2])))
        elif sys.argv[1] == "at":
            print(json.dumps(character(*sys.argv[2:])))
        elif sys.argv[1] == "focused":
            print(focused_in(sys.argv[2]))
        else:
            title = sys.argv[2] if len(sys.argv) > 2 else "*"
            print(json.dumps(node(program(), lambda window: fits(window.get_name(), title))))
    except GLib.Error as error:  # a window went while it was read
        sys.exit(f"again: {error.message}")


if __name__ == "__main__":
    main()
