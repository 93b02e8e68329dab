"""Entities of chunks: what of them belongs to the chunk, and the entities of the whole text."""

from collections.abc import Iterable

from msgspec.structs import replace

from gateway.classifiers.protocol import CONTENT, NO_NAME, Entity
from gateway.core.finding import SPECIAL_CATEGORIES


def of_part(entities: Iterable[Entity], context: int) -> list[Entity]:
    """Return the entities of a passage beyond its context; offsets are of the part behind it.

    An entity that begins in the context begins before 0. A special category counts wherever its
    stretch lies: its two sentences may be the last of the context and the first of the part.
    """
    if not context:
        return list(entities)
    found = []
    for one in entities:
        first = max(one.start, context) if one.type == NO_NAME else one.start
        if one.end > context or _of_whole(one):
            found.append(Entity(first - context, one.end - context, one.type, one.score))
    return found


def of_text(parts: Iterable[tuple[int, Iterable[Entity]]]) -> list[Entity]:
    """Return the entities of a text from those of its chunks, each with the start of the chunk.

    Names that overlap at a border become one, or the one with the higher score if their types
    differ. Of each special category the stretch with the highest score is left, as in one text.
    """
    names: list[Entity] = []
    nameless: list[Entity] = []
    categories: dict[str, Entity] = {}
    for start, entities in parts:
        for part in entities:
            one = Entity(part.start + start, part.end + start, part.type, part.score)
            if one.type == NO_NAME:
                nameless.append(one)
            elif not _of_whole(one):
                _add_name(names, one)
            elif one.type not in categories or categories[one.type].score < one.score:
                categories[one.type] = one
    return sorted(
        [*names, *categories.values(), *nameless], key=lambda entity: (entity.start, entity.end)
    )


def _of_whole(one: Entity) -> bool:
    """Whether a finding says something of the text, rather than of a place in it."""
    return one.type in SPECIAL_CATEGORIES or one.type.startswith(CONTENT)


def _add_name(names: list[Entity], new: Entity) -> None:
    """Add a name to those before it, which are in order and do not overlap."""
    while names and names[-1].end > new.start:
        last = names[-1]
        if last.type == new.type:
            new = replace(
                new,
                start=min(last.start, new.start),
                end=max(last.end, new.end),
                score=max(last.score, new.score),
            )
        elif last.score >= new.score:
            return
        names.pop()
    names.append(new)
