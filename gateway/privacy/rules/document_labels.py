"""Document labels such as "strikt vertrouwelijk", TLP and MIP marks: as a mark, not as a word in a sentence."""

import re
from collections.abc import Iterable
from functools import partial

from gateway.core.finding import FindingKind
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, is_word
from gateway.privacy.rules.dutch_identifiers import Rule

_RESTRICTED = (
    r"strikt vertrouwelijk|streng vertrouwelijk|zeer vertrouwelijk|zeer geheim|staatsgeheim"
    r"|top ?secret|strictly (?:private (?:and|&) )?confidential|highly (?:confidential|restricted)|geheim|restricted|secret"
    r"|streng vertraulich|streng geheim|strictement confidentiel|estrictamente confidencial|strettamente riservato"
    r"|ściśle tajne|tlp:? ?red|stg\. ?(?:confidentieel|geheim|zeer geheim)|nato (?:restricted|secret|confidential)"
    r"|eu restricted|restreint ue|need[- ]to[- ]know(?: basis)?|(?:board |management |your )?eyes only|confidentieel stg|geheimhouding opgelegd"
)
_CONFIDENTIAL = (
    r"bedrijfsvertrouwelijk|(?:persoonlijk|privé) (?:en|&) vertrouwelijk|private (?:and|&) confidential"
    r"|departementaal vertrouwelijk|dep\. ?v(?:ertrouwelijk|\.)|commercieel vertrouwelijk|vertrouwelijk"
    r"|proprietary (?:and|&) confidential|confidential (?:and|&) proprietary|bedrijfsgeheim|trade secret|company confidential|commercial(?:ly)? (?:in confidence|confidential)|in confidence|under nda|privileged"
    r"|personal (?:and|&) confidential|confidential|vertraulich|confidentiel|confidencial|riservato|poufne|konfidentiellt"
    r"|tlp:? ?amber(?:\+strict)?|medisch vertrouwelijk|raadsvertrouwelijk|onder embargo"
)
_INTERNAL = (
    r"(?:alleen |uitsluitend )?(?:voor )?intern gebruik|internal use(?: only)?|for internal use only"
    r"|niet voor (?:externe )?verspreiding|not for (?:external )?distribution|internal only|internal|intern|niet (?:verder )?verspreiden|do not (?:circulate|distribute)|not for circulation"
    r"|(?:for )?staff[- ]only|employees only|alleen voor medewerkers|niet openbaar|niet voor publicatie|not for publication|tlp:? ?green"
    r"|company internal|for internal (?:use|distribution|circulation)(?: only)?|bedrijfsintern|nur für den internen gebrauch|intern gebruik"
    r"|intern document|internal document|interne (?:notitie|memo)|internal memo"
    r"|(?:deel|delen|verspreid) dit (?:nog |verder )?niet|niet delen met|not to be shared|not for sharing"
    r"|blijft binnen (?:het team|de afdeling|de organisatie|het bedrijf)|keep (?:this|it) (?:internal|in-house|within the (?:team|company))"
    r"|(?:alleen|uitsluitend|enkel) (?:bestemd )?voor (?:de )?(?:eigen )?(?:medewerkers|personeel|bemanning|intern\w{0,3} (?:verspreiding|gebruik|lezing|gebruikers))"
    r"|mag niet (?:verder )?worden (?:doorgestuurd|verspreid|gedeeld)|mag niet (?:doorgestuurd|verspreid) worden"
    r"|interne? (?:mededeling|bericht)|alleen intern|intern, alleen (?:voor )?[a-z]{3,14}|intern, niet voor [a-z]{3,16}|internal,? (?:and )?(?:not to be|do not|don't) [a-z]{3,12}"
    r"|internal ?[–—-] ?(?:do not|not to be|not for|don't) [a-z]{3,12}|(?:memo|notitie|nota|bericht|mail|nieuws),? intern"
    r"|(?:minutes|notes|notulen|verslag) for staff only|staff only please|(?:graag |svp |s\.v\.p\. )?intern houden|internal channel"
    r"|usage interne|uso interno|(?:do not|don['’]t) (?:share|distribute|forward|pass on|send|circulate)(?: this| it)? (?:outside|externally|beyond)[a-z ]{0,20}"
    r"|(?:uitsluitend|strikt|alleen|enkel|puur) intern|intern,? (?:en )?niet (?:naar|aan|voor|delen|doorsturen|buiten)|niet (?:naar|aan|met) klanten(?: delen)?"
)
# Said in a sentence they still mark the text; the shorter words only do so as a label.
_PLAIN_WORDING = (
    "intern gebruik",
    "internal use",
    "niet voor",
    "not for",
    "internal only",
    "do not",
    "strikt vertrouwelijk",
    "strictly confidential",
    "staatsgeheim",
    "tlp",
    "stg",
    "dep.",
    "internal use",
    "streng ",
    "strictement",
    "employees only",
    "alleen voor medewerkers",
    "niet openbaar",
    "in confidence",
    "commercieel vertrouwelijk",
    "bedrijfsvertrouwelijk",
    "company confidential",
    "highly confidential",
    "usage interne",
    "zeer geheim",
    "for internal",
    "eu restricted",
    "nato ",
    "private and confidential",
    "persoonlijk en vertrouwelijk",
    "streng vertrouwelijk",
    "zeer vertrouwelijk",
    "internen gebrauch",
    "raadsvertrouwelijk",
    "dit niet",
    "dit nog niet",
    "dit verder niet",
    "alleen",
    "uitsluitend",
    "enkel",
    "mag niet",
    "interne mededeling",
    "intern bericht",
    "intern, niet",
    "intern, alleen",
    "internal, not",
    "internal –",
    "internal -",
    "internal—",
    "memo",
    "minutes",
    "notes for",
    "staff only please",
    "intern houden",
    "internal channel",
    "notitie, intern",
    "nota, intern",
    "bericht, intern",
    "internal, do",
    "internal, don",
    "internal do",
    "internal and",
    "niet delen met",
    "not to be shared",
    "not for sharing",
    "blijft binnen",
    "keep this",
    "keep it",
    "don't",
    "don’t",
    "strikt intern",
    "puur intern",
    "intern niet",
    "intern en niet",
)
_NEGATED = ("niet ", "geen ", "not ", "no longer ", "n't ", "zonder ")
_KEYS = (
    "classificatie",
    "classification",
    "rubricering",
    "label",
    "status",
    "sensitivity",
    "niveau",
    "vertrouwelijkheid",
    "confidentiality",
    "gevoeligheid",
    "level",
    "mip",
)
_MARKED = (
    "marked",
    "marked as",
    "gemarkeerd als",
    "classified",
    "classified as",
    "geclassificeerd als",
    "gerubriceerd als",
    "gerubriceerd",
    "label",
    "labelled",
    "labeled",
    "aangemerkt als",
    "treat as",
    "behandel als",
    "bestempeld als",
    "this document is",
    "this message is",
    "this email is",
    "dit document is",
    "deze mail is",
    "dit bericht is",
    "this is",
    "dit is",
    "strictly",
    "information is",
    "this memo is",
    "deze notitie is",
    "inhoud is",
    "blijft",
    "is",
)
_TO_WHOM = ("to ", "tot ", "for ", "by ", "door ", "voor ")  # "restricted to": not of the text
_DOCUMENT = re.compile(
    r"(?:draft|memo|document|report|briefing|concept|notitie|stuk|verslag|rapport)\b"
)
_HANDLED = re.compile(r"[–—-] |, ?(?:niet|s\.?v\.?p|graag|alleen|please|not|do not|only)\b")
_SAYS = re.compile(r": (?:[\w'’-]+ ){3}")
_SHORT_LINE = 40
_OPEN = "([{<*_#=~|>-:\"'"


