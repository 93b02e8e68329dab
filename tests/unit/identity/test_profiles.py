"""Tokens in the shapes of real providers: accepted, and every other one refused with its reason."""

from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from gateway.core.errors import Refusal, Unauthenticated, Unavailable
from gateway.core.objects.token_profiles import PROFILES
from gateway.core.snapshot import Issuer
from gateway.identity import TokenVerifier, UnknownSigningKey
from tests.support.provider_tokens import (
    ENTRA_V2,
    KID,
    NOW,
    OBJECT,
    SHAPES,
    Shape,
    encoded,
    key,
    published,
    signed,
)

EVERY = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def verify(shape: Shape, raw: str, *, now: float = NOW, **settings: Any) -> Any:
    return TokenVerifier([shape.trusted(**settings)]).verify(raw, now=now)


def reason(shape: Shape, raw: str, *, now: float = NOW, **settings: Any) -> str:
    """Why it is refused; the reason never holds the token or a person."""
    with pytest.raises(Unauthenticated) as refused:
        verify(shape, raw, now=now, **settings)
    message = refused.value.message
    assert refused.value.code == "invalid_api_key"
    parts = (part for part in raw.split(".") if len(part) > 3)
    for secret in (raw, *parts, "Carla", "carla", OBJECT, "subject-1"):
        assert secret not in message
    return message


@EVERY
def test_its_access_token_is_accepted(shape: Shape) -> None:
    claims = verify(shape, shape.token())
    assert (claims.issuer, claims.kind, claims.subject) == ("staff", shape.kind, shape.subject)
    assert (claims.client, claims.name) == (shape.client, shape.name)
    assert (claims.groups, claims.roles) == (shape.groups, shape.roles)
    assert claims.issued == NOW - 60
    assert claims.expires == shape.claims["exp"] + 30


def test_there_is_a_shape_of_every_profile() -> None:
    assert {shape.profile for shape in SHAPES.values()} == set(PROFILES)


def test_other_names_and_ids_of_a_token_are_kept() -> None:
    claims = verify(SHAPES["keycloak"], SHAPES["keycloak"].token())
    assert claims.aliases == {"carla", "carla@example.org"}
    assert (claims.session, claims.token_id) == ("session-1", "token-id")
    assert verify(SHAPES["entra v1"], SHAPES["entra v1"].token()).aliases == {"carla@example.org"}


@EVERY
def test_its_identity_token_is_refused(shape: Shape) -> None:
    reason(shape, shape.identity_token())
    # One for an audience that access tokens have too.
    message = reason(shape, shape.identity_token(aud=shape.claims["aud"]))
    assert "access token" in message or "require" in message


def _altered(shape: Shape) -> dict[str, tuple[str, str]]:
    """Tokens that differ in one thing, with a word of the reason."""
    good = shape.token()
    head, payload, signature = good.split(".")
    other = RSAKey.generate_key(2048, {"kid": KID})
    none = encoded({"alg": "none", "typ": shape.header.get("typ"), "kid": KID})
    pem = key().as_pem(private=False)
    header = {"alg": "HS256", "kid": KID, **shape.header}
    return {
        "alg none": (f"{none}.{payload}.", "algorithm"),
        "alg none, signed": (f"{none}.{payload}.{signature}", "algorithm"),
        "HS256 with the public key": (signed(shape.claims, header, pem), "algorithm"),
        "another audience": (shape.token(aud="urn:other"), "audience"),
        "no audience": (shape.token(aud=None), "audience"),
        "an empty audience": (shape.token(aud=[]), "audience"),
        "another issuer": (shape.token(iss="https://evil.example"), "Trusted are"),
        "no issuer": (shape.token(iss=None), "Trusted are"),
        "issuers": (shape.token(iss=[shape.issuer]), "Trusted are"),
        "an unknown key": (shape.token(header={"kid": "two"}), "not among the published keys"),
        "a key id that is a number": (shape.token(header={"kid": 7}), "published keys"),
        "another key of that id": (signed(shape.claims, shape.header, other), "signature"),
        "expired": (shape.token(exp=NOW - 3600), "expired"),
        "no end": (shape.token(exp=None), "exp"),
        "an end in words": (shape.token(exp="tomorrow"), "exp"),
        "an end that is true": (shape.token(exp=True), "exp"),
        "not yet valid": (shape.token(nbf=NOW + 3600), "not valid before"),
        "from the future": (shape.token(iat=NOW + 3600), "future"),
        "an end in ten years": (shape.token(exp=NOW + 315_360_000), "lives for"),
        "an end after all calendars": (shape.token(exp=3e12), "lives for"),
        "too old": (shape.token(iat=NOW - 5_000_000), "was issued"),
        "critical": (shape.token(header={"crit": ["b64"], "b64": True}), "crit"),
        "its own key": (shape.token(header={"jwk": key().as_dict(private=False)}), "own key"),
        "a key elsewhere": (shape.token(header={"jku": "https://evil.example"}), "own key"),
        "a certificate elsewhere": (shape.token(header={"x5u": "https://evil.example"}), "own key"),
        "a certificate": (shape.token(header={"x5c": ["AAAA"]}), "own key"),
        "another type": (shape.token(header={"typ": "logout+jwt"}), "typ"),
        "a cut signature": (good[:-20], "signature"),
        "no signature": (f"{head}.{payload}.", "signature"),
        "half a token": (f"{head}.{payload}", "incomplete"),
        "another payload": (
            f"{head}.{encoded({**shape.claims, 'sub': 'x', 'oid': 'x'})}.{signature}",
            "signature",
        ),
        "an encrypted one": (f"{good}.AAAAAAAA.AAAAAAAA", "encrypted"),
        "a megabyte": (f"{head}.{payload}.{'A' * 1_000_000}", "too long"),
        "nonsense": ("eyJhbGc.eyJpc3M.xxxx", "not a JWT"),
        "a list": (f"{encoded([])}.{encoded([])}.AAAA", "JSON object"),
    }


