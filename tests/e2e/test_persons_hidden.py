"""Under privacy.persons no view, report, export, metric or log names a person who uses models."""

import io
import json
import pkgutil
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pyarrow import parquet
from streamlit.testing.v1 import AppTest

from admin import views
from tests.support.installation import SECRETS, Installation

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]
CANARY = "Zwartkanarie"
PERSON_KEY = "sk-test-person-00000000000000000"
SETTINGS = """
privacy: {{persons: pseudonymous}}
identity: {{issuers: [{{name: own, issuer: "{issuer}", audience: sluis}}]}}
"""
KEY = f'  - {{name: {CANARY}, team: support, kind: person, secret: "env:TEST_PERSON_KEY"}}\n'
ROLES = (
    "platform_admin",
    "policy_author",
    "policy_approver",
    "model_owner",
    "compliance_officer",
    "data_protection_officer",
    "auditor",
)
PERIOD = {"since": 0, "until": 4_000_000_000_000}
SIGNING = RSAKey.generate_key(2048, {"kid": "one"})


class _Provider(BaseHTTPRequestHandler):
    """What a gateway asks of an identity provider."""

    def do_GET(self) -> None:
        issuer = f"http://{self.headers['host']}"
        found: dict[str, Any] = {"keys": [SIGNING.as_dict(private=False)]}
        if self.path.endswith("openid-configuration"):
            found = {"issuer": issuer, "jwks_uri": f"{issuer}/keys"}
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sluis(
    tmp_path: Path, config: str, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    monkeypatch.setitem(SECRETS, "TEST_PERSON_KEY", PERSON_KEY)
    installation = Installation(tmp_path)
    installation.apply(config + KEY + SETTINGS.format(issuer=issuer))
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def _token(issuer: str) -> str:
    """The token of a person whose every claim is the canary."""
    names = dict.fromkeys(("sub", "name", "email", "preferred_username"), CANARY)
    now = int(time.time())
    claims = {**names, "iss": issuer, "aud": "sluis", "iat": now, "exp": now + 600}
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "at+jwt"}, claims, SIGNING)


def _readable(data: bytes) -> str:
    """All text in a file: of a package, all its parts."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "\n".join(_readable(package.read(name)) for name in package.namelist())
    if data.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    if data.startswith(b"PAR1"):
        return str(parquet.read_table(io.BytesIO(data)).to_pylist())
    return data.decode(errors="replace")


def _page(module: str, url: str, bearer: str) -> None:
    """A script that Streamlit runs: it has no access to the names of this module."""
    import sys

    from admin.client import Client, transport
    from admin.i18n import Localizer
    from admin.page_context import PageContext

    with transport(url) as http:
        client = Client(http, bearer)
        context = PageContext(Localizer("en"), client, client.current_user())
        sys.modules[module].page(context)


def _pages() -> list[str]:
    """The modules of the console that draw a page for a signed-in user."""
    names = [f"{views.__name__}.{found.name}" for found in pkgutil.iter_modules(views.__path__)]
    drawn = [name for name in names if hasattr(pkgutil.resolve_name(name), "page")]
    return [name for name in drawn if not name.endswith(".sign_in")]


def _drawn(*arguments: str) -> AppTest:
    return AppTest.from_function(_page, default_timeout=60, args=arguments).run()


def _shown_by(sluis: Installation, bearer: str) -> Iterator[tuple[str, str]]:
    """Every surface that shows something, with its text."""
    document = httpx.get(f"{sluis.control}/openapi.json").json()
    entries = sluis.admin("GET", "/audit", bearer, params={"limit": 200}).json()["entries"]
    request = next(one["request"] for one in entries if one["request"])
    known = {"audit_id": request, "seq": "0", "name": "none", "version": "1", "reference": "none"}
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        asked = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "none"), path)
        answer = httpx.get(
            sluis.control + asked, headers={"authorization": f"Bearer {bearer}"}, timeout=60
        )
        assert answer.status_code < 500, asked
        yield f"GET {asked}", _readable(answer.content)
    for entry in entries:
        log, seq, of_request = entry["log"], entry["seq"], entry["request"]
        one = sluis.admin("GET", f"/audit/entries/{seq}", bearer, params={"log": log})
        yield f"entry {log} {seq}", one.text
        if of_request:
            yield f"request {of_request}", sluis.admin("GET", f"/audit/{of_request}", bearer).text
    for kind in ("activity", "processing", "ai-act", "algorithms"):
        for form in ("pdf", "csv", "json", "parquet"):
            wanted = {"kind": kind, **PERIOD, "format": form}
            made = sluis.admin("POST", "/reports", bearer, json=wanted)
            assert made.is_success, made.text
            yield f"report {kind} {form}", _readable(made.content)
    body: dict[str, Any] = {**PERIOD, "formats": ["jsonl", "csv", "parquet", "pdf"]}
    package = sluis.admin("POST", "/audit/exports", bearer, json=body)
    assert package.is_success, package.text
    yield "export", _readable(package.content)
    for name in _pages():
        drawn = _drawn(name, sluis.control, bearer)
        assert not drawn.exception, name
        tables = "\n".join(frame.value.to_string() for frame in drawn.dataframe)
        yield f"page {name}", f"{drawn}\n{tables}"
    yield "metrics", httpx.get(f"{sluis.url}/metrics").text
    for log in sluis.folder.glob("*.log"):
        yield f"log {log.name}", log.read_text(encoding="utf-8")


def test_nothing_names_a_person(sluis: Installation, issuer: str) -> None:
    by_key = sluis.ask(
        {"model": "outside", "messages": [{"role": "user", "content": "hello"}]}, PERSON_KEY
    )
    assert by_key.status_code == 200, by_key.text
    by_token = sluis.ask(
        {"model": "outside", "messages": [{"role": "user", "content": "hello"}]}, _token(issuer)
    )
    assert by_token.status_code in {200, 403, 404}, by_token.text  # with or without rights
    named = sluis.ask("hello", x_sluis_user=CANARY)
    assert named.status_code == 200
    roles = [option for role in ROLES for option in ("--role", role)]
    made = sluis.sluis("keys", "create", "all", "--kind", "admin", *roles, "--json")
    bearer = str(json.loads(made.stdout)["secret"])
    sluis.sluis("keys", "create", f"{CANARY}-2", "--kind", "person")
    shown = dict(_shown_by(sluis, bearer))
    naming = {surface for surface, text in shown.items() if CANARY.casefold() in text.casefold()}
    assert not naming
    principals = re.findall(r'"principal":"(p_[0-9a-f]{24})"', shown["GET /admin/v1/audit"])
    assert len(set(principals)) == 1  # there is something to hide, and it is hidden
    for refused in ({"principal": principals[0]}, {"text": CANARY[4:]}, {"asserted_user": "a_1"}):
        answer = sluis.admin("GET", "/audit", bearer, params=refused)
        assert answer.status_code == 403, answer.text
    sluis.apply((sluis.folder / "sluis.yaml").read_text().replace("pseudonymous", "named"))
    assert CANARY in sluis.admin("GET", "/keys", bearer).text
