"""The words of special categories (GDPR articles 9 and 10): patterns, each a whole word or phrase.

A word stands here only where it seldom says anything else; what it needs is a person beside it.
"""

# In these a name of an illness, a treatment, a symptom or a drug.
HEALTH = r"""
diagnos(?:e|es|is|ed|tiek)|ziekte(?:beeld|verlof|geschiedenis|verzuim|wet|wetuitkering)?|ziekgemeld|ziek gemeld
meldde zich ziek|meldt zich ziek|ziekmelding|ziek thuis|zit ziek|is ziek|weer ziek|called in sick|off sick
arbeidsongeschikt(?:heid)?|burn-?out|overspannen|depress(?:ie|ies|ief|ieve|ion|ed)|kanker|cancer|krebs|cáncer|cancro
tumor|tumou?rs?|chemo(?:therapie|therapy|kuur)?|bestraling|radiotherap(?:ie|y)|diabet(?:es|icus|ic)|suikerziekte
insuline|insulin|hiv|aids|seropositief|epilep(?:sie|sy|tisch|tic)|zwanger(?:schap|schapsverlof)?|pregnan(?:t|cy)
miskraam|miscarriage|bevallingsverlof|maternity leave|ivf|medicati(?:e|on|on list)|medicijn(?:en|gebruik)?
antidepressi?va|antidepressants?|antipsychotica|psychiat(?:er|rie|risch|rische|rist|ric|ry)|psycho(?:se|sis|tisch|tic)
psycholo(?:og|gische|gical) (?:klachten|hulp|treatment|help)|autis(?:me|m|tisch|tische|tic)|adhd|dyslex(?:ie|ia)
dement(?:ie|ia|erend)|alzheimer|parkinson|verslav(?:ing|ingszorg)|verslaafd(?: aan)?|addict(?:ion|ed)|alcoholist
alcohol (?:problem|misbruik|abuse|dependence)|drinkt te veel|methadon(?:e)?|overdosis|overdose|detox|afkick\w{0,6}
allerg(?:ie|ieën|isch|y|ic)|hartinfarct|heart attack|hartfalen|hartklachten|hartritmestoornis|beroerte|stroke patient
had a stroke|geopereerd|operatie aan|surgery|heup(?:operatie|fractuur|prothese)|hip (?:replacement|operation)
chronisch(?:e)? (?:ziek|ziekte|pijn|vermoeid)|chronic (?:illness|pain|condition|disease|fatigue)|gehandicapt
lichamelijke beperking|verstandelijke beperking|disabilit(?:y|ies)|disabled|zit in een rolstoel|in a wheelchair since|rolstoelgebruiker|wheelchair user|bloeddruk
blood pressure|medisch(?:e)? (?:dossier|gegevens|klachten|advies|keuring|behandeling|geschiedenis|verklaring)
medical (?:record|records|history|condition|leave|certificate|treatment|file|notes)|sick leave|sickness absence
longkanker|borstkanker|breast cancer|prostaatkanker|leukemi[ea]|leukaemia|lymfoom|lymphoma|melanoom|melanoma|uitzaaiing(?:en)?
metastas(?:e|es|is)|reuma|reumato\w{2,10}|artrit(?:is|e)|arthritis|artrose|osteoporose|fibromyalgie|jicht|gout
astma|asthma|copd|emfyseem|longontsteking|pneumoni[ea]|bronchitis|tuberculos[ei]s?|anorexia|boulimi[ae]|eetstoornis
eating disorder|suïcid(?:aal|e)|suicid(?:e|al)|zelfmoord\w{0,8}|zelfbeschadiging|self-?harm|trauma(?:behandeling|verwerking)
ptss|ptsd|emdr|angststoornis|paniek(?:aanval|aanvallen|stoornis)|panic attacks?|anxiety (?:disorder|attacks?)|dwangstoornis
hernia|migraine|revalid(?:atie|eert)|rehabilitation|huisarts (?:constateerde|schreef)|bipola(?:ir|r)|borderline
schizofreni\w{1,4}|schizophreni[ac]|hepatitis|covid-?19 positief|positief getest|tested positive|long covid|corona gehad
wia-?uitkering|wajong|wao|re-?integratie(?:traject|plan)?|bedrijfsarts|occupational health|arbo-?arts
ibuprofen gebruik\w{1,3}|lithium|haldol|haloperidol|oxazepam|temazepam|diazepam|ritalin|concerta|methylfenidaat|prozac
sertraline|paroxetine|fluoxetine|citalopram|venlafaxine|mirtazapine|quetiapine|olanzapine|risperidon|metformin[e]?
methotrexa(?:at|te)|prednison|prednisolon[e]?|tamoxifen|morfine|morphine|oxycodon[e]?|fentanyl|warfarin[e]?|acenocoumarol
levothyroxine|salbutamol|simvastatine|omeprazol[e]?|furosemide?|clozapine?|pijnscore|katheter|catheter|stoma|dialyse
dialysis|nierfalen|kidney failure|insuffisance rénale|transplantati(?:e|on)|niersteen|hersenschudding|concussion|whiplash
gebroken (?:pols|been|arm|heup|enkel|voet|rib|sleutelbeen)|broken (?:wrist|leg|arm|hip|ankle|collarbone)|fracture|fractuur
delirant|delier|delirium|dwarslaesie|multiple sclerose|multiple sclerosis|huntington|spierziekte|ziekte van \w{3,14}
syndroom van \w{3,14}|down-?syndroom|down syndrome|psoriasis|eczeem|eczema|crohn|colitis|coeliakie|prikkelbare darm
epileptische aanval|flauwgevallen|bloedarmoede|anemi[ea]|anaemia|sikkelcel\w{0,8}|hemofilie|schildklier\w{0,12}|thyroid
lactose-?intoleran\w{2,4}|glutenallergie|notenallergie|pinda-?allergie|nut allergy|caries|gingivitis|wortelkanaal\w{0,12}
local anaesthetic|narcose|anesthesie|fysiotherapie(?:traject|sessies)?|physiotherapy|oefentherapie|logopedi[es]\w{0,3}|ergotherap\w{2,6}
psychotherap\w{1,5}|cognitieve gedragstherapie|ggz|pijn (?:onderrug|in de|aan de|op de borst)|rugklachten|back pain
chest pain|nekklachten|schouderklachten|knieklachten|pols ?klachten|hoofdpijn|koorts|fever|misselijk|benauwd(?:heid)?
kortademig|duizelig\w{0,4}|vermoeidheidsklachten|klachten van (?:rug|nek|schouder)|symptomen|symptoms|verkoudheid en koorts
zuurstof \d|saturatie|temp 3\d|gehoorapparaat|hearing aid|slechthorend|blind geworden|visuele beperking|visually impaired
abortus|abortion|sterilisatie|soa|std test|chlamydia|gonorroe|syfilis|menopauze|menopause|overgangsklachten|hormoonbehandeling
palliati(?:ef|eve|ve)|terminaal|terminally ill|hospice|euthanasi[ae]|ongeneeslijk|ernstig ziek|seriously ill|ic-opname
opgenomen (?:geweest|in het ziekenhuis|op de)|ziekenhuisopname|hospitali[sz]ed|admitted to (?:hospital|the ward|a clinic)
geslikt|slikt (?:nu|pillen|medicijnen)|gebruikt medicijnen|krank(?:heit|geschrieben|gemeldet)?|schwanger|schwerbehindert
arrêt maladie|enceinte|handicapé|grossesse|maladie|dépression|baja médica|embarazada|enfermedad|malattia|incinta|invalidità
ciąż[ay]|choroba|chor[ya]|nowotwór|cukrzyc[aya]|gravid|sjukskriven|bloedtransfusie|blood test results|bloedwaarden|hba1c
psychische (?:klachten|problemen|aandoening)|mental health (?:problems?|issues?|condition|crisis)|nervous breakdown
zwakbegaafd|laag iq|gedragsstoornis|pdd-nos|asperger|gilles de la tourette|stottert|incontinent\w{0,4}|bedplassen
"""
RELIGION = r"""
moslims?|moslima|islamiti(?:sch|sche)|muslims?|christen(?:en)?|christelijk geloof|katholi(?:ek|eke)|catholic|joods(?:e)?
jewish|jood|jodin|hindoe(?:s|ïstisch)?|hindu|boeddhist\w{0,4}|buddhist|protestant(?:se|s)?|gereformeerd(?:e)?
jehova'?s? getuigen?|jehovah'?s witness(?:es)?|geloofsovertuiging|religieuze (?:overtuiging|redenen|gronden|feestdag)
religious (?:belief|beliefs|reasons|grounds|observance|holiday)|ramadan|suikerfeest|eid al[- ]?\w{3,5}|offerfeest
atheïst|atheist|gelovige?|bekeerd|converted to|sikh|evangelisch|hoofddoek|headscarf|hijab|niqaab|niqab|keppel(?:tje)?|kippa
kosher|koosjer|halal|sabbat|sjabbat|shabbat|jom kippoer|yom kippur|bidt vijf keer|gebedsruimte|prayer room|prays
naar de moskee|mosque|synagoge|synagogue|naar de kerk|goes to church|kerklid\w{0,10}|doopsgezind|remonstrant\w{0,3}
haar geloof|zijn geloof|her faith|his faith|katholisch|evangelisch-lutherisch|musulman[ea]?|musulmán|católic[oa]|cattolic[oa]
juif|juive|jüdisch|muzułman\w{1,3}|soennitisch|sjiitisch|sunni|shia|baptist|mormoon|mormon|zevendedagsadventist
"""
UNION = r"""
vakbond(?:en|slid|sleden|slidmaatschap|sbijdrage|sbestuurder|swerk|skader|scontributie)?|fnv|cnv|unie-lid|trade union
union (?:member|members|membership|dues|rep|representative|official|subscription|activist|delegate|steward)|labou?r union
lid van de (?:bond|vakbond)|vakbondsvertegenwoordiger|bondslid|bondsbijdrage|shop steward|kaderlid|gewerkschaft\w{0,12}
syndiqué\w{0,2}|syndicat|sindicat\w{1,4}|iscritt[oa] al sindacato|związk\w{1,3} zawodow\w{1,4}|unison|unite the union|usdaw
stakingskas|strike fund|fackligt|fackförening\w{0,6}
"""
ETHNICITY = r"""
etnische (?:afkomst|achtergrond|groep|herkomst|minderheid)|etniciteit|ethnicity|ethnic (?:origin|background|group|minority)
racial origin|van (?:marokkaanse|turkse|surinaamse|antilliaanse|syrische|afrikaanse|hindoestaanse|molukse|joodse|chinese|indonesische|roma|koerdische|somalische|eritrese|afghaanse|irakese) (?:afkomst|komaf|herkomst)|huidskleur|skin colou?r
roma-?(?:afkomst|famili\w{1,4}|zigeuner\w{0,3}|gemeenschap|community|family)|romafamilie|sinti|migratieachtergrond
of (?:moroccan|turkish|surinamese|african|asian|roma|syrian|caribbean|indian|chinese|kurdish|jewish) (?:descent|origin|heritage)
is (?:black|koerd|koerdisch|molukker|molukse|zigeuner|roma)|zwarte (?:vrouw|man|collega)|black (?:woman|man|colleague)
afro-caribbean|mixed race|half-?(?:marokkaans|turks|surinaams)|allochtoon|statushouder uit|gypsy|traveller community
koerdisch|kurdish|berber|oeigoer\w{0,3}|uyghur|tigrinya|ethnische herkunft|origine ethnique|origen étnico|origine etnica
"""
SEXUALITY = r"""
homoseksu(?:eel|ele|aliteit)|homosexual(?:ity)?|homo is|is homo|lesbi(?:sch|sche|enne|an)|biseksueel|bisexual|transgender
trans(?:vrouw|man| woman| man)|in transitie|transitioning|transition(?:ed)? from (?:male|female)|seksuele (?:geaardheid|voorkeur|gerichtheid|oriëntatie)|sexual (?:orientation|preference)|is gay|gay|queer|coming ?out|kwam uit de kast|uit de kast
came out as|geslachtsverandering|gender reassignment|gender identity|genderidentiteit|genderdysforie|gender dysphoria
non-?binair|non-?binary|sex life|seksleven|valt op (?:mannen|vrouwen)|zijn man en hij|schwul|lesbisch|gai|homosexuel\w{0,2}
lhbti\w{0,2}|lgbt\w{0,3}|aseksueel|asexual|panseksueel|pansexual|intersekse|hiv-prep|buitenechtelijke relatie
"""
POLITICS = r"""
politieke (?:voorkeur|overtuiging|opvatting|opvattingen|partij|gezindheid)|political (?:opinion|view|affiliation|belief|party)s?
partijlid(?:maatschap)?|party (?:member|membership|activist)(?:s|ship)?|stemt (?:op|al jaren)|stemde op|gestemd op
lid van (?:de )?(?:pvda|vvd|pvv|d66|cda|groenlinks|sp|fvd|denk|volt|bbb|nsc|ja21|sgp|christenunie)
(?:pvda|vvd|pvv|d66|cda|groenlinks|sp|fvd|bbb|nsc|sgp|christenunie)-?(?:lid|stemmer|aanhanger|raadslid)|voted for|votes? (?:labour|tory|conservative|green)
(?:labour|tory|conservative|green party) (?:member|voter|activist|supporter)|member of (?:the )?(?:labour|conservative|green|communist)
communist|anarchist|extreemrechts|far-?right|krak(?:er|ersbeweging)|extinction rebellion|parteimitglied\w{0,8}|militant\w? (?:du|de la|del)
canvass(?:es|ed|ing) for|campaigns for the|voert campagne voor|kandidaat voor de (?:vvd|pvda|d66|cda|sp|pvv)
"""
BIOMETRIC = r"""
vingerafdruk(?:ken|scan)?|fingerprints?|vingerscan|irisscan|iris scan|netvliesscan|retina scan|gezichts(?:herkenning|scan|profiel)
facial (?:recognition|scan|template)|face ?(?:id template|scan|print|recognition)|biometri(?:sch|sche|e|c|cs|cal)
dna-?(?:profiel|profile|test|onderzoek|sample|monster|match)|genetisch(?:e)? (?:profiel|gegevens|test|onderzoek|aanleg|afwijking)
genetic (?:data|test|profile|screening|testing)|brca[12]?|stem(?:afdruk|herkenning)|voice ?print|handpalmscan|palm scan
huella dactilar|empreinte digitale|fingerabdruck|impronta digitale|odcisk palca
"""
CRIMINAL = r"""
strafblad|criminal (?:record|conviction|history|proceedings|charge)s?|veroordeeld (?:voor|wegens|tot)|veroordeling wegens
convict(?:ed|ion)s? (?:of|for)|verdachte|verdacht van|suspect in|suspected of|strafrechtelijk(?:e)?|gevangenisstraf|gevangenis
prison sentence|in prison|was jailed|jailed for|gedetineerde?|detentie|prisoner|inmate|reclassering|taakstraf|werkstraf
probation(?: officer| order)|on probation for|parole|aangehouden (?:voor|wegens|op verdenking)|arrested (?:for|on)|arrestatie
huiselijk geweld|domestic (?:violence|abuse)|winkeldiefstal|shoplifting|justitiële documentatie|vog (?:is )?geweigerd|fraudeverleden
gearresteerd|aangifte (?:tegen|gedaan tegen)|betrapt op (?:diefstal|stelen)|gestolen (?:uit de kas|geld van)|verduister(?:d|ing)
embezzl\w{2,6}|charged with (?:\w+ ){0,2}(?:theft|fraud|assault|murder|burglary|possession|drink)|rijden onder invloed|drunk driving
drink-?driving|enkelband|ankle (?:tag|monitor)|tbs|contactverbod|straatverbod|restraining order|mishandeling|drugsbezit
vorbestraft|verurteilt|casier judiciaire|condamné\w{0,2}|antecedentes penales|condenad[oa]|precedenti penali|skazan[ya]|karan[ya]
mensenhandel|zedendelict|sex offen[cs]e|sex offender|poging tot doodslag|openlijke geweldpleging|voorarrest|remanded in custody
"""
TOPICS = {
    name: [line for line in words.split("\n") if line]
    for name, words in (
        ("HEALTH", HEALTH), ("RELIGION", RELIGION), ("UNION", UNION), ("ETHNICITY", ETHNICITY),
        ("SEXUALITY", SEXUALITY), ("POLITICS", POLITICS), ("BIOMETRIC", BIOMETRIC), ("CRIMINAL", CRIMINAL),
    )
}  # fmt: skip
