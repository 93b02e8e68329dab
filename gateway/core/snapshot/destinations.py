"""Where requests may go: providers, deployments, aliases and model versions."""

from functools import lru_cache
from urllib.parse import urlsplit

from gateway.core.clearance import Clearance, effective
from gateway.core.days import end_of_day
from gateway.core.level import Level, Zone
from gateway.core.snapshot.value import SnapshotValue

GUARDRAIL_KINDS = frozenset({"guardrail", "moderations"})  # of providers that judge texts


class Contract(SnapshotValue, frozen=True):
    """What is stated about a provider's contract; ``review`` is a day (ISO 8601).

    It covers confidential text until the end of that day (UTC). ``retention`` is in days, or in
    words; ``training`` says whether the provider trains on the data, or under which terms.
    """

    region: str
    transfer_basis: str
    review: str
    subprocessors: list[str] = []
    retention: int | str | None = None
    training: bool | str | None = None
    reference: str | None = None


class EntraSignOn(SnapshotValue, frozen=True):
    """How the gateway signs on to Entra ID: by ``secret`` (``env:NAME``) or ``token_file``.

    ``token_file`` is the path of the token of a workload; ``authority`` and ``scope`` differ in
    national clouds.
    """

    tenant: str
    client: str
    secret: str | None = None
    token_file: str | None = None
    authority: str = "https://login.microsoftonline.com"
    scope: str | None = None


class AwsSignOn(SnapshotValue, frozen=True):
    """How the gateway signs for AWS: by an access key, by a role, or by both.

    ``access_key``, ``secret_key`` and ``session_token`` are ``env:NAME``. ``token_file`` is the
    path of the token of a workload that may take ``role``; ``sts`` the URL of the token service,
    None for the one of the region.
    """

    region: str
    access_key: str | None = None
    secret_key: str | None = None
    session_token: str | None = None
    role: str | None = None
    token_file: str | None = None
    sts: str | None = None


@lru_cache(maxsize=1024)
def _is_openai(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith(".openai.com")


class Provider(SnapshotValue, frozen=True):
    """An upstream account. ``api_key`` is ``env:NAME`` or None; ``ca`` a PEM file's path.

    A provider that ``needs_contract`` gets confidential text while a contract covers it. One that
    does not is from before contracts were registered. ``apis`` are the dialects that it has, None
    for all of its kind; the others are translated. ``api_version`` is of an Azure resource without
    the v1 API. ``entra`` and ``aws`` sign on where there is no ``api_key``. ``private_address``
    says whether a provider outside may resolve to a private address, None for one from before that
    was asked; ``plain_http`` whether an internal one may be called without TLS. ``proxy`` is a
    proxy for CONNECT, ``proxy_auth`` the ``env:NAME`` of its ``user:password``; ``pins`` are public
    keys of which the provider must show one.
    """

    name: str
    kind: str
    base_url: str
    zone: Zone
    api_key: str | None = None
    ca: str | None = None
    needs_contract: bool = False
    contract: Contract | None = None
    apis: list[str] | None = None
    api_version: str | None = None
    entra: EntraSignOn | None = None
    aws: AwsSignOn | None = None
    private_address: bool | None = None
    plain_http: bool = False
    proxy: str | None = None
    proxy_auth: str | None = None
    pins: list[str] = []

    @property
    def is_openai(self) -> bool:
        """Whether OpenAI's own service answers: others, on Azure too, refuse some of its fields."""
        return _is_openai(self.base_url)

    @property
    def is_guardrail(self) -> bool:
        """Whether it judges texts for content rules, and answers no request."""
        return self.kind in GUARDRAIL_KINDS

    def covered(self, now: float) -> bool:
        """Returns whether confidential text may go there, as far as its contract goes."""
        if self.zone is Zone.INTERNAL or not self.needs_contract:
            return True
        return self.contract is not None and now < end_of_day(self.contract.review)


class Prices(SnapshotValue, frozen=True):
    """Cost per million tokens; None for the parts that cost as other input."""

    input_per_million: float = 0.0
    output_per_million: float = 0.0
    currency: str = "EUR"
    cached_input_per_million: float | None = None
    cache_write_per_million: float | None = None
    cache_write_1h_per_million: float | None = None


class ClearanceSetting(SnapshotValue, frozen=True):
    """A deployment's own clearance, as level names."""

    clear: str
    redacted: str

    def value(self) -> Clearance:
        """Returns the setting as levels."""
        return Clearance(Level.parse(self.clear), Level.parse(self.redacted))


class Capabilities(SnapshotValue, frozen=True):
    """What a model takes: ``context`` in tokens; None where it is not known."""

    context: int | None = None
    images: bool | None = None
    tools: bool | None = None


class Timeouts(SnapshotValue, frozen=True):
    """The longest waits for a deployment, in seconds; None for that of the gateway.

    ``first_token`` is until the first event of a stream, ``idle`` between two pieces of an answer,
    ``total`` until its end.
    """

    connect: float | None = None
    first_token: float | None = None
    idle: float | None = None
    total: float | None = None


class Deployment(SnapshotValue, frozen=True):
    """One model on one provider.

    ``version`` is the registered version that it serves, as ``name@version`` or ``name@tag``. One
    that ``needs_version`` serves nothing inside without an approved one where policy says so; one
    that does not is from before versions of every kind were registered.
    """

    name: str
    provider: str
    model: str
    price: Prices = Prices()
    clearance: ClearanceSetting | None = None
    capabilities: Capabilities = Capabilities()
    timeouts: Timeouts = Timeouts()
    version: str | None = None
    needs_version: bool = False

    def cleared_in(self, zone: Zone) -> Clearance:
        """Returns this deployment's clearance: the zone's ceiling, narrowed by its own setting."""
        return effective(zone, self.clearance.value() if self.clearance else None)


class Alias(SnapshotValue, frozen=True):
    """The name that applications use, with candidate deployments in order of preference."""

    name: str
    candidates: list[str]


LANGUAGE, DETECTOR, ENGINE, EXTERNAL = "language", "detector", "engine", "external"


class EngineModel(SnapshotValue, frozen=True):
    """What is stated about a model in an engine whose files are not here.

    ``served_name`` is its name on the wire; ``source`` and ``revision`` say where it came from.
    """

    served_name: str
    engine: str
    source: str
    revision: str


class ExternalModel(SnapshotValue, frozen=True):
    """A commercial model; ``snapshot`` is the provider's dated name, None where it has none."""

    provider: str
    model: str
    region: str
    contract: str
    snapshot: str | None = None


class ModelVersion(SnapshotValue, frozen=True):
    """One registered version: a language model or a detector by its files, else by statement.

    ``base_dir`` and ``base_digest`` are empty for a model without files here: ``kind`` is then
    ``engine`` or ``external``. ``until`` is the last day of a deprecated version (ISO 8601), else
    empty; ``approved_until`` is when its approvals end, in epoch seconds. ``earlier`` are the
    versions that each of its tags named before, the last first: one of them serves until this one
    is ready.
    """

    name: str
    version: str
    digest: str
    state: str
    base_dir: str
    base_digest: str
    clearance: str = "restricted"
    adapter_dir: str | None = None
    adapter_digest: str | None = None
    tags: list[str] = []
    kind: str = LANGUAGE
    engine: EngineModel | None = None
    external: ExternalModel | None = None
    until: str = ""
    approved_until: float | None = None
    earlier: dict[str, list[str]] = {}
