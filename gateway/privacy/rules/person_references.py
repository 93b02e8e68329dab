"""Words that refer to one person without a name, in Dutch and English above all."""

import re

from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES, GIVEN_NAMES
from gateway.privacy.text.normalized_text import NormalizedText

_RELATIVES = alternation("relatives.nl.patterns.txt")
_KIN = alternation("relatives.en.patterns.txt")
_PARTIES = alternation("parties.patterns.txt")
SUBJECT = re.compile(
    rf"(?<![\w-])(?:(?:mijn|m'n|onze|ons|zijn|haar|hun|je|jouw|uw) (?:\w{{3,12}} )?(?:{_RELATIVES})"
    rf"|(?:my|our|his|her|their|your) (?:\w{{2,12}} )?(?:{_KIN})"
    rf"|(?:deze|betreffende|genoemde) (?:{_RELATIVES}|betrokkene|persoon|verdachte)|(?:this"
    rf"|that) (?:{_KIN}|man|woman|person)"
    r"|(?:patiënte?|cliënte?|betrokkene|mevrouw|meneer|mw|dhr|pt|verzekerde|werkneemster) (?:heeft"
    r"|is|had|was|lijdt|krijgt|kreeg"
    r"|geeft|meldt|klaagt|werd|slikt|gebruikt|wil|komt|ligt|verblijft|kan niet)"
    r"|(?:de|the) (?:patiënte?|cliënte?|bewoner|bewoonster|medewerker|medewerkster|werknemer"
    r"|werkneemster|leerling|verdachte"
    r"|sollicitant|huurder|betrokkene|collega|patient|client|employee|tenant|resident|pupil"
    r"|applicant|suspect|defendant|colleague"
    rf"|{_PARTIES}) (?:heeft|is|had|was|lijdt|kreeg|meldde|vertelde|gaf|has|suffers|told|reported"
    rf"|disclosed|says|zegt|werd|slikt)"
    rf"|(?:{_PARTIES}) (?:heeft|is|was|had|werd|wordt|verklaart|verklaarde|stelt|lijdt|gebruikt"
    rf"|kreeg|has|states|stated|admitted)"
    rf"|dat (?:{_PARTIES})"
    r"|(?:hij|he|she) (?!of |or )[a-z]{2,14}"
    r"|(?:zij|ze) (?:staat|zegt|gaat|loopt|blijft|doet|eet|drinkt|slaapt|weigert|vindt|voelt|wacht"
    r"|mag|is|heeft|had|was|lijdt|slikt|krijgt|kreeg|werd|komt|gebruikt|ligt|zit|has|suffers|takes"
    r"|took|went"
    r"|started|got|came|told|needs|draagt|wears|wil|zou|vertelde|meldde|stemt|votes|voted|bidt"
    r"|prays|gets|wants|heet|kan|moet)"
    r"|(?:ik|i) (?:heb|ben|lijd|slik|gebruik|kreeg|krijg|werd|zit|was|had|moet|loop|am|have|suffer"
    r"|take|got|voel|ga|stem|bid|vote|vast"
    r"|draag|wear|need|started|just got|recently|was told|kan)|i'm|i've|ik's|bij (?:hem|haar|mij)"
    r"|(?:heb|ben|had|was|lijd|slik) ik"
    r"|(?:heeft|is|had|was) (?:hij|zij|ze)|my (?:diagnosis|doctor|gp|illness|pregnancy|medication"
    r"|health|condition|faith|religion"
    r"|union|disability|therapist|psychiatrist|surgery|treatment|sexuality|criminal)"
    r"|mijn (?:diagnose|huisarts|ziekte|zwangerschap|medicatie"
    r"|gezondheid|geloof|vakbond|klachten|behandeling|psychiater|arts|operatie|beperking|strafblad)"
    r"|(?:his|her|zijn|haar) (?:\w{3,12} )?(?:diagnos\w+|ziekte|illness|pregnancy|zwangerschap"
    r"|medicatie|medication|geloof|faith|strafblad"
    r"|depressie|depression|condition|behandeling|treatment|gezondheid|health)|mein\w? |mon |ma "
    r"|mi |mio |mia |er ist|sie ist|il est|elle est"
    r")(?![\w-])"
)
# ``ben ik veroordeeld``, ``she has had a stroke``: always about one person.
IS_OR_HAS = re.compile(
    r"(?<![\w-])(?:ben ik|ik (?:ben|heb)|heb ik|i(?: am| was| have|'m|'ve)|(?:is|heeft) (?:hij|ze"
    r"|zij)|(?:hij|zij|ze) (?:is|heeft)|(?:he|she)(?: is| has| was|'s)) (?:[\w'-]{1,14} ){0,3}$"
)
YOU = re.compile(r"(?<![\w-])(?:u|uw|jij|je|jouw|you|your|yours)(?![\w-])")
PRONOUN = re.compile(r"(?<![\w-])(?:hij|zij|ze|hem|haar|zijn|he|she|him|her|his)(?![\w-])")
_CAPITALISED = re.compile(r"[A-ZÀ-Þ][\w-]+")
_ABROAD = alternation("person_words.abroad.patterns.txt")
_WORDS = alternation("person_words.patterns.txt")
_ONE_PERSON = re.compile(
    rf"(?<![\w-])(?:{_WORDS}|{_PARTIES}|{_RELATIVES}|{_KIN}|{_ABROAD})(?![\w-])"
)


def mentions_person(view: NormalizedText) -> bool:
    """Whether a text has a word for one person, or a given name, also an ambiguous one."""
    if _ONE_PERSON.search(view.lower) is not None:
        return True
    words = _CAPITALISED.findall(view.text)
    return any(word in GIVEN_NAMES or word in AMBIGUOUS_NAMES for word in words)
