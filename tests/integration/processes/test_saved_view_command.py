"""``sluis audit search --view`` uses the filters of a saved view of the caller."""

import json

import pytest

from tests.integration.processes.test_approval_commands import remote
from tests.support.installation import Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_a_search_uses_a_saved_view(sluis: Installation) -> None:
    filters = {"event": "control:saved:nothing", "from": "2026-01-01"}
    view = {"name": "nothing at all", "filters": filters}
    assert sluis.admin("POST", "/saved-views", json=view).status_code == 201
    found = remote(sluis, "audit", "search", "--view", "nothing at all", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.output)["entries"] == []
    applied = ("audit", "search", "--view", "nothing at all", "--event", "control:catalogue:apply")
    assert json.loads(remote(sluis, *applied, "--json").output)["entries"]
    unknown = remote(sluis, "audit", "search", "--view", "another")
    assert unknown.exit_code == 2
    assert "Yours: 'nothing at all'" in unknown.output
