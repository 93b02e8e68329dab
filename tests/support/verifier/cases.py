"""Cases for the stand-alone verifier: arguments and the expected exit code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.packages import Log, cosignature, key, key_file, witness_key
from tests.support.tampering import EditablePackage, by_insider

GOOD, TAMPERED, INCOMPLETE, UNKNOWN_KEY = 0, 1, 2, 3
SEEN_AT = 1_700_000_500


@dataclass(frozen=True)
class Case:
    """One call of the verifier. The English output must contain ``says``."""

    name: str
    arguments: tuple[str, ...]
    code: int
    says: str = ""


@dataclass
class Cases:
    """Cases with their files in one folder. ``middle`` is an export of a part of ``log``."""

    folder: Path
    all: list[Case] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = {
            number: key_file(self.folder, key(number), f"{number}.pub") for number in range(1, 6)
        }
        self.witness_keys = self.file(
            "witness.keys", witness_key("w0", key(12)) + "\n\n" + witness_key("w1", key(11))
        )
        self.log = Log().add(20)
        self.before = self.log.checkpoint()
        self.log.add(25, erased={23, 24})
        witnessed = [
            self.log.witnessed("file:w.txt", 32),
            self.log.witnessed(
                "w1", 39, cosignature(self.log.checkpoint(39), "w1", key(11), SEEN_AT)
            ),
        ]
        self.middle = self.log.package(
            self.path(), 21, 38, before=self.before, witnessed=witnessed, formats=["csv"]
        )

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def add(
        self,
        name: str,
        package: Path,
        code: int,
        says: str = "",
        *more: object,
        key: int | Path = 1,
    ) -> None:
        given = key if isinstance(key, Path) else self.keys[key]
        arguments = (str(package), "--key", str(given), *map(str, more))
        self.all.append(Case(name, arguments, code, says))

    def path(self) -> Path:
        return self.folder / f"{len(list(self.folder.iterdir()))}.zip"

    def insider(
        self, package: Path, change: Callable[[EditablePackage], None], number: int = 1
    ) -> Path:
        """A package that a person with a signing key changed."""
        return by_insider(package, self.path(), change, key(number))

    def calls(self) -> list[tuple[str, ...]]:
        """The distinct arguments of all cases, with a language."""
        return sorted({
            case.arguments
            if "--language" in case.arguments
            else ("--language", "en", *case.arguments)
            for case in self.all
        })
