"""``sluis up`` and the single processes."""

import dataclasses
import os
import sys
from pathlib import Path

import click

from gateway.processes import detection, memory
from gateway.processes.commands.common import data_dir_option, example, run, settings_of
from gateway.processes.settings import Settings


@click.command(epilog=example("sluis up --data-dir /var/lib/sluis --config sluis.yaml"))
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="A sluis.yaml, applied at each start.",
)
@data_dir_option
@click.option("--no-worker", is_flag=True, help="Start no model worker.")
@click.option("--no-console", is_flag=True, help="Start no console.")
def up(config: Path | None, data_dir: Path | None, *, no_worker: bool, no_console: bool) -> None:
    """Start everything on this machine, on 127.0.0.1."""
    from gateway.processes import embedded

    settings = settings_of(data_dir)
    if config is not None:
        settings = dataclasses.replace(settings, config=config.resolve())
    run(embedded.run(settings, embedded.Parts(worker=not no_worker, console=not no_console)))


@click.command(epilog=example("SLUIS_DATABASE_URL=postgresql://… sluis gateway"))
@data_dir_option
def gateway(data_dir: Path | None) -> None:
    """Start a data plane: the endpoint for applications."""
    memory.keep_few_heaps()
    run(_gateway(settings_of(data_dir)))


async def _gateway(settings: Settings) -> None:
    """Start the detector processes first: they load while this process imports the rest."""
    async with detection.classifier(settings) as detectors:
        from gateway.processes import data_plane

        await data_plane.serve(settings, detectors)


@click.command(epilog=example("SLUIS_DATABASE_URL=postgresql://… sluis control"))
@data_dir_option
def control(data_dir: Path | None) -> None:
    """Start the control plane: /admin/v1."""
    memory.keep_few_heaps()
    from gateway.processes import control_plane

    run(control_plane.serve(settings_of(data_dir)))


@click.command(epilog=example("SLUIS_WORKER_THREADS=8 sluis worker"))
@data_dir_option
def worker(data_dir: Path | None) -> None:
    """Start a model worker: serves approved internal models."""
    from gateway.processes.model_libraries import OFFLINE

    os.environ.update(OFFLINE)  # before the libraries are imported
    from gateway.processes import model_worker

    run(model_worker.serve(settings_of(data_dir)))


@click.command(epilog=example("sluis console --data-dir .sluis"))
@data_dir_option
def console(data_dir: Path | None) -> None:
    """Start the console for administrators and compliance officers."""
    from gateway.processes import embedded

    sys.exit(run(embedded.run_console(settings_of(data_dir))))


@click.command("demo-provider", hidden=True)
@data_dir_option
def demo_provider(data_dir: Path | None) -> None:
    """Start the demonstration provider, which plays a commercial API."""
    from gateway.processes import demo_provider as provider
    from gateway.processes.uvicorn_server import server

    settings = settings_of(data_dir)
    app = provider.create_app()
    run(server(app, settings.host, settings.demo_port, drain_s=settings.drain_s).serve())
