"""The Containerfile and its scripts agree with each other, with the chart and with the locks."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_TEXT = (_ROOT / "Containerfile").read_text(encoding="utf-8")
_COPIED = sorted({
    source
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", _TEXT, re.MULTILINE)
    for source in sources.split()
})
_SCRIPTS = ("image.sh", "image-root.sh", "image-install.sh", "sbom.py")


def stages() -> list[str]:
    return re.findall(r"^FROM \S+ AS (\S+)$", _TEXT, re.MULTILINE)


def test_without_a_target_it_builds_the_gateway() -> None:
    assert stages()[-1] == "gateway"
    assert "worker" in stages()


def test_its_user_is_that_of_the_chart() -> None:
    chart = (_ROOT / "helm/templates/_helpers.tpl").read_text(encoding="utf-8")
    user, group = (re.search(rf"runAs{who}: (\d+)", chart) for who in ("User", "Group"))
    assert user is not None
    assert group is not None
    assert re.findall(r"^USER (.+)$", _TEXT, re.MULTILINE) == [f"{user[1]}:{group[1]}"]
    assert f"sluis:x:{user[1]}:{group[1]}:" in (_ROOT / "scripts/image-root.sh").read_text("utf-8")


@pytest.mark.parametrize("source", _COPIED)
def test_what_it_copies_exists_and_is_not_ignored(source: str) -> None:
    ignored = (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert (_ROOT / source).exists()
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    assert any(Path(source).match(pattern) for pattern in allowed)


def test_it_installs_by_hash_from_the_locks_of_the_image() -> None:
    script = (_ROOT / "scripts/image-install.sh").read_text(encoding="utf-8")
    assert "--require-hashes" in script
    named = set(re.findall(r"requirements-\w+\.lock", _TEXT + script))
    assert named == {f"requirements-{name}.lock" for name in ("build", "runtime", "worker")}


@pytest.mark.parametrize("name", _SCRIPTS)
def test_scripts_name_no_registry(name: str) -> None:
    text = (_ROOT / "scripts" / name).read_text(encoding="utf-8")
    hosts = re.findall(r"https?://([\w.-]+)", text)
    assert set(hosts) <= {"cyclonedx.org"}  # the name of a schema


def test_what_is_left_out_is_no_package_that_the_code_imports() -> None:
    pruned = (_ROOT / "scripts/image-prune.txt").read_text(encoding="utf-8").splitlines()
    modules = {
        line.rstrip("/*").replace("/", ".")
        for line in pruned
        if "/" in line and not line.startswith(("#", "*"))
    }
    assert importing(modules) == []


def test_packages_that_the_image_has_not_are_in_no_lock_of_it_and_not_imported() -> None:
    listed = (_ROOT / "scripts/not-in-image.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z0-9-]+) ;", listed, re.MULTILINE)
    assert packages
    assert importing({package.replace("-", "_") for package in packages}) == []
    lock = (_ROOT / "requirements-runtime.lock").read_text(encoding="utf-8")
    assert [one for one in packages if re.search(rf"^{one}==", lock, re.MULTILINE)] == []


def test_charts_that_the_image_has_not_are_not_drawn() -> None:
    pages = (_ROOT / "admin").rglob("*.py")
    absent = re.compile(r"\b(?:plotly_chart|pydeck_chart|st\.map)\(")
    assert [path for path in pages if absent.search(path.read_text(encoding="utf-8"))] == []


def importing(modules: set[str]) -> list[Path]:
    """The files of the product that import one of these modules."""
    code = [path for part in ("gateway", "admin") for path in (_ROOT / part).rglob("*.py")]
    imports = re.compile(
        r"^\s*(?:from|import) (?:" + "|".join(map(re.escape, modules)) + r")\b", re.MULTILINE
    )
    return [path for path in code if imports.search(path.read_text(encoding="utf-8"))]
