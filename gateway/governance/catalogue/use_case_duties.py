"""What the AI Act asks of a use case before it is registered."""

from gateway.core.snapshot import UseCase

# Deployers of whom AI Act article 27(1) asks an assessment of the impact on fundamental rights: of
# public law, with public services, and of points 5(b) and (c) of Annex III.
_NEED_FRIA = frozenset({"public-body", "public-service", "creditworthiness", "insurance"})


def needs_fria(case: UseCase) -> bool:
    """Whether a use case lacks the assessment of the impact on fundamental rights by law."""
    return case.risk == "high" and not case.fria and case.deployer in _NEED_FRIA


def missing_for_high_risk(case: UseCase) -> str | None:
    """What a use case of high risk lacks; None for a complete one, and for any other risk."""
    if case.risk != "high":
        return None
    missing = [] if case.dpia or case.fria else ["dpia or fria (the address of the assessment)"]
    if needs_fria(case):
        why = f"AI Act article 27 asks for it where the deployer is {case.deployer}"
        missing = [f"fria ({why}; a dpia does not take its place)"]
    missing += [] if case.review else ["review (the day of the next review)"]
    return f"a use case of high risk needs {' and '.join(missing)}" if missing else None
