"""``sluis evaluate answers``: the cost of redaction in the answers of a model."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.processes.detection import detectors

if TYPE_CHECKING:  # what this command needs is imported when it runs
    from gateway.evaluation.answers import AnswerPair, AnswerReport, Ask, RedactedTask, Task
    from gateway.worker.spec import ServedModel

_CONCURRENCY = 12
_MAX_TOKENS = 64
_DEADLINE_S = 600.0
_EXAMPLE = """\b
Example:
  sluis evaluate answers --data gateway/evaluation/suites/answers/nl.yaml \\
    --model .sluis/models/demo-smollm2-135m --adapter gateway/worker/adapters/letters"""


@click.command(epilog=_EXAMPLE)
@click.option(
    "--data",
    "files",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Tasks with what makes an answer right, as YAML. May be given more than once.",
)
@click.option(
    "--model",
    "base",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of a model that the worker can load; `sluis up` makes one.",
)
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A finetune on that model, measured as well. May be given more than once.",
)
@click.option(
    "--threads",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Threads that the model uses.",
)
@click.option("--answers", "listed", is_flag=True, help="List all answers.")
@click.option(
    "--output",
    default=None,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the tables to this file, as Markdown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def answers(
    files: tuple[Path, ...],
    base: Path,
    adapters: tuple[Path, ...],
    threads: int,
    output: Path | None,
    *,
    listed: bool,
    as_json: bool,
) -> None:
    """Score a model's answers with and without redaction, and what became of placeholders.

    Every task is answered twice, at temperature 0, with at most 64 tokens.
    """
    if find_spec("transformers") is None:
        raise click.ClickException("No model can be loaded: install sluis[worker].")
    from gateway.core.manifest import ManifestError

    tasks = _redacted(_tasks(files))
    try:
        reports = asyncio.run(_measure(tasks, base, adapters, threads=threads))
    except ManifestError as error:
        raise click.ClickException(str(error)) from error
    if output is not None:
        text = "\n".join(report.markdown() for report in reports)
        output.write_text(f"# What redaction costs\n\n{text}", encoding="utf-8")
    _show(reports, listed=listed, as_json=as_json)


def _tasks(files: Sequence[Path]) -> list["Task"]:
    from gateway.evaluation.answers import load

    try:
        tasks = [task for file in files for task in load(file)]
    except ValueError as error:
        raise click.ClickException(f"{error}; mend that file.") from error
    if not tasks:
        raise click.ClickException("There is no task in these files; give files with tasks.")
    return tasks


def _redacted(tasks: Sequence["Task"]) -> list["RedactedTask"]:
    from gateway.evaluation.answers import RedactedTask

    with detectors() as find:
        return [RedactedTask(task, find) for task in tasks]


async def _measure(
    tasks: Sequence["RedactedTask"], base: Path, adapters: Sequence[Path], *, threads: int
) -> list["AnswerReport"]:
    from gateway.evaluation.answers import measure

    reports = []
    for served in _versions(base, adapters):
        quiet = not sys.stderr.isatty()
        label = f"Asking {served.name}"
        with click.progressbar(
            length=len(tasks), label=label, file=sys.stderr, hidden=quiet
        ) as bar:
            async with _engine(served, threads=threads) as ask:
                reports.append(await measure(served.name, tasks, ask, partial(bar.update, 1)))
    return reports


def _versions(base: Path, adapters: Sequence[Path]) -> list["ServedModel"]:
    from gateway.core.manifest import manifest_of, version_digest
    from gateway.worker.spec import ServedModel

    base_digest = manifest_of(base).digest
    versions = []
    for adapter in (None, *adapters):
        own = None if adapter is None else manifest_of(adapter).digest
        name = (adapter or base).resolve().name
        digest = version_digest(base_digest, own)
        versions.append(ServedModel(name, "1", (), base, base_digest, adapter, own, digest))
    return versions


@asynccontextmanager
async def _engine(served: "ServedModel", *, threads: int) -> AsyncIterator["Ask"]:
    """Yield a function that asks the worker's own engine, in this process."""
    from gateway.worker.engine import Engine
    from gateway.worker.request import parse
    from gateway.worker.spec import WorkerOptions

    options = WorkerOptions(token="-", threads=threads, request_deadline_s=_DEADLINE_S)  # noqa: S106 - nothing listens
    engine, slots = Engine(options), asyncio.Semaphore(_CONCURRENCY)

    async def ask(task: "Task", messages: list[dict[str, str]]) -> str:
        body: dict[str, Any] = {
            "model": served.served_name,
            "messages": messages,
            "temperature": 0,
            "max_tokens": _MAX_TOKENS,
        }
        if task.schema is not None:
            schema = {"type": "json_schema", "json_schema": {"schema": task.schema}}
            body["response_format"] = schema
        async with slots, engine.generate(parse(body)) as (_, generation):
            return "".join([delta.text async for delta in generation.deltas()])

    await engine.serve([served])
    try:
        if not engine.ready:
            why = "; ".join(state.reason or state.state for state in engine.states())
            raise click.ClickException(f"{served.name} cannot be loaded: {why}")
        yield ask
    finally:
        await engine.close()


def _show(reports: Sequence["AnswerReport"], *, listed: bool, as_json: bool) -> None:
    if as_json:
        documents = [
            report.document() | ({"answers": [_row(p) for p in report.pairs]} if listed else {})
            for report in reports
        ]
        click.echo(json.dumps({"models": documents}, indent=2, ensure_ascii=False))
        return
    for report in reports:
        click.echo(report.markdown())
        for pair in report.pairs if listed else ():
            click.echo(json.dumps({"model": report.model} | _row(pair), ensure_ascii=False))


def _row(pair: "AnswerPair") -> dict[str, Any]:
    survival = pair.survival
    return {
        "id": pair.task.id,
        "sent": pair.sent.messages[-1]["content"],
        "clear": pair.clear,
        "raw": pair.raw,
        "restored": pair.restored,
        "right": [pair.clear_right, pair.redacted_right],
        "fates": survival.fates,
        "written": survival.written,
    }
