"""When a conversation's stored values are asked for, and what a failure to read them means."""

from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.core.errors import Unavailable
from gateway.core.finding import Finding, FindingKind
from gateway.evidence import StoreFailed, Values
from gateway.privacy import RedactionPolicy, Scope, Vault, identifier, spans_of
from gateway.request.context import AdmittedRequest
from gateway.request.conversation_store import ConversationStore

_KEY = b"k" * 32
_WHO = partial(identifier, _KEY, "t")
_JAN = _WHO("EMAIL", "jan@kwijt.example") or ""
_SCOPE = Scope("t", "k", "", "given:c")
_TEXT = "Mail jan@kwijt.example met sleutel hunter22"
_FINDINGS = (
    Finding(FindingKind.PERSONAL, "EMAIL", 5, 22, 1.0, "t"),
    Finding(FindingKind.SECRET, "SECRET", 35, 43, 1.0, "t"),
)


class Store:
    """Stored values in memory."""

    def __init__(self, values: Values | None = None) -> None:
        self.values = values
        self.asked: list[str] = []

    async def load(self, scope: str, *, now_ms: int) -> Values:
        self.asked.append(scope)
        if self.values is None:
            raise StoreFailed("down")
        return self.values

    async def close(self) -> None:
        return


def admitted(*, mentions: bool = True, **vault: Any) -> AdmittedRequest:
    table = {"version": 1, "types": {}, "answers": "keep", "vault": vault, "mentions": mentions}
    modes = RedactionPolicy.of(table)
    scans = {_TEXT: SimpleNamespace(mentions=(_JAN,))}
    policy = SimpleNamespace(redaction=modes)
    made = SimpleNamespace(
        compiled=SimpleNamespace(policy=policy),
        scan=SimpleNamespace(scans=scans),
        conversation_values=None,
        mentioned=(),
        keeps=False,
        kept=(),
    )
    return cast("AdmittedRequest", made)


def keeper(store: Store) -> ConversationStore:
    return ConversationStore(store, pepper=_KEY, person_key=_WHO, wall=lambda: 1000.0)


async def test_policy_may_keep_nothing_and_then_nothing_is_opened() -> None:
    store = Store({})
    assert await keeper(store).recall(admitted(keep=False), _SCOPE) is None
    assert store.asked == []


async def test_what_cannot_be_read_is_a_503() -> None:
    with pytest.raises(Unavailable) as refused:
        await keeper(Store(None)).recall(admitted(), _SCOPE)
    assert refused.value.retry_after


async def test_an_intent_keeps_values_for_the_hours_of_policy_and_a_retry_adds_none() -> None:
    one, request = keeper(Store({})), admitted(hours=2)
    request.conversation_values = await one.recall(request, _SCOPE)
    vault = Vault(_KEY, _SCOPE, stored={})
    vault.redact(_TEXT, spans_of(_TEXT, _FINDINGS))
    kept = one.with_intent(request, vault)
    assert kept is not None
    assert [(taken.type, taken.value) for taken in kept.values] == [("EMAIL", "jan@kwijt.example")]
    assert kept.expires == 1_000_000 + 2 * 3_600_000
    assert kept.mentions == (kept.values[0].identifier,)
    assert "jan@kwijt" not in repr(kept)
    again = one.with_intent(request, vault)
    assert again is not None
    assert (again.values, again.mentions) == ([], kept.mentions)
    assert one.with_close(request, {_JAN}) is None  # its intent has said so
    closing = one.with_close(request, {_JAN, "somebody else"})
    assert closing is not None
    assert (closing.values, closing.mentions) == ([], ("somebody else",))


async def test_a_request_that_names_no_conversation_keeps_only_whom_it_mentions() -> None:
    one, request = keeper(Store({})), admitted()
    vault = Vault(_KEY, _SCOPE)
    vault.redact(_TEXT, spans_of(_TEXT, _FINDINGS))
    kept = one.with_intent(request, vault)
    assert kept is not None
    assert (kept.values, kept.mentions) == ([], (_JAN,))
    assert one.with_close(request, set()) is None


async def test_policy_may_keep_no_mentions() -> None:
    one, request = keeper(Store({})), admitted(mentions=False)
    assert one.with_intent(request, Vault(_KEY, _SCOPE)) is None
    assert one.with_close(request, {"somebody"}) is None


@pytest.mark.parametrize("rule", [{"hours": 0}, {"hours": 24 * 91}, {"days": 1}, {"keep": "yes"}])
def test_a_rule_that_does_not_exist_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(rule))):
        admitted(**rule)
