"""``sluis models evaluate`` and what belongs to it: suites, runs, and overrides of the gate."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, run
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings

_LOOK_S = 1.0  # between two looks at a run
_ABOUT_SUITE = ("name", "version", "digest", "licence", "task", "languages", "items")


@click.command("evaluate", epilog=example("sluis models evaluate letters 3 --suite refusal"))
@click.argument("name")
@click.argument("version")
@click.option(
    "--suite",
    "suites",
    multiple=True,
    help="A suite; may be given more than once. Default: those that policy asks for.",
)
@click.option("--deployment", default=None, help="Where several deployments serve the version.")
@click.option(
    "--concurrency", default=16, show_default=True, type=click.IntRange(1, 256), help="At once."
)
@click.option(
    "--max-tokens", default=512, show_default=True, type=click.IntRange(16, 8192), help="An answer."
)
@click.option("--gateway", default=None, help="The address of a gateway, on the machine itself.")
@anywhere
@json_option
def evaluate(
    name: str,
    version: str,
    suites: tuple[str, ...],
    deployment: str | None,
    concurrency: int,
    max_tokens: int,
    gateway: str | None,
    settings: Settings,
    *,
    as_json: bool,
) -> None:
    """Evaluate a version through the gateway, and compare it with the one in production.

    The control plane asks. Ends with status 1 when a run did not pass.
    """
    if gateway and settings.remote_url:
        raise click.UsageError("--gateway is for the machine itself; a control plane has its own.")
    body = {
        "suites": list(suites),
        "deployment": deployment,
        "max_tokens": max_tokens,
        "concurrency": concurrency,
    }
    settings = replace(settings, gateway_url=gateway.rstrip("/")) if gateway else settings
    runs = run(_evaluated(settings, _path(name, version), body))
    shown = runs if as_json else [_line(one) for one in runs]
    show({"model": f"{name}@{version}", "runs": shown}, as_json=as_json)
    if any(one["state"] != "passed" for one in runs if one["purpose"] == "gate"):
        raise SystemExit(1)


async def _evaluated(settings: Settings, path: str, body: Report) -> list[Report]:
    """Have the control plane evaluate a version, and watch it; gives the ended runs."""
    from gateway.processes import control_client

    async with control_client.session(settings) as send:
        begun = await send("POST", f"{path}/run", body)
        found = await send("GET", path, None)
        while found["job"]["running"]:
            _show_progress(found["runs"])
            await asyncio.sleep(_LOOK_S)
            found = await send("GET", path, None)
    if problem := found["job"]["problem"]:
        raise click.ClickException(problem)
    ended = [
        {**one["run"], "version_state": one["version_state"]} for one in found["job"]["finished"]
    ]
    if {one["run"] for one in ended} != {one["run"] for one in begun["runs"]}:
        raise click.ClickException("The evaluation was broken off. Start it again.")
    for one in begun["runs"]:
        click.echo(f"{one['suite']}: {one['items']} of {one['items']}", err=True)
    return ended


def _show_progress(runs: list[Report]) -> None:
    """The runs that go on, each as a line."""
    for one in runs:
        if going := one["progress"]:
            line = f"{going['suite']}: {going['answered']} of {going['items']}"
            click.echo(line, err=True)


@click.command("evaluations", epilog=example("sluis models evaluations letters 3"))
@click.argument("name")
@click.argument("version")
@anywhere
@json_option
def evaluations(name: str, version: str, settings: Settings, *, as_json: bool) -> None:
    """List all runs of a version, and what its evaluations lack."""
    found = ask(settings, "GET", _path(name, version))
    if not as_json:
        found = {**found, "runs": [_line(one) for one in found["runs"]]}
    show({"model": f"{name}@{version}", **found}, as_json=as_json)


@click.command("suites", epilog=example("sluis models suites"))
@anywhere
@json_option
def suites_(settings: Settings, *, as_json: bool) -> None:
    """List the suites, those of the release and your own."""
    found: list[Report] = ask(settings, "GET", "/evaluations/suites")["suites"]
    left_out = () if as_json else ("title", "description")
    shown = [{k: v for k, v in one.items() if k not in left_out} for one in found]
    show({"suites": shown}, as_json=as_json)


@click.command("add-suite", epilog=example("sluis models add-suite my-suite/"))
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--reason", default="", help="Why; shown to whoever approves it.")
@anywhere
@json_option
def add_suite(directory: Path, reason: str, settings: Settings, *, as_json: bool) -> None:
    """Propose a suite of your own: a directory with suite.yaml and items.jsonl."""
    from gateway.evaluation.versions.suite import SuiteError, directory_texts

    try:
        description, items = directory_texts(directory)
    except SuiteError as error:
        raise click.ClickException(str(error)) from error
    body = {"description": description, "items": items, "reason": reason}
    done = ask(settings, "POST", "/evaluations/suites", body)
    following = f"another person approves it: sluis proposals approve {done['proposal']}"
    show({**done, "next": following}, as_json=as_json)


@click.command(
    "proposed-suite", epilog=example("sluis models proposed-suite 5f2c81d09ab34e6f --output new/")
)
@click.argument("identity")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="A new directory to write the whole suite to.",
)
@anywhere
@json_option
def proposed_suite(
    identity: str, output: Path | None, settings: Settings, *, as_json: bool
) -> None:
    """Show a suite that waits for another person, beside the one that it replaces."""
    path = f"/evaluations/suites/proposals/{quote(identity, safe='')}"
    found = ask(settings, "GET", path)
    if output is not None:
        _write(output, ask(settings, "GET", f"{path}/files"))
    if as_json:
        show(found, as_json=True)
        return
    suite, replaced = found.pop("suite"), found.pop("replaces")
    first = [json.dumps(one, ensure_ascii=False) for one in found.pop("first")]
    about = {name: suite[name] for name in _ABOUT_SUITE}
    in_use = f"version {replaced['version']}, {replaced['digest']}" if replaced else "nothing"
    show({**about, "replaces": in_use, **found}, as_json=False)
    click.echo("\n".join(["the first items that are new or changed:", *first]))


def _write(directory: Path, files: Report) -> None:
    """Write the files of a suite to a new directory."""
    try:
        directory.mkdir(parents=True)
        (directory / "suite.yaml").write_text(files["description"], encoding="utf-8", newline="")
        (directory / "items.jsonl").write_text(files["items"], encoding="utf-8", newline="")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise click.ClickException(f"{directory}: cannot be written: {reason}") from error


@click.command(
    "override-evaluation",
    epilog=example('sluis models override-evaluation letters 3 --reason "repaired in version 4"'),
)
@click.argument("name")
@click.argument("version")
@click.option("--reason", required=True)
@anywhere
@json_option
def override_evaluation(
    name: str, version: str, reason: str, settings: Settings, *, as_json: bool
) -> None:
    """Propose to approve a version although its evaluations lack something."""
    path = f"{_path(name, version)}/override"
    done = ask(settings, "POST", path, {"reason": reason})
    following = f"another person approves it: sluis proposals approve {done['proposal']}"
    show({"model": f"{name}@{version}", **done, "next": following}, as_json=as_json)


EVALUATION_COMMANDS = (
    evaluate,
    evaluations,
    suites_,
    add_suite,
    proposed_suite,
    override_evaluation,
)


def _path(name: str, version: str) -> str:
    return f"/models/{quote(name, safe='')}/{quote(version, safe='')}/evaluations"


def _line(one: Report) -> Report:
    """A run in one line."""
    result: Any = one["result"] or {}
    score, compared = result.get("score"), result.get("compared")
    return {
        "run": one["run"],
        "version": one["version"],
        "suite": one["suite"],
        "state": one["state"],
        "score": f"{score['value']:.3f}" if score else None,
        "interval": f"{score['low']:.3f}-{score['high']:.3f}" if score else None,
        "items": result.get("items"),
        "blocked": result.get("blocked") or None,
        "failed": result.get("failed") or None,
        "production": f"{compared['score']['value']:.3f}" if compared else None,
        "difference": f"{compared['difference']:+.3f}" if compared else None,
        "problems": "; ".join(one["problems"]),
    }
