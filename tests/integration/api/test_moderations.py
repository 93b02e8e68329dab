"""``/v1/moderations``: categories, rules and scopes, what is refused, and what is on record."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from gateway.api.moderations import MODEL, OPENAI_CATEGORIES, OWN_CATEGORIES
from gateway.classifiers.protocol import Entity
from gateway.core.system import secrets
from tests.support.classifier import FunctionClassifier
from tests.support.in_process import InProcessGateway, key_of
from tests.support.wire_catalogue import catalogue
from tests.support.wire_provider import Reply, WireProvider

pytestmark = pytest.mark.integration
FORMS = {
    "jailbreak": "{positions: [newest], action: refuse, categories: [jailbreak]}",
    "quiet": "{action: flag, categories: [self_harm, minors], threshold: 0.8}",
    "tools": "{positions: [tool_result], action: refuse, categories: [fraud]}",
    "watched": "{action: monitor, categories: [fraud]}",
    "others": "{scope: {keys: [other]}, action: refuse, patterns: ['sluis']}",
    "marking": "{stages: [output], action: flag, patterns: ['strikt vertrouwelijk']}",
    "password": "{stages: [output], action: refuse, secrets: {}}",
}
REASON = {"en": "x", "nl": "x"}
RULES = yaml.safe_dump({
    "rules": [
        {"id": name, "stages": ["input"], "reason": REASON, **yaml.safe_load(form)}
        for name, form in FORMS.items()
    ],
    "waive": [{"rule": "sexual-content-of-minors", "reason": "a rule of the test is about it"}],
})
SCORES = {"jail": ("jailbreak", 0.9), "zacht": ("minors", 0.7), "hard": ("minors", 0.85)}


def categories_of(text: str) -> list[Entity]:
    return [
        Entity(0, len(text), f"content:{name}", score)
        for word, (name, score) in {**SCORES, "geld": ("fraud", 0.99)}.items()
        if word in text
    ]


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(lambda _: Reply([b"{}"])) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    snapshot = replace(snapshot, bundle={**snapshot.bundle, "content.yaml": RULES})
    classifier = FunctionClassifier(categories_of)
    async with InProcessGateway(snapshot, tmp_path, made=made, classifier=classifier) as running:
        yield running


async def results(gateway: InProcessGateway, given: Any) -> list[dict[str, Any]]:
    answer = await gateway.client.post("/v1/moderations", json={"input": given, "model": "any"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"] == MODEL
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def true_of(result: dict[str, Any]) -> set[str]:
    assert set(result["categories"]) == set(OPENAI_CATEGORIES) | set(OWN_CATEGORIES)
    return {name for name, value in result["categories"].items() if value}


async def test_rules_decide_which_categories_are_true(gateway: InProcessGateway) -> None:
    given = ["jail", "zacht", "hard", "geld", "Wat is een sluis?"]
    jail, soft, hard, money, lock = await results(gateway, given)
    assert (true_of(jail), jail["flagged"]) == ({"sluis/jailbreak"}, True)
    assert (true_of(hard), hard["flagged"]) == ({"sexual", "sexual/minors"}, True)
    assert hard["rules"] == ["quiet"]
    assert hard["category_scores"]["sexual/minors"] == 0.85
    assert soft["category_scores"]["sexual/minors"] == 0.7
    for passed in (soft, money, lock):
        assert (true_of(passed), passed["flagged"], passed["rules"]) == (set(), False, [])


async def test_rules_on_answers_count_too(gateway: InProcessGateway) -> None:
    parts = [{"type": "text", "text": "Het wachtwoord is T9#kq2Lm."}, "Strikt vertrouwelijk."]
    password, marking = await results(gateway, parts)
    assert (password["rules"], password["flagged"]) == (["password"], True)
    assert (marking["rules"], marking["flagged"]) == (["marking"], False)


async def test_it_is_on_record_without_the_text(
    gateway: InProcessGateway, provider: WireProvider
) -> None:
    await results(gateway, "jail in Utrecht")
    (entry,) = gateway.trail.of("content:text:moderate")
    assert (entry.fields["rules"], entry.fields["characters"]) == (["jailbreak"], 15)
    assert "Utrecht" not in str(entry.fields)
    assert not provider.arrived


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {},
        7,
        ["x", 7],
        ["x"] * 101,
        [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
    ],
)
async def test_what_is_no_text_is_refused(gateway: InProcessGateway, given: Any) -> None:
    answer = await gateway.client.post("/v1/moderations", json={"input": given})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "input"
    strangers = {"authorization": "Bearer " + "x" * 24}
    asked = {"input": "x"}
    assert (
        await gateway.client.post("/v1/moderations", json=asked, headers=strangers)
    ).status_code == 401
