"""What the gate of evaluations says of a version, as approvals ask it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class EvaluationStanding:
    """What evaluations lack, and what of it another person let pass.

    Where policy only advises, ``blocks`` is false.
    """

    blocks: bool = False
    lacking: Sequence[str] = ()
    overridden: Sequence[str] = ()

    def facts(self) -> dict[str, Any]:
        """What of it is written into the entry of an approval."""
        return {
            "evaluations_lacking": list(self.lacking) or None,
            "evaluations_overridden": list(self.overridden) or None,
        }


Gate = Callable[[AsyncConnection, Any], Awaitable[EvaluationStanding]]


def check_evaluated(row: Any, standing: EvaluationStanding) -> None:
    """Check that a version passes the gate.

    Raises:
        InvalidRequest: lists what its evaluations lack, and says what to do.
    """
    if standing.blocks and standing.lacking:
        lacking = "; ".join(standing.lacking)
        raise InvalidRequest(
            f"Policy asks for evaluations that {row.name}@{row.version} lacks: {lacking}. Run "
            f"`sluis models evaluate {row.name} {row.version}`, or propose an override with "
            f"`sluis models override-evaluation {row.name} {row.version} --reason …`, which "
            "another person approves.",
            code="evaluation_required",
        )
