"""Whatever the order of requests, replays and answers, a run shows what an honest one shows."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.evaluation_digests import answered_digest, asked_digest
from gateway.evidence.entry import GENESIS, Entry, Value, seal
from gateway.governance.evaluations.schemas import AnswerBody
from gateway.governance.evaluations.trail_proof import AnswerProof, TrailProof
from tests.support.evaluation_suites import suite_of

pytestmark = pytest.mark.unit
RIGHT, WRONG = "Natuurlijk.", "Het spijt me."
OWN, OTHER = "k_run", "k_earlier"
VERSION, SWAPPED = "sha256:1", "sha256:2"
# The last two items ask the same.
QUESTIONS = ["Een?", "Twee?", "Drie?", "Drie?"]
SUITE = suite_of("refusal", *({"expected": "answer", "ask": one} for one in QUESTIONS))
ITEMS = [item.id for item in SUITE.items]


@dataclass(frozen=True)
class Run:
    key: str = OWN
    version_digest: str = VERSION
    parameters: str = '{"bundle":"sha256:b","temperature":0}'


@dataclass
class Asked:
    """A request on record: which question, by which key, and what came of it."""

    question: str
    key: str
    version: str
    outcome: str
    said: str
    number: int = 0

    @property
    def audit_id(self) -> str:
        return f"{self.number:032x}"

    @property
    def asked(self) -> str:
        return asked_digest({
            "messages": [{"role": "user", "content": self.question}],
            "temperature": 0,
        })

    def entries(self) -> list[dict[str, Value]]:
        intent: dict[str, Value] = {
            "principal": self.key,
            "evaluates": self.version,
            "asked_sha256": self.asked,
        }
        closing: dict[str, Value] = {"outcome": self.outcome}
        if self.outcome == "ok":
            closing["answered_sha256"] = answered_digest(self.said)
        return [intent, closing]


@dataclass
class Stores:
    """The stores of entries, as far as they are asked for requests."""

    requests: list[Asked] = field(default_factory=list)

    async def __call__(self, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        if "principal" in query:
            found = [one for one in self.requests if one.key == values["key"]]
            return [{"request": one.audit_id} for one in found]
        return [
            {"request": one.audit_id, "disclosure": _disclosure(fields)}
            for one in self.requests
            if one.audit_id in values["requests"]
            for fields in one.entries()
        ]


def _disclosure(fields: dict[str, Value]) -> bytes:
    entry = Entry("request:answer:close", "r", 1, fields, "sha256:b")
    return seal(entry, log="gateway", seq=0, prev=GENESIS, seed="0" * 32).disclosure


def _proof(requests: list[Asked], answers: dict[str, AnswerBody]) -> AnswerProof:
    for number, one in enumerate(requests, 1):
        one.number = number
    return asyncio.run(TrailProof(Stores(requests)).of(Run(), SUITE, answers))


_ASKED = st.builds(
    Asked,
    st.sampled_from(QUESTIONS),
    st.sampled_from([OWN, OWN, OWN, OTHER]),
    st.sampled_from([VERSION, VERSION, VERSION, SWAPPED]),
    st.sampled_from(["ok", "ok", "ok", "no_upstream", "client_closed"]),
    st.sampled_from([RIGHT, WRONG]),
)


@st.composite
def _histories(draw: st.DrawFn) -> tuple[list[Asked], dict[str, AnswerBody]]:
    """Requests in any number and order, and answers that name any of them."""
    requests = draw(st.lists(_ASKED, max_size=9))
    answers = {}
    for item in ITEMS:
        chosen = draw(
            st.none() | st.sampled_from(range(1, len(requests) + 1)) if requests else st.none()
        )
        if chosen is None:
            answers[item] = AnswerBody(item=item, outcome="failed", code="x")
            continue
        said = draw(st.sampled_from([requests[chosen - 1].said, RIGHT]))
        answers[item] = AnswerBody(
            item=item, outcome="answered", text=said, audit_id=f"{chosen:032x}"
        )
    return requests, answers


@given(_histories())
def test_no_order_of_requests_and_answers_beats_an_honest_run(
    history: tuple[list[Asked], dict[str, AnswerBody]],
) -> None:
    requests, answers = history
    proof = _proof(requests, answers)
    if proof.unproven or proof.repeated:
        return  # the run is refused, or invalid
    counted = [one for one in requests if one.key == OWN and one.outcome in {"ok", "client_closed"}]
    for question, items in Counter(QUESTIONS).items():
        of_items = [answers[i] for i, q in zip(ITEMS, QUESTIONS, strict=True) if q == question]
        asked = [one for one in counted if one.question == question]
        assert len(asked) <= items  # no more chances than an honest run has
        said = Counter(one.said for one in asked if one.outcome == "ok" and one.version == VERSION)
        right = sum(one.text == RIGHT for one in of_items if one.outcome == "answered")
        assert right <= said[RIGHT]
        assert sum(one.outcome == "answered" for one in of_items) <= said.total()


def _honest() -> tuple[list[Asked], dict[str, AnswerBody]]:
    said = [RIGHT, WRONG, RIGHT, WRONG]
    requests = [
        Asked(question, OWN, VERSION, "ok", text)
        for question, text in zip(QUESTIONS, said, strict=True)
    ]
    answers = {
        item: AnswerBody(item=item, outcome="answered", text=text, audit_id=f"{at:032x}")
        for at, (item, text) in enumerate(zip(ITEMS, said, strict=True), 1)
    }
    return requests, answers


def test_an_honest_run_is_proven_with_requests_that_got_no_answer() -> None:
    requests, answers = _honest()
    refused = Asked(QUESTIONS[0], OWN, VERSION, "no_upstream", "")
    earlier = Asked(QUESTIONS[1], OTHER, VERSION, "ok", RIGHT)
    assert _proof([*requests, refused, earlier], answers) == AnswerProof([], [])


@pytest.mark.parametrize("outcome", ["ok", "client_closed"])
def test_an_item_that_was_asked_again_is_named(outcome: str) -> None:
    requests, answers = _honest()
    again = Asked(QUESTIONS[1], OWN, VERSION, outcome, RIGHT)
    assert _proof([*requests, again], answers).repeated == [ITEMS[1]]


def test_one_request_answers_one_item() -> None:
    """A suite of like items was passed by one request."""
    requests, answers = _honest()
    answers[ITEMS[3]] = answers[ITEMS[2]].model_copy(update={"item": ITEMS[3]})
    assert _proof(requests, answers).unproven == ITEMS[2:]


def test_answers_of_an_earlier_run_prove_nothing() -> None:
    """They were sent again after the weights behind the engine had changed."""
    requests, answers = _honest()
    for one in requests:
        one.key = OTHER
    assert _proof(requests, answers).unproven == ITEMS
