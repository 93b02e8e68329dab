"""The tree against a second, slow reading of RFC 6962, and what proofs prove."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence import merkle
from gateway.evidence.tiles import WIDTH, Edge, last_tiles, node_in
from gateway.evidence.verify import root_of_subtrees
from tests.support.merkle_frontier import Frontier


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + str(number).encode()).digest() for number in range(count)]


def slow_head(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    halves = slow_head(hashes[:split]) + slow_head(hashes[split:])
    return hashlib.sha256(b"\x01" + halves).digest()


def slow_node(hashes: list[bytes]) -> merkle.NodeAt:
    return lambda level, index: slow_head(hashes[index << level : (index + 1) << level])


def climbs_to(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    place, last, value = index, size - 1, leaf
    for step in path:
        assert last
        if place & 1 or place == last:
            value = hashlib.sha256(b"\x01" + step + value).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + step).digest()
        place, last = place >> 1, last >> 1
    assert last == 0
    return value


def both_heads(old: int, new: int, proof: list[bytes], old_head: bytes) -> tuple[bytes, bytes]:
    """RFC 9162, section 2.1.4.2."""
    steps = [old_head, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        assert last
        if place & 1 or place == last:
            first = hashlib.sha256(b"\x01" + step + first).digest()
            second = hashlib.sha256(b"\x01" + step + second).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = hashlib.sha256(b"\x01" + second + step).digest()
        place, last = place >> 1, last >> 1
    assert last == 0
    return first, second


@given(st.integers(0, 600))
def test_heads_are_those_of_the_rfc(size: int) -> None:
    hashes = leaves(size)
    frontier = Frontier()
    for leaf in hashes:
        frontier.append(leaf)
    assert frontier.root() == slow_head(hashes) == merkle.head(slow_node(hashes), size)


@given(st.data())
def test_an_audit_path_leads_from_a_leaf_to_the_head(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    path = merkle.inclusion_proof(slow_node(hashes), index, size)
    assert climbs_to(hashes[index], index, size, path) == slow_head(hashes)


@given(st.data())
def test_a_consistency_proof_leads_to_both_heads(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, new - 1))
    hashes = leaves(new)
    old_head = slow_head(hashes[:old])
    proof = merkle.consistency_proof(slow_node(hashes), old, new)
    assert both_heads(old, new, proof, old_head) == (old_head, slow_head(hashes))


@given(st.data())
def test_a_range_and_the_heads_outside_give_the_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    first = data.draw(st.integers(0, size))
    end = data.draw(st.integers(first, size))
    hashes = leaves(size)
    rest = iter(merkle.outside_heads(slow_node(hashes), first, end, size))

    def rebuilt(low: int, high: int) -> bytes:
        whole = (high - low).bit_count() == 1
        if (high <= first and whole) or low >= end:
            return next(rest)
        if high - low == 1:
            return hashes[low]
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        left = rebuilt(low, middle)
        return hashlib.sha256(b"\x01" + left + rebuilt(middle, high)).digest()

    assert rebuilt(0, size) == slow_head(hashes)
    assert list(rest) == []


@given(st.data())
def test_heads_before_a_range_give_the_head_of_every_size_within_it(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(1, 300))
    first = data.draw(st.integers(0, size))
    end = data.draw(st.integers(first, size))
    hashes = leaves(size)
    subtrees = merkle.outside_heads(slow_node(hashes), first, end, size)[: first.bit_count()]
    for at in range(first, end + 1):
        assert root_of_subtrees(subtrees) == slow_head(hashes[:at])
        if at < end:
            node, bits = hashes[at], at
            while bits & 1:
                node, bits = merkle.node_hash(subtrees.pop(), node), bits >> 1
            subtrees.append(node)


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4))
def test_a_stored_edge_continues_like_an_unstored_one(steps: list[int]) -> None:
    hashes, kept, edge = leaves(sum(steps)), {}, Edge()
    for step in steps:
        new = hashes[edge.size : edge.size + step]
        for place in edge.append(new):
            kept[place] = bytes(edge.tiles[place])
        edge = Edge.of(edge.size, {place: kept[place] for place in last_tiles(edge.size)})
    assert edge.head() == slow_head(hashes)


def test_proofs_come_from_tiles() -> None:
    size = 3 * WIDTH * 2 + 41
    hashes, kept, edge = leaves(size), {}, Edge()
    for place in edge.append(hashes):
        kept[place] = bytes(edge.tiles[place])

    def node(level: int, index: int) -> bytes:
        return node_in(kept, level, index)

    for index in (0, 1, 255, 256, 700, size - 1):
        path = merkle.inclusion_proof(node, index, size)
        assert climbs_to(hashes[index], index, size, path) == edge.head()
