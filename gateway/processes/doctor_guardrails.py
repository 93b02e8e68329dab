"""Checks of the doctor on guardrails: each that rules name exists, and answers a question."""

import asyncio
from collections.abc import Callable, Iterator

import msgspec

from gateway.core.errors import Refusal
from gateway.core.level import Zone
from gateway.core.snapshot import Deployment, Provider, Snapshot
from gateway.decisions import ContentRules
from gateway.egress import UpstreamClient
from gateway.egress.guardrails import FORMATS, GuardrailQuestion, GuardrailText
from gateway.processes.doctor_checks import Diagnosis

_SENTENCE = "Sluis asks whether this guardrail answers."  # no text of a request
_ASK_S = 10.0


async def check_guardrails(
    snapshot: Snapshot,
    record: Diagnosis,
    *,
    secret: Callable[[str], str | None],
    everywhere: bool,
) -> None:
    """Check that each guardrail is one that can be asked, and ask it once.

    ``secret`` resolves ``env:NAME``. ``everywhere``: this machine may reach commercial providers
    too, as only gateways should; else those are left to ``sluis acceptance``.
    """
    missing = sorted(set(_named(snapshot)) - {one.name for one, _ in guardrails_of(snapshot)})
    for name in missing:
        todo = f"add the deployment {name} on a provider of kind guardrail or moderations, or end "
        record(f"guardrail {name} exists", ok=False, todo=f"{todo}its stop")
    for deployment, provider in guardrails_of(snapshot):
        if provider.zone is not Zone.INTERNAL and not everywhere:
            record(f"guardrail {deployment.name}: `sluis acceptance` asks it", ok=True)
        elif provider.api_key and not secret(provider.api_key):
            record(f"guardrail {deployment.name}: not asked without {provider.api_key}", ok=True)
        else:
            fault = await _fault_of(snapshot, deployment, provider, secret)
            todo = f"{fault} Check its address, certificate and key"
            record(f"guardrail {deployment.name} answers", ok=not fault, todo=todo)


def guardrails_of(snapshot: Snapshot) -> Iterator[tuple[Deployment, Provider]]:
    """The guardrails of a snapshot that are not stopped."""
    providers = {one.name: one for one in snapshot.providers}
    for deployment in snapshot.deployments:
        provider = providers[deployment.provider]
        if provider.is_guardrail and deployment.name not in snapshot.stops.deployments:
            yield deployment, provider


def _named(snapshot: Snapshot) -> Iterator[str]:
    """The names that content rules ask."""
    if text := snapshot.bundle.get("content.yaml"):
        for rule in ContentRules(text).rules.values():
            if rule.guardrail:
                yield rule.guardrail.name


async def _fault_of(
    snapshot: Snapshot,
    deployment: Deployment,
    provider: Provider,
    secret: Callable[[str], str | None],
) -> str:
    """Why a guardrail gives no verdict; empty when it does."""
    alone = msgspec.structs.replace(snapshot, providers=[provider])
    client = await asyncio.to_thread(
        UpstreamClient, alone, secret=secret, worker_token="", formats={}
    )
    texts = [GuardrailText("newest", _SENTENCE)]
    question = GuardrailQuestion("doctor", "input", "en", texts)
    written, parser = FORMATS[provider.kind].write(question, deployment.model)
    try:
        async with asyncio.timeout(_ASK_S):
            departure = client.prepared(provider.name, written, parser, deployment.timeouts)
            with await client.send(departure) as answered:
                await answered.whole()
    except TimeoutError:
        return f"It did not answer in {_ASK_S:.0f} s."
    except Refusal as refusal:
        return refusal.message
    finally:
        await client.close()
    return ""
