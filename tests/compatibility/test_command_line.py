"""Every command and option of the frozen tree is still there, and takes what it took."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.compatibility.product import ROOT, frozen

pytestmark = pytest.mark.contract
# Runs the command line up to the moment that click would read the arguments.
_CODE = """
import json, runpy, click

def plain(value):
    return value if isinstance(value, (str, int, float, bool, type(None))) else None

def parameter(one):
    told = {"multiple": bool(getattr(one, "multiple", False)), "nargs": one.nargs,
            "required": one.required, "type": one.type.name}
    if isinstance(one.type, click.Choice):
        told["choices"] = list(one.type.choices)
    if isinstance(one.type, click.IntRange):
        told["range"] = [one.type.min, one.type.max]
    if isinstance(one, click.Option):
        told |= {"flag": bool(one.is_flag), "default": plain(one.default), "envvar": one.envvar,
                 "names": [*one.opts, *one.secondary_opts]}
    return told

def walk(command):
    options = {}
    for one in command.params:
        if isinstance(one, click.Option):
            for name in (*one.opts, *one.secondary_opts):
                options[name] = parameter(one)
    arguments = [parameter(one) for one in command.params if isinstance(one, click.Argument)]
    told = {"options": options, "arguments": arguments}
    if isinstance(command, click.Group):
        told["commands"] = {name: walk(child) for name, child in command.commands.items()}
    return told

click.Command.main = lambda self, *args, **kwargs: print(json.dumps(walk(self)))
click.Group.main = click.Command.main
runpy.run_module("gateway", run_name="__main__")
"""


def tree() -> dict[str, Any]:
    """Today's commands with their options and arguments."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def changed(before: dict[str, Any], now: dict[str, Any], where: str) -> list[str]:
    """What a script that calls the commands would notice."""
    faults = []
    for name, option in before["options"].items():
        faults += _changed(option, now["options"].get(name), f"{where} {name}")
    faults += [
        f"{where} {name}: is new and required"
        for name, option in now["options"].items()
        if option["required"] and not before["options"].keys() & set(option["names"])
    ]
    for number, argument in enumerate(before["arguments"]):
        there = now["arguments"][number] if number < len(now["arguments"]) else None
        faults += _changed(argument, there, f"{where} argument {number}")
    for argument in now["arguments"][len(before["arguments"]) :]:
        if argument["required"]:
            faults.append(f"{where}: has one more required argument")
    for name, command in before.get("commands", {}).items():
        there = now.get("commands", {}).get(name)
        if there is None:
            faults.append(f"{where} {name}: is gone")
        else:
            faults += changed(command, there, f"{where} {name}")
    return faults


def _changed(before: dict[str, Any], now: dict[str, Any] | None, where: str) -> list[str]:
    if now is None:
        return [f"{where}: is gone"]
    faults = []
    if now["required"] and not before["required"]:
        faults.append(f"{where}: is required")
    if gone := set(before.get("choices", ())) - set(now.get("choices", before.get("choices", ()))):
        faults.append(f"{where}: takes no {sorted(gone)}")
    for what in ("multiple", "nargs", "flag", "default", "envvar", "range"):
        if before.get(what) != now.get(what):
            faults.append(f"{where}: {what} was {before.get(what)!r}, is {now.get(what)!r}")
    return faults


def test_every_frozen_command_and_option_is_there() -> None:
    faults = changed(frozen("commands.json"), tree(), "sluis")
    assert not faults, "\n".join(faults)


def test_a_removal_is_noticed() -> None:
    before = frozen("commands.json")
    now = tree()
    del now["commands"]["keys"]["commands"]["create"]["options"]["--team"]
    del now["commands"]["audit"]["commands"]["verify"]
    now["commands"]["report"]["commands"]["make"]["options"]["--kind"]["choices"] = ["activity"]
    new = {"required": True, "names": ["--new"]}
    now["commands"]["keys"]["commands"]["revoke"]["options"]["--new"] = new
    faults = changed(before, now, "sluis")
    assert sorted(fault.rpartition(":")[0] for fault in faults) == [
        "sluis audit verify",
        "sluis keys create --team",
        "sluis keys revoke --new",
        "sluis report make --kind",
    ]