def _label(type_: str, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) or is_word(view.at(end)):
        return ()
    before = view.lower[max(0, start - 60) : start].rpartition("\n")[2]
    after = view.lower[end : end + 60].partition("\n")[0]
    if any(word in before[-25:] for word in _NEGATED):
        return ()
    wording = view.lower[start:end]
    said = any(wording.startswith(p) or p in wording for p in _PLAIN_WORDING)
    if not said and not _is_mark(view.text[start:end], before.strip(), after.strip()):
        return ()
    return (
        RuleMatch(
            type_, start, end, f"label:{type_[6:].lower()}", kind=FindingKind.LABEL, score=0.9
        ),
    )


def _is_mark(words: str, before: str, after: str) -> bool:
    """A heading, a bracketed or ``Label:`` mark, or capitals: not a word in a sentence."""
    key = before.rstrip(":= \"'*").rpartition("\n")[2]
    value = before.rstrip(" \"'*").endswith((":", "="))
    if value and key.endswith(_KEYS):
        return True
    if words.islower() and after[:1] in tuple(":=") and not before:  # a key of some other setting
        return False
    if before.startswith(_KEYS) and not value and not after and len(before) < _SHORT_LINE:
        return True
    if before.endswith(("[", "(", "{", "<")) and after.startswith(("]", ")", "}", ">", ",", ";")):
        return True
    if words.isupper():
        return (
            len(after.split()) <= 6 or not before.strip(_OPEN + " ") or after[:1] in tuple(":-|/")
        )
    opens = not before.strip(_OPEN + " ") and words[0].isupper()
    if opens and (after[:1] == "." or _DOCUMENT.match(after) or _HANDLED.match(after)):
        return True  # "Vertrouwelijk.", "Confidential draft", or "Vertrouwelijk, niet delen"
    if (
        opens
        and words
        in (
            "Intern",
            "Internal",
            "For staff only",
            "Staff only",
            "Staff-only",
            "Vertrouwelijk",
            "Confidential",
            "Uso interno",
            "Usage interne",
        )
        and _SAYS.match(after)
    ):
        return True  # "Intern: de kantine is dicht"
    if words.lower() in ("intern document", "internal document") and after[:1] in tuple(",:-"):
        return True
    if before.endswith(_MARKED):
        return not after.startswith(_TO_WHOM)
    if before.endswith(("\\", "name=")) or after.startswith("\\"):
        return True
    closed = not after or after[0] in "-:|*_=~#/." or not after.strip("! ")
    return (not before or not before.strip(_OPEN + " ")) and closed and len(after.split()) <= 8


RULES: tuple[Rule, ...] = tuple(
    (word, True, partial(_label, type_))
    for type_, words in (
        ("LABEL_RESTRICTED", _RESTRICTED),
        ("LABEL_CONFIDENTIAL", _CONFIDENTIAL),
        ("LABEL_INTERNAL", _INTERNAL),
    )
    for word in (rf"(?:{words})",)
)
