"""The Dutch citizen service number (burgerservicenummer) and the RSIN, which share a checksum."""

import stdnum.nl.bsn


def is_valid(digits: str) -> bool:
    """Whether 8 or 9 digits pass the eleven test; with 8 the leading zero was left out."""
    return len(digits) in (8, 9) and bool(stdnum.nl.bsn.is_valid(digits.zfill(9)))
