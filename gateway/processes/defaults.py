"""The configuration that ``sluis up`` writes when it gets none."""

from collections.abc import Callable

HEAD = """\
# Written by `sluis up`. Change it and run `sluis apply -f` on it, or start with `--config`.
version: 1
"""

_PROVIDERS = """\
providers:
  # The demonstration provider plays a commercial API in the EU; no real model answers there.
  - {{name: demo, kind: openai, base_url: "http://127.0.0.1:{demo_port}/v1", zone: eu, \
contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
  - {{name: house, kind: worker, base_url: "http://127.0.0.1:{worker_port}/v1", zone: internal}}
"""
_DEPLOYMENTS = """\
deployments:
  - {name: demo-eu, provider: demo, model: demo, \
price: {input_per_million: 0.25, output_per_million: 2.0, currency: EUR}}
  - {name: house-chat, provider: house, model: demo-smollm2-135m@production}
  - {name: house-letters, provider: house, model: letters@production}
"""
_REST = """\
use_cases:
  - {name: customer-service, owner: "team support", legal_basis: contract, risk: limited}
  - {name: public-information, owner: "team communication", legal_basis: public-task, \
risk: minimal, floor: public}
teams:
  - {name: support, budget: {amount: 200, currency: EUR, period: month}, \
limits: {requests_per_minute: 600, tokens_per_minute: 200000}}
  - {name: communication, floor: public, budget: {amount: 50, currency: EUR, period: month}}
"""
_REAL = {
    "OPENAI_API_KEY": ("openai", "openai-global", "gpt-5-mini"),
    "ANTHROPIC_API_KEY": ("anthropic", "claude-global", "claude-haiku-4-5"),
}


def default_config(
    resolve: Callable[[str], str | None], *, demo_port: int, worker_port: int
) -> str:
    """A sluis.yaml with the demonstration provider, and with real ones whose keys are set."""
    providers = _PROVIDERS.format(demo_port=demo_port, worker_port=worker_port)
    deployments, candidates = _DEPLOYMENTS, ["demo-eu", "house-chat"]
    for variable, (kind, name, model) in _REAL.items():
        if resolve(f"env:{variable}"):
            providers += (
                f'  - {{name: {kind}, kind: {kind}, api_key: "env:{variable}", zone: global}}\n'
            )
            deployments += f"  - {{name: {name}, provider: {kind}, model: {model}}}\n"
            candidates.insert(0, name)  # policy lets only declared public text go there
    aliases = (
        "aliases:\n"
        f"  - {{name: assistant, candidates: [{', '.join(candidates)}]}}\n"
        "  - {name: house, candidates: [house-chat]}\n"
        "  - {name: letters, candidates: [house-letters]}\n"
    )
    return HEAD + providers + deployments + aliases + _REST
