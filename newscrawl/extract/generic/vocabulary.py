"""The words of pages of many countries: names of boxes, headings of lists, offers, errors, walls.

Tables of words and nothing else. Each tuple is the alternatives of one regular expression without
case; "folded" ones are compared with folded text. A word that may also begin a sentence of an
article stands with what follows it on pages: losing a line of an article is worse than keeping an
offer.
"""

from __future__ import annotations

# Whole words of class and id attributes (`box-related__list` has box, related, list) of what is no
# part of a text.
BOXES = tuple(
    "newsletters? nl subscribe subscription signup promo promos promobox promotion advert ads? "
    "advertisement sponsor(?:ed)? related relateds recirc recirculation recommend(?:ed|ations?)? "
    "readmore read-more readalso see-?also also-?read more-?on more-?from most-?read "
    "most-?popular trending outbrain taboola teasers? teaserbox infobox fact-?box faktaboks "
    "faktenbox author-?bio bio author-?box about-?author bylines? comments? disqus commenting "
    "poll quiz captions? figcaption image-?credit photo-?credit img-?credit copyright share "
    "sharing social follow cookie consent breadcrumbs? tags? taglist toolbar tooltip modal popup "
    "overlay skip screen-?reader(?:-text)? visually-?hidden sr-only print-?only noprint "
    "republish(?:ing)?".split()
)

# How the label of the time of a change begins.
UPDATED = (
    "updated",
    "last",
    "aktualisiert",
    "mis à jour",
    "actualizado",
    "aggiornato",
    "cập nhật",
    "güncelleme",
    "oppdatert",
    "opdateret",
    "uppdaterad",
    "päivitetty",
    "bijgewerkt",
    "atualizad[ao]",
    "zaktualizowano",
    "aktualizacja",
    "aktualizov",
    "frissítve",
    "обновлено",
    "оновлено",
    "ažurirano",
    "diperbarui",
    "ενημερώθηκε",
    "تحديث",
    "آخر تحديث",
    "更新",
    "수정",
    "modif(?:ied|icado|icata|ié)",
    "edited",
    "editado",
    "geändert",
    "gewijzigd",
    "muokattu",
    "güncellen",
    "aktualizováno",
    "actualizat",
    "изменено",
    "τελευταία ενημέρωση",
    "עודכן",
    "به‌?روز ?رسانی",
    "ปรับปรุง",
    "แก้ไข",
    "อัปเดต",
    "अपडेट",
    "আপডেট",
    "புதுப்பி",
    "diubah",
    "diupdate",
)

# How headings of link lists begin, folded.
RELATED = (
    "(?:tin|bai)(?: viet)? lien quan",
    "tin cung (?:chu de|su kien)",
    r"(?:xem|doc) them\W*$",
    "co the ban quan tam",
    r"related\b",
    "(?:read|see) (?:also|more|next)",
    "more on (?:this|the)",
    "more (?:stories|like this)",
    "you (?:may|might) (?:also )?like",
    "recommended",
    "mehr zum thema",
    "auch interessant",
    "lesen sie auch",
    "weitere artikel",
    "passend zum thema",
    "(?:a )?lire aussi",
    "sur le meme (?:sujet|theme)",
    "leggi anche",
    "articoli correlati",
    "potrebbe interessarti",
    "(?:noticias|articulos|contenidos?) relacionad",
    "(?:lea|lee|ver) (?:tambien|mas)",
    "te puede interesar",
    "(?:leia|veja) (?:tambem|mais)",
    "(?:noticias|materias) relacionadas",
    "lees ook",
    "gerelateerd",
    "les ogsa",
    "laes ogsa",
    "las (?:mer|ocksa|aven)",
    "relaterat",
    "ilgili haber",
    "baca juga",
    "berita terkait",
    "czytaj (?:takze|tez)",
    "(?:pro)?citajte (?:i|jos)",
    "читаите также",
    "по теме",
    "関連記事",
    "관련 ?기사",
    "相关(?:新闻|阅读)",
)
SAME_CATEGORY = (
    "(?:tin|bai)(?: viet)? cung (?:chuyen muc|muc)",
    "cung chuyen muc",
    "more (?:from|in) ",
    r"mehr aus\b",
    "dans la meme rubrique",
)

