"""Bases of request and response bodies, and the bodies that several slices share."""

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request body. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class ResponseBody(BaseModel):
    """A response body, built from keywords or from the attributes of a row."""

    model_config = ConfigDict(from_attributes=True)


class ReasonBody(Body):
    """The reason for an action."""

    reason: str = Field(min_length=3, max_length=500)


class StateResponse(ResponseBody):
    """The new state of what the request named."""

    state: str


class ObjectStateResponse(ResponseBody):
    """The id of an object, and its state."""

    id: str
    state: str


class WaitingChange(ResponseBody):
    """What waits for another person in a proposal, and what of the same call is in force."""

    proposal: str
    waiting: list[str]
    applied: list[str]


class StatusResponse(ResponseBody):
    """Whether the process is alive, or ready; else the parts that are not, with their reasons."""

    status: str
    reason: str | None = None
    parts: dict[str, str] | None = None


class ActorResponse(ResponseBody):
    """The caller, with roles and permissions."""

    id: str
    name: str
    roles: list[str]
    permissions: list[str]
