"""A bad request, a full queue, a dead batch or a lost caller does not affect other requests."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import torch

from gateway.core.http_headers import CALLER
from gateway.worker.spec import ServedModel

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

ENDLESS = {"max_tokens": 900, "logit_bias": {"1": -100}}
INVALID: list[dict[str, Any]] = [
    {"messages": []},
    {"messages": "hallo"},
    {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
    {"messages": [{"role": "nobody", "content": "x"}]},
    {"temperature": 3},
    {"temperature": float("nan")},
    {"temperature": float("inf")},
    {"temperature": True},
    {"top_p": -1},
    {"max_tokens": 0},
    {"max_tokens": 1.5},
    {"logit_bias": {"99999": 1}},
    {"logit_bias": {"-1": 1}},
    {"logit_bias": {"3": float("nan")}},
    {"n": 99},
    {"seed": 1 << 80},
    {"stop": [""]},
    {"stop": [1]},
    {"top_logprobs": 99},
    {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "nonsense"}}}},
    {"response_format": {"type": "yaml"}},
    {"tools": "x"},
    {"top_k": -2},
    {"top_k": 1.5},
    {"min_p": 1.5},
    {"repetition_penalty": 0},
    {"guided_regex": "a+"},
    {"functions": [{"name": "f"}]},
    {"unheard_of": 1},
    {"model": 3},
]


def test_invalid_requests_are_refused_and_valid_ones_finish(worker: Any) -> None:
    with ThreadPoolExecutor(12) as pool:
        good = [pool.submit(worker.chat, max_tokens=60, seed=seed) for seed in range(8)]
        bad = list(pool.map(lambda fields: worker.chat(**fields), INVALID))
        assert [answer.status_code for answer in bad] == [400] * len(INVALID)
        assert {answer.json()["error"]["type"] for answer in bad} == {"invalid_request_error"}
        assert [future.result().status_code for future in good] == [200] * 8
    assert worker.batcher().alive


def test_whole_number_temperatures_work(worker: Any) -> None:
    assert worker.chat(temperature=1, max_tokens=2).status_code == 200
    assert worker.chat(temperature=0, max_tokens=2).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": 1020},
        {"max_tokens": 1 << 20},
        {"messages": [{"role": "user", "content": "sluis " * 2000}]},
    ],
)
def test_a_request_that_does_not_fit_is_refused_at_once(
    worker: Any, fields: dict[str, Any]
) -> None:
    answer = worker.chat(**fields)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_length_exceeded"


def test_a_pool_smaller_than_the_context_is_a_limit_too(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=8, page_size=16)
    made.call(made.engine.serve([served()]))
    assert made.chat(max_tokens=120).json()["error"]["code"] == "context_length_exceeded"
    fits = made.chat(max_tokens=128 - len_of_prompt(made), logit_bias={"1": -100})
    assert fits.json()["choices"][0]["finish_reason"] == "length"
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda seed: made.chat(max_tokens=70, seed=seed), range(8))
        assert {answer.status_code for answer in answers} == {200}


def len_of_prompt(made: Any) -> int:
    tokens = made.chat(max_tokens=1).json()["usage"]["prompt_tokens"]
    assert isinstance(tokens, int)
    return tokens


def test_a_full_queue_refuses_at_once(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=64, page_size=16, max_waiting=1)
    made.call(made.engine.serve([served()]))
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: made.chat(**ENDLESS), range(6)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[:2] == [200, 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(answer.headers["retry-after"] == "2" for answer in refused)
    assert {answer.json()["error"]["code"] for answer in refused} == {"rate_limit_exceeded"}


def test_callers_that_the_gateway_names_share_the_queue(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=64, page_size=16, max_waiting=2)
    made.call(made.engine.serve([served()]))
    (replica,) = made.engine._replicas.values()

    def ask(caller: str, **fields: Any) -> int:
        body = {"model": "tiny@1", "messages": [{"role": "user", "content": "Hallo"}], **fields}
        headers = {CALLER: caller}
        path = "/v1/chat/completions"
        return int(made.client.post(path, json=body, headers=headers).status_code)

    waits = {"max_tokens": 200}
    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(ask, "a", **ENDLESS)]
        made.until(made.is_generating)
        busy += [pool.submit(ask, "a", **waits) for _ in range(2)]
        made.until(lambda: replica.queue.waiting == 2)
        other = pool.submit(ask, "b", **waits)
        assert sorted(one.result() for one in busy) == [200, 200, 429]
        assert other.result() == 200


def test_disconnected_callers_leave_no_state(worker: Any) -> None:
    def disconnect(seed: int) -> None:
        body = {"model": "tiny@1", "messages": [{"role": "user", "content": "x"}], **ENDLESS}
        with (
            httpx.Client(headers=worker.client.headers, timeout=30) as client,
            client.stream(
                "POST",
                worker.client.base_url.join("/v1/chat/completions"),
                content=json.dumps({**body, "stream": True, "seed": seed}),
            ) as response,
        ):
            assert next(response.iter_lines()).startswith("data: ")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(disconnect, range(60)))
    worker.until(lambda: worker.batcher().held_requests == 0)
    worker.until(lambda: all(item.queue._free == 96 for item in worker.engine._replicas.values()))


def test_a_disconnect_before_the_answer_stops_it(worker: Any) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            worker.client.base_url.join("/v1/chat/completions"),
            headers=worker.client.headers,
            content=json.dumps({
                "model": "tiny@1",
                "messages": [{"role": "user", "content": "x"}],
                **ENDLESS,
            }),
            timeout=0.2,
        )
    worker.until(lambda: worker.batcher().held_requests == 0, seconds=2)


@pytest.mark.parametrize("fault", [RuntimeError, torch.OutOfMemoryError])
def test_a_dead_batch_is_rebuilt_and_its_answers_fail(
    start: Callable[..., Any], served: Callable[..., ServedModel], fault: type[Exception]
) -> None:
    made = start(num_blocks=128, page_size=16)
    made.call(made.engine.serve([served()]))

    def die(_: Any) -> Any:
        raise fault("on purpose")

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(made.chat, stream=True, **ENDLESS)
        made.until(made.is_generating)
        made.batcher()._sampler._choose = die
        text = running.result().text
    last = json.loads(text.split("\n\n")[-3].removeprefix("data: "))
    assert last["error"]["code"] == "upstream_disconnected"
    assert '"finish_reason":"length"' not in text
    statuses: list[int] = []

    def answers() -> bool:
        statuses.append(made.chat(max_tokens=3).status_code)
        return statuses[-1] == 200

    made.until(answers)
    assert set(statuses) <= {200, 503}
    assert (
        'sluis_worker_restarts_total{gen_ai_request_model="tiny@1"} 1'
        in made.client.get("/metrics").text
    )
    assert made.client.get("/health/ready").status_code == 200


def test_answers_of_a_removed_version_end_with_an_error_at_once(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=128, page_size=16)
    made.call(made.engine.serve([served(), served("other")]))
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(made.chat, stream=True, **ENDLESS)
        kept = pool.submit(made.chat, model="other@1", **ENDLESS)
        made.until(made.is_generating)
        made.call(made.engine.serve([served("other")]))
        text = running.result().text
        assert kept.result().status_code == 200
    assert '"code":"model_removed"' in text
    assert made.chat().status_code == 404


def test_a_deadline_ends_an_answer(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=128, page_size=16, request_deadline_s=0.15)
    made.call(made.engine.serve([served()]))
    whole = made.chat(**ENDLESS)
    assert (whole.status_code, whole.json()["error"]["code"]) == (504, "upstream_timeout")
    assert '"code":"upstream_timeout"' in made.chat(stream=True, **ENDLESS).text
    made.until(lambda: made.batcher().held_requests == 0)


def test_closing_lets_running_answers_end(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=128, page_size=16)
    made.call(made.engine.serve([served()]))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(made.chat, max_tokens=200, logit_bias={"1": -100})
        made.until(lambda: made.batcher().running == 1)
        made.call(made.engine.close(grace_s=20))
        assert running.result().json()["choices"][0]["finish_reason"] == "length"
    refused = made.chat()
    assert refused.status_code == 503
    assert refused.headers["retry-after"]


def test_the_loop_stays_free_while_a_version_loads(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made = start(num_blocks=64)

    async def load_and_watch() -> list[str]:
        states: list[str] = []
        loading = asyncio.create_task(made.engine.serve([served()]))
        while not loading.done():
            states.extend(state.state for state in made.engine.states())
            await asyncio.sleep(0)
        return states

    assert "loading" in made.call(load_and_watch())
    assert made.engine.ready
