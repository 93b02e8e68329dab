"""Send each task twice: in clear, and redacted as the gateway redacts it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from gateway.core.finding import Finding
from gateway.evaluation.answers.report import AnswerPair, AnswerReport, SentTask
from gateway.evaluation.answers.tasks import Task
from gateway.privacy.pseudonyms.placeholders import parse
from gateway.privacy.redact.vault import Scope, Vault, look_alikes, spans_of

Find = Callable[[str], Sequence[Finding]]
Ask = Callable[[Task, list[dict[str, str]]], Awaitable[str]]
# Fixed, so that a run is repeatable: these placeholders protect only invented persons.
_SECRET = b"placeholders of an evaluation, not secret"


class RedactedTask:
    """A task with its placeholders and the values to restore."""

    def __init__(self, task: Task, find: Find) -> None:
        self.task = task
        self._vault = Vault(_SECRET, Scope("evaluation", "", "", task.id))
        messages = [
            {**message, "content": self._vault.redact(text, spans_of(text, find(text)))}
            for message in task.messages
            for text in [message["content"]]
        ]
        self.sent = SentTask(messages, self._values(messages))

    def pair(self, clear: str, raw: str) -> AnswerPair:
        """Return both answers; ``raw`` is the redacted one before restoring."""
        restorer = self._vault.restorer()
        restored = restorer.feed(raw) + restorer.finish()
        return AnswerPair(self.task, self.sent, clear, raw, restored, kept=restorer.kept)

    def _values(self, messages: Sequence[dict[str, str]]) -> dict[str, tuple[str, str]]:
        values = {}
        for message in messages:
            text = message["content"]
            for start, end, _ in look_alikes(text):
                type_, id_ = parse(text[start:end])
                values[id_] = type_, self._vault.restore(f"[{type_}_{id_}]")
        return values


async def measure(
    model: str, tasks: Sequence[RedactedTask], ask: Ask, on_done: Callable[[], None]
) -> AnswerReport:
    """Ask for all answers at once; ``ask`` limits itself. Call ``on_done`` after each task."""

    async def answer_twice(one: RedactedTask) -> AnswerPair:
        clear, raw = await asyncio.gather(
            ask(one.task, one.task.messages), ask(one.task, one.sent.messages)
        )
        on_done()
        return one.pair(clear, raw)

    return AnswerReport(model, list(await asyncio.gather(*map(answer_twice, tasks))))
