"""Policy bundles: checked, tested, proposed by one person and activated by another."""

import difflib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import Objects
from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import GUARDRAIL_KINDS, bundle_digest
from gateway.decisions import BundleError
from gateway.governance.actor import Actor
from gateway.governance.changes.governed import Load
from gateway.governance.journal import Journal
from gateway.governance.policies.bundle import check_bounds, read_bundle
from gateway.governance.policies.judge import BundleVerdict, PolicyJudge, judge_of
from gateway.governance.policies.proposal_terms import proposal_terms
from gateway.governance.policies.retention_policy import retention_of
from gateway.governance.policies.schemas import BundleComparison, BundleSummary
from gateway.governance.policies.strict import Names
from gateway.governance.policies.tables import bundle
from gateway.governance.proposals.bundle_report import PolicyDifference
from gateway.governance.proposals.schemas import FileChange
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.proposals.states import APPROVED
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

KIND = "policy_bundle"  # of proposals
_NAMED = ("use_case", "team", "provider", "deployment")  # kinds of objects that rules mention
_GUARDRAIL = "guardrail"  # the deployments that rules may ask
_MOST_NAMED = 5  # cases or faults in a message
_MAX_LINES, _MAX_SHOWN = 200, 200  # of the difference in an entry: lines, and characters of one


