"""The metrics of a model worker."""

from gateway.telemetry.metric import Metric, MetricKind
from gateway.telemetry.table.attributes import (
    CALL_S,
    EACH_TOKEN_S,
    ERROR,
    FIRST_TOKEN_S,
    GENERATION,
    MODEL,
    OUTCOME,
    QUEUE_S,
)

_COUNTER = MetricKind.COUNTER
_GAUGE = MetricKind.GAUGE
_HISTOGRAM = MetricKind.HISTOGRAM

SERVED = Metric(
    "gen_ai.server.request.duration",
    _HISTOGRAM,
    "s",
    "From the arrival of a request to its last token.",
    (*GENERATION, ERROR),
    CALL_S,
    old="gen_ai_server_request_duration_seconds",
)
FIRST_TOKEN = Metric(
    "gen_ai.server.time_to_first_token",
    _HISTOGRAM,
    "s",
    "From the arrival of a request to its first token.",
    GENERATION,
    FIRST_TOKEN_S,
    old="gen_ai_server_time_to_first_token_seconds",
)
EACH_TOKEN = Metric(
    "gen_ai.server.time_per_output_token",
    _HISTOGRAM,
    "s",
    "Mean time between the tokens of an answer, after the first.",
    GENERATION,
    EACH_TOKEN_S,
    old="gen_ai_server_time_per_output_token_seconds",
)
_BY_MODEL = {MODEL: "model"}
QUEUED = Metric(
    "sluis.worker.queue.duration",
    _HISTOGRAM,
    "s",
    "From the arrival of a request to its start.",
    (MODEL,),
    QUEUE_S,
    "gateway_worker_request_queue_time_seconds",
    _BY_MODEL,
)
INPUT = Metric(
    "sluis.worker.input_tokens",
    _COUNTER,
    "{token}",
    "Tokens of prompts.",
    (MODEL,),
    (),
    "gateway_worker_prompt_tokens_total",
    _BY_MODEL,
)
OUTPUT = Metric(
    "sluis.worker.output_tokens",
    _COUNTER,
    "{token}",
    "Tokens of answers.",
    (MODEL,),
    (),
    "gateway_worker_generation_tokens_total",
    _BY_MODEL,
)
REQUESTS = Metric(
    "sluis.worker.requests",
    _COUNTER,
    "{request}",
    "Requests that have ended: stop (also with tool calls), length, embedded, or an error code.",
    (MODEL, OUTCOME),
    (),
    "gateway_worker_requests_total",
    {MODEL: "model", OUTCOME: "finished_reason"},
)
RESTARTS = Metric(
    "sluis.worker.restarts",
    _COUNTER,
    "{restart}",
    "Starts of a model after its generation had failed.",
    (MODEL,),
    (),
    "gateway_worker_restarts_total",
    _BY_MODEL,
)
RUNNING = Metric(
    "sluis.worker.requests.running",
    _GAUGE,
    "{request}",
    "Requests that are generated now.",
    (MODEL,),
    (),
    "gateway_worker_num_requests_running",
    _BY_MODEL,
)
WAITING = Metric(
    "sluis.worker.requests.waiting",
    _GAUGE,
    "{request}",
    "Requests that wait for room.",
    (MODEL,),
    (),
    "gateway_worker_num_requests_waiting",
    _BY_MODEL,
)
KV = Metric(
    "sluis.worker.kv_cache.utilization",
    _GAUGE,
    "1",
    "Share of the pool of keys and values in use.",
    (MODEL,),
    (),
    "gateway_worker_kv_cache_usage_perc",
    _BY_MODEL,
)
READY = Metric(
    "sluis.worker.model.ready",
    _GAUGE,
    "{model}",
    "1 while a model takes requests.",
    (MODEL,),
    (),
    "gateway_worker_model_ready",
    _BY_MODEL,
)
UP = Metric(
    "sluis.worker.up", _GAUGE, "{worker}", "1: the worker answers.", old="gateway_worker_up"
)

WORKER = (
    SERVED,
    FIRST_TOKEN,
    EACH_TOKEN,
    QUEUED,
    INPUT,
    OUTPUT,
    REQUESTS,
    RESTARTS,
    RUNNING,
    WAITING,
    KV,
    READY,
    UP,
)
