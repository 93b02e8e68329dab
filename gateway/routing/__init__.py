"""Routing: the deployments behind a model name, in order of preference and health.

Clearance comes first: the pipeline asks policy about every candidate. Only allowed candidates are
ordered here, so a fallback never lowers protection.
"""

from gateway.routing.candidates import CandidateSet, ModelCatalogue, Target
from gateway.routing.capabilities import Needs, with_capabilities
from gateway.routing.circuit_breakers import CircuitBreakers
from gateway.routing.reported_versions import ReportedVersions
from gateway.routing.version_bindings import (
    DIGEST,
    NAME,
    problems,
    unproven,
    unproven_digest,
    unproven_name,
)

__all__ = [
    "DIGEST",
    "NAME",
    "CandidateSet",
    "CircuitBreakers",
    "ModelCatalogue",
    "Needs",
    "ReportedVersions",
    "Target",
    "problems",
    "unproven",
    "unproven_digest",
    "unproven_name",
    "with_capabilities",
]
