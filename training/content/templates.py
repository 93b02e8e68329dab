"""Prompt templates of frameworks: ordinary text that tells a model how to behave.

They are read from the packages of the frameworks, in training and in measuring only; none of them
is in the repository. Some frameworks are kept apart: training never reads them.

Example:
  .venv/bin/python -m training.content.templates --cache /var/tmp/content
"""

import ast
import json
import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from pathlib import Path

from evaluation.content import Share, as_product
from gateway.classifiers.content.classifier import MODEL, ContentClassifier
from gateway.decisions import ContentRules
from training.content import sources

SLOT = "\ue000"  # stands for what an application fills in
TRAINED = {
    "llama-index-core==0.14.25": (
        "llama_index_core-0.14.25-py3-none-any.whl",
        "caa7d9c5ac9b13dc33400cf8d5e92e689b6d1e4497eb9bfa50d6f52ca2eb22a1",
    ),
    "smolagents==1.26.0": (
        "smolagents-1.26.0-py3-none-any.whl",
        "70e1cfb1576f782da93190ee31d9bb2659e5ca4bd84fda0c412e1f20498f28b6",
    ),
    "langchain==1.5.2": (
        "langchain-1.5.2-py3-none-any.whl",
        "e6c2df67337cae4f13b93460e586084ad8c7c7cfd540d27e2572a96308747a7c",
    ),
    "langchain-classic==1.0.8": (
        "langchain_classic-1.0.8-py3-none-any.whl",
        "1a11ea7fbe630c4f2af2f3873d27718ceac9488cf32d0821030be7cf039a6213",
    ),
    "langgraph==1.2.24": (
        "langgraph-1.2.24-py3-none-any.whl",
        "312f9a75c1aa0dde5571da32c5c24b891e726fa9781b835b956ec6d9746fa943",
    ),
    "haystack-ai==3.4.1": (
        "haystack_ai-3.4.1-py3-none-any.whl",
        "f9093156d534adcf92ef68d03601c11b67f0945e81b00e999504b68bce4fdd80",
    ),
    "dspy==3.4.1": (
        "dspy-3.4.1-py3-none-any.whl",
        "afda9e7f8b3d46be0829af19ac1153a6feaa6db5923f2b1011eef547fb15ce2d",
    ),
    "openai-agents==0.24.0": (
        "openai_agents-0.24.0-py3-none-any.whl",
        "18d4ac34e84ed937333ec8ce46395ed3521ffcbb0a521780a4c2eaa451467f49",
    ),
    "pydantic-ai-slim==2.68.0": (
        "pydantic_ai_slim-2.68.0-py3-none-any.whl",
        "bb2fe81f198b77da7686f7b78c78c8a8ce966807c77d9ae277950fc20b77b165",
    ),
    "semantic-kernel==1.45.0": (
        "semantic_kernel-1.45.0-py3-none-any.whl",
        "57b744fa7dc00cc3c151145bc0420684346b72230ba6620a8fbdd7c6345b6f81",
    ),
    "instructor==1.17.0": (
        "instructor-1.17.0-py3-none-any.whl",
        "f6b1832d178e899ee0a6a3f247e221f19580fa525c815211c02447691d761217",
    ),
    "crewai==1.15.30": (
        "crewai-1.15.30-py3-none-any.whl",
        "a54909d778971a7ef21b6a1d52a59090fcc3e1c3fb09bb5ea5b117e6157e0e65",
    ),
    "autogen-agentchat==0.7.5": (
        "autogen_agentchat-0.7.5-py3-none-any.whl",
        "d19ca8ec26cb15e071a56c4269140aea2bf3c718bdc7e06f6677af9a905815ba",
    ),
    "metagpt==0.8.2": (
        "metagpt-0.8.2-py3-none-any.whl",
        "aa077423aad6ed5e2cef762a71f028b54105adb3776a76cdcadc80aa716ff611",
    ),
    "camel-ai==0.2.90": (
        "camel_ai-0.2.90-py3-none-any.whl",
        "9998c434779a1a847d9ccddce1c069f22fb9667b19ba06a2452c479882169082",
    ),
    "gpt-researcher==0.15.1": (
        "gpt_researcher-0.15.1-py3-none-any.whl",
        "d75cee841f3d0f524e7da23ba091bd013492711d859f5dc2023207ccaec7a482",
    ),
}
KEPT = {
    "agno==3.1.10": (
        "agno-3.1.10-py3-none-any.whl",
        "ea1d0d2f8f7e8d0c413c2a1df57b4c784dac2f70ceac1f69b935fd8d2ef68c7e",
    ),
    "browser-use==0.13.14": (
        "browser_use-0.13.14-py3-none-any.whl",
        "0023721820b32a71f209955960eb771f7683cde4ddc2071f36b1641b04925095",
    ),
    "deepeval==4.3.1": (
        "deepeval-4.3.1-py3-none-any.whl",
        "a269343d74232b43aa75501d77b21bfacbad2701f3134a5ad76589489e0b7789",
    ),
    "mem0ai==2.2.1": (
        "mem0ai-2.2.1-py3-none-any.whl",
        "fe91bb91ac8926231993a4aa58df00a60c6c74c709e6a338fe399500776eef4d",
    ),
    "ragas==0.4.3": (
        "ragas-0.4.3-py3-none-any.whl",
        "ef1d75f674c294e9a6e7d8e9ad261b6bf4697dad1c9cbd1a756ba7a6b4849a38",
    ),
}
_CONTENT_RULES = Path(__file__).resolve().parents[2] / "policies" / "content.yaml"
_NAMED = re.compile(r"prompt|template|tmpl|instruction|system|prefix|suffix", re.IGNORECASE)
_BRACES = re.compile(r"\{\{?[^{}\n]{1,60}\}?\}")
_BLOCK = re.compile(r"(?m)^( *)[\w-]+: [|>][-+]?\n((?:\1 +.*\n|\s*\n)+)")
# Folders and files of attacks that a framework generates, to test others.
_ATTACKS = re.compile(
    r"misalign|red_?team|attack|jailbreak|inject|adversar|guard|security", re.IGNORECASE
)
_LEAST, _MOST = 100, 12_000  # characters
_PIECE = 20  # characters of a constant that belongs to a template


