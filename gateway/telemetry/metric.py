"""What a metric is, and what it is called by OpenTelemetry and by Prometheus."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

Values = tuple[str, ...]  # those of the attributes of a metric, in their order; "" is none
_UNITS = {"s": "_seconds", "By": "_bytes"}


class MetricKind(Enum):
    """The instrument of OpenTelemetry."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    UP_DOWN = "updowncounter"  # a sum that may fall

    @property
    def type(self) -> str:
        """The type of Prometheus."""
        return "gauge" if self is MetricKind.UP_DOWN else self.value


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    ``unit`` is in UCUM, as OpenTelemetry has it. ``buckets`` are upper bounds in that unit. ``old``
    is the name until the version before, which is published beside the new one for one version;
    ``old_labels`` are its labels where they are called otherwise than by ``old_label``.
    """

    name: str
    kind: MetricKind
    unit: str
    description: str
    attributes: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    old: str = ""
    old_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def prometheus(self) -> str:
        """The name that OpenTelemetry's rules for Prometheus make of it.

        Source: OpenTelemetry, "Prometheus and OpenMetrics compatibility".
        """
        name = label(self.name) + _UNITS.get(self.unit, "")
        if self.unit == "1" and self.kind is MetricKind.GAUGE:
            name += "_ratio"
        return name + "_total" if self.kind is MetricKind.COUNTER else name

    @property
    def old_attributes(self) -> tuple[str, ...]:
        """The labels of the old name, in the order of ``attributes``."""
        return tuple(self.old_labels.get(one) or old_label(one) for one in self.attributes)


def label(name: str) -> str:
    """The label, or the name, that Prometheus has for one of OpenTelemetry."""
    return name.replace(".", "_")


def old_label(attribute: str) -> str:
    """The label that an attribute had in old names."""
    return label(attribute.removeprefix("sluis."))
