"""A guess at the language of a text, for reports and placeholder words only."""

_WORDS = {
    "nl": "de het een en van ik te dat die in is niet op aan met voor zijn er maar om hem dan zou wat mijn "
    "dit zo ook tot je bij naar heeft deze worden wordt uw graag onze wij hebben kan wil beste geachte",
    "en": "the be to of and a in that have i it for not on with he as you do at this but his by from they "
    "we say her she or an will my one all would there their what your please dear is are was can",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an "
    "werden aus er hat dass sie nach wird bei einer um am sind noch wie ich bitte wir ihre",
    "fr": "le de un et être à il avoir ne je son que se qui ce dans en du elle au pour pas par plus sur "
    "les des une est vous nous votre merci avec sont la cette",
    "es": "el la de que y a en un ser se no haber por con su para como estar tener le lo todo pero más "
    "los las una es del usted gracias está son al",
}
_VOTES: dict[str, list[str]] = {}
for _language, _list in _WORDS.items():
    for _word in _list.split():
        _VOTES.setdefault(_word, []).append(_language)
_SAMPLE = 1500


def language_of(text: str) -> str:
    """Gives "nl", "en", "de", "fr" or "es" by a vote of frequent words, "und" without a clear winner."""
    votes = dict.fromkeys(_WORDS, 0.0)
    for word in text[:_SAMPLE].lower().split():
        languages = _VOTES.get(word.strip(".,;:!?()\"'"), ())
        for language in languages:
            votes[language] += 1 / len(languages)
    first, second = sorted(votes.values(), reverse=True)[:2]
    if first < 1 or first == second:
        return "und"
    return max(votes, key=lambda language: votes[language])
