"""A time stamping authority (RFC 3161) of the tests: ``openssl ts`` behind HTTP on loopback.

Its tokens are real; its certificates are made for the test.
"""

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.x509 import Certificate, load_pem_x509_certificates
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.support.time_stamps import SHA_256
from tests.support.witnesses import STAND_IN, Served

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_SHA3_256 = SHA_256[:-1] + b"\x08"
_CONFIG = """\
[tsa]
default_tsa = house
[house]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
ess_cert_id_alg = sha256
default_policy = 1.2.3.4.1
digests = {digests}
clock_precision_digits = {digits}
"""


@dataclass
class Authority:
    """A CA, and the TSA that it certifies.

    ``digits`` are those of a fraction of a second in its times; with ``chain`` it sends the CA's
    certificate as well.
    """

    folder: Path
    digits: int = 0
    chain: bool = False

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self._certify("ca", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"])
        usage = ["keyUsage=critical,digitalSignature", "extendedKeyUsage=critical,timeStamping"]
        signer = ["-CA", str(self.file), "-CAkey", f"{self.folder}/ca.key"]
        self._certify("tsa", ["basicConstraints=CA:FALSE", *usage], signer)
        (self.folder / "serial").write_text("01\n", encoding="ascii")

    @property
    def file(self) -> Path:
        """The PEM file that says whom to trust."""
        return self.folder / "ca.pem"

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        return tuple(load_pem_x509_certificates(self.file.read_bytes()))

    def reply(self, query: bytes, digests: str = "sha256, sha3-256") -> bytes:
        """A TimeStampResp: granted, or rejected when the digest is of another kind."""
        config, asked = self.folder / "tsa.cnf", self.folder / "query.tsq"
        text = _CONFIG.format(folder=self.folder, digests=digests, digits=self.digits)
        more = f"certs = {self.file}\n" if self.chain else ""
        config.write_text(text + more, encoding="ascii")
        asked.write_bytes(query)
        return openssl("ts", "-reply", "-config", str(config), "-queryfile", str(asked)).stdout

    def accepts(self, data: Path, answer: Path) -> bool:
        """What an auditor asks."""
        done = openssl(
            "ts",
            "-verify",
            "-data",
            str(data),
            "-in",
            str(answer),
            "-CAfile",
            str(self.file),
            check=False,
        )
        return done.returncode == 0

    def _certify(self, name: str, extensions: Iterable[str], signer: Iterable[str] = ()) -> None:
        added = [part for one in extensions for part in ("-addext", one)]
        openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            "-subj",
            f"/CN=house {name}",
            "-keyout",
            f"{self.folder}/{name}.key",
            "-out",
            f"{self.folder}/{name}.pem",
            *signer,
            *added,
        )


def openssl(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Runs it; a test is skipped where there is none."""
    path = shutil.which("openssl")
    if path is None:
        pytest.skip("openssl is not installed")
    return subprocess.run([path, *arguments], capture_output=True, check=check, timeout=30)


@dataclass
class TsaServer(Served):
    """Answers as the authority does; ``behave`` makes it answer wrongly.

    ``other`` is an untrusted authority of the same names. ``asked`` are the queries so far.
    """

    authority: Authority = field(kw_only=True)
    other: Authority = field(kw_only=True)
    behave: str = ""
    asked: list[bytes] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"tsa+{self.url}/tsr"

    def answered(self, request: Request, body: bytes) -> Response:
        given = request.headers.get("content-type")
        if request.method != "POST" or request.url.path != "/tsr" or given != _QUERY:
            return PlainTextResponse("", 404, headers=STAND_IN)
        self.asked.append(body)
        return Response(self._reply(body), media_type=_REPLY, headers=STAND_IN)

    def _reply(self, query: bytes) -> bytes:
        digest, nonce = query.index(b"\x04\x20") + 2, len(query) - 4  # its last byte
        match self.behave:
            case "other imprint":
                query = query[:digest] + bytes(32) + query[digest + 32 :]
            case "other kind of digest":
                query = query.replace(SHA_256, _SHA3_256)
            case "other nonce":
                query = query[:nonce] + bytes([query[nonce] ^ 1]) + query[nonce + 1 :]
            case "other signer":
                return self.other.reply(query)
            case "rejected":
                return self.authority.reply(query, "sha512")
        answers = {
            "garbage": b"\x30\x82" + bytes(100),
            "nothing": b"",
            "flood": bytes(100_000),
            "granted, and no token": bytes.fromhex("30053003020100"),
        }
        whole = self.authority.reply(query)
        return answers.get(self.behave, whole + b"\x00" * (self.behave == "more behind it"))
