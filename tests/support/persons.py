"""Two persons of the control plane, one of whom approves what the other one does."""

import msgspec

from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import ConfigFile
from gateway.governance.plane import ControlPlane

_ROLES = frozenset({"platform_admin", "policy_author", "policy_approver", "compliance_officer"})
ALICE = Actor("u_alice", "Alice", _ROLES, "sign-on", person="alice")
BOB = Actor("u_bob", "Bob", _ROLES, "sign-on", person="bob")
# Who approves what starts a use case, too.
CAROL = Actor("u_carol", "Carol", frozenset({"data_protection_officer"}), "sign-on", person="carol")
# What the first configuration outside embedded mode needs.
TWO_PERSONS = """\
keys:
  - {name: alice, kind: admin, owner: alice, roles: [platform_admin], secret: "env:ALICE_KEY"}
  - {name: bob, kind: admin, owner: bob, roles: [policy_approver], secret: "env:BOB_KEY"}
"""


def secret_of(reference: str) -> str:
    """A secret for every reference of a configuration."""
    return reference.ljust(30, "-")


async def applied(plane: ControlPlane, config: ConfigFile) -> None:
    """A configuration that is in force, approved where it must be.

    Alice and Bob sign on, by an issuer that it does not name.
    """
    done = (await plane.catalogue.apply(config, ALICE, resolve=secret_of, may_lock_out=True)).done
    if done.proposal:
        await approved(plane, done.proposal)


async def approved(plane: ControlPlane, proposal: str) -> None:
    """A proposal that is in force: Bob approves it, and Carol where an officer has to."""
    if await plane.proposals.decide(proposal, BOB, approve=True, comment="agreed"):
        assert not await plane.proposals.decide(proposal, CAROL, approve=True, comment="agreed")


async def issued_key(plane: ControlPlane, new: NewKey) -> tuple[Key, str]:
    """A key that is in force, approved where it must be, and its secret."""
    owned = msgspec.structs.replace(new, owner=new.owner or f"owner of {new.name}")
    key, secret, done = await plane.keys.create(owned, ALICE)
    if done.proposal:
        await plane.proposals.decide(done.proposal, BOB, approve=True, comment="agreed")
    await plane.snapshots.publish()
    return key, secret


async def issued(plane: ControlPlane, new: NewKey) -> str:
    """The secret of such a key."""
    return (await issued_key(plane, new))[1]


def owned(config: str) -> str:
    """The configuration of ``installation.py`` with its keys owned by Alice and Bob."""
    return config.replace(
        "name: admin, kind: admin,", "name: admin, kind: admin, owner: alice,"
    ).replace("name: officer, kind: admin,", "name: officer, kind: admin, owner: bob,")
