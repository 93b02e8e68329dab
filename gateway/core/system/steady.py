"""Whether something works, without its blips."""

from collections.abc import Callable


class Steady:
    """Is down once something has failed for some time, and up once it has worked for some time.

    A short fault therefore does not take all processes of an installation out of a balancer.
    """

    def __init__(
        self, *, clock: Callable[[], float], down_after_s: float = 3.0, up_after_s: float = 1.0
    ) -> None:
        """``clock`` is monotonic seconds."""
        self._clock = clock
        self._down_after_s = down_after_s
        self._up_after_s = up_after_s
        self._works = self._up = True
        self._since = clock()

    def observe(self, *, works: bool, since: float | None = None) -> None:
        """Take a result that was seen now; ``since`` is when the attempt began."""
        if works != self._works:
            self._up = self.up
            self._works = works
            self._since = self._clock() if since is None else since

    @property
    def works(self) -> bool:
        """The latest result."""
        return self._works

    @property
    def up(self) -> bool:
        """Whether it counts as working now."""
        lasted = self._clock() - self._since
        if lasted >= (self._up_after_s if self._works else self._down_after_s):
            return self._works
        return self._up
