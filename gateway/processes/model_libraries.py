"""What the libraries of language models find in the environment: they load nothing from a hub."""

from collections.abc import Mapping
from types import MappingProxyType

OFFLINE: Mapping[str, str] = MappingProxyType({
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "USE_HUB_KERNELS": "NO",
})
# Their notices would hide the lines that the operator needs.
QUIET: Mapping[str, str] = MappingProxyType({
    **OFFLINE,
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore::FutureWarning",
    "TRANSFORMERS_VERBOSITY": "error",
})
