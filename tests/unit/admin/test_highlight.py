"""Segments of a text with findings."""

import pytest

from admin.highlight import segments

pytestmark = pytest.mark.unit


def test_a_finding_around_others_does_not_hide_them() -> None:
    found = [{"start": 0, "end": 20}, {"start": 3, "end": 6}, {"start": 10, "end": 12}]
    marked = [piece.finding for piece in segments("x" * 25, found) if piece.finding]
    assert marked == found[1:]
    assert [p.finding for p in segments("x" * 25, found[:1]) if p.finding] == found[:1]


@pytest.mark.parametrize(
    "spans", [[(0, 3)], [(2, 5), (4, 6)], [(1, 8), (2, 3)], [(0, 0)], [(3, 8), (0, 2)], []]
)
def test_segments_make_up_the_whole_text(spans: list[tuple[int, int]]) -> None:
    text = "aé😀<b>cd"
    pieces = segments(text, [{"start": start, "end": end} for start, end in spans])
    assert "".join(piece.text for piece in pieces) == text
