"""What telemetry costs a gateway: ``python -m tests.performance.telemetry 7 300``.

Four gateways answer the same known text in alternating rounds (here seven of 300 requests each):
without a collector, and with one that gets metrics and no spans, a tenth of them, or all. Prints
the processor time of each gateway with its children for a request, and the ratio to the one
without a collector in the same round. Then it prints what one export of the metrics takes, and one
scrape of ``/metrics``. The collector runs in the process
that measures, whose time does not count.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.performance.sizing import ask, by_part, cpu_of
from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi
from tests.support.otlp_collector import OtlpCollector

_EXPORTS_A_S = 5
_IDLE_S = 10.0
_SCRAPES = 100
WAYS = {
    "no collector": None,
    "metrics": "0",
    "metrics, a tenth of the spans": "0.1",
    "metrics, all spans": "1",
}
NONE = "no collector"


@contextmanager
def running(api: OpenAIApi, settings: dict[str, str]) -> Iterator[Installation]:
    """A gateway with its control plane."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"SLUIS_DETECTORS": "1", **settings}
        sluis = Installation(Path(folder), settings=settings, forks=False)
        sluis.apply(config_for(eu=api.url, global_provider=api.url, internal_provider=api.url))
        sluis.start("control", "gateway")
        try:
            yield sluis
        finally:
            sluis.stop()


def spent(sluis: Installation) -> float:
    """Milliseconds of processor time of the gateway and its children."""
    return sum(by_part(sluis.process("gateway").pid, cpu_of).values()) * 1000


def a_request(sluis: Installation, count: int) -> float:
    """Milliseconds of processor time of one request."""
    before = spent(sluis)
    ask(sluis, lambda: "Wat is een sluis?", count)
    return (spent(sluis) - before) / count


def idle(sluis: Installation) -> float:
    """Milliseconds of processor time in some seconds without requests."""
    before = spent(sluis)
    time.sleep(_IDLE_S)
    return spent(sluis) - before


def a_scrape(sluis: Installation) -> tuple[float, int]:
    """Milliseconds of processor time of one scrape, and its bytes."""
    with httpx.Client(base_url=sluis.url) as http:
        before = spent(sluis)
        sizes = {len(http.get("/metrics").raise_for_status().content) for _ in range(_SCRAPES)}
        return (spent(sluis) - before) / _SCRAPES, max(sizes)


def compare(gateways: dict[str, Installation], rounds: int, requests: int) -> None:
    """Prints the cost of a request by way, and its ratio within each round."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for way in WAYS:
        a_request(gateways[way], 100)
    for _ in range(rounds):
        for way, costs in found.items():
            costs.append(a_request(gateways[way], requests))
    for way, costs in found.items():
        ratios = [one / none for one, none in zip(costs, found[NONE], strict=True)]
        print(
            f"{way:30} {statistics.median(costs):6.3f} ms  x{statistics.median(ratios):.3f} "
            f"({min(ratios):.3f}..{max(ratios):.3f})"
        )


def main(rounds: int, requests: int) -> None:
    """Measures; the gateways with a collector send to one that keeps what it gets."""
    with ExitStack() as stack:
        api = stack.enter_context(OpenAIApi())
        collector = stack.enter_context(OtlpCollector())
        sent = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        gateways = {}
        for way, share in WAYS.items():
            settings = {} if share is None else {**sent, "OTEL_TRACES_SAMPLER_ARG": share}
            gateways[way] = stack.enter_context(running(api, settings))
        compare(gateways, rounds, requests)
        cost, size = a_scrape(gateways[NONE])
        print(f"a scrape of /metrics: {cost:.2f} ms, {size} bytes")
        often = {**sent, "OTEL_METRIC_EXPORT_INTERVAL": str(1000 // _EXPORTS_A_S)}
        exporting = stack.enter_context(running(api, often))
        a_request(exporting, 100)
        cost = (idle(exporting) - idle(gateways[NONE])) / (_IDLE_S * _EXPORTS_A_S)
        print(f"an export of metrics: {cost:.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
