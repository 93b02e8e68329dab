"""The resources of SCIM, with the attributes that are stored.

Attributes that are sent and not listed here are accepted and dropped: nothing is stored of a person
that nothing needs.
"""

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from gateway.governance.persons.records import MAX_ADDRESS, MAX_NAME

PREFIX = "/scim/v2"
MAX_RESULTS = 200
# The departures from the specification that Microsoft Entra ID needs.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
_NO_NUL = r"^[^\x00]*$"  # no database stores it in a text
_Name = Annotated[str, StringConstraints(max_length=MAX_NAME, pattern=_NO_NUL)]
_Address = Annotated[str, StringConstraints(max_length=MAX_ADDRESS, pattern=_NO_NUL)]


class PersonName(ComplexAttribute):
    """The parts of a person's name."""

    formatted: _Name | None = None
    family_name: _Name | None = None
    given_name: _Name | None = None


class PersonEmail(ComplexAttribute):
    """An e-mail address."""

    value: _Address | None = None
    type: _Name | None = None
    primary: bool | None = None


class PersonGroup(ComplexAttribute):
    """A group that has a person as a member."""

    value: Annotated[str | None, Mutability.read_only] = None
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[Any]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[_Name | None, Uniqueness.server, Required.true] = None
    name: PersonName | None = None
    display_name: _Name | None = None
    active: bool | None = None
    emails: Annotated[list[PersonEmail] | None, Field(max_length=20)] = None
    groups: Annotated[list[PersonGroup] | None, Mutability.read_only] = None


class Member(ComplexAttribute):
    """A member of a group."""

    value: Annotated[_Name | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )


class Group(Resource[Any]):
    """A group of persons. Rights come from the claims of tokens, not from these groups."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[_Name | None, Required.true] = None
    members: list[Member] | None = None


PROVIDER = ScimProvider(
    models=[User, Group],
    policy=POLICY,
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MAX_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="An admin key of Sluis with the role scim_client.",
            )
        ],
    ),
)
