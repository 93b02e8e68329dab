"""What legal holds cover, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of
from gateway.governance.retention.requests import Ask, Belonging, Place, rows

# An entry speaks of someone when it mentions him or her, and when a stored value is his or hers.
_SPEAKING = (
    "SELECT log, seq FROM mention WHERE identifier IN :people UNION "
    "SELECT log, seq FROM value_key WHERE identifier IN :people"
)
_OF_PERSON = (
    "SELECT p.log, p.seq, e.time, e.request FROM ("
    "SELECT log, seq FROM mention WHERE identifier = :person UNION "
    "SELECT log, seq FROM value_key WHERE identifier = :person) p "
    "JOIN audit_entry e ON e.log = p.log AND e.seq = p.seq"
)
_PURPOSES = "SELECT disclosure FROM audit_detail WHERE request = :request ORDER BY time, seq"
Spoken = Mapping[str, frozenset[Place]]  # entries that speak of the people of a hold, by its id


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that holds. What is empty or None says nothing; all else must be so of an entry."""

    id: str
    people: frozenset[str]
    since: int | None
    until: int | None
    use_case: str | None
    requests: frozenset[str]

    @property
    def of_people_only(self) -> bool:
        """Whether it covers all that is stored of its people."""
        return self.since is None and self.until is None and not (self.use_case or self.requests)

    def within(self, oldest: int, newest: int) -> bool:
        """Whether some of a stretch of time lies in the period."""
        return (self.since is None or newest >= self.since) and (
            self.until is None or oldest < self.until
        )

    def covers(self, one: Belonging, speaking: frozenset[Place]) -> bool:
        """Whether the entries of a request are held; ``speaking`` are those about its people."""
        return (
            self.within(one.oldest, one.newest)
            and (not self.use_case or one.purpose == self.use_case)
            and (not self.requests or one.request in self.requests)
            and (not self.people or not speaking.isdisjoint(one.places))
        )


@dataclass(frozen=True, slots=True)
class Cover:
    """All holds that hold, and how many were released: then other entries may be due."""

    holds: tuple[Held, ...]
    released: int

    async def spoken(self, connection: AsyncConnection) -> Spoken:
        """In one store, the entries that speak of people of holds."""
        found = {}
        for one in self.holds:
            if one.people:
                people = sorted(one.people)
                told = await rows(connection, _SPEAKING, people=people)
                found[one.id] = frozenset((row["log"], row["seq"]) for row in told)
        return found

    def hold_of(self, one: Belonging, spoken: Spoken) -> str | None:
        """The id of a hold that covers the entries of a request."""
        nobody: frozenset[Place] = frozenset()
        return next(
            (hold.id for hold in self.holds if hold.covers(one, spoken.get(hold.id, nobody))), None
        )

    async def blocking(self, names: set[str], ask: Ask) -> str | None:
        """The id of a hold that covers something of these people."""
        for one in self.holds:
            if one.people and one.people.isdisjoint(names):
                continue
            if one.of_people_only:
                return one.id
            for name in sorted(names & one.people if one.people else names):
                if await _stored_under(one, name, ask):
                    return one.id
        return None


async def _stored_under(one: Held, name: str, ask: Ask) -> bool:
    """Whether an entry that speaks of this person is held."""
    for row in await ask(_OF_PERSON, {"person": name}):
        if not one.within(row["time"], row["time"]):
            continue
        if one.requests and row["request"] not in one.requests:
            continue
        if not one.use_case or await _purpose(row["request"], ask) == one.use_case:
            return True
    return False


async def _purpose(request: str, ask: Ask) -> str:
    for row in await ask(_PURPOSES, {"request": request}):
        if told := values_of(bytes(row["disclosure"])).get("purpose"):
            return str(told)
    return ""
