"""The names of months and weekdays, in the languages of the world's news.

A line per language: its code, then twelve entries, each with the forms of one month. An underscore
stands for a space. Most forms are those of CLDR; others are in use by newspapers (Arabic has three
sets of names).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from newscrawl.core.text import fold

_NAMES = """
af: jan,januarie feb,februarie maart,mrt apr,april mei jun,junie jul,julie aug,augustus
    sep,september okt,oktober nov,november des,desember
am: ጃን,ጃንዋሪ,ጃንዩ,ጃንዩወሪ ፌብ,ፌብሩዋሪ,ፌብሩ,ፌብሩወሪ ማርች ኤፕሪ,ኤፕሪል ሜይ ጁን ጁላይ ኦገስ,ኦገስት ሴፕቴ,ሴፕቴምበር ኦክቶ,ኦክቶበር
    ኖቬም,ኖቬምበር ዲሴም,ዲሴምበር
ar: يناير,كانون_الثاني,جانفي فبراير,شباط,فيفري مارس,آذار أبريل,نيسان,أفريل مايو,أيار,ماي
    يونيو,يونيه,يونية,حزيران,جوان يوليو,يوليه,يولية,تموز,جويلية,جويليه أغسطس,آب,أوت,غشت
    سبتمبر,أيلول,شتنبر أكتوبر,تشرين_الأول نوفمبر,تشرين_الثاني,نونبر ديسمبر,كانون_الأول,دجنبر
az: yan,yanvar fev,fevral mar,mart apr,aprel may iyn,iyun iyl,iyul avq,avqust sen,sentyabr
    okt,oktyabr noy,noyabr dek,dekabr
be: сту,студзень,студзеня,стд лют,лютага,люты сак,сакавік,сакавіка кра,красавік,красавіка,крс
    май,мая,траўня,тра чэр,чэрвень,чэрвеня ліп,ліпень,ліпеня жні,жнівень,жніўня,жнівеня,жнв
    вер,верасень,верасня,врс кас,кастрычнік,кастрычніка,кст ліс,лістапад,лістапада
    сне,снежань,снежня,снж
bg: яну,януари фев,февруари март апр,април май юни юли авг,август сеп,септември,септ,септм
    окт,октомври ное,ноември дек,декември
bn: জানু,জানুয়ারী,জানুয়ারি ফেব,ফেব্রুয়ারী,ফেব্রুয়ারি মার্চ এপ্রি,এপ্রিল মে জুন জুল,জুলাই
    আগ,আগস্ট,অগস্ট,আগষ্ট সেপ,সেপ্টেম্বর অক্টো,অক্টোবর নভে,নভেম্বর ডিসে,ডিসেম্বর
bs: jan,januar,januara feb,februar,februara mar,mart,marta apr,april,aprila maj,maja
    jun,juni,juna jul,juli,jula aug,august,avg,avgust,augusta,avgusta sep,septembar,septembra
    okt,oktobar,oktobra nov,novembar,novembra dec,decembar,decembra
ca: gen,gener febr,febrer març abr,abril maig juny jul,juliol agost set,setembre oct,octubre
    nov,novembre des,desembre
cs: led,leden,ledna,lednu úno,únor,února,únr,únoru bře,březen,března,březnu dub,duben,dubna,dubnu
    kvě,květen,května,květnu červen,června,čvn,čer,červnu července,červenec,čvc,črc,červenci,črv
    srp,srpen,srpna,srpnu zář,září říj,říjen,října,říjnu lis,listopad,listopadu
    pro,prosince,prosinec,prosinci
cy: ion,ionawr chw,chwef,chwefror maw,mawrth ebr,ebrill mai meh,mehefin gor,gorff,gorffennaf awst
    medi hyd,hydref tach,tachwedd rhag,rhagfyr
da: jan,januar feb,februar mar,marts apr,april maj jun,juni jul,juli aug,august sep,september
    okt,oktober nov,november dec,december
de: jan,januar,jänner feb,februar,feber mär,märz,mrz apr,april mai jun,juni jul,juli aug,august
    sep,sept,september okt,oktober nov,november dez,dezember
