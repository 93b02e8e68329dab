"""What a worker loads: approved versions, and drafts that are under evaluation."""

import pytest

from gateway.core.level import Zone
from gateway.core.snapshot import Deployment, Key, ModelVersion, Provider, Snapshot
from gateway.governance.snapshots.worker_snapshot import for_workers
from gateway.processes.model_worker import served_models


def snapshot(state: str, evaluates: str | None) -> Snapshot:
    return Snapshot(
        created=0.0,
        bundle={},
        providers=[Provider("house", "worker", "http://127.0.0.1:8082/v1", Zone.INTERNAL)],
        deployments=[Deployment("candidate", "house", "letters@2")],
        models=[
            ModelVersion(
                name="letters",
                version="2",
                digest="sha256:2",
                state=state,
                base_dir="/models/letters",
                base_digest="sha256:b",
            )
        ],
        keys=[Key("k_1", "evaluation", "secret's digest", evaluates=evaluates)],
    )


@pytest.mark.parametrize(
    ("state", "evaluates", "served"),
    [
        ("draft", None, False),
        ("draft", "sha256:2", True),
        ("evaluated", "sha256:2", True),
        ("draft", "sha256:3", False),
        ("quarantined", "sha256:2", False),
        ("retired", "sha256:2", False),
        ("approved", None, True),
    ],
)
def test_a_draft_is_loaded_for_its_evaluation_alone(
    state: str, evaluates: str | None, *, served: bool
) -> None:
    given = for_workers(snapshot(state, evaluates))
    assert [one.served_name for one in served_models(given)] == ["letters@2"] * served


def test_a_worker_gets_no_key() -> None:
    (key,) = for_workers(snapshot("draft", "sha256:2")).keys
    assert (key.id, key.name, key.digest, key.evaluates) == ("", "", "", "sha256:2")
    assert for_workers(snapshot("draft", None)).keys == []
