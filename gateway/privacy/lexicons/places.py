"""Towns, lands, ends of streets, and what is written like a street and is none."""


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Towns and countries open no name, and are no findings by themselves.
PLACES = word_set("""
nederland belgië duitsland frankrijk engeland europa spanje italië polen amsterdam rotterdam
utrecht eindhoven groningen tilburg almere breda nijmegen apeldoorn haarlem arnhem enschede
amersfoort zwolle leiden maastricht dordrecht zoetermeer delft deventer netherlands belgium
germany france england spain italy poland europe london berlin brussels brussel antwerpen
antwerp gent dublin manchester birmingham edinburgh glasgow cambridge oxford bristol leeds madrid
rome warsaw vienna zürich
""")
# Lands, peoples and languages, and where one is at home: no town by themselves.
NO_TOWNS = word_set("""
huis thuis home school werk work kantoor office
nederland belgië duitsland frankrijk spanje portugal italië oostenrijk zwitserland luxemburg engeland schotland wales ierland denemarken
zweden noorwegen finland ijsland polen tsjechië slowakije hongarije roemenië bulgarije griekenland turkije rusland oekraïne kroatië
servië bosnië albanië kosovo marokko algerije tunesië egypte syrië irak iran afghanistan pakistan india china japan indonesië suriname
curaçao aruba eritrea ethiopië somalië soedan ghana nigeria congo kenia zuid-afrika brazilië argentinië canada amerika australië
netherlands belgium germany france spain italy austria switzerland luxembourg england scotland ireland denmark sweden norway
finland iceland poland czechia slovakia hungary romania bulgaria greece turkey russia ukraine croatia serbia bosnia albania morocco
algeria tunisia egypt syria iraq ethiopia somalia sudan kenya brazil argentina america australia indonesia
dutch belgian german french spanish italian english british scottish welsh irish danish swedish norwegian polish turkish moroccan syrian
punjabi arabic tigrinya nederlands nederlandse belgisch belgische duits duitse frans franse engels engelse pools poolse turks turkse marokkaans
marokkaanse europa europe portugees portugese portuguese iers ierse libië libya jemen yemen oeganda uganda rwanda senegal gambia guinee guinea
kaapverdië thailand vietnam filipijnen philippines nepal bangladesh peru chili colombia venezuela mexico cuba letland litouwen estland latvia
lithuania estonia slovenië slovenia moldavië armenië cyprus comms personnel accounts payroll libanon lebanon palestina koeweit kuwait qatar iraaks syrische weds
""")
STREET_ENDS = (
    "straat",
    "laan",
    "weg",
    "plein",
    "kade",
    "gracht",
    "dijk",
    "singel",
    "steeg",
    "plantsoen",
    "dreef",
    "markt",
    "hof",
    "pad",
    "wal",
    "ring",
    "park",
    "baan",
    "erf",
    "veld",
    "haven",
    "burg",
    "brink",
    "dam",
    "oord",
    "donk",
    "akker",
    "meent",
    "kamp",
    "horst",
    "hoek",
    "beek",
    "boulevard",
    "allee",
    "bos",
    "wijk",
    "straße",
    "strasse",
    "gasse",
    "platz",
    "allee",
    "gatan",
    "vägen",
    "strjitte",
    "leane",
    "buorren",
)
# A Peugeot 208 is no house.
CARS = word_set("""
peugeot renault citroën citroen volvo opel ford fiat seat skoda toyota mazda kia hyundai volkswagen vw golf polo passat audi bmw
mercedes tesla nissan honda suzuki dacia lexus corsa astra clio mégane twingo fiesta focus transit vito sprinter iveco daf scania
""")
