"""Receipts: of every entry of a request, checked offline, and nothing of them can be changed."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.system.secrets import PUBLIC, create
from gateway.evidence.checkpoint import origin_of
from gateway.evidence.key_chain import rotation_note
from gateway.evidence.merkle import inclusion_proof, node_hash
from gateway.evidence.receipt import LoggedEntry, Receipt, ReceiptError, check, read, root_of
from gateway.governance.audit.receipts import Receipts
from gateway.governance.plane import ControlPlane
from gateway.processes.cli import main
from tests.integration.evidence.test_trail import Make, filled, make, plane
from tests.support.merkle_frontier import Frontier

__all__ = ["make", "plane"]
pytestmark = pytest.mark.integration
REQUEST = f"{7:032x}"


def public_of(plane: ControlPlane) -> bytes:
    return plane.secrets.signing.public_key().public_bytes_raw()


async def receipt_of(plane: ControlPlane, make: Make, request: str = REQUEST) -> Receipt:
    await filled(make, 50)
    made = await Receipts(plane.database, plane.trail).of(request)
    return read(msgspec.json.encode(made))


async def test_a_receipt_holds_offline(plane: ControlPlane, make: Make, tmp_path: Path) -> None:
    receipt = await receipt_of(plane, make)
    proven = check(receipt, public_of(plane))
    assert [event for event, _ in proven.events] == [
        "request:departure:intent",
        "request:answer:close",
    ]
    assert "k_app" not in str(receipt)
    file, key = tmp_path / "receipt.json", str(tmp_path / "secrets" / PUBLIC)
    file.write_bytes(msgspec.json.encode(receipt))

    def run(*more: str, key: str = key) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["audit", "verify-receipt", str(file), "--key", key, *more])
        return done.exit_code, done.output

    code, output = run()
    assert code == 0
    assert "request:answer:close" in output
    assert "klopt" in run("--language", "nl")[1]
    create(tmp_path / "others")
    assert run(key=str(tmp_path / "others" / PUBLIC))[0] == 3
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    assert run()[0] == 2
    file.write_bytes(whole.replace(b"request:answer:close", b"request:answer:cloze"))
    assert run()[0] == 1
    file.unlink()
    assert run()[0] == 2


async def test_every_change_is_found(plane: ControlPlane, make: Make) -> None:
    receipt = await receipt_of(plane, make)
    public = public_of(plane)
    first, second = receipt.entries
    other = await Receipts(plane.database, plane.trail).of(f"{8:032x}")
    replace = msgspec.structs.replace

    def with_first(entry: LoggedEntry) -> Receipt:
        return replace(receipt, entries=[entry, second])

    changed = {
        "leaf": with_first(replace(first, leaf=first.leaf.replace("intent", "intend"))),
        "hash": with_first(replace(first, hash=second.hash)),
        "index": with_first(replace(first, index=first.index + 1)),
        "twice": replace(receipt, entries=[first, first]),
        "below": with_first(replace(first, index=-1)),
        "proof": with_first(replace(first, proof=first.proof[:-1])),
        "longer": with_first(replace(first, proof=[*first.proof, first.hash])),
        "no hash": with_first(replace(first, proof=["zz", *first.proof[1:]])),
        "log": with_first(replace(first, log="another")),
        "seq": with_first(replace(first, seq=first.seq + 1)),
        "other": replace(receipt, entries=other.entries),
        "request": replace(receipt, audit_id=f"{8:032x}"),
        "size": replace(receipt, checkpoint=receipt.checkpoint.replace("\n1", "\n2", 1)),
        "links": replace(receipt, keys="x/signing-key\nold 00\nnew 00\n\n— x AAAA\n"),
    }
    for name, one in changed.items():
        with pytest.raises(ReceiptError) as found:
            check(one, public)
        assert found.value.reason == "tampered", name
    for text in (b"", b"[]", b"{}", b"[" * 100_000, b'{"version":2}', b"x" * (5 * 1024 * 1024)):
        with pytest.raises(ReceiptError) as found:
            read(text)
        assert found.value.reason == "unreadable"


async def test_after_a_rotation_any_key_of_the_chain_will_do(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    receipt = await receipt_of(plane, make)
    new = create(tmp_path / "new").signing
    old = plane.secrets.signing
    origin = origin_of(public_of(plane))
    linked = msgspec.structs.replace(
        receipt, keys=rotation_note(origin=origin, old=old, new=new, time=1)
    )
    check(linked, new.public_key().public_bytes_raw())
    check(linked, public_of(plane))


@given(size=st.integers(1, 70), data=st.data())
def test_the_path_of_every_leaf_leads_to_the_head_and_no_other_does(
    size: int, data: st.DataObject
) -> None:
    leaves = [number.to_bytes(32, "big") for number in range(size)]
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)

    def node(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(node, index, size)
    assert root_of(leaves[index], index, size, path) == tree.root()
    for wrong in range(size):
        if wrong != index:
            assert root_of(leaves[index], wrong, size, path) != tree.root()
    assert root_of(leaves[index], index, size, [*path, b"x" * 32]) != tree.root()
    if path:
        assert root_of(leaves[index], index, size, path[:-1]) != tree.root()
