"""Cases for the stand-alone verifier, by subject."""

from pathlib import Path

from tests.support.verifier.cases import Case, Cases
from tests.support.verifier.deleted import add_deleted
from tests.support.verifier.disclosed import add_disclosed
from tests.support.verifier.good import add_good
from tests.support.verifier.policies import add_policies
from tests.support.verifier.rotated import add_rotated
from tests.support.verifier.selected import add_selected
from tests.support.verifier.signatures import add_signatures
from tests.support.verifier.stamped import add_stamped
from tests.support.verifier.statement import add_statement
from tests.support.verifier.tampered import add_tampered
from tests.support.verifier.witnessed import add_witnessed
from tests.support.verifier.zips import add_zips

__all__ = ["Case", "Cases", "all_cases"]


def all_cases(folder: Path) -> Cases:
    """All cases, with their files in a folder."""
    cases = Cases(folder)
    for add in (
        add_good,
        add_disclosed,
        add_deleted,
        add_policies,
        add_selected,
        add_witnessed,
        add_stamped,
        add_rotated,
        add_statement,
        add_tampered,
        add_zips,
        add_signatures,
    ):
        add(cases)
    return cases
