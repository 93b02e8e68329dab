"""The report on what a proposed bundle changes, as the API shows it."""

from gateway.governance.http.schemas import ResponseBody


class ChangedNames(ResponseBody):
    """Names that are new, gone, or say something else."""

    added: list[str]
    removed: list[str]
    changed: list[str]


class SettingChange(ResponseBody):
    """A changed value; null where there is none. Of lists only the items that differ."""

    name: str
    before: str | None
    after: str | None


class RuleChange(ResponseBody):
    """A rule that was added, removed or changed, with its changed fields."""

    rule: str
    change: str
    fields: list[SettingChange]


class LatticeChange(ResponseBody):
    """Combinations that are decided differently: allow, redact or refuse.

    ``only`` has the values of the attributes that matter; all others may have any value.
    """

    before: str
    after: str
    wider: bool
    only: dict[str, list[str]]


class LatticeReport(ResponseBody):
    """What authorisation decides differently over all combinations of what its rules mention.

    ``whole`` is false where names were compared one at a time, because there are too many.
    """

    combinations: int
    whole: bool
    changes: list[LatticeChange]


class PolicyDifference(ResponseBody):
    """What a bundle changes of another; ``sentences`` say it by language.

    ``lattice`` is null when the bundle before cannot be used any more.
    """

    before: str
    after: str
    files: ChangedNames
    lattice: LatticeReport | None
    authorisation: list[RuleChange]
    content: list[RuleChange]
    settings: list[SettingChange]
    cases: ChangedNames
    sentences: dict[str, list[str]]
