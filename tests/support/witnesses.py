"""Stand-ins for a C2SP witness and for a bucket with object lock.

Both check requests by the specifications and without the code under test, and identify themselves
as stand-ins in every response.
"""

import base64
import datetime
import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.evidence.verify import consistency_heads
from tests.support.certificates import Certificate
from tests.support.loopback import LoopbackServer
from tests.support.packages import cosignature, witness_key

STAND_IN = {"server": "a stand-in of the tests"}


@dataclass
class Served(LoopbackServer):
    """A server on a free loopback port; when it is ``down`` it answers 503.

    ``tls`` is the certificate that it shows; without one it speaks plain http.
    """

    down: bool = False
    tls: Certificate | None = None

    def __post_init__(self) -> None:
        app = Starlette(routes=[Route("/{path:path}", self._any, methods=["GET", "PUT", "POST"])])
        shown = {"ssl_certfile": self.tls.path, "ssl_keyfile": self.tls.key} if self.tls else {}
        self.serve(app, log_level="critical", server_header=False, **shown)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def _any(self, request: Request) -> Response:
        if self.down:
            return PlainTextResponse("down", 503, headers=STAND_IN)
        return self.answered(request, await request.body())

    def answered(self, request: Request, body: bytes) -> Response:
        raise NotImplementedError


@dataclass
class WitnessServer(Served):
    """C2SP tlog-witness: cosigns only what grew from what it cosigned before.

    ``logs`` are the public keys that it trusts, by origin; ``behave`` makes it answer wrongly.
    """

    name: str = "witness.example/w1"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    logs: dict[str, list[bytes]] = field(default_factory=dict)
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    behave: str = ""
    clock: int = 1_700_000_000

    @property
    def vkey(self) -> str:
        return witness_key(self.name, self.key)

    def answered(self, request: Request, body: bytes) -> Response:
        if request.method != "POST" or request.url.path != "/add-checkpoint":
            return PlainTextResponse("", 404, headers=STAND_IN)
        head, _, note = body.decode().partition("\n\n")
        old_line, *proof_lines = head.split("\n")
        text, _, signatures = note.partition("\n\n")
        origin, size_line, root_line = text.split("\n")
        old, size, root = int(old_line.removeprefix("old ")), int(size_line), _decoded(root_line)
        if origin not in self.logs:
            return PlainTextResponse("", 404, headers=STAND_IN)
        if not self._signed(origin, text + "\n", signatures):
            return PlainTextResponse("", 403, headers=STAND_IN)
        if old > size:
            return PlainTextResponse("", 400, headers=STAND_IN)
        known, known_root = self.seen.get(origin, (0, b""))
        if old != known:
            return self._conflict(known)
        if known == size and root != known_root:
            return PlainTextResponse("another tree", 409, headers=STAND_IN)
        if not _grew(known, known_root, size, root, [_decoded(line) for line in proof_lines]):
            return PlainTextResponse("", 422, headers=STAND_IN)
        self.seen[origin] = (size, root)
        return PlainTextResponse(self._line(note), headers=STAND_IN)

    def _conflict(self, known: int) -> Response:
        said = {"size": "10000000", "words": "many"}.get(self.behave, str(known))
        return Response(f"{said}\n", 409, media_type="text/x.tlog.size", headers=STAND_IN)

    def _line(self, note: str) -> str:
        if self.behave == "other key":
            return cosignature(note, self.name, Ed25519PrivateKey.generate(), self.clock)
        if self.behave == "flood":
            return "x" * 100_000
        if self.behave == "nothing":
            return ""
        stranger = cosignature(note, "stranger", Ed25519PrivateKey.generate(), self.clock)
        return stranger + cosignature(note, self.name, self.key, self.clock)

    def _signed(self, origin: str, body: str, signatures: str) -> bool:
        for line in signatures.splitlines():
            _, name, blob = line.split(" ")
            for public in self.logs[origin]:
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(
                        _decoded(blob)[4:], body.encode()
                    )
                except InvalidSignature:
                    continue
                return name == origin
        return False


def _grew(old: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]) -> bool:
    if old in {0, size}:
        return not proof
    return bool(consistency_heads(old, size, old_root, proof) == (old_root, root))


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


@dataclass
class Bucket(Served):
    """Object storage with object lock; checks the AWS Signature Version 4 of each request."""

    key_id: str = "TESTKEY"
    secret: str = "test-secret"
    region: str = "eu-central-1"
    objects: dict[str, bytes] = field(default_factory=dict)
    locked_until: dict[str, datetime.datetime] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def answered(self, request: Request, body: bytes) -> Response:
        why = self._refusal(request, body)
        if why:
            self.refused.append(why)
            return PlainTextResponse(f"<Error><Code>{why}</Code></Error>", 403, headers=STAND_IN)
        path = request.url.path
        until = datetime.datetime.fromisoformat(
            request.headers["x-amz-object-lock-retain-until-date"]
        )
        if path in self.objects and self.objects[path] != body:
            return PlainTextResponse("locked", 403, headers=STAND_IN)
        self.objects[path], self.locked_until[path] = body, until
        return Response(status_code=200, headers=STAND_IN)

    def _refusal(self, request: Request, body: bytes) -> str:
        given = request.headers
        if given.get("x-amz-object-lock-mode") != "COMPLIANCE":
            return "NotLocked"
        if (
            given.get("content-md5")
            != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        ):
            return "BadDigest"
        if given.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        algorithm, _, rest = given.get("authorization", "").partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if algorithm != "AWS4-HMAC-SHA256" or len(fields) != 3:
            return "AccessDenied"
        if fields["Signature"] != self._signature(
            request, fields, hashlib.sha256(body).hexdigest()
        ):
            return "SignatureDoesNotMatch"
        return ""

    def _signature(self, request: Request, fields: dict[str, str], digest: str) -> str:
        names = fields["SignedHeaders"]
        headers = "".join(f"{name}:{request.headers[name]}\n" for name in names.split(";"))
        raw_path = request.scope["raw_path"].decode()
        canonical = f"{request.method}\n{raw_path}\n\n{headers}\n{names}\n{digest}"
        who, _, scope = fields["Credential"].partition("/")
        day, region, service, end = scope.split("/")
        if (who, region, service, end) != (self.key_id, self.region, "s3", "aws4_request"):
            return "wrong scope"
        moment = request.headers["x-amz-date"]
        if not moment.startswith(day):
            return "wrong day"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        secret: bytes = f"AWS4{self.secret}".encode()
        for step in (day, region, service, end):
            secret = hmac.new(secret, step.encode(), hashlib.sha256).digest()
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
