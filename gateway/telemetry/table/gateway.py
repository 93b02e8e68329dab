"""The metrics of a gateway."""

from gateway.telemetry.metric import Metric, MetricKind
from gateway.telemetry.table.attributes import (
    CALL,
    CALL_S,
    CURRENCY,
    DEPLOYMENT,
    ERROR,
    HTTP_S,
    METHOD,
    OUTCOME,
    OWN_S,
    REASON,
    ROUTE,
    RULE,
    SCHEME,
    STAGE,
    STATUS,
    TOKEN_COUNTS,
    TOKEN_TYPE,
    USE_CASE,
    ZONE,
)

_COUNTER = MetricKind.COUNTER
_GAUGE = MetricKind.GAUGE
_HISTOGRAM = MetricKind.HISTOGRAM
_UP_DOWN = MetricKind.UP_DOWN

SERVED = Metric(
    "http.server.request.duration",
    _HISTOGRAM,
    "s",
    "From the arrival of a request to the end of its answer.",
    (METHOD, ROUTE, SCHEME, STATUS, ERROR),
    HTTP_S,
)
ACTIVE = Metric(
    "http.server.active_requests", _UP_DOWN, "{request}", "Requests that are under way."
)
CALL_TIME = Metric(
    "gen_ai.client.operation.duration",
    _HISTOGRAM,
    "s",
    "One attempt at a provider, from its departure to the end of its answer.",
    (*CALL, ERROR),
    CALL_S,
    old="gen_ai_client_operation_duration_seconds",
)
FIRST_CHUNK = Metric(
    "gen_ai.client.operation.time_to_first_chunk",
    _HISTOGRAM,
    "s",
    "From the departure of a request to the first chunk of its streamed answer.",
    CALL,
    CALL_S,
    old="gen_ai_client_operation_time_to_first_chunk_seconds",
)
EACH_CHUNK = Metric(
    "gen_ai.client.operation.time_per_output_chunk",
    _HISTOGRAM,
    "s",
    "From each chunk of a streamed answer to the next.",
    CALL,
    CALL_S,
    old="gen_ai_client_operation_time_per_output_chunk_seconds",
)
TOKENS = Metric(
    "gen_ai.client.token.usage",
    _HISTOGRAM,
    "{token}",
    "Tokens of an answered request, by direction.",
    (*CALL, TOKEN_TYPE),
    TOKEN_COUNTS,
    old="gen_ai_client_token_usage",
)
REQUESTS = Metric(
    "sluis.gateway.requests",
    _COUNTER,
    "{request}",
    "Admitted requests that have ended, by zone and outcome.",
    (ZONE, OUTCOME),
    old="sluis_requests_total",
)
REFUSALS = Metric(
    "sluis.gateway.refusals",
    _COUNTER,
    "{request}",
    "Requests that were not admitted, by the outcome on record.",
    (ERROR,),
    old="sluis_refusals_total",
    old_labels={ERROR: "code"},
)
OVERHEAD = Metric(
    "sluis.gateway.overhead",
    _HISTOGRAM,
    "s",
    "What governing a request took: its whole time, less waiting for providers and the client.",
    (ZONE,),
    OWN_S,
    old="sluis_overhead_seconds",
)
STAGES = Metric(
    "sluis.gateway.stage.duration",
    _HISTOGRAM,
    "s",
    "The time of an admitted request in one stage; all stages together are its whole time.",
    (STAGE,),
    tuple(0.00005 * 4**power for power in range(11)),
)
FAILOVERS = Metric(
    "sluis.gateway.failovers",
    _COUNTER,
    "{failover}",
    "Attempts after which another deployment was tried, by the one that was given up.",
    (DEPLOYMENT, ERROR),
)
GUARDRAILS = Metric(
    "sluis.gateway.guardrail.duration",
    _HISTOGRAM,
    "s",
    "One question to a guardrail of content rules, by what came of it.",
    (DEPLOYMENT, STAGE, OUTCOME),
    CALL_S,
)
BREAKERS = Metric(
    "sluis.gateway.breaker.open",
    _GAUGE,
    "{breaker}",
    "1 while a deployment is tried last, because its attempts have failed one after another.",
    (DEPLOYMENT,),
)
COST = Metric(
    "sluis.gateway.cost",
    _COUNTER,
    "{currency}",
    "What answers have cost by their prices, in whole units of the currency.",
    (DEPLOYMENT, CURRENCY),
)
UNREAD = Metric(
    "sluis.gateway.unread_requests",
    _COUNTER,
    "{request}",
    "Requests with a text that the classifier did not read, by reason.",
    (REASON,),
    old="sluis_unread_requests_total",
)
RULE_FAULTS = Metric(
    "sluis.gateway.rule_faults",
    _COUNTER,
    "{text}",
    "Texts that were not read because a detection rule failed, by rule.",
    (RULE,),
)
OVERDUE = Metric(
    "sluis.gateway.overdue_review_requests",
    _COUNTER,
    "{request}",
    "Requests of use cases whose review is overdue.",
    (USE_CASE,),
    old="sluis_overdue_review_requests_total",
)
MONITORED = Metric(
    "sluis.gateway.monitored_rules",
    _COUNTER,
    "{request}",
    "Requests that a content rule with the action monitor matched, by rule.",
    (RULE,),
)
REDACTED = Metric(
    "sluis.gateway.redacted_values",
    _COUNTER,
    "{value}",
    "Values taken out of requests, by zone.",
    (ZONE,),
    old="sluis_redacted_values_total",
)
KEPT = Metric(
    "sluis.gateway.kept_values",
    _COUNTER,
    "{value}",
    "Values that stay placeholders in answers, by zone.",
    (ZONE,),
)
DETECTORS = Metric(
    "sluis.gateway.detector.processes",
    _GAUGE,
    "{process}",
    "Classifier processes that are ready for work, or at work.",
)
DETECTOR_TIME = Metric(
    "sluis.gateway.detector.busy_time",
    _COUNTER,
    "s",
    "Time that classifier processes have spent reading, together.",
)
DETECTOR_WAITING = Metric(
    "sluis.gateway.detector.waiting",
    _GAUGE,
    "{character}",
    "Text that waits for the classifier.",
    old="sluis_detector_waiting_characters",
)
DETECTOR_OLDEST = Metric(
    "sluis.gateway.detector.oldest_wait",
    _GAUGE,
    "s",
    "For how long the oldest of that text has waited.",
    old="sluis_detector_oldest_waiting_seconds",
)
DETECTOR_ASKED = Metric(
    "sluis.gateway.detector.characters",
    _COUNTER,
    "{character}",
    "Text that the classifier was asked about.",
    old="sluis_detector_characters_total",
)
DETECTOR_KNOWN = Metric(
    "sluis.gateway.detector.known_characters",
    _COUNTER,
    "{character}",
    "Text of this that it had read before.",
    old="sluis_detector_known_characters_total",
)
SNAPSHOT_AGE = Metric(
    "sluis.gateway.snapshot.age",
    _GAUGE,
    "s",
    "Since the control plane last confirmed the configuration in use.",
)
DEGRADED = Metric(
    "sluis.gateway.audit.degraded",
    _GAUGE,
    "{gateway}",
    "1 while entries wait on this gateway's disk because the database takes none.",
    old="sluis_trail_degraded",
)
SPOOL = Metric(
    "sluis.gateway.audit.spool",
    _GAUGE,
    "By",
    "What waits there.",
    old="sluis_trail_spool_bytes",
)
LIMITS_AWAY = Metric(
    "sluis.gateway.limits.away",
    _GAUGE,
    "{gateway}",
    "1 while the store of shared limits and budgets does not count.",
)

GATEWAY = (
    SERVED,
    ACTIVE,
    CALL_TIME,
    FIRST_CHUNK,
    EACH_CHUNK,
    TOKENS,
    REQUESTS,
    REFUSALS,
    OVERHEAD,
    STAGES,
    FAILOVERS,
    GUARDRAILS,
    BREAKERS,
    COST,
    UNREAD,
    RULE_FAULTS,
    OVERDUE,
    MONITORED,
    REDACTED,
    KEPT,
    DETECTORS,
    DETECTOR_TIME,
    DETECTOR_WAITING,
    DETECTOR_OLDEST,
    DETECTOR_ASKED,
    DETECTOR_KNOWN,
    SNAPSHOT_AGE,
    DEGRADED,
    SPOOL,
    LIMITS_AWAY,
)