el: ιαν,ιανουάριος,ιανουαρίου φεβ,φεβρουάριος,φεβρουαρίου μάρ,μάρτιος,μαρτίου
    απρ,απρίλιος,απριλίου μάι,μάιος,μαΐου ιουν,ιουνίου,ιούνιος ιουλ,ιουλίου,ιούλιος
    αυγ,αυγούστου,αύγουστος σεπ,σεπτέμβριος,σεπτεμβρίου οκτ,οκτωβρίου,οκτώβριος
    νοέ,νοέμβριος,νοεμβρίου δεκ,δεκέμβριος,δεκεμβρίου
en: jan,january feb,february mar,march apr,april may jun,june jul,july aug,august
    sep,september,sept oct,october nov,november dec,december
es: ene,enero feb,febrero mar,marzo abr,abril may,mayo jun,junio jul,julio ago,agosto
    sept,septiembre,setiembre,sep,set oct,octubre nov,noviembre dic,diciembre
et: jaan,jaanuar,jaanuaril veebr,veebruar,veebruaril märts,märtsil apr,aprill,aprillil mai,mail
    juuni,juunil juuli,juulil aug,august,augustil sept,september,septembril
    okt,oktoober,oktoobril nov,november,novembril dets,detsember,detsembril
eu: urt,urtarrila,urtarrilak,urtarrilaren ots,otsaila,otsailak,otsailaren
    mar,martxoa,martxoak,martxoaren api,apirila,apirilak,apirilaren
    mai,maiatza,maiatzak,maiatzaren eka,ekaina,ekainak,ekainaren uzt,uztaila,uztailak,uztailaren
    abu,abuztua,abuztuak,abuztuaren ira,iraila,irailak,irailaren urr,urria,urriak,urriaren
    aza,azaroa,azaroak,azaroaren abe,abendua,abenduak,abenduaren
fa: ژانویه,جنوری فوریه,فبروری مارس,مارچ آوریل,اپریل مه,می ژوئن,جون ژوئیه,جولای اوت,آگست
    سپتامبر,سپتمبر اکتبر,اکتوبر نوامبر,نومبر دسامبر,دسمبر
fi: tammi,tammik,tammikuu,tammikuuta,tammikuussa helmi,helmik,helmikuu,helmikuuta,helmikuussa
    maalis,maalisk,maaliskuu,maaliskuuta,maaliskuussa
    huhti,huhtik,huhtikuu,huhtikuuta,huhtikuussa touko,toukok,toukokuu,toukokuuta,toukokuussa
    kesä,kesäk,kesäkuu,kesäkuuta,kesäkuussa heinä,heinäk,heinäkuu,heinäkuuta,heinäkuussa
    elo,elok,elokuu,elokuuta,elokuussa syys,syysk,syyskuu,syyskuuta,syyskuussa
    loka,lokak,lokakuu,lokakuuta,lokakuussa marras,marrask,marraskuu,marraskuuta,marraskuussa
    joulu,jouluk,joulukuu,joulukuuta,joulukuussa
fil: ene,enero peb,pebrero mar,marso abr,abril may,mayo hun,hunyo hul,hulyo ago,agosto
    set,setyembre okt,oktubre nob,nobyembre dis,disyembre
fr: janv,janvier,jan févr,février,fév mars avr,avril mai juin,jun juil,juillet,jul août,aoû
    sept,septembre,sep oct,octobre nov,novembre déc,décembre
ga: ean,eanáir feabh,feabhra márta aib,aibreán beal,bealtaine meith,meitheamh iúil lún,lúnasa
    meán_fómhair,mfómh deireadh_fómhair,dfómh samh,samhain noll,nollaig
gl: xan,xaneiro feb,febreiro mar,marzo abr,abril maio xuño xul,xullo ago,agosto set,setembro
    out,outubro nov,novembro dec,decembro
gu: જાન્યુ,જાન્યુઆરી ફેબ્રુ,ફેબ્રુઆરી માર્ચ એપ્રિલ મે જૂન જુલાઈ,જુલાઇ ઑગસ્ટ,ઓગસ્ટ સપ્ટે,સપ્ટેમ્બર
    ઑક્ટો,ઑક્ટોબર,ઓક્ટોબર નવે,નવેમ્બર ડિસે,ડિસેમ્બર
