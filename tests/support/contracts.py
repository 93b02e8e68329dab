"""Contracts of providers, as a snapshot has them."""

import msgspec

from gateway.core.snapshot import Contract, Provider


def under_contract(provider: Provider, until: str | None) -> Provider:
    """A provider with a contract until a day: "" is without one, None from before contracts."""
    contract = Contract("EU", "none-needed", until) if until else None
    return msgspec.structs.replace(provider, needs_contract=until is not None, contract=contract)


def contract_until(provider: Provider) -> str | None:
    """The same the other way round."""
    if not provider.needs_contract:
        return None
    return provider.contract.review if provider.contract else ""