# Links to the next page of a list, folded.
NEXT = (
    "next(?: page)?",
    "trang (?:sau|tiep|ke)",
    "tiep(?: theo)?",
    "sau",
    *"weiter nachste siguiente suivante? proxima proximo successiva avanti volgende neste".split(),
    *"nasta naesta nastepna dalsi urmatoarea sonraki selanjutnya berikutnya seuraava".split(),
    *"далее следующая наступна επομενη التالي بعدی הבא अगला 次へ 下一页 下一頁 下页 다음".split(),
)

# Words of class attributes beside a printed date.
DATES = tuple(
    "date datetime time timestamp published publish pubdate posted created dateline datum tarih "
    "fecha fecha-?publicacion data ngay thoi-?gian dato czas tanggal waktu tgl vrijeme vreme zeit "
    "hora heure".split()
)

# Whole words of class and id attributes around dates of other articles or people, and around
# today's date.
NOT_OWN = tuple(
    r"relat(?!ive\b)\w* (?<!and-)comments? comment-?(?:list|item|body|meta|date|time|author)s? "
    r"replies teasers? teaser\w* recommend\w* sidebars? side-?bar latest cards? widgets? clock "
    r"today popular trending most-?(?:read|view)(?:ed)? ticker breaking promos? copyright rel "
    r"top-?bar current-?(?:date|time) today-?date date-?now weather post-rel lien-?quan "
    r"cung-?(?:chuyen|muc)\S* xem-?nhieu doc-?nhieu tin-?moi".split()
)

# ---- How lines begin that stand among an article's paragraphs but are not its text ----

# Lines that only lead elsewhere, offer something, or are about the page itself.
OFFERS = (
    r"(?:also\s+)?read\s*(?:more|also|next|:)",
    r"(?:also|see|read)\s+(?:also|:)",
    r"also\s+on\s",
    r"related\b[^.]{0,20}:",
    r"more\s+(?:on|from)\b[^.]{0,40}:",
    r"sign\s+up\b",
    r"subscribe\b",
    r"follow\s+(?:us|along\s+with)",
    r"follow\s+\S+\s+on\b",
    r"join\s+(?:our|the\s+conversation|thought)",
    r"click\s+here\b",
    r"(?:like|share)\s+this\b",
    r"download\s+(?:our|the)\s+app",
    r"advertisement\b",
    r"comments?\W*$",
    r"thank\s+you\W*$",
    r"sorry\W*$",
    r"don't\s+miss\W*$",
    r"tell\s+us\s+what\b",
    r"write\s+to\s+.{3,40}\s+at\s+\S+@",
    r"an?\s+error\s+(?:has\s+)?occurred",
    r"there\s+was\s+an?\s+(?:error|problem)",
    r"this\s+copy\s+is\s+for\s+your\s+personal",
    r"you\s+must\s+(?:confirm|be\s+logged)",
    r"please\s+(?:log\s*(?:in|out)|enable|try\s+again)",
    r"did\s+you\s+(?:like|enjoy)\s+this",
    r"(?:photo|image|picture|video|foto|bild|quelle|fonte|crédit|screenshot)(?:\s+credit)?\s*:",
    r"got\s+a\s+(?:story|tip|news\s+tip)",
    r"do\s+you\s+have\s+a\s+(?:story|tip)",
    r"(?:please\s+)?get\s+in\s+touch",
    r"for\s+more\s+(?:stories|news|articles)\b",
    r"have\s+your\s+say",
    r"you\s+(?:may|might)\s+(?:also\s+)?like\b[^.]{0,25}\W*$",
    r"most\s+(?:read|popular|viewed)\b[^.]{0,25}$",
    r"(?:print|share|save)\s+(?:this\s+)?article\b",
    r"order\s+reprints",
    r"follow\s+.{1,40}\s+on\s+(?:twitter|x|facebook|instagram)\b",
    r"e-?mail\s+.{3,40}\s+at\s+\S+@",
    r"copyright\s+(?:[©ⓒ(]|(?:\w+\s+)?\d{4})",
    r"stay\s+(?:informed|updated|up\s+to\s+date)\s+with\b",
    r"(?:ihre|deine)\s+meinung\s+ist\b",
    r"fehler\s+gefunden",
    r"il\s+vous\s+reste\s+[\d.,]+\s*%",
    r"(?:la\s+suite|cet\s+article|este\s+artículo)\s+(?:est|es)\s+(?:réservée?|exclusiv)",
    r"already\s+a\s+subscriber",
    r"this\s+(?:article|story)\s+is\s+(?:for|available\s+to|exclusive\s+to)\s+\S*\s*subscribers",
    r"(?:diese[rn]?|den)\s+artikel\s+(?:ist|weiter|gratis|kostenlos)",
    r"weiterlesen\b",
    r"jetzt\s+(?:abonnieren|anmelden)",
    r"\[사진=",
    r"log\s*in\s+or\b",
    r"click\s+to\b",
    r"pictured\s*(?::|(?:at\s+the\s+)?(?:right|left|above|below|back|front|from|centre|center)\b)",
    r"lesen\s+sie\s+(?:auch|mehr)",
    r"mehr\s+(?:zum\s+thema|dazu)",
    r"auch\s+interessant",
    r"zum\s+artikel",
    r"(?:hat|wie\s+hat)\s+ihnen\s+dieser",
    r"(?:à\s+)?lire\s+aussi",
    r"leggi\s+(?:anche|tutto)",
    r"le[ae]\s+también",
    r"te\s+puede\s+interesar",
    r"leia\s+(?:também|mais)",
    r"lees\s+ook",
    r"les\s+også",
    r"læs\s+også",
    r"läs\s+(?:också|även|mer)",
    r"(?:xem|đọc)\s+thêm\W",
    r">>",
    "関連記事",
    "続きを読む",
    "有料(?:会員|記事)",
    "【.{0,20}キャンペーン】",
)

