"""The files that a request is about: of a draft, or of a proposal."""

from gateway.core.errors import InvalidRequest
from gateway.governance.policies.schemas import PolicyDraftBody
from gateway.governance.policies.service import KIND, Policies
from gateway.governance.proposals.service import Proposals


class DraftFiles:
    """Reads the whole bundle that a draft or proposal makes."""

    def __init__(self, policies: Policies, proposals: Proposals) -> None:
        self._policies = policies
        self._proposals = proposals

    async def of(self, body: PolicyDraftBody) -> dict[str, str]:
        """The files of the bundle.

        Raises:
            InvalidRequest: when the proposal is about something else, or another bundle than the
                draft was made from is in force.
        """
        if body.proposal is None:
            _, files = await self._policies.whole(body.files, whole=body.whole, base=body.base)
            return files
        stored = await self._proposals.get(body.proposal)
        if stored.summary.kind != KIND:
            raise InvalidRequest("This proposal is not about policies.", param="proposal")
        return self._policies.files_of(stored.document)
