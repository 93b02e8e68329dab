"""The metrics of a control plane."""

from gateway.telemetry.metric import Metric, MetricKind
from gateway.telemetry.table.attributes import (
    ERROR,
    JOB,
    JOB_S,
    POOL,
    POOL_STATE,
    WITNESS,
)
from gateway.telemetry.table.gateway import SERVED

_GAUGE = MetricKind.GAUGE
_HISTOGRAM = MetricKind.HISTOGRAM
_UP_DOWN = MetricKind.UP_DOWN

PROPOSALS = Metric(
    "sluis.control.proposals.waiting", _GAUGE, "{proposal}", "Proposals that wait for a decision."
)
NOTICES = Metric(
    "sluis.control.notices.failing",
    _GAUGE,
    "{channel}",
    "Channels of notices that did not take their last message.",
)
UNSEALED = Metric(
    "sluis.control.audit.unsealed",
    _GAUGE,
    "{entry}",
    "Audit entries of all processes that no signed head covers yet.",
)
SEALED = Metric(
    "sluis.control.audit.sealed", _GAUGE, "{entry}", "Audit entries under the newest signed head."
)
HEADS = Metric(
    "sluis.control.audit.heads", _GAUGE, "{head}", "Heads that were signed since installation."
)
HEAD_AGE = Metric("sluis.control.audit.head_age", _GAUGE, "s", "Since the newest head was signed.")
WITNESS_AGE = Metric(
    "sluis.control.witness.age",
    _GAUGE,
    "s",
    "Since the head was signed that a witness has seen last; 0 while it covers every signed entry.",
    (WITNESS,),
)
JOBS = Metric(
    "sluis.control.job.duration",
    _HISTOGRAM,
    "s",
    "Runs of background jobs; error.type says why one failed.",
    (JOB, ERROR),
    JOB_S,
)
CONNECTIONS = Metric(
    "db.client.connection.count",
    _UP_DOWN,
    "{connection}",
    "Connections to the database.",
    (POOL, POOL_STATE),
)
CONNECTIONS_MAX = Metric(
    "db.client.connection.max",
    _UP_DOWN,
    "{connection}",
    "Connections that the pool opens at most.",
    (POOL,),
)

CONTROL = (
    SERVED,
    PROPOSALS,
    NOTICES,
    UNSEALED,
    SEALED,
    HEADS,
    HEAD_AGE,
    WITNESS_AGE,
    JOBS,
    CONNECTIONS,
    CONNECTIONS_MAX,
)
