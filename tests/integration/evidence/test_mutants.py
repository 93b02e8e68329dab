"""Mutation tests of the verifier: the cases must detect each small change of its code.

The suite tries a few of a thousand mutants; ``make campaign`` tries all.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.mutation import VERIFIER
from tests.support.verifier import all_cases

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.nightly]
CAMPAIGN = bool(os.environ.get("SLUIS_CAMPAIGN"))
PROGRAM = VERIFIER.parents[2] / "tests" / "support" / "mutation.py"
_LIMIT = "a limit may be one higher"
# Mutants that behave like the original, by the start of their name, with the reason.
EQUIVALENT = {
    "_decode_point: x & 1 != sign -> x & 1 == sign": (
        "takes the negative of every point, key and base alike: the sums are equal"
    ),
    "check_entries: if wanted == end: heads_at[end] = (root_of_subtrees(subtrees), None)"
    " -> if True": ("the head of the end is right, and is used only when the end is wanted"),
    "signature_is_valid: s >= L -> s > L": "s = L needs k·A = -R with R in k: it cannot be made",
    "open_package: info.file_size > MAX_PART -> ": _LIMIT,
    "open_package: info.file_size > MAX_RATIO * info.compress_size + MAX_SLACK"
    " -> info.file_size >=": _LIMIT,
    "read_part: package.getinfo(name).file_size > MAX_SMALL -> ": _LIMIT,
    "are_counts: 0 <= number < MAX_SIZE -> 0 <= number <= MAX_SIZE": _LIMIT,
    "part_lines: len(rest) > longest -> ": _LIMIT,
    "Governance.add_governance: '%s@%s' -> '%s@%sx' | self.put": "a name of a place, never shown",
    "Governance.add_line: '' -> 'x' | self.change('policy'": "a name of a place, never shown",
    "Governance.add_line: kind == 'model' and field == 'digest'": (
        "no other digest is that of a model version"
    ),
    "witnessed_sizes: first < size <= end -> first <= size <= end": "verify adds the first anyway",
    "largest_kept_size: 1 -> 2": "less than any size",
    "best_cosignature: 1 -> 2 | size, time, name = max": "less than any size",
    "best_cosignature: 0 -> 1 | size, time, name = max": "never shown without a cosignature",
    "best_cosignature: '' -> 'x'": "never shown without a cosignature",
}


def test_every_mutant_of_the_verifier_is_caught(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(all_cases(tmp_path).calls()), encoding="utf-8")
    share = "1" if CAMPAIGN else "0.0017"
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(file), share, "7"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(VERIFIER.parents[2])},
    )
    found = json.loads(done.stdout)
    unexplained = [name for name in found["survivors"] if not name.startswith(tuple(EQUIVALENT))]
    assert not unexplained, "\n".join(unexplained)
    assert found["tried"] > (1000 if CAMPAIGN else 0)
    if CAMPAIGN:  # the list holds no mutant that is caught
        for name in EQUIVALENT:
            assert any(survivor.startswith(name) for survivor in found["survivors"]), name
