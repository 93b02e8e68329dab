"""The versions to serve and the limits of one worker."""

from dataclasses import dataclass
from pathlib import Path

PAGE_SIZE = 32  # tokens


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One approved version: the directories of its files and their digests.

    ``digest`` is the version's digest (gateway.core.manifest.version_digest); it must follow from
    the digests of base and adapter. ``earlier`` are the versions that its tags named before, the
    last first: one of them goes on until this one is ready.
    """

    name: str
    version: str
    tags: tuple[str, ...]
    base_dir: Path
    base_digest: str
    adapter_dir: Path | None
    adapter_digest: str | None
    digest: str
    earlier: tuple["ServedModel", ...] = ()

    @property
    def key(self) -> str:
        """What tells versions apart: the name and the bytes."""
        return f"{self.served_name} {self.digest}"

    @property
    def served_name(self) -> str:
        """The name by which clients request exactly this version."""
        return f"{self.name}@{self.version}"

    @property
    def aliases(self) -> tuple[str, ...]:
        """Names by tag that point to this version now."""
        return tuple(f"{self.name}@{tag}" for tag in self.tags)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """Limits of one worker process; what is 0 or None is sized from memory (gateway.worker.plan).

    ``num_blocks * page_size`` is the number of tokens that all running requests of one version may
    hold together. Pages are shared only when whole, so small pages let short system prompts hit.
    ``max_batch_tokens`` bounds the tokens of one forward pass, ``max_waiting`` the requests of
    one version that wait for a full pool, ``threads`` torch's threads; ``dtype`` is the precision
    of the weights, ``request_deadline_s`` the
    seconds a request may take, its time in the queue included. A version that another has replaced
    is unloaded when it got no request for ``handover_s`` seconds. ``metrics_token`` is the bearer
    that ``/metrics`` asks for; with ``old_metric_names`` metrics also have those of the version
    before.
    """

    token: str
    num_blocks: int = 0
    page_size: int = PAGE_SIZE
    max_batch_tokens: int = 0
    max_waiting: int | None = None
    dtype: str = "auto"
    threads: int = 2
    request_deadline_s: float = 120.0
    default_max_tokens: int = 512
    handover_s: float = 15.0
    metrics_token: str | None = None
    old_metric_names: bool = True

    def __post_init__(self) -> None:
        """Refuse limits that make no sense.

        Raises:
            ValueError: when one is missing or too low.
        """
        sized = (self.num_blocks, self.max_batch_tokens, self.max_waiting or 0)
        if not self.token or min(self.page_size, self.threads) < 1 or min(sized) < 0:
            raise ValueError("Give a token, at least 1 for page_size and threads, and no less.")
