"""Measure the classifier on published sets that training does not read.

Example:
  .venv/bin/python -m training.content.published --cache /var/tmp/content
"""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

from evaluation.content import Share, as_product
from gateway.classifiers.content.classifier import ContentClassifier
from training.content import corpus, sources


def main() -> None:
    """Print what is caught by set, and what is refused wrongly."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    read = as_product(ContentClassifier())
    found: dict[str, list[bool]] = {}
    for row in sources.test_rows(corpus.fetch(parser.parse_args().cache)):
        kind = "harmless" if row.category == sources.NONE else "attacks"
        found.setdefault(f"{row.source}, {kind}", []).append(bool(read(row.text)))
    shares = {name: Share(sum(of), len(of)).figures() for name, of in sorted(found.items())}
    print(json.dumps(shares, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
