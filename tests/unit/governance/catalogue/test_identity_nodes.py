"""Issuers in ``sluis.yaml``: what they mean, and faults with line and remedy."""

import pytest

from gateway.core.errors import ConfigError
from gateway.core.snapshot import Issuer
from gateway.governance.catalogue.config_file import parse
from gateway.identity import TokenVerifier

START = """\
version: 1
identity:
  issuers:
    - name: staff
      issuer: "https://id.example.org"
"""


def issuer(settings: str) -> Issuer:
    (made,) = parse(START + settings, source="sluis.yaml").identity.issuers
    TokenVerifier([made])  # what the file may say can be used
    return made


def test_an_issuer_of_before_means_what_it_meant() -> None:
    assert issuer("      audience: urn:sluis\n") == Issuer(
        "staff", "https://id.example.org", "urn:sluis"
    )


def test_every_setting_can_be_given() -> None:
    made = issuer("""\
      audience: [urn:sluis, "api://sluis"]
      profile: keycloak
      typ: [JWT, none]
      algorithms: [RS256, EdDSA]
      max_age: 3600
      keys_max_age: 7200
      claims: {subject: oid, name: nickname, client: cid, session: sid, kind: idtyp=app}
      jwks_uri: "https://kubernetes.default.svc/openid/v1/jwks"
      ca: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
      bearer_file: /var/run/secrets/kubernetes.io/serviceaccount/token
      require: {tid: one, hd: [a.example, b.example]}
      roles_claim: [realm_access.roles, 'resource_access."my.client".roles']
      roles: {officers: compliance_officer}
      groups_claim: "https://example.org/groups"
""")
    assert made.audience == ["urn:sluis", "api://sluis"]
    assert made.require == {"tid": ["one"], "hd": ["a.example", "b.example"]}
    assert made.roles_claim == ["realm_access.roles", 'resource_access."my.client".roles']
    assert (made.claims.kind, made.max_age, made.keys_max_age) == ("idtyp=app", 3600, 7200)


@pytest.mark.parametrize(
    ("line", "place", "says", "settings"),
    [
        (6, "audience", "", "audience: []"),
        (6, "audience", "", "audience: [1]"),
        (6, "profile", "use rfc9068, entra, keycloak", "profile: azure"),
        (6, "algorithms", "RS256", "algorithms: [HS256]"),
        (6, "algorithms", "", "algorithms: []"),
        (6, "max_age", "", "max_age: 10"),
        (6, "max_age", "", "max_age: 31536000"),
        (6, "claims.kind", "idtyp=app", 'claims: {kind: "=app"}'),
        (6, "roles_claim", 'a."b.c".d', 'roles_claim: "a..b"'),
        (6, "groups_claim", 'a."b.c".d', "groups_claim: 'a.\"b'"),
        (6, "bearer_file", "/var/run/secrets/", "bearer_file: /etc/sluis/secrets/operator-token"),
        (6, "bearer_file", "/var/run/secrets/", "bearer_file: /var/run/secrets/../../etc/kek"),
        (4, "", "require: {repository_owner", "profile: github"),
        (4, "", "require", "profile: google"),
    ],
)
def test_a_fault_names_its_line_and_what_to_write(
    line: int, place: str, says: str, settings: str
) -> None:
    values = settings.replace(", profile", "\n      profile").replace("", "")
    given = values if "audience" in values else f"{values}\n      audience: a"
    with pytest.raises(ConfigError) as refused:
        parse(f"{START}      {given}\n", source="sluis.yaml")
    (fault,) = str(refused.value).splitlines()
    where = f"identity.issuers.0.{place}".rstrip(".")
    assert fault.startswith(f"sluis.yaml:{line}: {where}")
    assert says in fault


CONSOLE = "  console: {issuer: staff, client_id: console, client_secret: env:CONSOLE_SECRET}\n"


def test_the_client_of_the_console_is_no_audience_where_identity_tokens_would_pass() -> None:
    loose = f"{START}      audience: [a, console]\n      typ: [JWT]\n{CONSOLE}"
    with pytest.raises(ConfigError, match=r":6: identity\.issuers\.0\.audience: .*client id"):
        parse(loose, source="sluis.yaml")
    for told_apart in ("profile: entra", "typ: [at+jwt]", "require: {token_use: access}"):
        parse(f"{START}      audience: console\n      {told_apart}\n{CONSOLE}", source="x")
