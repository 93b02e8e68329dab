"""Log records of OpenTelemetry to a collector: OTLP, protobuf over HTTP."""

import asyncio
import datetime

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gateway.governance.security_events.destination import DeliveryFailed, EventDestination
from gateway.governance.security_events.record import Document, flat

_SCOPE = InstrumentationScope("sluis.security")
_RESOURCE = {"service.name": "sluis-control"}
_LIMIT_S = 10
# Data model of logs, "mapping of SeverityNumber": syslog's alert is FATAL's beginning.
_SEVERITIES = {
    "alert": SeverityNumber.ERROR3,
    "warning": SeverityNumber.WARN,
    "notice": SeverityNumber.INFO2,
    "informational": SeverityNumber.INFO,
}


class OtlpReceiver:
    """One collector; headers and certificates come from the usual OTEL_EXPORTER_OTLP variables."""

    def __init__(self, destination: EventDestination) -> None:
        self._resource = Resource.create(_RESOURCE)
        self._exporter = OTLPLogExporter(f"{destination.url}/v1/logs", timeout=_LIMIT_S)

    async def send(self, documents: list[Document]) -> None:
        """Send events in order; see ``Receiver.send``."""
        records = [
            ReadableLogRecord(_record(document), self._resource, _SCOPE) for document in documents
        ]
        result = await asyncio.to_thread(self._exporter.export, records)
        if result is not LogRecordExportResult.SUCCESS:
            raise DeliveryFailed("the collector did not take the log records")


def _record(document: Document) -> LogRecord:
    moment = datetime.datetime.fromisoformat(document["@timestamp"])
    name, level = document["event"]["action"], document["log"]["level"]
    time_ns = int(moment.timestamp() * 1000) * 1_000_000
    return LogRecord(
        timestamp=time_ns,
        observed_timestamp=time_ns,
        severity_number=_SEVERITIES[level],
        severity_text=level,
        event_name=name,
        body=name,
        attributes={key: value for key, value in flat(document) if key != "@timestamp"},
    )
