"""Teams as records, beside those of the file: neither door changes what the other owns."""

import pytest
from pydantic import TypeAdapter

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Team
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.teams.routes import TeamBody
from tests.support.persons import ALICE, BOB, issued_key
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
FILE = CONFIG + "teams: [{name: filed, budget: {amount: 10}}]\n"


async def applied(kept: Retained, text: str = FILE) -> None:
    config = parse(text, source="sluis.yaml")
    await kept.plane.catalogue.apply(
        config, LOCAL_OPERATOR, resolve=lambda _: None, may_lock_out=True
    )


async def put(kept: Retained, name: str, **settings: object) -> list[str]:
    given = TypeAdapter[Team](TeamBody).validate_python(settings)
    changed, done = await kept.plane.teams.put(name, given, ALICE)
    if done.proposal:
        await kept.plane.proposals.decide(done.proposal, BOB, approve=True, comment="agreed")
    return list(changed)


async def names(kept: Retained) -> dict[str, str]:
    return {team.name: team.source for team in await kept.plane.teams.list()}


async def test_a_team_is_created_changed_and_deleted(kept: Retained) -> None:
    assert await put(kept, "makers", budget={"amount": 20}) == ["budget", "name"]
    assert await put(kept, "makers", budget={"amount": 30}) == ["budget"]
    assert await put(kept, "makers", budget={"amount": 30}) == []
    team = await kept.plane.teams.get("makers")
    assert team.budget is not None
    assert (team.budget["amount"], team.source) == (30, "record")
    await kept.plane.teams.delete("makers", LOCAL_OPERATOR)
    assert await names(kept) == {}
    _created, changed = await kept.told("control:team:change")
    assert changed["difference"] == ['budget: {"amount":20.0} -> {"amount":30.0}']
    assert len(await kept.told("control:team:delete")) == 1


async def test_the_file_and_the_records_do_not_change_each_other(kept: Retained) -> None:
    await put(kept, "makers")
    await applied(kept)
    assert await names(kept) == {"filed": "file", "makers": "record"}
    with pytest.raises(InvalidRequest) as refused:
        await put(kept, "filed")
    assert refused.value.code == "owned_by_file"
    with pytest.raises(InvalidRequest) as refused:
        await kept.plane.teams.delete("filed", LOCAL_OPERATOR)
    assert refused.value.code == "owned_by_file"
    with pytest.raises(ConfigError, match="team makers"):
        await applied(kept, CONFIG + "teams: [{name: makers}]\n")
    assert await names(kept) == {"filed": "file", "makers": "record"}
    await applied(kept, CONFIG)
    assert await names(kept) == {"makers": "record"}


async def test_names_that_do_not_exist_are_refused_with_those_that_do(kept: Retained) -> None:
    permitted = {"models": ["gpt-eu"], "purposes": ["sales"]}
    with pytest.raises(InvalidRequest, match="hiring, service"):
        await put(kept, "makers", self_service=permitted)
    with pytest.raises(InvalidRequest, match="gpt-eu"):
        await put(kept, "makers", per_model={"gpt-5": {"budget": {"amount": 1}}})
    assert await names(kept) == {}


async def test_a_team_with_live_keys_stays(kept: Retained) -> None:
    await put(kept, "makers")
    await issued_key(kept.plane, NewKey("bot", team="makers"))
    with pytest.raises(InvalidRequest, match="bot") as refused:
        await kept.plane.teams.delete("makers", LOCAL_OPERATOR)
    assert refused.value.code == "team_in_use"
    await kept.plane.keys.revoke("bot", LOCAL_OPERATOR)
    await kept.plane.teams.delete("makers", LOCAL_OPERATOR)


async def test_a_file_leaves_no_key_without_the_bounds_of_its_team(kept: Retained) -> None:
    await applied(kept)
    await issued_key(kept.plane, NewKey("bot", team="filed"))
    with pytest.raises(InvalidRequest, match="bot") as refused:
        await applied(kept, CONFIG)
    assert refused.value.code == "team_in_use"
    await kept.plane.keys.revoke("bot", LOCAL_OPERATOR)
    await applied(kept, CONFIG)
    assert await names(kept) == {}


async def test_a_record_is_in_the_next_snapshot(kept: Retained) -> None:
    await put(kept, "makers", per_person={"budget": {"amount": 5}})
    first = await kept.plane.snapshots.publish()
    await put(kept, "makers")
    assert await kept.plane.snapshots.publish() != first
