"""What is stored of a leaf gives its canonical bytes again, and nothing else does."""

import os

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.entry import GENESIS, Entry, leaf_hash, seal
from gateway.evidence.rows import ENTRY_COLUMNS, EntryBatch
from gateway.evidence.stored_leaf import leaf_of

pytestmark = pytest.mark.unit
LOG = "gateway/1"
words = st.text(st.characters(codec="utf-8"), max_size=20)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
entries = st.builds(
    Entry,
    event=words,
    request=words,
    time=st.integers(0, 2**53 - 1),
    fields=st.dictionaries(words, st.one_of(words, st.integers(0, 9), st.booleans()), max_size=20),
    bundle=st.one_of(st.just(""), words, digests.map("sha256:".__add__), digests),
    payload=st.one_of(st.none(), st.binary(max_size=30)),
    payload_key=st.one_of(st.none(), digests),
)


def row_of(entry: Entry, *, seq: int = 0, prev: str = GENESIS) -> dict[str, object]:
    batch = EntryBatch(LOG, [seal(entry, log=LOG, seq=seq, prev=prev)], [])
    return dict(zip(ENTRY_COLUMNS, batch.entries()[0], strict=True))


@given(entries, st.integers(0, 2**40), digests)
def test_the_hashed_bytes_are_rebuilt(entry: Entry, seq: int, prev: str) -> None:
    row = row_of(entry, seq=seq, prev=prev)
    leaf = leaf_of(row)
    assert leaf_hash(leaf) == row["hash"]
    parsed = orjson.loads(leaf)
    assert (parsed["seq"], parsed["prev"], parsed["bundle"]) == (seq, prev, entry.bundle)
    assert leaf_of({**row, "leaf": leaf}) == leaf  # as an older version stored it


@given(entries, st.sampled_from(["log", "seq", "request", "time", "event"]))
def test_a_changed_row_is_detected(entry: Entry, column: str) -> None:
    row = row_of(entry)
    value = row[column]
    row[column] = value + 1 if isinstance(value, int) else f"{value}x"
    assert leaf_hash(leaf_of(row)) != row["hash"]


@given(entries, st.binary(max_size=60), st.integers(0, 400))
def test_invalid_bytes_raise_nothing_and_are_not_a_leaf(
    entry: Entry, noise: bytes, cut: int
) -> None:
    row = row_of(entry)
    stored = row["leaf"]
    assert isinstance(stored, bytes)
    for harmed in (noise, stored[: cut % len(stored)], stored + b"\x00"):
        assert leaf_hash(leaf_of({**row, "leaf": harmed})) != row["hash"]


def test_digests_take_half_the_space() -> None:
    fields = {f"a_field_{number}": "value" for number in range(15)}
    entry = Entry("request:departure:intent", os.urandom(16).hex(), 1, fields, "sha256:" + "b" * 64)
    row = row_of(entry)
    stored = row["leaf"]
    assert isinstance(stored, bytes)
    assert len(stored) < 0.55 * len(leaf_of(row))
