"""The bounded memory of texts that keeps no text."""

import pytest

from gateway.core.keyed_cache import KeyedCache


def test_it_works_out_once_and_forgets_the_oldest() -> None:
    asked: list[str] = []

    def work(text: str) -> str:
        asked.append(text)
        return text.upper()

    cache: KeyedCache[str] = KeyedCache(b"k" * 32, capacity=2)
    for text in ("a", "b", "a", "c", "a", "\ud800", "a"):
        assert cache.get(text, b"v1", work) == text.upper()
    assert asked == ["a", "b", "c", "\ud800"]
    assert {len(key) for key in cache._known} == {16}


def test_another_context_is_another_result() -> None:
    cache: KeyedCache[int] = KeyedCache(b"k" * 32, capacity=8)
    results = iter((1, 2))
    assert [cache.get("a", context, lambda _: next(results)) for context in (b"1", b"2")] == [1, 2]


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        KeyedCache(b"short", capacity=1)
