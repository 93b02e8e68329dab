"""Processes start, and serve, with what the chart gives them: a worker without a database."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.chart import Document, processes, secret_files
from tests.support.installation import Installation
from tests.support.ports import free_port
from tests.support.reference_configuration import CONFIG, KEYS

pytestmark = pytest.mark.integration


def test_they_serve_with_what_the_chart_gives_them(
    render: Callable[..., list[Document]],
    tmp_path: Path,
    empty_postgres_url: str,
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
    try:
        installation.begin("demo-provider")
        for process in ("control", "gateway", "worker"):
            have_the_secrets_of(process)
            if process == "worker":
                installation.database_url = None
                installation.settings["SLUIS_CONTROL_URL"] = installation.control
            installation.start(process)
        answer = installation.ask("Mijn bsn is 111222333.", KEYS["APP_KEY"])
    finally:
        installation.stop()
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-redacted"] == "1"
