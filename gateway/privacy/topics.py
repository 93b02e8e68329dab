"""Special categories of the GDPR as words, and document labels.

A topic alone is no personal data: ``level_of`` joins it with a person.
"""

import re
from collections.abc import Iterable
from functools import partial

from gateway.core.finding import Kind
from gateway.privacy.identifiers import Rule
from gateway.privacy.view import Hit, View, is_word

_TOPICS = {
    "HEALTH": (
        "diagnos(?:e|is|es|ed)|ziekte(?:beeld|verlof|geschiedenis|verzuim)?|ziekgemeld|ziek gemeld"
        "|ziek thuis|arbeidsongeschikt(?:heid)?|burn-?out|depress(?:ie|ief|ion|ed)|kanker|cancer"
        "|tumor|chemo(?:therapie|therapy)?|diabet(?:es|icus|ic)|hiv|aids|epilepsie|epilepsy"
        "|zwanger(?:schap)?|pregnan(?:t|cy)|miskraam|miscarriage|medicati(?:e|on)|medicijnen"
        "|antidepressiva|antidepressants|psychiat(?:er|rie|risch|rist|ric|ry)|psychose|psychosis"
        "|autisme|autism|autistisch|adhd|dement(?:ie|ia)|alzheimer|parkinson|verslav(?:ing|ingszorg)"
        "|verslaafd(?: aan)?|addict(?:ion|ed)|allergi(?:e|sch)|allerg(?:y|ic)|hartinfarct"
        "|heart attack|beroerte|operatie aan|surgery|chronisch ziek|chronic illness|handicap"
        "|disability|disabled|rolstoel|wheelchair|bloeddruk|blood pressure|medisch dossier"
        "|medical (?:record|history|condition|leave)|sick leave|longkanker|borstkanker|reuma"
        "|astma|asthma|copd|anorexia|suïcid(?:aal|e)|suicidal|trauma(?:behandeling)?|ptss|ptsd"
        "|hernia|migraine|revalidatie|rehabilitation|huisarts (?:constateerde|schreef)|symptomen"
        "|bipolair|bipolar|schizofrenie|schizophrenia|hepatitis|seropositief|covid-?19 positief"
        "|tested positive|wia-?uitkering|wajong|re-?integratietraject|bedrijfsarts"
    ),
    "RELIGION": (
        "moslim|islamiti(?:sch|sche)|muslim|christen|christelijk geloof|katholiek|catholic|joods"
        "|jewish|jood|hindoe|hindu|boeddhist|buddhist|protestant|gereformeerd|jehova'?s? getuige"
        "|jehovah'?s witness|geloofsovertuiging|religieuze overtuiging|religious belief|ramadan"
        "|atheïst|atheist|gelovig|bekeerd|converted to|sikh|evangelisch"
    ),
    "UNION": (
        "vakbond(?:slid|slidmaatschap|sbijdrage)?|fnv|cnv|trade union|union member(?:ship)?"
        "|lid van de bond|union rep(?:resentative)?|labou?r union|vakbondsvertegenwoordiger"
        "|union dues"
    ),
    "ETHNICITY": (
        "etnische (?:afkomst|achtergrond)|etniciteit|ethnicity|ethnic (?:origin|background)"
        "|racial origin|van (?:marokkaanse|turkse|surinaamse|antilliaanse|syrische|afrikaanse)"
        " (?:afkomst|komaf)|huidskleur|skin colou?r|roma-afkomst|migratieachtergrond"
        "|of (?:moroccan|turkish|surinamese|african|asian|roma|syrian) (?:descent|origin)"
    ),
    "SEXUALITY": (
        "homoseksu(?:eel|ele|aliteit)|homosexual(?:ity)?|lesbi(?:sch|enne|an)|biseksueel|bisexual"
        "|transgender|seksuele (?:geaardheid|voorkeur|gerichtheid)|sexual orientation|gay|queer"
        "|coming ?out|geslachtsverandering|gender reassignment|non-?binair|non-?binary|sex life"
    ),
    "POLITICS": (
        "politieke (?:voorkeur|overtuiging|opvatting|opvattingen)|political (?:opinion|view|affiliation)s?"
        "|partijlid(?:maatschap)?|party member(?:ship)?|stemt op|lid van (?:de )?(?:pvda|vvd|pvv|d66"
        "|cda|groenlinks|sp|fvd|denk|volt|bbb|nsc)|voted for|votes? (?:labour|tory|conservative)"
    ),
    "BIOMETRIC": (
        "vingerafdruk(?:ken)?|fingerprint|irisscan|iris scan|gezichtsherkenning|facial recognition"
        "|face ?id template|biometri(?:sch|sche|e|c|cs)|dna-?(?:profiel|profile|test|onderzoek)"
        "|genetisch(?:e)? (?:profiel|gegevens|test)|genetic (?:data|test|profile)|stemafdruk"
        "|voiceprint"
    ),
    "CRIMINAL": (
        "strafblad|criminal record|veroordeeld (?:voor|wegens|tot)|convicted (?:of|for)|verdachte"
        "|suspect in|strafrechtelijk(?:e)?|gevangenisstraf|prison sentence|gedetineerde?|reclassering"
        "|taakstraf|probation officer|aangehouden (?:voor|wegens)|arrested (?:for|on)"
        "|huiselijk geweld|domestic violence|winkeldiefstal|shoplifting|justitiële documentatie"
        "|vog geweigerd|fraudeverleden|gearresteerd"
    ),
}
_RESTRICTED = (
    r"strikt vertrouwelijk|streng vertrouwelijk|zeer vertrouwelijk|zeer geheim|staatsgeheim"
    r"|top ?secret|strictly confidential|highly confidential|geheim|restricted|secret"
)
_CONFIDENTIAL = (
    r"bedrijfsvertrouwelijk|persoonlijk en vertrouwelijk|private (?:and|&) confidential"
    r"|departementaal vertrouwelijk|vertrouwelijk|company confidential|confidential"
)
_INTERNAL = (
    r"(?:alleen |uitsluitend )?(?:voor )?intern gebruik|internal use(?: only)?|for internal use only"
    r"|niet voor (?:externe )?verspreiding|not for (?:external )?distribution|internal only|intern"
    r"|do not (?:share|distribute) (?:outside|externally)[a-z ]{0,20}"
)
# Said in a sentence they still mark the text; the shorter words only do so as a label.
_PLAIN_WORDING = (
    "intern gebruik", "internal use", "niet voor", "not for", "internal only", "do not",
    "strikt vertrouwelijk", "strictly confidential", "staatsgeheim", "top secret",
)  # fmt: skip
_NEGATED = ("niet ", "geen ", "not ", "no longer ", "n't ", "zonder ")
_KEYS = (
    "classificatie", "classification", "rubricering", "label", "status", "sensitivity", "niveau",
    "vertrouwelijkheid", "confidentiality", "gevoeligheid", "level", "mip",
)  # fmt: skip
_OPEN = "([{<*_#=~|>-:\"'"


