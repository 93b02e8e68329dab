"""Print how many findings and levels survive among neutral sentences.

Example:
  .venv/bin/python -m evaluation.invariance --each 10
"""

import argparse

from evaluation.invariance.corpus import combinations
from evaluation.invariance.measure import RequestReader, measure
from gateway.privacy import Detector


def main() -> None:
    """Measure the corpus, or a smaller one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--each", type=int, default=100, help="names for each kind, number of sentences, language"
    )
    parser.add_argument("--losses", action="store_true", help="print what was lost")
    options = parser.parse_args()
    tallies = measure(combinations(options.each), RequestReader(Detector()))
    print(tallies.markdown())
    for one in tallies.losses if options.losses else ():
        print(f"{one.kind}, {one.count} {one.way}: {one.base!r}")


if __name__ == "__main__":
    main()