# Lines in the place of a video or a post that needs consent, and lines of newsletter forms.
CONSENTS = (
    r"empfohlener\s+(?:redaktioneller|externer)\s+inhalt",
    r"externer?\s+inhalte?\b",
    r"link\s+zum\s+\S+inhalt",
    r"an\s+dieser\s+stelle\s+(?:finden|findest|befindet|steht)\b",
    r"ich\s+bin\s+(?:damit\s+)?einverstanden",
    r"(?:zum\s+schutz\s+ihrer|ein\s+klick\s+für\s+den)\s+daten",
    r"wir\s+benötigen\s+ihre\s+(?:zustimmung|einwilligung)",
    r"um\s+(?:diesen?|dieses)\s+(?:inhalte?|video|element)\s+(?:an|zu\s+s|sehen|darst)",
    r"mit\s+dem\s+laden\s+de",
    r"dieser\s+inhalt\s+(?:von|stammt|wird|kann)\b",
    r"inhalte?\s+(?:anzeigen|laden|entsperren)",
    r"this\s+(?:content|embed)\s+(?:is|isn't|can(?:not|'t))\b",
    r"to\s+(?:view|see|display|show)\s+this\s+content",
    r"this\s+article\s+contains\s+content\s+provided\s+by",
    r"we\s+ask\s+for\s+your\s+permission\s+before",
    r"allow\s+\S+\s+content",
    r"you\s+(?:may|can)\s+unsubscribe",
    r"by\s+(?:signing\s+up|clicking|subscribing)\b",
    r"our\s+community\s+members\s+are\s+treated",
    r"you\s+can\s+(?:opt|check)\s+out\s+at\s+any\s+time",
    r"ce\s+contenu\s+(?:est|n'est|a\s+été)",
    r"pour\s+(?:voir|visualiser|afficher|consulter)\s+ce\s+contenu",
    r"(?:para|per)\s+(?:ver|visualizar|visualizzare)\s+(?:este|questo)\s+conte",
    r"este\s+conte[nú][íi]?do\s+(?:está|no)",
    r"(?:for\s+at|för\s+att|for\s+å)\s+(?:se|visa|vise)\s+(?:dette|det\s+här|denne)",
    r"om\s+deze\s+inhoud",
)

