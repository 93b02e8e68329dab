"""The public form for complaints: plain HTML in two languages that needs no script."""

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import parse_qs

from fastapi.responses import HTMLResponse

from gateway.core.errors import InvalidRequest, RateLimited, Refusal
from gateway.core.http_errors import status_of, waiting_of
from gateway.governance.cases.complaint_texts import LANGUAGES, texts_of
from gateway.governance.cases.messages import NOT_READ

FORM = "application/x-www-form-urlencoded"
_FIELDS = ("receipt", "text", "language")


class ComplaintPage:
    """The pages of one language."""

    def __init__(self, language: str, stated: dict[str, Any]) -> None:
        """``stated`` are the statements of the configuration about the organisation."""
        self.language = language
        self._texts = texts_of(language)["form"]
        self._organisation = stated.get("organisation") or {}

    def empty(self) -> HTMLResponse:
        """The form."""
        return self._page(self._texts["title"], self._form({}, ""), 200)

    def refused(self, refusal: Refusal, sent: dict[str, str]) -> HTMLResponse:
        """The form as it was sent, with what was wrong."""
        message = _in_language(str(refusal), self.language)
        alert = (
            f'<div class="alert" role="alert" id="wrong"><p><strong>{self._text("wrong")}.'
            f"</strong> {escape(message)}</p></div>"
        )
        page = self._page(self._texts["title"], self._form(sent, alert), status_of(refusal))
        page.headers.update(waiting_of(refusal) if isinstance(refusal, RateLimited) else {})
        return page

    def received(self, message: str) -> HTMLResponse:
        """The confirmation of a complaint."""
        body = (
            f'<p role="status">{escape(message)}</p>'
            f'<p><a href="?language={self.language}">{self._text("again")}</a></p>{self._others()}'
        )
        return self._page(self._texts["received"], body, 201)

    def _form(self, sent: dict[str, str], alert: str) -> str:
        faulty = ' aria-describedby="receipt-help wrong"' if alert else ""
        described = faulty or ' aria-describedby="receipt-help"'
        return f"""{alert}<p>{self._text("about")}</p>{self._stated()}
<form method="post" action="?language={self.language}">
<label for="receipt">{self._text("receipt")}</label>
<p class="help" id="receipt-help">{self._text("receipt_help")}</p>
<input id="receipt" name="receipt" required maxlength="200" autocomplete="off" spellcheck="false"
 dir="ltr"{described} value="{escape(sent.get("receipt", ""))}">
<label for="text">{self._text("text")}</label>
<p class="help" id="text-help">{self._text("text_help")}</p>
<textarea id="text" name="text" required maxlength="10000" dir="auto"
 aria-describedby="text-help">{escape(sent.get("text", ""))}</textarea>
<input type="hidden" name="language" value="{self.language}">
<button type="submit">{self._text("send")}</button>
</form>
<h2>{self._text("next")}</h2><p>{self._text("next_text")}</p>{self._others()}"""

    def _stated(self) -> str:
        name = self._organisation.get("name")
        return f"<p>{self._text('organisation', name=name)}</p>" if name else ""

    def _others(self) -> str:
        contact = self._organisation.get("contact")
        asked = f"<p>{self._text('contact', contact=contact)}</p>" if contact else ""
        return f"<h2>{self._text('others')}</h2><p>{self._text('others_text')}</p>{asked}"

    def _text(self, key: str, **values: object) -> str:
        return escape(self._texts[key].format(**values))

    def _page(self, heading: str, body: str, status: int) -> HTMLResponse:
        other = next(one for one in LANGUAGES if one != self.language)
        style, policy = _style()
        html = _template().substitute(
            language=self.language,
            heading=escape(heading),
            style=style,
            body=body,
            other=other,
            other_language=self._text("other_language"),
        )
        headers = {
            "content-security-policy": policy,
            "content-language": self.language,
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "vary": "accept-language",
        }
        return HTMLResponse(html, status_code=status, headers=headers)


def sent_fields(raw: bytes) -> dict[str, str]:
    """The fields of a form.

    Raises:
        InvalidRequest: when it is no form of these fields, each once.
    """
    try:
        given = parse_qs(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            max_num_fields=len(_FIELDS),
            errors="strict",
        )
    except ValueError:  # no cause: it would show what was written
        raise InvalidRequest(NOT_READ) from None
    if not given.keys() <= set(_FIELDS) or any(len(values) != 1 for values in given.values()):
        raise InvalidRequest(NOT_READ)
    return {name: values[0].replace("\r\n", "\n") for name, values in given.items()}


def _in_language(message: str, language: str) -> str:
    """The half of a message in both languages; all of it when it is no such message."""
    dutch, between, english = message.partition(" / ")
    if not between:
        return message
    return dutch if language == "nl" else english


@cache
def _template() -> Template:
    return Template(_file("page.html"))


@cache
def _style() -> tuple[str, str]:
    """The style, and the policy that allows exactly it and nothing else."""
    style = _file("page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return style, policy


def _file(name: str) -> str:
    return files("gateway.governance.cases.complaints").joinpath(name).read_text("utf-8")
