"""A small network for names, streets, cities, secrets and special categories in running text."""

import hashlib
import json
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from gateway.classifiers.entities import special_categories
from gateway.classifiers.entities.bundled_model import version_of
from gateway.classifiers.entities.decoding import TYPES, Thresholds, decode, nameless_stretches
from gateway.classifiers.entities.doubt import DoubtLimits, GateResult, PackedText, outside
from gateway.classifiers.entities.gate import Gate
from gateway.classifiers.entities.linear_topic_model import LinearTopicModel
from gateway.classifiers.entities.word_features import WordReader
from gateway.classifiers.entities.word_pieces import WINDOW, Encoder, TokenBlock, WordLexicon
from gateway.classifiers.onnx import onnxruntime
from gateway.classifiers.protocol import Entity

_Window = special_categories.Window
_Reading = tuple[list[Entity], list[Entity], list[_Window]]  # names, stretches without one
_start = attrgetter("start")


class Classifier:
    """Finds names, streets, cities and secrets with the model in a folder; one core, no network."""

    def __init__(self, folder: Path, *, category_threshold: float | None = None) -> None:
        """Load the model; ``category_threshold`` overrides the least probability of a category.

        Raises:
            ValueError: A file is not the one that model.json names by its SHA-256.
            OSError: A file cannot be read.
        """
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        files = {name: (folder / name).read_bytes() for name in card["files"]}
        for name, data in files.items():
            if hashlib.sha256(data).hexdigest() != card["files"][name]:
                message = f"{name} is not the file that model.json names"
                raise ValueError(message)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Above this level the runtime fuses each sum and norm into a slower kernel.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        self._session = onnxruntime.InferenceSession(
            files["names.int8.onnx"], options, providers=["CPUExecutionProvider"]
        )
        self.version = version_of(folder)  # part of every cache key for entities
        self._limits = {name: Thresholds(*card["limits"][name]) for name in TYPES}
        least = card["told"] if category_threshold is None else category_threshold
        self._category_limits = special_categories.CategoryLimits(float(least), card["doubt"])
        self._nameless_limit = float(card["nobody"])
        self._topic_model = LinearTopicModel(files["wording.bin"])
        tokenizer = Tokenizer.from_buffer(files["tokenizer.json"])
        lexicon = WordLexicon(files["lexicon.bin"])
        self._encoder = Encoder(tokenizer, lexicon)
        self._words = WordReader(lexicon)
        self._gate = (
            Gate(files["gate.bin"], DoubtLimits(**card["gate"])) if "gate" in card else None
        )

    def find(self, texts: Sequence[str], *, partial: bool = False) -> list[list[Entity]]:
        """Return the entities of each text: names, streets, cities, secrets, without overlap.

        Special categories follow, each once, then the stretches almost certainly without a name.
        Time is linear in the length of the texts, memory bounded beyond the texts themselves.

        Of a long text the network reads only what the gate leaves in doubt. ``partial`` says that
        the texts are parts of long ones.
        """
        return [self._find(text, partial=partial) for text in texts]

    def _find(self, text: str, *, partial: bool) -> list[Entity]:
        gate = self._gate
        if gate and (partial or len(text) > gate.limits.characters):
            names, nameless, windows = self._read_doubted(text, gate)
        else:
            names, nameless, windows = self._read(text)
        if not windows:
            return [*names, *nameless]
        categories = special_categories.detect(
            text, names, windows, self._topic_model, self._category_limits, self._topics
        )
        return [*names, *categories, *nameless]

    def _read(self, text: str) -> _Reading:
        """Read a text with the network."""
        names: list[Entity] = []
        nameless: list[Entity] = []
        windows: list[_Window] = []
        for block in self._encoder.blocks(text):
            chances, read = self._score(block)
            names += decode(text, block, chances, self._limits)
            nameless += nameless_stretches(block, chances, self._nameless_limit)
            windows += read
        return names, nameless, windows

    def _read_doubted(self, text: str, gate: Gate) -> _Reading:
        """Read a text with the gate, and with the network what the gate leaves in doubt."""
        sentences = special_categories.sentences(text)
        words = self._words.read(text)
        if not sentences or not len(words.starts):
            return [], [], []
        chances, topics = gate.read(words)
        seen = GateResult(text, words, chances, self._limits)
        stated = special_categories.possible(
            text,
            sentences,
            [(words.starts, topics)],
            self._topic_model,
            gate.limits.categories,
        )
        stretches = seen.doubted(text, sentences, stated, gate.limits)
        packed = PackedText(text, stretches)
        names, nameless, windows = self._read(packed.text)
        names = [part for one in names for part in packed.restored(one)]
        nameless = [part for one in nameless for part in packed.restored(one)]
        names += outside(seen.entities, stretches)
        nameless += outside(seen.nameless(gate.limits), stretches)
        return (
            sorted(names, key=_start),
            sorted(nameless, key=_start),
            [(packed.places(starts), numbers) for starts, numbers in windows],
        )

    def _topics(self, text: str) -> list[_Window]:
        """Return the second head of each window of a text."""
        return [one for block in self._encoder.blocks(text) for one in self._score(block)[1]]

    def chances(self, texts: Sequence[str]) -> list[list[tuple[TokenBlock, Any]]]:
        """Return per text the input of ``find``: blocks and arrays [pieces, labels]; for tuning."""
        return [
            [(block, self._score(block)[0]) for block in self._encoder.blocks(text)]
            for text in texts
        ]

    def _score(self, block: TokenBlock) -> tuple[Any, list[special_categories.Window]]:
        """Return an array [pieces, labels] of probabilities, and the second head of each window.

        Each piece takes the window with the most context around it. Windows run one by one: on one
        core a batch gains nothing, and the eight-bit scales of a batch would depend on its members.
        """
        chances = np.zeros((len(block.ids), 1 + 2 * len(TYPES)), np.float32)
        depth = np.full(len(block.ids), -1)
        windows: list[_Window] = []
        for first, last in block.windows():
            steps = np.arange(last - first)
            left = steps if first else steps + WINDOW
            right = steps[::-1] if last < len(block.ids) else steps[::-1] + WINDOW
            far = np.minimum(left, right)
            better = far > depth[first:last]
            names, topics = self._run(block, first, last)
            windows.append((block.starts[first:last], topics))
            chances[first:last][better] = names[better]
            depth[first:last][better] = far[better]
        return chances, windows

    def _run(self, block: TokenBlock, first: int, last: int) -> tuple[Any, Any]:
        ids = [self._encoder.opening, *block.ids[first:last], self._encoder.closing]
        feeds = {
            "input_ids": np.array([ids], np.int64),
            "token_type_ids": np.array([[0, *block.kinds(first, last), 0]], np.int64),
        }
        logits, topics = (
            found[0, 1:-1] for found in self._session.run(["logits", "topics"], feeds)
        )
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True), topics
