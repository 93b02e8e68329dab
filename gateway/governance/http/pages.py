"""Pages of lists: ``limit`` and ``after``, and the beginning of a name.

Without ``limit`` a list is whole, as it always was. A page names the cursor of the one after it as
``next``; the answer to a cursor is what comes behind that object, whatever was made since.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from gateway.core.errors import InvalidRequest

MOST_OF_A_PAGE = 1000
_LONGEST = 256  # characters of a cursor
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which part of a list to give: those whose name begins so, at most ``limit`` behind one."""

    limit: int | None = None
    after: str | None = None
    name_prefix: str = ""


WHOLE = PageQuery()


def _page_query(
    limit: Annotated[int | None, Query(ge=1, le=MOST_OF_A_PAGE)] = None,
    after: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    name_prefix: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> PageQuery:
    return PageQuery(limit, after, name_prefix)


Paged = Annotated[PageQuery, Depends(_page_query)]


def page_of(
    found: Sequence[T], asked: PageQuery, *, name: Callable[[T], str], place: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """A page of a list that is in memory, and the cursor of the next one.

    ``place`` is what names an object for good: it is the cursor.

    Raises:
        InvalidRequest: when what the cursor names is no longer there.
    """
    start = 0
    if asked.after is not None:
        places = [place(one) for one in found]
        if asked.after not in places:
            raise no_such_page()
        start = places.index(asked.after) + 1
    left = [one for one in found[start:] if name(one).startswith(asked.name_prefix)]
    if asked.limit is None or len(left) <= asked.limit:
        return left, None
    page = left[: asked.limit]
    return page, place(page[-1])


def no_such_page() -> InvalidRequest:
    """The refusal of a cursor that is of no page."""
    return InvalidRequest(
        "`after` is of no page of this list: begin again without it.", param="after"
    )
