"""Deployments: models on providers; and aliases, the names that applications use."""

from typing import Annotated

from gateway.core.clearance import Clearance, effective
from gateway.core.level import Level, Zone
from gateway.core.objects.declare import Bounds, ChangeRule, Harmless, Label, Mark
from gateway.core.objects.effects import (
    any_change,
    more_items,
    no_cheaper,
    no_longer,
    own_clearance,
)
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import Currency, LevelName, Money, Name, Text

VERSION_REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}@[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_VERSION = "deployment.version"
_Flag = bool | None
_Part = Money | None


class Prices(SnapshotValue, frozen=True):
    """Cost per million tokens; None for the parts that cost as other input."""

    input_per_million: Annotated[Money, Label("Input", "Invoer")] = 0.0
    output_per_million: Annotated[Money, Label("Output", "Uitvoer")] = 0.0
    currency: Annotated[Currency, Label("Currency (ISO 4217)", "Munteenheid (ISO 4217)")] = "EUR"
    cached_input_per_million: Annotated[
        _Part, Label("Input from the cache", "Invoer uit de cache")
    ] = None
    cache_write_per_million: Annotated[
        _Part, Label("Writing the cache, 5 minutes", "Schrijven naar de cache, 5 minuten")
    ] = None
    cache_write_1h_per_million: Annotated[
        _Part, Label("Writing the cache, 1 hour", "Schrijven naar de cache, 1 uur")
    ] = None


class ClearanceSetting(SnapshotValue, frozen=True):
    """A deployment's own clearance, as level names."""

    clear: Annotated[LevelName, Label("Unredacted", "Onbewerkt")]
    redacted: Annotated[LevelName, Label("Redacted", "Geredigeerd")]

    def value(self) -> Clearance:
        """Returns the setting as levels."""
        return Clearance(Level.parse(self.clear), Level.parse(self.redacted))


class Capabilities(SnapshotValue, frozen=True):
    """What a model takes: ``context`` in tokens; None where it is not known."""

    context: Annotated[
        Annotated[int, Bounds(at_least=1, at_most=100_000_000)] | None,
        Label("Context, in tokens", "Context, in tokens"),
    ] = None
    images: Annotated[_Flag, Label("Takes pictures", "Neemt beeld aan")] = None
    tools: Annotated[_Flag, Label("Calls tools", "Roept gereedschap aan")] = None


_UpToMinute = Annotated[float, Bounds(above=0, at_most=60)] | None
_UpToFive = Annotated[float, Bounds(above=0, at_most=300)] | None
_UpToDay = Annotated[float, Bounds(above=0, at_most=86_400)] | None


class Timeouts(SnapshotValue, frozen=True):
    """The longest waits for a deployment, in seconds; None for that of the gateway.

    ``first_token`` is until the first event of a stream, ``idle`` between two pieces of an answer,
    ``total`` until its end.
    """

    connect: Annotated[_UpToMinute, Label("To connect", "Voor verbinden")] = None
    first_token: Annotated[_UpToFive, Label("To the first token", "Tot het eerste token")] = None
    idle: Annotated[_UpToFive, Label("Between two pieces", "Tussen twee stukken")] = None
    total: Annotated[_UpToDay, Label("To the end", "Tot het einde")] = None


class Deployment(SnapshotValue, frozen=True):
    """One model on one provider; ``model`` is the name on the wire.

    ``version`` is the registered version that it serves, as ``name@version`` or ``name@tag``.
    Inside, ``model`` may be left out: the version then says under which name it is served. One
    that ``needs_version`` serves nothing inside without an approved one where policy says so; one
    that does not is from before versions of every kind were registered.
    """

    name: Annotated[Name, Label("Name", "Naam")]
    provider: Annotated[Name, Label("Provider", "Aanbieder")]
    model: Annotated[
        Text, Mark.OPTIONAL, Label("Model, as the provider calls it", "Model bij de aanbieder")
    ]
    price: Annotated[
        Prices,
        Label("Price of a million tokens", "Prijs van een miljoen tokens"),
        ChangeRule("deployment.provider", no_cheaper),
    ] = Prices()
    clearance: Annotated[
        ClearanceSetting | None,
        Label("Highest levels that it receives", "Hoogste niveaus die het ontvangt"),
        ChangeRule("deployment.clearance", own_clearance),
    ] = None
    capabilities: Annotated[Capabilities, Label("What it takes", "Wat het aankan")] = Capabilities()
    timeouts: Annotated[
        Timeouts,
        Label("Longest waits, in seconds", "Langste wachttijden, in seconden"),
        Harmless("how long an answer may take; where text goes is as before"),
    ] = Timeouts()
    version: Annotated[
        Annotated[str, Bounds(pattern=VERSION_REFERENCE)] | None,
        Label("Registered version", "Geregistreerde versie"),
        ChangeRule(_VERSION, any_change),
    ] = None
    needs_version: Annotated[bool, Mark.DERIVED, ChangeRule(_VERSION, no_longer, False)] = False

    def cleared_in(self, zone: Zone) -> Clearance:
        """Returns this deployment's clearance: the zone's ceiling, narrowed by its own setting."""
        return effective(zone, self.clearance.value() if self.clearance else None)


class Alias(SnapshotValue, frozen=True):
    """The name that applications use, with candidate deployments in order of preference."""

    name: Annotated[Name, Label("Name", "Naam")]
    candidates: Annotated[
        list[Name],
        Bounds(min_length=1),
        Label("Deployments, in order of preference", "Modellen, in volgorde van voorkeur"),
        ChangeRule("alias.candidates", more_items, []),
    ]
