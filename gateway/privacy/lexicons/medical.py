"""Illnesses, treatments and drugs, as professionals write them: by what their names end with, and by name.

Medical words are built of parts that recur; generic names of drugs end with the stem of their class (WHO, The use of
stems in the selection of International Nonproprietary Names).
"""

# Ends of words; what stands before them must be three letters or more.
ENDINGS = r"""
itis|ectomie|ectomy|otomie|stomie|plegie|plegia|parese|paresis|carcinoom|carcinoma|carcinomen|sarcoom|sarcoma|melanoom
myeloom|myeloma|lymfoom|adenoom|adenoma|fibroom|myoom|glioom|glioma|blastoom|blastoma|neuroom|granuloom|hematoom|haematoma
kanker|stoornis|stoornissen|fractuur|fracturen|verslaving|verslaafd|verslaafde|aandoening|aandoeningen|insufficiëntie
infarct|dystrofie|dystrophy|sclerose|sclerosis|trombose|thrombosis|fibrose|fibrosis|necrose|arthrose|artrose|spondylose
neuropathie|neuropathy|myopathie|myopathy|retinopathie|retinopathy|nefropathie|nephropathy|encefalopathie
cardiomyopathie|lymfadenopathie|neuralgie|neuralgia|myalgie|leukemie|leukaemia|leukemia|anemie|anaemia|thalassemie|thalassaemia
ontsteking|ontstekingen|prothese|protheses|transplantatie|hernia|ulcus|syndroom|dysplasie|dysplasia|hyperplasie|stenose|stenosis
disorder|disorders|deficiency|insufficiency|agnosie|afasie|aphasia|apraxie|ataxie|ataxia
olol|sartan|statine|dipine|azepam|zolam|tinib|ciclib|parib|gliptine|gliflozine|gliflozin|glutide|triptan|setron|oxetine
pramine|triptyline|triptylin|cilline|cillin|floxacine|floxacin|conazol|conazole|xaban|prazol|prazole|profen|coxib|mycine|mycin
platine|platin|rubicine|taxel|lukast|peridol|umab|imab|omab|sidone|semide|thiazide|heparine|heparin
"""
# Words with such an end that are nothing of the kind.
OTHERWISE = frozenset((
    "vonkontsteking",
    "motorontsteking",
    "verkeersstoornis",
    "netstoornis",
    "treinstoornis",
    "stroomstoornis",
))
ILLNESSES = r"""
(?:personality|psychotic|schizoaffective|eating|panic|bipolar|mood|attachment|compulsive|dissociative|conduct|stress|sleep|bleeding|autoimmune) disorder
(?:psychotische|schizoaffectieve|bipolaire|depressieve|dissociatieve|obsessieve|somatische|oppositionele|gegeneraliseerde) stoornis
carcino(?:om|ma)|sarco(?:om|ma)|myelo(?:om|ma)|lymfoom|lymphoma|neuropathi[ea]|neuropathy|afasie|aphasia|spondylose|thalassemie|thalassaemia
levercirrose|hypercholesterol\w{3,6}|cholesterolremmers?|caesarean|colostomy|ileostom(?:y|ie)|insomnie|cerebrale parese|b12-tekort|oogprik
als-?patiënt|heeft (?:ms|als|nah)|has (?:ms|als|mnd|cf|ocd|ibs|pots|copd)|motor neurone disease|motor neuron disease|sclerodermie|scleroderma
sarco[iï]dos[ei]s?|bechterew|spondylitis|cataracta?|(?:grauwe|grijze) staar|staar|glau[ck]o(?:om|ma)|maculadegeneratie|netvliesloslating
tinnitus|oorsuizen|hyperacusis|cochleair implantaat|cochlear implants?|slechtziend\w{0,4}|partially sighted|registered blind|doof|doofheid
doofblind|deaf|deafness|deafblind|dysfasie|carpa(?:al|le)[- ]?tunnel\w{0,10}|carpal tunnel|frozen shoulder|tennis(?:elleboog| elbow)
golf(?:ers)?elleboog|meniscus\w{0,8}|torn (?:meniscus|ligament|tendon|rotator cuff)|kruisband\w{0,8}|slipped disc|sciatica|ischias
spinal (?:injury|cord injury|stenosis)|brain (?:ha?emorrhage|injury|damage|bleed)|hersen(?:letsel|schade|bloeding\w{0,2}|afwijking)
niet-aangeboren hersenletsel|sepsis|bloedvergiftiging|boezemfibrilleren|atriumfibrilleren|atrial fibrillation|angina(?: pectoris)?
stents?|bypass(?:operatie| operation| surgery)?|dotter(?:en|behandeling|procedure)\w{0,4}|gedotterd|hartklep\w{0,10}|heart (?:valve|murmur)|spataderen
varicose veins|l(?:ymf|ip|ymph)(?:o)?edee?ma?|cirrose|cirrhosis|vervette lever|fatty liver|reflux(?:ziekte)?|maagbloeding|nierste(?:en|nen)
kidney stones?|renal failure|dialys(?:e|is)(?:patiënt)?|prostaatvergroting|enlarged prostate|(?:non-)?hodgkin\w{0,10}|ziekte van kahler
ocd|ptss|(?:sociale|social) (?:fobie|phobia|anxiety)|agora(?:fobie|phobia)|smetvrees|hypochond\w{2,6}|conversiestoornis|dissociat\w{2,6} (?:stoornis|disorder|identity)
chronische-?vermoeidheidssyndroom|cvs/me|me/cvs|me/cfs|narcolepsie|narcolepsy|insomnia|slapeloosheid|restless legs|slaapstoornis
obesitas|obesity|maagverkleining|gastric (?:bypass|band|sleeve)|ondervoed(?:ing)?|malnutrition|bulimia|korsakov|hemiplegie|spastisch\w{0,2}
spasticiteit|cerebral palsy|spina bifida|open ruggetje|schisis|hazenlip|cleft (?:lip|palate)|klompvoet(?:jes)?|club foot|duchenne
muscular dystrophy|taaislijmziekte|cystic fibrosis|h(?:a)?emochromatos\w{1,2}|h(?:a)?emophili\w{1,3}|leu(?:k|c)openi(?:e|a)
lyme(?: disease|-?ziekte)|(?:has|had|got|heeft|with|met) lyme|ziekte van lyme|malaria|legionella|mrsa(?:-besmetting|-drager)?|clostridium|genitale (?:herpes|wratten)|genital (?:herpes|warts)
herpes(?: zoster)?|hpv-?(?:positief|infectie)|syphilis|gonorrh?oea|zwangerschaps(?:diabetes|vergiftiging|suiker)|gestational diabetes
hellp(?:-syndroom)?|pre-?eclampsia|placenta praevia|stuitligging|breech birth|vroeggeboorte|premature(?:ly)? born|premature birth
(?:post|ante)natal depression|borst(?:verkleining|amputatie|sparend\w{0,2})|baarmoederverwijdering|baarmoeder verwijderd
amputatie|amputation|geamputeerd|amputated|nieuwe (?:knie|heup)|new (?:knee|hip)|sondevoeding|neussonde|tube feeding|feeding tube
port-?a-?cath|picc-?lijn|zuurstof(?:fles|brillet\w{0,3}|concentrator)|oxygen (?:cylinder|concentrator)|cpap(?:-?(?:apparaat|masker)| machine)?
white cane|blindenstok|taststok|psychogeriatri\w{2,6}|crisisopname|separeercel|gedwongen opname|zorgmachtiging|crisismaatregel
inbewaringstelling|(?:was|been|got|is|were) sectioned|under the mental health act|methadonprogramma|ademnood|hartstilstand|cardiac arrest
(?:alcohol|drug|opioid|opiate|drugs)[- ](?:dependen\w{2,3}|addict\w{0,3}|misuse)|dyspra(?:x|ks)i[ae]|dyscalculi[ae]|tourette(?:'?s)?|stammers?|stotter(?:t|en)
menorrhagia|polycystic ovar\w{2,6}|vertigo|(?:m[eé]ni[eè]re|raynaud|sjögren|hashimoto|graves|addison|cushing|marfan|wilson|paget|kaposi)(?:'s|')? ?-?(?:disease|syndrome|syndroom|ziekte|sarcoma|phenomenon|fenomeen)
ehlers-?danlos|guillain-?barr[eé]|sikkelcel\w{0,8}|sickle cell|trisomie|trisomy|turner syndrome
h(?:a)?emorrhoids|aambeien|fistel|fissuur|liesbreuk|navelbreuk|inguinal hernia|galblaas\w{0,12}|gallbladder|appendic\w{4,6}|lumbago|scoliose|scoliosis
fibromyalgia|polymyalgia|osteoporosis|rachitis|jaundice|geelzucht|hepatitis [abc]|tbc|tb-?(?:besmetting|infectie)|aids-?remmers|hiv-?remmers
icd-?(?:9|10|11)|dsm-?(?:iv|5|v)|gaf-?score|mmse|moca-?score|phq-?9|gad-?7|apgar\w{0,6}|glasgow coma\w{0,6}|palliatie|terminale fase
ziektebeeld|anamnese|medische voorgeschiedenis|past medical history|comorbidit(?:y|eit)|prognosis is|bij lichamelijk onderzoek|on examination
"""
DRUGS = r"""
antabus|disulfiram|zolpidem|temazepam|zopiclone?|codeïne|codeine|morfinepomp|fentanylpleister\w{0,2}|oxynorm|oxycontin|perindopril|ramipril|enalapril
lisinopril|quinapril|captopril|bisoprolol|ciclosporine?|azathioprine?|tacrolimus|everolimus|letrozole?|anastrozole?|exemestaan|abirateron[e]?|enzalutamide?
rivastigmine?|donepezil|memantine?|galantamine?|carbamazepine?|oxcarbazepine?|valproïnezuur|(?:sodium )?valproate|depakine|levetiracetam|keppra
topirama(?:at|te)|aripiprazole?|abilify|zyprexa|seroquel|risperdal|cipramil|seroxat|zoloft|wellbutrin|efexor|remeron|tranxene|nortriptyline?|clomipramine
truvada|biktarvy|descovy|prep(?:-pillen)?|genvoya|humira|enbrel|remicade|stelara|ocrelizumab|tysabri|rituximab|herceptin|keytruda|opdivo|glivec|zoladex
xarelto|eliquis|marcoumar|sintrom|plavix|insuline ?(?:glargine|aspart|lispro)?|lantus|novorapid|victoza|mounjaro|wegovy|saxenda|thyrax|thyroxine?|hydrocortison[e]?
dexamethason[e]?|prednison[e]?|testosteron(?:e|gel|injecties)?|oestrogeen(?:pleisters)?|estradiol|androcur|decapeptyl|lucrin|utrogestan|clomid|gonal-?f|misoprostol|mifepriston[e]?
colchicine?|allopurinol|alendroninezuur|sumatriptan|propranolol|furosemide?|spironolacton[e]?|digoxin[e]?|amiodaron[e]?|nitroglycerine|isordil|symbicort|seretide|foster inhaler
methylphenidate|elvanse|lisdexamfetamine|strattera|atomoxetine?|melatonine?|nitrofurantoïne|doxycycline?|flucloxacilline?
"""