def _topic(type_: str, view: View, start: int, end: int) -> Iterable[Hit]:
    if is_word(view.at(start - 1)) or is_word(view.at(end)):
        return ()
    return (Hit(type_, start, end, f"topic:{type_.lower()}", score=0.7, kind=Kind.TOPIC),)


def _label(type_: str, view: View, start: int, end: int) -> Iterable[Hit]:
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
    return (Hit(type_, start, end, f"label:{type_[6:].lower()}", kind=Kind.LABEL, score=0.9),)


def _is_mark(words: str, before: str, after: str) -> bool:
    """A heading, a bracketed or ``Label:`` mark, or capitals: not a word in a sentence."""
    key = before.rstrip(":= \"'*").rpartition("\n")[2]
    if before.endswith((":", "=", '"', "*")) and key.endswith(_KEYS):
        return True
    if before.endswith(("[", "(", "{", "<")) and after.startswith(("]", ")", "}", ">")):
        return True
    if words.isupper():
        return len(after.split()) <= 6
    closed = not after or after[0] in "-:|*_=~#/.!"
    return (not before or not before.strip(_OPEN + " ")) and closed and len(after.split()) <= 8


RULES: tuple[Rule, ...] = (
    *(
        (word, True, partial(_topic, type_))
        for type_, words in _TOPICS.items()
        for word in re.split(r"\|(?![^(]*\))", words)
    ),
    (rf"(?:{_RESTRICTED})", True, partial(_label, "LABEL_RESTRICTED")),
    (rf"(?:{_CONFIDENTIAL})", True, partial(_label, "LABEL_CONFIDENTIAL")),
    (rf"(?:{_INTERNAL})", True, partial(_label, "LABEL_INTERNAL")),
)
