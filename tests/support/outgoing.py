"""What leaves of a request: its level, and the bytes for a commercial provider."""

import json
from typing import Any

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.fields import without
from gateway.core.level import Level
from gateway.core.snapshot import Snapshot
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress import UpstreamClient
from gateway.governance.policies.bundle import check, read_bundle
from gateway.identity import Authenticator
from gateway.privacy import Scope, Vault
from gateway.request.body_texts import redacted
from gateway.request.context import ParsedRequest, RequestScan
from gateway.request.scanner import Scanner
from gateway.request.steps import classify, parse_request
from gateway.routing import ModelCatalogue
from tests.support.detector import DETECTOR

CHAT: Dialect = OpenAIChat()
SCOPE = Scope("t", "k", "", "c")


class Outgoing:
    """One request after steps 4, 5 and 7a; ``vault`` restores what was redacted.

    No deployment has issued a sealed block, so none leaves.
    """

    def __init__(self, request: ParsedRequest, scan: RequestScan) -> None:
        self.request = request
        self.scan = scan
        self.vault = Vault(b"v" * 32, SCOPE, standing=request.texts)
        fields = COMPILED.policy.fields[request.dialect.name]
        body = redacted(request.body, fields, scan.scans, self.vault)
        left_out = [*(place.path for place in request.sealed), *request.internal]
        self.body: dict[str, Any] = without(body, left_out)

    @property
    def level(self) -> Level:
        """By content alone."""
        return self.scan.level

    @property
    def leaves(self) -> bool:
        """Whether it may go to a commercial provider in the European Union."""
        return self.level < Level.RESTRICTED and not self.request.inside_only

    @property
    def sent(self) -> str:
        """The body as it would be written for a provider."""
        return self.request.dialect.write(self.body, "gpt").decode()


def compiled_defaults() -> CompiledSnapshot:
    """The shipped policies over an empty catalogue."""
    files = read_bundle()
    snapshot = Snapshot(created=0.0, bundle=files)
    return CompiledSnapshot(
        snapshot,
        check(files),
        Authenticator(snapshot, pepper=b"p" * 32),
        ModelCatalogue(snapshot),
        {},
        UpstreamClient(snapshot, secret=lambda _: None, worker_token="", formats={}),
    )


COMPILED = compiled_defaults()
SCANNER = Scanner(DETECTOR, None, key=b"k" * 32, capacity=5000, person_key=lambda *_: None)


async def outgoing(body: Any, dialect: Dialect = CHAT) -> Outgoing:
    """What becomes of a request, by rules alone.

    Raises:
        InvalidRequest: when it is refused.
    """
    request = parse_request(COMPILED, dialect, json.dumps(body).encode())
    scan = await classify(SCANNER, COMPILED, request)
    return Outgoing(request, scan)
