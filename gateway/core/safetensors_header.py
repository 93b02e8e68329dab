"""The header of a safetensors file, read without any library and without its tensors.

Source: safetensors, "Format": eight bytes of length, a JSON object, then the tensors without gaps.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LENGTH_BYTES = 8
_MAX_HEADER = 64 << 20
_OF_BITS = {
    4: "F4",
    6: "F6_E2M3 F6_E3M2",
    8: "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0",
    16: "U16 I16 F16 BF16",
    32: "U32 I32 F32",
    64: "U64 I64 F64 C64",
}
_BITS = {name: bits for bits, names in _OF_BITS.items() for name in names.split()}
_LFS = b"version https://git-lfs"


class SafetensorsError(ValueError):
    """A file that is not safetensors, whatever its name says; the message says what to do."""


@dataclass(frozen=True, slots=True)
class TensorShape:
    """The type and the dimensions of one tensor."""

    dtype: str
    shape: tuple[int, ...]


def tensors_of(path: Path) -> dict[str, TensorShape]:
    """The tensors of a file by name.

    Raises:
        SafetensorsError: when the header is not one, or does not describe the rest of the file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_LENGTH_BYTES + len(_LFS))
        if start.startswith(_LFS):
            raise SafetensorsError(
                f"{path.name} is a pointer of Git LFS and not the file: run `git lfs pull`."
            )
        length = int.from_bytes(start[:_LENGTH_BYTES], "little")
        if len(start) < _LENGTH_BYTES or not 2 <= length <= min(size - _LENGTH_BYTES, _MAX_HEADER):
            raise _fault(path)
        file.seek(_LENGTH_BYTES)
        text = file.read(length)
    try:
        header = json.loads(text, object_pairs_hook=_once)
        return _checked(header, size - _LENGTH_BYTES - length)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _fault(path) from error


def _fault(path: Path) -> SafetensorsError:
    return SafetensorsError(
        f"{path.name} is not a safetensors file, whatever its name says: save the weights again "
        "with safetensors."
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _checked(header: Mapping[str, Any], data: int) -> dict[str, TensorShape]:
    """The tensors; they fill the rest of the file without gaps."""
    found: dict[str, TensorShape] = {}
    places: list[tuple[int, int]] = []
    for name, entry in header.items():
        if name == "__metadata__":
            if not all(isinstance(value, str) for value in entry.values()):
                raise ValueError("metadata is text")
            continue
        shape, (begin, end) = entry["shape"], entry["data_offsets"]
        if not all(type(number) is int and number >= 0 for number in (*shape, begin, end)):
            raise ValueError("a size is no number")
        if (end - begin) * 8 != math.prod(shape) * _BITS[entry["dtype"]]:
            raise ValueError("a tensor does not fit its place")
        places.append((begin, end))
        found[name] = TensorShape(entry["dtype"], tuple(shape))
    at = 0
    for begin, end in sorted(places):
        if begin != at:
            raise ValueError("there is a gap")
        at = end
    if at != data or not found:
        raise ValueError("the tensors do not fill the file")
    return found
