"""Long documents, composed of templates: chats, mail threads, minutes, files on a person."""

from collections.abc import Callable
from random import Random

from training.entities.augmentation import quoted
from training.entities.template_slots import Sample, Scene, fill

Line = Callable[[bool], str]  # draws a template; with persons where the argument is true

_ROLES = {
    "nl": (
        "Klant",
        "Medewerker",
        "Agent",
        "Helpdesk",
        "bot",
        "Spreker 1",
        "Spreker 2",
        "Interviewer",
        "Verpleegkundige",
        "Voorzitter",
    ),
    "en": (
        "Customer",
        "Agent",
        "Support",
        "bot",
        "Speaker 1",
        "Speaker 2",
        "Interviewer",
        "Nurse",
        "Chair",
        "User",
    ),
}
_GREETINGS = {
    "nl": (
        "Beste {F%}",
        "Hoi {F%}",
        "Dag {F%}",
        "Hallo {F%}",
        "Geachte heer {L%}",
        "Geachte mevrouw {L%}",
        "Beste meneer {L%}",
        "{F%}",
        "Ha {F%}",
        "Goedemorgen {F%}",
        "Geachte {P%}",
        "Beste mevrouw {L%}",
    ),
    "en": (
        "Dear {F%}",
        "Hi {F%}",
        "Hello {F%}",
        "Dear Mr {L%}",
        "Dear Ms {L%}",
        "Dear Mrs {L%}",
        "{F%}",
        "Hey {F%}",
        "Good morning {F%}",
        "Dear {P%}",
        "Morning {F%}",
    ),
}
_GENERAL_GREETINGS = {
    "nl": (
        "Beste collega's",
        "Geachte heer/mevrouw",
        "L.S.",
        "Hallo allemaal",
        "Beste klant",
        "Goedemiddag",
        "Hoi team",
        "Geachte bewoners",
    ),
    "en": (
        "Dear all",
        "Dear Sir or Madam",
        "Hello everyone",
        "Dear customer",
        "Good afternoon",
        "Hi team",
        "Dear residents",
        "To whom it may concern",
    ),
}
_CLOSINGS = {
    "nl": (
        "Met vriendelijke groet,",
        "Groet,",
        "Groeten,",
        "Mvg,",
        "Hartelijke groet,",
        "Met hartelijke groet",
        "Hoogachtend,",
        "Groetjes,",
        "Vriendelijke groeten,",
        "Alvast bedankt,",
        "Bedankt!",
        "Fijne dag,",
    ),
    "en": (
        "Kind regards,",
        "Best,",
        "Regards,",
        "Best regards,",
        "Thanks,",
        "Yours sincerely,",
        "Many thanks,",
        "Cheers,",
        "Warm regards,",
        "With best wishes,",
        "Sincerely,",
    ),
}
_SIGNATURES = (
    "{F%}",
    "{F%}",
    "{P%}",
    "{P%}",
    "{I%}",
    "{FL%}\n{J}",
    "{FL%}\n{J}\n{O}\nT {TEL}",
    "{FL%} | {J} | {DEP}",
    "{FL%}\n{J} {DEP}\n{E%}",
    "{I%}\n{J}",
    "{FL%}, {J}",
    "{F%} {L%}\n{O}\n{A9}\n{PC} {C9}",
    "{F%}\n\nSent from my phone",
)
_TEAMS = ("Team {DEP}", "{DEP}", "{O}", "{OS}", "Afdeling {DEP}", "The {DEP} team", "{TT}")
_HEADERS = (
    ("Van: {P%} <{E%}>", "Aan: {P&} <{E&}>", "Datum: {D} {T}", "Onderwerp: {TOP}"),
    ("From: {P%} <{E%}>", "To: {P&} <{E&}>", "Date: {D} {T}", "Subject: Re: {TOP}"),
    ("From: {LF%}", "Sent: {W} {D} {T}", "To: {LF&}", "Subject: {TOP} {id}"),
    ("Van: {P%}", "Verzonden: {W} {D} {T}", "Aan: {P&}; {P7}", "CC: {P8}", "Onderwerp: {TOP} {id}"),
    ('From: "{P%}" <{E%}>', "To: {E&}", "Subject: {TOP}"),
)
_OPENINGS = (
    "Op {D} om {T} schreef {P%} <{E%}>:",
    "On {D} at {T}, {P%} <{E%}> wrote:",
    "{P%} schreef op {D}:",
    "Op {W} {D} schreef {F%} {L%}:",
    "On {W}, {D}, {P%} wrote:",
)


def _numbered(form: str, number: int, other: int = 0) -> str:
    return form.replace("%", str(number)).replace("&", str(other))