ha: janairu faburairu maris afrilu mayu yuni yuli agusta satumba oktoba nuwamba disamba
he: ינואר,ינו,בינואר פברואר,פבר,בפברואר מרץ,מרס,מארס,במרץ,במרס,במארס אפריל,אפר,באפריל מאי,במאי
    יוני,יונ,ביוני יולי,יול,ביולי אוגוסט,אוג,באוגוסט ספטמבר,ספט,בספטמבר אוקטובר,אוק,באוקטובר
    נובמבר,נוב,בנובמבר דצמבר,דצמ,בדצמבר
hi: जनवरी,जन फ़रवरी,फ़र मार्च अप्रैल मई जून जुलाई,जुल अगस्त,अग सितंबर,सित,सितम्बर
    अक्तूबर,अक्तू,अक्टूबर नवंबर,नव,नवम्बर दिसंबर,दिस,दिसम्बर
hr: sij,siječanj,siječnja,siječnju,siječnjem velj,veljača,veljače,veljači,veljačom
    ožu,ožujak,ožujka,ožujku,ožujkom tra,travanj,travnja,travnju,travnjem
    svi,svibanj,svibnja,svibnju,svibnjem lip,lipanj,lipnja,lipnju,lipnjem
    srp,srpanj,srpnja,srpnju,srpnjem kol,kolovoz,kolovoza,kolovozu,kolovozom
    ruj,rujan,rujna,rujnu,rujnom lis,listopad,listopada,listopadu,listopadom
    stu,studeni,studenoga,studenom,studenomu,studenome,studenog,studenim
    pro,prosinac,prosinca,prosincu,prosincem
hu: jan,január febr,február,feb márc,március,már ápr,április máj,május jún,június júl,július
    aug,augusztus szept,szeptember okt,október nov,november dec,december
hy: հնվ,հունվար,հունվարի փետրվար,փետրվարի,փտվ մարտ,մարտի,մրտ ապր,ապրիլ,ապրիլի մայիս,մայիսի,մյս
    հնս,հունիս,հունիսի հլս,հուլիս,հուլիսի օգոստոս,օգոստոսի,օգս սեպ,սեպտեմբեր,սեպտեմբերի
    հոկ,հոկտեմբեր,հոկտեմբերի նոյ,նոյեմբեր,նոյեմբերի դեկ,դեկտեմբեր,դեկտեմբերի
id: jan,januari,djan,djanuari feb,februari,peb,pebruari mar,maret,mrt apr,april mei,mai
    jun,juni,djuni jul,juli,djuli agu,agustus,agt sep,september,sept okt,oktober
    nov,november,nop,nopember des,desember
is: jan,janúar feb,febrúar mar,mars apr,apríl maí jún,júní júl,júlí ágú,ágúst sep,september
    okt,október nóv,nóvember des,desember
it: gen,gennaio feb,febbraio mar,marzo apr,aprile mag,maggio giu,giugno lug,luglio ago,agosto
    set,settembre ott,ottobre nov,novembre dic,dicembre
ka: იან,იანვარი თებ,თებერვალი მარ,მარტი აპრ,აპრილი მაი,მაისი ივნ,ივნისი ივლ,ივლისი აგვ,აგვისტო
    სექ,სექტემბერი ოქტ,ოქტომბერი ნოე,ნოემბერი დეკ,დეკემბერი
kk: қаң,қаңтар ақп,ақпан нау,наурыз сәу,сәуір мам,мамыр мау,маусым шіл,шілде там,тамыз
    қыр,қыркүйек қаз,қазан қар,қараша жел,желтоқсан
km: មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ
kn: ಜನ,ಜನವರಿ ಫೆಬ್ರ,ಫೆಬ್ರವರಿ ಮಾರ್ಚ್ ಏಪ್ರಿ,ಏಪ್ರಿಲ್ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗ,ಆಗಸ್ಟ್ ಸೆಪ್ಟೆಂ,ಸೆಪ್ಟೆಂಬರ್
    ಅಕ್ಟೋ,ಅಕ್ಟೋಬರ್ ನವೆಂ,ನವೆಂಬರ್ ಡಿಸೆಂ,ಡಿಸೆಂಬರ್
lo: ມກ,ມັງກອນ ກພ,ກຸມພາ ມນ,ມີນາ ມສ,ເມສາ ພພ,ພຶດສະພາ ມິຖ,ມິຖຸນາ ກລ,ກໍລະກົດ ສຫ,ສິງຫາ ກຍ,ກັນຍາ ຕລ,ຕຸລາ
    ພຈ,ພະຈິກ ທວ,ທັນວາ
