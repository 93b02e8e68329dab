"""Histories that make each sentence of the statement false, or not provable."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from gateway.evidence import INTENT
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.selection import Selection
from tests.support.governed import (
    AUTHOR,
    BUNDLE,
    DECIDER,
    GATEWAY,
    MODEL,
    History,
    bundle_line,
    honest,
    key_lines,
    line,
    published,
    zone_line,
)
from tests.support.packages import cosignature, key
from tests.support.tampering import EditablePackage, replaced, rewrite_package
from tests.support.verifier.cases import GOOD, SEEN_AT, TAMPERED, Cases

OTHER = "gateway/b"
LONG_AGO = "2001-01-01"
METADATA = DisclosureProfile.METADATA
Change = Callable[[History], object]


def add_statement(cases: Cases) -> None:
    for add in (
        _departures,
        _logs,
        _edges,
        _ratings,
        _zones,
        _jumps,
        _fields,
        _persons,
        _starting,
        _mandates,
        _policies,
        _models,
        _exceptions,
        _witnesses,
        _starts,
        _prefixes,
        _profiles,
    ):
        add(cases)


def _case(
    cases: Cases, name: str, history: History, *says: str, first: int = 0, **package: Any
) -> None:
    """One package, with what the statement says of it."""
    parts = package.pop("more", published())
    path = history.log.whole(cases.path(), first, more=parts, **package)
    for one in says:
        cases.add(f"statement: {name}", path, GOOD, one, "--statement")


def _after(change: Change, *changes: Change) -> History:
    history = honest()
    for one in (change, *changes):
        one(history)
    return history


def _departures(cases: Cases) -> None:
    case = partial(_case, cases)
    case("honest", honest(), "1. PROVEN", "5 departures of 5 requests in 2 logs", "5 of these")
    case("honest", honest(), "2. PROVEN", "3. PROVEN", "4. PROVEN", "There were none", "depart")
    case("nothing departed", honest(), "nothing departed: 1.")
    cases.add(
        "statement in Dutch", _path(cases), GOOD, "1. BEWEZEN", "--statement", "--language", "nl"
    )
    cases.add(
        "statement as JSON", _path(cases), GOOD, '"verdict": "not proven"', "--statement", "--json"
    )
    cases.add("as JSON", _path(cases), GOOD, '"result": "HOLDS"', "--json")
    retried = _after(lambda h: h.depart("x"), lambda h: h.asked("x"))
    case("a second attempt", retried, "1. PROVEN", "7 departures of 6 requests", "6 of these")
    deleted = _after(lambda h: h.answer("gone"))
    case("a deleted departure", deleted, "1. NOT PROVEN", "departure is missing: requests gone")
    twice = _after(lambda h: h.asked("x"), lambda h: h.answer("x"))
    case("closed twice", twice, "departure is missing: requests x")
    crashed = _after(
        lambda h: h.depart("x"),
        lambda h: h.opened(OTHER),
        lambda h: h.answer("x", gateway=OTHER, of_log=GATEWAY, outcome="unknown_crash", level="a"),
        lambda h: h.log.entry("trail:log:settle", {"of_log": GATEWAY, "closed": 1}, log=OTHER),
    )
    case("a dead process", crashed, "1. PROVEN", "process of 1 died under way", "requests x")
    lost = _after(
        lambda h: h.opened(OTHER),
        lambda h: h.answer("x", gateway=OTHER, of_log=GATEWAY, outcome="unknown_crash", level="a"),
    )
    case("a dead process's deleted departure", lost, "1. NOT PROVEN", "missing: requests x")
    case(
        "ended, not closed",
        _after(lambda h: h.depart("x"), lambda h: h.ended()),
        "1. NOT PROVEN",
        "no entry closes them: requests x.",
    )
    settled = _after(
        lambda h: h.depart("x"),
        lambda h: h.depart("y", gateway=OTHER),
        lambda h: h.log.entry("trail:log:settle", {"of_log": GATEWAY}, log=OTHER),
    )
    case("settled, not closed", settled, "no entry closes them: requests x.", "1 were under way")
    case("under way", _after(lambda h: h.depart("x")), "1. PROVEN", "1 were under way")
    late = _after(
        lambda h: h.opened(OTHER),
        lambda h: h.answer("x", gateway=OTHER, of_log=GATEWAY, outcome="unknown_crash"),
        lambda h: h.depart("x"),
        lambda h: h.depart("x"),
        lambda h: h.ended(),
    )
    case("closed before it is read", late, "1. PROVEN", "7 departures of 6 requests", "6 of these")


def _applied(history: History, lines: list[str], basis: str = "two-persons") -> None:
    history.applied(lines, basis=basis)


def _path(cases: Cases) -> Any:
    """The package of the newest case."""
    return cases.all[-1].arguments[0]


def _logs(cases: Cases) -> None:
    case = partial(_case, cases)
    case(
        "no opening",
        _after(lambda h: h.asked("x", gateway=OTHER)),
        "1. NOT PROVEN",
        "opening entry: gateway/b.",
    )
    case("a forerunner", _after(lambda h: h.opened(OTHER, after=GATEWAY)), "1. PROVEN")
    case(
        "a missing forerunner",
        _after(lambda h: h.opened(OTHER, after="gateway/c")),
        "1. NOT PROVEN",
        "missing: gateway/c.",
    )
    settle: tuple[str, dict[str, Any]] = ("trail:log:settle", {"of_log": "gateway/d", "closed": 0})
    case(
        "settled, but not there",
        _after(lambda h: h.log.entry(*settle, log=GATEWAY)),
        "1. NOT PROVEN",
        "missing: gateway/d.",
    )
    for last, verdict in ((0, "1. PROVEN"), (11, "1. PROVEN"), (12, "1. NOT PROVEN")):
        spool = {"of_log": GATEWAY, "first": 0, "last": last}

        def spooled(h: History, spool: dict[str, Any] = spool) -> None:
            h.opened(OTHER, after=GATEWAY)
            h.log.entry("trail:spool:begin", spool, log=OTHER)

        case(f"spooled up to {last}", _after(spooled), verdict)
    unsaid: dict[str, Any] = {"of_log": GATEWAY, "first": 0}
    case(
        "spooled, unsaid how far",
        _after(lambda h: h.log.entry("trail:spool:begin", unsaid, log=GATEWAY)),
        "1. NOT PROVEN",
    )
    for event, fields in (
        ("trail:log:open", {"after": GATEWAY}),
        ("trail:log:settle", {"of_log": GATEWAY}),
        ("trail:spool:begin", {"of_log": GATEWAY, "last": 0}),
    ):

        def gone(h: History, event: str = event, fields: Any = fields) -> None:
            h.log.entry(event, fields, log=OTHER, kept=False)

        name = f"{event}, its values gone"
        says = "follow one another are gone: gateway/b:"
        case(name, _after(lambda h: h.opened(OTHER), gone), "1. NOT PROVEN", says)
    short = _after(lambda h: h.opened("gateway/c"), lambda h: h.opened(OTHER, after="gateway/c"))
    case("a forerunner of one entry", short, "1. PROVEN")
    brief: tuple[str, dict[str, Any]] = ("trail:log:settle", {"of_log": "gateway/c"})
    settled = _after(lambda h: h.opened("gateway/c"), lambda h: h.log.entry(*brief, log=GATEWAY))
    case("a settled log of one entry", settled, "1. PROVEN")
    allowed: tuple[str, dict[str, Any]] = ("trail:spool:allow", {"of_log": GATEWAY})
    case(
        "another entry about a log, its values gone",
        _after(lambda h: h.log.entry(*allowed, log=GATEWAY, kept=False)),
        "1. PROVEN",
    )
    crash: tuple[str, dict[str, Any]] = (
        "request:answer:close",
        {"of_log": GATEWAY, "outcome": "unknown_crash"},
    )
    crashed = _after(
        lambda h: h.depart("x"),
        lambda h: h.log.entry(*crash, log=GATEWAY, request="x", kept=False),
    )
    case("a dead process, its values gone", crashed, "1. PROVEN", "requests x.")
    closed = _after(
        lambda h: h.log.entry("trail:log:close", {"log": GATEWAY}, log=GATEWAY, kept=False)
    )
    case("an end, its values gone", closed, "1. PROVEN")


def _edges(cases: Cases) -> None:
    """Periods that begin after the first entry of the log."""
    case = partial(_case, cases)
    history = honest()
    history.depart("x")
    first = history.log.size
    history.answer("x")
    history.control("control:key:create", AUTHOR)
    case("begun before", history, "1. PROVEN", "1 answers of the period belong", first=first)
    case("a log from before", history, "1. PROVEN", first=first - 1)
    history.opened(OTHER, after="gateway/c")
    case(
        "a forerunner from before",
        history,
        "1. PROVEN",
        "before the period: gateway/c.",
        first=first,
    )
    history.answer("y", gateway=OTHER)
    case("perhaps begun before", history, "1. PROVEN", "2 answers of the period", first=first)
    history.opened("gateway/e")
    history.opened("gateway/f", after="gateway/e")
    history.answer("z", gateway="gateway/f")
    case("not begun before", history, "1. NOT PROVEN", "missing: requests z.", first=first)
    died = honest()
    died.depart("x")
    first = died.log.size
    died.opened(OTHER)
    died.answer("x", gateway=OTHER, of_log=GATEWAY, outcome="unknown_crash")
    died.control("control:key:create", AUTHOR)
    case("died before", died, "1. PROVEN", "1 answers of the period belong", first=first)
    circular = honest()
    first = circular.log.size
    circular.opened("gateway/e", after="gateway/f")
    circular.opened("gateway/f", after="gateway/e")
    circular.answer("z", gateway="gateway/f")
    circular.control("control:key:create", AUTHOR)
    case("logs in a circle", circular, "1. NOT PROVEN", "missing: requests z.", first=first)


def _ratings(cases: Cases) -> None:
    case = partial(_case, cases)
    rated: dict[str, Any] = {"level": "restricted", "zone": "eu"}
    case(
        "restricted abroad",
        _after(lambda h: h.asked("x", **rated)),
        "2. NOT PROVEN",
        "sent to another zone: requests x.",
        "2 of 6 departures were rated",
    )
    case(
        "no level",
        _after(lambda h: h.asked("x", level=None)),
        "2. NOT PROVEN",
        "no known zone is recorded: requests x.",
    )
    case(
        "an odd zone",
        _after(lambda h: h.asked("x", zone="moon")),
        "2. NOT PROVEN",
        "no known zone is recorded: requests x.",
    )

    def forgotten(h: History) -> None:
        h.log.entry(INTENT, {"level": "restricted"}, log=GATEWAY, kept=False, request="x")
        h.answer("x")

    case(
        "forgotten",
        _after(forgotten),
        "2. NOT PROVEN",
        "zone of 1 departures are gone",
        "1. PROVEN",
        "4. PROVEN",
    )
    case(
        "the rate",
        honest(),
        "30 of 1000 marked values were missed (3.0 %)",
        "and 3 of 40",
        "on 2026-11-01 for detectors rules-1 names-1, over 200 texts",
    )
    case(
        "other detectors",
        _after(lambda h: h.asked("x", detectors="rules-2")),
        "other detectors than those in use: rules-2.",
        "2. PROVEN",
    )
    case("no detectors", _after(lambda h: h.asked("x", detectors=None)), "2. PROVEN")
    case("half of it", honest(), "missed (50.0 %)", more=published(masked=500))
    case("no figures", honest(), "no figures of how much that is", "2. PROVEN", more={})
    for name, figures in (("strange", {"values": "many"}), ("no", {"values": 0})):
        case(f"{name} figures", honest(), "no figures of how much", more=published(**figures))
    for text in ("{", "[]", '{"published": 1}', "[" * 10**5):
        path = honest().log.package(cases.path(), more={"detectors.json": text.encode()})
        cases.add(f"figures {text[:9]}", path, TAMPERED, "detectors.json", "--statement")
        cases.add(f"figures {text[:9]}, unread", path, GOOD, "HOLDS")


def _zones(cases: Cases) -> None:
    case = partial(_case, cases)
    line = zone_line("eu", "eu", "internal")

    def decided(
        h: History, *, basis: str | None = "two-persons", said: str = line, **other: Any
    ) -> None:
        proposal = h.proposed([line])
        h.approved(proposal, [line], **other)
        h.applied([said], basis=basis, proposal=proposal)

    def case_of(name: str, change: Change, says: str) -> None:
        case(name, _after(change), "3. NOT PROVEN", f"provider eu = internal: {says}")

    case("two persons", _after(decided), "3. PROVEN", "5 approved by two", "Bram Visser (u_bram)")
    case_of("one person", partial(decided, one_person=True), "one person decided alone")
    case_of("the same person", partial(decided, by=AUTHOR), "proposed and approved by the same")
    case_of("another author", partial(decided, author_person="u_cees"), "proposed and approved by")
    case_of("no name", partial(decided, by=("u_bram", "")), "the entries name no two")
    case_of("no person", partial(decided, by=("", "Bram")), "the entries name no two")
    case_of("no ground", partial(decided, basis=None), "the entry does not say")
    case_of("alone", lambda h: h.applied([line], basis="alone"), "decided by one person, while")
    case_of("adopted", lambda h: h.applied([line], basis="adopted"), "in force before")
    case_of("first start", lambda h: h.applied([line], basis="bootstrap"), "set by the first")
    case_of("said to narrow", lambda h: h.applied([line], basis="one-person"), "recorded as a na")
    case_of("no approval", lambda h: h.applied([line], proposal="p9"), "no entry approves it")
    case_of("no approval, unsaid", lambda h: h.applied([line]), "no entry approves it")
    case_of(
        "only proposed",
        lambda h: h.applied([line], proposal=h.proposed([line])),
        "no entry approves it",
    )
    unproposed = lambda h: (h.approved("p9", [line]), h.applied([line], proposal="p9"))  # noqa: E731
    case_of("never proposed", unproposed, "no entry approves it")
    other = zone_line("eu", "eu", "global")
    case_of(
        "another approved",
        lambda h: (
            h.approved(proposal := h.proposed([line]), [other]),
            h.applied([line], proposal=proposal),
        ),
        "the approved proposal was for another",
    )
    case_of(
        "another proposed",
        lambda h: (
            h.approved(proposal := h.proposed([other]), [line]),
            h.applied([line], proposal=proposal),
        ),
        "the approved proposal was for another",
    )
    case(
        "by SQL",
        _after(lambda h: h.asked("x", zone="global")),
        "3. NOT PROVEN",
        "provider eu = global: in use, but no entry says who",
    )
    cases.add("by SQL, as JSON", _path(cases), GOOD, '"entry": ""', "--statement", "--json")
    case(
        "narrowed",
        _after(lambda h: h.applied([zone_line("house", "internal", "eu")], basis="one-person")),
        "3. PROVEN",
        "provider house = eu: it only narrowed",
        "1 narrowed",
    )
    for before, after in (("global", "eu"), ("eu", "eu"), ("moon", "eu"), ("eu", "moon")):
        lines = [zone_line("eu", before, after)]
        case(
            f"no narrowing: {before} to {after}",
            _after(partial(_applied, lines=lines, basis="one-person")),
            "3. NOT PROVEN",
        )


def _jumps(cases: Cases) -> None:
    """Changes that do not follow from what was in force, and lines of other kinds."""
    case = partial(_case, cases)
    case(
        "a change between is missing",
        _after(lambda h: h.zone("eu", "global", "internal")),
        "3. NOT PROVEN",
        "eu = internal: the entry changes another value",
    )
    case(
        "no addition",
        _after(lambda h: h.zone("far", "global", "eu")),
        "far = eu: the entry changes",
    )
    case(
        "deleted and added",
        _after(lambda h: h.zone("eu", "eu", None), lambda h: h.zone("eu", None, "eu")),
        "3. PROVEN",
    )
    case(
        "adopted anew",
        _after(lambda h: h.applied([zone_line("eu", None, "eu")], basis="adopted")),
        "3. NOT PROVEN",
        "eu = eu: in force before approvals",
    )
    case("added anew", _after(lambda h: h.zone("eu", None, "eu")), "3. NOT PROVEN")
    case(
        "deleted",
        _after(
            lambda h: h.applied([zone_line("eu", "eu", None)], basis="one-person"),
            lambda h: h.applied([zone_line("eu", None, "eu")], basis="adopted"),
        ),
        "3. NOT PROVEN",
        "eu = eu: in force before approvals",
    )
    bad_then_good = _after(
        lambda h: h.applied([zone_line("eu", "eu", "internal")], basis="alone"),
        lambda h: h.applied([zone_line("eu", "internal", "eu")], basis="one-person"),
        lambda h: h.zone("eu", "eu", "internal"),
    )
    case(
        "approved after all",
        bad_then_good,
        "3. NOT PROVEN",
        "eu = internal: decided by one",
        "5 approved by two",
        "1 narrowed",
    )
    whole = zone_line("new", None, {"zone": "global", "kind": "openai"}, field=None)

    def added(h: History) -> None:
        h.approved(proposal := h.proposed([whole]), [whole])
        h.applied([whole], proposal=proposal)

    case("a whole provider", _after(added), "3. PROVEN", "provider new = global: Anna")
    removed = zone_line("eu", {"zone": "eu"}, None, field="")
    case(
        "a whole provider removed",
        _after(
            lambda h: h.applied([removed], basis="one-person"), lambda h: h.zone("eu", None, "eu")
        ),
        "3. PROVEN",
    )
    for text in (
        zone_line("eu", "x", "y", field="contract"),
        zone_line("eu", "x", "y", object="team eu"),
        zone_line("eu", "x", "y", object="provider"),
    ):
        case(
            "another line",
            _after(partial(_applied, lines=[text], basis="alone")),
            "3. PROVEN",
            "4. PROVEN",
            "1 decisions of one person: control:13",
        )
    for text in ("{", "[]", "{}", '{"object": 1}', "[" * 10**5):
        case(
            f"no line: {text[:9]}",
            _after(partial(_applied, lines=[text])),
            "3. NOT PROVEN",
            "cannot be read: control:13.",
        )


def _changed(
    text: str,
    *,
    basis: str = "two-persons",
    by: tuple[str, str] = DECIDER,
    via: str = "api",
    **said: Any,
) -> Change:
    """A change of one line; by two persons it is proposed and approved first."""

    def change(h: History) -> None:
        if basis == "two-persons":
            proposal = h.proposed([text])
            h.approved(proposal, [text], by=by, via=via)
            said["proposal"] = proposal
        h.applied([text], basis=basis, **said)

    return change


def _hired(*persons: tuple[str, str]) -> Change:
    """The first configuration gives keys to persons."""
    return lambda h: h.applied(key_lines(*persons), basis="bootstrap")


def _fields(cases: Cases) -> None:
    """What decides where bytes go, beside zones."""
    case = partial(_case, cases)
    for text in (
        line("provider eu", "base_url", "https://a.example", "https://b.example"),
        line("provider eu", "api_key", "env:A", None),
        line("deployment gpt-eu", "model", "gpt-eu", "gpt"),
        line("deployment gpt-eu", "clearance", {"clear": "public", "redacted": "internal"}, None),
        line("alias chat", "candidates", ["gpt-eu"], ["gpt-eu", "gpt"]),
        line("network internal", "networks", ["10.1.0.0/16"], ["10.0.0.0/8"]),
        line("issuer staff", "jwks_uri", "https://a.example", "https://b.example"),
        line("issuer staff", "roles", None, {"g": "policy_approver"}),
        line("admin_key Dora", "owner", None, "u_dora"),
    ):
        named = json.loads(text)
        what = f"{named['object']} ({named['field']})"
        old = line(named["object"], named["field"], None, named["before"])
        begun: list[Change] = [_changed(old)] if named["before"] is not None else []
        proven = _after(*begun, _changed(text))
        case(f"{what} by two", proven, "3. PROVEN", f"{what}: Anna de Boer")
        for basis, says in (
            ("one-person", "recorded as a narrowing, which it is not"),
            ("alone", "decided by one person"),
            ("owner", what),
        ):
            alone = _after(*begun, _changed(text, basis=basis))
            case(f"{what} on {basis}", alone, "3. NOT PROVEN", says)
    fewer = line("alias chat", "candidates", ["a", "b"], ["a"])
    begun = [_changed(line("alias chat", "candidates", None, ["a", "b"]))]
    narrowed = _after(*begun, _changed(fewer, basis="one-person"))
    case("fewer candidates", narrowed, "3. PROVEN", "alias chat (candidates): it only narrowed")
    other = line("alias chat", "candidates", ["a", "b", "c"], ["a"])
    jumped = _after(*begun, _changed(other, basis="one-person"))
    case("candidates of no record", jumped, "3. NOT PROVEN", "changes another value")
    gone = line("issuer staff", "", {"name": "staff", "approvals": {"client_id": "x"}}, None)
    case("a signing issuer removed", _after(_changed(gone, basis="one-person")), "issuer staff: re")
    gone = line("provider eu", "", {"name": "eu", "zone": "eu"}, None)
    case("a provider removed", _after(_changed(gone, basis="one-person")), "3. PROVEN")


def _persons(cases: Cases) -> None:
    """Who approved counts as a person by an entry, and not by a row of the database."""
    case = partial(_case, cases)
    zone = zone_line("new", None, "global")
    hired, forged = _hired(AUTHOR, DECIDER), ("u_eve", "Eve")
    case("known persons", _after(hired, _changed(zone)), "3. PROVEN", "from which all persons foll")
    unknown = "new = global: the approver has no key and no sign-on"
    case("a key that no entry made", _after(hired, _changed(zone, by=forged)), unknown)
    case("a key of another owner", _after(hired, _changed(zone, by=("u_eve", DECIDER[1]))), unknown)
    by_sign_on = _changed(zone, by=forged, via="sign-on")
    case("a sign-on without an issuer", _after(hired, by_sign_on), unknown)
    roles = _changed(line("issuer staff", "roles", None, {"g": "approver"}))
    case("a sign-on", _after(hired, roles, by_sign_on), "new = global: persons sign on here")
    taken = _changed(line("admin_key " + DECIDER[1], "owner", "u_bram", "u_eve"), basis="alone")
    case("a key that one took", _after(hired, taken), "(owner): decided by one person")
    secret = line("admin_key " + DECIDER[1], "digest", "aaa", "bbb")
    begun = _changed(line("admin_key " + DECIDER[1], "digest", None, "aaa"))
    case(
        "a secret that its owner replaced",
        _after(hired, begun, _changed(secret, basis="owner")),
        "3. PROVEN",
        "(digest): its owner replaced its secret",
    )
    new = line("admin_key Dora", "roles", None, ["policy_approver"])
    case("roles on the basis of an owner", _after(hired, _changed(new, basis="owner")), "which it ")
    named = line("admin_key Dora", "owner", None, "u_dora")
    case("a first owner", _after(_changed(named, basis="first-owner")), "named the first owner")
    named = line("admin_key Dora", "owner", "u_anna", "u_dora")
    case("no first owner", _after(_changed(named, basis="first-owner")), "3. NOT PROVEN")


def _starting(cases: Cases) -> None:
    """A use case above minimal risk starts when its owner and an officer agreed."""
    case = partial(_case, cases)
    starts = line("use_case hiring", "risk", None, "high")
    about: dict[str, Any] = {"author": AUTHOR[0], "approver": DECIDER[0]}

    def agreed(**said: Any) -> Change:
        return _changed(starts, agreement=json.dumps(said), **about)

    for name, change in (
        ("the author is the owner", agreed(officer=DECIDER[0], owners={"hiring": AUTHOR[0]})),
        ("three persons", agreed(officer=DECIDER[0], others=["u_cees"])),
    ):
        case(f"started: {name}", _after(change), "3. PROVEN", "use_case hiring (risk): Anna")
    for name, change in (
        ("nobody agreed", _changed(starts, **about)),
        ("two persons, no owner", agreed(officer=DECIDER[0])),
        ("the author is the officer", agreed(officer=AUTHOR[0], owners={"hiring": DECIDER[0]})),
        ("one is both", agreed(officer=DECIDER[0], owners={"hiring": DECIDER[0]})),
        ("the owner took no part", agreed(officer=DECIDER[0], owners={"hiring": "u_eve"})),
        ("the officer took no part", agreed(officer="u_eve", owners={"hiring": AUTHOR[0]})),
        ("of another use case", agreed(officer=DECIDER[0], owners={"other": AUTHOR[0]})),
    ):
        case(f"started: {name}", _after(change), "3. NOT PROVEN", "hiring (risk): the entry does")
    minimal = _changed(line("use_case memos", "risk", None, "minimal"), basis="one-person")
    case("a use case of minimal risk", _after(minimal), "3. PROVEN")


def _mandates(cases: Cases) -> None:
    """Two persons gave the mandate under which one acts alone, and it covers what was done."""
    case = partial(_case, cases)
    grants = [{"kind": "team", "teams": ["press"], "most": {"budget": {"amount": 500.0}}}]
    given: list[Change] = [
        _changed(line("mandate daily", field, None, value))
        for field, value in (("grants", grants), ("until", "2027-06-30"), ("holder", "u_anna"))
    ]
    document = {"grants": grants, "until": "2027-06-30", "holder": "u_anna"}
    budget = {"amount": 400.0}

    def used(what: str, value: Any, **said: Any) -> Change:
        text = {**json.loads(line(what, "budget", None, value)), "power": "team.budget"}
        mandate = json.dumps({"name": "daily", "digest": "d", "teams": {}, **document, **said})
        return _changed(json.dumps(text), basis="mandate", mandate=mandate)

    use = used("team press", budget)
    case("under a mandate", _after(*given, use), "3. PROVEN", "mandate daily (grants): Anna")
    case("listed", _after(*given, use), "1 changes that one person made within a mandate")
    shorter = _changed(
        line("mandate daily", "until", "2027-06-30", "2027-05-01"), basis="narrowing"
    )
    case("narrowed later", _after(*given, use, shorter), "3. PROVEN")
    passed = _changed(line("mandate daily", "until", "2027-06-30", LONG_AGO), basis="narrowing")
    levels = [{"kind": "key", "teams": ["press"], "most": {"clearance": "restricted"}}]
    of_keys = _changed(line("mandate daily", "grants", grants, levels))

    def raised(teams: dict[str, str]) -> Change:
        text = {**json.loads(line("key bot", "clearance", None, "restricted")), "power": "keys"}
        mandate = {"name": "daily", **document, "grants": levels, "teams": teams}
        return _changed(json.dumps(text), basis="mandate", mandate=json.dumps(mandate))

    case("on a key", _after(*given, of_keys, raised({"1": "press"})), "3. PROVEN")
    wider = [{**grants[0], "teams": ["press", "law"]}]
    alone = _changed(line("mandate daily", "grants", None, grants), basis="alone")
    for name, change in (
        ("that nobody gave", _after(use)),
        ("that one person gave", _after(alone, *given[1:], use)),
        ("that ended", _after(*given, shorter, use)),
        ("as wider", _after(*given, used("team law", budget, grants=wider))),
        ("on another team", _after(*given, used("team law", budget))),
        ("with more", _after(*given, used("team press", {"amount": 501.0}))),
        ("on a provider", _after(*given, used("provider eu", budget))),
        ("with no amount", _after(*given, used("team press", None))),
        ("after its last day", _after(*given, passed, used("team press", budget, until=LONG_AGO))),
        ("on a key of another team", _after(*given, of_keys, raised({"1": "press", "2": "law"}))),
    ):
        case(f"a mandate {name}", change, "3. NOT PROVEN")


def _policies(cases: Cases) -> None:
    case = partial(_case, cases)
    new = "sha256:" + "c" * 64
    short = f"policy {new[:23]}"
    line = bundle_line(BUNDLE, new)

    def case_of(name: str, change: Change, *says: str) -> None:
        case(f"a bundle: {name}", _after(change), "3. NOT PROVEN", *says)

    def by_proposal(h: History, kind: str = "policy_bundle", **other: Any) -> None:
        proposal = h.proposed([], kind=kind)
        h.approved(proposal, [], kind=kind, **other)
        h.applied([line], proposal=proposal)

    case("another bundle", _after(by_proposal), "3. PROVEN", f"{short}: Anna", "5 approved by two")
    case_of("one person", partial(by_proposal, one_person=True), f"{short}: one person decided")
    case_of(
        "of the release",
        lambda h: h.applied([line], basis="release"),
        f"{short}: it came with the release",
        "1 settings that came with the release",
    )
    case_of("adopted", lambda h: h.applied([line], basis="adopted"), "in force before approvals")
    case_of("alone", lambda h: h.applied([line], basis="alone"), "decided by one person, while")
    case_of("said to narrow", lambda h: h.applied([line], basis="one-person"), "recorded as a na")
    case_of("without approval", lambda h: h.applied([line]), "no entry approves it")
    case_of("by another kind of proposal", partial(by_proposal, kind="terms"), "was for another")
    case_of(
        "only activated",
        lambda h: (
            h.control("control:policy:activate", DECIDER, digest=new),
            h.asked("x", bundle=new),
        ),
        f"{short}: in use, but no entry says who",
    )
    case_of(
        "a change between is missing",
        lambda h: h.policy(new, before="sha256:" + "f" * 64),
        "changes another value",
    )

    def by_lines(h: History, lines: list[str]) -> None:
        proposal = h.proposed(lines)
        h.approved(proposal, lines)
        h.applied([line], proposal=proposal)

    case("in a proposal with lines", _after(partial(by_lines, lines=[line])), "3. PROVEN")
    case_of(
        "in a proposal of other lines",
        partial(by_lines, lines=[bundle_line(None, new)]),
        "was for another",
    )
    abused = zone_line("eu", "eu", "internal")
    case_of(
        "its proposal brings a zone",
        lambda h: (
            h.approved(proposal := h.proposed([], kind="policy_bundle"), [], kind="policy_bundle"),
            h.applied([abused], proposal=proposal),
        ),
        "eu = internal: the approved proposal was for",
    )
    swap: tuple[str, dict[str, Any]] = ("gateway:snapshot:swap", {"snapshot": "s"})
    case_of(
        "swapped in",
        lambda h: h.log.entry(*swap, log=GATEWAY, bundle=new),
        f"{short}: in use, but no entry",
    )
    case_of(
        "swapped in, forgotten",
        lambda h: h.log.entry(*swap, log=GATEWAY, bundle=new, kept=False),
        f"{short}: in use, but no entry",
    )
    case("no bundle", _after(lambda h: h.asked("x", bundle="")), "3. PROVEN")
    case(
        "a file of the bundle",
        _after(
            lambda h: h.applied(
                [zone_line("", "a", "b", object="policy bundle", field="files")], basis="one-person"
            )
        ),
        "3. PROVEN",
    )
    case(
        "a gateway cannot decide",
        _after(
            lambda h: h.log.entry(
                "control:change:apply", {"lines": [line], "basis": "two-persons"}, log=GATEWAY
            )
        ),
        "3. PROVEN",
    )
    case_of(
        "cut",
        lambda h: h.applied([], basis="one-person", more=3),
        "do not hold all lines of their change: control:13.",
    )


def _models(cases: Cases) -> None:
    case = partial(_case, cases)
    other = "sha256:" + "e" * 64
    about: dict[str, Any] = {"model": "house", "version": "4", "digest": other}
    start: dict[str, Any] = {"name": "first start", "principal": "bootstrap:approve", **about}

    def case_of(name: str, change: Change, *says: str) -> None:
        case(f"a version: {name}", _after(change), "3. NOT PROVEN", *says)

    case("a version", _after(lambda h: h.model(digest=other)), "3. PROVEN", "5 approved by two")
    case_of(
        "of one person",
        lambda h: h.model(digest=other, by=AUTHOR),
        "model house@3: proposed and approved by the same",
    )
    case_of(
        "of the operator",
        lambda h: h.model(digest=other, by=("local operator", "root")),
        "model house@3: the entries name no two",
    )
    case_of(
        "never registered",
        lambda h: (
            h.control("control:model:approve", DECIDER, **about),
            h.asked("x", model_digest=other),
        ),
        "model sha256:eeeeeeeeeeeeeeee: no entry approves it",
    )

    def tagged(h: History) -> None:
        h.control("control:model:register", AUTHOR, **about)
        h.control("control:model:promote", DECIDER, **about, tag="beta")

    case_of("a tag without approval", tagged, "model house@4: no entry approves it")
    case_of(
        "of the release",
        lambda h: (
            h.log.entry("control:model:register", start),
            h.log.entry("control:model:approve", start),
            h.control("control:model:promote", DECIDER, **about, tag="beta"),
        ),
        "model house@4: it came with the release",
        "2 settings that came with the release",
    )
    line = zone_line("", None, other, object="model house", field="digest")
    case_of(
        "adopted",
        lambda h: (h.applied([line], basis="adopted"), h.asked("x", model_digest=other)),
        "in force before approvals",
    )
    case_of(
        "registered, not adopted",
        lambda h: (h.applied([line], basis="one-person"), h.asked("x", model_digest=other)),
        "in use, but",
    )
    state = zone_line("", None, other, object="model house", field="state")
    case_of(
        "another field adopted",
        lambda h: (h.applied([state], basis="adopted"), h.asked("x", model_digest=other)),
        "in use, but",
    )
    case_of("in use", lambda h: h.asked("x", model_digest=other), "in use, but no entry says")
    quarantined = honest()
    quarantined.model(digest=other, by=AUTHOR, tag="beta")
    quarantined.control("control:model:quarantine", AUTHOR, **about)
    first = quarantined.log.size
    quarantined.asked("x")
    quarantined.control("control:key:create", AUTHOR)
    case(
        "quarantined before",
        quarantined,
        "3. PROVEN",
        "2 zones, 1 policies and 1 model",
        first=first,
    )
    case("quarantined here", quarantined, "3. NOT PROVEN", first=first - 2)
    case_of(
        "forgotten",
        lambda h: h.log.entry("control:model:promote", about, kept=False),
        "what is in force are gone: control:13.",
        "4. NOT PROVEN",
    )
    case_of(
        "unreadable",
        lambda h: h.control("control:model:promote", AUTHOR, digest=other),
        "that cannot be read: control:13.",
    )


def _exceptions(cases: Cases) -> None:
    case = partial(_case, cases)
    held = _after(
        lambda h: h.control("control:hold:create", AUTHOR, hold="h1"),
        lambda h: h.control("control:hold:release", AUTHOR, hold="h1"),
    )
    case("holds", held, "4. PROVEN", "2 legal holds began or ended: control:13 2023-11-14")
    case(
        "one person",
        _after(lambda h: h.control("control:audit:export", AUTHOR, one_person=True)),
        "1 decisions of one person: control:13 2023-11-14 22:13:20 UTC.",
    )
    case(
        "two persons",
        _after(lambda h: h.control("control:x:y", AUTHOR, one_person=False)),
        "There were none",
    )
    case(
        "a refused state",
        _after(lambda h: h.control("control:snapshot:refuse", AUTHOR)),
        "1 times a configuration was refused that nobody had approved: control:13",
    )
    case(
        "of the release",
        _after(lambda h: h.log.entry("control:x:y", {"principal": "bootstrap:x"})),
        "1 settings that came with the release: control:13",
    )
    case(
        "break-glass",
        _after(
            lambda h: h.control("control:proposal:create", AUTHOR, proposal="q", kind="break_glass")
        ),
        "1 steps of break-glass exceptions: control:13",
    )
    case(
        "first start",
        _after(lambda h: h.applied([], basis="bootstrap")),
        "1 settings of the first configuration: control:13",
    )
    case(
        "adopted",
        _after(lambda h: h.applied([], basis="adopted")),
        "1 changes from before approvals were recorded: control:13",
    )
    opened = _after(
        lambda h: h.control("control:hold:create", AUTHOR, hold="h1"),
        lambda h: h.control("control:recovery:use", AUTHOR, author="anna", approver="bram"),
    )
    first = "1 entries of a way back that two persons opened by codes: control:14"
    case("a way back", opened, f"Every exception is listed.\n   - {first}")
    owned = _after(
        lambda h: h.control("control:key:own", AUTHOR, key="k_old", owner="anna@example.nl"),
        lambda h: h.applied([], basis="first-owner"),
    )
    who = "2 entries by which the operator alone named the owner of an administrator's key"
    at = "2023-11-14 22:13:20 UTC"
    listed = f"control:13 {at} (anna@example.nl), control:14 {at}."
    case("a first owner", owned, who, listed, "4. PROVEN")
    zone = _after(lambda h: h.applied([zone_line("eu", "eu", "internal")], basis="first-owner"))
    case("a zone by a first owner", zone, "3. NOT PROVEN", "does not say on which ground")
    spools = [
        lambda h: h.log.entry(
            "trail:spool:begin", {"of_log": GATEWAY, "last": 0}, log=GATEWAY, kept=False
        ),
        lambda h: h.log.entry("trail:spool:end", {"entries": 1}, log=GATEWAY),
    ]
    case("spools", _after(*spools), "2 times the entries went to")
    degraded = [lambda h: h.asked("x", degraded=True), lambda h: h.asked("y", degraded=True)]
    case("degraded", _after(*degraded), "2 entries were written while the database took none")
    stale = ["control.names", "snapshot.stale"]
    case(
        "stale",
        _after(lambda h: h.asked("x", kept_inside=stale)),
        "1 entries are of requests that stayed inside",
    )
    case(
        "inside for another reason",
        _after(lambda h: h.asked("x", kept_inside=stale[:1])),
        "There were none",
    )

    def hidden(h: History) -> None:
        fields: dict[str, Any] = {"kept_inside": stale, "degraded": True}
        h.log.entry("request:refusal:record", fields, log=GATEWAY, kept=False)

    case(
        "flags whose values are gone",
        _after(hidden),
        "4. PROVEN",
        "1 entries are of requests",
        "1 entries were written",
    )
    case(
        "a hidden exception",
        _after(lambda h: h.log.entry("control:audit:export", {"one_person": True}, kept=False)),
        "4. NOT PROVEN",
        "could be exceptions are gone: control:13.",
    )
    many = honest()
    for _ in range(102):
        many.control("control:hold:create", AUTHOR)
    case("many", many, "102 legal holds began", ", ...")
    cases.add("all of many, as JSON", _path(cases), GOOD, "control:114 ", "--statement", "--json")
    hundred = honest()
    for _ in range(100):
        hundred.control("control:hold:create", AUTHOR)
    case("a hundred", hundred, "100 legal holds began", "control:112 2023-11-14 22:13:20 UTC.")


def _witnesses(cases: Cases) -> None:
    history = honest()
    log = history.log
    line = cosignature(log.checkpoint(), "w1", key(11), SEEN_AT)
    path = log.package(cases.path(), witnessed=[log.witnessed("w1", log.size, line)])
    say = "--statement"
    cases.add("a claimed witness", path, GOOD, "5. ASSUMED", say)
    cases.add("a witness", path, GOOD, "5. PROVEN", say, "--witness-key", cases.witness_keys)
    kept = cases.file("statement-kept.txt", log.checkpoint())
    cases.add("a witness's file", path, GOOD, "5. PROVEN", say, "--witness-file", kept)
    part = cases.file("statement-part.txt", log.checkpoint(9))
    cases.add("a witness of a part", path, GOOD, "5. NOT PROVEN", say, "--witness-file", part)
    other = cases.file("statement-other.txt", "")
    cases.add("no witness", path, GOOD, "5. NOT PROVEN", say, "--witness-file", other)
    _case(cases, "no witness at all", history, "5. NOT PROVEN")


def _starts(cases: Cases) -> None:
    """What was in force when the period began."""
    case = partial(_case, cases)
    history = honest()
    history.applied([zone_line("far", None, "global")], basis="alone")
    first = history.log.size
    history.asked("x")
    case(
        "no governance entry", history, "3. NOT PROVEN", "no entry of the log control", first=first
    )
    history.control("control:key:create", AUTHOR)
    says = ("3. NOT PROVEN", "provider far = global: decided by one person", "14 entries of the")
    case("decided before", history, *says, "4. PROVEN", "There were none", first=first)
    case(
        "no governance log",
        history,
        "3. NOT PROVEN",
        "the package has no governance.jsonl",
        first=first,
        prefix=False,
    )
    history.zone("far", "global", "eu")
    case("unknown before", history, "provider far = eu: Anna", first=first, prefix=False)
    history.zone("far", "global", "internal")
    case(
        "a jump from what is unknown",
        history,
        "internal: the entry changes another",
        first=first,
        prefix=False,
    )
    late = honest()
    late.zone("far", None, "global").zone("far", "global", "eu")
    first = late.log.size
    late.control("control:key:create", AUTHOR)
    late.asked("x", provider="far", zone="global")
    case("in use after it was replaced", late, "3. PROVEN", "far = global: Anna", first=first)
    jumped = honest()
    jumped.zone("far", "global", "internal")
    first = jumped.log.size
    jumped.control("control:key:create", AUTHOR)
    case("a jump before", jumped, "far = internal: the entry changes another", first=first)
    for profile in (METADATA, DisclosureProfile.PSEUDONYMISED):
        package = history.log.package(cases.path(), first, profile=profile)
        cases.add("the log before, unasked", package, GOOD, "HOLDS")
    kept = honest()
    kept.log.entry("control:model:promote", {"digest": MODEL}, kept=False)
    kept.log.entry("control:key:create", {"name": "a"}, kept=False)
    first = kept.log.size
    kept.control("control:key:create", AUTHOR)
    case(
        "forgotten before",
        kept,
        "3. NOT PROVEN",
        "in force are gone: control:13.",
        "4. PROVEN",
        first=first,
    )


def _prefixes(cases: Cases) -> None:
    """Tampering with the governance log before the period."""
    history = honest()
    first = history.log.size
    history.control("control:key:create", AUTHOR)
    package = history.log.package(cases.path(), first, more=published())
    name = "governance.jsonl"

    def lines_of(one: EditablePackage) -> list[bytes]:
        return one.parts[name].splitlines(keepends=True)

    def case(what: str, change: Callable[[list[bytes]], list[bytes]], number: int) -> None:
        def edited(one: EditablePackage) -> None:
            one.parts[name] = b"".join(change(lines_of(one)))

        says = f"line {number} of the governance log"
        cases.add(f"prefix: {what}", cases.insider(package, edited), TAMPERED, says)

    case("first dropped", lambda lines: lines[1:], 1)
    case("middle dropped", lambda lines: lines[:4] + lines[5:], 5)
    case("last dropped", lambda lines: lines[:-1], 13)
    case("all dropped", lambda lines: [], 1)
    case("one more", lambda lines: [*lines, lines[-1]], 14)
    case("cut", lambda lines: [*lines[:-1], lines[-1][:-1]], 13)
    case("text behind", lambda lines: [*lines, b"x"], 14)
    case("no text", lambda lines: [b"\xff\n", *lines[1:]], 1)
    case("no object", lambda lines: [b"[]\n", *lines[1:]], 1)
    case("no leaf", lambda lines: [b"{}\n", *lines[1:]], 1)
    case("deep", lambda lines: [b"[" * 10**5 + b"\n", *lines[1:]], 1)
    case("a value", lambda lines: [lines[0].replace(b"Anna", b"Arne"), *lines[1:]], 1)
    case("a leaf", lambda lines: [lines[0].replace(b'"time":1', b'"time":2'), *lines[1:]], 2)
    case("a body", lambda lines: [lines[0].replace(b"]]}", b']],"body":{}}'), *lines[1:]], 1)
    case(
        "another log",
        lambda lines: [lines[0].replace(b'"log":"control"', b'"log":"gateway"'), *lines[1:]],
        1,
    )
    case("another number", lambda lines: [lines[0].replace(b'"seq":0', b'"seq":1'), *lines[1:]], 1)
    outsider = rewrite_package(package, cases.path(), replaced(name, b""))
    cases.add("prefix: changed by an outsider", outsider, TAMPERED, "was changed")
    unneeded = honest().log.package(cases.path(), more={name: _first_line(package)})
    cases.add("prefix: of a whole log", unneeded, TAMPERED, "line 2 of the governance log")
    nothing = honest()
    nothing.asked("x")
    beside = nothing.log.package(cases.path(), nothing.log.size - 1, more={name: b""})
    cases.add("prefix: of no entry here", beside, TAMPERED, "line 1 of the governance log")
    closed = honest()
    closed.control("control:key:create", AUTHOR)
    closed.control("control:key:create", AUTHOR)
    package = closed.log.package(cases.path(), closed.log.size - 1)

    def opened(one: EditablePackage) -> None:
        gone = json.dumps({"gone": "missing", "entry": None}).encode()
        lines = lines_of(one)
        lines[-1] = lines[-1].replace(b'"disclosure":[]', b'"disclosure":' + gone)
        one.parts[name] = b"".join(lines)

    cases.add(
        "prefix: a mark where nothing is opened",
        cases.insider(package, opened),
        TAMPERED,
        "line 14 of the governance log",
    )
    cases.add("prefix: closed entries", package, GOOD, "HOLDS", "--statement")


def _first_line(package: Any) -> bytes:
    import zipfile

    with zipfile.ZipFile(package) as source:
        return source.read("governance.jsonl").splitlines(keepends=True)[0]


def _profiles(cases: Cases) -> None:
    case = partial(_case, cases)
    history = honest()
    history.asked("x", level="restricted", zone="global")
    case(
        "metadata",
        history,
        "1. PROVEN",
        "2. NOT PROVEN",
        "3. NOT PROVEN",
        "4. NOT PROVEN",
        "withholds who acted",
        profile=METADATA,
    )
    chosen = Selection({"zone": frozenset({"eu"})})
    case(
        "a selection",
        history,
        "1. NOT PROVEN",
        "2. NOT PROVEN",
        "3. NOT PROVEN",
        "4. NOT PROVEN",
        "opens a selection only",
        selection=chosen,
    )