def chat(scene: Scene, line: Line, *, personal: bool) -> Sample:
    """Return a chat of speakers by name or by role."""
    rng = scene.rng
    form = rng.choice((
        "[{T}] %: ",
        "{D} {T} - %: ",
        "%: ",
        "{T} %: ",
        "<%> ",
        "[{D}, {T}] %: ",
        "% ({T}): ",
        "%\n",
        "**%**: ",
        "- %: ",
    ))
    slot, sample = rng.choice(("F", "F", "FL", "P")), Sample()
    named = personal and rng.random() < 0.8
    for _ in range(rng.randint(3, 14)):
        number = rng.randint(1, 3)
        who = "{" + f"{slot}{number}" + "}" if named else rng.choice(_ROLES[scene.language])
        sample.join(fill(form.replace("%", who), scene))
        sample.join(_short(scene, line, personal=personal and rng.random() < 0.4))
        sample.add("\n")
    return sample


def _short(scene: Scene, line: Line, *, personal: bool) -> Sample:
    tries = [line(personal) for _ in range(8)]
    short = [template for template in tries if len(template) < 90 and "\n" not in template]
    return fill((short or tries)[0], scene)


def thread(scene: Scene, line: Line, *, personal: bool) -> Sample:
    """Return a mail, with up to three older ones quoted below it."""
    rng = scene.rng
    depth = rng.choices((1, 2, 3, 4), (0.4, 0.3, 0.2, 0.1))[0]
    sample = _mail(scene, line, 1 if depth % 2 else 2, personal=personal)
    for level in range(1, depth):
        sample.add("\n\n")
        sender = 1 if (depth - level) % 2 else 2
        older = Sample()
        if personal:
            older.join(fill(_numbered(rng.choice(_OPENINGS), sender) + "\n", scene))
        body = _mail(scene, line, sender, personal=personal)
        older.join(quoted(body, rng) if rng.random() < 0.75 else body)
        sample.join(older)
    return sample


def _mail(scene: Scene, line: Line, sender: int, *, personal: bool) -> Sample:
    rng, language = scene.rng, scene.language
    other, sample = 3 - sender, Sample()
    if personal and rng.random() < 0.5:
        head = rng.choice(_HEADERS)
        sample.join(
            fill("\n".join(_numbered(part, sender, other) for part in head) + "\n\n", scene)
        )
    greeting = rng.choice(_GREETINGS[language] if personal else _GENERAL_GREETINGS[language])
    sample.join(fill(_numbered(greeting, other) + rng.choice((",", ",", "!", "")) + "\n\n", scene))
    for _ in range(rng.randint(1, 3)):
        sample.join(_paragraph(scene, line, personal=personal))
        sample.add("\n\n")
    sample.add(rng.choice(_CLOSINGS[language]) + rng.choice(("\n", "\n", "\n\n", " ")))
    sample.join(fill(_numbered(rng.choice(_SIGNATURES if personal else _TEAMS), sender), scene))
    return sample


def _paragraph(scene: Scene, line: Line, *, personal: bool) -> Sample:
    sample = Sample()
    for at in range(scene.rng.randint(1, 4)):
        sample.add(" " if at else "")
        sample.join(fill(line(personal and scene.rng.random() < 0.45), scene))
    return sample


def report(scene: Scene, line: Line, *, personal: bool) -> Sample:
    """Return headings with paragraphs and lists: minutes, files, plans."""
    rng, sample = scene.rng, Sample()
    heads = rng.choice((
        "{TOP}",
        "# {TOP}",
        "{n2}. {TT}",
        "## {TT}",
        "{TT}",
        "**{TOP}**",
        "{TOP}:",
        "{n2} {TOP}",
    ))
    if personal and rng.random() < 0.5:
        head = rng.choice((
            "{P1}, {P2}, {P3}",
            "Betreft: {P1}, {A1}, {PC} {C1}",
            "Re: {P1}, {A1}, {C1}",
            "{LF1}\n{D}\n{A1}\n{C1}",
            "Aanwezig: {F1}, {F2}, {F3}, {P4}",
            "Present: {P1}, {P2} and {P3}",
            "Dossier {id} - {T1}",
            "- {P1} ({J})\n- {P2} ({J})\n- {P3}",
            "Auteur: {P1}\nVersie: {V}",
            "Author: {P1}\nVersion: {V}",
        ))
        sample.join(fill(head + "\n\n", scene))
    for _ in range(rng.randint(2, 6)):
        sample.join(fill(heads + "\n", scene))
        if rng.random() < 0.35:
            mark = rng.choice(("- ", "* ", "• ", "  - ", "[ ] "))
            for _ in range(rng.randint(2, 5)):
                sample.add(mark)
                sample.join(fill(line(personal and rng.random() < 0.4), scene))
                sample.add("\n")
        else:
            sample.join(_paragraph(scene, line, personal=personal))
        sample.add(rng.choice(("\n", "\n\n")))
    return sample


def long_document(scene: Scene, line: Line, rng: Random, *, personal: bool) -> Sample:
    """Return one long text of a random kind."""
    return rng.choice((chat, thread, thread, report))(scene, line, personal=personal)
