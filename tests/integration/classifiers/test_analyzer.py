"""The recognizers of a detector process, in a process of its own as they run in the product."""

import json
import subprocess
import sys

import pytest

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES

pytestmark = pytest.mark.integration
TEXT = "Schrijf een brief aan Annemarie de Vries, Lindenstraat 12 in Zwolle. " * 3
PROGRAM = """
import json, sys
import gateway.classifiers.worker_process
from gateway.classifiers.entities.presidio_recognizer import Analyzer
analyzer = Analyzer()
for partial in (False, True):
    found = analyzer.find(sys.argv[1], partial=partial)
    print(json.dumps([[one.start, one.end, one.type] for one in found]))
"""


def test_a_part_of_a_long_text_is_read_with_the_gate() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, TEXT], capture_output=True, text=True, check=True
    )
    classifier = Classifier(MODEL)
    for partial, line in zip((False, True), done.stdout.splitlines(), strict=True):
        (own,) = classifier.find([TEXT], partial=partial)
        wanted = {(one.start, one.end, one.type) for one in own if one.type in TYPES}
        found = {tuple(one) for one in json.loads(line) if one[2] in TYPES}
        assert found == wanted
        assert len(found) == 9