lt: saus,sausio,sausis vas,vasario,vasaris kov,kovas,kovo bal,balandis,balandžio
    geg,gegužė,gegužės birž,birželio,birželis liep,liepa,liepos rugp,rugpjūtis,rugpjūčio
    rugs,rugsėjis,rugsėjo spal,spalio,spalis lapkr,lapkritis,lapkričio gruod,gruodis,gruodžio
lv: janv,janvāris,janvārī,janvāra febr,februāris,februārī,februāra marts,martā
    apr,aprīlis,aprīlī,aprīļa maijs,maijā jūn,jūnijs,jūnijā jūl,jūlijs,jūlijā
    aug,augusts,augustā sept,septembris,septembrī,septembra okt,oktobris,oktobrī,oktobra
    nov,novembris,novembrī,novembra dec,decembris,decembrī,decembra
mk: јан,јануари фев,февруари мар,март апр,април мај јун,јуни јул,јули авг,август
    сеп,септември,септ окт,октомври ное,ноември,ноем дек,декември
ml: ജനു,ജനുവരി ഫെബ്രു,ഫെബ്രുവരി മാർ,മാർച്ച് ഏപ്രി,ഏപ്രിൽ,ഏപ്രില് മേയ്,മെയ് ജൂൺ,ജൂണ് ജൂലൈ,ജൂലായ്
    ഓഗസ്റ്റ്,ആഗസ്റ്റ് സെപ്റ്റം,സെപ്റ്റംബർ,സെപ്തംബർ,സെപ്റ്റംബര് ഒക്ടോ,ഒക്ടോബർ,ഒക്ടോബര്
    നവം,നവംബർ,നവംബര് ഡിസം,ഡിസംബർ,ഡിസംബര്
mr: जाने,जानेवारी फेब्रु,फेब्रुवारी मार्च एप्रि,एप्रिल मे जून जुलै ऑग,ऑगस्ट सप्टें,सप्टेंबर
    ऑक्टो,ऑक्टोबर नोव्हें,नोव्हेंबर डिसें,डिसेंबर
ms: jan,januari feb,februari mac apr,april mei jun jul,julai ogo,ogos sep,september okt,oktober
    nov,november dis,disember
mt: jannar frar marzu april mejju ġunju lulju awwissu settembru ottubru novembru diċembru
my: ဇန်,ဇန်နဝါရီ ဖေ,ဖေဖော်ဝါရီ မတ် ဧ,ဧပြီ မေ ဇွန် ဇူ,ဇူလိုင် ဩ,ဩဂုတ် စက်,စက်တင်ဘာ
    အောက်,အောက်တိုဘာ နို,နိုဝင်ဘာ ဒီ,ဒီဇင်ဘာ
nb: jan,januar feb,februar mar,mars apr,april mai jun,juni jul,juli aug,august sep,september
    okt,oktober nov,november des,desember
ne: जनवरी फेब्रुअरी मार्च अप्रिल मे,मई जुन जुलाई अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर
nl: jan,januari feb,februari maart,mrt apr,april mei jun,juni jul,juli aug,augustus sep,september
    okt,oktober nov,november dec,december
or: ଜାନୁଆରୀ ଫେବୃଆରୀ ମାର୍ଚ୍ଚ ଅପ୍ରେଲ ମଇ ଜୁନ ଜୁଲାଇ ଅଗଷ୍ଟ ସେପ୍ଟେମ୍ବର ଅକ୍ଟୋବର ନଭେମ୍ବର ଡିସେମ୍ବର
pa: ਜਨ,ਜਨਵਰੀ ਫ਼ਰ,ਫ਼ਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈ,ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾ,ਜੁਲਾਈ ਅਗ,ਅਗਸਤ ਸਤੰ,ਸਤੰਬਰ ਅਕਤੂ,ਅਕਤੂਬਰ
    ਨਵੰ,ਨਵੰਬਰ ਦਸੰ,ਦਸੰਬਰ
