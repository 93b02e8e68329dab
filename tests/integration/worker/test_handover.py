"""A version replaces another beside it: requests go on until the new one answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.spec import ServedModel
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.nightly, pytest.mark.filterwarnings("ignore")]
ENDLESS = {"max_tokens": 900, "logit_bias": {"1": -100}}


def second(directory: Path, before: ServedModel, *, seed: int = 8) -> ServedModel:
    """Another version of the same model, which the tag names after ``before``."""
    base = manifest_of(make_tiny(directory, seed=seed)).digest
    return ServedModel(
        name=before.name,
        version="2",
        tags=before.tags,
        base_dir=directory,
        base_digest=base,
        adapter_dir=None,
        adapter_digest=None,
        digest=version_digest(base, None),
        earlier=(replace(before, tags=()),),
    )


def by_tag(made: Any) -> str:
    answer = made.chat(model="tiny@production", max_tokens=1)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["model"])


def names(made: Any) -> set[str]:
    return {one["id"] for one in made.client.get("/v1/models").json()["data"]}


def test_the_version_before_answers_until_the_new_one_does_and_is_then_let_go(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
) -> None:
    made, first = start(num_blocks=128, page_size=16, handover_s=0.3), served()
    made.call(made.engine.serve([first]))
    new = second(tmp_path / "new", first)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(made.chat, stream=True, **ENDLESS)
        made.until(made.is_generating)
        made.call(made.engine.serve([new]))
        assert by_tag(made) == "tiny@2"
        text = running.result().text
    assert text.endswith("data: [DONE]\n\n")
    assert '"finish_reason":"length"' in text
    made.until(lambda: "tiny@1" not in names(made))
    assert names(made) == {"tiny@2", "tiny@production"}
    assert made.chat(model="tiny@1", max_tokens=1).status_code == 404
    assert made.client.get("/health/ready").status_code == 200


def test_a_step_back_before_it_is_let_go_needs_no_loading(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
) -> None:
    made, first = start(num_blocks=64, handover_s=60.0), served()
    made.call(made.engine.serve([first]))
    batcher = made.batcher()
    new = second(tmp_path / "new", first)
    made.call(made.engine.serve([new]))
    made.call(made.engine.serve([replace(first, earlier=(replace(new, tags=(), earlier=()),))]))
    assert made.batcher() is batcher
    assert by_tag(made) == "tiny@1"


@pytest.mark.parametrize("fault", ["byte", "weights", "memory"])
def test_a_version_that_cannot_be_loaded_changes_nothing(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path, fault: str
) -> None:
    made, first = start(num_blocks=64), served()
    made.call(made.engine.serve([first]))
    new = second(tmp_path / "new", first)
    weights = new.base_dir / "model.safetensors"
    if fault == "byte":
        weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    elif fault == "weights":  # approved as they are
        weights.write_bytes(b"these are no weights")
        base = manifest_of(new.base_dir).digest
        new = replace(new, base_digest=base, digest=version_digest(base, None))
    else:
        with (new.base_dir / "more.safetensors").open("wb") as file:
            file.truncate(1 << 42)
    made.call(made.engine.serve([new]))
    assert by_tag(made) == "tiny@1"
    assert made.client.get("/health/ready").status_code == 200
    [state] = made.client.get("/v1/models").json()["versions"]
    causes = {"byte": "files_changed", "weights": "unusable", "memory": "memory"}
    assert (state["id"], state["state"]) == ("tiny@2", "refused")
    assert (state["cause"], state["stands_in"]) == (causes[fault], "tiny@1")
    assert state["reason"]
    refused = made.chat(model="tiny@2", max_tokens=1)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")


def test_a_start_with_a_refused_version_serves_the_one_before(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
) -> None:
    made, new = start(num_blocks=64), second(tmp_path / "new", served())
    (new.base_dir / "README.md").write_text("changed", encoding="utf-8")
    made.call(made.engine.serve([new]))
    assert by_tag(made) == "tiny@1"
    assert made.client.get("/health/ready").status_code == 200


def test_an_adapter_is_added_to_the_base_that_is_loaded(
    start: Callable[..., Any], served: Callable[..., ServedModel]
) -> None:
    made, first = start(num_blocks=64), served()
    made.call(made.engine.serve([first]))
    adapted = replace(served(adapted=True), version="2", earlier=(replace(first, tags=()),))
    made.call(made.engine.serve([adapted]))
    assert by_tag(made) == "tiny@2"
    shared = {one.data_ptr() for one in made.batcher("tiny@1")._manager.model.parameters()}
    model = made.batcher("tiny@2")._manager.model
    own = {name for name, one in model.named_parameters() if one.data_ptr() not in shared}
    assert all("lora_" in name for name in own)


def test_a_base_that_was_touched_is_hashed_again_before_an_adapter_is_added(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
) -> None:
    made, first = start(num_blocks=64), served(base_dir=make_tiny(tmp_path / "own"))
    made.call(made.engine.serve([first]))
    template = first.base_dir / "chat_template.jinja"
    template.write_text(template.read_text(encoding="utf-8") + " ", encoding="utf-8")
    adapted = replace(served(adapted=True, base_dir=first.base_dir), version="2")
    made.call(made.engine.serve([first, adapted]))
    states = {one.served.version: (one.state, one.cause) for one in made.engine.states()}
    assert states == {"1": ("ready", None), "2": ("refused", "files_changed")}


def test_bytes_changed_in_a_file_do_not_reach_the_served_weights(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
) -> None:
    made = start(num_blocks=64)
    model = replace(second(tmp_path / "new", served()), earlier=())
    made.call(made.engine.serve([model]))
    fields = {"model": "tiny@2", "temperature": 0, "max_tokens": 16}
    before = made.text(**fields)
    weights = model.base_dir / "model.safetensors"
    size = weights.stat().st_size
    with weights.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\x01" * (size // 2))
    assert made.text(**fields) == before
