"""Requests made from the OpenAPI documents of both planes: no fault, and answers as documented.

Half of them are as the document wants them, half break it. Texts begin with a canary, which may be
in no log. The campaign also tries each border of each field, and more of everything.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from tests.support.access_matrix import permissions_by_role
from tests.support.installation import ADMIN_KEY, APP_KEY, Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
LONG = bool(os.environ.get("SLUIS_CAMPAIGN"))
CANARY = "kanarie"
MODELS = ["assistant", "outside", "inside", "pair", "embed", "house-embed"]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
_TEXTS = ("string", ["string", "null"])
_NARROWER = {"enum", "const", "pattern", "format", "maxLength"}


class PlainApi(OpenAIApi):
    """A provider that answers whatever it is asked in the same way."""

    async def _recorded(self, request: Request) -> dict[str, Any]:
        body, asked = await super()._recorded(request), "Hello"
        several = request.url.path.endswith("/embeddings") and _several(body["input"])
        return {
            "model": body["model"],
            "stream": body.get("stream"),
            "encoding_format": body.get("encoding_format"),
            "messages": [{"role": "user", "content": asked}],
            "input": [asked] * len(body["input"]) if several else asked,
        }


def _several(given: Any) -> bool:
    """Whether this is a list of inputs, and no list of token ids."""
    return isinstance(given, list) and not any(isinstance(one, int) for one in given)


@pytest.fixture
def sluis(tmp_path: Path) -> Iterator[Installation]:
    """Both planes, new: requests to the control plane may withdraw models and stop gateways.

    The administrator has every role.
    """
    made = Installation(tmp_path / "sluis")
    with PlainApi() as api:
        config = config_for(eu=api.url, global_provider=api.url, internal_provider=api.url)
        some = "roles: [platform_admin, policy_author, model_owner]"
        assert some in config
        made.apply(config.replace(some, f"roles: [{', '.join(permissions_by_role())}]"))
        made.start("control", "gateway")
        yield made
        made.stop()


def with_canary(schema: Any) -> Any:
    """A schema whose free texts begin with the canary."""
    if isinstance(schema, list):
        return [with_canary(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in _TEXTS and not _NARROWER & schema.keys():
        return {"type": "string", "pattern": f"^{CANARY} [a-z0-9 ]{{0,40}}$"}
    return {name: with_canary(one) for name, one in schema.items()}


def prepared(document: dict[str, Any]) -> dict[str, Any]:
    """The document with models that exist, so that requests get beyond the first check."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["schema"] = with_canary(content["schema"])
                fields = content["schema"].get("properties", {})
                if "model" in fields:
                    fields["model"] = {"enum": MODELS}
    schemas = document["components"]["schemas"]
    for name in [name for name in schemas if name.endswith("Body")]:
        schemas[name] = with_canary(schemas[name])
    return document


@pytest.mark.timeout(3600 if LONG else 300)
@pytest.mark.parametrize(("plane", "examples"), [("data", 300), ("control", 30)])
def test_no_request_is_a_fault_or_answered_in_another_way(
    sluis: Installation, tmp_path: Path, plane: str, examples: int
) -> None:
    address, key = {"data": (sluis.url, APP_KEY), "control": (sluis.control, ADMIN_KEY)}[plane]
    document = httpx.get(f"{address}/openapi.json", timeout=30).json()
    (tmp_path / "openapi.json").write_text(json.dumps(prepared(document)), encoding="utf-8")
    phases = "examples,coverage,fuzzing" if LONG else "fuzzing"
    command = [
        str(Path(sys.executable).with_name("st")),
        *("run", "openapi.json", "--url", address, "--no-color", "--warnings", "off"),
        *("--checks", ",".join(CHECKS), "--phases", phases, "--generation-database", "none"),
        *("--header", f"Authorization: Bearer {key}", "--request-timeout", "30"),
        *("--max-examples", str(examples if LONG else examples // 30)),
        *("--continue-on-failure", *(() if LONG else ("--seed", "1", "--no-shrink"))),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    logs = "".join(file.read_text(encoding="utf-8") for file in sluis.folder.glob("*.log"))
    assert "Traceback" not in logs
    assert ":fault" not in logs
    assert CANARY not in logs
    assert sluis.ask("Hello").status_code == 200
