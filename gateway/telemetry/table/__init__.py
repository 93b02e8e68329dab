"""The table of all metrics: Prometheus, OTLP, docs/telemetry.md and tests are made from it.

Names and units of ``http.*``, ``db.*`` and ``gen_ai.*`` are those of OpenTelemetry's semantic
conventions. Attributes have values from the configuration, from this code or from a protocol: never
text of a caller, never a person, team or key.
"""

from collections.abc import Mapping

from gateway.telemetry.metric import Metric
from gateway.telemetry.table.control import CONTROL
from gateway.telemetry.table.gateway import GATEWAY
from gateway.telemetry.table.worker import WORKER

TABLE: Mapping[str, tuple[Metric, ...]] = {
    "gateway": GATEWAY,
    "control plane": CONTROL,
    "worker": WORKER,
}
