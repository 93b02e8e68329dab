"""What an uncached decision of Cedar costs, by the number of policies.

``python -m tests.performance.authorisation``. Each policy more forbids one team a purpose, so that
no one of them decides the request. CPU is that of this process.
"""

import time
from statistics import median

from gateway.core.clearance import Clearance
from gateway.core.level import Level, Zone
from gateway.decisions.authorisation import AuthorisationRequest, Authoriser
from gateway.governance.policies.bundle import read_bundle

_COUNTS = (0, 100, 500, 1000)
_DECISIONS = 400
_ROUNDS = 5


def _files(count: int) -> dict[str, str]:
    rules = (
        f'@id("team-{n}")\nforbid (principal, action, resource)\n'
        f'when {{ principal.team == "team-{n}" && context.purpose == "case-{n}" }};'
        for n in range(count)
    )
    return {**read_bundle(), "authorisation/more.cedar": "\n".join(rules)}


def _request(number: int) -> AuthorisationRequest:
    return AuthorisationRequest(
        principal_id=f"k_{number}",
        kind="app",
        team="support",
        roles=frozenset(),
        clearance=Level.CONFIDENTIAL,
        level=Level.INTERNAL,
        purpose="service",
        risk="limited",
        zones=("eu", "internal"),
        deployment="gpt-eu",
        provider="openai-eu",
        zone=Zone.EU,
        cleared=Clearance(clear=Level.INTERNAL, redacted=Level.CONFIDENTIAL),
    )


def _microseconds(authoriser: Authoriser, first: int) -> float:
    requests = [_request(first + number) for number in range(_DECISIONS)]
    began = time.process_time()
    for request in requests:
        authoriser.decide(request)
    return (time.process_time() - began) / _DECISIONS * 1e6


def main() -> None:
    """Print the median of each size, measured in turns."""
    authorisers = {count: Authoriser(_files(count), bundle="b") for count in _COUNTS}
    taken: dict[int, list[float]] = {count: [] for count in _COUNTS}
    for turn in range(_ROUNDS):
        for count, authoriser in authorisers.items():
            taken[count].append(_microseconds(authoriser, turn * _DECISIONS))
    for count, figures in taken.items():
        print(f"{count:5} policies more: {median(figures):7.1f} microseconds of CPU a decision")


if __name__ == "__main__":
    main()
