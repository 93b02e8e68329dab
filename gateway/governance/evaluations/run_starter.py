"""Starting runs: what is measured, and by what, is set and on record before the first request."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import DETECTOR, Snapshot
from gateway.evaluation.versions.bootstrap import SEED
from gateway.evaluation.versions.scorers import SCORER
from gateway.evaluation.versions.suite import Suite
from gateway.governance.actor import Actor
from gateway.governance.evaluations.evaluation_keys import EvaluationKeys
from gateway.governance.evaluations.gate import (
    ABANDONED,
    BASELINE,
    GATE,
    RUNNING,
    EvaluationGate,
    GateInputs,
    risk_of,
    thresholds_json,
)
from gateway.governance.evaluations.run_store import finished_like
from gateway.governance.evaluations.schemas import (
    EvaluationStartBody,
    EvaluationTarget,
    RunProgress,
)
from gateway.governance.evaluations.suite_proposals import waiting_suites
from gateway.governance.evaluations.suites import SuiteLibrary
from gateway.governance.evaluations.tables import evaluation_run
from gateway.governance.evaluations.targets import (
    PRODUCTION,
    EvaluatedDeployment,
    deployment_of,
)
from gateway.governance.journal import Journal
from gateway.governance.models.tables import model_tag
from gateway.governance.models.versions import find_version, require_version

_NO_COMPARISON = EvaluatedDeployment("", "")


@dataclass(frozen=True, slots=True)
class StartPlan:
    """What a start measures: suites, the version, and the one in production where it differs."""

    suites: Sequence[Suite]
    row: Any
    deployment: EvaluatedDeployment
    production: Any
    production_deployment: EvaluatedDeployment
    parameters: Mapping[str, Any]
    inputs: GateInputs


class RunStarter:
    """Makes the rows of runs and the keys of their requests."""

    def __init__(
        self,
        journal: Journal,
        keys: EvaluationKeys,
        library: SuiteLibrary,
        gate: EvaluationGate,
        published: Callable[[], Awaitable[Snapshot | None]],
        *,
        wall: Callable[[], float],
    ) -> None:
        """``published`` gives the newest snapshot; ``wall`` is epoch seconds."""
        self._journal = journal
        self._keys = keys
        self._library = library
        self._gate = gate
        self._published = published
        self._wall = wall

    async def start(
        self,
        connection: AsyncConnection,
        name: str,
        version: str,
        body: EvaluationStartBody,
        actor: Actor,
    ) -> list[EvaluationTarget]:
        """Start new runs; those of the version that go on are abandoned.

        Raises:
            InvalidRequest: when there is no such version, suite or deployment.
        """
        plan = await self._plan(connection, name, version, body)
        await self._abandon(connection, name, version, actor)
        baselines = await self._baselines(connection, plan)
        wanted = [suite for suite in plan.suites if plan.production and suite.name not in baselines]
        targets = [
            await self._target(connection, plan, suite, None, actor, purpose=BASELINE)
            for suite in wanted
        ]
        baselines |= {one.runs[0].suite: one.runs[0].run for one in targets}
        for suite in plan.suites:
            other = baselines.get(suite.name)
            targets.append(await self._target(connection, plan, suite, other, actor, purpose=GATE))
        return targets

    async def _plan(
        self, connection: AsyncConnection, name: str, version: str, body: EvaluationStartBody
    ) -> StartPlan:
        row = await require_version(connection, name, version)
        if row.kind == DETECTOR:
            raise InvalidRequest("A detector is measured by `sluis evaluate privacy`.")
        inputs = await self._gate.inputs(connection)
        known = await self._library.all(connection)
        snapshot = await self._published()
        await _require_approved(connection, body.suites, known)
        suites = _wanted(body.suites, known, inputs, risk_of(row))
        production = await _production(connection, row)
        other = _NO_COMPARISON
        if production is not None:
            other = deployment_of(snapshot, production, first=True)
        return StartPlan(
            suites,
            row,
            deployment_of(snapshot, row, body.deployment),
            production,
            other,
            {
                "temperature": 0,
                "seed": SEED,
                "max_tokens": body.max_tokens,
                "bundle": snapshot.bundle_digest if snapshot else "",
            },
            inputs,
        )

    async def deviation(self, connection: AsyncConnection, run: Any) -> str:
        """How the deployment of a run is not what it was at its start; empty when it is."""
        row = await require_version(connection, run.name, run.version)
        try:
            now = deployment_of(await self._published(), row, run.deployment)
        except InvalidRequest as gone:
            return gone.message
        same = (row.digest, now.proof) == (run.version_digest, run.proof)
        return "" if same else f"the deployment {run.deployment} changed during the run"

    async def _baselines(self, connection: AsyncConnection, plan: StartPlan) -> dict[str, str]:
        """Finished runs of the version in production with the same settings, by suite."""
        found: dict[str, str] = {}
        for suite in plan.suites if plan.production else ():
            values = _fixed(
                plan, plan.production, suite, plan.production_deployment, purpose=BASELINE
            )
            done = await finished_like(connection, values)
            if done is not None:
                found[suite.name] = done.id
        return found

    async def _abandon(
        self, connection: AsyncConnection, name: str, version: str, actor: Actor
    ) -> None:
        """End the runs of a version that go on, with those that they wait for: each start is new.

        What an abandoned run asked counts for no other one.
        """
        table = evaluation_run
        going = (table.c.state == RUNNING) & (table.c.name == name) & (table.c.version == version)
        query = select(table.c.compared_with).where(going & (table.c.purpose == GATE))
        waited = [one for one in (await connection.execute(query)).scalars() if one]
        ends = going & (table.c.purpose == GATE) | (
            (table.c.state == RUNNING) & table.c.id.in_(waited)
        )
        keys = (await connection.execute(select(table.c.key).where(ends).distinct())).scalars()
        for key in keys.all():
            await self._keys.revoke(connection, actor, key, now=self._wall())
        await connection.execute(
            update(table).where(ends).values(state=ABANDONED, finished=self._wall())
        )

    async def _run(
        self, connection: AsyncConnection, actor: Actor, values: dict[str, Any], suite: Suite
    ) -> RunProgress:
        """A new run, on record with its key."""
        identity = secrets.token_hex(8)
        await connection.execute(
            insert(evaluation_run).values(
                **values,
                id=identity,
                state=RUNNING,
                started=self._wall(),
                started_by=actor.id,
            )
        )
        await self._journal.record(
            connection,
            actor,
            "control:evaluation:start",
            request=identity,
            run=identity,
            model=values["name"],
            version=values["version"],
            digest=values["version_digest"],
            run_purpose=values["purpose"],
            suite=suite.name,
            suite_digest=suite.digest,
            scorer=SCORER,
            thresholds=values["thresholds"],
            parameters=values["parameters"],
            deployment=values["deployment"],
            key=values["key"],
        )
        return RunProgress(run=identity, suite=suite.name, items=len(suite.items), answered=0)

    async def _target(
        self,
        connection: AsyncConnection,
        plan: StartPlan,
        suite: Suite,
        other: str | None,
        actor: Actor,
        *,
        purpose: str,
    ) -> EvaluationTarget:
        """A version with a new run, and the key of its requests alone.

        ``other`` is the run that it is compared with.
        """
        row, deployment = plan.row, plan.deployment
        if purpose == BASELINE:
            row, deployment = plan.production, plan.production_deployment
        label = f"{row.name}@{row.version}"
        key, secret = await self._keys.issue(
            connection,
            actor,
            version=label,
            digest=row.digest,
            deployment=deployment.name,
            now=self._wall(),
        )
        values = _fixed(plan, row, suite, deployment, purpose=purpose)
        values |= {"compared_with": other, "key": key.id}
        run = await self._run(connection, actor, values, suite)
        return EvaluationTarget(
            version=label,
            purpose=purpose,
            deployment=deployment.name,
            secret=secret,
            expires=key.expires or 0,
            parameters={k: v for k, v in plan.parameters.items() if k != "bundle"},
            runs=[run],
        )


async def _require_approved(
    connection: AsyncConnection, named: Sequence[str], known: Mapping[str, Suite]
) -> None:
    """Check that no named suite still waits for another person.

    Raises:
        InvalidRequest: names the proposal that has to be approved.
    """
    unknown = [name for name in named if name not in known]
    waiting = await waiting_suites(connection) if unknown else {}
    for name in unknown:
        if name in waiting:
            raise InvalidRequest(
                f"The suite {name} waits for another person: `sluis proposals approve "
                f"{waiting[name]}` puts it in use.",
                code="suite_not_approved",
                param="suites",
            )


def _wanted(
    named: Sequence[str], known: Mapping[str, Suite], inputs: GateInputs, risk: str | None
) -> list[Suite]:
    """The suites of a start.

    Raises:
        InvalidRequest: names the suites that exist.
    """
    needed = inputs.rules.for_risk(risk)
    asked = [one.suite for one in needed.suites]
    asked += [name for name in inputs.own if needed.own_suites and name not in asked]
    names = list(dict.fromkeys(named)) or [name for name in asked if name in known] or list(known)
    if unknown := [name for name in names if name not in known]:
        raise InvalidRequest(
            f"There is no suite {unknown[0]}. There are: {', '.join(sorted(known))}.",
            param="suites",
        )
    if not names:
        raise InvalidRequest("There are no suites; add one with `sluis models add-suite`.")
    return [known[name] for name in names]


async def _production(connection: AsyncConnection, row: Any) -> Any:
    """The version that the tag of production names; None without one, or when it is this one."""
    query = select(model_tag.c.version).where(
        model_tag.c.name == row.name, model_tag.c.tag == PRODUCTION
    )
    tagged = (await connection.execute(query)).scalar()
    if tagged is None or tagged == row.version:
        return None
    return await find_version(connection, row.name, tagged)


def _fixed(
    plan: StartPlan, row: Any, suite: Suite, deployment: EvaluatedDeployment, *, purpose: str
) -> dict[str, Any]:
    """What a run is fixed to."""
    rules, own = plan.inputs.rules, suite.name in plan.inputs.own
    thresholds = rules.thresholds(risk_of(row), suite.name, own=own) if purpose == GATE else None
    return {
        "name": row.name,
        "version": row.version,
        "version_digest": row.digest,
        "purpose": purpose,
        "suite": suite.name,
        "suite_version": suite.about.version,
        "suite_digest": suite.digest,
        "scorer": SCORER,
        "thresholds": thresholds_json(thresholds),
        "parameters": msgspec.json.encode(plan.parameters, order="sorted").decode(),
        "deployment": deployment.name,
        "proof": deployment.proof,
    }
