"""Who calls: whose stored answers are, and what the key of an evaluation may ask for."""

from gateway.core.errors import Denied
from gateway.core.principal import Principal
from gateway.core.snapshot import TENANT
from gateway.privacy import Scope
from gateway.request.context import AuditRecord

_EVALUATED = "chat_completions"  # the dialect of evaluations


def check_evaluation(principal: Principal, endpoint: str) -> None:
    """Check that the key of an evaluation asks for nothing but chat completions.

    Raises:
        Denied: when it asks for anything else.
    """
    if principal.evaluates is not None and endpoint != _EVALUATED:
        raise Denied(
            "This is the key of an evaluation: it reaches POST /v1/chat/completions only.",
            rules=("key.evaluates",),
        )


def user_of(principal: Principal) -> str:
    """The id of the proven user, "" without one."""
    user = principal.on_behalf_of or (principal if principal.kind == "person" else None)
    return user.id if user else ""


def answers_of(principal: Principal, record: AuditRecord, what: str) -> Scope:
    """The scope of one stored answer; ``what`` names it among those of the same caller.

    A user whom the application asserts counts too: the applications of its users are one key.
    """
    user = user_of(principal) or str(record.fields.get("asserted_user") or "")
    return Scope(tenant=TENANT, key_id=principal.id, user=user, conversation=what)
