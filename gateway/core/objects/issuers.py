"""Issuers of tokens, and the rights that they give."""

from typing import Annotated, Any

from gateway.core.objects.declare import (
    Bounds,
    ChangeRule,
    Checked,
    Choice,
    Label,
    Mark,
    Read,
    StatedAs,
)
from gateway.core.objects.effects import any_change, any_value, more_entries
from gateway.core.objects.teams import LOWEST_FLOOR, NO_LIMITS, Budget, Limits
from gateway.core.objects.token_profiles import ALGORITHMS, DEFAULT, PROFILES
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import (
    ClaimCondition,
    ClaimPath,
    ClaimPaths,
    LevelName,
    MountedToken,
    Name,
    ProxyUrl,
    Reference,
    Text,
    Texts,
    Url,
)

_LONGEST_S = 30 * 86_400
_RIGHTS, _ROLES = "issuer.rights", "issuer.roles"


def _known_profile(value: str) -> str:
    if value not in PROFILES:
        raise ValueError(f"there is no such profile; use {', '.join(PROFILES)}")
    return value


def _plain(values: Any) -> Any:
    """A list of one as a text, which is how most settings are written; none as an empty text."""
    if values is None:
        return ""
    return values[0] if len(values) == 1 else list(values)


def _listed(value: Any) -> Any:
    """Accepts ``{group: {…}}`` too, in the order in which it is written."""
    if not isinstance(value, dict):
        return value
    if any(isinstance(rights, dict) and "group" in rights for rights in value.values()):
        raise ValueError("the key is the name of the group; leave group out, or write a list")
    return [
        {"group": group, **rights} if isinstance(rights, dict) else rights
        for group, rights in value.items()
    ]


class Rights(SnapshotValue, frozen=True, kw_only=True):
    """What a token may use. Empty ``models`` or ``purposes`` mean all, as for a key.

    ``budget`` and ``limits`` are of one person or application.
    """

    team: Annotated[Name | None, Label("Team", "Team")] = None
    models: Annotated[
        list[Name],
        Bounds(min_length=1),
        Label("Models and aliases; none for all", "Modellen en aliassen; geen is alle"),
    ] = []
    purposes: Annotated[
        list[Name],
        Bounds(min_length=1),
        Label("Use cases; none for all", "Toepassingen; geen is alle"),
    ] = []
    clearance: Annotated[
        LevelName, Label("Highest level that it may use", "Hoogste niveau dat het gebruikt")
    ] = "confidential"
    floor: Annotated[
        LevelName,
        Label("Lowest level that its requests have", "Laagste niveau van de verzoeken"),
    ] = LOWEST_FLOOR
    budget: Annotated[Budget | None, Label("Budget", "Budget")] = None
    limits: Annotated[Limits, Label("Limits", "Limieten")] = NO_LIMITS


class GroupRights(Rights, frozen=True, kw_only=True):
    """The rights of persons in ``group`` whose claims meet all conditions of ``when``.

    None means any group. The keys of ``when`` are paths of claims.
    """

    group: Annotated[Text | None, Label("Group", "Groep")] = None
    when: Annotated[
        dict[ClaimPath, Text],
        Bounds(min_length=1),
        Label("Claims that it must have", "Claims die het moet hebben"),
    ] = {}

    def check(self) -> None:
        """Refuse a mapping for everybody."""
        if self.group is None and not self.when:
            raise ValueError("name a group, or conditions in when; no mapping is for everybody")


class ClaimMapping(SnapshotValue, frozen=True):
    """Claims that differ from the issuer's profile; an empty text means the profile's.

    ``kind`` is a condition: the principal is an application when it holds, else a person.
    ``author`` are the claims of a pipeline that name the person whose change it makes.
    """

    subject: Annotated[Text, Label("Claim of the subject", "Claim van het subject")] = ""
    name: Annotated[Text, Label("Claim of the name", "Claim van de naam")] = ""
    client: Annotated[Text, Label("Claim of the client", "Claim van de client")] = ""
    session: Annotated[Text, Label("Claim of the session", "Claim van de sessie")] = ""
    kind: Annotated[
        ClaimCondition,
        Label("When it is an application", "Wanneer het een applicatie is"),
    ] = ""
    author: Annotated[
        list[str],
        StatedAs(ClaimPaths | None),
        Label("Claims of a pipeline's author", "Claims van de auteur van een pijplijn"),
    ] = []


class ScimSetting(SnapshotValue, frozen=True):
    """Persons come by SCIM; ``subject`` is the attribute that equals the subject of tokens.

    It is ``none`` where no attribute does. ``client`` names the only key that may provision them,
    if one is named.
    """

    subject: Annotated[
        str,
        Choice(("externalId", "userName", "none")),
        Label("Attribute that is the subject", "Attribuut dat het subject is"),
    ] = "externalId"
    client: Annotated[
        Name | None, Label("Only key that provisions", "Enige sleutel die personen aanlevert")
    ] = None


class ApprovalClient(SnapshotValue, frozen=True):
    """The client at an issuer with which persons sign on to approve something.

    ``client_secret`` is a reference, empty for a public client. ``acr_values`` are the classes of
    sign-on that count, where it matters (OpenID Connect Core 1.0, section 2).
    """

    client_id: Annotated[Text, Label("Client id", "Client-id")]
    client_secret: Annotated[
        Reference, Label("Variable with its secret", "Variabele met het geheim")
    ] = ""
    acr_values: Annotated[
        list[Text],
        Bounds(max_length=20),
        Label("Classes of sign-on that count", "Aanmeldklassen die tellen"),
    ] = []


