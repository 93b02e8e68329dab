"""Values of a closed range: what they may be is written in the field table."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.fields.walk import DROP, FieldsError, Path, Walk, dotted, wrong_type

_DECIMALS = 4
_OPEN_SEED = 65_536
_MOST_BIASES = 1024
_TOKEN_ID = re.compile(r"[0-9]{1,7}\Z")


@dataclass(frozen=True, slots=True)
class Pinned:
    value: Any

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value not in (None, self.value):
            walk.dropped.append(dotted(path))
        return self.value


@dataclass(frozen=True, slots=True)
class OneOf:
    values: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and value in self.values):
            return value
        raise wrong_type(path, "one of: " + ", ".join(sorted(self.values)))


@dataclass(frozen=True, slots=True)
class Listed:
    """A value of a reviewed list; any other is left out and named."""

    values: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and value in self.values):
            return value
        walk.dropped.append(dotted(path))
        return DROP


@dataclass(frozen=True, slots=True)
class Bounded:
    """A number of a range, both ends included; ``whole`` where no fraction is allowed.

    A fraction is rounded to four decimals: more would be room for a number of a person.
    """

    least: float
    most: float
    whole: bool

    @classmethod
    def of(cls, bounds: Sequence[float], where: str, *, whole: bool) -> "Bounded":
        """The range that a node of the field table gives.

        Raises:
            FieldsError: when it gives no range.
        """
        match bounds:
            case [int() | float() as least, int() | float() as most] if least <= most:
                return cls(least, most, whole)
        raise FieldsError(f"{where}: expected the least and the greatest value, in this order")

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        numeric = type(value) is int or (type(value) is float and not self.whole)
        if not numeric or not self.least <= value <= self.most:
            kind = "a whole number" if self.whole else "a number"
            raise wrong_type(path, f"{kind} from {self.least} to {self.most}")
        return value if type(value) is int else round(value, _DECIMALS)


class TokenBiasClass:
    """A bias by token id, as OpenAI's logit_bias: ids of at most seven digits, -100 to 100 each."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not dict or len(value) > _MOST_BIASES:
            raise wrong_type(path, f"an object of at most {_MOST_BIASES} token ids")
        for token, bias in value.items():
            if not _TOKEN_ID.match(token):
                raise wrong_type(path, "an object by token id")
            if type(bias) not in (int, float) or not -100 <= bias <= 100:
                raise wrong_type(path, "an object of numbers from -100 to 100")
        return value


class SeedClass:
    """A seed: a longer one becomes one of 16 bits, which cannot hold a number of a person.

    Equal seeds stay equal, so an answer can be repeated as before.
    """

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is int and 0 <= value < _OPEN_SEED):
            return value
        if type(value) is not int:
            raise wrong_type(path, "a whole number")
        digest = hashlib.blake2b(str(value).encode(), digest_size=2).digest()
        return int.from_bytes(digest, "big")
