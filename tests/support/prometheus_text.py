"""Reads the text format of Prometheus as strictly as Prometheus itself does, and more."""

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
_PARTS = ("_bucket", "_sum", "_count")
Labels = dict[str, str]


@dataclass
class Family:
    """One metric: its type, its help, and its samples by name and labels."""

    type: str
    help: str
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)

    def value(self, suffix: str = "", **wanted: str) -> float:
        """The sum of the samples with these labels; ``suffix`` is that of a histogram's part."""
        return sum(
            value
            for (name, labels), value in self.samples.items()
            if (not suffix or name.endswith(suffix)) and wanted.items() <= dict(labels).items()
        )

    def labels(self) -> list[Labels]:
        """The labels of all samples."""
        return [dict(labels) for _, labels in self.samples]


def parse(text: str) -> dict[str, Family]:
    """The families by name.

    Raises:
        AssertionError: for a line that is none, a sample of no family, or one that comes twice.
    """
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    name, note = "", ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, note = line.split(" ", 3)
            assert name not in families, f"{name} comes twice"
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == name, line
            families[name] = Family(line.split(" ")[3], note)
        else:
            _take(families[name], name, line)
    for family in families.values():
        _check_histogram(family)
    return families


def _take(family: Family, name: str, line: str) -> None:
    found = _SAMPLE.fullmatch(line)
    assert found, line
    series, labels, value = found.groups()
    pairs = _LABEL.findall(labels or "")
    assert "".join(f'{one}="{text}",' for one, text in pairs).rstrip(",") == (labels or ""), line
    parts = [name + part for part in _PARTS] if family.type == "histogram" else [name]
    assert series in parts, f"{series} does not belong to {name}"
    key = (series, tuple(sorted(pairs)))
    assert key not in family.samples, f"{line} comes twice"
    family.samples[key] = float(value)


def _check_histogram(family: Family) -> None:
    """Buckets rise to +Inf, which is the count."""
    if family.type != "histogram":
        return
    series: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for (name, labels), value in family.samples.items():
        if name.endswith("_bucket"):
            rest = tuple(one for one in labels if one[0] != "le")
            series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    for rest, buckets in series.items():
        values = [value for _, value in sorted(buckets)]
        assert values == sorted(values)
        assert max(buckets)[0] == float("inf")
        (count,) = [
            v for (n, ls), v in family.samples.items() if n.endswith("_count") and ls == rest
        ]
        assert values[-1] == count
