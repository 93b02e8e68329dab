"""The attributes of metrics and spans, and the buckets of histograms.

Those of the semantic conventions have its names and boundaries (generative AI: status Development);
of a model that runs on processors of this machine the boundaries go on, as its answers do.
"""

METHOD, ROUTE, SCHEME = "http.request.method", "http.route", "url.scheme"
STATUS, ERROR = "http.response.status_code", "error.type"
OPERATION, PROVIDER, MODEL = "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"
RESPONSE_MODEL, TOKEN_TYPE = "gen_ai.response.model", "gen_ai.token.type"
ADDRESS, PORT = "server.address", "server.port"
POOL, POOL_STATE = "db.client.connection.pool.name", "db.client.connection.state"
DEPLOYMENT, ZONE, OUTCOME = "sluis.deployment", "sluis.zone", "sluis.outcome"
REASON, USE_CASE, STAGE = "sluis.reason", "sluis.use_case", "sluis.stage"
RULE = "sluis.rule"
CURRENCY, JOB, WITNESS, LEVEL = "sluis.currency", "sluis.job", "sluis.witness", "sluis.level"
CODE = "sluis.error.code"

CALL = (OPERATION, PROVIDER, MODEL, ADDRESS, PORT, DEPLOYMENT)
GENERATION = (OPERATION, PROVIDER, MODEL, RESPONSE_MODEL)

HTTP_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
CALL_S = tuple(0.01 * 2**power for power in range(14))
OWN_S = tuple(0.0005 * 2**power for power in range(12))
TOKEN_COUNTS = tuple(float(4**power) for power in range(14))
FIRST_TOKEN_S = (
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
    *(20.0, 40.0, 80.0, 160.0),
)
EACH_TOKEN_S = (
    *(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5),
    *(5.0, 7.5, 10.0, 20.0, 40.0, 80.0),
)
QUEUE_S = (
    *(0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0),
    *(240.0, 480.0, 960.0, 1920.0, 7680.0),
)
JOB_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
