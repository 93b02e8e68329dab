"""Response bodies that incidents and complaints share."""

from gateway.governance.http.schemas import ResponseBody


class CaseTextsResponse(ResponseBody):
    """The texts of a case by part."""

    texts: dict[str, str]
