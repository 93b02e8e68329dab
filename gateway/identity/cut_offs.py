"""Cut-offs: sign-ons that were ended before their tokens expire.

A cut-off has a key and the time up to which tokens under that key are refused. A token is under
several keys: its subject, its session, the names of its subject, its issuer. The keys of persons
are pseudonyms, so that a snapshot names no one.
"""

from collections.abc import Iterable, Mapping

from gateway.core.principal import SignOn
from gateway.core.pseudonym import pseudonym

SUBJECT_PREFIX = "u_"
_SESSION_PREFIX, _SESSIONLESS_PREFIX = _OWN_PREFIXES = ("s_", "w_")
_LEFT = "This account was deactivated. Ask your administrator."
_ENDED = "This sign-on was ended. Sign in again."


def subject_key(pepper: bytes, issuer: str, subject: str) -> str:
    """Returns the key of all tokens of a subject, which is also the id of its principal."""
    return SUBJECT_PREFIX + pseudonym(pepper, f"subject:{issuer}", subject)


def sessionless_key(subject: str) -> str:
    """Returns the key of a subject's tokens that name no session; ``subject`` is its key."""
    return _SESSIONLESS_PREFIX + subject.removeprefix(SUBJECT_PREFIX)


def session_key(pepper: bytes, issuer: str, session: str) -> str:
    """Returns the key of the tokens of one session at the identity provider (claim ``sid``)."""
    return _SESSION_PREFIX + pseudonym(pepper, f"session:{issuer}", session)


def name_key(pepper: bytes, issuer: str, name: str) -> str:
    """Returns the key of the tokens that hold a user name or e-mail address, in any case."""
    return "n_" + pseudonym(pepper, f"name:{issuer}", name.casefold())


def issuer_key(issuer: str) -> str:
    """Returns the key of all tokens of an issuer, by its name."""
    return f"i_{issuer}"


def sign_on_of(
    pepper: bytes,
    *,
    issuer: str,
    subject: str,
    session: str | None,
    names: Iterable[str],
    issued: float,
) -> SignOn:
    """Returns the sign-on of a verified token; ``subject`` is the key of its subject."""
    return SignOn(
        issued,
        (
            subject,
            session_key(pepper, issuer, session) if session else sessionless_key(subject),
            issuer_key(issuer),
            *(name_key(pepper, issuer, name) for name in names),
        ),
    )


def own_key(sign_on: SignOn) -> str:
    """Returns the key of one sign-on: of its session, or of its subject's tokens without one."""
    return next(key for key in sign_on.keys if key.startswith(_OWN_PREFIXES))


class CutOffs:
    """The cut-offs of one snapshot."""

    def __init__(self, times: Mapping[str, int | None]) -> None:
        self._times = times

    def reason(self, sign_on: SignOn) -> str | None:
        """Returns why a sign-on was ended, for the person; None while it is in force."""
        for key in sign_on.keys:
            if key in self._times:
                before = self._times[key]
                if before is None:
                    return _LEFT
                if not sign_on.issued > before:  # also of a time that is no number
                    return _ENDED
        return None
