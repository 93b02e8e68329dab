"""A draft of a bundle: files that a person adds, changes and removes before they are proposed."""

import difflib
from dataclasses import dataclass, field
from typing import Any

Files = dict[str, str]


@dataclass(slots=True)
class PolicyDraft:
    """The files of a draft, and the bundle in force that it was made from.

    ``revision`` grows with each change that was not typed into a field.
    """

    base: str
    before: Files
    files: Files = field(default_factory=dict)
    revision: int = 0

    def __post_init__(self) -> None:
        self.files = dict(self.files or self.before)

    @property
    def changed(self) -> list[str]:
        """The files that the draft adds, changes or removes."""
        return sorted(
            path
            for path in {**self.before, **self.files}
            if self.before.get(path) != self.files.get(path)
        )

    def write(self, path: str, text: str, *, typed: bool = False) -> None:
        """Add or change a file."""
        self.files[path] = text
        self.revision += not typed

    def remove(self, path: str) -> None:
        """Take a file out of the bundle."""
        self.files.pop(path, None)
        self.revision += 1

    def restore(self, path: str) -> None:
        """Take back what the draft does to one file."""
        if path in self.before:
            self.files[path] = self.before[path]
        else:
            self.files.pop(path, None)
        self.revision += 1

    def follow(self, digest: str, files: Files) -> list[str]:
        """Make it a draft of the bundle that came into force since.

        Gives the files that both changed; then the draft stays as it was.
        """
        if digest == self.base:
            return []
        mine = {path: self.files.get(path) for path in self.changed}
        both = [path for path in mine if self.before.get(path) != files.get(path)]
        if not both:
            self.base, self.before = digest, dict(files)
            self.files = {
                path: text for path, text in {**files, **mine}.items() if text is not None
            }
            self.revision += 1
        return both

    def body(self) -> dict[str, Any]:
        """The draft as the control plane takes it."""
        return {"files": self.files, "whole": True, "base": self.base}

    def difference(self, path: str) -> str:
        """A unified difference of one file."""
        return difference(path, self.before.get(path, ""), self.files.get(path, ""))


def difference(path: str, before: str, after: str) -> str:
    """A unified difference of two texts of a file."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm=""
    )
    return "\n".join(lines)
