"""Whether the cases would notice a verifier that is wrong: its mutants, each one small change of its code.

The suite tries a few of a thousand; ``make campaign`` all.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.mutation import VERIFIER
from tests.support.verifier import all_cases

pytestmark = [pytest.mark.integration, pytest.mark.slow]
CAMPAIGN = bool(os.environ.get("SLUIS_CAMPAIGN"))
PROGRAM = VERIFIER.parents[2] / "tests" / "support" / "mutation.py"
# What no package can tell from the original, by the beginning of the mutant's name, and why.
EQUIVALENT = {
    "_recover: x & 1 != sign -> x & 1 == sign": (
        "takes the negative of every point, key and base alike: the same sums come out"
    ),
    "check_entries: if mark == end: then[mark] = (folded(subtrees), None) -> if True": (
        "the mark is the end or None, which is nobody's size"
    ),
    "signature_holds: s >= L -> s > L": "s = L needs k·A = -R with R in k: nobody can make it",
    "open_package: info.file_size > MAX_PART -> ": "a limit is as good one higher",
    "open_package: info.file_size > MAX_RATIO * info.compress_size + MAX_SLACK -> info.file_size >=": (
        "a limit is as good one higher"
    ),
    "read_part: package.getinfo(name).file_size > MAX_SMALL -> ": "a limit is as good one higher",
    "whole: 0 <= number < MAX_SIZE -> 0 <= number <= MAX_SIZE": "a limit is as good one higher",
    "lines_of: len(rest) > longest -> ": "a limit is as good one higher",
    "sizes_in: first < size <= end -> first <= size <= end": "verify adds the beginning anyway",
    "kept: 1 -> 2": "less than any size",
    "vouched: 1 -> 2 | size, time, name = max": "less than any size",
    "vouched: 0 -> 1 | size, time, name = max": "never shown without a cosignature",
    "vouched: '' -> 'x'": "never shown without a cosignature",
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
    if CAMPAIGN:  # the list says nothing that is not so
        for name in EQUIVALENT:
            assert any(survivor.startswith(name) for survivor in found["survivors"]), name
