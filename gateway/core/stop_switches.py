"""The stop switches of one snapshot: what neither a new request nor a running one may use."""

from gateway.core.errors import Stopped
from gateway.core.principal import Principal
from gateway.core.snapshot import Stops


class StopSwitches:
    """Refuses what was stopped. The checks are look-ups in sets."""

    def __init__(self, stops: Stops) -> None:
        self._use_cases = frozenset(stops.use_cases)
        self._deployments = frozenset(stops.deployments)
        self._aliases = frozenset(stops.aliases)
        self._keys = frozenset(stops.keys)

    def check_key(self, principal: Principal) -> None:
        """Raises Stopped when the principal's key was stopped."""
        if principal.id in self._keys:
            raise _stopped("key", "This API key was stopped by your organisation.")

    def check_use_case(self, purpose: str) -> None:
        """Raises Stopped when the use case was stopped."""
        if purpose in self._use_cases:
            raise _stopped("use_case", f"The use case '{purpose}' was stopped.", "x-sluis-purpose")

    def check_model(self, model: str) -> None:
        """Raises Stopped when an alias of this name was stopped, or a deployment."""
        if model in self._aliases:
            raise _stopped("alias", f"The alias '{model}' was stopped.", "model")
        self.check_deployment(model)

    def check_deployment(self, name: str) -> None:
        """Raises Stopped when the deployment was stopped."""
        if name in self._deployments:
            raise _stopped("deployment", f"The deployment '{name}' was stopped.", "model")


def _stopped(kind: str, message: str, param: str | None = None) -> Stopped:
    return Stopped(
        f"{message} Ask the persons responsible for it when it starts again.",
        param=param,
        rules=(f"stop.{kind}",),
    )
