"""Every step of the training command, on a tiny network and generated corpora."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from onnxruntime import InferenceSession
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import ROWS, Classifier
from gateway.privacy.lexicons.names import GIVEN_NAMES, SURNAMES
from tests.support.detector import CACHE
from training.entities.__main__ import options_of, run
from training.entities.base import load_base
from training.entities.corpora import Corpora
from training.entities.model import build, heads
from training.entities.names import NameSource
from training.entities.shipped_weights import load_weights

pytestmark = pytest.mark.integration
_DATA = Path(__file__).parents[3] / "evaluation/datasets/smoke.jsonl"
_PARTS = (
    "GIVEN_NAME",
    "SURNAME",
    "STREET_NAME",
    "BUILDING_NUMBER",
    "CITY",
    "GOVERNMENT_ID",
    "ROUTING_NUMBER",
)
_LABELS = ["O", *(f"{side}-{part}" for part in _PARTS for side in "BI")]
_PACKED = "bert.encoder.layer.0.attention.self.query"
_PROSE = {
    "nl": "U kunt de instelling {} in het menu wijzigen en daarna opnieuw opslaan.",
    "en": "You can change the setting {} in the menu and save it again afterwards.",
    "de": "Sie können die Einstellung {} im Menü ändern und danach wieder speichern.",
    "fr": "Vous pouvez modifier le réglage {} dans le menu et enregistrer ensuite.",
    "es": "Puede cambiar el ajuste {} en el menú y guardarlo después de nuevo.",
}


def _base(folder: Path) -> Path:
    """A network in the form of the base model: float weights, and one of four bits."""
    (folder / "onnx").mkdir(parents=True)
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_bytes((MODEL / "tokenizer.json").read_bytes())
    config = BertConfig(
        vocab_size=Tokenizer.from_file(str(tokenizer)).get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        id2label=dict(enumerate(_LABELS)),
        label2id={name: at for at, name in enumerate(_LABELS)},
    )
    config.to_json_file(str(folder / "config.json"))
    state = BertForTokenClassification(config).state_dict()
    tensors = [
        numpy_helper.from_array(value.numpy(), name)
        for name, value in state.items()
        if name != f"{_PACKED}.weight"
    ]
    tensors += [
        numpy_helper.from_array(np.full((32, 1, 16), 0x98, np.uint8), "packed"),
        numpy_helper.from_array(np.full(32, 0.01, np.float32), "scales"),
    ]
    node = helper.make_node(
        "MatMulNBits",
        ["x", "packed", "scales"],
        ["y"],
        name=f"/{_PACKED.replace('.', '/')}/MatMul_Q4",
        domain="com.microsoft",
    )
    graph = helper.make_graph([node], "base", [], [], tensors)
    onnx.save(helper.make_model(graph), str(folder / "onnx" / "model_q4.onnx"))
    return folder


@pytest.fixture
def corpora(tmp_path: Path) -> Corpora:
    first = sorted(name for name in GIVEN_NAMES if name.isalpha())
    last = sorted(name.title() for name in SURNAMES if name.isalpha())
    last += [f"van den {name}" for name in last[:200]]
    prose = {
        language: [text.format(f"{number} {language}") for number in range(200)]
        for language, text in _PROSE.items()
    }
    words = {w for text in _PROSE.values() for w in re.findall("[a-z]+", text.lower())}
    return Corpora(
        base=_base(tmp_path / "base"),
        sources={"gazetteer": NameSource(first, [1.0] * len(first), last, [1.0] * len(last))},
        towns=[f"{name}dorp" for name in last[:200]],
        prose=prose,
        ordinary=words | {name.lower() for name in last[:50]},  # some words are names too
        first_counts=dict.fromkeys(first, 20),
        last_counts=dict.fromkeys(last, 60),
    )


def test_weights_of_four_bits_are_read(tmp_path: Path) -> None:
    weight = load_base(_base(tmp_path / "base")).get_parameter(f"{_PACKED}.weight")
    # Low nibbles come first: 8 stands for 0, 9 for one step of the scale.
    assert weight[0, :4].tolist() == pytest.approx([0.0, 0.01, 0.0, 0.01])


@pytest.mark.filterwarnings("ignore")  # the exporter warns about its own code
def test_the_command_trains_exports_tunes_and_measures(
    corpora: Corpora, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = shutil.copytree(CACHE, tmp_path / "cache")  # the rules were compiled
    options = options_of([
        "--quick",
        "--cache",
        str(cache),
        "--steps",
        "3",
        "--layers",
        "2",
        "--data",
        str(_DATA),
    ])
    assert options.out == cache / "quick"  # never over the shipped model
    run(corpora, options)
    output = capsys.readouterr().out
    assert "step 3 loss" in output
    assert "smoke.jsonl: F1 " in output
    card = json.loads((options.out / "model.json").read_text(encoding="utf-8"))
    for name, digest in card["files"].items():
        assert hashlib.sha256((options.out / name).read_bytes()).hexdigest() == digest
    assert set(card["figures"]) == {"generated", "dev", "check", "holdout"}
    assert [stage["steps"] for stage in card["training"]] == [3, 4, 4]
    assert set(card["limits"]) == {"PERSON", "STREET_ADDRESS", "CITY", "SECRET"}
    Classifier(options.out).find(["Jan de Vries woont in Ede."])
    _continues_from_its_export(corpora, options.out)


def _continues_from_its_export(corpora: Corpora, out: Path) -> None:
    file = out / "names.int8.onnx"
    sizes = [
        Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size()
        for folder in (corpora.base, out)
    ]
    model = build(corpora.base, {number: [0] for number in range(*sizes)}, 2)
    model.load_state_dict(load_weights(file))
    model.train(mode=False)
    ids, kinds = torch.randint(0, sizes[1], (2, 20)), torch.randint(0, ROWS, (2, 20))
    with torch.no_grad():
        own = heads(model, ids, torch.ones_like(ids), kinds)
    given = {"input_ids": ids, "token_type_ids": kinds}
    shipped = InferenceSession(file).run(
        None, {name: value.numpy() for name, value in given.items()}
    )
    for before, after in zip(own, shipped, strict=True):
        assert np.abs(before.numpy() - after).mean() < 0.1 * np.abs(after).mean()


def test_defaults_are_those_of_the_shipped_model() -> None:
    options = options_of([])
    assert (options.out, options.steps, options.quick) == (MODEL, 7000, False)
