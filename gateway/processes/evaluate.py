"""``sluis evaluate``: scores of the detectors on marked texts, and the cost of redaction."""

import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from gateway.core.text import yaml_text
from gateway.processes.detection import detectors
from gateway.processes.evaluate_answers import answers

if TYPE_CHECKING:  # what this command needs is imported when it runs
    from gateway.evaluation import DetectionReport, MarkedText, Predictor
    from gateway.evaluation.invariance import InvarianceReport

_EXAMPLE = """\b
Example:
  sluis evaluate privacy --data evaluation/datasets/dev.jsonl --errors
  sluis evaluate privacy --data evaluation/datasets/dev.jsonl --invariance
  sluis evaluate privacy --stdin < texts.jsonl > spans.jsonl"""


@click.group()
def evaluate() -> None:
    """Measure what the detectors find, and what redaction costs."""


@evaluate.command(epilog=_EXAMPLE)
@click.option(
    "--data",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Marked texts, one JSON object a line: {"id", "lang", "text", "spans": [{"start", '
    '"end", "type"}], "ignored"?, "level"?}. May be given more than once.',
)
@click.option(
    "--stdin",
    "from_stdin",
    is_flag=True,
    help='Read {"id", "text", "lang"} lines; write a {"spans"} line for each.',
)
@click.option(
    "--invariance",
    is_flag=True,
    help="Also count what is still found in up to 100 short Dutch and English texts of the data "
    "with 1 to 20 sentences without personal data around each.",
)
@click.option("--errors", is_flag=True, help="List what was missed, leaked or wrongly found.")
@click.option(
    "--output",
    default=None,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the tables to this file, as Markdown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def privacy(
    files: tuple[Path, ...],
    output: Path | None,
    *,
    from_stdin: bool,
    invariance: bool,
    errors: bool,
    as_json: bool,
) -> None:
    """Score the privacy detectors: what they mask, find and wrongly find, and how fast."""
    if from_stdin == bool(files):
        raise click.UsageError("Give either --data FILE (marked texts) or --stdin.")
    if from_stdin:
        if invariance:
            raise click.UsageError("--invariance needs --data FILE.")
        with shipped() as predict:
            _answer_lines(sys.stdin.buffer, predict)
        return
    report, kept = _score(files, invariance=invariance)
    if output is not None:
        title = f"# Privacy detection on {', '.join(file.name for file in files)}"
        parts = [title, report.markdown(), *([kept.markdown()] if kept else [])]
        output.write_text("\n\n".join(parts), encoding="utf-8")
    _show(report, kept, errors=errors, as_json=as_json)


@contextmanager
def shipped() -> Iterator["Predictor"]:
    """Yield a predictor with the detectors and the policy of this installation."""
    from gateway.evaluation import Prediction, Span
    from gateway.privacy import LevelTable, level_of
    from gateway.storage import resources

    source = resources.directory("policies") / "levels.yaml"
    table = LevelTable.of(yaml_text.load(source.read_text(encoding="utf-8")))
    with detectors() as find:

        def predict(text: str, lang: str) -> Prediction:
            started = time.perf_counter()
            findings = find(text)
            level = level_of(findings, table).level.label
            seconds = time.perf_counter() - started
            spans = [Span(f.start, f.end, f.type) for f in findings if f.redactable]
            return Prediction(spans, level, seconds)

        yield predict


def _score(
    files: tuple[Path, ...], *, invariance: bool
) -> "tuple[DetectionReport, InvarianceReport | None]":
    from gateway import evaluation
    from gateway.evaluation.invariance import measure_invariance

    examples: list[MarkedText] = []
    for file in files:
        try:
            examples += evaluation.load(file)
        except ValueError as error:
            raise click.ClickException(f"{error}; mend that line, or leave it out.") from error
    if not examples:
        raise click.ClickException("There is no text in these files; give files with marked texts.")
    quiet = not sys.stderr.isatty()
    with (
        shipped() as predict,
        click.progressbar(examples, label="Scanning", file=sys.stderr, hidden=quiet) as bar,
    ):
        report = evaluation.evaluate(bar, predict)
        return report, measure_invariance(examples, predict) if invariance else None


def _show(
    report: "DetectionReport", kept: "InvarianceReport | None", *, errors: bool, as_json: bool
) -> None:
    listed = [dataclasses.asdict(error) for error in report.errors] if errors else []
    if as_json:
        document = report.document() | ({"errors": listed} if errors else {})
        document |= {"invariance": kept.document()} if kept else {}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    click.echo(report.markdown())
    if kept:
        click.echo(kept.markdown())
    for error in listed:
        click.echo("{id}  {kind} {type}  {shown}".format(**error))


def _answer_lines(lines: IO[bytes], predict: "Predictor") -> None:
    """Write one line for each line read, in order and at once."""
    for text, lang in _texts(lines):
        spans = [dataclasses.asdict(span) for span in predict(text, lang).spans]
        click.echo(json.dumps({"spans": spans}))


def _texts(lines: IO[bytes]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        try:
            row: dict[str, Any] = json.loads(line)
            text, lang = row["text"], str(row.get("lang") or "und")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise click.ClickException(
                f'Line {number} of the input is no JSON object with a "text"; mend it.'
            ) from error
        if not isinstance(text, str):
            raise click.ClickException(f'"text" on line {number} of the input is no string.')
        yield text, lang


evaluate.add_command(answers)
