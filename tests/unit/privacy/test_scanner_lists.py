"""The scanner under changing lists: the cache of one list is not used for another."""

import pytest

from gateway.classifiers.protocol import Entity
from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import TermLists, bundle_digest
from gateway.governance.policies.bundle import read_bundle
from gateway.privacy import Detector, Scope, Terms, Vault
from gateway.request.scanner import Scanner
from tests.support.classifier import FunctionClassifier

_TEXT = "Morgen opent Sluis de deuren van Kraanvogel"


def _place(text: str) -> list[Entity]:
    """Take one word for a place."""
    at = text.find("Sluis")
    return [Entity(at, at + 5, "CITY", 0.95)] if at >= 0 else []


@pytest.fixture(scope="module")
def policies() -> dict[str, CompiledPolicy]:
    files = read_bundle()
    digest = bundle_digest(files)
    return {
        "none": compile_policy(files, digest=digest),
        "deny": compile_policy(
            files, digest=digest, terms=Terms(TermLists(deny={"kraanvogel": "PERSON"}))
        ),
        "allow": compile_policy(files, digest=digest, terms=Terms(TermLists(allow=["sluis"]))),
    }


async def test_both_tiers_follow_the_lists_of_the_moment(
    detector: Detector, policies: dict[str, CompiledPolicy]
) -> None:
    names = FunctionClassifier(_place)
    scanner = Scanner(detector, names, key=b"k" * 32, capacity=100, person_key=lambda *_: None)
    found = {}
    for name in ("none", "deny", "allow", "none", "deny"):  # again, from memory
        batch = await scanner.scan_all([_TEXT], policies[name])
        found[name] = [finding.type for finding in batch.scans[_TEXT].findings]
        rules = [finding.type for finding in scanner.scan_by_rules(_TEXT, policies[name]).findings]
        assert rules == (["PERSON"] if name == "deny" else [])
    assert found == {"none": ["CITY"], "deny": ["CITY", "PERSON"], "allow": []}


def test_an_answer_is_masked_by_the_lists(
    detector: Detector, policies: dict[str, CompiledPolicy]
) -> None:
    scanner = Scanner(detector, None, key=b"k" * 32, capacity=100, person_key=lambda *_: None)
    mask = scanner.mask(["hello"], policies["deny"], Vault(b"k" * 32, Scope("t", "k", "u", "c")))
    mask.add("Over Kraanvogel dus.")
    assert mask.finish() == "Over [PERSON] dus."
