"""Secrets: keys with a known prefix, key blocks, credentials in URLs, and assignments."""

import base64
import binascii
import json
import re
from collections.abc import Iterable

from gateway.core.finding import Kind
from gateway.privacy.identifiers import Rule
from gateway.privacy.view import Hit, Strength, View

_NOT_SECRET = re.compile(
    r"(?:change-?me|your[-_ ]|example|placeholder|redacted|xxx|\*\*\*|\.\.\.|todo|dummy|<|\$\{|\{\{"
    r"|%\(|\$\w+$|os\.|env[.:\[(]|process\.|getenv|null|none$|true$|false$|undefined|secret$"
    r"|password$|wachtwoord$|token$|string$|self\.|config\.|settings\.|str$|\[)",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"""["'*`]{0,3}\s{0,2}["'`]?(?P<value>[^\s"'`,;)}\]<>]{6,200})(?P<quote>["'`]?)"""
)
_USER_INFO = re.compile(r"[^\s:/@\"']{0,64}:(?P<password>[^\s/@\"']{3,90})@")
_BLOCK_END = "-----END"
_BLOCK = 16_384


def _secret(start: int, end: int, rule: str, *, score: float = 0.95) -> tuple[Hit, ...]:
    return (Hit("SECRET", start, end, f"secret:{rule}", Strength.SECRET, score, Kind.SECRET),)


def _key(view: View, start: int, end: int) -> Iterable[Hit]:
    """A token whose prefix says what it is."""
    body = view.text[start:end]
    if len(set(body[-16:])) < 5:
        return ()
    return _secret(start, end, "prefix")


def _jwt(view: View, start: int, end: int) -> Iterable[Hit]:
    head = view.text[start : start + 1024].partition(".")[0]
    try:
        json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return ()
    return _secret(start, end, "jwt", score=1.0)


def _block(view: View, start: int, end: int) -> Iterable[Hit]:
    close = view.text.find(_BLOCK_END, end, end + _BLOCK)
    if close < 0:
        return _secret(start, min(len(view.text), end + _BLOCK), "key-block")
    line = view.text.find("-----", close + len(_BLOCK_END), close + 80)
    return _secret(start, line + 5 if line >= 0 else close + len(_BLOCK_END), "key-block")


def _in_url(view: View, start: int, end: int) -> Iterable[Hit]:
    match = _USER_INFO.match(view.text[end : end + 160])
    if match is None or _NOT_SECRET.match(match["password"]):
        return ()
    return _secret(end + match.start("password"), end + match.end("password"), "url")


def _assigned(view: View, start: int, end: int) -> Iterable[Hit]:
    """The value behind a key such as ``password =``."""
    match = _VALUE.match(view.text[end : end + 220])
    if match is None:
        return ()
    value = match["value"].rstrip(".")
    quoted = bool(match["quote"])
    password = any(word in view.lower[start:end] for word in ("pass", "wacht", "pwd", "pincode"))
    if _NOT_SECRET.match(value) or not _looks_random(value, password=password, quoted=quoted):
        return ()
    begin = end + match.start("value")
    return _secret(begin, begin + len(value), "assignment", score=0.9)


def _looks_random(value: str, *, password: bool, quoted: bool) -> bool:
    digits = any(map(str.isdigit, value))
    letters = any(map(str.isalpha, value))
    symbols = any(not c.isalnum() and c not in "-_./:" for c in value)
    mixed = (digits and letters) or (symbols and letters and (digits or password))
    if password:
        return mixed or (quoted and len(value) >= 8 and "/" not in value)
    if len(value) < 12:
        return quoted and mixed and len(value) >= 8
    return mixed and len(set(value)) >= 8


def _bearer(view: View, start: int, end: int) -> Iterable[Hit]:
    match = re.match(r"[A-Za-z0-9._~+/=\-]{16,200}", view.text[end : end + 200])
    if match is None or not any(map(str.isdigit, match[0])):
        return ()
    return _secret(end, end + match.end(), "authorization")


_PREFIXED = (
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    r"\bgithub_pat_[A-Za-z0-9_]{30,}",
    r"\bglpat-[A-Za-z0-9_\-]{18,}",
    r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}",
    r"https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    r"\bsk-[A-Za-z0-9_\-]{20,}",
    r"\bAIza[A-Za-z0-9_\-]{30,}",
    r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"\bwhsec_[A-Za-z0-9]{20,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-[A-Za-z0-9_\-]{30,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}",
    r"\bAccountKey=[A-Za-z0-9+/=]{40,}",
    r"\bdop_v1_[a-f0-9]{32,}",
)

RULES: tuple[Rule, ...] = (
    *((regex, False, _key) for regex in _PREFIXED),
    (r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*", False, _jwt),
    (r"-----BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----", False, _block),
    (r"[a-z]://", True, _in_url),
    (
        (
            r"(?:pass(?:word|wd|phrase)?|pwd|wachtwoord|secret|token|api[ _\-]?key|access[ _\-]?key"
            r"(?:[ _\-]?id)?|private[ _\-]?key|client[ _\-]?secret|auth[ _\-]?key|credential|sleutel"
            r"|account[ _\-]?key|pincode)[\"'\]*`]{0,3}\s{0,3}(?:[:=]|=>|:=|==|\bis\b)"
        ),
        True,
        _assigned,
    ),
    (r"\b(?:bearer|basic|token) ", True, _bearer),
)
