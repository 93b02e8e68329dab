"""The configuration of compose.yaml on PostgreSQL, with its own commands in its own order."""

from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.ports import free_port
from tests.support.reference_configuration import CONFIG, KEYS

pytestmark = pytest.mark.integration


def test_it_is_applied_and_serves(
    tmp_path: Path, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = free_port()
    for name, value in {**KEYS, "SLUIS_DEMO_PORT": str(demo)}.items():
        monkeypatch.setenv(name, value)
    text = CONFIG.read_text(encoding="utf-8").replace(":8083/", f":{demo}/")
    file = tmp_path / "sluis.yaml"
    file.write_text(text, encoding="utf-8")
    installation = Installation(tmp_path, database_url=empty_postgres_url)
    installation.sluis("secrets", "create")
    installation.sluis("migrate")
    installation.sluis("apply", "-f", str(file), "--allow-waiting")
    try:
        installation.begin("demo-provider")
        installation.start("control", "gateway")
        answer = installation.ask("Mijn bsn is 111222333.", KEYS["APP_KEY"])
    finally:
        installation.stop()
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-deployment"] == "demo-eu"
    assert answer.headers["x-sluis-redacted"] == "1"
