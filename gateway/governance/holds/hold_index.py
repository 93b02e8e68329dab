"""The legal holds in force, and the entries that they cover."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import Ask, Place, RequestGroup, by_log, parts, rows

# An entry concerns a person when it mentions the person, or stores a value of the person.
_CONCERNING = (
    "SELECT seq FROM mention WHERE identifier IN :people AND log = :log AND seq IN :seqs UNION "
    "SELECT seq FROM value_key WHERE identifier IN :people AND log = :log AND seq IN :seqs"
)
_BATCH = 400
_OF_PERSON = (
    "SELECT p.log, p.seq, e.time, e.request FROM ("
    "SELECT log, seq FROM mention WHERE identifier = :person UNION "
    "SELECT log, seq FROM value_key WHERE identifier = :person) p "
    "JOIN audit_entry e ON e.log = p.log AND e.seq = p.seq"
)
_PURPOSES = "SELECT disclosure FROM audit_detail WHERE request = :request ORDER BY time, seq"
Matching = Mapping[str, frozenset[Place]]  # entries that concern the people of a hold, by its id


@dataclass(frozen=True, slots=True)
class ActiveHold:
    """A hold in force. Conditions that are empty or None always match."""

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
        """Whether a range of time overlaps the period."""
        return (self.since is None or newest >= self.since) and (
            self.until is None or oldest < self.until
        )

    def covers(self, one: RequestGroup, concerning: frozenset[Place]) -> bool:
        """Whether it covers a request; ``concerning`` are the entries about its people."""
        return (
            self.within(one.oldest, one.newest)
            and (not self.use_case or one.purpose == self.use_case)
            and (not self.requests or one.request in self.requests)
            and (not self.people or not concerning.isdisjoint(one.places))
        )


@dataclass(frozen=True, slots=True)
class HoldIndex:
    """All holds in force, and the number of released ones: a release may make entries due."""

    holds: tuple[ActiveHold, ...]
    released: int

    async def matching(
        self, connection: AsyncConnection, groups: Iterable[RequestGroup]
    ) -> Matching:
        """The entries in one store that concern the people of holds, by hold."""
        seqs = by_log(place for one in groups for place in one.places)
        return {
            one.id: frozenset(await _concerning(connection, sorted(one.people), seqs))
            for one in self.holds
            if one.people
        }

    def hold_of(self, one: RequestGroup, matching: Matching) -> str | None:
        """The id of a hold that covers the entries of a request."""
        none: frozenset[Place] = frozenset()
        return next(
            (hold.id for hold in self.holds if hold.covers(one, matching.get(hold.id, none))), None
        )

    async def blocking(self, names: set[str], ask: Ask) -> str | None:
        """The id of a hold that covers an entry of these people."""
        for one in self.holds:
            if one.people and one.people.isdisjoint(names):
                continue
            if one.of_people_only:
                return one.id
            for name in sorted(names & one.people if one.people else names):
                if await _is_held(one, name, ask):
                    return one.id
        return None


async def _concerning(
    connection: AsyncConnection, people: list[str], seqs: Mapping[str, list[int]]
) -> list[Place]:
    found = []
    for log, of_log in seqs.items():
        for part in parts(of_log, _BATCH):
            matched = await rows(connection, _CONCERNING, people=people, log=log, seqs=part)
            found += [(log, row["seq"]) for row in matched]
    return found


async def _is_held(one: ActiveHold, name: str, ask: Ask) -> bool:
    """Whether the hold covers an entry of this person."""
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
        if purpose := values_of(bytes(row["disclosure"])).get("purpose"):
            return str(purpose)
    return ""
