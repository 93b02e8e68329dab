"""What stands before names: keys, titles, greetings, sign-offs, phrases and roles, as patterns."""

KEYS = (
    "achternaam|voornaam|voornamen|roepnaam|contactpersoon|patiënt|patient|cliënt|pat\\.?|"
    "medewerker|werknemer|huurder|bewoner|leerling|verzekerde|behandelaar|bestuurder|"
    "kandidaat|sollicitant|gemachtigde|moeder|vader|klager|ondertekenaar|leidinggevende|"
    "chauffeur|huisarts|mentor|deelnemers?|aanwezig|afwezig|notulist|voorzitter|"
    "first[_ ]?name|last[_ ]?name|surname|full[_ ]?name|given[_ ]?name|family[_ ]?name|"
    "employee|assignee|applicant|candidate|insured|guardian|attendees|caller|cardholder|"
    "spouse|vorname|nachname|prénom|apellidos?|nome e cognome|cognome|imię|nazwisko|förnamn|"
    "efternamn|kaarthouder|rekeninghouder|account holder|tenaamstelling|ten name van|"
    "next of kin|apologies|aanwezigen|afwezigen|aanwezig m\\.k\\.|afwezig m\\.k\\.|verhinderd|"
    "witness(?:es)?|getuigen?|medeaanvrager|mede-aanvrager|gemaakt door|opgesteld door|"
    "behandeld door|contact person|emergency contact|noodcontact|naam en voornamen|monteur|"
    "verpleegkundige|dokter|nurse|physician|appellant|erflater|executeur|besteld door|"
    "ingediend door|approved by|prepared by|reviewed by|reported by|requested by|created by|"
    "assigned to|toegewezen aan|gesproken met|aanspreekpunt"
)
# Organisations and things stand behind these as often as people.
LOOSE_KEYS = (
    "afzender|ontvanger|klant|opdrachtgever|host|speaker|spreker|eigenaar|verhuurder|"
    "aanvrager|requester|begunstigde|auteur|melder|organizer|organisator|eiser|gedaagde|"
    "plaintiff|defendant|claimant|respondent|klantnaam|tenant|landlord|present|absent|chair|"
    "driver|kind|partner|student|client|sender|reporter|arts|signed|customer[_ ]?name|"
    "betrokkene|verzoeker|verweerder|bezorger|beneficiary|ouder"
)
WEAK_KEYS = (
    "naam|name|customer|contact|van|aan|from|to|cc|bcc|kopie|von|an|owner|user|author|manager|consultant"
    "|door|by|nom|nombre|nome|namn|namen|kunde|attn|t\\.a\\.v\\.|t\\.n\\.v\\.|de|para|da|à|do"
)
TITLES = (
    r"dhr|mevr|mw|mevrouw|meneer|mijnheer|de heer|familie|fam|juffrouw|dokter|drs|ir|ing|mr|mrs|ms|hr"
    r"|miss|mister|dr|prof|professor|herrn?|frau|monsieur|madame|mme|mlle|sra|srta|señora?|signora?|sig"
    r"|sig\.ra|dott|dott\.ssa|dottor|dottoressa|pani?|fru|dame|lady|mej|mademoiselle|don|doña"
)
GREETINGS = (
    r"beste|geachte|hoi|hallo|hey|hé|hee|ha|dag|lieve|hi|hello|dear|goedemorgen|goedemiddag|hoi hoi"
    r"|goedenavond|goeiemorgen|morning|good (?:morning|afternoon|evening)|sehr geehrter?|liebe[r]?|hej"
    r"|bonjour|chère?|cher|estimad[oa]|hola|gentile|car[oa]|ciao|drog[ia]|szanown[ya]|cześć|beste heer"
    r"|querid[oa]|egregio|thanks|thank you|bedankt|dank je|dankjewel|dank je wel|sorry|moin|servus|salut"
)
SIGN_OFFS = (
    r"(?:groet|groeten|groetjes|gr\.|gr|mvg|gegroet|hoogachtend|regards|sincerely|cheers|yours truly"
    r"|best wishes|yours in [a-z]{3,14}|thanks|thank you|bedankt|dank|cordialement|grüßen|grüße|saludos|saluti|pozdrawiam"
    r"|liefs|alvast dank|kind regards|best|rgds|namens|faithfully|gracias|grazie|merci|danke|dank je"
    r"|many thanks|atentamente|bien à vous|gruß|hälsningar|warmly|take care|tot dan|tot snel|ciao|love"
    r"|xx|x|met dank|vriendelijk|dankjewel)"
)
PHRASES = (
    r"mijn naam is|ik heet|(?:je|u) spreekt met|gesproken met|ten name van|op naam van|my name is|spoken (?:to|with)"
    r"|spoke (?:to|with)|ich heiße|mein name ist|je m'appelle|me llamo|mi nombre es|mi chiamo|nazywam się|jag heter"
    r"|cliënte?|patiënte?|verdachte|sollicitant|buurvrouw|buurman|collega|zoon|dochter|echtgeno(?:ot|te)|moeder|vader"
    r"|my (?:wife|husband|son|daughter|colleague)|zijn vrouw|haar man|huisarts|genaamd|our colleague|onze collega"
    r"|the late|wijlen|geboren als|née|roepnaam|voornaam is|oom|tante|opa|oma|opoe|auntie|uncle|grandma|grandpa|zusje"
    r"|broertje|wife|husband|daughter|nephew|niece|neighbou?r|collega's|vriendin|widow of|weduwe van|zuster|broeder|nurse|rabbi"
    r"|(?:mijn|onze|haar|zijn|hun|m'n|d'r|z'n) (?:man|vrouw|broer|zus|partner|kleinzoon|kleindochter|vriend|stiefvader|stiefmoeder|stiefzoon|stiefdochter|schoonmoeder|schoonvader|schoonzus|zwager|neef|nicht|baas)"
    r"|(?:my|his|her|our|their) (?:brother|sister|mother|father|mum|mom|dad|aunt|uncle|cousin|partner|boyfriend|girlfriend|fiancée?|stepson|stepdaughter|boss|friend|flatmate|twin)"
    r"|vraag(?:t)? (?:even )?naar|vragen naar|ask(?:ing|s)? for|imam|dominee|pastoor|u spreekt met"
)
ROLES = (
    r"notaris|arts|jeugdarts|bedrijfsarts|gynaecoloog|internist|cardioloog|koster|kosteres|notaio|wethouder|griffier|burgemeester|teamleider|coördinator|fysiotherapeut|begeleider|casemanager"
    r"|verpleegkundige|notulist|verhuurconsulent|consulent|inspecteur|inspector|chauffeur|monteur|rechter"
    r"|advocaat|trouwambtenaar|jeugdwerker|bewoner|huurder|medewerker|planner|docent|leraar|mentor|coach"
    r"|accountant|adviseur|directeur|voorzitter|penningmeester|secretaris|stagiaire?|projectleider|makelaar"
    r"|psycholoog|psychiater|tandarts|chirurg|verloskundige|wijkverpleegkundige|apotheker|schade-expert"
    r"|tenant|employee|driver|engineer|manager|solicitor|barrister|caretaker|foreman|counsellor|councillor"
    r"|detective|sergeant|constable|officer|agent|technician|surgeon|therapist|physiotherapist|witness"
    r"|getuige|eigenaar|owner|insured|ik ben|i am|i'm|this is|ons lid|our member|colleague|ring|asked|t\.n\.v\."
    r"|t\.a\.v\.|afspraak met|overleg met|gesprek met|contact (?:op )?met|behandeld door|ondertekend door|schreef"
    r"|opgesteld door|ingediend door|on behalf of|attn:?|c/o|meeting with|signed by|patient|client|named|called by"
    r"|namens|in the name of|genannt|contact"
)
