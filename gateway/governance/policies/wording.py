"""The texts of sentences about policies, in Dutch and English."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files as package_files

from gateway.core.text import yaml_text

LANGUAGES = ("en", "nl")


@cache
def texts_of(language: str) -> Mapping[str, str]:
    """The texts of a language by key."""
    file = package_files("gateway.governance.policies").joinpath("texts", f"{language}.yaml")
    return {str(key): str(text) for key, text in yaml_text.load(file.read_text("utf-8")).items()}


class PolicyWording:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts_of(language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key."""
        return self._texts[key].format(**values)

    def name(self, group: str, value: object) -> str:
        """The name of a code; the code itself without one."""
        return self._texts.get(f"{group}.{value}", str(value))

    def any_of(self, names: Sequence[str]) -> str:
        """The names as in ``a, b or c``."""
        return self._joined(names, self._texts["or"])

    def all_of(self, names: Sequence[str]) -> str:
        """The names as in ``a, b and c``."""
        return self._joined(names, self._texts["and"])

    @staticmethod
    def _joined(names: Sequence[str], last: str) -> str:
        *before, final = names
        return f"{', '.join(before)} {last} {final}" if before else final