@EVERY
def test_what_differs_from_it_is_refused_with_the_reason(shape: Shape) -> None:
    for name, (raw, word) in _altered(shape).items():
        assert word in reason(shape, raw), name


@EVERY
def test_without_a_type_only_where_the_provider_gives_none(shape: Shape) -> None:
    raw = shape.token(header={"typ": None})
    if shape.profile in {"okta", "kubernetes"} or shape.settings.get("typ"):
        assert verify(shape, raw).subject == shape.subject
    else:
        assert "typ" in reason(shape, raw)


@EVERY
def test_no_subject_is_nobody(shape: Shape) -> None:
    claim = PROFILES[shape.profile].subject
    for subject in (None, "", 7, ["subject-1"]):
        changes: dict[str, Any] = {claim: subject}
        raw = shape.token(**changes)
        assert "subject" in reason(shape, raw) or "lacks" in reason(shape, raw)


@EVERY
def test_both_planes_allow_the_same_leeway(shape: Shape) -> None:
    """An accepted token is valid until ``expires``, by which running answers are judged too."""
    ends = shape.claims["exp"]
    claims = verify(shape, shape.token(), now=ends + 20)
    assert claims.expires > ends + 20
    assert "expired 31 seconds ago" in reason(shape, shape.token(), now=ends + 31)
    assert claims.expires <= ends + 31


@EVERY
def test_no_keys_yet_is_not_the_callers_fault(shape: Shape) -> None:
    with pytest.raises(Unavailable) as refused:
        verify(shape, shape.token(), keys={})
    assert refused.value.retry_after


def test_an_unknown_key_says_which_issuer_to_ask() -> None:
    shape = SHAPES["keycloak"]
    with pytest.raises(UnknownSigningKey) as refused:
        verify(shape, shape.token(header={"kid": "new"}))
    assert refused.value.issuer == shape.issuer
    assert refused.value.retry_after


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        *((f"RS{size}", "RSA") for size in (256, 384, 512)),
        *((f"PS{size}", "RSA") for size in (256, 384, 512)),
        ("ES256", "P-256"),
        ("ES384", "P-384"),
        ("ES512", "P-521"),
        ("EdDSA", "Ed25519"),
    ],
)
def test_every_asymmetric_algorithm_is_known(algorithm: str, kind: str) -> None:
    shape = SHAPES["rfc9068"]
    raw = signed(shape.claims, {**shape.header, "alg": algorithm}, key(kind))
    keys = published(key(kind))
    assert verify(shape, raw, keys=keys).subject == "subject-1"
    assert verify(shape, raw, keys=keys, algorithms=[algorithm], published=[algorithm, "HS256"])
    narrowed: list[dict[str, Any]] = [{"algorithms": ["RS1"]}, {"published": ["HS256"]}]
    for settings in narrowed:
        assert f"with {algorithm}" in reason(shape, raw, keys=keys, **settings)


def test_a_key_is_used_for_its_own_algorithm_only() -> None:
    shape = SHAPES["rfc9068"]
    own = {**key().as_dict(private=False), "alg": "RS256"}
    raw = signed(shape.claims, {**shape.header, "alg": "RS512"})
    assert "RS512" in reason(shape, raw, keys={"keys": [own]})
    for unfit in ({**own, "use": "enc"}, {**own, "use": None, "key_ops": ["encrypt"]}):
        reason(shape, shape.token(), keys={"keys": [unfit]})
    native = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - it is to be refused
    short = RSAKey(native, None, {"kid": KID})
    weak = signed(shape.claims, shape.header, short)
    assert "published keys" in reason(shape, weak, keys=published(short))


