"""Shows signed heads to witnesses, and keeps what they answer.

A witness that is down stops nothing: it is an alarm, and the newest head is shown at the next round. A
witness that holds a head of this log which this log contradicts stops the signing.
"""

from gateway.governance.witnesses.publisher import EVERY_S, WitnessPublisher

__all__ = ["EVERY_S", "WitnessPublisher"]
