"""Texts for complainants in Dutch and English, as ``texts/LANGUAGE.yaml`` has them."""

from functools import cache
from importlib.resources import files

from gateway.core.text import yaml_text

LANGUAGES = ("nl", "en")


@cache
def texts_of(language: str) -> dict[str, dict[str, str]]:
    """The texts of a language by group and name."""
    file = files("gateway.governance.cases").joinpath("texts", f"{language}.yaml")
    return yaml_text.mapping(file.read_text("utf-8"))
