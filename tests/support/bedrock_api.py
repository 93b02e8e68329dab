"""A stand-in for Amazon Bedrock and AWS STS, which cannot be had in tests.

AWS's own library for Python judges what it is sent: botocore signs each request again to check the
signature, and its model of Converse says which members a request may have. Streams are the binary
frames of AWS.
"""

import base64
import datetime
from binascii import crc32
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.loopback import LoopbackServer

REGION = "eu-central-1"
KEY_ID, SECRET = "AKIACANARY", "CANARY/secret+access/key"
ROLE = "arn:aws:iam::111122223333:role/sluis"
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18, "cacheReadInputTokens": 4}
_MODEL = ServiceModel(
    Loader().load_service_model("bedrock-runtime", "service-2"), "bedrock-runtime"
)
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class BedrockApi(LoopbackServer):
    """``paths`` as they came, ``bodies`` parsed; ``forms`` are the requests for a role."""

    paths: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    web_token: str = "workload.token"
    bearer: str = "bedrock-api-key"

    def __post_init__(self) -> None:
        self.logins = {KEY_ID: (SECRET, "")}
        self.serve(
            Starlette(
                routes=[
                    Route("/model/{model:path}", self._model, methods=["POST"]),
                    Route("/", self._role, methods=["POST"]),
                ]
            )
        )

    async def _role(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.forms.append(form)
        if form["Action"] == "AssumeRole" and not await self._signed(request, "sts"):
            return Response(status_code=403)
        if form.get("WebIdentityToken", self.web_token) != self.web_token:
            return Response(status_code=403)
        number = len(self.forms)
        key_id, secret, token = f"ASIA{number}", f"role-secret-{number}", f"session-{number}=="
        self.logins[key_id] = secret, token
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        action = form["Action"]
        return Response(
            f'<{action}Response xmlns="{_STS}"><{action}Result><Credentials>'
            f"<AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
            f"<SessionToken>{token}</SessionToken>"
            f"<Expiration>{ends:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
            f"</Credentials></{action}Result></{action}Response>",
            media_type="text/xml",
        )

    async def _model(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode()
        self.paths.append(path)
        bearer = request.headers.get("authorization") == f"Bearer {self.bearer}"
        if not bearer and not await self._signed(request, "bedrock"):
            return JSONResponse({"message": "The request signature is wrong."}, status_code=403)
        body = orjson.loads(await request.body())
        self.bodies.append(body)
        operation = path.rpartition("/")[2]
        said = orjson.dumps(body.get("messages")).decode()
        wish = said.partition("example: ")[2].partition('"')[0]
        if wish.startswith("status "):
            return JSONResponse({"message": "Input is too long"}, status_code=int(wish[7:10]))
        if operation.startswith("converse"):
            _check_converse(body)
            if operation == "converse":
                return JSONResponse(_whole(body))
            return _streamed(_converse_frames(body, wish))
        if operation == "invoke":
            return JSONResponse(_message(body))
        return _streamed(_invoke_frames(body))

    async def _signed(self, request: Request, service: str) -> bool:
        header = request.headers.get("authorization", "")
        parts = header.removeprefix("AWS4-HMAC-SHA256").split()
        fields = dict(part.strip(" ,").split("=", 1) for part in parts)
        key_id = fields.get("Credential", "").split("/")[0]
        if key_id not in self.logins:
            self.refused.append("login")
            return False
        secret, session = self.logins[key_id]
        if session and request.headers.get("x-amz-security-token") != session:
            self.refused.append("session")
            return False
        names = fields["SignedHeaders"].split(";")
        target = request.scope["raw_path"].decode()
        signed = AWSRequest(
            "POST",
            f"{self.url}{target}",
            data=await request.body(),
            headers={name: request.headers[name] for name in names},
        )
        signed.context["timestamp"] = request.headers["x-amz-date"]
        auth = SigV4Auth(Credentials(key_id, secret, session or None), service, REGION)
        to_sign = auth.string_to_sign(signed, auth.canonical_request(signed))
        right: bool = auth.signature(to_sign, signed) == fields["Signature"]
        if not right:
            self.refused.append("signature")
        return right


def _check_converse(body: dict[str, Any]) -> None:
    shape = _MODEL.operation_model("Converse").input_shape
    sent = _decoded({**body, "modelId": "m"})
    report = ParamValidator().validate(sent, shape)
    assert not report.has_errors(), report.generate_report()
    assert set(body) <= set(shape.members)


def _decoded(value: Any) -> Any:
    """Bytes come as base64 in JSON."""
    if isinstance(value, dict):
        return {
            name: base64.b64decode(item) if name == "bytes" else _decoded(item)
            for name, item in value.items()
        }
    return [_decoded(item) for item in value] if isinstance(value, list) else value


def _last(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content[-1].get("text", ""))


def _blocks(body: dict[str, Any]) -> list[dict[str, Any]]:
    if tools := body.get("toolConfig", {}).get("tools"):
        use = {"toolUseId": "tooluse_1", "name": tools[0]["toolSpec"]["name"]}
        return [{"toolUse": {**use, "input": {"q": "é", "n": 1}}}]
    thought = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}}
    return [thought, {"text": f"Echo: {_last(body)}"}]


