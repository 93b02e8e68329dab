"""A second real provider, which shares no trait with the first: type JWT, RS512, ten days of life.

Its identity tokens name the same audience as its access tokens.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer
from gateway.governance.catalogue.config_file import parse
from gateway.governance.issuer_keys.fetch import FetchedKeys, fetch
from gateway.identity import Claims, TokenVerifier
from gateway.identity.trusted_issuer import algorithms_of
from tests.support import canaille_provider
from tests.support.canaille_provider import Canaille
from tests.support.provider_tokens import key

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.nightly]
LIFE_S = 864_000


@pytest.fixture(scope="module")
def canaille(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Canaille]:
    command = canaille_provider.install(pytestconfig)
    folder = tmp_path_factory.mktemp("canaille")
    with canaille_provider.running(command, folder, key(kid="canaille")) as ready:
        yield ready


@pytest.fixture(scope="module")
def tokens(canaille: Canaille) -> dict[str, str]:
    return canaille.tokens()


@pytest.fixture(scope="module")
def fetched(canaille: Canaille) -> FetchedKeys:
    return asyncio.run(fetch(_issuer(canaille, "")))


def _issuer(canaille: Canaille, settings: str) -> Issuer:
    text = (
        "version: 1\nidentity:\n  issuers:\n"
        f'    - {{name: second, issuer: "{canaille.issuer}", audience: sluis{settings}}}\n'
    )
    return parse(text, source="sluis.yaml").identity.issuers[0]


def verified(canaille: Canaille, fetched: FetchedKeys, settings: str, token: str) -> Claims:
    issuer = replace(_issuer(canaille, settings), keys=fetched.keys, published=fetched.published)
    return TokenVerifier([issuer]).verify(token, now=time.time())


SETTINGS = (
    f", typ: [JWT], max_age: {LIFE_S}, roles_claim: groups, roles: {{officers: compliance_officer}}"
)


def test_its_access_token_is_accepted_by_explicit_mapping(
    canaille: Canaille, fetched: FetchedKeys, tokens: dict[str, Any]
) -> None:
    claims = verified(canaille, fetched, SETTINGS, tokens["access_token"])
    assert (claims.subject, claims.kind, claims.name) == ("carla", "person", "Carla de Vries")
    assert claims.groups == {"officers"}
    assert claims.roles == {"compliance_officer"}
    assert claims.aliases == {"carla@example.org"}


def test_its_identity_token_is_not(
    canaille: Canaille, fetched: FetchedKeys, tokens: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated, match="identity token"):
        verified(canaille, fetched, SETTINGS, tokens["id_token"])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("", "typ"),
        (", typ: [JWT]", "max_age"),
        (f"{SETTINGS}, algorithms: [RS256]", "RS512"),
    ],
)
def test_what_must_be_set_for_it_is_told(
    canaille: Canaille, fetched: FetchedKeys, tokens: dict[str, Any], settings: str, says: str
) -> None:
    with pytest.raises(Unauthenticated, match=says):
        verified(canaille, fetched, settings, tokens["access_token"])


def test_its_symmetric_and_missing_algorithms_are_never_accepted(fetched: FetchedKeys) -> None:
    assert "none" in fetched.published
    issuer = Issuer("second", "https://id.example.org", "sluis", published=fetched.published)
    assert set(algorithms_of(issuer)) == {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
