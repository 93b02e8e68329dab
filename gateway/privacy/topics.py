"""Special categories of the GDPR as words, and whether a person without a name is meant.

A topic alone is no personal data: ``level_of`` joins it with a person.
"""

import re
from collections.abc import Iterable
from functools import partial

from gateway.core.finding import Kind
from gateway.privacy.identifiers import Rule
from gateway.privacy.level import PERSON_MEANT
from gateway.privacy.topic_words import TOPICS
from gateway.privacy.view import Hit, View, is_word

_RELATIVES = (
    r"man|vrouw|zoon|zoontje|dochter|dochtertje|kind|moeder|vader|partner|broer|zus|oma|opa|vriend|vriendin|collega"
    r"|medewerker|medewerkster|werknemer|werkneemster|buurman|buurvrouw|cliënte?|patiënte?|klant|leerling|bewoner|bewoonster"
    r"|huurder|stagiaire?|baas|chef|schoonmoeder|schoonvader|kleinzoon|kleindochter|neef|nicht|tante|oom|ex|verloofde"
    r"|chauffeur|monteur|receptionist\w{0,2}|sollicitant\w?|leidinggevende|manager|huisgenoot|verzekerde|baby"
)
_KIN = (
    r"wife|husband|son|daughter|child|mother|father|partner|brother|sister|grandmother|grandfather|friend|colleague"
    r"|employee|neighbou?r|client|patient|customer|pupil|student|resident|tenant|boss|manager|boyfriend|girlfriend|aunt"
    r"|uncle|nephew|niece|mum|mom|dad|intern|assistant|driver|receptionist|kid|baby|flatmate|claimant|applicant"
)
_SUBJECT = re.compile(
    rf"(?<![\w-])(?:(?:mijn|m'n|onze|ons|zijn|haar|hun|je|jouw|uw) (?:\w{{3,12}} )?(?:{_RELATIVES})"
    rf"|(?:my|our|his|her|their|your) (?:\w{{2,12}} )?(?:{_KIN})"
    rf"|(?:deze|betreffende|genoemde) (?:{_RELATIVES}|betrokkene|persoon|verdachte)|(?:this|that) (?:{_KIN}|man|woman|person)"
    r"|(?:patiënte?|cliënte?|betrokkene|mevrouw|meneer|mw|dhr|pt|verzekerde|werkneemster) (?:heeft|is|had|was|lijdt|krijgt|kreeg"
    r"|geeft|meldt|klaagt|werd|slikt|gebruikt|wil|komt|ligt|verblijft|kan niet)"
    r"|(?:de|the) (?:patiënte?|cliënte?|bewoner|bewoonster|medewerker|medewerkster|werknemer|werkneemster|leerling|verdachte"
    r"|sollicitant|huurder|betrokkene|collega|patient|client|employee|tenant|resident|pupil|applicant|suspect|defendant|colleague"
    r"|claimant) (?:heeft|is|had|was|lijdt|kreeg|meldde|vertelde|gaf|has|suffers|told|reported|disclosed|says|zegt|werd|slikt)"
    r"|(?:hij|zij|ze|he|she) (?:is|heeft|had|was|lijdt|slikt|krijgt|kreeg|werd|komt|gebruikt|ligt|zit|has|suffers|takes|took|went"
    r"|started|got|came|told|needs|draagt|wears|wil|zou|vertelde|meldde|stemt|votes|voted|bidt|prays|gets|wants|heet|kan|moet)"
    r"|(?:ik|i) (?:heb|ben|lijd|slik|gebruik|kreeg|krijg|werd|zit|was|had|moet|loop|am|have|suffer|take|got|voel|ga|stem|bid|vote|vast"
    r"|draag|wear|need|started|just got|recently|was told|kan)|i'm|i've|ik's|bij (?:hem|haar|mij)|(?:heb|ben|had|was|lijd|slik) ik"
    r"|(?:heeft|is|had|was) (?:hij|zij|ze)|my (?:diagnosis|doctor|gp|illness|pregnancy|medication|health|condition|faith|religion"
    r"|union|disability|therapist|psychiatrist|surgery|treatment|sexuality|criminal)|mijn (?:diagnose|huisarts|ziekte|zwangerschap|medicatie"
    r"|gezondheid|geloof|vakbond|klachten|behandeling|psychiater|arts|operatie|beperking|strafblad)"
    r"|(?:his|her|zijn|haar) (?:\w{3,12} )?(?:diagnos\w+|ziekte|illness|pregnancy|zwangerschap|medicatie|medication|geloof|faith|strafblad"
    r"|depressie|depression|condition|behandeling|treatment|gezondheid|health)|mein\w? |mon |ma |mi |mio |mia |er ist|sie ist|il est|elle est"
    r")(?![\w-])"
)
# Advice and rules speak of nobody: what a patient, an employee or "you" may or must do.
_GENERAL = re.compile(
    r"(?<![\w-])(?:als|indien|wanneer|mensen|personen|patiënten|cliënten|werknemers|medewerkers|iedereen|ieder|elke|wie|people|patients|employees"
    r"|anyone|everyone|someone|if|when|whether|cursus|training|brochure|folder|beleid|policy|protocol|richtlijn|guideline|onderzoek onder"
    r"|artikel|wet|statistiek|percentage|procent|per cent|percent|campagne|campaign|symposium|webinar)(?![\w-])"
)
_REACH = 110


def _topic(type_: str, view: View, start: int, end: int) -> Iterable[Hit]:
    if is_word(view.at(start - 1)) or is_word(view.at(end)):
        return
    begin, stop = _sentence(view, start, end)
    said = view.lower[begin:stop]
    meant = _SUBJECT.search(said) is not None and _GENERAL.search(said) is None
    rule = f"topic:{type_.lower()}{PERSON_MEANT if meant else ''}"
    yield Hit(type_, start, end, rule, score=0.7, kind=Kind.TOPIC)


def _sentence(view: View, start: int, end: int) -> tuple[int, int]:
    """The sentence around a place, as far as it reaches."""
    begin, stop = max(0, start - _REACH), min(len(view.text), end + _REACH)
    for mark in (". ", "! ", "? ", "\n\n", ".\n", "; "):
        begin = max(begin, view.text.rfind(mark, begin, start) + 1)
        found = view.text.find(mark, end, stop)
        stop = found if found >= 0 else stop
    return begin, stop


RULES: tuple[Rule, ...] = tuple(
    (rf"(?:{line})", True, partial(_topic, type_))
    for type_, lines in TOPICS.items()
    for line in lines
)
