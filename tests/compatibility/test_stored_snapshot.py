"""A gateway alone serves from the signed snapshot that an earlier version wrote."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.compatibility.installation import APP, FACTS, VALUES, said, unpacked
from tests.compatibility.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
_YEARS = str(100 * 366 * 86_400)


class Provider(BaseHTTPRequestHandler):
    """Answers each request with the last message of it."""

    bodies: list[bytes] = []  # noqa: RUF012 - of all requests

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.bodies.append(body)
        message = {"role": "assistant", "content": json.loads(body)["messages"][-1]["content"]}
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        whole = {"id": "x", "object": "chat.completion", "created": 1, "model": "demo"}
        answer = json.dumps({**whole, "choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = unpacked("stopped", tmp_path_factory.mktemp("snapshot"))
    made.secrets = {
        **made.secrets,
        # The control plane confirmed this snapshot when it was made.
        "SLUIS_SNAPSHOT_INSIDE_ONLY_AFTER": _YEARS,
        "SLUIS_SNAPSHOT_REFUSE_AFTER": _YEARS,
    }
    try:
        made.start("gateway")
        yield made
    finally:
        made.stop()


@pytest.fixture
def provider() -> Iterator[type[Provider]]:
    """At the address that stands in the snapshot, which is signed."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", FACTS["demo_port"]), Provider)
    except OSError:
        pytest.skip(f"port {FACTS['demo_port']} is taken")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Provider
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_snapshot_in_force_is_the_stored_one(product: Product) -> None:
    current = (product.data / "snapshots" / "current").read_text(encoding="ascii").strip()
    stored = json.loads(
        (product.data / "snapshots" / f"{current}.json").read_text(encoding="utf-8")
    )
    document = json.loads(stored["document"])
    answer = product.v1("GET", "/models", APP)
    assert [one["id"] for one in answer.json()["data"]]
    assert {one["created"] for one in answer.json()["data"]} == {int(document["created"])}


def test_its_policies_decide(product: Product) -> None:
    found = product.v1("POST", "/privacy/detect", APP, {"text": FACTS["text"]})
    assert found.json()["sensitivity"] == "confidential"
    refused = product.ask(FACTS["health"], APP)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, FACTS["refusal"])
    assert product.ask("A lock?", FACTS["keys"]["revoked"]["secret"]).status_code == 401


def test_it_redacts_and_restores(product: Product, provider: type[Provider]) -> None:
    answer = product.ask(FACTS["text"], APP, x_sluis_conversation=FACTS["conversation"])
    assert said(answer) == FACTS["text"]
    sent = json.loads(provider.bodies[-1])["messages"][-1]["content"]
    assert sent == FACTS["placeholders"]
    assert not [value for value in VALUES if value in sent]


def test_its_terms_are_taken_out(product: Product, provider: type[Provider]) -> None:
    said(product.ask(f"Wat staat er in {FACTS['term']}?", APP))
    assert FACTS["term"].encode() not in provider.bodies[-1]
