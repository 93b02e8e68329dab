"""Names, streets and towns from which surrogates are made, written for this project.

No surrogate ends in s, x or z (a genitive would be unclear) and none is an ordinary word. Surnames,
streets and towns are put together from two parts, so that few of them are anybody's.
"""

from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN = {
    ("nl", "she"): _words("""
    Aaltje Anneke Annelien Annemieke Anouk Baukje Carlijn Chantal Danique Dieuwke Doortje Eefje Elske
    Evelien Femke Fenna Geesje Gerda Hanneke Hendrika Hilde Ingeborg Janneke Jantine Jolanda Jorien
    Josien Karlijn Katrijn Lianne Lidewij Lieke Lieneke Lisanne Lobke Lonneke Lotte Maaike Machteld
    Margriet Marieke Marijke Mariska Marjolein Marleen Marloe Meike Mieke Mirjam Mirthe Neeltje Nienke
    Noortje Paulien Renske Rianne Roelien Rosalie Sanne Saskia Sietske Suzanne Tineke Trijntje Veerle
    Wietske Willemijn Yvonne"""),
    ("nl", "he"): _words("""
    Adriaan Alwin Arjan Arjen Arnoud Auke Barend Bastiaan Berend Bouke Christiaan Coen Diederik Eelco
    Egbert Evert Feike Ferdinand Floris Folkert Frederik Geert Gerben Gerrit Gerwin Gosse Hendrik
    Herman Hidde Huub Jasper Jelle Jeroen Joep Jorrit Jurriaan Karel Koen Krijn Leendert Lennart
    Lodewijk Maarten Marnix Martijn Matthijn Meindert Menno Michiel Olivier Pepijn Pieter Reinier Remco
    Roderik Roeland Rogier Ruben Sander Siebren Sjoerd Stefan Steven Teun Tjeerd Tobias Vincent Wessel
    Wietse Wouter"""),
    ("nl", ""): _words("""
    Robin Jessie Marijn Merijn Quinty Dani Sascha Jip Noa Charlie Mika Luca Senna Jente Luka
    Marlijn Rivka Storm Bobbi Yentl Manou Lennie Jorie Demi Romy Jona Elia Novi"""),
    ("en", "she"): _words("""
    Abigail Adelaide Alison Amelia Annabel Audrey Beatrice Bethany Brenda Bridget Caroline Catherine
    Charlotte Colleen Cynthia Daphne Deborah Eleanor Elizabeth Emily Felicity Fiona Geraldine Gillian
    Gwendolen Harriet Heather Helen Imogen Isabelle Jacqueline Janet Jennifer Jessica Josephine Judith
    Kathleen Kimberly Lauren Louisa Lucinda Marjorie Matilda Maureen Melanie Meredith Miranda Miriam
    Natalie Nicola Olivia Pamela Patricia Penelope Philippa Rebecca Rosalind Rosemary Samantha Sandra
    Sharon Stephanie Susannah Sylvia Tabitha Teresa Valerie Vanessa Victoria Winifred"""),
    ("en", "he"): _words("""
    Adrian Alastair Alexander Andrew Anthony Arthur Barnaby Benedict Benjamin Bernard Bradley Brendan
    Cameron Cedric Christopher Clifford Clive Colin Conrad Cornell Damian Daniel Desmond Donald Duncan
    Edmund Edward Edwin Elliot Fergal Fletcher Geoffrey Gerald Gordon Graham Gregory Harold Harrison
    Herbert Hector Hugh Ivor Jeremy Jonathan Kenneth Lawrence Leonard Lionel Malcolm Mitchell Nathaniel
    Neville Nigel Norman Oliver Patrick Quentin Raymond Reginald Richard Roderick Roland Rupert Samuel
    Sebastian Simon Spencer Stephen Stuart Terence Theodore Timothy Vernon Victor Wilfred William"""),
    ("en", ""): _words("""
    Avery Blair Casey Darcy Devon Emerson Finley Jamie Jordan Kendall Kerry Lesley Morgan Quinn
    Reese Riley Rowan Shannon Sidney Skyler Tracy Toby Ashley Aubrey Kelsey Payton Rory Tatum"""),
}
# Too common, or too short, to stand for another name; their gender is known.
_COMMON = {
    ("nl", "she"): _words("""
    Anna Maria Johanna Anne Marie Els Ellen Linda Petra Ingrid Monique Fatima Sara Emma Julia Sophie Eva
    Lisa Laura Iris Marloes Agnes Ans Truus Corrie Ria Wilma Karin Astrid Esther Naomi Loes Ilse Inge
    Nathalie Simone Yvette Aisha Samira Khadija"""),
    ("nl", "he"): _words("""
    Jan Piet Kees Henk Klaas Wim Hans Bas Daan Sem Tim Tom Thijs Mark Peter Paul Erik Rob Ruud Bart Dirk
    Johan Willem Cornelis Johannes Jaap Joost Joris Lars Luuk Niels Rick Frank Bert Ben Gijs Theo Thomas
    Jos Gerard Ahmed Mohammed Mustafa Youssef Hassan Marcel Dennis"""),
    ("en", "she"): _words("""
    Mary Jane Sarah Susan Grace Lucy Alice Karen Nancy Margaret Ruth Rachel Hannah"""),
    ("en", "he"): _words("""
    John James Robert Michael David Charles George Henry Jack Kevin Brian Harry"""),
}
_STEMS = {
    "nl": _words("""
    Aalden Abken Baard Berken Bieze Boks Braam Dolde Dreum Eelde Elzen Fokker Galge Geere Gors Hage
    Harke Heemser Hilde Hoeks Holte Ittel Jelger Kamer Keulen Klaver Koerts Krane Lambe Leemser Lierder
    Maarle Meden Molle Nijver Noord Oeler Oster Pelder Plaste Reiger Rolde Ruiger Schalk Sijbren Slote
    Steven Tiele Tolder Uiter Valke Velder Vlieger Waarder Weiver Wieger Wilger Woude Zander Zeelder"""),
    "en": _words("""
    Alder Apple Arl Bar Beck Birch Black Bram Brent Brock Cald Can Chal Chester Clay Cors Dag Darl Den
    Ells Fair Fen Gar Glen Hales Har Hasel Hather Hol Ingle Kelm Kest Lang Lath Lind Mal Marsh Mel Nor
    Oak Ott Pem Pen Quar Red Rock Rush Sel Shel Stan Sud Tar Thorn Tils Under Wal Wen Whit Wick Wool"""),
}
_SURNAME_ENDS = {
    "nl": _words("stra sma inga kamp horst berghe man mann broeck hoven daal linck brugge wold"),
    "en": _words("worth field bourne croft dale ridge by combe stead holme ston well"),
}
_STREET_ENDS = {
    "nl": _words("laan straat weg hof plein dreef singel pad"),
    "en": (
        "side Road",
        "side Street",
        "side Lane",
        "side Avenue",
        "gate Road",
        "gate Street",
        "gate Lane",
        "gate Close",
    ),
}
_TOWN_ENDS = {
    "nl": _words("woude huizen zijl oord burg veen waard terp lo dijke koog vliet"),
    "en": _words("mouth wick minster haven ley bury pool thorpe ham port cester den"),
}


def _compounds(ends: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        language: tuple(stem + end for stem in _STEMS[language] for end in ends[language])
        for language in ends
    }


# By language and gender ("she", "he", "").
GIVEN = {
    key: tuple(name for name in names if name not in AMBIGUOUS_NAMES and name[-1] not in "sxz")
    for key, names in _GIVEN.items()
}
SURNAMES = _compounds(_SURNAME_ENDS)
STREETS = _compounds(_STREET_ENDS)
TOWNS = _compounds(_TOWN_ENDS)
_GENDERS = {
    name.lower(): key
    for lists in (_GIVEN, _COMMON)
    for key, names in lists.items()
    for name in names
}


def about(given: str) -> tuple[str, str]:
    """Language and gender ("she", "he") of a first name, in any case; "" for what is not known."""
    return _GENDERS.get(given.lower(), ("", ""))
