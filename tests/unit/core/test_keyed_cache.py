"""The bounded memory of texts that keeps no text."""

import pytest

from gateway.core.keyed_cache import KeyedCache


def test_a_full_cache_drops_the_oldest() -> None:
    cache: KeyedCache[str] = KeyedCache(b"k" * 32, capacity=2)
    keys = {text: cache.key(text, b"v1") for text in ("a", "b", "\ud800")}
    assert cache.get(keys["a"]) is None
    cache.put(keys["a"], "A")
    cache.put(keys["b"], "B")
    assert cache.get(keys["a"]) == "A"  # used lately
    cache.put(keys["\ud800"], "?")
    assert [cache.get(key) for key in keys.values()] == ["A", None, "?"]
    assert {len(key) for key in cache._entries} == {16}


def test_another_context_is_another_result() -> None:
    cache: KeyedCache[int] = KeyedCache(b"k" * 32, capacity=8)
    cache.put(cache.key("a", b"1"), 1)
    assert cache.get(cache.key("a", b"2")) is None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        KeyedCache(b"short", capacity=1)


def test_a_cache_may_be_bounded_by_the_size_of_its_results() -> None:
    cache: KeyedCache[str] = KeyedCache(b"k" * 32, capacity=10, size=len)
    keys = [cache.key(text, b"v1") for text in "abcd"]
    cache.put(keys[0], "1234")
    cache.put(keys[1], "1234")
    cache.put(keys[0], "12")  # replaces a longer one
    cache.put(keys[2], "1234")
    assert [cache.get(key) for key in keys[:3]] == ["12", "1234", "1234"]
    cache.put(keys[3], "1" * 11)  # larger than the cache
    assert cache.get(keys[3]) is None
    cache.put(keys[3], "1" * 7)
    assert [cache.get(key) for key in keys] == [None, None, None, "1" * 7]
