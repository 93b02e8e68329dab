"""Any value in any place of a JSON document: what a client or a provider may send."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Place = tuple[str | int, ...]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where something stands in a document, the document itself left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in items:
        yield (*place, step)
        if isinstance(item, dict | list):
            yield from places(item, (*place, step))


def changed(document: Any, place: Place, value: Any) -> Any:
    """A copy in which ``value`` stands there."""
    made = copy.deepcopy(document)
    holder(made, place)[place[-1]] = value
    return made


def without(document: Any, place: Place) -> Any:
    """A copy in which nothing stands there."""
    made = copy.deepcopy(document)
    del holder(made, place)[place[-1]]
    return made


def holder(document: Any, place: Place) -> Any:
    """The object or list in which a place is."""
    for step in place[:-1]:
        document = document[step]
    return document
