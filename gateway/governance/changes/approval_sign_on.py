"""Whether the approver of a change signed it, where that is asked.

It is asked as soon as an issuer signs approvals: of every change that widens, whatever the door.
"""

from collections.abc import Sequence

from gateway.approvals import records
from gateway.approvals.lines import Line
from gateway.approvals.objects import Objects
from gateway.approvals.signed import Approval, SignedApproval, nonce_of
from gateway.core.errors import Denied, InvalidRequest
from gateway.governance.changes.basis import Basis

_NEEDED = (
    "Approving this needs a sign-on of its own, which the identity provider signs: approve it in "
    "the console or with `sluis proposals approve`, which start it; by API, POST .../sign-on."
)
_OTHER = (
    "What you would approve is not what you signed: something changed since. Look at it again, and "
    "sign on again."
)


class ToBeSigned(Exception):
    """What a sign-on must sign for an approval; nothing was changed."""

    def __init__(self, nonce: str) -> None:
        super().__init__("an approval must be signed")
        self.nonce = nonce


def signs_approvals(objects: Objects) -> bool:
    """Whether an issuer signs approvals."""
    return any(kind == "issuer" and one.get("approvals") for (kind, _), one in objects.items())


def signed_by_approver(
    before: Objects, basis: Basis, lines: Sequence[Line]
) -> SignedApproval | None:
    """The signature of the approver of a change; None where none is needed and none was made.

    Raises:
        Denied: when it is missing.
        InvalidRequest: when the approver signed something else.
        ToBeSigned: when the approver asks what to sign.
    """
    widening = [line for line in lines if line.widens]
    if basis.name != records.TWO or not widening:
        return None
    given = basis.sign_on
    if given is None:
        if signs_approvals(before):
            raise Denied(_NEEDED, code="sign_on_needed")
        return None
    said = Approval(
        basis.author, basis.approver or "", basis.proposal, {one.id: one.digest for one in widening}
    )
    text = said.text()
    if not given.token:
        raise ToBeSigned(nonce_of(text))
    if given.nonce != nonce_of(text):
        raise InvalidRequest(_OTHER, code="stale_proposal")
    return SignedApproval(text, given.token, dict(given.key))
