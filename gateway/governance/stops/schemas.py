"""Request and response bodies of stop switches."""

from enum import StrEnum

from gateway.governance.http.schemas import ReasonBody, ResponseBody


class Stoppable(StrEnum):
    """The kinds of objects with a stop switch, as they are named in paths."""

    USE_CASE = "use-cases"
    DEPLOYMENT = "deployments"
    ALIAS = "aliases"
    KEY = "keys"

    @property
    def kind(self) -> str:
        """The name of the kind in the catalogue and in entries."""
        return self.name.lower()


class StopBody(ReasonBody):
    """Why something is stopped; ``wait`` holds the answer until all gateways have acknowledged.

    It is held for 5 seconds at most. The stop itself never waits.
    """

    wait: bool = True


class StartBody(ReasonBody):
    """Why something may be started again."""


class GatewayState(ResponseBody):
    """One gateway and a stop. Times are epoch milliseconds.

    ``state`` is acknowledged, waiting, or silent: not acknowledged within 5 seconds. ``log`` is the
    log of the entry by which it acknowledged, ``since`` the time when that gateway was started.
    """

    gateway: str
    log: str
    state: str
    acknowledged: int | None
    since: int


class StopResponse(ResponseBody):
    """A stop with the state of each gateway; ``since`` is epoch seconds.

    ``silent`` names the gateways that have not acknowledged it within 5 seconds.
    """

    kind: str
    name: str
    since: float
    by: str
    reason: str
    gateways: list[GatewayState]
    silent: list[str]


class StopListResponse(ResponseBody):
    """All stops that are in force, oldest first."""

    stops: list[StopResponse]