pl: sty,styczeń,stycznia,styczniu lut,lutego,luty,lutym mar,marca,marzec,marcu
    kwi,kwiecień,kwietnia,kwietniu,kwie maj,maja,maju cze,czerwca,czerwiec,czerwcu
    lip,lipca,lipiec,lipcu sie,sierpień,sierpnia,sierpniu wrz,wrzesień,września,wrześniu
    paź,październik,października,październiku lis,listopad,listopada,listopadzie
    gru,grudnia,grudzień,grudniu
ps: جنوري فبروري,فېبروري مارچ اپریل مۍ جون جولای اګست سپتمبر,سېپتمبر اکتوبر نومبر دسمبر
pt: jan,janeiro fev,fevereiro mar,março abr,abril mai,maio jun,junho jul,julho ago,agosto
    set,setembro,septembro out,outubro nov,novembro dez,dezembro
ro: ian,ianuarie feb,februarie,febr mar,martie,mart apr,aprilie mai iun,iunie iul,iulie
    aug,august sept,septembrie,sep oct,octombrie noiembrie,nov,noiem dec,decembrie
ru: янв,январь,января февр,февраль,февраля,фев мар,март,марта апр,апрель,апреля май,мая
    июн,июнь,июня июл,июль,июля авг,август,августа сент,сентябрь,сентября,сен
    окт,октябрь,октября нояб,ноябрь,ноября,ноя дек,декабрь,декабря
si: ජන,ජනවාරි පෙබ,පෙබරවාරි මාර්,මාර්තු අප්රේල් මැයි ජූනි ජූලි අගෝ,අගෝස්තු සැප්,සැප්තැම්බර්
    ඔක්,ඔක්තෝබර් නොවැ,නොවැම්බර් දෙසැ,දෙසැම්බර්
sk: jan,január,januára feb,február,februára mar,marca,marec apr,apríl,apríla máj,mája jún,júna
    júl,júla aug,august,augusta sep,september,septembra okt,október,októbra
    nov,november,novembra dec,december,decembra
sl: jan,januar,januarja feb,februar,februarja mar,marec,marca apr,april,aprila maj,maja
    jun,junij,junija jul,julij,julija avg,avgust,avgusta sep,september,septembra
    okt,oktober,oktobra nov,november,novembra dec,december,decembra
so: jan,jannaayo,kob feb,febraayo,lab maarso,mar,sad abr,abriil,afr may,sha jun,juun,lix
    lul,luuliyo,tod ogosto,ogs,sid seb,sebteembar,sag okt,oktoobar,tob nof,noofeembar,kit
    dis,diseembar,lit
sq: jan,janar shk,shkurt mar,mars pri,prill maj qer,qershor korr,korrik,kor gush,gusht,gsh
    sht,shtator tet,tetor nën,nëntor dhj,dhjetor
sr: јан,јануар,јануара,januar,januara феб,фебруар,фебруара,februar,februara
    мар,март,марта,mart,marta апр,април,априла,april,aprila мај,маја,maj,maja јун,јуна,jun,juna
    јул,јула,jul,jula авг,август,августа,avgust,avgusta
    сеп,септембар,септембра,septembar,septembra окт,октобар,октобра,oktobar,oktobra
    нов,новембар,новембра,novembar,novembra дец,децембар,децембра,decembar,decembra
sv: jan,januari feb,februari mars apr,april maj juni,jun juli,jul aug,augusti sep,september,sept
    okt,oktober nov,november dec,december
sw: jan,januari feb,februari mac,machi apr,aprili mei jun,juni jul,julai ago,agosti sep,septemba
    okt,oktoba nov,novemba des,desemba
ta: ஜன,ஜனவரி பிப்,பிப்ரவரி,பெப்ரவரி மார்,மார்ச் ஏப்,ஏப்ரல் மே ஜூன் ஜூலை ஆக,ஆகஸ்ட்,ஆகஸ்டு
    செப்,செப்டம்பர்,செப்டெம்பர் அக்,அக்டோபர்,ஒக்டோபர் நவ,நவம்பர் டிச,டிசம்பர்
te: జన,జనవరి ఫిబ్ర,ఫిబ్రవరి మార్చి ఏప్రి,ఏప్రిల్ మే జూన్ జులై,జూలై ఆగ,ఆగస్టు,ఆగస్ట్
    సెప్టెం,సెప్టెంబర్ అక్టో,అక్టోబర్ నవం,నవంబర్ డిసెం,డిసెంబర్