def templates(folders: Iterable[Path]) -> list[str]:
    """Return the templates in unpacked packages, with ``SLOT`` where they are filled in.

    A template that the shipped phrases refuse is left out: it holds what an attack says.
    """
    rules = ContentRules(_CONTENT_RULES.read_text(encoding="utf-8"))
    found = dict.fromkeys(text for folder in folders for text in _of_folder(folder))
    return [one for one in found if not rules.fired_by(one)]


def filled(template: str, values: Iterator[str]) -> str:
    """Return a template with its slots filled."""
    first, *others = template.split(SLOT)
    return first + "".join(next(values) + one for one in others)


def fetch(cache: Path, wheels: dict[str, tuple[str, str]]) -> list[Path]:
    """Fetch the packages that the cache lacks; return the folder of each, unpacked."""
    return [sources.unpacked(cache, package, *file) for package, file in wheels.items()]


def _of_folder(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if _ATTACKS.search(str(path.relative_to(folder))) or path.suffix not in _READERS:
            continue
        for text in _READERS[path.suffix](path):
            marked = _BRACES.sub(SLOT, text).strip()
            if len(marked) >= _LEAST:
                yield marked[:_MOST]


def _of_python(path: Path) -> Iterator[str]:
    """Yield the constants that are assigned to a name which speaks of prompts."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        target = node.targets[0]
        if isinstance(target, ast.Name) and _NAMED.search(target.id):
            yield "".join(_pieces(node.value))


def _pieces(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > _PIECE:
        yield node.value
    elif isinstance(node, ast.FormattedValue):
        yield SLOT
    else:
        for one in ast.iter_child_nodes(node):
            yield from _pieces(one)


def _of_yaml(path: Path) -> Iterator[str]:
    if "prompt" in str(path):
        for found in _BLOCK.finditer(path.read_text(encoding="utf-8") + "\n"):
            yield re.sub(r"(?m)^ {1,4}", "", found[2])


def _of_json(path: Path) -> Iterator[str]:
    if path.stem == "en":
        yield from _texts_in(json.loads(path.read_text(encoding="utf-8")))


def _texts_in(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for one in node.values():
            yield from _texts_in(one)
    elif isinstance(node, str):
        yield node


_READERS = {".py": _of_python, ".yaml": _of_yaml, ".json": _of_json}


def main() -> None:
    """Print how many templates are taken for an attack, filled with one sentence about locks."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the fetched packages")
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    read = as_product(ContentClassifier(options.model))
    rules = ContentRules(_CONTENT_RULES.read_text(encoding="utf-8"))
    for name, wheels in (("frameworks of training", TRAINED), ("kept apart", KEPT)):
        texts = templates(fetch(options.cache, wheels))
        refused = []
        for text in texts:
            asked = filled(text, iter(lambda: _SENTENCE, None))
            categories = {one.category: one.probability for one in read(asked)}
            fired = rules.fired_by(asked, categories=categories)
            refused.append(any(map(rules.refuses, fired)))
        share = Share(sum(refused), len(refused)).figures()
        print(f"{name}: {share}")  # noqa: T201


_SENTENCE = (
    "Een sluis is een waterbouwkundig werk tussen twee waterwegen met verschillend waterpeil."
)


if __name__ == "__main__":
    main()
