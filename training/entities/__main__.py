"""Train the classifier of names, streets, towns and secrets in one command, and measure it.

Run: python -m training.entities --data evaluation/datasets/eval.jsonl

Fetches the raw material, trains, exports, chooses the limits and notes the scores; writes
gateway/classifiers/entities/model. Under two hours on one free core. With --quick every step is taken in a minute or two,
for a model that is of no use, beside the raw material.
"""

import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from training.entities import evaluate, tune
from training.entities.combined_eval import on_marked
from training.entities.corpora import Materials, gather
from training.entities.linear_topic_model import train_wording
from training.entities.train import add_options, say, train

_QUICK = {"steps": 20, "finish": 4, "sample": 400, "pool": 300}
_QUICK_TEXTS = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, fetch what is missing, and run."""
    options = options_of(arguments)
    run(gather(options.cache), options)


def run(materials: Materials, options: Namespace) -> None:
    """All steps on the raw material; figures and time go to standard output."""
    begun = time.monotonic()
    train(materials, options)
    train_wording(options.out, materials, options.cache, _QUICK_TEXTS if options.quick else None)
    say(f"trained after {time.monotonic() - begun:.0f} s")
    tune.tune(options.out, materials, _QUICK_TEXTS if options.quick else tune.COUNT)
    count = _QUICK_TEXTS if options.quick else evaluate.COUNT
    evaluate.note(options.out, evaluate.measure(options.out, materials, count))
    for file in options.data:
        say(on_marked(options.out, file, options.cache))
    say(f"done after {time.monotonic() - begun:.0f} s")


def options_of(arguments: Sequence[str] | None) -> Namespace:
    """What the command was asked to do.

    Raises:
        SystemExit: for arguments that do not exist, and after ``--help``.
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
        help="marked texts to be measured on; may be given more than once",
    )
    parser.add_argument("--quick", action="store_true", help="a few steps, to see that all works")
    known, _ = parser.parse_known_args(arguments)
    if known.quick:
        parser.set_defaults(out=known.cache / "quick", **_QUICK)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