th: มกราคม,มค,มกรา กพ,กุมภาพันธ์,กุมภา มีค,มีนาคม,มีนา เมย,เมษายน,เมษา พค,พฤษภาคม,พฤษภา
    มิถุนายน,มิย,มิถุนา กค,กรกฎาคม,กรกฏาคม,กรกฎา สค,สิงหาคม,สิงหา กย,กันยายน,กันยา
    ตค,ตุลาคม,ตุลา พย,พฤศจิกายน,พฤศจิ ธค,ธันวาคม,ธันวา
tr: oca,ocak şub,şubat mar,mart nis,nisan may,mayıs haz,haziran tem,temmuz ağu,ağustos eyl,eylül
    eki,ekim kas,kasım ara,aralık
uk: січ,січень,січня лют,лютий,лютого бер,березень,березня,берез квіт,квітень,квітня,кві
    трав,травень,травня,тра черв,червень,червня,чер лип,липень,липня серп,серпень,серпня,сер
    вер,вересень,вересня,верес жовт,жовтень,жовтня,жов лист,листопад,листопада,листоп,лис
    груд,грудень,грудня,гру
ur: جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
uz: yan,yanvar,январ fev,fevral,феврал mar,mart,март apr,aprel,апрел may,май iyn,iyun,июн
    iyl,iyul,июл avg,avgust,август sen,sentabr,сентябр okt,oktabr,октябр noy,noyabr,ноябр
    dek,dekabr,декабр
