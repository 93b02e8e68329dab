"""Processes start, and serve, with the secrets and the database role that the chart gives them."""

import asyncio
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.chart import CHART, Document, processes, secret_files
from tests.support.installation import Installation
from tests.support.ports import free_port
from tests.support.reference_configuration import CONFIG, KEYS

pytestmark = pytest.mark.integration


def statements(url: str, *sql: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for one in sql:
                await connection.execute(one)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture
def worker_url(empty_postgres_url: str) -> Iterator[str]:
    """The URL of a role without rights, which are granted after the migrations."""
    role = f"worker_{uuid.uuid4().hex[:8]}"
    statements(empty_postgres_url, f"CREATE ROLE {role} LOGIN PASSWORD 'worker'")
    url = urlsplit(empty_postgres_url)
    place = url.netloc.rpartition("@")[2]
    yield url._replace(netloc=f"{role}:worker@{place}").geturl()
    statements(empty_postgres_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_they_serve_with_what_the_chart_gives_them(
    render: Callable[..., list[Document]],
    tmp_path: Path,
    empty_postgres_url: str,
    worker_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    demo = free_port()
    for name, value in {**KEYS, "SLUIS_DEMO_PORT": str(demo)}.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "sluis.yaml"
    text = CONFIG.read_text(encoding="utf-8").replace(":8083/", f":{demo}/")
    file.write_text(text, encoding="utf-8")
    whole = tmp_path / "whole"
    files = {
        name: secret_files(pod) for name, pod, _ in processes(render({}, profile="worker-hpa"))
    }

    installation = Installation(tmp_path, database_url=empty_postgres_url)
    installation.sluis("secrets", "create", str(whole))

    def have_the_secrets_of(process: str) -> None:
        directory = tmp_path / f"secrets-{process}"
        directory.mkdir()
        for path in whole.iterdir():
            if path.name in files[process]:
                shutil.copy(path, directory)
        installation.settings["SLUIS_SECRETS_DIR"] = str(directory)

    have_the_secrets_of("migrate")
    installation.sluis("migrate")
    have_the_secrets_of("apply")
    installation.sluis("apply", "-f", str(file), "--allow-waiting")
    role = urlsplit(worker_url).username
    granted = f"GRANT SELECT ON snapshot TO {role}"
    assert granted.replace(str(role), "sluis_worker") in (CHART / "README.md").read_text("utf-8")
    statements(empty_postgres_url, granted)
    try:
        installation.begin("demo-provider")
        for process in ("control", "gateway", "worker"):
            have_the_secrets_of(process)
            if process == "worker":
                installation.database_url = worker_url
            installation.start(process)
        answer = installation.ask("Mijn bsn is 111222333.", KEYS["APP_KEY"])
    finally:
        installation.stop()
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-redacted"] == "1"