def _whole(body: dict[str, Any]) -> dict[str, Any]:
    blocks = _blocks(body)
    reason = "tool_use" if "toolUse" in blocks[0] else "end_turn"
    message = {"role": "assistant", "content": blocks}
    return {
        "output": {"message": message},
        "stopReason": reason,
        "usage": USAGE,
        "metrics": {"latencyMs": 1},
    }


def _converse_frames(body: dict[str, Any], wish: str) -> Iterator[bytes]:
    yield frame("messageStart", {"role": "assistant", "p": "abc"})
    if wish == "throttle":
        yield frame("throttlingException", {"message": "sk-secret"}, message="exception")
        return
    whole = _whole(body)
    for index, block in enumerate(whole["output"]["message"]["content"]):
        if use := block.get("toolUse"):
            start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
            yield frame("contentBlockStart", {"contentBlockIndex": index, "start": start})
            text, made = orjson.dumps(use["input"]).decode(), "toolUse"
        else:
            text = block.get("text") or block["reasoningContent"]["reasoningText"]["text"]
            made = "text" if "text" in block else "reasoningContent"
        for character in text:
            delta: Any = {made: character}
            if made != "text":
                delta = {made: {"input" if made == "toolUse" else "text": character}}
            yield frame("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
        yield frame("contentBlockStop", {"contentBlockIndex": index})
    if wish == "cut":
        return
    yield frame("messageStop", {"stopReason": whole["stopReason"]})
    yield frame("metadata", {"usage": USAGE, "metrics": {"latencyMs": 1}})


def _message(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_bdrk_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [{"type": "text", "text": f"Echo: {_last(body)}"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }


def _invoke_frames(body: dict[str, Any]) -> Iterator[bytes]:
    whole = _message(body)
    text = whole["content"][0]["text"]
    begun = {**whole, "content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": begun},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": character},
            }
            for character in text
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 7},
        },
        {"type": "message_stop"},
    ]
    for event in events:
        data = base64.b64encode(orjson.dumps(event)).decode()
        yield frame("chunk", {"bytes": data, "p": "abcd"})


def frame(kind: str, payload: dict[str, Any], message: str = "event") -> bytes:
    """One message in AWS's event stream encoding."""
    named = {
        f":{message}-type": kind,
        ":content-type": "application/json",
        ":message-type": message,
    }
    headers = b"".join(_header(name.encode(), value.encode()) for name, value in named.items())
    data = orjson.dumps(payload)
    prelude = (16 + len(headers) + len(data)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    whole = prelude + crc32(prelude).to_bytes(4, "big") + headers + data
    return whole + crc32(whole).to_bytes(4, "big")


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + b"\x07" + len(value).to_bytes(2, "big") + value


def _streamed(frames: Iterator[bytes]) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for one in frames:
            yield one[:7]  # frames come in pieces
            yield one[7:]

    return StreamingResponse(pieces(), media_type="application/vnd.amazon.eventstream")
