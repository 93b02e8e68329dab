"""Word lists of the rules for names; Dutch and English first.

Written for this project, but for name_lists.txt (see NOTICE).
"""

from pathlib import Path


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAME_LISTS = Path(__file__).with_name("name_lists.txt")
_GIVEN, _AMBIGUOUS, _SURNAMES, _ORDINARY = (
    _words(part.partition("\n")[2])
    for part in NAME_LISTS.read_text(encoding="utf-8").split("# ")[1:]
)

FIRST_NAMES = (
    _GIVEN
    | _AMBIGUOUS
    | _words("""
Iris Frank Mark Grace Ruby Daisy Ron Sam Jack Bob Pim Jasmijn Floor Sterre
Aafke Aad Aart Abdel Abdullah Achmed Adriaan Adam Agnes Ahmed Aisha Albert Alejandro Alex
Alexander Alice Ali Alicia Alina Amanda Amber Amina Amir Andrea Andreas Andrew Andrzej Angela
Anita Anja Anke Ann Anna Anne Anneke Annemarie Annelies Anouk Antje Anthony Antoine Anton Antonio
Arjan Arie Arjen Arno Arnold Arthur Astrid Ayse Ayşe Barbara Bart Bas Bastiaan Beatriz Ben
Benjamin Berend Bert Bianca Birgit Björn Boris Bram Brian Brigitte Camille Carla Carlos Carmen
Caroline Carolien Catherine Charlotte Chantal Charles Chiara Chris Christiaan Christian Christina
Christine Christopher Claire Claudia Coen Connie Cor Corinne Cornelis Daan Daniel Daniela Daniëlle
Danielle Danny David Deborah Denise Dennis Derk Diana Dieter Diego Dirk Dominique Donald Dorien
Dylan Ebru Edith Eduard Edward Edwin Eefje Eelco Elena Elif Elisabeth Elise Eline Elizabeth Ella
Ellen Els Elsa Emily Emine Emma Emre Eric Erica Erik Erwin Esmee Esther Eva Evelien Evelyn Fatima
Fatma Femke Ferdinand Fenna Fiona Fleur Francesca Francisco Frans François Fred Frederik Freek
Frits Gabriel Geert George Gerard Gerda Gerrit Gert Giel Gijs Giovanni Giulia Goran Grzegorz Guido
Guus Hamza Hanna Hannah Hanneke Hans Hassan Heidi Heleen Helen Helena Hendrik Henk Henri Henry
Herman Hilde Hugo Ibrahim Igor Ilse Imane Inge Ingrid Irene Isa Isabel Isabelle Ivan Ivo Jaap
Jacco Jacob Jacqueline Jacques James Jan Jana Jane Janine Janneke Jannie Jasper Javier Jayden Jean
Jelle Jennifer Jeroen Jesse Jessica Jim Joachim Joana Joanna Joep Johan Johanna Johannes John
Jolanda Jonas Jonathan Joost Joris José Jos Josephine Joyce Juan Judith Julia Julian Julie Jurgen
Jürgen Karel Karen Karim Karin Karl Karlijn Katarzyna Kathleen Katja Kees Kevin Khadija Kim Klaas
Klaus Koen Krzysztof Lars Laura Lauren Leila Lennart Leon Leonie Lieke Liam Lianne Linda Lisa
Liselotte Loes Lorenzo Lotte Louis Louise Luca Lucas Lucia Lucy Luuk Maaike Maarten Maartje Magda
Mahmoud Maja Małgorzata Manon Marc Marcel Marco Maria Marianne Marie Marieke Mariëlle Marijke
Marijn Mario Marion Marit Marjan Marjolein Marleen Marlies Marta Martha Martijn Martin Martine
Mary Mathilde Matteo Matthew Matthias Matthijs Maud Maurice Maurits Mehmet Melissa Menno Merel
Merijn Mia Michael Michel Michelle Michiel Mieke Miguel Mila Milan Milou Minh Miriam Mirjam
Mohamed Mohammed Mohammad Monique Mustafa Nadia Nadine Naomi Natalie Nathalie Nathan Nicole
Nicolas Niek Niels Nienke Nina Noah Noor Noortje Nora Olga Oliver Olivia Omar Oscar Pablo Paola
Patricia Patrick Paul Paula Paulien Paulina Pauline Pedro Peter Petra Philip Philippe Pien Piet
Pieter Pierre Piotr Priya Quinten Rachel Rachid Rafael Rajesh Ralph Ramon Raymond Rebecca Reinier
Remco Renate René Renske Richard Rik Rianne Rick Rob Robbert Robert Roberta Robin Roel Roeland
Roland Romy Ronald Roos Rosa Rosalie Ruben Rudolf Ruud Ruth Ryan Saar Saskia Sabine Said Salma
Samira Samuel Sander Sandra Sanne Sara Sarah Sebastiaan Sebastian Selma Sergio Seyma Sharon Sheila
Siem Sietske Sigrid Simon Simone Sjaak Sjoerd Sofia Sofie Sonja Sophia Sophie Stefan Stefanie
Stefano Stella Stephen Steven Stijn Sunita Susan Susanne Suzanne Sven Sylvia Sylvie Tamara Tanja
Teun Teunis Thea Theo Theodoor Thijs Thomas Tijn Tim Timo Tineke Tjeerd Tobias Tom Tomasz Tomás
Trudy Twan Ursula Valerie Vera Victoria Vincent Virginie Walter Wanda Wendy Werner Wesley Wietske
Wilhelmina Willem William Willemijn Wim Wouter Xander Yannick Yara Yasmin Yasmina Youssef Yusuf
Yvette Yvonne Zeynep Zoë Zofia Åsa Siobhan Declan Priyanka Rahul Marek Jerzy Marcin Michał Paweł
Agnieszka Ewa Monika Dorota Beata Magdalena Tomek Kasia Wojciech Jakub Adrian Dariusz Mariusz
Bartosz Helga Günther Wolfgang Uwe Jörg Ralf Sabrina Katrin Anneliese Friedrich Heinrich Karsten
Torsten Thorsten Sönke Birgitta Anders Björk Gunnar Håkan Ingmar Kerstin Linnea Magnus Mikael
Pernilla Stellan Ulrika Élodie Amélie Aurélie Benoît Céline Cécile Chloé Étienne Frédéric Gérard
Hélène Hervé Jérôme Laurent Léa Mathieu Maxime Mélanie Olivier Pascal Sébastien Stéphane Sylvain
Thérèse Thibault Véronique Yves Alessandro Alessia Bruno Davide Elisa Enrico Fabio Federica
Federico Giorgio Giuseppe Ilaria Luigi Massimo Paolo Riccardo Roberto Silvia Valentina Alejandra
Álvaro Antonia Cristina Fernando Guillermo Ignacio Inés Jorge Lucía Manuel Mercedes Pilar Raúl
Ricardo Rocío Rodrigo Santiago Sofía Teresa Ximena Anil Anjali Arjun Deepak Divya Kavita Lakshmi
Meera Neha Nikhil Pooja Ravi Sanjay Shreya Vikram Wei Ling Mei-Ling Hiroshi Yuki Kenji Thi Linh
Thuy Huong Abena Ama Kofi Kwabena Adaeze Ngozi Emeka Ifeoma Tunde Folake Nadira Shanti Radjesh
Soraya Rashida Zainab Khalid Samir Nabil Rania Yasmine Hakim Noureddine Abdelkader Ilham Malika
Hafida Fouad Driss Berat Cem Deniz Esra Gamze Hakan Kerem Merve Okan Onur Özlem Selin Serkan Sibel
Tuğba Umut Volkan Yasin Aart-Jan Aukje Auke Baukje Bouke Carlijn Cees Ciska Dieuwke Doutzen Elske
Emiel Evi Feike Fleurtje Folkert Geesje Geke Gerwin Gonda Gosse Hidde Huub Ilona Ineke Jacobien
Jeannette Jenneke Jorien Jorn Josien Jule Kirsten Krijn Leonoor Leonore Lidewij Liesbeth Lieneke
Lobke Lonneke Loek Machteld Maikel Marcella Margriet Margreet Mariska Marloes Marte Mathijs Meike
Mirte Myrthe Nanda Nicolien Odette Otto Pauwel Peer Pim Quinty Rein Reinout Rogier Roosmarijn
Ronnie Ruurd Sjors Sterre Suze Tess Tessa Tiemen Titia Tygo Veerle Wietse Willeke Yoeri Ytsje
Zeger Clive Colette Deirdre Ewan Fergal Freya Georgina Gillian Gwen Heather Hilary Howard Isla
Jeremy Joanne Kieran Lachlan Leslie Lynn Marcus Nathaniel Niamh Orla Percy Philippa Rhys Roger
Rowan Russell Sinead Tabitha Toby Tristan Vanessa Verity Oluwaseun Chinedu Kwame Nguyen Jamal
Latifa Naima Soufiane Bilal Anouar Hatice Murat Kemal Ties Sem Finn Mees Thijmen Jurriaan Floris
Diederik Laurens Leendert Evert Egbert Wiebe Sietse Douwe Hylke Fokke Jildou Froukje Tjitske
Gerben Jorrit Rinske Wybren Harm Roelof Jantien Grietje Trijntje Hennie Corrie Willie Truus Riet
Nel Bep Toos Ria Greet Annie Geertje Neeltje Pleun Harry Gareth Nigel Graham Trevor Malcolm Hamish
Angus Fergus Eleanor Harriet Imogen Beatrice Rosalind Gemma Kirsty Alistair Duncan Stuart Gavin
Keith Derek Colin Geoffrey Gordon Kenneth Rosemary Margaret Dorothy Maureen Doreen Pamela Brenda
Lorraine Tracey Zara Aaliyah Ayesha Imran Tariq
""")
)
# Words in their own right: a name only beside another name part or after a title.
AMBIGUOUS_NAMES = _AMBIGUOUS | _words("""
Adam Alex Amber April Art August Bas Ben Bill Bloem Chase Chris Cor Daisy Dean Faith Fleur Floor
Frank Grace Guy Hope Iris Isa Ivy Jack Jet Joy Jos June Kim Lily Mark Marta May Max Mees Merel Mia
Mila Miles Nel Nina Noor Olga Pien Pim Rik Rob Roos Rosa Rose Ruby Saar Said Sem Siem Stella
Sterre Storm Summer Ties Tim Tom Vera Victoria Violet Virginia Will Wil Wolf Young Harm Hector Jan
Marit Jean Charlotte Florence Austin Washington Madison Jordan Paris Chelsea Georgia Carolina
Sydney Rick Ron Sam Lee Ray Grant Drew
""")
SURNAMES = _SURNAMES | _words("""
jansen janssen janssens bakker visser smit smits meijer meyer mulder bos vos peters hendriks
dekker dijkstra brouwer hermans vermeulen kuipers kuiper koster willems jacobs hoekstra prins
huisman peeters schouten postma verhoeven verbeek scholten molenaar koopman maas willemsen
timmermans groen gerritsen wouters wessels martens martin evers bosman hofman kok veenstra haan
yilmaz kaya demir smith jones brown taylor wilson johnson walker wright robinson thompson hughes
edwards clarke patel khan singh ali ahmed nguyen muller müller schmidt schneider fischer weber
wagner vries berg dijk heuvel linden wit jong boer graaf groot ruiter bruin leeuw velden veen
brink broek beek ham horst pol ploeg steen werf zanden wijk leeuwen rijn vliet hoek meulen kooij
kamp bosch laar garcia fernandez lopez rossi russo kowalski nowak johansson andersson larsen
hansen
""")
PARTICLES = _words("""
van de den der het 't ter ten te la le el al bin ben von zu zur di da dos du del della op in 's d'
l' vande vander vanden af und y
""")
# Towns and countries open no name, and are no findings by themselves.
PLACES = _words("""
nederland belgië duitsland frankrijk engeland europa spanje italië polen amsterdam rotterdam
utrecht eindhoven groningen tilburg almere breda nijmegen apeldoorn haarlem arnhem enschede
amersfoort zwolle leiden maastricht dordrecht zoetermeer delft deventer netherlands belgium
germany france england spain italy poland europe london berlin brussels brussel antwerpen
antwerp gent dublin manchester birmingham edinburgh glasgow cambridge oxford bristol leeds madrid
rome warsaw vienna zürich
""")
# Never (the whole of) a name, whatever stands before it.
STOP = _words("""
klant klanten collega collega's heer heren mevrouw meneer mijnheer dames dame team allemaal allen
iedereen lezer lezers relatie relaties bestuur directie afdeling medewerker medewerkers bewoner
bewoners huurder ouder ouders leerling student studenten patiënt cliënt cliënten sollicitant
kandidaat deelnemer leden lid vrienden vriend vriendin mensen buren buurtbewoners gast gasten
bezoeker gebruiker helpdesk redactie servicedesk klantenservice lezeres collegae jij jullie u je
wij we ik hij zij ze het de een dit dat deze die er en of maar want dus als dan toen nu hier daar
wat wie waar wanneer waarom hoe welke is was zijn heeft had hebben kan kun kunt kunnen wil willen
zal zullen zou zouden moet moeten mag mogen gaat wordt werd worden bij naar voor met zonder over
onder tegen tussen tot vanaf vandaag morgen gisteren ook niet geen wel nog al alle alles elke
ieder bedankt dank graag hierbij namens betreft onderwerp goedemorgen goedemiddag goedenavond
hallo hoi dag groet groeten vriendelijke hoogachtend mvg maandag dinsdag woensdag donderdag
vrijdag zaterdag zondag januari februari maart april mei juni juli augustus september oktober
november december feb mrt apr jun jul aug sep sept okt nov dec customer customers client
clients colleague colleagues sir madam all everyone everybody folks friend friends reader readers
user users member members there guys valued hiring manager editor students parent parents resident
residents applicant candidate participant sirs ladies gentlemen support sales marketing finance
legal hr it service desk department board committee i you he she they the a an this that these
those here and or but if then when where why how what which who are were be been has have can
could will would shall should may might must do does did not no yes on in at by for from to with
without about please thanks thank regards kind best sincerely cheers hello hi dear world monday
tuesday wednesday thursday friday saturday sunday january february march june july august october
english dutch german french nederlandse nederlands engels duits frans europese onbekend unknown
none null nvt n.v.t. n/a true false test admin root system gateway project factuur order
bestelling ticket zaak dossier bijlage versie rapport notitie verslag overzicht vraag naam adres
telefoon email e-mail datum postcode plaats woonplaats geboortedatum bsn kenmerk opmerking functie
status rol type titel bedrag aantal prijs product artikel nummer code url address phone date name
street city country subject amount number id key value description category title priority begin
einde monsieur madame mademoiselle herr frau damen señor señora team-lead teamleider projectleider
voorzitter secretaris penningmeester directeur adviseur arts huisarts dokter verpleegkundige
advocaat notaris rechter burgemeester wethouder minister agent inspecteur controleur president
mevr mw dhr drs mr mrs ms dr prof ing fyi asap btw dob tel fax re fw fwd cc bcc director officer engineer developer accountant nurse doctor judge chair chairman secretary
rekening verzekering gemeente belastingdienst politie ziekenhuis school universiteit stichting
vereniging bedrijf organisatie ministerie provincie rechtbank bank winkel praktijk kantoor via per
sinds na om uit zo zoals terwijl omdat hoewel misschien soms vaak altijd nooit kom laat geef stuur
maak schrijf lees bekijk controleer vertaal vat analyseer verwerk zoek vergelijk noem give send
make write read check translate summarize summarise analyse analyze find compare list
""")
# Names that are no other word in Dutch, English or German, so that they need no capital.
CLEAR_LOWER = (
    frozenset(name.lower() for name in FIRST_NAMES - _ORDINARY - AMBIGUOUS_NAMES if len(name) >= 4)
    - PLACES
    - STOP
)
# What people do, behind their names: no name in a text without capitals.
VERBS = _words("""
is was zijn waren heeft had hebben hadden wordt werd gaat ging komt kwam zegt zei vraagt vroeg wil wilde
belt belde mailt mailde schrijft schreef stuurt stuurde geeft gaf krijgt kreeg doet deed maakt maakte
ziet zag weet wist denkt dacht vindt vond meldt meldde blijft bleef staat stond ligt lag zit zat neemt nam
houdt hield laat liet brengt bracht loopt liep woont woonde werkt werkte heet heette kan kon mag mocht moet
moest zal zou bedankt graag even nog net weer ook al nu dan maar want omdat dat die niet wel is's
has had was were will would can could says said asks asked wants wanted calls called writes wrote sends
sent gives gave gets got does did makes made sees saw knows knew thinks thought comes came goes went
stays stayed takes took brings brought lives lived works worked needs needed told tells left who that
just also still now then because is to at in on from for with and or but okay yeah yes no please
""")
# Departments and roles that sign letters and head lists as people do.
UNITS = _words("""
zaken afdeling afdelingen team teams beheer dienst diensten facilities facilitaire facilitair
administratie planning receptie balie kantoor directie bestuur redactie communicatie inkoop verkoop
logistiek magazijn personeel personeelszaken salarisadministratie debiteurenbeheer crediteuren
klantcontact klantenservice servicedesk helpdesk secretariaat commissie werkgroep raad college
bewonerscommissie ondernemingsraad burgerzaken vergunningen handhaving toezicht financiën juridische
accounts payable receivable operations engineering security support sales marketing finance human
resources office desk department committee council board service services group staff crew management
housekeeping maintenance logistics procurement billing payroll reception container gateway bot system
alert monitor noreply no-reply info contact press media events training facility workplace werkplek
onderhoud schoonmaak techniek technische ict it hr ondersteuning informatie
""")
# In the local part of an e-mail address these say what it is for.
GENERIC = _words("""
data protection privacy customer service general public mail web shop order orders sales request requests
care digital online national local central regional main office front back first second new open free
business corporate investor relations job jobs career careers vacatures werken bij algemeen algemene
klant klanten vragen melding meldingen storing storingen bestelling bestellingen factuur facturen post
mailbox nieuws nieuwsbrief news letter newsletter no reply do not bounce abuse postmaster webmaster
""")
BRANDS = frozenset((
    "douwe egberts", "albert heijn", "max havelaar", "jan linders", "van lanschot", "van gend",
    "ernst young", "philip morris", "jack daniel", "jack daniels", "louis vuitton", "hugo boss", "calvin klein",
    "tommy hilfiger", "michael kors", "karl lagerfeld", "willem ii", "wolters kluwer", "johnson controls",
    "van gogh", "vincent van gogh", "johan cruijff", "johan cruyff", "anne frank", "de bijenkorf",
    "martin luther", "florence nightingale", "paul smith", "marks spencer", "dr oetker", "oscar wilde",
    "harry potter", "santa claus", "morgan stanley", "charles schwab", "thomas cook", "thomson reuters",
    "goldman sachs", "baker tilly", "philips", "egberts", "jacobs", "siemens", "williams", "jan monnet", "jean monnet", "robert walters", "michael page", "jim beam", "peter rabbit",
))  # fmt: skip
COMPANY = _words("""
b.v. bv b.v n.v. nv v.o.f. vof ltd ltd. limited llc inc inc. gmbh ag plc corp corp. group groep
holding holdings bank logistics consultancy consulting makelaars makelaardij advocaten notarissen
notariaat accountants zonen zoon sons partners technologies techniek software systems solutions
services stichting vereniging college school scholen ziekenhuis hospital clinic kliniek museum
huis park arena hotel university universiteit academy academie instituut institute centrum center
centre mc umc foundation prijs prize award cup syndrome syndroom disease ziekte stadion stadium
plein square airport bouw bouwbedrijf transport verhuur installatie installatietechniek schilders
catering bakkerij & s.a. srl spa sp. kg se ab oy airlines insurance verzekeringen pensioen zorg
zorggroep thuiszorg apotheek project
""")
STREET_ENDS = (
    "straat", "laan", "weg", "plein", "kade", "gracht", "dijk", "singel", "steeg", "plantsoen", "dreef",
    "markt", "hof", "pad", "wal", "ring", "park", "baan", "erf", "veld", "haven", "burg", "brink", "dam",
    "oord", "donk", "akker", "meent", "kamp", "horst", "hoek", "beek", "boulevard", "allee", "bos", "wijk",
    "straße", "strasse", "gasse", "platz", "allee", "gatan", "vägen",
)  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan janvier januar enero gennaio stycznia",
            "februari february feb février februar febrero febbraio lutego",
            "maart march mrt mar mars märz marzo marca",
            "april apr avril abril aprile kwietnia",
            "mei may mai mayo maggio maja maj",
            "juni june jun juin junio giugno czerwca",
            "juli july jul juillet julio luglio lipca",
            "augustus august aug août agosto sierpnia augusti",
            "september sept sep septembre septiembre settembre września",
            "oktober october okt oct octobre octubre ottobre października",
            "november nov novembre noviembre listopada",
            "december dec décembre dezember diciembre dicembre grudnia",
        ),
        start=1,
    )
    for name in names.split()
}
