"""A directory with the files of a policy bundle, and where they came from."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import click

_ORIGIN = ".sluis-bundle"  # the digests of bundles that this directory is made from
_STALE = (
    "{folder} was made from {known}…, but {active}… is in force now. See what differs with `sluis "
    "policy diff {folder}`, export the bundle in force to another directory, make the change "
    "there, and propose that. To take back what was approved since, remove {origin} first."
)


class BundleFolder:
    """A directory that a person edits; a hidden file says which bundle it was exported from."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @staticmethod
    def check_empty(path: Path) -> None:
        """Check that a directory is empty or absent.

        Raises:
            ClickException: when it holds anything.
        """
        if path.exists() and any(path.iterdir()):
            raise click.ClickException(f"{path} is not empty: give another directory.")

    def write(self, files: Mapping[str, str], digest: str) -> None:
        """Write a bundle.

        Raises:
            ClickException: when a name would lead out of the directory, or writing fails.
        """
        for name in files:
            if not _inside(name):
                raise click.ClickException(f"The bundle has a file with the name {name!r}.")
        try:
            for name, text in files.items():
                path = self._path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from error
        self.note(digest)

    def read(self) -> dict[str, str]:
        """The files of the bundle.

        Raises:
            ClickException: when there are none, or one is too large.
        """
        from gateway.decisions import BundleError
        from gateway.governance.policies.bundle import read_bundle

        try:
            files = read_bundle(self._path)
        except (BundleError, UnicodeDecodeError) as error:
            raise click.ClickException(str(error)) from error
        if not files:
            raise click.ClickException(
                f"{self._path} holds no policy files: give a bundle's directory."
            )
        return files

    def digests(self) -> list[str]:
        """The bundles that this directory is made from, or was proposed as; newest last."""
        path = self._path / _ORIGIN
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def base(self, active: str, known: Sequence[str]) -> str:
        """The digest of the bundle in force, when this directory is made from it.

        Raises:
            ClickException: when another bundle came into force.
        """
        if active in known:
            return active
        raise click.ClickException(
            _STALE.format(
                folder=self._path,
                known=known[-1][:19],
                active=active[:19],
                origin=self._path / _ORIGIN,
            )
        )

    def note(self, digest: str) -> None:
        """Remember a bundle that this directory is."""
        known = [one for one in self.digests() if one != digest]
        text = "".join(f"{one}\n" for one in [*known, digest])
        (self._path / _ORIGIN).write_text(text, encoding="utf-8")


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)
