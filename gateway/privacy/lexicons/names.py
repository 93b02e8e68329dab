"""Word lists of the rules for names; Dutch and English first.

Written for this project, but for name_lists.txt (see NOTICE).
"""

from pathlib import Path

from gateway.privacy.lexicons.places import PLACES, word_set

NAME_LISTS = Path(__file__).with_name("name_lists.txt")
_GIVEN, _AMBIGUOUS, _SURNAMES, _ORDINARY = (
    word_set(part.partition("\n")[2])
    for part in NAME_LISTS.read_text(encoding="utf-8").split("# ")[1:]
)

FIRST_NAMES = (
    _GIVEN
    | _AMBIGUOUS
    | word_set("""
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
Abdelaziz Abdelhak Abdelhamid Abdelilah Abdellatif Abdelrahman Abderrahim Abderrahman Abdessamad Abdifatah
Abdikarim Abdinasir Abdirizak Abdulkarim Abdulqadir Abebe Abenaa Abiodun Abiola Abshir Achraf Achraj Adebayo
Adebola Adem Adeola Adetola Adewale Aditi Adjoa Adnana Adnane Adwoa Aebele Afia Afriyie Afua Agung Agus Ahlam
Ahmadullah Ainsley Aissa Akosua Akram Akwasi Alaa Alasdair Albertje Albie Aleida Alfie Alganesh Alied Alisdair
Almira Alok Alper Alperen Alun Amal Amani Amanuel Amanullah Amela Amiin Aminat Amjad Amma Ammar Amra Amrit
Ananya Anass Anastasiia Andriy Aneurin Anggraeni Angharad Aniel Anjum Anoesjka Anouska Anskje Anthea Antsje
Anwen Aparna Arash Archie Ardalan Arezo Arezou Arief Artem Arti Arwel Arwen Asad Asher Ashkan Ashok Ashwin Asin
Asmae Asmeret Atefeh Atsje Avinash Aviva Avraham Ayan Aydın Ayham Ayodele Aysun Azadeh Azar Aziza Baaba Babak
Babatunde Badr Bahar Bahati Bahoz Bahram Balwinder Bambang Banu Barnaby Barney Bartholomeus Barış Basel Bashar
Bassam Bassel Batoul Batuhan Batya Bayan Başak Bedirhan Behnam Behrouz Beitske Belgin Berdien Bereket Berivan
Berk Berkay Bernadet Bertien Bertine Bettine Betül Beyza Bhagwandat Bharat Bilge Biniam Binyamin Blagoy Bogdana
Bogusław Bohdan Borislav Bouchra Boukje Boyan Boyko Bożena Branislav Brechtje Bregtje Bridget Bronger Btissam
Bukola Burak Burcu Bülent Büşra Cansu Carlien Cathelijn Cathelijne Ceren Ceri Cerys Ceyda Chaim Chaima Chaimae
Chandni Chandrika Chanella Chantale Charissa Chau Chava Chaya Chayenne Chetan Chiamaka Chidi Chidinma Chika
Chinwe Chioma Ciprian Citra Clement Clifton Corneles Corrien Cosmin Costel Cressida Czesław Cătălin Damilola
Daniat Dariush Darshan Daryna Davina Dawit Delano Delyth Demelza Denice Denys Denzel Deqa Derya Desi Desislava
Dharmen Dianne Dieu Dieudonné Dieuwer Dilek Dilovan Dilys Dima Dimitar Dinand Dinesh Dingeman Dipti Djaienti
Djoke Dmytro Dougal Dounia Dragana Dragoș Dropati Dumitru Durk Dvora Dymphna Dympna Dyonne Désirée Ebel Ebele
Ebrahim Ebubekir Edwina Edyta Eefke Eelkje Eeltje Efraim Efua Ehsan Eirlys Ejiro Ekene Ekow Elaheh Elazar
Elbrich Elchanan Elham Elianne Eliezer Elitsa Elnaz Elskje Elspeth Eluned Emel Emirhan Emrys Endang Engbert Enid
Ermias Ersin Esin Esma Esmail Esme Esperance Espérance Esti Eunice Eyob Fadi Fadia Fadoua Faduma Fadumo Faezeh
Fahad Fahim Faisal Faouzia Fardau Farhad Fariba Faribah Farida Farideh Farnaz Farshad Farzad Farzana Farzaneh
Fatna Fayaz Fayez Feikje Femi Fereshteh Ferhat Fidèle Fieke Figen Fikret Fikru Filmon Fimke Finlay Firas Fiston
Fitri Fokelien Fokje Folasade Fons Foppe Fozia Fransje Freweini Frouke Fryske Funmilayo Furgill Furkan Gaitri
Ganesh Gbenga Geertsje Geeske Genowefa Georgi Georgiana Gepke Geraint Gerdien Gergana Gerlof Germa Gerold
Gershon Gertjan Gertruida Gethin Geurt Ghada Ghaith Ghassan Ghebremeskel Gheorghe Ghizlane Ghulam Gillermo
Gineke Giovanca Girmay Giselle Gitty Glenys Glyn Goaitsen Godfrey Goedele Golnaz Gowri Grażyna Gruffydd Grytsje
Guno Gurpreet Gwenllian Gwyneth Gökhan Gülcan Gülsüm Gülşen Güven Habiba Habimana Haitham Haitze Hajar Halima
Halime Halyna Hamdi Hamed Hamideh Hamou Hanane Hanke Hantsje Hardeep Hariette Hariët Harjit Harmen Harpreet
Harun Hasna Hassania Hattum Havva Hawar Haya Hayat Hayriye Hazem Heidy Hein Henriëtte Hermien Hermina Heru
Hessel Hester Hiba Hibaaq Hieu Hilke Hillel Hilletje Hiltje Hinke Hisham Hiwot Hodan Hooman Hossein Houda Houria
Hristo Huibert Huibrecht Humphrey Hussam Hêvî Ianto Idil Idske Iefke Ientje Ietje Ieuan Ifeanyi Ifrah Ikechukwu
Iliyana Imad Iman Immaculée Immie Indradj Ioana Ionel Ionela Ireneusz Irfan Iryna Isabeau Ismahan Isobel Issa
Issam Itai Itamar Iulia Iulian Ivanna Ivaylo Ivor Izaak Izabela Jabik Jacintha Jacomijn Jafar Jagdeep Jagdies
Jaimy Jairam Jalien Jannetje Jannewietske Jannigje Jantje Jaouad Jarosław Jaswinder Jatinder Javad Jeannet
Jeantine Jehannes Jelke Jelmer Jeltsje Jeroom Jerrel Jerrely Jetske Jiahao Jian Jihad Jing Jitendra Jitske Jitze
Jiyan Jochum Joliene Jolyon Joni Jopie Josephien Josie Judoca Juliet Juliëtte Junjie Jurjen Kaan Kadir Kamaljit
Kamla Kamran Kaoutar Karlien Kateryna Kaveh Kayode Keerthi Keimpe Kelechi Kenroy Ketut Keza Khadra Khalil Khanh
Khatera Khrystyna Kianoush Kidane Kidist Kieron Kifle Kinan Kinga Kisoen Klaasje Klaske Kobina Kojo Krasimir
Ksenia Kuldeep Kulwinder Kwadwo Kwaku Kwasi Kwesi Kübra Lahcen Lakhbir Lalita Lamia Lammert Lamyae Larbi Latif
Laurențiu Laurien Lech Leendertje Leihitu Leontien Letty Liban Liduina Lidy Lien Lieuwe Lineke Linette Liora
Liudmyla Liviu Lizanne Llewellyn Loeki Loraine Louay Loubna Lubbert Lubna Luciënne Luitzen Luminița Lutske Luwam
Lysbeth Lyubomir Lyudmila Lútsen Maame Maarten-Jan Mabel Machiel Maddie Madhoeri Madhu Mahad Mahesh Mahinder
Mahsa Maisie Majed Majid Maksym Malka Manal Mandeep Manisha Manjit Manoj Manpreet Mansour Mariangela Mariia
Mariya Marjanne Marjo Marlijn Marlinda Marsha Martsen Marwa Marwan Masoud Matthea Mazen Mbarek Mbuyi Mebrahtu
Mechelien Mechteld Meenakshi Mehran Mehrdad Meiling Meinou Meint Meir Meirion Mekonnen Melike Meltem Menachem
Mendel Merhawi Meriem Meron Mervyn Mete Metsje Mhairi Michaëla Mieczysław Mientje Mihaela Mihai Mihret Mikail
Mikkie Millicent Miloud Miloš Mimoun Mimount Mina Minnie Mircea Mirela Mirosław Mirwais Mirza Mitra Mohamud
Mohan Mohand Mohsen Moira Mojgan Moniek Morag Mordechai Morteza Morwenna Moshe Mouaz Mounia Mounir Mourad
Moustafa Mozhgan Muhannad Mukendi Mukesh Mulu Mulugeta Muna Mursal Mutesi Myfanwy Mykhailo Mykola Myra Nabila
Nadeem Nader Nadieh Nadiia Naftali Nagham Nahid Nahla Nahom Najat Najib Najibullah Najoua Najwa Nammen Narain
Naresh Naser Nasim Nasteho Nataliia Natnael Navid Navjot Nawal Nazanin Nazia Nazlı Nebojša Nechama Neelam Negar
Negin Nelleke Nemanja Nerys Neslihan Nesrin Nezha Ngalula Ngan Nhung Nicoleta Nicolette Nicușor Niene Nihat
Nikolay Nilgün Niloufar Nimco Nirmala Nisrine Nitin Nizar Nkechi Nnamdi Nneka Noga Nordin Noura Noureddin Nuriye
Nyoman Obinna Oebele Oeds Ogechi Ognjen Ognyan Ohene Oksana Olabisi Oladipo Oleg Oleh Oleksandr Oleksandra
Oleksii Olumide Olwen Omid Omran Onyeka Orpheo Osagie Osei Osian Ouafae Oualid Ouassim Ouissam Oumaima Oussama
Ovidiu Oğuz Oğuzhan Paramjit Pardeep Parisa Parvati Parveen Parvin Pascalle Payam Pedram Pelin Penelope Penka
Petru Peyman Pinchas Plamen Pleuni Pouya Pradeep Prakash Predrag Preeti Premchand Putri Pytsje Pınar Qiang Qing
Quirijn Quirine Quoc Qusay Quyen Rabia Radjindre Radovan Rafiq Raghad Rahim Rahma Rajendra Rajinder Rajiv Rakesh
Rakhi Raluca Ramesh Ramez Rami Ramin Ranim Ranjit Rasha Ratko Ratna Rawan Razan Redmond Redouan Redouane Reem
Regillio Reinoud Rekha Remmelt Rensley Reshma Retno Reyhan Rienk Rignald Rinaldo Rinus Rivka Rizgar Rkia Robel
Rochel Roelfke Roelien Rohit Rohullah Rojda Rojin Roksolana Rola Rolinka Rommert Ronella Rosalyn Rosamund
Rosanne Roshni Rositsa Roxanne Roya Ruba Rukhsana Ruslan Rutger Ruth-Ann Ruwan Rüya Răzvan Rıza Saad Saartje
Sabien Sabitri Sachin Saeed Saeid Sagal Sahar Saida Saira Sakina Salim Salima Samatar Sameer Samim Samrawit
Sanae Sanaz Sandeep Sandhia Sanela Sanjeev Sanjit Santosh Sarbjit Satish Satnam Satılmış Savitri Schmuel Sebas
Sefa Segun Selahattin Selam Semhar Semih Senad Senait Sepideh Serap Serdar Sergino Serhat Serhii Setareh Sevda
Sevgi Sezgin Shabana Shabnam Shahd Shahin Shahram Shailesh Shakuntala Shan Shanelle Shaniqua Shareefa Sharif
Sharlon Sharmila Sharona Shazia Sherzad Shilan Shilpa Shirin Shirvan Shlomo Shmuel Shobha Shoshana Shufen
Shukria Shulamit Shurandy Siavash Sibren Sifra Siham Sihame Sijtze Silviu Silviya Sima Simcha Simke Simran Sinan
Sinem Sipke Sjaan Sjanie Sjef Sjierk Sjoerdtje Sjoukje Slamet Smail Snezhana Snežana Soender Soeshila Soheila
Solomiia Soukaina Soumaya Srđan Stanimir Stefka Stipe Stoyan Sucaad Sudesh Suhail Sukarno Sukhdeep Sukhwinder
Suleiman Sumaira Sunil Suraj Surendra Suresh Surinder Sushma Suzan Svitlana Swati Sybren Sytske Sytze Sławomir
Taeke Taha Tahmina Talal Tamar Tamme Tamsin Tanita Tanneke Tanvir Taras Tarik Tayfun Teatske Tegan Teguh Tejal
Temesgen Temitope Tesfay Tesfaye Tetiana Tetsje Teunie Thao Thelma Thirza Tialda Tigist Tihomir Tirzah Tjalling
Tjamke Tjebbe Tjerk Tjibbe Toine Tolga Tonnie Touria Trang Trienke Trijn Trinh Tsegay Tsehay Tshala Tsjikke
Tsvetan Tsvetelina Tuba Tuyet Tzipora Tzvi Uche Ufuk Ugochi Uilkje Urmila Ushi Uwase Uyen Uzma Vadym Vahid
Valentyna Valesca Vandana Varun Vasil Vasile Vasyl Vaughan Veselin Vestine Vidya Vijay Vikas Vikash Viktoriia
Vinod Vishal Vitalii Vivek Vivienne Vlad Vladan Vladyslav Vojislav Volodymyr Wael Wafa Wafae Wahid Wahyu Waleed
Warsame Wassim Wayan Wendela Wenjie Wensley Weronika Wieger Wiepkje Wiesław Wigle Wiktoria Wilbert Wilfred
Wiljan Willemien Willemke Wissam Wobbe Wonny Wopke Wouter-Jan Wybe Wytze Władysław Włodzimierz Xaviera Xiao
Xiaoling Xiaoming Xinyi Xuan Yaakov Yael Yahya Yakup Yama Yanti Yaroslav Yaser Yasmiin Yassir Yazan Yehuda
Yehudit Yemi Yentl Yetunde Yevhen Yifan Ying Yitzchak Ymkje Ynskje Ynze Yochanan Yohannes Yonas Yong Yoran
Yordan Yordanka Yordanos Yorick Yosef Youmna Youness Yousra Youssra Yudi Yulia Yuliia Yunus Yuriy Yusra Yuxin
Zabihullah Zadie Zakariae Zaki Zalmai Zalman Zamire Zamzam Zdzisław Zeeshan Zeina Zekiye Zeliha Zemen Zeth Zhen
Zhivko Ziad Zihan Zikora Zineb Ziya Zlatan Zohra Zohreh Zoubida Zouhair Zoya Zuzanna Zvonimir Zwaantje Zwannet
Zygmunt Zübeyde Çağla Çiğdem Özcan İlhan İpek İsmail Şahin Şenay Şengül Şerife Şükrü Ștefan
""")
)
# Words in their own right: a name only beside another name part or after a title.
AMBIGUOUS_NAMES = _AMBIGUOUS | word_set("""
Adam Alex Amber April Art August Bas Ben Bill Bloem Chase Chris Cor Koos Daisy Dean Faith Fleur Floor
Frank Grace Guy Hope Iris Isa Ivy Jack Jet Joy Jos June Kim Lily Mark Marta May Max Mees Merel Mia
Mila Miles Nel Nina Noor Olga Pien Pim Rik Rob Roos Rosa Rose Ruby Saar Said Sem Siem Stella
Sterre Storm Summer Ties Tim Tom Vera Victoria Violet Virginia Will Wil Wolf Young Harm Hector Jan
Marit Jean Charlotte Florence Austin Washington Madison Jordan Paris Chelsea Georgia Carolina
Sydney Rick Ron Sam Lee Ray Grant Drew
""")
SURNAMES = _SURNAMES | word_set("""
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
# Surnames that open sentences as what they were first: trades, colours, places.
SURNAMES_TOO = word_set("""
bakker visser smit smid mulder dekker koster schipper koning prins keizer vos wolf haan jong groot berg dijk
brink bos boer bruin wit zwart groen kok kuiper molenaar slager jager ridder bisschop dokter meester post winter
zomer baker smith cook brown white black green young king wood hill stone field price page bishop cooper fisher
miller
""")
# What stands between a phrase and the name behind it, in lower case.
TITLE_WORDS = word_set("""
heer mevrouw mevr mw dhr meneer mijnheer drs ir ing mr mrs ms miss dr prof professor herr frau doctor familie
fam ds zr sir lady hr mister mej bc msc em en/of
""")
PARTICLES = word_set("""
van de den der het 't ter ten te la le el al bin ben von zu zur di da dos du del della op in 's d'
l' vande vander vanden af und y
""")
# Never (the whole of) a name, whatever stands before it.
STOP = word_set("""
agb-code agb-nummer v-nummer bsn-nummer btw-nummer btw-id kvk-nummer big-nummer iban-nummer id-nummer klantnummer
polisnummer patiëntnummer dossiernummer zaaknummer lidnummer personeelsnummer
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
einde kolleginnen kollegen kollege freunde freundin eltern nachbarn mitarbeiter collègues tous toutes amis voisins compañeros compañeras todos amigos vecinos colleghi tutti amici państwo monsieur madame mademoiselle herr frau damen señor señora team-lead teamleider projectleider
voorzitter secretaris penningmeester directeur adviseur arts huisarts dokter verpleegkundige
advocaat notaris rechter burgemeester wethouder minister agent inspecteur controleur president
mevr mw dhr drs mr mrs ms dr prof ing fyi asap btw dob tel fax re fw fwd cc bcc director officer engineer developer accountant nurse doctor judge chair chairman secretary
rekening verzekering gemeente belastingdienst politie ziekenhuis school universiteit stichting
vereniging bedrijf organisatie ministerie provincie rechtbank bank winkel praktijk kantoor via per
sinds na om uit zo zoals terwijl omdat hoewel misschien soms vaak altijd nooit kom laat geef stuur
maak schrijf lees bekijk controleer vertaal vat analyseer verwerk zoek vergelijk noem give send
make write read check translate summarize summarise analyse analyze find compare list
i'd i'm i've i'll we'd we're we've we'll you'd you're it's that's there's here's don't can't
""")
# What the classifier takes for people now and then: times, directions, peoples and their languages,
# departments, tools and formats, and what families call each other. Nothing that is a surname as well
# in a common language (Ma, Do, Sun): a name that is overlooked is worse than a word that is masked.
NOBODY = word_set("""
wo vr mon tue tues weds wed thu thur thurs fri sat maandag dinsdag woensdag donderdag vrijdag zaterdag
zondag monday tuesday wednesday thursday friday saturday sunday januari februari maart juni juli september oktober
november december january february march july october feb mrt apr jul aug sep sept okt nov dec
zomer herfst lente north south east west northeast northwest southeast southwest north-east north-west noord zuid oost
noordoost noordwest zuidoost zuidwest noorden zuiden oosten westen midlands randstad
dutch english german french spanish italian portuguese polish turkish arabic berber frisian welsh irish scottish basque
catalan breton flemish walloon danish swedish norwegian finnish estonian latvian lithuanian czech slovak slovene
croatian serbian bosnian hungarian romanian bulgarian greek russian ukrainian chinese mandarin cantonese japanese
korean vietnamese hindi urdu bengali tamil persian farsi hebrew kurdish somali tigrinya amharic swahili
nederlands engels duits spaans italiaans portugees pools turks arabisch fries vlaams deens zweeds noors fins
tsjechisch slowaaks hongaars roemeens bulgaars grieks russisch oekraïens chinees japans koreaans hindoestaans papiaments
care service support success sales helpdesk servicedesk marketing finance billing legal compliance facilities
logistics procurement payroll engineering operations reception onderhoud beheer inkoop verkoop receptie klantenservice
yaml json xml html csv bearer http https post get put patch delete head options mozilla chrome safari firefox edge webkit
slack teams outlook excel word zoom webex jira confluence github gitlab jenkins docker kubernetes redis postgres
python java kotlin rust bash linux windows ubuntu debian macos android
bernoulli poisson gauss gaussian bayes laplace fourier
papa mama opa oma mam pap pa daddy mummy mommy granny grandma grandpa sla
verder flink nogmaals tevens daarnaast overigens inmiddels alvast fyi asap eta tbd tbc bod
brigadier hoofdagent verbalisant nstemi longca p.s ps kus groetjes bintje agria rachunek
valrisico kade loods steiger poort unit zaal vleugel verdieping
""")
# Names that are no other word in Dutch, English or German, so that they need no capital.
CLEAR_LOWER = (
    frozenset(name.lower() for name in FIRST_NAMES - _ORDINARY - AMBIGUOUS_NAMES if len(name) >= 4)
    - PLACES
    - STOP
)
# What Dutch prompts begin with.
ORDERS = word_set("""
Adviseer Analyseer Antwoord Beantwoord Bedenk Begin Benoem Bepaal Bereken Beschrijf Bewerk Check Citeer
Classificeer Controleer Corrigeer Doe Draai Extraheer Formatteer Formuleer Geef Genereer Groepeer Haal Help
Herformuleer Herhaal Herschrijf Kies Kopieer Laat Lees Leg Lijst Maak Markeer Motiveer Neem Noem Onderstreep
Onderzoek Ontwerp Orden Parafraseer Plan Presenteer Rangschik Redigeer Reken Schrijf Sorteer Splits Start Stel
Structureer Tel Toon Vat Verbeter Vergelijk Verklaar Verkort Verleng Vertaal Vertel Verwijder Verzin Voeg
Voltooi Vul Wissel Zet Zoek
""")
# What people do, behind their names: no name in a text without capitals.
VERBS = word_set("""
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
UNITS = word_set("""
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
GENERIC = word_set("""
data protection privacy customer service general public mail web shop order orders sales request requests
care digital online national local central regional main office front back first second new open free
business corporate investor relations job jobs career careers vacatures werken bij algemeen algemene
klant klanten vragen melding meldingen storing storingen bestelling bestellingen factuur facturen post
mailbox nieuws nieuwsbrief news letter newsletter no reply do not bounce abuse postmaster webmaster
""")
BRANDS = frozenset((
    "douwe egberts",
    "albert heijn",
    "max havelaar",
    "jan linders",
    "van lanschot",
    "van gend",
    "ernst young",
    "philip morris",
    "jack daniel",
    "jack daniels",
    "louis vuitton",
    "hugo boss",
    "calvin klein",
    "tommy hilfiger",
    "michael kors",
    "karl lagerfeld",
    "willem ii",
    "wolters kluwer",
    "johnson controls",
    "van gogh",
    "vincent van gogh",
    "johan cruijff",
    "johan cruyff",
    "anne frank",
    "de bijenkorf",
    "martin luther",
    "florence nightingale",
    "antoni van leeuwenhoek",
    "paul smith",
    "marks spencer",
    "dr oetker",
    "oscar wilde",
    "harry potter",
    "santa claus",
    "morgan stanley",
    "charles schwab",
    "thomas cook",
    "thomson reuters",
    "goldman sachs",
    "baker tilly",
    "philips",
    "egberts",
    "jacobs",
    "siemens",
    "williams",
    "jan monnet",
    "jean monnet",
    "robert walters",
    "michael page",
    "jim beam",
    "peter rabbit",
))
COMPANY = word_set("""
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