"""
_WEEKDAYS = """
maandag dinsdag woensdag donderdag vrydag saterdag sondag ማክሰ ማክሰኞ ረቡዕ ሐሙስ ዓርብ ቅዳሜ እሑድ الاثنين
الثلاثاء الأربعاء الخميس الجمعة الجمعه السبت الأحد çərşənbə cümə şənbə bazar панядзелак пнд
аўторак аўт серада чацвер чцв пятніца пят субота суб нядзеля няд понеделник пон вторник вто
сряда сря четвъртък петък събота неделя সোম সোমবার মঙ্গল মঙ্গলবার বুধ বুধবার বৃহস্পতি
বৃহস্পতিবার বৃহষ্পতিবার শুক্র শুক্রবার শনি শনিবার রবি রবিবার pon ponedjeljak uto utorak sri
srijeda čet četvrtak pet petak sub subota ned nedjelja dilluns dimarts dimecres dijous divendres
dissabte diumenge pondělí úterý úte středa stř středu středy čtvrtek čtv pátek pát pátku sobota
sob sobotu soboty neděle neděli llun maw mer iau gwe gwen sad sul man mandag tirs tirsdag tir
ons onsdag tors torsdag tor fre fredag lør lørdag søn montag mon dienstag die mittwoch mit
donnerstag don freitag samstag sam sonntag δευ δευτέρα τρί τρίτη τετ τετάρτη πέμ πέμπτη παρ
παρασκευή σάβ σάββατο κυρ κυριακή monday tue tuesday tues wed wednesday thu thursday fri friday
sat saturday sun sunday lun lunes mar martes mié miércoles jue jueves vie viernes sáb sábado dom
domingo esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev astelehena asteartea
asteazkena osteguna ostirala larunbata igandea دوشنبه سهشنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه
maanantai maanantaina tiistai tiistaina keskiviikko keskiviikkona torstai torstaina perjantai
perjantaina lauantai lauantaina sunnuntai sunnuntaina miy miyerkules huw huwebes biy biyernes
lin linggo lundi mardi mercredi jeu jeudi ven vendredi samedi dim dimanche luan máirt céad déar
déardaoin aoine sath domh luns mércores xov xoves venres સોમ સોમવાર મંગળ મંગળવાર બુધ બુધવાર ગુરુ
ગુરુવાર શુક્ર શુક્રવાર શનિ શનિવાર રવિ રવિવાર שני שלישי רביעי חמישי שישי שבת ראשון सोम सोमवार
मंगल मंगलवार बुध बुधवार गुरु गुरुवार शुक्र शुक्रवार शनि शनिवार रवि रविवार hétfő kedd sze szerda
csütörtök péntek szo szombat vasárnap vas երկ երկուշաբթի երեքշաբթի երք չորեքշաբթի չրք հինգշաբթի
հնգ ուր ուրբաթ շաբաթ շբթ կիր կիրակի sen senin sel selasa rab rabu kam kamis jum jumat sabtu min
minggu ahad mánudagur þri þriðjudagur mið miðvikudagur fim fimmtudagur fös föstudagur lau
laugardagur sunnudagur lunedì martedì mercoledì gio giovedì venerdì sabato domenica ორშ ორშაბათი
სამ სამშაბათი ოთხ ოთხშაბათი ხუთ ხუთშაბათი პარ პარასკევი შაბ შაბათი კვი კვირა дүйсенбі сейсенбі
сәрсенбі бейсенбі жұма сенбі жексенбі ចន្ទ ច័ន្ទ អង្គារ ពុធ ព្រហ ព្រហស្បតិ៍ សុក្រ សៅរ៍ អាទិត្យ
ಸೋಮ ಸೋಮವಾರ ಮಂಗಳ ಮಂಗಳವಾರ ಬುಧ ಬುಧವಾರ ಗುರು ಗುರುವಾರ ಶುಕ್ರ ಶುಕ್ರವಾರ ಶನಿ ಶನಿವಾರ ಭಾನು ಭಾನುವಾರ ຈັນ
ວັນຈັນ ວັນອັງຄານ ອັງຄານ ພຸດ ວັນພຸດ ພະຫັດ ວັນພະຫັດ ວັນສຸກ ສຸກ ວັນເສົາ ເສົາ ວັນອາທິດ ອາທິດ
pirmadienis antradienis trečiadienis ketvirtadienis penktadienis šeštadienis sekmadienis pirmd
pirmdiena otrd otrdiena trešd trešdiena ceturtd ceturtdiena piektd piektdiena sestd sestdiena
svētd svētdiena сре среда чет четврток пет петок саб сабота нед недела തിങ്കളാഴ്ച തിങ്കൾ ചൊവ്വ
ചൊവ്വാഴ്ച ബുധനാഴ്ച ബുധൻ വ്യാഴം വ്യാഴാഴ്ച വെള്ളി വെള്ളിയാഴ്ച ശനി ശനിയാഴ്ച ഞായറാഴ്ച ഞായർ मंगळ
मंगळवार isn isnin kha khamis jumaat ahd တနင်္လာ အင်္ဂါ ဗုဒ္ဓဟူး ကြာသပတေး သောကြာ စနေ တနင်္ဂနွေ
सोमबार मङ्गल मङ्गलबार बुधबार बिहि बिहिबार शुक्रबार शनिबार आइत आइतबार vrijdag zaterdag zondag ସୋମ
ସୋମବାର ମଙ୍ଗଳ ମଙ୍ଗଳବାର ବୁଧ ବୁଧବାର ଗୁରୁ ଗୁରୁବାର ଶୁକ୍ର ଶୁକ୍ରବାର ଶନି ଶନିବାର ରବି ରବିବାର ਸੋਮ ਸੋਮਵਾਰ
ਮੰਗਲ ਮੰਗਲਵਾਰ ਬੁੱਧ ਬੁੱਧਵਾਰ ਵੀਰ ਵੀਰਵਾਰ ਸ਼ੁੱਕਰ ਸ਼ੁੱਕਰਵਾਰ ਸ਼ਨਿੱਚਰ ਸ਼ਨਿੱਚਰਵਾਰ ਐਤਵਾਰ poniedziałek
wtorek wto środa środę śro czw czwartek piątek pią sobotę niedz niedziela niedzielę nie دونۍ
درېنۍ څلرنۍ پينځنۍ اونۍ يونۍ seg segunda-feira segunda ter terça-feira terça qua quarta-feira
quarta qui quinta-feira quinta sex sexta-feira sexta luni marți miercuri joi vin vineri sâmbătă
dum duminică понедельник втр срд среду четверг чтв пятница птн пятницу суббота сбт субботу
воскресенье воскресение вск සඳුදා අඟහ අඟහරුවාදා බදාදා බ්රහස් බ්රහස්පතින්දා සිකු සිකුරාදා සෙන
සෙනසුරාදා ඉරිදා pondelok utorok štvrtok piatok nedeľa nedeľu ponedeljek torek sre sreda četrtek
petek nedelja hën enj pre sht понедељак уто уторак четвртак петак недеља månd tis tisdag tisd
onsd torsd fred lörd sönd jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili திங்
திங்கள் செவ் செவ்வாய் புத புதன் வியா வியாழன் வெள் வெள்ளி சனி ஞாயி ஞாயிறு సోమ సోమవారం మంగళ
మంగళవారం బుధ బుధవారం గురు గురువారం శుక్ర శుక్రవారం శని శనివారం ఆది ఆదివారం วันจันทร์ จันทร์
วันจันทร์ที่ วันอังคาร อังคาร วันอังคารที่ วันพุธ พุธ วันพุธที่ วันพฤหัสบดี พฤหัสบดี พฤหัส
วันพฤหัสบดีที่ วันศุกร์ ศุกร์ วันศุกร์ที่ วันเสาร์ เสาร์ วันเสาร์ที่ วันอาทิตย์ อาทิตย์
วันอาทิตย์ที่ pazartesi pzt sal salı çar çarşamba çrs per perşembe prs cum cuma cmt cumartesi
paz pazar понеділок понед вівторок вів вівтор середа середу сер серед четвер п'ятницю п'ятниця
суботу субот неділю неділя неділ پیر سوموار منگل بدھ جمعرات جمعہ ہفتہ اتوار dush dushanba sesh
seshanba chor chorshanba pay payshanba juma shan shanba yak yakshanba
星期一 礼拜一 星期二 礼拜二 星期三 礼拜三 星期四 礼拜四 星期五 礼拜五 星期六
礼拜六 星期日 星期天 礼拜日 礼拜天 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日
日曜日 월요일 화요일 수요일 목요일 금요일 토요일 일요일 月曜 火曜 水曜 木曜
金曜 土曜 日曜 周一 周二 周三 周四 周五 周六 周日
"""
_JALALI = (
    "فروردین,حمل اردیبهشت,ثور خرداد,جوزا تیر,سرطان مرداد,اسد شهریور,سنبله "
    "مهر,میزان آبان,عقرب آذر,قوس دی,جدی بهمن,دلو اسفند,حوت"
)
_SAME = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil", "sh": "sr"}


def month_of(name: str, language: str | None) -> int | None:
    """The month 1-12 that a name means in the language, else in every language that has it.

    None if it is no month, or if languages differ: `listopad` is October in Croatian and November
    in Polish.
    """
    bare = bare_name(name)
    own = _by_language().get(_SAME.get(language or "", language or ""), {})
    return own.get(bare) or _in_any_language().get(bare)


def jalali_month_of(name: str) -> int | None:
    """The month 1-12 of the Iranian calendar; None if the name is none of its months."""
    return _jalali().get(bare_name(name))


def is_weekday(word: str) -> bool:
    """Whether a word is the name of a weekday in any of the languages."""
    return bare_name(word) in _weekdays()


def bare_name(name: str) -> str:
    """A name without marks, dots and case, for comparison."""
    letters = fold(name).replace(".", "").strip("'")
    return letters.replace("ي", "ی").replace("ك", "ک")


@lru_cache(maxsize=1)
def _by_language() -> Mapping[str, Mapping[str, int]]:
    languages: dict[str, Mapping[str, int]] = {}
    entries: list[str] = []
    for word in reversed(_NAMES.split()):
        if word.endswith(":"):
            languages[word[:-1]] = _numbered(reversed(entries))
            entries.clear()
        else:
            entries.append(word)
    return languages


@lru_cache(maxsize=1)
def _in_any_language() -> Mapping[str, int]:
    """The names that are the same month in every language that has them."""
    months: dict[str, int] = {}
    disputed: set[str] = set()
    for names in _by_language().values():
        for name, month in names.items():
            if months.setdefault(name, month) != month:
                disputed.add(name)
    return {name: month for name, month in months.items() if name not in disputed}


@lru_cache(maxsize=1)
def _jalali() -> Mapping[str, int]:
    return _numbered(_JALALI.split())


@lru_cache(maxsize=1)
def _weekdays() -> frozenset[str]:
    return frozenset(map(bare_name, _WEEKDAYS.split()))


def _numbered(entries: Iterable[str]) -> Mapping[str, int]:
    months: dict[str, int] = {}
    for month, entry in enumerate(entries, 1):
        for name in entry.split(","):
            months[bare_name(name.replace("_", " "))] = month
    return months
