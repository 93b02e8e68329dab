"""Fsync of directories."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Fsyncs a directory, so that creations, renames and deletions in it survive a crash.

    Raises:
        OSError: when the disk fails.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
