"""What npm leaves half done is not taken for an installation."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import npm_package

# Plays npm: writes the package into node_modules; its manifest is cut short when asked.
_NPM = """#!/bin/sh
echo attempt >> "{count}"
mkdir -p node_modules/letters
echo 'export const a = 1;' > node_modules/letters/index.mjs
if [ "$(wc -l < "{count}")" -le {broken} ]; then
  printf '' > node_modules/letters/package.json
else
  echo '{{"name": "letters", "exports": "./index.mjs"}}' > node_modules/letters/package.json
fi
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], int]:
    """Installs with an npm that fails so many times first; gives how often npm ran in all."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed: it loads what was installed")
    source, folder, programs = (tmp_path / name for name in ("source", "folder", "bin"))
    for one in (source, folder, programs):
        one.mkdir()
    for name in ("package.json", "package-lock.json"):
        (source / name).write_text("{}", encoding="utf-8")
    count = tmp_path / "count"

    def run(broken: int) -> int:
        npm = programs / "npm"
        npm.write_text(_NPM.format(count=count, broken=broken), encoding="utf-8")
        npm.chmod(0o755)
        monkeypatch.setenv("PATH", str(programs), prepend=":")
        npm_package.install(source, folder, ("letters",))
        return len(count.read_text(encoding="utf-8").splitlines())

    return run


def test_a_broken_installation_is_made_again_and_a_good_one_is_kept(
    install: Callable[[int], int],
) -> None:
    assert install(1) == 2
    assert install(1) == 2


def test_what_never_loads_is_an_error_that_says_why(install: Callable[[int], int]) -> None:
    with pytest.raises(RuntimeError, match=r"letters could not be installed[\s\S]*package\.json"):
        install(9)
