"""Content rules, mask and restorer together hold no more of a stream than they say."""

from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.decisions import ContentRules
from gateway.privacy import AnswerMask, Scope, Vault
from gateway.request.output_filter import LONGEST_HELD
from tests.support.effort import examples
from tests.support.streams import FilteredAnswer, streamed

_POLICIES = Path(__file__).resolve().parents[3] / "policies"
_RULES = ContentRules((_POLICIES / "content.yaml").read_text(encoding="utf-8"))
_MOST = 128


def _vault() -> tuple[Vault, str, str]:
    """A vault whose one value is as long as its placeholder, so that characters can be counted."""
    vault = Vault(b"0123456789abcdef0123456789abcdef", Scope("t", "k", "u", "c"))
    value = "Jansen de Kwijt"
    placeholder = vault.redact(value, [(0, len(value), "PERSON")])
    assert len(placeholder) == len(value)
    return vault, placeholder, placeholder[8:-1]


_VAULT, _PLACEHOLDER, _ID = _vault()
_FRAGMENTS = [
    _PLACEHOLDER,
    "[",
    "PERSON_",
    "STREET_ADDRESS_",
    "]",
    " ",
    "\n",
    "`",
    "`naam ",
    ".",
    "-",
    "s",
    "&",
    "&#",
    "@",
    "a" * 30,
    "x-" * 20,
    "how to make a ",
    "fertilizer ",
    "pipe bom",
    "-----BEGIN ",
    "RSA ENCRYPTED ",
    "PRIVATE KE",
    "instructions for constructing a home-made explosive devic",
    "sk-ant-",
    "strictly confidential",
]
_SIGNS = st.text("[PERSON_23bcd] .-x{}`*\\", max_size=60)
_COUNTED = st.lists(st.sampled_from(_FRAGMENTS) | _SIGNS, max_size=14).map("".join)
_SHAPES = [f"PERSON_{_ID}", "{{PERSON_" + _ID, f"[ **STREET_ADDRESS : {_ID}** ", _ID]
_ANY = st.lists(st.sampled_from(_FRAGMENTS + _SHAPES) | _SIGNS, max_size=14).map("".join)
_KINDS = [("content", False), ("content", True), ("arguments", False)]  # and whether it is masked


def _scan(_: str) -> tuple[()]:
    return ()


def _inspector(*, masks: bool) -> FilteredAnswer:
    mask = (lambda: AnswerMask(_scan, lambda _: False)) if masks else None
    return FilteredAnswer(_RULES, _VAULT, mask)


def _released(inspector: FilteredAnswer, character: str, name: str) -> int:
    """How many characters come out for one that goes in."""
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": character}}
    delta = {"tool_calls": [call]} if name == "arguments" else {name: character}
    count = 0
    for chunk in inspector.chunk({"choices": [{"index": 0, "delta": delta}]}):
        out = chunk["choices"][0]["delta"]
        calls = out.get("tool_calls", [])
        count += len(out.get(name, "")) + sum(len(each["function"]["arguments"]) for each in calls)
    return count


@pytest.mark.parametrize(("name", "masks"), _KINDS)
@settings(max_examples=examples(200), deadline=None)
@given(text=_COUNTED)
def test_fewer_than_128_characters_are_missing_at_any_time(
    name: str, masks: bool, text: str
) -> None:
    inspector = _inspector(masks=masks)
    lags = [0] + [1 - _released(inspector, character, name) for character in text]
    assert inspector.filter.blocked or max(accumulate(lags)) < _MOST


@pytest.mark.parametrize(("name", "masks"), _KINDS)
@settings(max_examples=examples(200), deadline=None)
@given(text=_ANY)
def test_all_together_hold_fewer_than_128_characters(name: str, masks: bool, text: str) -> None:
    assert LONGEST_HELD == _MOST
    inspector = _inspector(masks=masks)
    for character in text:
        _released(inspector, character, name)
        (state,) = inspector.filter.group(0).channels.values()
        assert state.held < _MOST
        assert state.guard.held < _MOST // 2
        assert state.restorer is None or state.restorer.held < _MOST // 2


@pytest.mark.parametrize("name", ["content", "arguments"])
def test_nothing_is_held_where_nothing_can_begin(name: str) -> None:
    inspector = _inspector(masks=False)
    for character in "ó 0123456789 zu, qq; Zuq! — 中 😀." * 3:
        assert _released(inspector, character, name) == 1
    whole = sum(_released(inspector, character, name) for character in _PLACEHOLDER + " ")
    assert whole == len(_PLACEHOLDER) + 1


@settings(max_examples=examples(100), deadline=None)
@given(_ANY, st.lists(st.integers(1, 40), min_size=1, max_size=30), st.booleans())
def test_pieces_do_not_change_what_comes_out(text: str, sizes: list[int], masks: bool) -> None:
    pieces, at = [], 0
    for size in [*sizes, len(text)]:
        pieces.append(text[at : at + size])
        at += size
    results = []
    for cut in (pieces, list(text), [text]):
        inspector = _inspector(masks=masks)
        said = streamed(inspector, [{"content": cut or [""]}])
        results.append((
            said,
            inspector.filter.fired,
            inspector.filter.blocked,
            inspector.filter.unknown,
        ))
    assert results[0] == results[1] == results[2]
