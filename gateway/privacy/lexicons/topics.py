"""The words of special categories (GDPR articles 9 and 10): patterns, each a whole word or phrase.

A word stands here only where it seldom says anything else; what it needs is a person beside it.
"""

from gateway.privacy.lexicons import topics_abroad as abroad
from gateway.privacy.lexicons.medical import DRUGS, ILLNESSES

# In these a name of an illness, a treatment, a symptom or a drug.
HEALTH = r"""
diagnos(?:e|es|is|ed|tiek)|ziekte(?:beeld|verlof|geschiedenis|verzuim|wet|wetuitkering)?|ziekgemeld|ziek gemeld
meldde zich ziek|meldt zich ziek|ziekmelding|ziek thuis|zit ziek|called in sick|off sick
arbeidsongeschikt(?:heid)?|burn-?out|overspannen|depress(?:ie|ies|ief|ieve|ion|ed)|kanker|cancer|krebs|cáncer|cancro
tumor|tumou?rs?|chemo(?:therapie|therapy|kuur)?|bestraling|radiotherap(?:ie|y)|diabet(?:es|icus|ic)|suikerziekte
insuline|insulin|hiv|aids|seropositief|epilep(?:sie|sy|tisch|tic)|zwanger(?:schap|schapsverlof)?|pregnan(?:t|cy)
miskraam|miscarriage|bevallingsverlof|maternity leave|ivf|medicati(?:e|on|on list)|medicijn(?:en|gebruik)?
antidepressi?va|antidepressants?|antipsychotica|psychiat(?:er|rie|risch|rische|rist|ric|ry)|psycho(?:se|sis|tisch|tic)
psycholo(?:og|gische|gical) (?:klachten|hulp|treatment|help)|autis(?:me|m|tisch|tische|tic)|adhd|dyslex(?:ie|ia)
dement(?:ie|ia|erend)|alzheimer|parkinson|verslav(?:ing|ingszorg)|verslaafd(?: aan)?|addict(?:ion|ed)|alcoholist
alcohol (?:problem|misbruik|abuse|dependence)|drinkt te veel|methadon(?:e)?|overdosis|overdose|detox|afkick\w{0,6}
allerg(?:ie|ieën|isch|y|ic)|hartinfarct|heart attack|hartfalen|hartklachten|hartritmestoornis|beroerte|stroke patient
had a stroke|geopereerd|operatie aan|heup(?:operatie|fractuur|prothese)|hip (?:replacement|operation)
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
chest pain|nekklachten|schouderklachten|knieklachten|pols ?klachten
(?:ha[ds]|have|having|needs?|needed|for|after|before|following|awaiting|underg\w{2,5}|her|his|my|your|their|major|minor|emergency|keyhole|elective|cancer|from|post|another) surgery
kortademig|duizelig\w{0,4}|vermoeidheidsklachten|klachten van (?:rug|nek|schouder)|verkoudheid en koorts
zuurstof \d|saturatie|temp 3\d|slechthorend|blind geworden|visuele beperking|visually impaired
abortus|abortion|sterilisatie|soa|std test|chlamydia|gonorroe|syfilis|menopauze|menopause|overgangsklachten|hormoonbehandeling
palliati(?:ef|eve|ve)|terminaal|terminally ill|hospice|euthanasi[ae]|ongeneeslijk|ernstig ziek|seriously ill|ic-opname
opgenomen (?:geweest|in het ziekenhuis|op de)|ziekenhuisopname|hospitali[sz]ed|admitted to (?:hospital|the ward|a clinic)
geslikt|slikt (?:nu|pillen|medicijnen)|gebruikt medicijnen|krank(?:heit|geschrieben|gemeldet)?|schwanger|schwerbehindert
arrêt maladie|enceinte|handicapé|grossesse|maladie|dépression|baja médica|embarazada|enfermedad|malattia|incinta|invalidità
ciąż[ay]|choroba|chor[ya]|nowotwór|cukrzyc[aya]|gravid|sjukskriven|bloedtransfusie|blood test results|bloedwaarden|hba1c
psychische (?:klachten|problemen|aandoening)|mental health (?:problems?|issues?|condition|crisis)|nervous breakdown
zwakbegaafd|laag iq|gedragsstoornis|pdd-nos|asperger|gilles de la tourette|stottert|incontinent\w{0,4}|bedplassen
chemo(?:kuren|behandeling\w{0,2}|pillen)|immunotherap\w{2,4}|hormoontherapie|malignant|uitbehandeld|endometriose|pcos|trombose|thrombosis
wia(?:-\w{4,14})?|wga|iva-uitkering|ziektejaar|verzuim(?:gesprek\w{0,3}|dossiers?|melding|begeleiding)|ziektedagen|arbo-?arts|arboarts
frequent[- ]verzuim(?:gesprek\w{0,3}|er)?|functionele mogelijkhedenlijst|arbeidstherapeutisch\w{0,2}|statutory sick pay
sickness (?:record|review|meeting|certificate)|hartbewaking|coronary care|ademstops|slaaponderzoek|sleep study|stop(?:s|ped)? breathing
longembolie|embolism|aneurysma?|hersentumor|brain tumou?r|galstenen|gallstones|blindedarmontsteking|appendicitis|vleesbomen|fibroids
darmpoliep\w{0,2}|maagzweer|stomach ulcer|gordelroos|shingles|waterpokken|chickenpox|krentenbaard|schurft|scabies|mazelen|measles
kinkhoest|whooping cough|roodvonk|oorontsteking|ear infection|blaasontsteking|urineweginfectie|tonsillitis|keelontsteking
fractura|frattura|fraktur|alergi(?:a|co)|allergi(?:a|co)|asma|asthme|diabète|diabetes mellitus|diagn[oó]stic(?:o|ado|ada|ata)
diagnosi|operiert|operación|opération|opéré|operado|operada|ricovero|ricoverat[oa]|hospitalis[ée]\w?|urgencias|pronto soccorso
notaufnahme|traumatología|radiografía|radiografia|röntgenbild|blutdruck|bluthochdruck|hipertensión|ipertensione
schlaganfall|herzinfarkt|infarto|infarctus|depresión|depressione|depressiv\w{0,2}|ansiedad|ansia|anxiété|angststörung
reha(?:bilitation)?smaßnahme|arbeitsunfähig(?:keit)?|krankschreibung|congé maladie|baja por enfermedad|malattie
the rash|rash on|skin rash|huiduitslag
"""
RELIGION = r"""
moslims?|moslima|islamiti(?:sch|sche)|muslims?|christen(?:en)?|christelijk geloof|katholi(?:ek|eke)|catholic|joods(?:e)?
jewish|jood|jodin|hindoe(?:s|ïstisch)?|hindu|boeddhist\w{0,4}|buddhist|protestant(?:se|s)?|gereformeerd(?:e)?
jehova'?s? getuigen?|jehovah'?s witness(?:es)?|geloofsovertuiging|religieuze (?:overtuiging|redenen|gronden|feestdag)
religious (?:belief|beliefs|reasons|grounds|observance|holiday)|ramadan
atheïst|atheist|bekeerd|converted to|sikh|evangelisch|hoofddoek|headscarf|hijab|niqaab|niqab|keppel(?:tje)?|kippa
sabbat|sjabbat|shabbat|jom kippoer|yom kippur|bidt vijf keer|gebedsruimte|prayer room|prays
naar de moskee|kerklid\w{0,10}|doopsgezind|remonstrant\w{0,3}
haar geloof|zijn geloof|her faith|his faith|katholisch|evangelisch-lutherisch|musulman[ea]?|musulmán|católic[oa]|cattolic[oa]
belijdend lid|observant (?:jew|muslim|catholic|hindu)|jews?|born-again|(?:greek|russian|serbian|ethiopian|coptic) orthodox|(?:russisch|grieks|servisch|syrisch)-orthodox\w{0,1}
koptisch\w{0,1}|kopt|aleviet|alevitisch\w{0,1}|humanist|ongelovig|kerkkoor|churchwarden|moslimbroeder\w{0,6}|bahá'?í|zoroast\w{3,7}|rastafari
freethinker|agnosti(?:c|cus|sch)|ex-katholiek|lapsed catholic|refo|reformatorisch\w{0,1}|zwaar gelovig|dominee\w{0,3} zoon
juif|juive|jüdisch|muzułman\w{1,3}|soennitisch|sjiitisch|sunni|shia|baptist|mormoon|mormon|zevendedagsadventist
"""
UNION = r"""
vakbond(?:en|slid|sleden|slidmaatschap|sbijdrage|sbestuurder|swerk|skader|scontributie)?|fnv|cnv|unie-lid|trade union
union (?:member|members|membership|dues|rep|representative|official|subscription|activist|delegate|steward)|labou?r union
lid van de (?:bond|vakbond)|vakbondsvertegenwoordiger|bondslid|bondsbijdrage|shop steward|kaderlid|gewerkschaft\w{0,12}
syndiqué\w{0,2}|syndicat|sindicat\w{1,4}|iscritt[oa] al sindacato|związk\w{1,3} zawodow\w{1,4}|unison|unite the union|usdaw
trade unionists?|picket line|lid van (?:de |het )?(?:aob|nu'?91|vvmc|acp|npb|anpv|nederlandse politiebond|abvakabo|nvj|vnv|vhp2?|unie|mhp|vcp|lad|lbv|algemene onderwijsbond|politiebond|journalistenbond|bond|fnv \w{3,10}|cnv \w{3,10})
(?:member of|belongs to|joined|is in|subs to) (?:the )?(?:unite|unison|rmt|neu|rcn|pcs|ucu|bma|gmb|siptu|fórsa|nasuwt|aslef|cwu|tssa|usdaw|prospect|equity|bectu|inmo)
(?:unite|unison|rmt|neu|rcn|pcs|ucu|gmb|siptu|nasuwt|aslef|cwu|usdaw|bectu|inmo) (?:member\w{0,4}|reps?|steward|card|subs?|subscription)
vakbonds\w{4,14}|bonds(?:lid|leden|raad|bestuurder|consulent|werk)
stakingskas|strike fund|fackligt|fackförening\w{0,6}
"""
ETHNICITY = r"""
etnische (?:afkomst|achtergrond|groep|herkomst|minderheid)|etniciteit|ethnicity|ethnic (?:origin|background|group|minority)
racial origin|van (?:marokkaanse|turkse|surinaamse|antilliaanse|syrische|afrikaanse|hindoestaanse|molukse|joodse|chinese|indonesische|roma|koerdische|somalische|eritrese|afghaanse|irakese) (?:afkomst|komaf|herkomst)|huidskleur|skin colou?r
roma-?(?:afkomst|famili\w{1,4}|zigeuner\w{0,3}|gemeenschap|community|family)|romafamilie|sinti|migratieachtergrond
of (?:moroccan|turkish|surinamese|african|asian|roma|syrian|caribbean|indian|chinese|kurdish|jewish) (?:descent|origin|heritage)
zwarte (?:vrouw|man|collega)|black (?:woman|man|colleague)
afro-caribbean|mixed race|half-?(?:marokkaans|turks|surinaams)|allochtoon|statushouder uit|gypsy|traveller community
cre(?:ools|ole)|javaans(?:-surinaams)?|moluk(?:s|ker)\w{0,2}|amazigh|berbers|tamil|hutu|tutsi|papoea|hazara|pashtun|jezidi|yezidi|yazidi|irish traveller|m[aā]ori|aboriginal|latin[oax]|romani
(?:person|woman|man|people) of colou?r|british (?:asian|indian|pakistani|bangladeshi|chinese)|black british|white (?:british|irish|other)|black (?:african|caribbean)
(?:turkse|marokkaanse|surinaamse|antilliaanse|afrikaanse|indonesische|indische|molukse|chinese|syrische|iraanse|iraakse|somalische|poolse|joodse|kaapverdische|ghanese|eritrese) (?:ouders|wortels|roots|achtergrond|komaf|afkomst|herkomst|origine|bloed)
(?:turkish|moroccan|nigerian|ghanaian|surinamese|african|asian|caribbean|pakistani|indian|bangladeshi|chinese|jewish|somali|irish|polish|kurdish|roma|syrian|iranian) (?:parents|roots|heritage|background|descent|origin|ancestry|blood)
half-(?:indonesisch|indisch|ghanees|marokkaan|turk)|koerdisch|kurdish|berber|oeigoer\w{0,3}|uyghur|ethnische herkunft|origine ethnique|origen étnico|origine etnica
"""
SEXUALITY = r"""
homoseksu(?:eel|ele|aliteit)|homosexual(?:ity)?|homo is|is homo|lesbi(?:sch|sche|enne|an)|biseksueel|bisexual|transgender
trans(?:vrouw|man| woman| man)|in transitie|transitioning|transition(?:ed)? from (?:male|female)|seksuele (?:geaardheid|voorkeur|gerichtheid|oriëntatie)|sexual (?:orientation|preference)|queer|coming-out|(?:his|her|my|their|zijn|haar|mijn|een|de|na) coming out(?: (?:als|as|verhaal|story))?|coming out as|coming out (?:to|at) (?:his|her|my|their|work)|(?:kwam|komt?|kom|is|gekomen|komen) uit de kast|uit de kast (?:gekomen|komen|gegaan|kwam)
came out as|geslachtsverandering|gender reassignment|gender identity|genderidentiteit|genderdysforie|gender dysphoria
non-?binair|non-?binary|sex life|seksleven|valt op (?:mannen|vrouwen)|zijn man en hij|schwul|lesbisch|gai|homosexuel\w{0,2}
poly ?amor\w{1,4}|darkroom|bdsm|sm-?(?:afspraak|club|feest)|(?:having|had|has) an affair|buitenechtelijk\w{0,1}|vreemd(?:gegaan|gaan|gaat)|ging vreemd|sex ?club|seksclub|parenclub|swingers\w{0,4}
same-sex (?:partner|couple|marriage|relationship)|civil partnership with another|intersex|came out (?:to (?:his|her|their|me|us|my|the team)|at work)|(?:he|she|they|i) came out (?:last|this|in|when)|is bi|homohuwelijk|two (?:mums|dads)
seksverslav\w{2,5}|prostitu\w{3,6}|sekswerk\w{0,4}|sex worker|impoten\w{1,3}|erectie\w{0,12}|erectile dysfunction|libido
lhbti\w{0,2}|lgbt\w{0,3}|aseksueel|asexual|panseksueel|pansexual|intersekse|hiv-prep|buitenechtelijke relatie
"""
POLITICS = r"""
politieke (?:voorkeur|overtuiging|opvatting|opvattingen|partij|gezindheid)|political (?:opinion|view|affiliation|belief|party)s?
partijlid(?:maatschap)?|party (?:member|membership|activist)(?:s|ship)?|stemt (?:op|al jaren)|stemde op|gestemd op
lid van (?:de )?(?:pvda|vvd|pvv|d66|cda|groenlinks|sp|fvd|denk|volt|bbb|nsc|ja21|sgp|christenunie)
(?:pvda|vvd|pvv|d66|cda|groenlinks|sp|fvd|bbb|nsc|sgp|christenunie)-?(?:lid|stemmer|aanhanger|raadslid)|voted for|votes? (?:labour|tory|conservative|green)
(?:labour|tory|conservative|green party) (?:member|voter|activist|supporter)|member of (?:the )?(?:labour|conservative|green|communist)
jovd|jonge (?:socialisten|democraten)|dwars|cdja|perspectief-?lid|orangist|pegida|pkk-?\w{0,9}|gülen\w{0,10}|grijze wolven|just stop oil|farmers defence force|kick out zwarte piet
trump supporter|monarchist|registered (?:democrat|republican)|vot(?:ed|es) (?:reform|remain|leave|for brexit|snp|sinn féin|lib dem|green)|(?:lib dem|snp|sinn féin|fine gael|fianna fáil|plaid(?: cymru)?) (?:member|activist|canvasser|councillor|candidate|supporter)
(?:staat|stond) op de (?:kies)?lijst (?:van|voor)|flyer(?:t|en|de) voor|folder(?:t|en|de) voor de|leaflets? for (?:labour|the (?:tories|conservatives|greens|lib dems|snp))|partijvoorzitter|afdelingsvoorzitter van (?:de )?(?:vvd|pvda|cda|sp|d66|bbb|volt|denk)
communist|anarchist|extreemrechts|far-?right|krak(?:er|ersbeweging)|extinction rebellion|parteimitglied\w{0,8}|militant\w? (?:du|de la|del)
canvass(?:es|ed|ing) for|campaigns for the|voert campagne voor|kandidaat voor de (?:vvd|pvda|d66|cda|sp|pvv)
"""
BIOMETRIC = r"""
vingerafdruk(?:ken|scan)?|fingerprints?|vingerscan|irisscan|iris scan|netvliesscan|retina scan|gezichts(?:herkenning|scan|profiel)
facial (?:recognition|scan|template)|face ?(?:id template|scan|print|recognition)|biometri(?:sch|sche|e|c|cs|cal)
vaderschapstest|paternity test|hand-?geometr\w{1,4}|aderscan|vein scan\w{0,3}|gela(?:at|ats)vergelijking\w{0,2}|stemprofiel|handscan|palm ?(?:scan\w{0,3}|reader)|handpalm(?:scan\w{0,3}|lezer)|looppatroonherkenning|gait recognition
face (?:template|match\w{0,4}|geometry)|liveness (?:check|test|detection)|thumb ?prints?|duimafdruk|iris ?(?:template|match|code)|(?:klokt|inklokken|clocks?|clocking) in met (?:zijn|haar) vinger|faceprint|gezichtstemplate
dna[- ]?(?:profiel|profile|test|onderzoek|sample|monster|match)|genetisch(?:e)? (?:profiel|gegevens|test|onderzoek|aanleg|afwijking)
genetic (?:data|test|profile|screening|testing)|brca[12]?|stem(?:afdruk|herkenning)|voice ?print|handpalmscan|palm scan
huella dactilar|empreinte digitale|fingerabdruck|impronta digitale|odcisk palca
"""
CRIMINAL = r"""
strafblad|criminal (?:record|conviction|history|proceedings|charge)s?|veroordeeld (?:voor|wegens|tot)|veroordeling wegens
convict(?:ed|ion)s? (?:of|for)|verdacht van|suspect in|suspected of|strafrechtelijk(?:e)?|gevangenisstraf
prison sentence|in prison|was jailed|jailed for|gedetineerde?|detentie|prisoner|inmate|reclassering|taakstraf|werkstraf
probation(?: officer| order)|on probation for|parole|aangehouden (?:voor|wegens|op verdenking)|arrested (?:for|on)|arrestatie
huiselijk geweld|domestic (?:violence|abuse)|winkeldiefstal|shoplifting|justitiële documentatie|vog (?:is )?geweigerd|fraudeverleden
gearresteerd|aangifte (?:tegen|gedaan tegen)|betrapt op (?:diefstal|stelen)|gestolen (?:uit de kas|geld van)|verduister(?:d|ing)
embezzl\w{2,6}|charged with (?:\w{1,15} ){0,2}(?:theft|fraud|assault|murder|burglary|possession|drink)|rijden onder invloed|drunk driving
drink-?driving|enkelband|ankle (?:tag|monitor)|tbs|contactverbod|straatverbod|restraining order|mishandeling|drugsbezit
vorbestraft|verurteilt|casier judiciaire|condamné\w{0,2}|antecedentes penales|condenad[oa]|precedenti penali|skazan[ya]|karan[ya]
huisverbod|gebiedsverbod|proefverlof|in (?:hechtenis|verzekering)(?: genomen| gesteld)?|strafbeschikking|gedagvaard door het om|\d[,.]\d promille|staat gesignaleerd|halt-?(?:straf|traject|afdoening|bureau)|(?:maanden|jaar|weken) cel
celstraf|voorwaardelijke (?:straf|celstraf|gevangenisstraf|invrijheidstelling)|voorwaardelijk in vrijheid|(?:is|was|were|been) (?:re-?)?arrested|on remand|sex offenders?'? register|under investigation by the police|wanted by (?:interpol|the police|police)
served (?:\w{2,8} ){1,2}(?:years|months)|suspended sentence|community (?:service|payback)|plead(?:ed|s) guilty|found guilty|out on bail|on (?:police )?bail|police caution|(?:un)?spent conviction|drink-?drive\w{0,1}|artikel 8 wvw|door de politie (?:aangehouden|meegenomen|opgepakt)|opgepakt (?:voor|wegens)
aangehouden ter zake|verdachte werd|van zijn vrijheid beroofd|winkelverbod|stadionverbod|zat (?:\w{2,8} ){1,2}(?:maanden|jaar) (?:vast|in)|ex-gedetineerde|ex-offender|ex-con|jeugddetentie|pij-maatregel|isd-maatregel|ontnemingsvordering
verdachte van|(?:bent|is|als) verdachte|mensenhandel|zedendelict|sex offen[cs]e|sex offender|poging tot doodslag|openlijke geweldpleging|voorarrest|remanded in custody
"""
# These say it of a person only where one is in the same sentence: alone they are everyday words.
HEALTH_SIGNS = r"""
uitslag gekregen|(?:begint|begon|begonnen|start|startte) (?:\w{1,10} ){0,4}met (?:de|haar|zijn|een) (?:kuren|kuur)|weer gedronken|wachtlijst (?:bij|van|voor) (?:de|het) (?:kliniek|afdeling|therapie)|clean for (?:\w{1,12} ){1,3}(?:weeks?|months?|years?)
back on the (?:drink|booze|bottle|drugs)|with the gambling|gambling again|(?:his|her|my|zijn|haar|mijn) (?:ms|me|ibs|ocd|pcos) (?:is|was|has been|speelt)
exorotatie|endorotatie|anteflexie|abductie \d|frozen (?:shoulder|fase)|\de consult
(?:memory|pain|breast|heart|eye|sleep|stroke|diabetes|sexual health|ivf|mental health|foot|lung|cancer|day) clinic
(?:geheugen|slaap|hart|oog|diabetes|pijn|borst|hoofdpijn|val|stoma|prik)poli(?:kliniek)?|throwing up|threw up|spuugt|spugen
overgeven|buikgriep|norovirus|stomach bug|food poisoning|voedselvergiftiging|drukkend gevoel|op de borst|chest tightness
uitstralend|hartkloppingen|palpitations|nachtzweten|night sweats|gewichtsverlies|pakje per dag|(?:pack|twenty) a day
rr \d{2,3}/\d{2,3}|(?:cannot|can't|can no longer|unable to) (?:walk|stand|climb|lift|drive because|see)
kan niet (?:meer )?(?:lopen|traplopen|tillen|staan|bukken)|slecht ter been|help with (?:dressing|washing|bathing)
hulp bij (?:het )?(?:wassen|aankleden|douchen)|mobility component|personal independence payment
disability (?:benefit|allowance)|manuele therapie|manual therapy|steunzo(?:ol|len)|podotherap\w{2,6}|orthotics|insoles
plaster cast|hechtingen|stitches|hearing loss|gehoorverlies|speech delay|spraakachterstand|taalontwikkelingsstoornis|ehcp
special (?:educational )?needs|ontwikkelingsachterstand|developmental delay|learning (?:disability|disabilities|difficulties)
vergeetachtig|forgetful|memory (?:loss|problems)|geheugen(?:problemen|verlies)|nachtmerries|nightmares|flashbacks|huilbuien
crying spells|paniekaanval(?:len)?|behandelplan|treatment plan|ontslagen uit het ziekenhuis|discharged from|slaappoli
pre-eclampsie|\d{1,2} (?:wk|weken|weeks) (?:zwanger|pregnant)|kraamzorg|health visitor
wachtlijst voor (?:een )?(?:operatie|behandeling|therapie|knie|heup|ggz)
waiting list for (?:surgery|treatment|a knee|a hip|therapy)|pijn(?:lijke)? (?:rug|knie|nek|schouder|heup|voet|buik)|buikpijn
stomach ache|blessure|injured (?:his|her|my)|zijn been gebroken|haar arm gebroken|verstuikt|sprained|gekneusd|bruised ribs
arm in (?:het gips|plaster)|in het gips|(?:was|weer|even|al|erg|heel|flink|langdurig|nog|lang|is) ziek(?: geweest| thuis)?
ziek (?:geworden|geweest|thuis)
hersteld van (?:een|haar|zijn|de) (?:operatie|ziekte|griep|bevalling|burn-?out|val|ongeluk|blessure)|herstelt van
herstelt nog|herstellende van|herstel na (?:haar|zijn|een|de) (?:operatie|val|ongeluk)
recovering from (?:an?|her|his|the|my) (?:operation|illness|surgery|flu|stroke|injury|burn-?out|virus|fall|accident)
(?:is|was|been|taken|fell|still|very) (?:seriously |quite |really )?(?:ill|unwell|poorly)|off work with|signed off|laid up
under the weather|fit note|unfit (?:for|to) work|phased return|stress-?related|sinds \w{1,15} uitgevallen|langdurig uitgevallen
uitgevallen (?:met|door|wegens)|kan niet meer werken|werkhervatting|verzuimreden|reden (?:van )?verzuim|absence reason
reason for absence|sick ?note|long-term sick
(?:arts|dokter|huisarts|specialist|doctor|gp|consultant|surgeon) (?:\w{1,15} ){0,2}(?:rust|voorgeschreven|verwezen|verwijst|zegt|zei|wants|says|said|told|advised|prescribed|referred|thinks)
(?:terug|bericht|uitslag|oproep|brief) van de poli(?:kliniek)?|(?:naar|bij) (?:de|een|haar|zijn|mijn) (?:kliniek|poli(?:kliniek)?)
(?:naar|bij|van) (?:de|een|haar|zijn|mijn) (?:dokter|huisarts|specialist|psych|therapeut|tandarts|eerste hulp|spoedeisende hulp|dokterspost|cardioloog|fysio)
(?:to|at|see|sees|seeing|saw) (?:the|a|an|her|his|my) (?:doctor|gp|specialist|shrink|therapist|hospital|clinic|counsell?or|a&e|dentist|physio|ear specialist)
(?:kinder|tand|oog|kno-|huid|vaat|zenuw|sport|long|keurings)arts|cardioloog|cardiologist|neuroloog|neurologist|oncoloog
oncologist|internist|uroloog|urologist|gynaecoloog|gyna?ecologist|dermatoloog|dermatologist|orthopeed|orthopa?edic surgeon
radioloog|reumatoloog|endocrinoloog|geriater|verloskundige|midwife|pa?ediatrician|psycholoog|psychologist|psychotherapist
counselling
(?:haar|zijn|mijn|her|his|my) (?:psych|therapeut|therapist|counsell?or|shrink|physio|medicijnen|pillen|tablets|pills|meds|inhaler|puffer|bevalling|due date|bloedsuiker|bloeddruk)
(?:vanwege|wegens|door|aan|voor|met|because of|on|with|for|of) (?:zijn|haar|mijn|her|his|my) (?:knie|rug|heup|hart|longen|nek|knee|back|hip|heart|lungs|neck|shoulder|schouder|oren|ogen|eyes|ears|spine|enkel|ankle|nieren|kidneys)
ziekenhuis (?:opgenomen|beland|gebracht|geholpen|geopereerd|gelegen)
(?:ligt|lag|beland|opgenomen|geholpen|behandeld|geopereerd) (?:\w{1,15} ){0,2}(?:in|aan|door) (?:het|de|zijn|haar) (?:\w{1,15} )?(?:ziekenhuis|kliniek|ic|knie|heup|rug|hart)
(?:in|into|to|from) (?:the )?hospital|out of hospital|in intensive care|icu|a&e|paramedics?|ambulance|collapsed
spoedeisende hulp|operated on|had an op(?:eration)?|(?:her|his|my) operation
aan (?:zijn|haar|mijn) \w{2,12} (?:geholpen|geopereerd)
(?:knie|heup|rug|hart|oog|staar|galblaas|schouder|maag|darm|long|hersen|prostaat|enkel|voet|hand|nek|nier|lever|huid|blaas|baarmoeder|borst|keel|oor)-?(?:operatie|klachten|problemen|pijn|tumor|infectie|ontsteking|aandoening|afwijking|letsel|blessure|ziekte|kanker|infarct|falen)
(?:knee|hip|back|heart|eye|shoulder|stomach|bowel|lung|brain|ankle|foot|hand|neck|kidney|liver|bladder|breast|throat|ear)[- ]?(?:operation|surgery|trouble|pain|tumou?r|infection|disease|injury|cancer|attack|failure|complaint|replacement)
heart (?:condition|problems?)|mri(?:-scan)?|ct-?scan|echo gehad|röntgenfoto|x-?ray|biops(?:ie|y)|endoscop\w{1,4}
colonoscop\w{1,4}|coloscopie|hartfilmpje|ecg|bloed(?:onderzoek|uitslag(?:en)?|prikken|suiker|verdunners?)
blood (?:sugar|thinners?|tests?|count|results?)|cholesterol|smear test|uitstrijkje|mammogram|mammografie|tia|cva
herseninfarct|hersenbloeding|had a (?:fall|fit|seizure|stroke|breakdown)|since the stroke|stroke|seizures?|toevallen|fainted
flauw gevallen|griep|flu|influenza|koorts|fever|misselijk|nausea|nauseous|overgegeven|vomit(?:ed|ing)|was sick|diarree
diarrhoea|benauwd(?:heid)?|breathless|short of breath|hoofdpijn|headaches?|keelpijn|hoest(?:en|t)?|coughing|uitslag op|a rash
(?:vannacht|thuis|lelijk|al \w{1,15} keer) (?:van de trap )?gevallen|van de trap gevallen|fell down the|a bad fall|pijnlijk
in pain|pijn (?:aan|in|bij)|onrustig|dwalend|wandering|wondje|doorligplek|decubitus|pressure sore|sore on
eet (?:nauwelijks|slecht|niet)|slaapt (?:slecht|niet|nauwelijks)|sleeps badly|not sleeping|geen zin meer|sees no point
out of bed for|somber|niet lekker in (?:zijn|haar) vel|neerslachtig|low mood|overprikkeld|hoogsensitief|highly sensitive
on the spectrum|zelfdoding|bevallen|gave birth|in verwachting|i'm expecting|(?:is|are) expecting (?:a|her|their|twins)
uitgerekend (?:in|op|begin|eind)|hoogzwanger|baby is due
due in (?:january|february|march|april|may|june|july|august|september|october|november|december)|kraamtijd|kindje verloren
lost (?:a|the|her) baby|stillb(?:irth|orn)|keizersnede|c-section|borstvoeding|kolf(?:t|en|ruimte)|breastfeed\w{0,3}
fertiliteit\w{0,12}|fertility (?:clinic|treatment|doctor)|kinderwens|aan de (?:drank|drugs)|drinkt (?:weer|te veel|veel)
drinking (?:again|too much|heavily)|rehab|afkickkliniek|jellinek|tactus|novadic\w{0,7}|brijder|aa meetings?
alcoholics anonymous|gokverslaafd\w{0,4}|gambling (?:problem|addiction)|cannabis|cocaïne|cocaine|heroine|drugsgebruik
drug (?:use|habit|problem)|parnassia|ggz\w{0,10}|altrecht|lentis|dimence|antoni van leeuwenhoek|trimbos|riagg|fact-team
crisisdienst|zorgverlof|carer'?s leave|mantelzorg\w{0,4}|thuiszorg|wijkverpleging|home care|verpleeghuis|dagbesteding
beschermd wonen|sheltered housing|traplift|scootmobiel|rollator|rolstoel|wheelchair|walking frame|krukken|on crutches
prothese|prosthe\w{2,4}|gehoorapparaat|hearing aids?|blindengeleidehond|guide dog|screen reader|brailleleesregel
hoort (?:\w{1,15} )?(?:slecht|niks|niets)|barely hear|hard of hearing|(?:is|was|nearly|bijna|half|almost) (?:deaf|doof|blind)
macula\w{0,3}(?: degenerat\w{1,4})?|spierzwakte|muscle weakness|paraplegi[ac]|quadriplegic|paracetamol
slaap(?:middel|pillen|medicatie)|sleeping (?:pills|tablets)|pijnstillers?|painkillers?|antibioti(?:ca|cum|cs?)
amoxicillin[e]?|amlodipin[e]?|metoprolol|lisinopril|atorvastatin[e]?|pantoprazol[e]?|tramadol|naproxen|diclofenac
amitriptylin[e]?|escitalopram|bupropion|lorazepam|zopiclon[e]?|pregabalin[e]?|gabapentin[e]?|lamotrigin[e]?|valproaat
valproate|levodopa|donepezil|rivaroxaban|apixaban|clopidogrel|ventolin|salmeterol|ozempic|semaglutid[e]?|adalimumab
infliximab|suboxone|buprenorfine|naltrexon[e]?|dexamfetamine|medikinet|strattera|kalmerende middelen|rustgevende middelen
tranquilli[sz]ers?|statins?|inhaler|hormoon(?:therapie|kuur|injecties)|on medication|medicijnen|\d{1,4} ?mg
weigert (?:haar|zijn) (?:pillen|medicijnen)|pijnpoli|poli(?:kliniek)?|onder behandeling|under treatment|in therapie
in therapy|having therapy|wlz|wmo|pgb|cancer has spread|uitgezaaid|in remission|in remissie|relapse|gevaccineerd|vaccinated
unvaccinated
verwijzing (?:\w{1,15} )?(?:voor|naar|van) (?:de|het|een|zijn|haar) (?:\w{0,6}poli\w{0,9}|specialist|ggz|psych\w{0,9}|fysio\w{0,10}|ziekenhuis|huisarts)
burn-?out\w{0,9}|stress(?:klachten|gerelateerd)|opgebrand|burn(?:t|ed) out|sleep apn(?:ea|oea)|slaapapneu|endometrios[ei]s
pcos|lupus|hypertensi[eo]n?|hoge bloeddruk|high blood pressure|allerg(?:isch voor|ic to)|epipen
insulin[e]? (?:given|bijgespoten|gespoten)|bijgespoten
arbo-?dienst|casemanager verzuim|tweede spoor|fml|urenbeperking|belastbaarheid|loondoorbetaling|bouwt (?:weer )?op naar
opbouw(?:en|t)? (?:naar|tot) \d{1,2} uur|(?:afgebeld|afgemeld) (?:met|wegens|vanwege)|ziek(?:te)?(?:verlof|periode|geld|melding\w{0,2})
(?:weer|nog|erg|flink|al \w{1,12}) ziek|(?:called|phoned|rang) in (?:sick|ill|poorly)|sickness|off (?:sick|ill|poorly|with stress)
absence (?:procedure|meeting|review|trigger)|trekt het niet(?: meer)?|trok het niet(?: meer)?|(?:zit|zat) er (?:echt |helemaal |even )?doorheen
op omvallen|ingestort|went to pieces|can(?:no|')?t cope|cannot cope|not coping|struggling to cope|niet lekker in zijn vel|zit er niet lekker in
feeling low|has been low|psychische|wachtlijst bij (?:een|de) (?:psych\w{4,8}|ggz|therapeut)
(?:my|his|her|their) (?:drinking|addiction|recovery|dose|condition|symptoms|pain|allergies|asthma|diabetes|epilepsy|eczema)
(?:mijn|zijn|haar|hun) (?:dosis|klachten|aandoening|herstel|pijn|allergie\w{0,3}|astma|diabetes|epilepsie|eczeem|drankgebruik|drankprobleem)
sober|nuchter sinds|gestopt met drinken|stopped drinking|alcohol(?:isme|verslaving|ism)|dosering|dosage|bijwerkingen|side effects
dos(?:e|is) (?:was|is|has been|wordt|werd|verhoogd|verlaagd|aangepast|changed|increased|reduced)|ophogen van de \w{4,20}|pilletjes?|pufjes?
inhalator|zetpil\w{0,4}|suikers|bloedsuikers|ontregeld|(?:her|his) sugars?|\d{1,2} kilo (?:kwijt|afgevallen|lichter)
lost (?:\w{1,8} )?(?:stone|kilos|a lot of weight)|pass(?:es|ing)? (?:water|blood)|bowels|incontinen\w{2,4}|stoelgang|ontlasting
bloods (?:taken|done|back|came back)|bloed (?:afgenomen|geprikt|laten prikken)|biopt|two-week wait|results of (?:the|his|her) (?:scan|biopsy|blood test)
(?:uitslag|uitslagen) van (?:het|de|haar|zijn) (?:onderzoek|scan|bloedonderzoek|mri|biopt|foto)|awaiting (?:surgery|a scan|an operation)
back gave out|(?:his|her|my) bad back|door (?:zijn|haar|mijn) rug|overal vlekken|vlekken op (?:zijn|haar|het) \w{2,8}|bultjes|blaasjes|jeuk
krabt (?:zich|zijn|haar)|come out in (?:spots|a rash|hives)|itch(?:y|ing|es)?|burning up|feverish|high temperature|hoge koorts|koortsig|hangerig
bloedneus\w{0,3}|nosebleeds?|bloedverlies|another (?:fit|seizure)|had a (?:funny )?turn|(?:keeping|kept) (?:him|her|them|me) in (?:overnight|hospital)
stuip(?:en|trekking\w{0,2})|bewusteloos|unconscious|passed out|blacked out|van (?:haar|zijn) stokje|in de war|verward\w{0,4}
herkent (?:haar|hem|mij|ons|niemand)|(?:does not|doesn't|no longer) recogni[sz]es? (?:her|him|me|us|anyone|people)|dwaalt|loopt 's nachts
gesloten afdeling|secure unit|wegloopgevaar|onbegrepen gedrag|challenging behaviour|drukke? gedrag|gedragsproblemen|behaviou?ral problems
concentratieproblemen|attention (?:deficit|problems)|for (?:his|her) attention|bruis(?:e|es|ed|ing)|blauwe plek\w{0,3}|letsel
no injur(?:y|ies)|(?:his|her|my|their) injur(?:y|ies)|uit bed (?:gevallen|gegleden|gerold)|(?:slid|fell|rolled) out of bed|very sore
bottom (?:is |was )?(?:very )?(?:sore|red)|decubitus\w{0,8}|turned (?:two|four|three)[- ]hourly|wisselligging|wond(?:en|jes|verzorging)
wound care|daily living|mobility component|enhanced rate|attendance allowance|blue badge|gehandicaptenparkeerkaart|invalide\w{0,8}|invaliditeit
gehoorapparaten|medicijnkastje|hulphond|assistance dog|spraakcomputer|beenprothese|kunstheup|kunstknie|pacemaker|insulinepomp|insulin pump
te vroeg geboren|premature baby|couveuse|incubator|blijde verwachting|baby op komst|bedrust|bed rest|zwangerschapstest|pregnancy test
verloskundigen?praktijk|icsi|eiceldonatie|egg donation|hot flushes|is kwaadaardig|kwaadaardige? (?:tumor|gezwel|cellen)|op de (?:ic|spoed|ok)
"""
RELIGION_SIGNS = r"""
(?:vanwege|wegens|om) (?:hun|zijn|haar|het|mijn) geloof|because of (?:his|her|their|my) (?:faith|religion|beliefs)
(?:hun|their) (?:geloof|faith|religion)|for prayers|geen hand(?:en)? (?:geven|schudden)|(?:not|won't) shake hands|no bacon
bijbelkring|bible (?:group|study)|koran(?:les|school)|catechisatie|zondagsschool|sunday school|communiekant
retraite in het klooster|vast deze maand|vast overdag|aan het vasten|vasten
(?:i'm|he's|she's) fasting|fast(?:s|ing) (?:this|during|until|for|today|from|all)|is fasting|zonsondergang|before sunset|sundown|bidt|bidden|prays?
praying|gebed(?:en|stijden)?|prayers?|moskee|mosque|synagoge|synagogue|mandir|gurdwara|naar de kerk|kerkdienst|naar de dienst
church service|goes to (?:church|mass|chapel)|zondagsrust|sunday worship|churchgoer|kerkganger|kerkgenootschap|kerkenraad
ouderling|diaken|church elder|lay preacher
(?:zijn|haar|her|his|my|mijn) (?:godsdienst|religie|religion|religious|geloof\w{0,12}|kerk|church|rabbi|imam|dominee|parish|congregation)
godsdienst|koosjer|kosher|halal|geen varkens(?:vlees)?|zonder varkensvlees|no pork|does not eat pork|eet geen varken\w{0,5}
gelovige?|religious|devout|streng gelovig|praktiserend|practising|ex-?moslim|ex-muslim|afvallig|suikerfeest|offerfeest
eid(?: al[- ]?\w{3,5})?|diwali|divali|pesach|passover|chanoeka|hanukkah|vaisakhi|communie|first communion|gedoopt
baptis(?:ed|m)|bar mitswa|bar mitzvah|bekering|pilgrimage|bedevaart|hadj|hajj|tulband|turban|crucifix|gebedskleed(?:je)?
prayer mat|hersteld hervormd\w{0,2}|hervormd\w{0,2}|pinkstergemeente|pentecostal|quaker|methodist|anglican|church of england
presbyterian|salafi\w{0,5}|alevi\w{0,4}|ahmadiyya|soefi|sufi|scientolog\w{1,4}|atheïs\w{1,4}|boeddhis\w{1,4}|hindoe\w{0,8}
evangeli(?:sche|cal)\w{0,3}|jehova'?s|jehovah'?s
spijswet\w{0,3}|(?:zijn|haar) rustdag|day of rest|sabbath|kerkgang|vrijdaggebed|vrijdagmiddaggebed|friday prayers?|jumu'?ah|sun goes down
(?:op )?zondag(?:en)? niet (?:inzetbaar|beschikbaar|werken|in te roosteren)|werkt (?:principieel )?niet op zondag|zondagsheiliging
(?:won't|cannot|can't|does not|doesn't) work (?:on )?(?:saturdays|sundays|the sabbath)|observes? (?:the )?(?:sabbath|ramadan|lent|shabbat)
congregation|during the fast|breaks? (?:his|her|the) fast|belijdenis|dooplid|lidmaat|iftar|suhoor|op bedevaart|worship(?:s|ped|ping)?
(?:attends?|goes to|went to) (?:church|mass|mosque|temple|synagogue|chapel)|bekeerling\w{0,2}|hoofddoek\w{0,2}|burqa|boerka|confirmand
"""
UNION_SIGNS = r"""
staakt|gaat (?:ook |mee )?staken|mee(?: gaat)? staken|stakers
stakings?(?:comité|leider|post|vergoeding|uitkering|bereid\w{0,4})|on strike|strikers?|striking workers|walked out with
picket(?: lines?|s|ing)?|werkonderbreking|legt (?:zelf )?(?:ook )?het werk neer|het werk neer(?:legt|gelegd)|about the ballot
strike ballot|actiecomité|actieleider|(?:haar|zijn) bond|vakvereniging|vakbond\w{0,14}
union (?:subs|contribution|fees|card|meeting|organi[sz]er|branch|rep|man|woman)
joined (?:a |the )?(?:union|unite|unison|gmb|rmt|usdaw|fnv|cnv|teamsters)
(?:unite|unison|gmb|rmt|usdaw|aslef|nasuwt|teamsters) (?:member|rep|official|steward)|organi[sz]ing (?:a|the) union
onderhandelt namens|aangesloten bij (?:de|het|een) (?:fnv|cnv|bond|vakbond)
(?:contributie|lidmaatschap|inhouding|afdracht) (?:van|voor|aan) (?:de|haar|zijn|een) (?:vak)?bond|namens de (?:vak)?bond|de bond|cao-tafel
namens (?:de )?(?:fnv|cnv|unie|avv)|(?:het )?werk (?:hebben|heeft|had|hadden|is|werd) neergelegd|gestaakt|staken|stakingsdag\w{0,2}
spandoek van (?:de )?(?:fnv|cnv|bond|vakbond)|(?:on|at|manning) the picket|(?:her|his|my|their) union (?:dues|fees|subs|branch|membership)
union (?:banner|duties|deductions?)|deduction for the union|facility time|representing (?:unite|unison|gmb|rmt|the union|usdaw)
(?:unite|unison|gmb|usdaw|rmt|aslef|nasuwt|ucu) (?:banner|delegate|conference|branch|talks|convenor)|downed tools|industrial action
"""
ETHNICITY_SIGNS = r"""
(?:komt|kwam|komen|kwamen|afkomstig|oorspronkelijk|is|zijn|familie|ouders) (?:oorspronkelijk |zelf |allebei )?uit (?:marokko|turkije|suriname|syrië|irak|iran|afghanistan|somalië|eritrea|ethiopië|nigeria|ghana|algerije|tunesië|egypte|soedan|polen|roemenië|bulgarije|oekraïne|rusland|china|india|pakistan|bangladesh|indonesië|curaçao|aruba|kaapverdië|zimbabwe|kongo|kameroen|libanon|palestina|jemen|libië|albanië|kosovo|servië|bosnië|moldavië|georgië|armenië|vietnam|filipijnen|colombia|venezuela|brazilië|morocco|turkey|syria|iraq|somalia|ethiopia|algeria|tunisia|egypt|sudan|poland|romania|bulgaria|ukraine|russia|indonesia|cape verde|congo|cameroon|lebanon|palestine|yemen|libya|albania|serbia|bosnia|moldova|georgia|armenia|the philippines|brazil|jamaica|the gambia|senegal|sierra leone|sri lanka|nepal|myanmar)
(?:is|are|was|came|comes|originally|family|parents|hails) (?:originally |both )?from (?:marokko|turkije|suriname|syrië|irak|iran|afghanistan|somalië|eritrea|ethiopië|nigeria|ghana|algerije|tunesië|egypte|soedan|polen|roemenië|bulgarije|oekraïne|rusland|china|india|pakistan|bangladesh|indonesië|curaçao|aruba|kaapverdië|zimbabwe|kongo|kameroen|libanon|palestina|jemen|libië|albanië|kosovo|servië|bosnië|moldavië|georgië|armenië|vietnam|filipijnen|colombia|venezuela|brazilië|morocco|turkey|syria|iraq|somalia|ethiopia|algeria|tunisia|egypt|sudan|poland|romania|bulgaria|ukraine|russia|indonesia|cape verde|congo|cameroon|lebanon|palestine|yemen|libya|albania|serbia|bosnia|moldova|georgia|armenia|the philippines|brazil|jamaica|the gambia|senegal|sierra leone|sri lanka|nepal|myanmar)
born in (?:marokko|turkije|suriname|syrië|irak|iran|afghanistan|somalië|eritrea|ethiopië|nigeria|ghana|algerije|tunesië|egypte|soedan|polen|roemenië|bulgarije|oekraïne|rusland|china|india|pakistan|bangladesh|indonesië|curaçao|aruba|kaapverdië|zimbabwe|kongo|kameroen|libanon|palestina|jemen|libië|albanië|kosovo|servië|bosnië|moldavië|georgië|armenië|vietnam|filipijnen|colombia|venezuela|brazilië|morocco|turkey|syria|iraq|somalia|ethiopia|algeria|tunisia|egypt|sudan|poland|romania|bulgaria|ukraine|russia|indonesia|cape verde|congo|cameroon|lebanon|palestine|yemen|libya|albania|serbia|bosnia|moldova|georgia|armenia|the philippines|brazil|jamaica|the gambia|senegal|sierra leone|sri lanka|nepal|myanmar)
geboren in (?:marokko|turkije|suriname|syrië|irak|iran|afghanistan|somalië|eritrea|ethiopië|nigeria|ghana|algerije|tunesië|egypte|soedan|polen|roemenië|bulgarije|oekraïne|rusland|china|india|pakistan|bangladesh|indonesië|curaçao|aruba|kaapverdië|zimbabwe|kongo|kameroen|libanon|palestina|jemen|libië|albanië|kosovo|servië|bosnië|moldavië|georgië|armenië|vietnam|filipijnen|colombia|venezuela|brazilië|morocco|turkey|syria|iraq|somalia|ethiopia|algeria|tunisia|egypt|sudan|poland|romania|bulgaria|ukraine|russia|indonesia|cape verde|congo|cameroon|lebanon|palestine|yemen|libya|albania|serbia|bosnia|moldova|georgia|armenia|the philippines|brazil|jamaica|the gambia|senegal|sierra leone|sri lanka|nepal|myanmar)
racis(?:t|ts|me|m|tisch|tische)|gediscrimineerd|discriminated against|verblijfspapieren|zonder papieren|without papers
undocumented
(?:is|was|zelf|himself|herself|being|another|als) (?:een |a |an |zelf )?(?:nigeria(?:n|anse?)|marokkaan(?:se)?|moroccan|turk(?:se)?|turkish|surinamer|surinaamse?|surinamese|antilliaan(?:se)?|antillean|syri(?:ër|sche?|an)|somali(?:ër|sche?)?|eritree(?:ër|se)|eritrean|afghaan(?:se)?|afghan|irakees|irakese|iraqi|iraniër|iraanse|iranian|koerd(?:isch|ische)?|kurd(?:ish)?|molukker|molukse|moluccan|ghanees|ghanese|ghanaian)
(?:is|was|zelf|himself|herself|being|another|als) (?:een |a |an |zelf )?(?:kaapverdi(?:aan|aanse|sch)|cape verdean|poolse|polish|roemeen(?:se)?|romanian|bulgaar(?:se)?|bulgarian|pakistani|indiase|hindoestaan(?:se)?|chinees|chinese|oekraïner|oekraïense|ukrainian|roma|sinti|zigeuner(?:in)?|gypsy|of colou?r|mixed race|dubbelbloed|halfbloed|aziatisch|asian|african|caribbean|allochtoon|joods|jewish|black)
gevlucht|vluchteling(?:e|en)?|vluchtelingenstatus|fled|refugee(?: status)?
asiel(?:zoeker|zoekster|aanvraag|status|procedure|vergunning)?|asylum(?: seeker| claim)?|azc|statushouder\w{0,5}
ongedocumenteerde?|undocumented (?:worker|migrant|immigrant)
uitgeprocedeerde?|overstayed|genaturaliseerd
(?:afkomst|komaf|descent|ancestry|(?:eritrese|syrische|afghaanse|irakese|iraanse|somalische|ethiopische|soedanese|marokkaanse|turkse) nationaliteit|nationaliteit: (?:eritrees|syrisch|afghaans|iraaks|iraans|somalisch|ethiopisch|soedanees)e?|geboorteland|country of birth|moedertaal)|zigeunerin|zigeuner
tweede generatie|second-generation|(?:ouders|parents) (?:komen uit|come from|came from)
(?:surinaams|marokkaans|turks|antilliaans|indisch|hindoestaans|afrikaans)-\w{4,14}|huidskleur|skin colou?r|donkere huid
dark skin
huidskleur|donker getint|(?:a|een) (?:witte|blanke|white) (?:collega|colleague|man|vrouw|woman|person|persoon)|racial(?:ly)? \w{4,12}|racial slurs?
granted asylum|asylum granted|claimed asylum|sought asylum|in the back of a lorry|vluchtelingenkamp|refugee camp|asielverzoek|asielprocedure
nareis(?:procedure|aanvraag)|gezinshereniging
"""
SEXUALITY_SIGNS = r"""
at pride|'hen'|hen/hun|die/diens|they/them|prefers they|gekozen naam|chosen name|preferred pronouns|gay|homo|lesbo|hetero|homofiel
same-sex|zelfde geslacht|valt op (?:meisjes|jongens|mannen|vrouwen)|op (?:meisjes|jongens|mannen|vrouwen) (?:valt|val)
likes (?:girls|boys|men|women)|attracted to (?:men|women|girls|boys)|his (?:husband|boyfriend)|her (?:wife|girlfriend)
(?:met|en) zijn man|(?:met|en) haar vrouw|met (?:zijn vriend|haar vriendin) getrouwd|samenwoont met een (?:man|vrouw)
lives with another (?:man|woman)|two (?:mums|dads)|twee (?:moeders|vaders)|out of the closet|outed|closeted
geaardheid|gender(?:poli|kliniek|team|clinic|identit\w{1,4}|transitie|dysfor\w{2,3}|neutra\w{1,2})|testosteron|oestrogeen
oestrogen|estrogen|started hormones|on hormones|hormonen|hormones|puberteitsremmers|puberty blockers|deadname|meisjesnaam op
nog een (?:meisjes|jongens)naam|voornaamwoorden|pronouns|born (?:male|female)|als (?:jongen|meisje|man|vrouw) geboren
assigned (?:male|female)|vreemdgegaan|grindr|sekswerk\w{0,3}|sex work\w{0,3}
zijn echtgenoot|haar echtgenote|hij en zijn (?:vriend|man)|zij en haar (?:vriendin|vrouw)|he and his (?:boyfriend|husband)
she and her (?:girlfriend|wife)|in (?:haar|zijn|hun|her|his|their) transiti(?:e|on)|transitioned|geslachtsbevestigend\w{0,2}
gender[- ]affirming|(?:met|use|uses|with) (?:zij en haar|hij en hem|she/her|he/him|they/them)|will use they|uses they|use they
"""
POLITICS_SIGNS = r"""
pvda|vvd|pvv|d66|cda|groenlinks|groenlinks-pvda|fvd|forum voor democratie|bij1|bbb|nsc|ja21|sgp|christenunie
partij voor de dieren|pvdd|50plus|de sp|vlaams belang|n-va|die grünen|rassemblement national|ukip|reform uk|plaid cymru
the snp|sinn f[eé]in|lib dems?|liberal democrats|the labour party|labour (?:member|voter|councillor|activist)|the tories|tory
the conservatives|the greens|green party|brexit party|flyer(?:t|en|ing) voor|canvass(?:ing|ed|er)?|door to door for
kandidatenlijst|verkiesbaar|lijsttrekker|stood for|standing for|ran for (?:office|council)|sat on the council|remainer
brexiteer|actievoerder|activiste?|demonstreert|demonstreerde|partij(?:kader|congres|bureau|leider)
party (?:conference|card|branch)|politiek (?:actief|links|rechts|gekleurd)|politically active|left-wing|right-wing
socialist(?:isch)?|communis\w{1,4}|fascist\w{0,4}|complotdenker|blokkeert de a12|climate activist|klimaatactivist\w{0,2}
voor (?:de )?(?:forum|pvv|vvd|sp|cda|d66|pvda|volt|denk|bij1) in (?:de|het)|flyert|flyerde|lijstduwer|fractielid
(?:labour|tory|conservative|reform|green|ukip|snp|dup|sinn f[eé]in) (?:councillor|candidate|leaflets?|canvasser)|standing for (?:reform|labour|the \w{4,12})
"""
BIOMETRIC_SIGNS = r"""
(?:scan|afdruk|print|template|image) (?:van|of) (?:\w{1,15} ){0,3}(?:hand|handpalm|palm|gezicht|face|iris|oog|ogen|eyes?|vinger|vingers|finger|fingers|duim|thumb|stem|voice|netvlies|retina)
handpalm|thumb ?print|palm ?print|vingerscan|duimafdruk|herkent het gezicht|recogni[sz]es? (?:\w{1,15} ){0,3}face
(?:her|his|biometric) template|gezichts(?:scan|template|profiel)|bloedgroep|blood (?:type|group)|erfelijk belast
gangherkenning|stemherkenning|voice (?:sample|recognition|template)|biometri\w{1,6}|polygra(?:af|ph)|leugendetector
handpalmherkenning|handpalmscanner|(?:pakt|herkent|leest) (?:de|het|zijn|haar) (?:duim|vinger|gezicht|iris)|(?:de )?duim van
(?:his|her|my|their) (?:thumb|fingerprint|iris|palm|face ?scan|voiceprint)|afdruk opnieuw|iris(?:scan|, both eyes)
"""
CRIMINAL_SIGNS = r"""
geld uit de (?:kassa|kas|kluis|kantine|pot)|(?:geld|biljetten) in (?:zijn|haar) \w{0,8}(?:zak|jas|tas)|from the till|taking (?:money|cash|bikes)|verdachte:|suspect:|accused:|filing the (?:frame|serial) number
charged (?:by|over|after)|caught (?:stealing|pocketing|shoplifting|red-handed|with drugs)|pocketing cash|op heterdaad
alcoholslot|alcohol interlock|na een veroordeling|schadevergoeding aan het slachtoffer|electronic tag
(?:vog|verklaring omtrent (?:het )?gedrag) (?:\w{1,15} ){0,3}(?:geweigerd|afgewezen|ingetrokken)
geen vog (?:\w{1,15} ){0,2}(?:kreeg|krijgt|gekregen)|dbs (?:check |certificate )?(?:shows|showed|came back)|caution for
antecedenten|criminal past|justitieel verleden|strafzaak|strafproces|dagvaarding (?:om|van het om|politierechter)|in court for|voor de (?:politie)?rechter
verhoor|verhoord|questioned by|in (?:police )?custody|cautioned|police (?:came|took|arrested|raided|are looking)
door de politie (?:meegenomen|opgepakt|aangehouden|gearresteerd|verhoord)|(?:zit|zat) nog vast|vastgezeten|in de cel
achter de tralies|celstraf|did (?:time|\w{1,15} (?:years?|months?) inside)|behind bars|ex-?con|ex-?gedetineerde?|ex-offender
served time|prison|jail|gevangenis|bajes|penitentiaire|reclasser\w{1,4}|on bail|borgtocht|voorwaardelijke straf
suspended sentence|community service|gebieds(?:verbod|gebod)|stalker
(?:voor|wegens|verdacht van|for|of) (?:diefstal|fraude|oplichting|inbraak|mishandeling|bedreiging|theft|fraud|assault|burglary|forgery|drink driving)
steelt|stole|stealing|oplichter|valsheid in geschrifte|witwassen|money laundering|als verdachte|de verdachte|beschuldigd van
accused of|aangeklaagd|charged with|veroordeeld|veroordeling|convict(?:ed|ion)s?|schuldig bevonden|found guilty
pleaded guilty|wietplantage|hennepkwekerij|cannabis farm|under (?:police|criminal) investigation|rijontzegging|driving ban
drink driv\w{2,3}|criminal damage|zeden(?:zaak|delict|misdrijf)|verkracht\w{0,3}|raped?|aanranding|kinderporno|grooming
enkelbandje|elektronisch toezicht|on tag|condition of (?:his|her) licence|door het bestuur aangifte|shows? a caution|caution (?:from|in) \d{4}
(?:politie|police|policemen|agenten|officers) (?:\w{1,12} ){0,7}(?:meegenomen|opgepakt|aangehouden|took|arrested|picked up|led away)
(?:meegenomen|opgehaald|verhoord) door de (?:politie|recherche)|aangifte (?:gedaan )?(?:tegen|wegens)|reported (?:\w{1,15} ){0,6}to the police
vog (?:aanvraag )?(?:\w{1,12} ){0,3}(?:afgewezen|geweigerd|niet (?:gekregen|verleend|afgegeven))|veroordeling in|conviction (?:in|from|for)
before the magistrates|stond voor de rechter|voor de (?:politie)?rechter (?:stond|staat|moest|moet)|hit(?:ting)? (?:his|her) (?:ex|wife|partner|girlfriend)
slaan van (?:zijn|haar) (?:ex|vrouw|partner|vriendin|man)|verduistering|oplichting|heling|stalk(?:t|te|ing|ed)|dronken achter het stuur
lost (?:his|her) licence for
"""
_ALL = (
    ("HEALTH", HEALTH + ILLNESSES.lstrip() + DRUGS.lstrip() + abroad.HEALTH.lstrip(), HEALTH_SIGNS),
    ("RELIGION", RELIGION + abroad.RELIGION.lstrip(), RELIGION_SIGNS),
    ("UNION", UNION + abroad.UNION.lstrip(), UNION_SIGNS),
    ("ETHNICITY", ETHNICITY + abroad.ETHNICITY.lstrip(), ETHNICITY_SIGNS),
    ("SEXUALITY", SEXUALITY + abroad.SEXUALITY.lstrip(), SEXUALITY_SIGNS),
    ("POLITICS", POLITICS + abroad.POLITICS.lstrip(), POLITICS_SIGNS),
    ("BIOMETRIC", BIOMETRIC + abroad.BIOMETRIC.lstrip(), BIOMETRIC_SIGNS),
    ("CRIMINAL", CRIMINAL + abroad.CRIMINAL.lstrip(), CRIMINAL_SIGNS),
)
TOPICS = {name: [line for line in words.split("\n") if line] for name, words, _ in _ALL}
SIGNS = {name: [line for line in signs.split("\n") if line] for name, _, signs in _ALL}
