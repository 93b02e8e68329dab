"""The shipped configurations that refuse models without a version state one for each inside."""

from pathlib import Path

import pytest
import yaml

from gateway.core.level import Zone
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.deployments import deployments_of, without_version
from gateway.governance.catalogue.statements import Stored, provider_of
from tests.support.chart import CHART

pytestmark = pytest.mark.integration
DEPLOY = CHART.parent / "deploy"
VALUES = (
    DEPLOY / "vllm-production-stack" / "sluis-values.yaml",
    *(CHART / "ci" / f"{name}-values.yaml" for name in ("complete", "default", "worker-hpa")),
)
NOTHING = Stored({}, {}, {}, [])


@pytest.mark.parametrize("file", [DEPLOY / "sluis.yaml", *VALUES], ids=lambda file: file.name)
def test_all_its_models_serve_in_a_new_installation(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if file in VALUES:
        text = yaml.safe_dump(yaml.safe_load(text)["config"])
    config = parse(text, source=file.name)
    assert config.models.unregistered == "refuse"
    providers = [provider_of(one, NOTHING) for one in config.providers]
    assert (
        without_version(deployments_of(config, providers, NOTHING, []), providers, serve=False)
        == []
    )
    inside = {one.name for one in providers if one.zone is Zone.INTERNAL}
    named = [one.version or one.model or "" for one in config.deployments if one.provider in inside]
    assert all("@" in one for one in named)
