"""Checks a log with the independent package aics-tlog. Runs in its own virtual environment.

``python independent_check.py FILE.json`` prints the results as JSON. Nothing of Sluis is imported.
"""

import json
import sys
from pathlib import Path

from aics_tlog import (  # type: ignore[import-not-found]
    MerkleTree,
    cosignature_vkey,
    parse_note,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
    vkey_from_ed25519,
)


def outcomes(given: dict[str, object]) -> dict[str, object]:
    """Results by name; changed data must not pass."""
    origin, note = str(given["origin"]), str(given["note"])
    key = vkey_from_ed25519(origin, bytes.fromhex(str(given["key"])))
    witness = cosignature_vkey(str(given["witness"]), bytes.fromhex(str(given["witness_key"])))
    signed = verify_checkpoint(parse_note(note), key, [witness], quorum=1)
    changed = note.replace(f"\n{given['size']}\n", f"\n{int(str(given['size'])) - 1}\n")
    leaves = [bytes.fromhex(leaf) for leaf in given["leaves"]]  # type: ignore[attr-defined]
    tree = MerkleTree(leaves)
    root, size = tree.root(), len(leaves)
    old = int(str(given["old"]))
    proofs = {
        int(index): [bytes.fromhex(node) for node in nodes]
        for index, nodes in given["inclusion"].items()  # type: ignore[attr-defined]
    }
    grown = [bytes.fromhex(node) for node in given["grown"]]  # type: ignore[attr-defined]
    return {
        "signed and cosigned": bool(signed.ok),
        "changed and still signed": bool(
            verify_checkpoint(parse_note(changed), key, [witness], quorum=1).ok
        ),
        "root": root.hex(),
        "size": size,
        "included": all(
            verify_leaf_inclusion(leaves[index], index, size, proof, root)
            for index, proof in proofs.items()
        ),
        "another leaf included": any(
            verify_leaf_inclusion(b"another", index, size, proof, root)
            for index, proof in proofs.items()
        ),
        "grown": bool(verify_consistency(old, size, tree.root(old), root, grown)),
        "grown from another": bool(verify_consistency(old, size, bytes(32), root, grown)),
    }


if __name__ == "__main__":
    print(json.dumps(outcomes(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
