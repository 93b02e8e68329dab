"""The texts of incidents and complaints, each encrypted under its own key."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.pseudonym import pseudonym
from gateway.evidence.values import RedactedValue, ValueCipher
from gateway.governance.cases.tables import case_text

_TEXT = "TEXT"  # the cipher stores a type beside a value


class CaseTexts:
    """Encrypts and decrypts texts. Texts may hold personal data: entries hold a keyed digest."""

    def __init__(self, *, kek: bytes, pepper: bytes, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._wall = wall
        self._cipher = ValueCipher(kek)
        self._digest = partial(pseudonym, pepper)

    async def create(self, connection: AsyncConnection, case: str, part: str, text: str) -> str:
        """Store a text of a case; gives its digest, which differs from case to case."""
        ciphertext, wrapped = self._cipher.seal(RedactedValue(part, _TEXT, text, ""), scope=case)
        await connection.execute(
            insert(case_text).values(
                case_id=case,
                part=part,
                ciphertext=ciphertext,
                wrapped=wrapped,
                stored=int(self._wall() * 1000),
            )
        )
        return self._digest(f"case:{case}:{part}", text)

    async def add(self, connection: AsyncConnection, case: str, kind: str, text: str) -> str:
        """Store one more text of a kind (``kind.1``, ``kind.2``, …); gives its digest."""
        query = select(func.count()).where(
            case_text.c.case_id == case, case_text.c.part.startswith(f"{kind}.", autoescape=True)
        )
        number = (await connection.execute(query)).scalar_one() + 1
        return await self.create(connection, case, f"{kind}.{number}", text)

    async def get(self, connection: AsyncConnection, case: str) -> dict[str, str]:
        """The texts of a case by part, without those that were removed."""
        kept = select(case_text).where(case_text.c.case_id == case)
        return self.open(case, (await connection.execute(kept)).all())

    def open(self, case: str, stored: Iterable[Row[Any]]) -> dict[str, str]:
        """Decrypt rows of ``case_text`` of one case; gives the texts by part."""
        rows = [(row.part, _TEXT, bytes(row.ciphertext), bytes(row.wrapped)) for row in stored]
        opened = self._cipher.open_all(rows, scope=case)
        return {part: text for part, (_, text) in opened.items()}
