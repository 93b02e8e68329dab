"""The origin of texts in a list of turns, which most dialects have."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.core.fields import Path
from gateway.core.origin import Origin

_ROLES: Mapping[Any, Origin] = {
    "system": Origin.SYSTEM,
    "developer": Origin.SYSTEM,
    "tool": Origin.TOOL_RESULT,
    "function": Origin.TOOL_RESULT,
    "assistant": Origin.HISTORY,
}


def origins(
    turns: Sequence[Any],
    *,
    of_turn: Callable[[Any, Path], Origin | None],
    by_model: Callable[[Any], bool],
) -> Callable[[Path], Origin]:
    """Says of a place below a turn where its texts come from; a place begins with the index.

    ``of_turn`` decides for a turn and the rest of the place; None leaves it to the role. What users
    say after the last turn ``by_model`` is the newest.
    """
    newest = max((at for at, turn in enumerate(turns) if by_model(turn)), default=-1)

    def origin(place: Path) -> Origin:
        at, *rest = place
        turn = turns[at] if isinstance(at, int) and at < len(turns) else {}
        decided = of_turn(turn, tuple(rest))
        if decided is not None:
            return decided
        role = turn.get("role") if isinstance(turn, dict) else None
        if role in _ROLES:
            return _ROLES[role]
        return Origin.NEWEST if isinstance(at, int) and at > newest else Origin.HISTORY

    return origin


def made_by(field: str, turns: Any, by_model: Callable[[Any], bool]) -> Callable[[Path], bool]:
    """Say of a place whether it is in a turn ``by_model``; ``turns`` are those of ``field``."""

    def made(place: Path) -> bool:
        if place[:1] != (field,) or len(place) < 2 or not isinstance(turns, list):
            return False
        at = place[1]
        return isinstance(at, int) and at < len(turns) and by_model(turns[at])

    return made


def is_assistant(turn: Any) -> bool:
    """Whether the model said it."""
    return isinstance(turn, dict) and turn.get("role") == "assistant"
