"""The classifier of a checkout for ``detection.py``: texts come in, CPU seconds go out.

It imports the package of the checkout that it runs in, which may be an older one.
"""

import json
import sys
import time
from importlib import import_module, util  # noqa: TID251  # the package depends on the checkout

PACKAGE = "gateway.classifiers.entities"
OLDER = "gateway.names"  # until November 2026
MODEL_MODULES = {PACKAGE: "bundled_model", OLDER: "packaged"}


def main() -> None:
    """Answer until the other side closes."""
    package = PACKAGE if util.find_spec("gateway.classifiers") else OLDER
    folder = import_module(f"{package}.{MODEL_MODULES[package]}").MODEL
    classifier = import_module(f"{package}.classifier").Classifier(folder)
    options = {"partial": True} if "partial" in sys.argv else {}
    whole = "whole" in sys.argv
    for line in sys.stdin:
        texts = json.loads(line)
        began = time.process_time()
        if whole:
            classifier.chances(texts)  # the network alone
        else:
            classifier.find(texts, **options)
        sys.stdout.write(f"{time.process_time() - began}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
