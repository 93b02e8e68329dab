"""What legal holds cover, entry by entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of
from gateway.governance.retention.request_group import Ask, Place, RequestGroup, by_log, parts, rows

# An entry speaks of someone when it mentions him or her, and when a stored value is his or hers.
_SPEAKING = (
    "SELECT seq FROM mention WHERE identifier IN :people AND log = :log AND seq IN :seqs UNION "
    "SELECT seq FROM value_key WHERE identifier IN :people AND log = :log AND seq IN :seqs"
)
_AT_ONCE = 400
_OF_PERSON = (
    "SELECT p.log, p.seq, e.time, e.request FROM ("
    "SELECT log, seq FROM mention WHERE identifier = :person UNION "
    "SELECT log, seq FROM value_key WHERE identifier = :person) p "
    "JOIN audit_entry e ON e.log = p.log AND e.seq = p.seq"
)
_PURPOSES = "SELECT disclosure FROM audit_detail WHERE request = :request ORDER BY time, seq"
Spoken = Mapping[str, frozenset[Place]]  # entries that speak of the people of a hold, by its id


@dataclass(frozen=True, slots=True)
class ActiveHold:
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

    def covers(self, one: RequestGroup, speaking: frozenset[Place]) -> bool:
        """Whether the entries of a request are held; ``speaking`` are those about its people."""
        return (
            self.within(one.oldest, one.newest)
            and (not self.use_case or one.purpose == self.use_case)
            and (not self.requests or one.request in self.requests)
            and (not self.people or not speaking.isdisjoint(one.places))
        )


@dataclass(frozen=True, slots=True)
class HoldIndex:
    """All holds that hold, and how many were released: then other entries may be due."""

    holds: tuple[ActiveHold, ...]
    released: int

    async def spoken(self, connection: AsyncConnection, some: Iterable[RequestGroup]) -> Spoken:
        """Of some entries in one store, those that speak of people of holds."""
        seqs = by_log(place for one in some for place in one.places)
        return {
            one.id: frozenset(await _speaking(connection, sorted(one.people), seqs))
            for one in self.holds
            if one.people
        }

    def hold_of(self, one: RequestGroup, spoken: Spoken) -> str | None:
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


async def _speaking(
    connection: AsyncConnection, people: list[str], seqs: Mapping[str, list[int]]
) -> list[Place]:
    found = []
    for log, of_log in seqs.items():
        for part in parts(of_log, _AT_ONCE):
            told = await rows(connection, _SPEAKING, people=people, log=log, seqs=part)
            found += [(log, row["seq"]) for row in told]
    return found


async def _stored_under(one: ActiveHold, name: str, ask: Ask) -> bool:
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