class Issuer(SnapshotValue, frozen=True):
    """An issuer whose access tokens are accepted; an empty setting means that of its profile.

    ``keys`` is its JWK set, empty until one was fetched, and ``published`` the algorithms that its
    discovery document names. ``max_age`` and ``keys_max_age`` are seconds: the longest life of a
    token, and how long keys are used while the provider is down. ``require`` names claims with
    their accepted values. ``jwks_uri``, ``ca``, ``proxy`` and ``bearer_file`` say how the keys are
    fetched.

    ``groups`` gives the rights of persons, in order of precedence; ``applications`` those of
    workloads, by subject. Who is in neither may use nothing. ``logout_clients`` are the client ids
    to which its logout tokens may be addressed, beside ``audience``. With ``approvals`` whatever
    needs another person needs that person's sign-on, too.
    """

    name: Annotated[Name, Label("Name", "Naam")]
    issuer: Annotated[Url, Label("Address of the issuer", "Adres van de uitgever")]
    audience: Annotated[
        str | list[str],
        StatedAs(Texts),
        Checked(_plain),
        Label("Audience of its tokens", "Doelgroep (audience) van de tokens"),
    ]
    roles_claim: Annotated[
        str | list[str],
        StatedAs(ClaimPaths | None),
        Checked(_plain),
        Label("Claims with roles", "Claims met rollen"),
        ChangeRule(_ROLES, any_value, "roles"),
    ] = ""
    roles: Annotated[
        dict[str, str],
        Label("Role by group", "Rol per groep"),
        ChangeRule(_ROLES, more_entries, {}),
    ] = {}
    keys: Annotated[dict[str, Any], Mark.DERIVED] = {}
    profile: Annotated[
        str, Checked(_known_profile), Label("Profile of the provider", "Profiel van de aanbieder")
    ] = DEFAULT
    typ: Annotated[
        list[str],
        StatedAs(Texts | None),
        Label("Types of its tokens", "Typen van de tokens"),
    ] = []
    algorithms: Annotated[
        list[str],
        StatedAs(Annotated[list[Annotated[str, Choice(ALGORITHMS)]], Bounds(min_length=1)] | None),
        Label("Algorithms of signatures", "Algoritmen van handtekeningen"),
    ] = []
    published: Annotated[list[str], Mark.DERIVED] = []
    max_age: Annotated[
        int | None,
        StatedAs(Annotated[int, Bounds(at_least=60, at_most=_LONGEST_S)] | None),
        Label("Longest life of a token, in seconds", "Langste geldigheid van een token (s)"),
    ] = None
    groups_claim: Annotated[
        str | list[str],
        StatedAs(ClaimPaths | None),
        Checked(_plain),
        Label("Claims with groups", "Claims met groepen"),
        ChangeRule(_RIGHTS, any_value),
    ] = ""
    claims: Annotated[
        ClaimMapping,
        Label("Claims that differ from the profile", "Claims die afwijken van het profiel"),
    ] = ClaimMapping()
    require: Annotated[
        dict[str, list[str]],
        StatedAs(dict[Text, Texts]),
        Label("Claims with their accepted values", "Claims met de waarden die tellen"),
    ] = {}
    keys_max_age: Annotated[
        int,
        Bounds(at_least=300, at_most=_LONGEST_S),
        Label("How long keys are used, in seconds", "Hoe lang sleutels gelden (s)"),
    ] = 86_400
    jwks_uri: Annotated[Url, Label("Address of its keys", "Adres van de sleutels")] = ""
    ca: Annotated[Text, Label("File with its CA", "Bestand met de CA")] = ""
    proxy: Annotated[ProxyUrl, Label("Proxy", "Proxy")] = ""
    bearer_file: Annotated[
        MountedToken, Label("File with the token for its keys", "Bestand met het token")
    ] = ""
    groups: Annotated[
        list[GroupRights],
        Read(_listed),
        Label("Rights of persons by group", "Rechten van personen per groep"),
        ChangeRule(_RIGHTS, any_change),
    ] = []
    applications: Annotated[
        dict[Text, Rights],
        Label("Rights of workloads by subject", "Rechten van applicaties per subject"),
        ChangeRule(_RIGHTS, more_entries, {}),
    ] = {}
    scim: Annotated[ScimSetting | None, Label("Persons by SCIM", "Personen via SCIM")] = None
    logout_clients: Annotated[
        list[Text], Label("Clients of logout tokens", "Clients van uitlogtokens")
    ] = []
    approvals: Annotated[
        ApprovalClient | None,
        Label("Client for signed approvals", "Client voor ondertekende goedkeuringen"),
    ] = None

    def check(self) -> None:
        """Refuse an issuer that anybody gets tokens of, unless it says whose count."""
        if PROFILES[self.profile].restricted and not self.require:
            raise ValueError(
                f"anybody can get a token of a {self.profile} issuer for this audience: say with "
                "require whose count, for example require: {repository_owner: [my-organisation]}"
            )
