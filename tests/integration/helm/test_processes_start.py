"""Processes start, and serve, with what the chart gives them: a worker without a database."""

import asyncio
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.chart import Document, processes, secret_files
from tests.support.installation import Installation
from tests.support.ports import free_port
from tests.support.reference_configuration import CONFIG, KEYS

ROLE = Path(__file__).resolve().parents[3] / "deploy" / "gateway-role.sql"
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


def rights_of_a_gateway(url: str) -> str:
    """The documented statements, for the role of this URL."""
    role = urlsplit(url).username
    return ROLE.read_text(encoding="utf-8").replace(':"role"', str(role))


@pytest.fixture
def gateway_role() -> Iterator[Callable[[str], str]]:
    """Gives the URL of a database for a new role without rights."""
    made: list[tuple[str, str]] = []

    def create(owner_url: str) -> str:
        role = f"gateway_{uuid.uuid4().hex[:8]}"
        statements(owner_url, f"CREATE ROLE {role} LOGIN PASSWORD 'gateway'")
        made.append((owner_url, role))
        url = urlsplit(owner_url)
        place = url.netloc.rpartition("@")[2]
        return url._replace(netloc=f"{role}:gateway@{place}").geturl()

    yield create
    for owner_url, role in made:
        statements(owner_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_they_serve_with_what_the_chart_gives_them(
    render: Callable[..., list[Document]],
    tmp_path: Path,
    empty_postgres_url: str,
    gateway_role: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway_url = gateway_role(empty_postgres_url)
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
        directory.mkdir(exist_ok=True)
        for path in whole.iterdir():
            if path.name in files[process]:
                shutil.copy(path, directory)
        installation.settings["SLUIS_SECRETS_DIR"] = str(directory)

    have_the_secrets_of("migrate")
    installation.sluis("migrate")
    have_the_secrets_of("apply")
    installation.sluis("apply", "-f", str(file), "--allow-waiting")
    statements(empty_postgres_url, rights_of_a_gateway(gateway_url))

    def asked(number: int) -> str:
        """A request of one conversation; the second restores what the first one redacted."""
        answer = installation.ask(
            "Mijn bsn is 111222333.",
            KEYS["APP_KEY"],
            x_sluis_conversation="one",
            idempotency_key=f"number-{number}",
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-sluis-redacted"] == "1"
        return answer.text

    def start(process: str) -> None:
        have_the_secrets_of(process)
        installation.database_url = {"control": empty_postgres_url, "gateway": gateway_url}.get(
            process
        )
        installation.start(process)

    try:
        installation.begin("demo-provider")
        start("control")
        start("gateway")
        first = asked(1)
        assert asked(1) == first
        installation.kill("gateway")
        start("gateway")  # it settles the log of the one before
        asked(2)
        installation.settings["SLUIS_CONTROL_URL"] = installation.control
        start("worker")
    finally:
        installation.stop()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry",
        "DELETE FROM vault_value",
        "UPDATE audit_detail SET outcome = 'ok'",
        "UPDATE snapshot SET envelope = ''",
        "INSERT INTO snapshot (digest, envelope, created, confirmed) VALUES ('', '', 0, 0)",
        "SELECT * FROM catalogue",
        "SELECT * FROM log_checkpoint",
        "SELECT * FROM proposal",
        "DROP TABLE audit_entry",
        "CREATE TABLE x (y int)",
    ],
)
def test_a_gateway_may_not_change_the_trail_or_read_the_control_plane(
    postgres_url: str, gateway_role: Callable[[str], str], statement: str
) -> None:
    url = gateway_role(postgres_url)
    statements(postgres_url, rights_of_a_gateway(url))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        statements(url, statement)
