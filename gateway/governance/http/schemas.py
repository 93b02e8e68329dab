"""The base of request bodies: unknown fields are refused."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Document = dict[str, Any]


class Body(BaseModel):
    """A request body that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class ReasonBody(Body):
    """Why."""

    reason: str = Field(min_length=3, max_length=500)
