"""Packages that hold."""

from tests.support.packages import Log
from tests.support.verifier.cases import GOOD, Cases


def add_good(cases: Cases) -> None:
    log, old = cases.log, cases.before
    cases.add("middle", cases.middle, GOOD, "HOLDS: 17 entries of 2 logs")
    cases.add("range", cases.middle, GOOD, "entries 22 to 38 of the 45")
    cases.add(
        "erased", cases.middle, GOOD, "values of 2 entries are not in the package, and no entry"
    )
    cases.add("claims", cases.middle, GOOD, "names as witness file:w.txt, w1")
    cases.add("Dutch", cases.middle, GOOD, "KLOPT: 17 regels", "--language", "nl")
    for first, end in (
        (0, 45),
        (16, 32),
        (0, 0),
        (21, 21),
        (45, 45),
        (44, 45),
        (0, 1),
        (31, 45),
    ):
        package = log.package(cases.path(), first, end, before=old if first > 20 else "")
        cases.add(f"{first} to {end}", package, GOOD, f"HOLDS: {end - first} entries")
    for size in (0, 1, 2, 8, 9):
        cases.add(f"a log of {size}", Log().add(size).package(cases.path()), GOOD, "no witness has")
    cases.add(
        "grown to its beginning", log.package(cases.path(), 20, 30, before=old), GOOD, "(20 e"
    )
    whole = Log().add(32)
    power = whole.checkpoint()
    whole.add(8)
    cases.add("old power of two", whole.package(cases.path(), 33, 36, before=power), GOOD, "(32 e")
    for size, olds in ((32, (16, 20, 31)), (33, (20, 32)), (48, (20, 32, 47))):
        log, before = Log(), {}
        for old_size in olds:
            before[old_size] = log.add(old_size - log.size).checkpoint()
        log.add(size - log.size)
        for old_size, head in before.items():
            package = log.package(cases.path(), old_size, size, before=head)
            cases.add(f"{size} from {old_size}", package, GOOD, f"({old_size} entries)")
    for size in (64, 77, 85):
        log = Log().add(size)
        witnessed = [log.witnessed("w", old) for old in range(1, size)]
        cases.add(
            f"all that {size} grew from", log.package(cases.path(), witnessed=witnessed), GOOD
        )
    # A log that is larger than one tile, and an old head at many sizes: every turn of the proofs.
    large = Log()
    heads = {size: large.add(size - large.size).checkpoint() for size in (1, 6, 7, 8, 12, 127)}
    large.add(200)
    for size, head in heads.items():
        package = large.package(cases.path(), 130, 133, before=head)
        cases.add(f"grown from {size}", package, GOOD, f"({size} entries)")
