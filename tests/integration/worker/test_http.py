"""The worker's HTTP API: formats, credentials, readiness, metrics."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.core.manifest import manifest_of, version_digest
from gateway.telemetry.table.worker import WORKER
from gateway.worker.spec import ServedModel
from tests.support.prometheus_text import parse
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


def frames(worker: Any, **fields: Any) -> list[Any]:
    answer = worker.chat(stream=True, **fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = answer.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    return [json.loads(item.removeprefix("data: ")) for item in events[:-2]]


class TestStream:
    def test_has_the_openai_format(self, worker: Any) -> None:
        whole = worker.text(temperature=0, max_tokens=20)
        got = frames(worker, temperature=0, max_tokens=20)
        assert {frame["object"] for frame in got} == {"chat.completion.chunk"}
        assert len({(frame["id"], frame["created"], frame["model"]) for frame in got}) == 1
        choices = [frame["choices"][0] for frame in got]
        assert choices[0]["delta"] == {"role": "assistant", "content": ""}
        assert all("role" not in choice["delta"] for choice in choices[1:])
        assert [choice["finish_reason"] for choice in choices[:-1]] == [None] * (len(choices) - 1)
        assert choices[-1]["finish_reason"] == "length"
        assert "".join(choice["delta"].get("content", "") for choice in choices) == whole

    def test_usage_is_sent_only_on_request(self, worker: Any) -> None:
        asked = {"max_tokens": 3, "logit_bias": {"1": -100}}  # no token that ends the answer
        assert all("usage" not in frame for frame in frames(worker, **asked))
        with_usage = frames(worker, stream_options={"include_usage": True}, **asked)
        assert with_usage[-1]["choices"] == []
        usage = with_usage[-1]["usage"]
        assert usage["completion_tokens"] == 3
        assert usage["total_tokens"] == usage["prompt_tokens"] + 3

    def test_each_choice_starts_and_ends_once(self, worker: Any) -> None:
        got = [frame["choices"][0] for frame in frames(worker, n=3, seed=4, max_tokens=12)]
        for index in range(3):
            own = [choice for choice in got if choice["index"] == index]
            assert sum("role" in choice["delta"] for choice in own) == 1
            assert sum(choice["finish_reason"] is not None for choice in own) == 1

    def test_log_probabilities_follow_the_tokens(self, worker: Any) -> None:
        got = frames(worker, temperature=0, max_tokens=8, logprobs=True, top_logprobs=2)
        tokens = [
            item
            for frame in got
            if (probabilities := frame["choices"][0].get("logprobs"))
            for item in probabilities["content"]
        ]
        assert len(tokens) == 8
        for item in tokens:
            assert item["logprob"] <= 0
            assert item["top_logprobs"][0]["logprob"] == item["logprob"]
            assert bytes(item["bytes"]).decode() == item["token"]

    def test_a_stop_string_is_held_back(self, worker: Any) -> None:
        whole = worker.text(temperature=0, max_tokens=20)
        stop = whole[5:8]
        got = frames(worker, temperature=0, max_tokens=20, stop=stop)
        text = "".join(frame["choices"][0]["delta"].get("content", "") for frame in got)
        assert text == whole[: whole.index(stop)]


class TestAnswer:
    def test_has_the_openai_format_and_names_its_version(self, worker: Any) -> None:
        response = worker.chat(model="tiny@production", max_tokens=4)
        body = response.json()
        assert set(body) == {"id", "object", "created", "model", "choices", "usage"}
        assert body["object"] == "chat.completion"
        assert body["model"] == "tiny@1"
        assert body["choices"][0]["message"]["role"] == "assistant"
        listed = worker.client.get("/v1/models").json()["data"]
        digests = {item["id"]: item["digest"] for item in listed}
        assert set(digests) == {
            "tiny@1",
            "tiny@production",
            "adapted@1",
            "adapted@production",
        }
        assert response.headers["x-sluis-model-digest"] == digests["tiny@1"]
        stream = worker.chat(model="adapted@1", max_tokens=4, stream=True)
        assert stream.headers["x-sluis-model-digest"] == digests["adapted@1"]
        assert digests["adapted@1"] != digests["tiny@1"]

    @pytest.mark.parametrize("credential", [None, "Bearer wrong", "Basic abc", "Bearer é"])
    @pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", "/v1/nothing"])
    def test_needs_the_token(self, worker: Any, path: str, credential: str | None) -> None:
        headers = {} if credential is None else {b"authorization": credential.encode()}
        response = httpx.get(worker.client.base_url.join(path), headers=headers)
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "invalid_api_key"

    def test_unknown_models_and_paths_are_openai_errors(self, worker: Any) -> None:
        unknown = worker.chat(model="nobody@1")
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
        for response in (worker.client.get("/v1/nothing"), worker.client.get("/nothing")):
            assert response.status_code == 404
            assert isinstance(response.json()["error"]["message"], str)
        wrong = worker.client.get("/v1/chat/completions")
        assert (wrong.status_code, wrong.json()["error"]["type"]) == (405, "invalid_request_error")
        broken = worker.client.post("/v1/chat/completions", content=b"{")
        assert broken.status_code == 400
        large = worker.client.post("/v1/chat/completions", content=b" " * (5 << 20))
        assert large.status_code == 413


class TestReadiness:
    def test_is_not_ready_before_versions_are_requested(self, start: Callable[..., Any]) -> None:
        made = start()
        response = made.client.get("/health/ready")
        assert response.status_code == 503
        assert response.json() == {"loaded": 0, "wanted": 0, "models": []}
        assert made.client.get("/health/live").status_code == 200

    def test_a_changed_file_is_refused_and_the_others_serve(
        self, start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
    ) -> None:
        changed = make_tiny(tmp_path / "changed")
        good = served()
        assert manifest_of(changed).digest == good.base_digest
        config = changed / "generation_config.json"
        config.write_text(config.read_text(encoding="utf-8") + " ", encoding="utf-8")
        made = start(num_blocks=64)
        made.call(made.engine.serve([served("bad", base_dir=changed), good]))
        ready = made.client.get("/health/ready")
        assert ready.status_code == 503
        body = ready.json()
        assert (body["loaded"], body["wanted"]) == (1, 2)
        states = {model["id"]: model for model in body["models"]}
        assert states["bad@1"]["state"] == "refused"
        assert "was approved" in states["bad@1"]["reason"]
        assert made.chat(max_tokens=2).status_code == 200
        refused = made.chat(model="bad@1")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        made.call(made.engine.serve([good]))
        assert made.client.get("/health/ready").status_code == 200

    @pytest.mark.parametrize(
        ("file", "content"),
        [
            ("model.safetensors", b"these are no weights"),
            ("config.json", b'{"model_type": "llama", "hidden_size": "wide"}'),
            ("config.json", b"[]"),
            ("config.json", b'{"model_type": "unheard-of"}'),
            ("tokenizer.json", b"{}"),
            ("tokenizer_config.json", b"[]"),
            ("generation_config.json", b"[]"),
        ],
    )
    def test_approved_files_without_a_usable_model_are_refused_and_the_others_serve(
        self,
        start: Callable[..., Any],
        served: Callable[..., ServedModel],
        tmp_path: Path,
        file: str,
        content: bytes,
    ) -> None:
        broken = make_tiny(tmp_path / "broken")
        (broken / file).write_bytes(content)
        digest = manifest_of(broken).digest
        bad = ServedModel("bad", "1", (), broken, digest, None, None, version_digest(digest, None))
        made = start(num_blocks=64)
        made.call(made.engine.serve([bad, served()]))
        bad_state, good_state = made.engine.states()
        assert (bad_state.state, good_state.state) == ("refused", "ready")
        assert bad_state.reason
        assert made.chat(max_tokens=2).status_code == 200

    def test_a_digest_that_does_not_match_its_parts_is_refused(
        self, start: Callable[..., Any], served: Callable[..., ServedModel]
    ) -> None:
        good = served()
        wrong = ServedModel(
            "wrong",
            "1",
            (),
            good.base_dir,
            good.base_digest,
            None,
            None,
            version_digest(good.base_digest, "sha256:00"),
        )
        made = start()
        made.call(made.engine.serve([wrong]))
        assert made.client.get("/health/ready").json()["models"][0]["state"] == "refused"

    def test_moved_tags_need_no_loading(
        self, start: Callable[..., Any], served: Callable[..., ServedModel]
    ) -> None:
        made, model = start(num_blocks=64), served()
        made.call(made.engine.serve([model]))
        before = made.batcher()
        moved = ServedModel(
            model.name,
            model.version,
            ("canary",),
            model.base_dir,
            model.base_digest,
            None,
            None,
            model.digest,
        )
        made.call(made.engine.serve([moved]))
        assert made.batcher() is before
        assert made.chat(model="tiny@canary", max_tokens=1).status_code == 200
        assert made.chat(model="tiny@production", max_tokens=1).status_code == 404


class TestMetrics:
    def test_buckets_and_names_follow_the_conventions(self, worker: Any) -> None:
        worker.chat(max_tokens=4, logit_bias={"1": -100})
        response = worker.client.get("/metrics")
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = parse(response.text)
        for name, first, last in (
            ("gen_ai_server_request_duration_seconds", 0.01, 81.92),
            ("gen_ai_server_time_to_first_token_seconds", 0.001, 160),
            ("gen_ai_server_time_per_output_token_seconds", 0.01, 80),
        ):
            edges = sorted({float(one["le"]) for one in found[name].labels() if "le" in one})
            assert (edges[0], edges[-2]) == (first, last), name
            assert found[name].value("_count", gen_ai_response_model="tiny@1") > 0
        model = {"gen_ai_request_model": "tiny@1"}
        assert found["sluis_worker_up"].value() == 1
        assert found["sluis_worker_model_ready"].value(**model) == 1
        assert found["sluis_worker_output_tokens_total"].value(**model) >= 4
        assert found["sluis_worker_input_tokens_total"].value(**model) > 0
        assert found["sluis_worker_requests_total"].value(sluis_outcome="length", **model) > 0
        assert found["sluis_worker_requests_running"].value(**model) == 0
        assert 0 <= found["sluis_worker_kv_cache_utilization_ratio"].value(**model) <= 1

    def test_old_names_are_there_for_one_version(self, worker: Any) -> None:
        worker.chat(max_tokens=4, logit_bias={"1": -100})
        found = parse(worker.client.get("/metrics").text)
        model = {"model": "tiny@1"}
        assert found["gateway_worker_up"].value() == 1
        assert found["gateway_worker_num_requests_running"].value(**model) == 0
        assert found["gateway_worker_generation_tokens_total"].value(**model) >= 4
        done = found["gateway_worker_requests_total"]
        assert done.value(finished_reason="length", **model) > 0
        assert done.help == "Deprecated, use sluis_worker_requests_total."
        known = {metric.prometheus for metric in WORKER} | {metric.old for metric in WORKER}
        assert found.keys() <= known

    def test_metrics_may_ask_for_a_token_of_their_own(self, start: Any) -> None:
        token = "token-of-the-metrics-0123456789"
        made = start(metrics_token=token, old_metric_names=False)
        assert made.client.get("/metrics").status_code == 401  # with the gateway's own credential
        allowed = {"authorization": f"Bearer {token}"}
        found = parse(made.client.get("/metrics", headers=allowed).text)
        assert "sluis_worker_up" in found
        assert "gateway_worker_up" not in found
        assert made.client.get("/v1/models", headers=allowed).status_code == 401
