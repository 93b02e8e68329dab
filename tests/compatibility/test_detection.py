"""The same text gives the same findings: types, places, scores and names of detectors.

Scores of the classifier depend a little on the instructions of the processor. On a processor with
others than those that the figures were made with, a score of it may differ by 0.01.
"""

import gzip
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.compatibility.product import FROZEN, Product, frozen

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
KEY = "sk-detection-0000000000000000000"
CONFIG = """\
version: 1
teams:
  - {name: support}
keys:
  - {name: app, team: support, secret: "env:DETECTION_KEY"}
"""
_CLASSIFIER = ("names", "told:person")
_TOLERANCE = 0.01
_INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")


def instructions() -> list[str]:
    """What the processor can do that arithmetic on the model's weights makes use of."""
    path = Path("/proc/cpuinfo")
    told = path.read_text(encoding="utf-8") if path.exists() else sys.platform
    return sorted(set(_INSTRUCTIONS) & set(told.split()))


def installed(folder: Path) -> Product:
    """A gateway and a control plane with one key."""
    product = Product(folder / "data", {"DETECTION_KEY": KEY})
    folder.mkdir(exist_ok=True)
    config = folder / "sluis.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    product.sluis("apply", "-f", str(config))
    product.start("gateway", "control")
    _deny(product, "Project Zilvermeeuw")
    return product


def _deny(product: Product, term: str) -> None:
    """Puts a term on the organisation's list, and waits until the gateway has it."""
    body = {"add": [{"kind": "deny", "text": term}], "reason": "our projects"}
    made = product.admin("POST", "/terms", product.operator, body)
    path = f"/proposals/{made.json()['id']}/approve"
    product.admin("POST", path, product.operator, {"comment": ""})
    ends = time.monotonic() + 90
    while not detected(product, term)["spans"]:
        assert time.monotonic() < ends, made.text
        time.sleep(0.1)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = installed(tmp_path_factory.mktemp("detection"))
    yield made
    made.stop()


def detected(product: Product, text: str) -> dict[str, Any]:
    """As applications see it."""
    answer = product.v1("POST", "/privacy/detect", KEY, {"text": text})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def tried(product: Product, text: str) -> dict[str, Any]:
    """As the try-out of policies shows it: topics and labels too, and scores of all digits."""
    answer = product.admin("POST", "/policies/try", product.operator, {"text": text})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    wanted = ("kind", "type", "start", "end", "score", "detector", "tier", "level", "reason")
    return {
        "findings": [{name: one[name] for name in wanted} for one in document["findings"]],
        "content_level": document["content_level"],
        "reasons": document["reasons"],
    }


def digest(found: dict[str, Any]) -> str:
    """Of the level and of every finding; scores of the classifier are left out."""
    spans = [
        [
            one["start"],
            one["end"],
            one["type"],
            one["detector"],
            None if of_classifier(one["detector"]) else one["score"],
        ]
        for one in found["spans"]
    ]
    said = json.dumps([found["sensitivity"], found["languages"], spans], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def scores(found: dict[str, Any]) -> list[float]:
    """Those of the classifier."""
    return [one["score"] for one in found["spans"] if of_classifier(one["detector"])]


def of_classifier(detector: str) -> bool:
    return detector.removeprefix("decoded-") in _CLASSIFIER


def marked_texts() -> dict[str, str]:
    """Texts of the marked sets, by their digests."""
    packed = (FROZEN / "findings-texts.json.gz").read_bytes()
    texts = json.loads(gzip.decompress(packed))
    return {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in texts}


def compared(before: Any, now: Any, where: str, *, exact: bool) -> list[str]:
    """Where two documents differ; a score of the classifier may, unless they must be the same."""
    if isinstance(before, dict) and of_classifier(str(before.get("detector"))) and not exact:
        near = abs(before["score"] - now.get("score", 9)) <= _TOLERANCE
        now = {**now, "score": before["score"]} if near else now
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() <= now.keys():
        pairs = [(name, before[name], now[name]) for name in before]
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = [(str(n), *pair) for n, pair in enumerate(zip(before, now, strict=True))]
    else:
        return [] if before == now else [f"{where}: was {before!r}, is {now!r}"]
    return [
        fault
        for name, one, other in pairs
        for fault in compared(one, other, f"{where}.{name}", exact=exact)
    ]


def test_each_text_gives_the_findings_that_it_gave(product: Product) -> None:
    stored = frozen("detectors.json")
    exact = stored["instructions"] == instructions()
    faults = []
    for number, one in enumerate(stored["texts"]):
        now = {"detected": detected(product, one["text"]), "tried": tried(product, one["text"])}
        faults += compared(one["found"], now, f"text {number}", exact=exact)
    assert not faults, "\n".join(faults)


def test_the_texts_name_every_detector() -> None:
    stored = frozen("detectors.json")
    named = {
        finding["detector"]
        for one in stored["texts"]
        for finding in (*one["found"]["detected"]["spans"], *one["found"]["tried"]["findings"])
    }
    assert named == set(stored["detectors"])


def test_marked_texts_give_the_findings_that_they_gave(product: Product) -> None:
    stored = frozen("findings.json")
    texts = marked_texts()
    assert texts.keys() == stored["texts"].keys()
    exact = stored["instructions"] == instructions()

    def differs(name: str) -> list[str]:
        of_then = stored["texts"][name]
        now = detected(product, texts[name])
        if digest(now) != of_then["sha256"]:
            return [f"{name}: other findings: {now['spans']}"]
        return compared(scored(of_then["scores"]), scored(scores(now)), name, exact=exact)

    with ThreadPoolExecutor(2) as aside:
        faults = [fault for found in aside.map(differs, texts) for fault in found]
    assert not faults, f"{len(faults)} in {len(texts)} texts\n" + "\n".join(faults[:20])


def scored(of_then: list[float]) -> list[dict[str, Any]]:
    return [{"detector": "names", "score": one} for one in of_then]
