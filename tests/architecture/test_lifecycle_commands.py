"""The commands in the guide to the life of an installation exist, with their options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.processes.cli import main

_GUIDE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
_BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"^ *(?:[A-Z_]+=\S+ )*sluis (.+)$", re.MULTILINE)


def commands() -> Iterator[str]:
    for block in _BLOCK.findall(_GUIDE.read_text(encoding="utf-8")):
        yield from _COMMAND.findall(block)


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_a_command_of_the_guide_exists(line: str) -> None:
    command: click.Command = main
    words = shlex.split(line)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    options = {name for one in command.params for name in one.opts}
    assert {word for word in words if word.startswith("--")} <= options
