"""Messages to complainants. Those sent before the language is known are in both languages."""

from datetime import datetime
from zoneinfo import ZoneInfo

UNKNOWN = (
    "Bij dit nummer is geen antwoord bekend. Neem het hele nummer over dat bij het antwoord stond "
    "(x-sluis-audit-id), of vraag het aan wie u het antwoord gaf. / "
    "No answer is known by this number. Copy the whole number that came with the answer "
    "(x-sluis-audit-id), or ask whoever gave you the answer."
)
BUSY = (
    "Er komen nu te veel klachten binnen. Probeer het later opnieuw. / "
    "Too many complaints are coming in. Try again later."
)
TOO_LARGE = (
    "Deze klacht is te lang: hoogstens 10.000 tekens. / "
    "This complaint is too long: at most 10,000 characters."
)
NOT_READ = (
    "Deze klacht is niet gelezen. Stuur JSON met receipt (het nummer van het antwoord), text (1 "
    "tot "
    "10.000 tekens) en language (nl of en), en niets anders. / "
    "This complaint was not read. Send JSON with receipt (the number of the answer), text (1 to "
    "10,000 "
    "characters) and language (nl or en), and nothing else."
)
_RECEIVED = {
    "nl": (
        "Uw klacht is ontvangen, onder nummer {id}. Een medewerker leest haar en beslist uiterlijk "
        "op "
        "{day}. Tot dan blijft bewaard wat bij dit antwoord is vastgelegd. Bewaar dit nummer: u "
        "krijgt "
        "geen bericht via deze weg, en met dit nummer vraagt u de organisatie naar de "
        "beslissing{to}."
    ),
    "en": (
        "Your complaint has been received, as number {id}. Somebody reads it and decides by {day}. "
        "Until then what is on record about this answer is kept. Keep this number: no message "
        "comes "
        "by this way, and with this number you ask the organisation for the decision{to}."
    ),
}
_DAY = {"nl": "%d-%m-%Y", "en": "%Y-%m-%d"}


def received(language: str, *, identity: str, deadline: int, timezone: str, contact: str) -> str:
    """The confirmation of a complaint; ``deadline`` is epoch milliseconds."""
    day = datetime.fromtimestamp(deadline / 1000, ZoneInfo(timezone)).strftime(_DAY[language])
    return _RECEIVED[language].format(id=identity, day=day, to=f" ({contact})" if contact else "")
