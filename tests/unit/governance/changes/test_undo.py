"""What ends an exception takes back what it set, and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.governance.break_glass.undo import undo_of
from gateway.governance.changes.edits import WaitingEdit

FIELDS = ("zone", "base_url", "kind")
documents = st.none() | st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 2), min_size=1)
Document = dict[str, Any] | None


def waiting(before: Document, after: Document) -> WaitingEdit:
    changed = [name for name in FIELDS if (before or {}).get(name) != (after or {}).get(name)]
    return WaitingEdit("provider", "p", changed, before, after)


@given(documents, documents)
def test_at_once_it_gives_the_state_from_before(before: Document, after: Document) -> None:
    if before == after:
        return
    edit = undo_of(waiting(before, after), after)
    assert edit is not None
    assert edit.document == before


@given(documents, documents, documents)
def test_what_another_change_set_meanwhile_stays(
    before: Document, after: Document, current: Document
) -> None:
    if before is None or after is None or current is None:
        return
    edit = undo_of(waiting(before, after), current)
    document = current if edit is None or edit.document is None else edit.document
    for name in FIELDS:
        taken_back = before.get(name) != after.get(name) and current.get(name) == after.get(name)
        assert document.get(name) == (before if taken_back else current).get(name)


def test_an_object_that_is_gone_or_back_is_left_alone() -> None:
    zone = {"zone": 1}
    assert undo_of(waiting(zone, {"zone": 2}), None) is None
    assert undo_of(waiting(None, zone), None) is None
    assert undo_of(waiting(zone, None), zone) is None
