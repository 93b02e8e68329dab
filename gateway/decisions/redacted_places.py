"""Where a text must lose characters so that a content rule matches no more.

A pattern gives the places that it matches as they are written. What it matches only in the
canonical form, or decoded, has no place: there the shortest stretch is sought whose canonical form
still matches.
"""

from collections.abc import Callable, Iterator, Sequence

Stretch = tuple[int, int]
_TAKEN = "\x00"  # in place of each character: no pattern, letter or space
_WINDOW, _STEP = 4_096, 2_048  # characters; a disguised match of at most the step lies in a window
_MOST_DISGUISED = 32  # in one text


def redacted_places(
    text: str, matches: Callable[[str], Sequence[Stretch]], fires: Callable[[str], bool]
) -> tuple[Stretch, ...] | None:
    """The stretches to take out, in order; None where that does not suffice.

    ``matches`` gives the places of a rule in a text, ``fires`` whether the rule matches a text in
    any way. The time is linear in the text, with a constant for each disguised match.
    """
    found = list(matches(text))
    rest = without(text, found)
    for _ in range(_MOST_DISGUISED):
        if not fires(rest):
            return merged(found)
        place = next(_disguised(rest, fires), None)
        if place is None:
            return None
        found.append(place)
        rest = without(rest, [place])
    return None if fires(rest) else merged(found)


def without(text: str, stretches: Sequence[Stretch]) -> str:
    """The text with a sign that is part of no match for each character of the stretches."""
    parts, done = [], 0
    for start, end in merged(stretches):
        parts += [text[done:start], _TAKEN * (end - start)]
        done = end
    return "".join([*parts, text[done:]])


def merged(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The stretches in order, those that overlap as one."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _disguised(text: str, fires: Callable[[str], bool]) -> Iterator[Stretch]:
    """The shortest stretch of each window that matches: its first end, then its last start."""
    for at in range(0, max(1, len(text)), _STEP):
        window = text[at : at + _WINDOW]
        if not fires(window):
            continue
        yield from _shortest(window, at, fires)


def _shortest(window: str, at: int, fires: Callable[[str], bool]) -> Iterator[Stretch]:
    end = _least(len(window), lambda size: fires(window[:size]))
    start = end - _least(end, lambda size: fires(window[end - size : end]))
    if fires(window[start:end]):
        yield at + start, at + end


def _least(most: int, holds: Callable[[int], bool]) -> int:
    """The least size for which something holds that holds for ``most``, by halving."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
