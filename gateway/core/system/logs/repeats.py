"""What repeats in a log: one line a minute says how often."""

from collections.abc import Callable, Hashable, Mapping

_QUIET_S = 60.0
_MAX_KNOWN = 1000
# What differs between the lines of one fault.
_PASSING = {"audit_id", "log", "after", "level"}


class Repeats:
    """Counts the lines that were left out since the last one of the same event and names."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic seconds."""
        self._clock = clock
        self._known: dict[Hashable, tuple[float, int]] = {}  # since when, and how many left out

    def admit(self, fields: Mapping[str, object]) -> int | None:
        """How many lines like this one were left out before it; None leaves this one out too."""
        now, key = self._clock(), _key(fields)
        since, left_out = self._known.get(key, (-_QUIET_S, 0))
        if key in self._known and now - since < _QUIET_S:
            self._known[key] = (since, left_out + 1)
            return None
        self._known.pop(key, None)
        self._known[key] = (now, 0)
        if len(self._known) > _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return left_out


def _key(fields: Mapping[str, object]) -> Hashable:
    """The names in a line, among them its event and reason; numbers and ids of one fault differ."""
    return tuple(
        (name, value)
        for name, value in fields.items()
        if isinstance(value, str) and name not in _PASSING
    )
