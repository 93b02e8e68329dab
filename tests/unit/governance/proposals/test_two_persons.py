"""The rule of two persons."""

import pytest

from gateway.core.errors import Denied
from gateway.governance.actor import Actor
from gateway.governance.proposals.two_persons import is_author, require_second_person

pytestmark = pytest.mark.unit
ONE = Actor("k_one", "one", frozenset(), "api")
OTHER = Actor("k_other", "one", frozenset(), "api")


@pytest.mark.parametrize("one_person", [True, False])
def test_another_person_approves(one_person: bool) -> None:
    require_second_person(ONE.id, OTHER, one_person=one_person, message="no")


def test_the_author_approves_only_where_one_person_may() -> None:
    with pytest.raises(Denied, match="two, please"):
        require_second_person(ONE.id, ONE, one_person=False, message="two, please")
    require_second_person(ONE.id, ONE, one_person=True, message="two, please")


def test_an_author_is_known_by_id_and_not_by_name() -> None:
    assert is_author(ONE.id, ONE)
    assert not is_author(ONE.id, OTHER)
