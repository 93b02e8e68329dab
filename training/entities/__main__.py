"""Train the classifier of names, streets, cities and secrets in one command, and measure it.

The command fetches the corpora, trains, exports, chooses the limits and writes the scores. It
replaces gateway/classifiers/entities/model, and takes under two hours on one free core. With
--quick it takes every step in a minute or two and writes a useless model into the cache.

Example:
  .venv/bin/python -m training.entities --data evaluation/datasets/eval.jsonl
  .venv/bin/python -m training.entities --quick
"""

import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from training.entities import evaluate, tune
from training.entities.combined_eval import score_line
from training.entities.corpora import Corpora, load_corpora
from training.entities.gate import TEXTS, train_gate
from training.entities.linear_topic_model import train_topic_model
from training.entities.train import add_options, log, train

_QUICK = {"steps": 20, "finish": 4, "sample": 400, "pool": 300}
_QUICK_TEXTS = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, fetch what is missing, and run."""
    options = options_of(arguments)
    run(load_corpora(options.cache), options)


def run(corpora: Corpora, options: Namespace) -> None:
    """Take all steps on the corpora; figures and durations go to standard output."""
    begun = time.monotonic()
    train(corpora, options)
    train_topic_model(options.out, corpora, options.cache, _QUICK_TEXTS if options.quick else None)
    log(f"trained after {time.monotonic() - begun:.0f} s")
    tune.tune(options.out, corpora, _QUICK_TEXTS if options.quick else tune.COUNT)
    train_gate(options.out, corpora, _QUICK_TEXTS if options.quick else TEXTS)
    count = _QUICK_TEXTS if options.quick else evaluate.COUNT
    evaluate.write_figures(options.out, evaluate.measure(options.out, corpora, count))
    for file in options.data:
        log(score_line(options.out, file, options.cache))
    log(f"done after {time.monotonic() - begun:.0f} s")


def options_of(arguments: Sequence[str] | None) -> Namespace:
    """Parse the arguments.

    Raises:
        SystemExit: An argument does not exist, or ``--help`` was given.
    """
    parser = ArgumentParser(
        prog="python -m training.entities",
        description=__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add_options(parser)
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        help="data set to measure on; may be given more than once",
    )
    parser.add_argument("--quick", action="store_true", help="a few steps, to test the command")
    known, _ = parser.parse_known_args(arguments)
    if known.quick:
        parser.set_defaults(out=known.cache / "quick", **_QUICK)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