# Lines after a text that name those who helped with it.
CREDITS = (
    r"(?:additional\s+)?(?:reporting|writing|editing|edited)\s+by\b",
    r"with\s+(?:files|reporting|additional\s+reporting)\s+(?:from|by)\b",
    r".{3,200}\bcontributed\s+(?:to\s+this\s+(?:report|story|article)|reporting)",
    r"(?:the\s+)?associated\s+press\s+(?:writers?|reporters?)\b",
    r"mit\s+(?:agenturmaterial|material|informationen)\b",
    r"\(?mit\s+(?:dpa|afp|ap|reuters)\b",
    r"first\s+published\b",
    r"avec\s+(?:afp|reuters|agences?)\b",
    r"con\s+información\s+de\b",
)

# Lines with the time of publication or of a change.
DATE_LABELS = tuple(
    r"(?:first\s+)?(?:published|updated|posted|created|publish\s+date) last\s+updated "
    r"publicerad uppdaterad publicad[ao]\s+em atualizado\s+em pubblicato\s+il publié\s+le "
    r"veröffentlicht\s+am geplaatst\s+op mis\s+en\s+ligne\s+le (?:vy)?dáno publikováno "
    r"opublikowano publikacja utworzono közzétéve julkaistu publicat(?:\s+la)? diterbitkan "
    r"yayınlanma giriş(?:\s+tarihi)? eklenme опубликовано опубліковано δημοσίευση δημοσιεύθηκε "
    r"פורסם 公開日? 投稿日? 掲載日? 配信 发布时间 發布時間 时间 發表於 发表于 "
    r"입력 승인 등록 송고시간 "
    r"เผยแพร่ प्रकाशित প্রকাশ(?:িত)? شائع نشر(?:\s+في)? تاریخ\s+انتشار تاریخ\s+خبر "
    r"publisert oppdatert veröffentlicht aktualisiert stand publié mis\s+à\s+jour publicado "
    r"actualizado pubblicato aggiornato 기사입력 입력".split()
)

# ---- Error pages, consent and login walls; all folded ----

# In titles of error pages, and in titles of walls.
NOT_FOUND = (
    r"(?:^|[|–—:-] *)(?:error |loi |http )?(?:404|410)(?: error)?\W*(?:$|[|–—:!-])",
    "not found",
    "page (?:does not exist|doesn't exist|unavailable)",
    "khong tim thay",
    "khong ton tai",
    "nicht gefunden",
    "existiert nicht",
    "introuvable",
    "n'existe pas",
    "no encontrad",
    "non trovata",
    "nao encontrad",
    "niet gevonden",
    "ikke funnet",
    "ikke fundet",
    "hittades inte",
    "bulunamadi",
    "nie znaleziono",
    "не наиден",
)
WALLS = (
    "just a moment",
    "attention required",
    "verify (?:that )?you are (?:a )?human",
    "are you a robot",
    "access denied",
    "enable javascript and cookies",
    "before you continue",
    "cookie (?:consent|settings)",
    "your privacy choices",
    "datenschutz(?:einstellungen)? und nutzung",
    "zustimmung",
    "consent",
    "checking your browser",
    "security check",
    "captcha",
    "request (?:blocked|unsuccessful)",
    "unusual traffic",
    "web application firewall",
    "ddos protection",
    "xac minh (?:rang )?(?:ban|quy vi) (?:la|khong phai)",
    "truy cap (?:cua ban )?(?:bi|da bi) (?:tu choi|chan)",
    "ban da bi chan",
    "tu choi truy cap",
    "dang kiem tra trinh duyet",
    "toi khong phai (?:la )?nguoi may",
    "(?:vui long |hay )dang nhap",
    "dang nhap de (?:doc|xem|tiep tuc)",
    "log ?in to (?:continue|read)",
    "(?:sign in|subscribe) to (?:continue|read)",
    "danh rieng cho (?:thanh vien|hoi vien|nguoi dang ky)",
    "dong y (?:su dung )?cookie",
    r"^(?:please )?(?:log|sign) ?in\b",
    r"^(?:dang nhap|anmeld(?:en|ung)|einloggen|connexion|se connecter|identifiez-vous)\b",
    r"^(?:iniciar sesion|acced(?:er|i))\b",
    r"^(?:entrar|inloggen|logg inn|log ind|logga in|giris yap|zaloguj|войти|вход)\b",
)
# Selectors of elements that only challenges have.
CHALLENGES = (
    'script[src*="/cdn-cgi/challenge-platform/"]',
    'script[src*="challenges.cloudflare.com"]',
    "#challenge-form",
    "#cf-challenge-running",
    'iframe[src*="captcha-delivery.com"]',
    'iframe[src*="_Incapsula_Resource"]',
)

