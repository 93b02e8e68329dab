"""The receiver of each destination; what OpenTelemetry needs is loaded where one is named."""

from collections.abc import Iterable

from gateway.governance.security_events.destination import EventDestination, Receiver
from gateway.governance.security_events.syslog import SyslogReceiver


def receivers_of(places: Iterable[EventDestination]) -> dict[EventDestination, Receiver]:
    """One receiver a destination."""
    return {place: _receiver(place) for place in places}


def _receiver(place: EventDestination) -> Receiver:
    if place.transport != "otlp":
        return SyslogReceiver(place)
    from gateway.governance.security_events.otlp import OtlpReceiver

    return OtlpReceiver(place)
