"""Exports of selected entries: all of them and no others, on both databases."""

import io
import json
from pathlib import Path

import pytest
from pyarrow import parquet

from gateway.core.errors import InvalidRequest
from gateway.evidence import INTENT, Entry
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.export import ExportResult
from gateway.governance.audit.exports import ExportRequest, PendingExport
from tests.integration.governance.test_exports import (
    ASKING,
    FULL,
    WHY,
    approved,
    exported,
    opened,
    texts_of,
    verified,
)
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration


async def departures(kept: Retained) -> None:
    """To three zones, each with a stored body."""
    async with kept.trail() as trail:
        for number, zone in enumerate(("internal", "eu", "global", "global")):
            fields = {"zone": zone, "level": "internal", "principal": f"k_{number}"}
            one = Entry(INTENT, f"{number:032x}", NOW - 1000, fields, "b", subject="k_app")
            await trail.record(one, json.dumps([f"asked-{number}"]).encode())


async def test_a_selection_opens_what_is_asked_for_and_proves_that_it_is_all(
    kept: Retained, tmp_path: Path
) -> None:
    await departures(kept)
    path = tmp_path / "s.zip"
    forms = ("jsonl", "csv", "parquet")
    parts = await exported(kept, path, formats=forms, where={"zone": ["global"]})
    said = verified(kept, path)
    assert "SELECTION zone=global: 2 of" in said
    assert "HOLDS: " in said
    told = texts_of(parts)
    assert "k_2" in told
    assert "k_3" in told
    assert "k_1" not in told
    assert len(parts["entries.csv"].splitlines()) == 1 + 2
    assert len(parquet.read_table(io.BytesIO(parts["entries.parquet"])).to_pylist()) == 2
    lines = [json.loads(line) for line in parts["entries.jsonl"].splitlines()]
    assert len(lines) == await kept.count("audit_entry") - 1
    zones = sorted(value[2] for line in lines for value in line["disclosure"] if value[1] == "zone")
    assert zones == ["eu", "global", "global", "internal"]
    (entry,) = await kept.told("control:audit:export")
    assert entry["where"] == ["zone=global"]
    several = {"event": [INTENT], "zone": ["eu", "internal"]}
    await exported(kept, path, formats=forms, where=several)
    assert f"SELECTION event={INTENT}, zone=eu|internal: 2 of" in verified(kept, path)


async def test_a_full_package_of_a_selection_is_approved_for_just_that(
    kept: Retained, tmp_path: Path
) -> None:
    await departures(kept)
    path = tmp_path / "f.zip"
    narrow = ExportRequest(
        0, NOW + DAY, ("jsonl",), DisclosureProfile.FULL, WHY, {"zone": ["global"]}
    )
    await approved(kept, narrow)
    assert isinstance(await kept.plane.exports.make(path, ASKING, FULL), PendingExport)
    done = await kept.plane.exports.make(path, ASKING, narrow)
    assert isinstance(done, ExportResult)
    assert (done.selected, done.bodies) == (2, 2)
    told = texts_of(opened(path))
    assert "asked-3" in told
    assert "asked-1" not in told
    assert "and 2 stored bodies" in verified(kept, path)
    (approval,) = await kept.told("control:audit:approve")
    assert approval["where"] == ["zone=global"]


@pytest.mark.parametrize(
    ("formats", "where", "why"),
    [
        (("jsonl",), {"principal": ["k_app"]}, "not by principal"),
        (("jsonl",), {"zone": []}, "one value or more"),
        (("pdf",), {"zone": ["eu"]}, "leave out either pdf"),
    ],
)
async def test_a_selection_that_cannot_be_is_refused(
    kept: Retained, tmp_path: Path, formats: tuple[str, ...], where: dict[str, list[str]], why: str
) -> None:
    wanted = ExportRequest(0, NOW, formats, where=where)
    with pytest.raises(InvalidRequest, match=why) as refused:
        await kept.plane.exports.make(tmp_path / "s.zip", ASKING, wanted)
    assert refused.value.param == "where"
    assert not list(tmp_path.glob("*.zip*"))