# In headings and text of error pages: a word for the page, and that it is gone, in one sentence.
PAGE_WORDS = (
    "page",
    "article",
    "story",
    "content",
    "url",
    "address",
    "trang",
    "bai viet",
    "noi dung",
    "seite",
    "artikel",
    "beitrag",
    "inhalt",
    "pagina",
    "articulo",
    "contenido",
    "articolo",
    "artigo",
    "conteudo",
    "contenu",
    "sida",
    "siden",
    "sayfa",
    "haber",
    "strona",
    "страница",
    "статья",
    "материал",
)
GONE = (
    "not (?:be )?found",
    "(?:cannot|can't|could not|couldn't) be found",
    "(?:does not|doesn't|no longer) exists?",
    "(?:is|are|was) (?:no longer|not) available",
    "(?:has been|was) (?:removed|deleted|moved)",
    "you (?:are|were) looking for",
    "you requested",
    "khong (?:ton tai|tim thay)",
    "(?:da bi|da) (?:xoa|go)",
    "nicht (?:gefunden|mehr verfugbar|vorhanden)",
    "existiert nicht",
    "introuvable",
    "n'(?:existe|est) (?:pas|plus)",
    "no (?:existe|encontrad)",
    "(?:ya )?no esta disponible",
    "non (?:trovat|esiste|e piu)",
    "nao (?:encontrad|existe)",
    "niet (?:gevonden|meer)",
    "(?:ikke|inte) (?:fun|hitta|finn)",
    "bulunamadi",
    "nie (?:znaleziono|istnieje)",
    "не (?:наиден|существует)",
    "удален",
)

# In the text of consent walls: each is one way in which they ask.
CONSENT = (
    r"\b(?:we|us)\b[^.]{0,40}\bpartners\b",
    r"\bour (?:\d+ )?(?:partners|vendors|privacy)",
    "(?:use|uses|using) cookies",
    "stor(?:e|ing) and/or access",
    "legitimate interest",
    "(?:withdraw|change|give|manage) your (?:consent|choices|preferences)",
    "your (?:personal data|consent|browser|device|privacy|choices)",
    "personalised (?:ads|advertising|content)",
    "personalized (?:ads|advertising|content)",
    "(?:accept|reject|agree to) (?:all|cookies)",
    r"unsere (?:\d+ )?partner",
    "(?:wir|uns)[^.]{0,40} partner",
    "cookies? (?:zu|und|verwenden|einsetzen|akzeptieren)",
    "ihre (?:einwilligung|zustimmung|daten)",
    "personenbezogene daten",
    r"berechtigt\w* interesse",
    "personalisierte",
    r"nos (?:\d+ )?partenaires",
    "votre (?:consentement|choix|appareil)",
    "vos (?:donnees|choix|preferences)",
    "interet legitime",
    r"nuestros (?:\d+ )?socios",
    "(?:su|tu) (?:consentimiento|dispositivo)",
    "(?:sus|tus) (?:datos|preferencias)",
    r"nostri (?:\d+ )?partner",
    "tuo (?:consenso|dispositivo)",
    "tuoi dati",
    "onze partners",
    "(?:jouw|uw) (?:toestemming|gegevens|apparaat)",
    "vores partnere",
    "vare partnere",
    "dit samtykke",
    "ditt samtycke",
    "cookie cua",
    "chung toi va (?:cac )?doi tac",
    "du lieu ca nhan cua ban",
)
