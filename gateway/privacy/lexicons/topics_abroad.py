"""The words of special categories in German, French, Spanish, Italian, Polish and Swedish, as in ``topic_words``.

A stem that says the same with any ending stands with its endings open. Words that Dutch or English share with another
sense are not here.
"""

HEALTH = r"""
schwangerschaft\w{0,10}|fehlgeburt|krankmeldung|krankschreibung|arbeitsunfähig\w{0,6}|erkrankt(?: an| ist)?|erkrankung|depressionen|depressiv\w{0,2}
brustkrebs|lungenkrebs|krebsdiagnose|chemotherapie|zuckerkrank|herzinfarkt|schlaganfall|bandscheiben\w{0,8}|knochenbruch|gebrochen(?:e[rsn]?|es)? (?:bein|arm|fuß|hand|rippe)
suchtklinik|entzugsklinik|alkoholkrank\w{0,2}|alkoholiker\w{0,2}|psychotherapie|psychiatrisch\w{0,2}|pflegegrad \d|gehbehindert|behindert(?:e[rn]?)?|schwerhörig\w{0,2}
reha-?klinik|epileptisch\w{0,3}|allergisch (?:gegen|auf)|rollstuhl\w{0,8}|notoperation|wurde operiert|frisch operiert|im krankenhaus|burnout-?klinik|dialysepflichtig
enceinte de|fausse couche|en arrêt (?:maladie|de travail)|arrêt de travail|cancer du|chimiothérapie|dépressi(?:on|ve|f)|épilep(?:sie|tique)|diabétique|diabète
crise cardiaque|infarctus|accident vasculaire|invalide|en fauteuil roulant|hospitalisée?|opérée? (?:du|de la|des|hier|lundi)|traitement psychiatrique|alcoolique|toxicomane
sclérose en plaques|maladie (?:de|chronique|d')|handicap (?:moteur|mental|visuel)|séropositi(?:f|ve)|cure de désintoxication|allergique (?:à|aux)|sous (?:antidépresseurs|morphine)
de baja por|baja (?:por enfermedad|laboral|maternal)|aborto|cáncer de|quimioterapia|depresión|epil[eé]p(?:sia|tic[oa])|diabétic[oa]|diabetes|infarto|derrame cerebral
discapacidad|minusvalía|silla de ruedas|hospitalizad[oa]|ingresad[oa] en|operad[oa] de|tratamiento psiquiátrico|alcohólic[oa]|drogadict[oa]|esclerosis múltiple|enferm[oa] de
alérgic[oa] a|ansiedad|antidepresivos|embaraz(?:o|ada de)|aborto espontáneo|fractura de|rehabilitación
incinta di|gravidanza|aborto spontaneo|in malattia|certificato medico|tumore|chemioterapia|depressione|epilessia|epilettic[oa]|diabetic[oa]|diabete|infarto|ictus
disabil(?:e|ità)|sedia a rotelle|ricoverat[oa]|operat[oa] (?:al|alla|di)|in cura (?:da|per)|psichiatr\w{1,3}|alcolist[ai]|tossicodipendente|sclerosi multipla|celiac[oa]|allergic[oa] (?:a|al|alle)
ciąż(?:ę|y|ą)|poronieni\w{1,3}|zwolnieni\w{1,3} lekarski\w{1,4}|chor(?:oba|obę|oby|obie|uje|owała?)|now?otw\w{2,6}|raka? (?:piersi|płuc|jelita)|chemioterapi\w{1,2}|depresj\w{1,2}
padaczk\w{1,2}|cukrzyc\w{1,2}|cukrzyk\w{0,3}|zawał\w{0,4}|udar\w{0,3} mózgu|niepełnospraw\w{2,6}|wózku inwalidzkim|w szpitalu|hospitaliz\w{3,6}|operacj(?:a|ę|i|e) \w{3,14}|złaman(?:a|ą|e|y|ej) \w{2,9}
odwyk\w{0,3}|alkoholi(?:k|czk|zm)\w{0,3}|narkoman\w{0,3}|psychiatr\w{0,6}|psychoterapi\w{1,2}|stwardnieni\w{1,2} rozsian\w{2,4}|o kulach|uczulen\w{1,3} na|leki na|leczy się
graviditet\w{0,3}|missfall|sjukskriv\w{2,6}|sjukanmäl\w{2,4}|bröstcancer|cellgift\w{0,4}|cytostatika|deprimerad|epilepsi|diabetiker|hjärtinfarkt|funktionsnedsättning|funktionshind\w{2,6}
rullstol\w{0,4}|inlagd (?:på|för)|opererad\w{0,2}|alkoholist|missbruk(?:are|et|sproblem)|utmattnings\w{4,10}|utbränd|multipel skleros|allergisk mot|psykiatri\w{0,4}|ätstörning\w{0,3}|adhd-?medicin
"""
RELIGION = r"""
katholisch\w{0,2} (?:getauft|erzogen|gemeinde)|muslim(?:in|a|e|isch\w{0,2})?|jüdisch\w{0,2}|konfirmation|aus der kirche ausgetreten|kirchenaustritt|kopftuch|zeugen jehovas|moschee
baptême|confirmation religieuse|musulman[es]{0,2}|juive?|catholique pratiquant\w|témoins? de jéhovah|mosquée|voilée|carême
bautiz(?:o|ad[oa]|arse)|musulm[aá]n[as]?|judí[oa]|católic[oa] practicante|testigos? de jehová|ramadán|mezquita|evangélic[oa]|primera comunión
battesim\w|musulman[oaei]|ebre[oai]|cattolic[oa] praticante|testimon[ei] di geova|moschea|velo islamico|cresima
chrzest|chrzcin\w|bierzmowani\w|muzułman\w{2,6}|żydow\w{2,5}|świad(?:ek|kowie|kiem|ków) jehowy|meczet\w{0,2}|wierząc\w|parafi(?:a|i|ę|anin|anka)|zbór|zboru
dop(?:et|klänning)|konfirmerad|muslimsk\w?|judisk\w?|jehovas vittnen|moské\w{0,2}|pingstkyrkan|församlingen|slöja
"""
UNION = r"""
gewerkschaft(?:er|erin|smitglied\w{0,4}|lich\w{0,2})?|ver\.di|ig metall|betriebsratsw\w{2,6}|streikgeld|streikposten|vertrauensleute
syndiqué\w{0,2}|syndicat|déléguée? syndicale?|la cgt|la cfdt|piquet de grève|cotisation syndicale
sindicato|sindicad[oa]|delegad[oa] sindical|sindicalista|comisiones obreras|afiliad[oa] a (?:ccoo|ugt)|cuota sindical
sindacato|sindacalista|iscritt[oa] (?:alla|al) (?:cgil|cisl|uil|sindacato)|delegat[oa] sindacale|la cgil|tessera sindacale
związ(?:ek|ku|kiem) zawodow\w{2,4}|związkow(?:iec|ca|cem)|solidarno(?:ść|ści)|opzz|strajk\w{0,4}|składk\w związkow\w{1,3}
fackförening\w{0,4}|facket|fackliga? ombud\w{0,4}|fackombud|skyddsombud|if metall|kommunal medlem|strejkvakt
"""
ETHNICITY = r"""
afrodeutsch\w{0,2}|dunkelhäutig\w{0,2}|roma-?familie|sinti|türkischstämmig\w{0,2}|migrationshintergrund|flüchtling\w{0,4}|asylbewerber\w{0,4}
d'origine (?:algérienne?|marocaine?|tunisienne?|turque|africaine?|maghrébine?|sénégalaise?|rom)|peau noire|gens du voyage|demandeu(?:r|se) d'asile|réfugiée?
de origen (?:gitano|marroquí|magrebí|subsahariano|africano|árabe|rumano|ecuatoriano|senegalés)|de raza|piel (?:negra|oscura)|gitan[oa]|solicitante de asilo|refugiad[oa]
di origine (?:marocchina|tunisina|africana|nigeriana|albanese|rumena|senegalese|araba|rom)|pelle (?:nera|scura)|di etnia|richiedente asilo|rifugiat[oa]|famiglia rom
pochodzeni\w{1,2} (?:romski|żydowski|ukraiński|turecki|arabski|afrykański|wietnamski)\w{1,4}|ciemnoskór\w{1,3}|rom(?:ka|em|ów|ski\w{0,2})|uchodźc\w{1,3}|azylant\w{0,3}
mörkhyad|romsk\w?|av (?:romsk|samisk|turkisk|arabisk|afrikansk|somalisk)t ursprung|asylsökande|flyktingstatus
"""
SEXUALITY = r"""
homosexuell\w{0,2}|schwul(?:e[rn]?)?|lesbisch\w{0,2}|transfrau|transmann|lebensgefährtin \w+ und ich|geoutet|geschlechtsangleich\w{2,4}
homosexuell?es?|homosexuel|lesbienne|transgenre|(?:son|mon|fait (?:son|mon)) coming out|bisexuelle?
homosexual|lesbiana|transexual|transgénero|bisexual|salió del armario
omosessual[ei]|lesbica|transessuale|bisessuale|unione civile
homoseksual\w{1,5}|gej(?:em|a|owi)?|lesbijk\w{1,2}|transpłciow\w{1,3}|biseksual\w{1,4}|wyoutow\w{2,4}
homosexuell\w?|lesbisk\w?|transperson|bög|kommit ut som|samkönad\w?
"""
POLITICS = r"""
cdu-mitglied|spd-mitglied|grünen-mitglied|parteimitglied\w{0,4}|parteibuch|kandidiert für (?:die|den)|ortsverein der|wählt die|alternative für deutschland|der afd|zur afd|in die afd|afd-(?:politiker|wähler|mitglied|fraktion|kandidat)\w{0,4}
militante? (?:socialiste|communiste|écologiste)|adhérente? (?:au|du) (?:parti|ps|rn|pcf)|rassemblement national|la france insoumise|candidate? aux municipales|encart[eé]e?
militante (?:del|de) (?:psoe|pp|vox|podemos)|afiliad[oa] (?:al|a) (?:partido|psoe|pp|vox|podemos)|votante de|concejal[a]? de
iscritt[oa] al (?:pd|partito)|militante (?:del|di) \w{3,12}|fratelli d'italia|candidat[oa] (?:alle|al) (?:comunali|consiglio)|movimento 5 stelle|tesserat[oa]
parti[iąa] (?:prawo|razem|zielon\w{1,2})|członk(?:iem|inią|a) partii|kandyduje (?:z|do)|głosuje na|platform\w obywatelsk\w{1,3}|konfederacj[iąaę]|pis-?u
sverigedemokrat\w{0,5}|socialdemokrat\w{0,5}|moderaterna|vänsterpartiet|miljöpartiet|partimedlem|kandiderar (?:för|till)
"""
CRIMINAL = r"""
vorbestraft\w{0,2}|vorstrafe\w{0,2}|auf bewährung|bewährungs(?:helfer|strafe|auflage)\w{0,2}|im gefängnis|haftstrafe|untersuchungshaft|freiheitsstrafe|fußfessel|angeklagt\w{0,2}|beschuldigte[rn]?|wegen diebstahls?|wegen betrugs?|verurteilt\w{0,2}
casier judiciaire|condamnée? (?:à|pour)|en prison|garde à vue|mise? en examen|bracelet électronique|avec sursis|sursis probatoire|incarcérée?|vol à l'étalage|libération conditionnelle
antecedentes penales|condenad[oa] (?:a|por)|en (?:la )?cárcel|prisión preventiva|libertad (?:condicional|vigilada)|detenid[oa] por|imputad[oa]|denunciad[oa] por|pulsera telemática
precedenti penali|condannat[oa] (?:a|per)|in carcere|agli arresti|arresti domiciliari|arrestat[oa]|indagat[oa]|denunciat[oa] per|libertà vigilata|braccialetto elettronico
karan[ay]|skazan[aey]|wyrok\w{0,3}|w więzieniu|areszt\w{0,5}|dozór elektroniczny|kurator(?:a|em|ka)? sądow\w{1,3}|zatrzyman[aey] przez|promil\w{0,3}|w zawieszeniu|podejrzan[aey]
dömd för|villkorlig\w?|fängelse\w{0,6}|häktad\w?|fotboja|misstänkt för|brottsregist\w{2,4}|åtalad\w?|övervakare
"""
BIOMETRIC = r"""
fingerabdr[uü]ck\w{0,3}|gesichtserkennung|gesichtsscan|iris-?scan|dna-?(?:probe|abgleich)
empreintes? digitales?|reconnaissance faciale|test adn|huella(?:s)? dactilar(?:es)?|huella digital|reconocimiento facial|prueba de adn
impront[ae] digital[ei]|riconoscimento facciale|odcisk\w{0,3} palc\w{1,3}|rozpoznawani\w twarzy|badani\w dna|fingeravtryck\w{0,3}|ansiktsigenkänning
"""
