"""The bundled classifier is a registered version, and a quarantined one is not used."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.classifiers.entities import bundled_model
from gateway.core.manifest import DETECTOR_NAMES, manifest_of, version_digest
from tests.support.installation import ADMIN_KEY, Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.e2e
TEXT = "Ik heb gisteren Fatima el Amrani gesproken."


@pytest.fixture
def own(
    tmp_path: Path, eu: OpenAIApi, global_provider: OpenAIApi, internal_provider: OpenAIApi
) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    installation.apply(
        config_for(
            eu=eu.url, global_provider=global_provider.url, internal_provider=internal_provider.url
        )
    )
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def test_the_bundled_classifier_is_registered_and_can_be_quarantined(
    own: Installation, eu: OpenAIApi
) -> None:
    listed = json.loads(own.sluis("models", "list", "--json").stdout)["models"]
    (version,) = [one for one in listed if one["name"] == bundled_model.NAME]
    digest = version_digest(manifest_of(bundled_model.MODEL, DETECTOR_NAMES).digest, None)
    assert (version["kind"], version["state"], version["digest"]) == (
        "detector",
        "approved",
        digest,
    )
    assert version["registered_by"] != version["approved_by"]

    first = own.ask(TEXT)
    assert first.headers["x-sluis-zone"] == "eu"
    entry = own.entries(first.headers["x-sluis-audit-id"])[0]
    assert version["version"] in entry["detectors"]

    quarantined = own.admin(
        "POST",
        f"/models/{bundled_model.NAME}/{version['version']}/quarantine",
        key=ADMIN_KEY,
        json={"reason": "its finds turned out to be wrong"},
    )
    assert quarantined.status_code == 200
    own.until(lambda: own.ask(TEXT).headers["x-sluis-zone"] == "internal", "it stays inside")
    later = own.ask(TEXT)
    assert own.entries(later.headers["x-sluis-audit-id"])[0]["failed"] == ["names"]
    sent = len(eu.bodies)
    own.ask(TEXT)
    assert len(eu.bodies) == sent
