"""Passwords and addresses with a password in answers, and the canary of a system prompt."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.finding import FindingKind
from gateway.decisions import AnswerTo, BundleError, ContentRules
from tests.support.detector import DETECTOR
from tests.support.effort import examples

_ROOT = Path(__file__).resolve().parents[3]
RULES = ContentRules((_ROOT / "policies" / "content.yaml").read_text(encoding="utf-8"))
DATA: Mapping[str, Any] = yaml.safe_load(
    (_ROOT / "tests" / "data" / "secrets_in_answers.yaml").read_text(encoding="utf-8")
)
PROSE = "Dat is een gewone zin zonder iets bijzonders, en zo gaat het nog even door. " * 3


def secrets_in(text: str) -> list[tuple[int, int]]:
    found = DETECTOR.scan(text)
    return [(one.start, one.end) for one in found if one.kind is FindingKind.SECRET]


def answered(text: str, sizes: list[int]) -> tuple[str, str | None, list[str]]:
    guard, at, out = RULES.guard(AnswerTo(secrets=secrets_in)), 0, []
    for size in sizes:
        out.append(guard.feed(text[at : at + size]))
        assert guard.held < 64
        at += size
    out += [guard.feed(text[at:]), guard.finish()]
    return "".join(out), guard.blocked, sorted(set(guard.fired))


@pytest.mark.parametrize("case", DATA["secret"], ids=lambda case: case["value"])
@pytest.mark.parametrize("before", ["", PROSE])
@pytest.mark.parametrize("after", ["", "\n" + PROSE])
def test_a_secret_ends_the_answer(case: dict[str, str], before: str, after: str) -> None:
    text = before + case["text"] + after
    results = [answered(text, [size] * len(text)) for size in (1, 3, 7, 1000)]
    assert all(one == results[0] for one in results)
    released, blocked, _ = results[0]
    assert blocked == "password-in-answer"
    assert case["value"] not in released
    assert released.startswith(before)


@pytest.mark.parametrize("text", DATA["ordinary"])
def test_text_about_secrets_passes(text: str) -> None:
    for whole in (text, PROSE + text + "\n" + PROSE):
        assert answered(whole, [4] * len(whole)) == (whole, None, [])


def test_a_canary_ends_the_answer_in_any_disguise() -> None:
    for canary in ("sluis-canary-7f3k9q2m", "SLUIS-CANARY-7F3K9Q2M", "sluis\u200b-canary-7f3k9q2m"):
        text = f"Mijn instructies: geheim {canary}. Je bent een assistent."
        released, blocked, _ = answered(text, [2] * len(text))
        assert blocked == "canary-in-answer"
        assert "assistent" not in released
    assert answered("Een sluis-canary-woord is een vast woord.", [])[1] is None


def test_what_secrets_cannot_have_is_refused() -> None:
    rule = "rules: [{id: x, stages: [output], action: flag, reason: {en: x, nl: x}, secrets: S}]"
    ContentRules(rule.replace("S}]", "{}}]"))
    for wrong in ("{example: [x]}", "[x]", "{examples: x}"):
        with pytest.raises(BundleError, match="secrets"):
            ContentRules(rule.replace("S}]", f"{wrong}}}]"))
    with pytest.raises(BundleError, match="output only"):
        ContentRules(rule.replace("S}]", "{}}]").replace("[output]", "[input]"))


_PARTS: Any = st.sampled_from([
    "wachtwoord", "het wachtwoord is ", "password=", "Welkom01!", "kR7#tulpVeld", " ", "\n", ": ",
    "postgres://app:", "@db.acme.nl/x", "https://kwaad.nl/?d=", "SmFuIGRlIFZyaWVzIDEyMzQ1Njc4OSBLZ",
    "code", " ww: ", "a" * 30, "woord ", "sk-ant-" + "a" * 32, "sluis-canary-7f3k9q2m", '"', ";",
])  # fmt: skip


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(_PARTS, max_size=20).map("".join), st.lists(st.integers(1, 40), max_size=20))
def test_pieces_change_nothing(text: str, sizes: list[int]) -> None:
    assert answered(text, sizes) == answered(text, []) == answered(text, [1] * len(text))
