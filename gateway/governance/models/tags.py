"""Tags of models: where they point, where they have pointed, and the way back."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.model_life import APPROVED
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.models.schemas import TagMove
from gateway.governance.models.tables import model_tag, model_tag_move
from gateway.governance.models.tag_history import history
from gateway.governance.models.versions import find_version, require_version

PROMOTE, ROLLBACK = "promote", "rollback"


class Tags:
    """Moves tags within the transaction of a change."""

    def __init__(self, journal: Journal, *, wall: Callable[[], float]) -> None:
        self._journal = journal
        self._wall = wall

    async def promote(
        self,
        connection: AsyncConnection,
        name: str,
        version: str,
        actor: Actor,
        *,
        tag: str,
        cause: str = PROMOTE,
    ) -> None:
        """Point a tag at an approved version.

        Raises:
            InvalidRequest: when the version is not approved, or its approvals have ended.
        """
        row = await require_version(connection, name, version)
        if problem := self._problem(row):
            raise InvalidRequest(problem)
        before = await _move(connection, name, tag, version)
        if before != version:
            await connection.execute(
                insert(model_tag_move).values(
                    name=name,
                    tag=tag,
                    version=version,
                    cause=cause,
                    at=self._wall(),
                    by_actor=actor.id,
                )
            )
        await self._journal.record(
            connection,
            actor,
            "control:model:promote",
            model=name,
            version=version,
            tag=tag,
            before=before,
            digest=row.digest,
        )

    async def roll_back(
        self, connection: AsyncConnection, name: str, actor: Actor, *, tag: str, to: str | None
    ) -> str:
        """Point a tag back at the last version before that is still approved, or at ``to``.

        Raises:
            InvalidRequest: when there is none, or ``to`` was never one.
        """
        moves = await history(connection, name, tag)
        if to is not None:
            if to not in {move.version for move in moves}:
                raise InvalidRequest(f"{name}@{tag} has not named {to} before.", param="to")
            await self.promote(connection, name, to, actor, tag=tag, cause=ROLLBACK)
            return to
        for version in _earlier(moves):
            row = await find_version(connection, name, version)
            if row is not None and self._problem(row) is None:
                await self.promote(connection, name, version, actor, tag=tag, cause=ROLLBACK)
                return version
        raise InvalidRequest(f"{name}@{tag} has no approved version to go back to.")

    def _problem(self, row: Any) -> str | None:
        name = f"{row.name}@{row.version}"
        if row.state != APPROVED:
            return f"{name} is {row.state}; only approved versions serve."
        if row.approved_until is not None and row.approved_until <= self._wall():
            return f"The approvals of {name} have ended: have it approved again."
        return None


def _earlier(moves: list[TagMove]) -> list[str]:
    """The versions before the present one, the last first; a step back forgets what it left."""
    stack: list[str] = []
    for move in moves:
        if move.cause == ROLLBACK and move.version in stack:
            while stack[-1] != move.version:
                stack.pop()
        elif not stack or stack[-1] != move.version:
            stack.append(move.version)
    return list(dict.fromkeys(reversed(stack[:-1])))


async def _move(connection: AsyncConnection, name: str, tag: str, version: str) -> str | None:
    where = (model_tag.c.name == name) & (model_tag.c.tag == tag)
    row = (await connection.execute(select(model_tag).where(where))).first()
    if row is None:
        await connection.execute(insert(model_tag).values(name=name, tag=tag, version=version))
        return None
    if row.version != version:
        await connection.execute(
            update(model_tag).where(where).values(version=version, previous=row.version)
        )
    return str(row.version)
