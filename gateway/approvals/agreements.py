"""Who agrees that a use case above minimal risk starts, or gets another risk class.

Its owner does, and an officer for data protection who is another person. Whoever proposed it may be
the owner and not the officer. Where no known person is the owner, another approver takes that
place, so three persons take part. This is code: no bundle and no configuration lowers it.
"""

import msgspec

from gateway.core.text.look_alikes import distinct_names, name_forms

OFFICER = "data_protection_officer"  # the role


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who agreed to a change, beside its author and its approver.

    ``others`` are the persons who approved it before the approver. ``officer`` is the one of the
    approvers who did so as officer for data protection. ``owners`` has the person who agreed as the
    owner of a use case, by its name; a use case whose owner is no known person is not there.
    """

    officer: str
    others: list[str] = []
    owners: dict[str, str] = {}

    def holds(self, use_case: str, author: str, approver: str) -> bool:
        """Whether these are enough persons, each in the place of one: no empty name is one."""
        approvers = [one for one in (approver, *self.others) if "" not in name_forms(one)]
        if not _is_one_of(self.officer, approvers) or _is_one_of(self.officer, [author]):
            return False
        owner = self.owners.get(use_case)
        if owner is None:
            return len(distinct_names([author, *approvers])) > 2 and "" not in name_forms(author)
        return _is_one_of(owner, [author, *approvers]) and not _is_one_of(owner, [self.officer])


def _is_one_of(person: str, persons: list[str]) -> bool:
    forms = name_forms(person) - {""}
    return any(forms & name_forms(name) for name in persons)
