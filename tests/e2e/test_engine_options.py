"""Options of engines on own machines reach internal deployments, and no others."""

import pytest

from tests.support.installation import Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
OPTIONS = {
    "top_k": 20,
    "min_p": 0.1,
    "repetition_penalty": 1.1,
    "min_tokens": 1,
    "ignore_eos": False,
    "logit_bias": {"50256": -100},
    "chat_template_kwargs": {"enable_thinking": False},
    "guided_json": {"type": "object"},
    "guided_regex": "[a-z]+",
    "guided_choice": ["ja", "nee"],
    "guided_grammar": "root ::= 'x'",
    "structured_outputs": {"choice": ["ja", "nee"]},
}
MESSAGES = [{"role": "user", "content": "What is a lock?"}]


def test_internal_deployments_get_the_options(
    sluis: Installation, internal_provider: OpenAIApi
) -> None:
    answer = sluis.ask({"model": "inside", "messages": MESSAGES, **OPTIONS})
    assert answer.status_code == 200
    assert internal_provider.last() == {"model": "own", "messages": MESSAGES, **OPTIONS}
    assert "x-sluis-dropped" not in answer.headers


def test_others_get_the_request_without_them(sluis: Installation, eu: OpenAIApi) -> None:
    answer = sluis.ask({"model": "outside", "messages": MESSAGES, "metadata": {}, **OPTIONS})
    assert answer.status_code == 200
    assert answer.headers["x-sluis-zone"] == "eu"
    assert eu.last() == {"model": "gpt", "messages": MESSAGES}
    dropped = answer.headers["x-sluis-dropped"].split(",")
    assert set(dropped) == {*OPTIONS, "metadata"}
    intent, _ = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert set(intent["dropped"]) == {*OPTIONS, "metadata"}
