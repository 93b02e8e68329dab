"""A stand-in for a provider that has an agent write files back as it saw them.

It has each file read, written to a copy and changed by one line, by the tools of the agent; one
without tools gets its edits as text. The files begin and end with the lines FIRST and LAST.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.scripted_agent import SHELLS, Body, ScriptedAgent, Turn, names_of

FIRST, LAST, ADDED = "# het begin", "# het einde", "# gewijzigd"
_STRETCH = slice(5, 12)  # lines that are changed
_NUMBERED = re.compile(r" *\d+(?:\u2192|\t|\| |: )")
_FILE = re.compile(rf"(?:^|\n)([^\n]*){re.escape(FIRST)}\n.*?\n[^\n]*{re.escape(LAST)}", re.DOTALL)
_FENCED = re.compile(
    rf"([\w.]+)\n`+\w*\n({re.escape(FIRST)}\n.*?\n{re.escape(LAST)})(?=\n)", re.DOTALL
)
# By the tool that edits: those that read and write, their fields, and the arguments of an edit.
_TOOLS: dict[str, tuple[str, str, str, Callable[[str, str, str], Body]]] = {
    "Edit": (
        "Read",
        "Write",
        "file_path",
        lambda path, old, new: {"file_path": path, "old_string": old, "new_string": new},
    ),
    "edit": (
        "read",
        "write",
        "filePath",
        lambda path, old, new: {"filePath": path, "oldString": old, "newString": new},
    ),
    "MultiEdit": (
        "Read",
        "Write",
        "filepath",
        lambda path, old, new: {
            "file_path": path,
            "edits": [{"old_string": old, "new_string": new}],
        },
    ),
}


def changed(file: str) -> str:
    """What the edit makes of a file."""
    old, new = _edit(file)
    return file.replace(old, new, 1)


def _edit(file: str) -> tuple[str, str]:
    old = "\n".join(file.split("\n")[_STRETCH]).strip("\n")  # agents have their own way with more
    return old, f"{old}\n{ADDED}"


@dataclass
class FileAgent(ScriptedAgent):
    """``names`` are the files; ``folder`` is where they are, as the agent names it."""

    names: list[str] = field(default_factory=list)
    folder: str = ""

    def begin(self, names: list[str], folder: str) -> None:
        """Begin a session with other files."""
        self.names, self.folder, self._asked = names, folder, itertools.count()
        self.bodies.clear()

    def _next(self, body: Body) -> Turn:
        names = names_of(body)
        if not names:
            return self._as_text(body)
        if not {*SHELLS, *_TOOLS} & {*names}:
            return None
        number, step = divmod(next(self._asked), 3)
        if number >= len(self.names):
            return None
        name = self.names[number]
        seen = "" if step == 0 else files_in(body)[-1]
        edit = next((tool for tool in _TOOLS if tool in names), None)
        if edit is None:
            return self._by_shell(next(tool for tool in names if tool in SHELLS), name, step, seen)
        return self._by_tools(edit, name, step, seen)

    def _by_tools(self, edit: str, name: str, step: int, seen: str) -> Turn:
        read, write, path_field, arguments = _TOOLS[edit]
        path = f"{self.folder}/{name}"
        if step == 0:
            return read, {path_field: path}
        if step == 1:
            return write, {path_field: f"{self.folder}/copy_{name}", "content": f"{seen}\n"}
        return edit, arguments(path, *_edit(seen))

    def _by_shell(self, shell: str, name: str, step: int, seen: str) -> Turn:
        old, _ = _edit(seen) if seen else ("", "")
        marked = "".join(f" {line}\n" for line in old.split("\n")) + f"+{ADDED}\n"
        patch = f"*** Begin Patch\n*** Update File: {name}\n@@\n{marked}*** End Patch"
        command = (
            f"cat {name}",
            f"cat > copy_{name} <<'EINDE'\n{seen}\nEINDE\n",
            f"apply_patch <<'EINDE'\n{patch}\nEINDE\n",
        )[step]
        return shell, {SHELLS[shell]: command}

    def _as_text(self, body: Body) -> Turn:
        """SEARCH/REPLACE blocks for all files that stand in the conversation, with new copies."""
        files = {
            found[1]: found[2]
            for text in _strings(body["messages"])
            for found in _FENCED.finditer(text)
            if found[1] in self.names
        }
        if not files or next(self._asked):  # there are none in what gives the session a title
            return None
        text = ""
        for name, file in files.items():
            old, new = _edit(file)
            for path, before, after in (
                (f"copy_{name}", "", f"{file}\n"),
                (name, f"{old}\n", f"{new}\n"),
            ):
                block = f"<<<<<<< SEARCH\n{before}=======\n{after}>>>>>>> REPLACE"
                text += f"{path}\n```python\n{block}\n```\n\n"
        return text


def files_in(body: Body) -> list[str]:
    """The files in a conversation, without numbers before their lines."""
    found = []
    for text in _strings(body.get("messages") or body.get("input")):
        for match in _FILE.finditer(text):
            lines = match[0].removeprefix("\n").split("\n")
            if all(map(_NUMBERED.match, lines)):
                lines = [_NUMBERED.sub("", line, count=1) for line in lines]
            lines[0] = FIRST
            found.append("\n".join(lines))
    return found


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for value in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _strings(value)
