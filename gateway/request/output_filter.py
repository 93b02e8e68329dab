"""What governs the texts of an answer: content rules, the mask, and the restoring of values.

Each text of an answer has its own guard, mask and restorer, so pieces give the same result as the
whole. Rules are matched on the text as the provider sent it; what is restored afterwards was the
caller's own. Which texts an answer has is the dialect's knowledge: it opens a channel for each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.decisions import AnswerTo, ContentRules, OutputGuard
from gateway.privacy import AnswerMask, Vault, may_hold

LONGEST_HELD = 128  # guard and restorer hold fewer than 64 each; the mask has what they leave

_TO_ANYBODY = AnswerTo()


class TextRestorer(Protocol):
    """Puts values back into a text that comes in pieces.

    ``unknown`` counts placeholders that are not of this conversation, ``kept`` those that stay for
    what they are part of; ``held`` the characters that are not yet released, always fewer than 64.
    """

    unknown: int
    kept: int

    @property
    def held(self) -> int: ...

    def feed(self, text: str) -> str:
        """What may be released now."""
        ...

    def finish(self) -> str:
        """What was still held back."""
        ...


@dataclass(slots=True)
class _Channel:
    """One text. ``vault`` is None where nothing can be restored.

    ``for_tool``: it is for a program of the caller. ``restores``: not for one that sends it on.
    ``signed``: it is not stored. ``withheld``: its rules count, but nothing of it is released.
    """

    guard: OutputGuard
    mask: AnswerMask | None
    vault: Vault | None
    json: bool
    for_tool: bool = False
    restores: bool = True
    signed: bool = False
    withheld: bool = False
    restorer: TextRestorer | None = None
    received: list[str] = field(default_factory=list)

    def feed(self, piece: str) -> str:
        """What may be released after this piece."""
        self.received.append(piece)
        if self.mask is None:
            return self._restored(self.guard.feed(piece))
        return "".join(self._masked(self.mask, piece))

    def finish(self) -> str:
        """What was held back."""
        cleared = self.guard.finish()
        if self.mask:
            self.mask.add(cleared)
            cleared = self.mask.finish()
        released = self._restored(cleared)
        return released + self.restorer.finish() if self.restorer else released

    def complete(self, text: str) -> str:
        """What may be released of a text that came as a whole."""
        if not (may_hold(text) or (self.vault is not None and self.vault.substitutes)):
            self.vault = None
        if self.mask is None and self.guard.passes(text):
            self.received.append(text)
            released = self._restored(text)
            return released + self.restorer.finish() if self.restorer else released
        released = self.feed(text)
        return released + self.finish()

    @property
    def held(self) -> int:
        """How many characters guard, mask and restorer hold back together."""
        masked = self.mask.held if self.mask else 0
        return self.guard.held + masked + (self.restorer.held if self.restorer else 0)

    def _masked(self, mask: AnswerMask, piece: str) -> Iterator[str]:
        """Fills up to the limit each time: windows depend on the text alone, not on its pieces."""
        at = 0
        while at < len(piece):
            room = LONGEST_HELD - self.held
            mask.add(self.guard.feed(piece[at : at + room]))
            at += room
            while self.held >= LONGEST_HELD:
                yield self._restored(mask.release())

    def _restored(self, cleared: str) -> str:
        if self.withheld:
            return ""
        if self.vault is None:
            return cleared
        if self.restorer is None:
            self.restorer = self.vault.restorer(
                json=self.json, code=self.for_tool, restores=self.restores
            )
        return self.restorer.feed(cleared)


class _Controls:
    """Makes channels, and knows all of them.

    Groups hold it, so it must not hold them: a cycle would keep each request in memory until the
    next garbage collection.
    """

    def __init__(
        self,
        rules: ContentRules,
        vault: Vault | None,
        mask: Callable[[], AnswerMask] | None,
        external: Callable[[str], bool] | None,
        answer: AnswerTo,
    ) -> None:
        self.vault = vault
        self.channels: list[_Channel] = []
        self._rules = rules
        self._mask = mask
        self._external = external
        self._answer = answer

    def signed(self) -> _Channel:
        """A text that must not change: it is withheld where a mask would have to change it."""
        channel = _Channel(
            self._rules.guard(self._answer, fixed=True),
            None,
            None,
            json=False,
            signed=True,
            withheld=bool(self._mask),
        )
        self.channels.append(channel)
        return channel

    def open(self, *, json: bool, tool: str | None) -> _Channel:
        restores = tool is None or self._external is None or not self._external(tool)
        # The arguments of a tool are JSON, in which a mask could stand where a number must.
        mask = self._mask() if self._mask and not json else None
        guard = self._rules.guard(self._answer, json=json, tool=tool)
        channel = _Channel(guard, mask, self.vault, json, tool is not None, restores)
        self.channels.append(channel)
        return channel


class _Group:
    """The texts of one choice."""

    def __init__(self, controls: _Controls) -> None:
        self._controls = controls
        self.channels: dict[str, _Channel] = {}

    @property
    def blocked(self) -> bool:
        """Whether a content rule ended one of the texts."""
        # A loop, because each chunk asks and a generator costs as much as its body.
        for channel in self.channels.values():  # noqa: SIM110
            if channel.guard.blocked:
                return True
        return False

    def open(
        self, label: str, *, json: bool = False, tool: str | None = None, signed: bool = False
    ) -> _Channel:
        """The channel of a text, the same one for the same label."""
        channel = self.channels.get(label)
        if channel is None:
            controls = self._controls
            channel = controls.signed() if signed else controls.open(json=json, tool=tool)
            self.channels[label] = channel
        return channel

    def flush(self) -> Iterator[tuple[str, str]]:
        """Label and rest of each text that was held back."""
        for label, channel in self.channels.items():
            rest = channel.finish()
            if rest:
                yield label, rest


class OutputFilter:
    """Governs all texts of one answer; implements ``AnswerTexts`` of the dialects."""

    def __init__(
        self,
        rules: ContentRules,
        vault: Vault | None,
        mask: Callable[[], AnswerMask] | None = None,
        *,
        external: Callable[[str], bool] | None = None,
        answer: AnswerTo = _TO_ANYBODY,
    ) -> None:
        """``vault`` is None when nothing was redacted, so that nothing is to be restored.

        ``mask`` makes what takes new personal data out of one text, where policy asks for that.
        ``external`` says of a tool's name whether nothing is restored in what is written for it.
        ``answer`` says to which request, and what it names.
        """
        self._controls = _Controls(rules, vault, mask, external, answer)
        self._groups: dict[int, _Group] = {}
        self.sealed: list[Any] = []

    @property
    def restores(self) -> bool:
        """Whether values are put back for placeholders."""
        return self._controls.vault is not None

    @property
    def fired(self) -> list[str]:
        """Ids of all output rules that matched, sorted."""
        return sorted({rule for channel in self._controls.channels for rule in channel.guard.fired})

    @property
    def blocked(self) -> str | None:
        """The rule that ended the answer, if one did."""
        for channel in self._controls.channels:
            if channel.guard.blocked:
                return channel.guard.blocked
        return None

    @property
    def unknown(self) -> int:
        """Placeholders that stand for nothing known here: invented, or of another conversation."""
        return sum(
            channel.restorer.unknown for channel in self._controls.channels if channel.restorer
        )

    @property
    def kept(self) -> int:
        """Placeholders that stay because of what they are part of."""
        return sum(channel.restorer.kept for channel in self._controls.channels if channel.restorer)

    @property
    def masked(self) -> int:
        """How many values the mask took out of the answer."""
        return sum(channel.mask.masked for channel in self._controls.channels if channel.mask)

    @property
    def size(self) -> int:
        """Characters received so far."""
        return sum(len(piece) for channel in self._controls.channels for piece in channel.received)

    def received(self) -> list[dict[str, str]]:
        """Each text as the provider sent it, by choice and label, placeholders still in place.

        Signed texts are left out.
        """
        return [
            {
                label: "".join(channel.received)
                for label, channel in group.channels.items()
                if not channel.signed
            }
            for group in self._groups.values()
        ]

    def group(self, index: int) -> _Group:
        """The texts of the choice with this index."""
        group = self._groups.get(index)
        if group is None:
            group = self._groups[index] = _Group(self._controls)
        return group

    def restore_name(self, name: str) -> str:
        """An identifier, such as the name of a tool, as the caller wrote it."""
        vault = self._controls.vault
        return vault.restore_name(name) if vault else name

    def seal(self, value: Any) -> None:
        """Registers a signed or opaque value of the answer."""
        self.sealed.append(value)
