"""A pipeline is also the person whose change it makes, where its issuer names the claims."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from joserfc.jwk import KeySet

from gateway.approvals.rules import judge
from gateway.core.objects.effects import Effect
from gateway.core.system.secrets import create
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.basis import Author
from gateway.identity import TokenVerifier
from tests.support import office as offices
from tests.support.issuer import TestIssuer
from tests.support.office import Office

pytestmark = pytest.mark.integration
PIPELINE = "project_path:example/config:ref_type:branch:ref:main"
TERM = {"add": [{"kind": "deny", "text": "Acme"}], "remove": [], "reason": "a new customer"}
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "identity.md"


class _Office(Office):
    config = offices.CONFIG.replace(
        "admins: platform_admin}}",
        "admins: platform_admin, authors: policy_author}}\n"
        "      claims: {{kind: project_id, author: [user_email, user_login]}}",
    )

    def pipeline(self, group: str = "authors", **author: str) -> str:
        return self.issuer.token(PIPELINE, groups=[group], project_id="42", **author)


@pytest.fixture(params=["sqlite", "postgres"])
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[_Office]:
    secrets = create(tmp_path / "secrets")
    made = (
        _Office(f"sqlite:///{tmp_path / 'governance.db'}", secrets, tmp_path, issuer)
        if request.param == "sqlite"
        else _Office(request.getfixturevalue("postgres_url"), secrets, None, issuer)
    )
    await made.open()
    yield made
    await made.close()


async def approve(office: Office, who: str, proposal: str) -> int:
    path = f"/proposals/{proposal}/approve"
    return (await office.ask(who, "POST", path, {"comment": "agreed"})).status_code


@pytest.mark.parametrize(
    "author",
    [
        {"user_email": "anna@example.nl"},
        {"user_login": "anna", "user_email": "Anna@Example.nl"},
        {"user_login": "anna"},
        {"user_email": "аnna@example.nl"},  # its first letter is Cyrillic
    ],
    ids=["mail", "both", "login", "look-alike"],
)
async def test_the_author_of_a_change_does_not_approve_what_the_pipeline_proposes(
    office: _Office, author: dict[str, str]
) -> None:
    pipeline = office.pipeline(**author)
    proposal = (await office.ask(pipeline, "POST", "/terms", TERM)).json()["id"]
    anna, bert = [await office.meet(name, "approvers") for name in ("anna", "bert")]
    _, key = await office.key("of anna", "anna@example.nl", "policy_approver")
    known_by_mail = "user_email" in author
    assert await approve(office, anna, proposal) == 403
    if known_by_mail:
        assert await approve(office, key, proposal) == 403
    assert await approve(office, office.pipeline("approvers", **author), proposal) == 403
    assert await approve(office, bert, proposal) == 200


async def test_a_pipeline_of_the_author_does_not_approve_either(office: _Office) -> None:
    anna = await office.meet("anna", "authors")
    proposal = (await office.ask(anna, "POST", "/terms", TERM)).json()["id"]
    of_anna, of_bert = [
        office.pipeline("approvers", user_email=f"{name}@example.nl") for name in ("anna", "bert")
    ]
    assert await approve(office, of_anna, proposal) == 403
    assert await approve(office, of_bert, proposal) == 200


async def test_a_pipeline_that_names_no_author_is_refused_and_a_person_is_not(
    office: _Office,
) -> None:
    for author in ({}, {"user_email": "  "}):
        refused = await office.ask(office.pipeline(**author), "GET", "/me")
        assert refused.status_code == 401
        assert "claims.author" in refused.text
    assert (await office.ask(office.person("anna"), "GET", "/me")).status_code == 200


def test_the_names_of_the_author_give_no_rights() -> None:
    pipeline = Actor("u_ci", "ci", frozenset(), "sign-on", acts_for=frozenset({"anna"}))
    anna = Author("k_anna", "anna", "anna", frozenset({"anna"}))
    assert anna.is_person_of(pipeline)
    assert not anna.is_named(pipeline)
    assert pipeline.persons == {"u_ci"}


def test_which_claim_names_the_author_is_for_two_persons() -> None:
    author = {"author": ["actor"]}
    for before, after in (({}, author), (author, {}), (author, {"author": ["sub"]})):
        assert judge("issuer", "claims", before, after) == (Effect.WIDENS, "issuer.trust")


def test_the_recipes_of_the_documents_give_role_and_author(issuer: TestIssuer) -> None:
    """Both parse, and a token of that provider has the role and the author."""
    github: dict[str, Any] = {
        "sub": "repo:example/sluis-config:environment:sluis",
        "repository": "example/sluis-config",
        "repository_id": "7654321",
        "workflow_ref": "example/sluis-config/.github/workflows/apply.yml@refs/heads/main",
        "workflow": "apply",
        "actor": "Anna-Dev",
    }
    gitlab: dict[str, Any] = {
        "sub": "project_path:example/sluis-config:ref_type:branch:ref:main",
        "project_id": "42",
        "user_login": "anna",
        "user_email": "anna@example.nl",
    }
    text = DOCUMENT.read_text(encoding="utf-8").split("\n## Pipelines\n")[1].split("\n## ")[0]
    recipes = [one.split("```")[0] for one in text.split("```yaml\n")[1:]]
    found = []
    for recipe, payload in zip(recipes, (github, gitlab), strict=True):
        (node,) = parse(f"version: 1\n{recipe}", source="sluis.yaml").identity.issuers
        keys = KeySet([issuer.key]).as_dict(private=False)
        of = msgspec.structs.replace(node, issuer=issuer.url, keys=dict(keys))
        token = issuer.token(payload.pop("sub"), typ="JWT", **payload)
        claims = TokenVerifier([of]).verify(token, now=time.time())
        found.append((claims.kind, claims.roles, claims.authors))
    role = frozenset({"policy_author"})
    assert found == [
        ("application", role, frozenset({"anna-dev"})),
        ("application", role, frozenset({"anna", "anna@example.nl"})),
    ]
