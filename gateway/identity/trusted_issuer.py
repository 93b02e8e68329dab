"""One issuer with the settings in force: its own, and those of its profile."""

import re
from collections.abc import Iterable, Iterator, Sequence

from gateway.core.objects.claim_rules import Payload, any_of, steps_of, texts_at
from gateway.core.objects.token_profiles import ACCESS_TOKEN_TYPE, ALGORITHMS, PROFILES
from gateway.core.snapshot import Issuer
from gateway.identity.verification_keys import VerificationKeys

_PREFIX = "application/"  # may be left out (RFC 7515, section 4.1.9)


class TrustedIssuer:
    """What the tokens of one issuer are judged by. It is compiled once for each snapshot."""

    def __init__(self, issuer: Issuer) -> None:
        """Compile the settings.

        Raises:
            ValueError: for an unknown profile, path or condition.
        """
        if issuer.profile not in PROFILES:
            raise ValueError(f"there is no profile {issuer.profile!r}; use {', '.join(PROFILES)}")
        profile, own = PROFILES[issuer.profile], issuer.claims
        self.name = issuer.name
        self.profile = profile
        self.addresses = tuple(_addresses(issuer.issuer, profile.issuers))
        self.audiences = frozenset(listed(issuer.audience))
        self.types = frozenset(type_of(one) for one in issuer.typ or profile.typ)
        self.algorithms = algorithms_of(issuer)
        self.published = frozenset(issuer.published)
        self.max_age = issuer.max_age or profile.max_age
        self.requires_age = issuer.max_age is not None
        self.has_keys = bool(issuer.keys)
        self.keys = VerificationKeys(issuer.keys)
        self.subject = own.subject or profile.subject
        self.names = (own.name,) if own.name else profile.name
        self.client = (own.client,) if own.client else profile.client
        self.session = (own.session or "sid",)
        self.roles = issuer.roles
        self.require = {claim: frozenset(values) for claim, values in issuer.require.items()}
        self.is_application = any_of((own.kind,) if own.kind else profile.application)
        self.access = [any_of(one) for one in profile.access]
        self.identity = any_of(profile.identity)
        self.groups_paths = _paths(listed(issuer.groups_claim) or profile.groups)
        self.roles_paths = _paths(listed(issuer.roles_claim) or profile.roles)
        self.author_paths = _paths(own.author)
        self.asked_paths = _paths({path: None for one in issuer.groups for path in one.when})

    def groups_of(self, payload: Payload) -> frozenset[str]:
        """All groups in a token."""
        return self._values(payload, self.groups_paths)

    def roles_of(self, payload: Payload) -> frozenset[str]:
        """The roles of the console that the issuer's map gives."""
        values = self._values(payload, self.roles_paths)
        return frozenset(self.roles[value] for value in values if value in self.roles)

    def authors_of(self, payload: Payload) -> frozenset[str] | None:
        """Whose change a pipeline makes, in lower case; None where no claim is said to name it."""
        if not self.author_paths:
            return None
        found = (one for path, steps in self.author_paths for one in texts_at(payload, path, steps))
        return frozenset(name.strip().lower() for name in found if name.strip())

    def attributes_of(self, payload: Payload) -> frozenset[tuple[str, str]]:
        """The values of claims that conditions of mappings ask for, with their paths."""
        return frozenset(
            (path, text)
            for path, steps in self.asked_paths
            for text in texts_at(payload, path, steps)
        )

    def mapped_claims(self) -> set[str]:
        """The claims that groups and roles are read from."""
        return {steps[0] for _, steps in (*self.groups_paths, *self.roles_paths)}

    def _values(
        self, payload: Payload, paths: Iterable[tuple[str, Sequence[str]]]
    ) -> frozenset[str]:
        found = {text for path, steps in paths for text in texts_at(payload, path, steps)}
        if self.profile.slash:
            found |= {text[1:] for text in found if text.startswith("/")}
        return frozenset(found)


def listed(value: str | Sequence[str]) -> tuple[str, ...]:
    """A setting that is one text or a list of them, as a tuple."""
    return (value,) if isinstance(value, str) and value else tuple(value)


def algorithms_of(issuer: Issuer) -> tuple[str, ...]:
    """The algorithms that are both configured and published; in the order of ``ALGORITHMS``."""
    configured = set(issuer.algorithms or ALGORITHMS)
    if issuer.published:
        configured &= set(issuer.published)
    return tuple(one for one in ALGORITHMS if one in configured)


def type_of(header_type: object) -> str:
    """The type of a token in the form in which types are compared."""
    return str(header_type).lower().removeprefix(_PREFIX)


def is_access_type(kind: str) -> bool:
    """Whether the header alone proves that it is an access token (RFC 9068, section 2.1)."""
    return kind == ACCESS_TOKEN_TYPE


def _addresses(address: str, forms: Sequence[str]) -> Iterator[str]:
    """The address, and the others that mean the same tenant."""
    yield address
    for form in forms:
        before, _, after = form.partition("{}")
        tenant = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}", address)
        if tenant:
            for other in forms:
                if other != form:
                    yield other.replace("{}", tenant[1])


def _paths(paths: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    return [(path, steps_of(path)) for path in paths]
