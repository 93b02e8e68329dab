"""One control plane over an empty data directory, for tests that only ask it."""

from collections.abc import Iterator

import pytest

from tests.compatibility.product import Product

SECRETS = {
    name: f"sk-corpus-{name.lower()}-000000000000"
    for name in ("CORPUS_UPSTREAM", "CORPUS_BOT", "CORPUS_PERSON", "CORPUS_ADMIN", "CORPUS_CONSOLE")
}


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = Product(tmp_path_factory.mktemp("compatibility") / "data", SECRETS)
    made.sluis("migrate")
    made.start("control")
    yield made
    made.stop()
