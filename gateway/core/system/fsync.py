"""What is on the disk when a call returns."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Makes durable which files a folder has: new ones, renamed ones, and that others are gone.

    Raises:
        OSError: when the disk fails.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