def test_a_token_without_a_key_id_needs_an_issuer_with_one_key() -> None:
    shape = SHAPES["rfc9068"]
    raw = shape.token(header={"kid": None})
    assert verify(shape, raw)
    message = reason(shape, raw, keys=published(key(), key("P-256", "two")))
    assert "more than one" in message


@pytest.mark.parametrize(
    "moved",
    [
        {"groups": None, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}},
        {"groups": None, "hasgroups": True},
    ],
)
def test_groups_that_are_left_out_are_told(moved: dict[str, Any]) -> None:
    shape = SHAPES["entra v2"]
    message = reason(shape, shape.token(**moved))
    assert "groups_claim: roles for staff" in message
    assert verify(shape, shape.token(**moved), groups_claim="roles").groups == {"Sluis.Compliance"}


def test_only_required_tokens_of_a_public_issuer_count() -> None:
    shape = SHAPES["github"]
    assert "require" in reason(shape, shape.token(repository_owner="somebody"))
    assert "require" in reason(shape, shape.token(repository_owner=None))


def test_ages_are_limited_by_the_setting() -> None:
    shape = SHAPES["okta"]
    assert "max_age" in reason(shape, shape.token(), max_age=600)
    assert verify(shape, shape.token(exp=NOW + 500), max_age=600)
    assert "iat" in reason(shape, shape.token(iat=None, exp=NOW + 500), max_age=600)
    assert verify(shape, shape.token(iat=None)).issued == 0


def test_both_issuers_of_a_tenant_are_one() -> None:
    first, second = SHAPES["entra v1"], SHAPES["entra v2"]
    verifier = TokenVerifier([second.trusted(audience=[*first.audience])])
    old = verifier.verify(first.token(), now=NOW)
    new = verifier.verify(second.token(), now=NOW)
    assert (old.issuer, old.subject) == (new.issuer, new.subject)
    other = first.token(iss="https://sts.windows.net/another-tenant/")
    with pytest.raises(Unauthenticated, match="not trusted"):
        verifier.verify(other, now=NOW)


def test_an_unknown_issuer_is_told_which_are_trusted() -> None:
    shape = SHAPES["okta"]
    verifier = TokenVerifier([SHAPES["entra v2"].trusted()])
    with pytest.raises(Unauthenticated, match=ENTRA_V2):
        verifier.verify(shape.token(), now=NOW)


@EVERY
def test_every_check_is_explained(shape: Shape) -> None:
    verifier = TokenVerifier([shape.trusted()])
    good = verifier.explain(shape.token(), now=NOW)
    assert good.claims == verifier.verify(shape.token(), now=NOW)
    assert not any(check.problem for check in good.checks)
    bad = verifier.explain(shape.token(aud="urn:other", exp=1, iat=0, nbf=0), now=NOW)
    assert bad.claims is None
    assert {check.name for check in bad.checks if check.problem} == {"audience", "times"}
    for raw, _ in _altered(shape).values():
        assert verifier.explain(raw, now=NOW).claims is None


def test_the_checks_of_a_provider_depend_on_no_other() -> None:
    shapes = [SHAPES[name] for name in ("entra v2", "keycloak", "okta", "kubernetes", "github")]
    issuers: list[Issuer] = [shape.trusted(name=shape.profile) for shape in shapes]
    verifier = TokenVerifier(issuers)
    for shape in shapes:
        assert verifier.verify(shape.token(), now=NOW).issuer == shape.profile
        stolen = shape.token(iss=shapes[0].issuer, aud=shapes[0].audience)
        if shape is not shapes[0]:
            with pytest.raises(Unauthenticated):
                verifier.verify(stolen, now=NOW)


ODD: list[Any] = [7, -1, 1e300, True, "", "x", [], ["x"], [[]], {}, {"x": [{}]}, [None], "\ud7ff"]


@EVERY
def test_no_claim_of_any_form_causes_a_fault(shape: Shape) -> None:
    """A signed token with odd values is accepted or refused, and nothing else."""
    verifier = TokenVerifier([shape.trusted()])
    claims = {*shape.claims, "nbf", "sid", "email", "_claim_names", "hasgroups", "groups", "roles"}
    for claim in claims:
        for odd in ODD:
            changes: dict[str, Any] = {claim: odd}
            with suppress(Refusal):
                assert verifier.verify(shape.token(**changes), now=NOW).expires > NOW
            verifier.explain(shape.token(**changes), now=NOW)


@EVERY
def test_no_header_of_any_form_causes_a_fault(shape: Shape) -> None:
    verifier = TokenVerifier([shape.trusted()])
    _, payload, signature = shape.token().split(".")
    for name in ("alg", "kid", "typ", "crit", "jwk", "cty", "b64"):
        for odd in ODD:
            head = encoded({"alg": "RS256", "kid": KID, **shape.header, name: odd})
            raw = f"{head}.{payload}.{signature}"
            with pytest.raises(Refusal):
                verifier.verify(raw, now=NOW)
            assert verifier.explain(raw, now=NOW).claims is None
