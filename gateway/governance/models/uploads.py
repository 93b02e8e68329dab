"""Files of models that arrive over the network, piece by piece, before they are registered.

A piece goes to the end of its file, so that an upload that broke off goes on where it ended. Files
that were registered are kept under the digest of their directory, which nothing writes to again.
"""

import re
import shutil
import time
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from threading import Lock

from gateway.core.errors import InvalidRequest
from gateway.core.manifest import ALLOWED_NAMES, FileDigest, ManifestError

PIECE_BYTES = 8 << 20  # the most of one piece
SCHEME = "upload:"  # begins a directory that was uploaded, where others are paths
_UPLOAD = re.compile(r"u_[0-9a-f]{32}")
_INCOMING, _KEPT = "incoming", "kept"
_DEPTH, _PATH_BYTES = 3, 200
_ROOM_BYTES = 1 << 30  # that stays free on the disk
_STALE_S = 24 * 3600
_OUTSIDE = (
    "Files are registered from within the directory of models of the control plane "
    "(SLUIS_MODELS_DIR): put them there, send them with sluis models register --upload, or "
    "register them on the machine itself."
)


class Uploads:
    """The uploads of one directory. Calls block as long as the disk takes."""

    def __init__(self, directory: Path | None) -> None:
        """``directory`` is the same for all control planes and workers; None refuses uploads."""
        self._root = directory.resolve() if directory else None
        self._writing = Lock()

    def add(self, upload: str, name: str, offset: int, piece: bytes) -> int:
        """Append a piece to a file of an upload; gives the size of the file.

        A piece at 0 begins the file anew. The first piece of an upload removes others that have got
        nothing for a day.

        Raises:
            InvalidRequest: for a name that a model does not have, an offset that is not the end of
                the file, or a disk that is nearly full.
        """
        path = self._file(upload, name)
        try:
            with self._writing:
                return self._append(path, offset, piece)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            message = f"{name} is both a file and a folder: begin another upload."
            raise InvalidRequest(message, param="name") from error

    def _append(self, path: Path, offset: int, piece: bytes) -> int:
        if not path.parent.exists():
            self._remove_stale()
            path.parent.mkdir(mode=0o700, parents=True)
        if shutil.disk_usage(path.parent).free < _ROOM_BYTES + len(piece):
            raise InvalidRequest("The disk for models has no room: remove what is not served.")
        with path.open("ab" if offset else "wb") as file:
            size = file.tell()
            if size != offset:
                message = f"{path.name} has {size} bytes so far: go on from there."
                raise InvalidRequest(message, param="offset")
            file.write(piece)
        return offset + len(piece)

    def directory(self, place: Path | str) -> Path:
        """Where files are that are to be registered: a path, or ``upload:`` and an upload.

        A path that is a text was sent, and leads into the directory of models, links followed:
        others would tell of the files of this machine.

        Raises:
            InvalidRequest: when there is no such upload, or for a path outside, the same for each.
        """
        upload = str(place).removeprefix(SCHEME)
        if upload == str(place):
            return place if isinstance(place, Path) else self._within(place)
        directory = self._upload(upload)
        if not directory.is_dir():
            raise InvalidRequest("There is no such upload, or it was registered: upload it again.")
        return directory

    def _within(self, place: str) -> Path:
        with suppress(OSError, RuntimeError, ValueError):  # a loop of links, or no path at all
            found = Path(place).resolve()
            # Behind a link in a circle the rest of a path is not resolved.
            if (
                self._root is not None
                and found.is_relative_to(self._root)
                and found.resolve() == found
            ):
                return found
        raise InvalidRequest(_OUTSIDE)

    def kept(self, *places: tuple[Path | None, str | None]) -> list[str | None]:
        """Where directories with these digests are from now on: uploads go under their digest."""
        return [
            None if directory is None or digest is None else str(self._keep(directory, digest))
            for directory, digest in places
        ]

    def _keep(self, directory: Path, digest: str) -> Path:
        directory = directory.resolve()
        if self._root is None or directory.parent != self._incoming:
            return directory
        kept = self._folder / _KEPT / digest.removeprefix("sha256:")
        if kept.exists():
            shutil.rmtree(directory)
        else:
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.rename(kept)
        return kept

    def _file(self, upload: str, name: str) -> Path:
        directory = self._upload(upload)
        parts = name.split("/")
        try:
            FileDigest(name, 0, "")
        except ManifestError as error:
            raise InvalidRequest(str(error), param="name") from error
        is_odd = any(part == "" or part.startswith(".") for part in parts)
        too_long = len(name.encode()) > _PATH_BYTES or len(parts) > _DEPTH
        if is_odd or too_long or not name.isprintable():
            raise InvalidRequest("This is no name of a file of a model.", param="name")
        if not any(fnmatch(parts[-1], allowed) for allowed in ALLOWED_NAMES):
            raise InvalidRequest(
                f"{parts[-1]} is not a file of a model: only {', '.join(ALLOWED_NAMES)}.",
                param="name",
            )
        return directory.joinpath(*parts)

    def _upload(self, upload: str) -> Path:
        if not _UPLOAD.fullmatch(upload):
            raise InvalidRequest('An upload is named "u_" and 32 hex digits.', param="upload")
        return self._incoming / upload

    @property
    def _incoming(self) -> Path:
        return self._folder / _INCOMING

    @property
    def _folder(self) -> Path:
        if self._root is None:
            raise InvalidRequest(
                "This installation has no folder for uploads: set SLUIS_MODELS_DIR, or give --base "
                "as a folder of the control plane's machine."
            )
        return self._root

    def _remove_stale(self) -> None:
        if not self._incoming.is_dir():
            return
        before = time.time() - _STALE_S
        for one in self._incoming.iterdir():
            newest = max((file.stat().st_mtime for file in one.rglob("*")), default=0.0)
            if newest < before:
                shutil.rmtree(one, ignore_errors=True)