class Policies:
    """Stored bundles. One is active."""

    power = "policies"
    keeps_document = True  # it says what was approved

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        load: Load,
        cache_dir: Path | None,
        wall: Callable[[], float],
    ) -> None:
        """``load`` gives the objects in force, whose names rules may mention.

        ``cache_dir`` keeps patterns of detectors; ``wall`` is epoch seconds.
        """
        self._database = database
        self._journal = journal
        self._load = load
        self._judge = judge_of(cache_dir, "drafts")
        self._deciding = judge_of(cache_dir, "approvals")  # keeps writers waiting: not for drafts
        self._wall = wall

    def close(self) -> None:
        """End what is being judged."""
        self._judge.give_up()
        self._deciding.give_up()

    async def active(self) -> dict[str, str]:
        """The files of the active bundle."""
        async with self._database.read() as connection:
            return await active_files(connection)

    async def get(self, digest: str) -> dict[str, str] | None:
        """The files of a bundle; None when there never was one with that digest."""
        query = select(bundle.c.files).where(bundle.c.digest == digest)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row:
            return dict(orjson.loads(row.files))
        packaged = read_bundle()  # in force before the first bundle
        return packaged if bundle_digest(packaged) == digest else None

    async def requires_second_person(self, action: str) -> bool:
        """Whether policy wants another person's approval for an action beside bundles and terms."""
        return action in retention_of(await self.active()).four_eyes

    async def whole(
        self, files: dict[str, str], *, whole: bool, base: str | None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The bundle in force, and the one that these files make of it.

        Raises:
            InvalidRequest: when another bundle than ``base`` is in force, or this one is too large
                or names a file outside.
        """
        before = await self.active()
        digest = bundle_digest(before)
        if base is not None and base != digest:
            raise InvalidRequest(
                f"This draft was made from {base[:19]}…, but {digest[:19]}… is in force now: "
                "export the bundle in force, make the change there, and propose that.",
                code="stale_draft",
                param="base",
            )
        after = files if whole else {**before, **files}
        try:
            check_bounds(after)
        except BundleError as error:
            raise InvalidRequest(f"The bundle cannot be used: {error}", param="files") from error
        return before, after

    async def compare(
        self, files: dict[str, str], *, whole: bool, base: str | None
    ) -> PolicyDifference:
        """What these files would change of the bundle in force.

        Raises:
            InvalidRequest: when they do not compile, or another bundle than ``base`` is in force.
        """
        before, files = await self.whole(files, whole=whole, base=base)
        return await self._report(before, files)

    async def draft(
        self, files: dict[str, str], *, whole: bool = False, base: str | None = None
    ) -> Draft:
        """The proposal to put these files into the active bundle, or in its place.

        Raises:
            InvalidRequest: when the bundle does not compile, fails its tests, or changes nothing,
                or another bundle than ``base`` is in force.
        """
        before, files = await self.whole(files, whole=whole, base=base)
        if files == before:
            raise InvalidRequest("This bundle is the one in force; there is nothing to propose.")
        async with self._database.read() as connection:
            known = await self._names(connection)
        await self._require_sound(files, before, known)
        return await self._as_draft(before, files, "", rollback=False)

    async def _as_draft(
        self, before: dict[str, str], files: dict[str, str], subject: str, *, rollback: bool
    ) -> Draft:
        report = await self._report(before, files)
        changed = sorted([*report.files.added, *report.files.removed, *report.files.changed])
        stored = {
            "base": report.before,
            "files": files,
            "difference": report.model_dump(),
            "rollback": rollback,
        }
        recorded = {
            "changed": changed,
            "base": report.before,
            "digest": report.after,
            "rollback": rollback or None,
            "difference": _difference(before, files, changed),
        }
        document = orjson.dumps(stored).decode()
        return Draft(KIND, subject or ", ".join(changed), document, recorded=recorded)

    async def check(self, files: dict[str, str]) -> BundleVerdict:
        """The results of the cases of a bundle, its faults, and those that are new.

        Raises:
            BundleError: when it does not compile, or a case cannot be read.
        """
        async with self._database.read() as connection:
            known = await self._names(connection)
        return await self._judge.judge(files, await self.active(), known)

    @staticmethod
    async def difference_of(document: str) -> PolicyDifference | None:
        """The report that a proposal was made with; None in those of older versions."""
        stored = orjson.loads(document).get("difference")
        return PolicyDifference.model_validate(stored) if isinstance(stored, dict) else None

    async def before(self, digest: str) -> str | None:
        """The bundle that was in force before this one came into force; None when unknown."""
        query = (
            select(proposal.c.document)
            .where(proposal.c.kind == KIND, proposal.c.state == APPROVED)
            .order_by(proposal.c.decided.desc())
        )
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                base, files = _proposed(row.document)
                if bundle_digest(files) == digest:
                    return base
        return None

    async def draft_rollback(self, to: str | None) -> Draft:
        """The proposal to put an earlier bundle in force; the one before where none is named.

        Raises:
            InvalidRequest: when there is no such bundle, it is in force, or it cannot be used.
        """
        now = await self.active()
        wanted = to or await self.before(bundle_digest(now))
        files = await self.get(wanted) if wanted else None
        if files is None:
            raise InvalidRequest(
                "There is no such earlier bundle: `sluis policy status` and GET /admin/v1/policies "
                "list those that there are.",
                code="not_found",
            )
        if files == now:
            raise InvalidRequest("This bundle is the one in force; there is nothing to propose.")
        return await self._as_draft(now, files, f"roll back to {wanted}", rollback=True)

    @staticmethod
    def files_of(document: str) -> dict[str, str]:
        """The files of a proposal."""
        return _proposed(document)[1]

    async def changes(self, document: str) -> dict[str, FileChange]:
        """The files that a proposal changes: the content that is in force and the proposed one."""
        return changed_files(await self.active(), _proposed(document)[1])

    async def compare_known(self, before: str, after: str) -> BundleComparison:
        """What one bundle of the history changes of another.

        Raises:
            InvalidRequest: when there is no such bundle, or the second one cannot be used any more.
        """
        old, new = await self.get(before), await self.get(after)
        if old is None or new is None:
            raise InvalidRequest("There is no such bundle.", code="not_found")
        report = await self._report(old, new)
        return BundleComparison(difference=report, changes=changed_files(old, new))

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Activate the bundle of a proposal.

        A bundle is whole: it would undo what was approved since it was proposed.

        Raises:
            InvalidRequest: when other policies are in force than when this was proposed, or the
                bundle cannot be used.
        """
        base, files = _proposed(document)
        if bundle_digest(await active_files(connection)) != base:
            raise InvalidRequest(
                "Other policies are in force than when this was proposed, and it would take them "
                "back: reject it, and propose it again."
            )
        known, before = await self._names(connection), await active_files(connection)
        if orjson.loads(document).get("rollback"):  # it was sound when it came into force
            await self._report(before, files, self._deciding)
        else:
            await self._require_sound(files, before, known, self._deciding)
        await self.activate_files(connection, files, actor, author=author)
        return None

    async def _report(
        self, before: dict[str, str], files: dict[str, str], judge: PolicyJudge | None = None
    ) -> PolicyDifference:
        """The difference; raises InvalidRequest when the second bundle cannot be used."""
        try:
            return await (judge or self._judge).compare(before, files)
        except BundleError as error:
            raise InvalidRequest(f"The bundle cannot be used: {error}") from error

    async def _require_sound(
        self,
        files: dict[str, str],
        before: dict[str, str],
        known: Names,
        judge: PolicyJudge | None = None,
    ) -> None:
        """Raise InvalidRequest when a bundle may not be proposed or activated."""
        try:
            verdict = await (judge or self._judge).judge(files, before, known)
        except BundleError as error:
            raise InvalidRequest(f"The bundle cannot be used: {error}") from error
        found = verdict.new
        if failed := [case.name for case in verdict.tests if not case.passed]:
            raise InvalidRequest(
                f"The bundle fails its own tests: {', '.join(failed[:_MOST_NAMED])}"
            )
        if found:
            more = len(found) - _MOST_NAMED
            shown = "\n".join(map(str, found[:_MOST_NAMED]))
            raise InvalidRequest(
                "The bundle has faults that the one in force has not. Mend them:\n"
                f"{shown}{f' (and {more} more)' if more > 0 else ''}"
            )

    async def objects(self) -> Objects:
        """The catalogue and keys in force, which rules and trials are about."""
        async with self._database.read() as connection:
            return await self._load(connection)

    async def _names(self, connection: AsyncConnection) -> Names:
        """The names of the catalogue that rules may mention."""
        objects = await self._load(connection)
        names: dict[str, set[str]] = {kind: set() for kind in (*_NAMED, _GUARDRAIL)}
        for kind, name in objects:
            if kind in names:
                names[kind].add(name)
        for name in names["deployment"]:
            provider = objects.get(("provider", objects["deployment", name]["provider"]), {})
            if provider.get("kind") in GUARDRAIL_KINDS:
                names[_GUARDRAIL].add(name)
        return names

    async def activate_files(
        self, connection: AsyncConnection, files: dict[str, str], actor: Actor, *, author: str
    ) -> None:
        """Make a checked bundle the active one."""
        digest = bundle_digest(files)
        known = select(bundle.c.digest).where(bundle.c.digest == digest)
        await connection.execute(update(bundle).values(active=False))
        if (await connection.execute(known)).first():
            await connection.execute(
                update(bundle).where(bundle.c.digest == digest).values(active=True)
            )
        else:
            await connection.execute(
                insert(bundle).values(
                    digest=digest,
                    files=orjson.dumps(files).decode(),
                    author=author,
                    created=self._wall(),
                    active=True,
                )
            )
        changed = hashlib.sha256(orjson.dumps(sorted(files))).hexdigest()[:16]
        await self._journal.record(
            connection,
            actor,
            "control:policy:activate",
            digest=digest,
            author=author,
            files=changed,
        )

    async def ensure_first(self, connection: AsyncConnection, actor: Actor) -> None:
        """Activate the packaged policies when there is no bundle yet."""
        if (await connection.execute(select(bundle.c.digest))).first() is None:
            await self.activate_files(connection, read_bundle(), actor, author=actor.id)

    async def list(self) -> Sequence[BundleSummary]:
        """All bundles, newest first, without their files."""
        columns = (bundle.c.digest, bundle.c.author, bundle.c.created, bundle.c.active)
        query = select(*columns).order_by(bundle.c.created.desc())
        async with self._database.read() as connection:
            return [BundleSummary(**row) for row in (await connection.execute(query)).mappings()]


async def active_files(connection: AsyncConnection) -> dict[str, str]:
    """The files of the active bundle, within a transaction; else the packaged policies."""
    row = (await connection.execute(select(bundle.c.files).where(bundle.c.active))).first()
    return dict(orjson.loads(row.files)) if row else read_bundle()


async def term_of(connection: AsyncConnection, kind: str) -> float:
    """The seconds until a proposal of a kind expires, by the policies in force."""
    return proposal_terms(await active_files(connection)).seconds(kind)


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, FileChange]:
    """The files that differ, as they were and as they are."""
    return {
        path: FileChange(before=before.get(path), after=after.get(path))
        for path in sorted({*after, *before})
        if after.get(path) != before.get(path)
    }


def _proposed(document: str) -> tuple[str | None, dict[str, str]]:
    """The digest of the bundle that a proposal changes, and its files.

    Proposals of older versions hold only the files.
    """
    stored = orjson.loads(document)
    return stored.get("base"), dict(stored.get("files", stored))


def _difference(
    before: Mapping[str, str], after: Mapping[str, str], changed: list[str]
) -> list[str]:
    """The changed lines of files, as a unified difference; of a long one the first part."""
    lines = [
        line
        for path in changed
        for line in difflib.unified_diff(
            before.get(path, "").splitlines(),
            after.get(path, "").splitlines(),
            fromfile=path,
            tofile=path,
            lineterm="",
            n=0,
        )
    ]
    return [line[:_MAX_SHOWN] for line in lines[:_MAX_LINES]]
