"""Metrics in the text format of Prometheus."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import isinf

from gateway.telemetry.instruments import Instrument, Point
from gateway.telemetry.metric import MetricKind, label

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(instruments: Iterable[Instrument], *, old_names: bool) -> str:
    """Returns all series; with ``old_names`` also under the names of the version before."""
    lines: list[str] = []
    for instrument in instruments:
        metric, points = instrument.metric, list(instrument.points())
        name, labels = metric.prometheus, [label(one) for one in metric.attributes]
        lines += _family(instrument, points, name, labels, metric.description)
        if old_names and metric.old not in ("", name):
            note = f"Deprecated, use {name}."
            lines += _family(instrument, points, metric.old, metric.old_attributes, note)
    return "\n".join(lines) + "\n"


def _family(
    instrument: Instrument, points: Iterable[Point], name: str, labels: Sequence[str], note: str
) -> Iterator[str]:
    """One metric with all its series."""
    metric = instrument.metric
    yield f"# HELP {name} {note}"
    yield f"# TYPE {name} {metric.kind.type}"
    bounds = [*map(_number, metric.buckets), "+Inf"]
    for point in points:
        text = _text(labels, point.values)
        if metric.kind is not MetricKind.HISTOGRAM:
            yield f"{name}{_braced(text)} {_number(point.value)}"
            continue
        running = list(accumulate(point.counts))
        for bound, count in zip(bounds, running, strict=True):
            yield f"{name}_bucket{_braced(text, _pair('le', bound))} {count}"
        yield f"{name}_sum{_braced(text)} {_number(point.value)}"
        yield f"{name}_count{_braced(text)} {running[-1]}"


def _text(labels: Sequence[str], values: Sequence[str]) -> str:
    return ",".join(_pair(name, value) for name, value in zip(labels, values, strict=True) if value)


def _pair(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'


def _braced(*texts: str) -> str:
    inner = ",".join(filter(None, texts))
    return f"{{{inner}}}" if inner else ""


def _number(value: float) -> str:
    """Without more digits than needed; whole numbers without a point."""
    if isinf(value):
        return "+Inf"
    whole = int(value) if abs(value) < 2**53 else value
    return str(whole) if whole == value else repr(round(value, 9))
