"""How lines begin that stand among an article's paragraphs and are none of its text, in many languages.

Each tuple is alternatives of one regular expression, without case. A word that may begin a sentence of an article
stands with what follows it on pages: a line of the article that is lost is worse than an offer that is kept.
"""

# How a line begins that only leads elsewhere, offers something, or speaks of the page itself.
OFFERS = (
    r"(?:also\s+)?read\s*(?:more|also|next|:)", r"(?:also|see|read)\s+(?:also|:)", r"also\s+on\s",
    r"related\b[^.]{0,20}:", r"more\s+(?:on|from)\b[^.]{0,40}:", r"sign\s+up\b", r"subscribe\b",
    r"follow\s+(?:us|along\s+with)", r"follow\s+\S+\s+on\b", r"join\s+(?:our|the\s+conversation|thought)",
    r"click\s+here\b", r"(?:like|share)\s+this\b", r"download\s+(?:our|the)\s+app", r"advertisement\b",
    r"comments?\W*$", r"thank\s+you\W*$", r"sorry\W*$", r"don't\s+miss\W*$", r"tell\s+us\s+what\b",
    r"write\s+to\s+.{3,40}\s+at\s+\S+@", r"an?\s+error\s+(?:has\s+)?occurred",
    r"there\s+was\s+an?\s+(?:error|problem)", r"this\s+copy\s+is\s+for\s+your\s+personal",
    r"you\s+must\s+(?:confirm|be\s+logged)", r"please\s+(?:log\s*(?:in|out)|enable|try\s+again)",
    r"did\s+you\s+(?:like|enjoy)\s+this",
    r"(?:photo|image|picture|video|foto|bild|quelle|fonte|crédit|screenshot)(?:\s+credit)?\s*:",
    r"got\s+a\s+(?:story|tip|news\s+tip)", r"do\s+you\s+have\s+a\s+(?:story|tip)", r"(?:please\s+)?get\s+in\s+touch",
    r"for\s+more\s+(?:stories|news|articles)\b", r"have\s+your\s+say",
    r"you\s+(?:may|might)\s+(?:also\s+)?like\b[^.]{0,25}\W*$", r"most\s+(?:read|popular|viewed)\b[^.]{0,25}$",
    r"(?:print|share|save)\s+(?:this\s+)?article\b", r"order\s+reprints",
    r"follow\s+.{1,40}\s+on\s+(?:twitter|x|facebook|instagram)\b", r"e-?mail\s+.{3,40}\s+at\s+\S+@",
    r"copyright\s+(?:[©ⓒ(]|(?:\w+\s+)?\d{4})", r"stay\s+(?:informed|updated|up\s+to\s+date)\s+with\b",
    r"(?:ihre|deine)\s+meinung\s+ist\b", r"fehler\s+gefunden", r"il\s+vous\s+reste\s+[\d.,]+\s*%",
    r"(?:la\s+suite|cet\s+article|este\s+artículo)\s+(?:est|es)\s+(?:réservée?|exclusiv)", r"already\s+a\s+subscriber",
    r"this\s+(?:article|story)\s+is\s+(?:for|available\s+to|exclusive\s+to)\s+\S*\s*subscribers",
    r"(?:diese[rn]?|den)\s+artikel\s+(?:ist|weiter|gratis|kostenlos)", r"weiterlesen\b",
    r"jetzt\s+(?:abonnieren|anmelden)", r"\[사진=", r"log\s*in\s+or\b", r"click\s+to\b",
    r"pictured\s*(?::|(?:at\s+the\s+)?(?:right|left|above|below|back|front|from|centre|center)\b)",
    r"lesen\s+sie\s+(?:auch|mehr)", r"mehr\s+(?:zum\s+thema|dazu)", r"auch\s+interessant", r"zum\s+artikel",
    r"(?:hat|wie\s+hat)\s+ihnen\s+dieser", r"(?:à\s+)?lire\s+aussi", r"leggi\s+(?:anche|tutto)", r"le[ae]\s+también",
    r"te\s+puede\s+interesar", r"leia\s+(?:também|mais)", r"lees\s+ook", r"les\s+også", r"læs\s+også",
    r"läs\s+(?:också|även|mer)", r"(?:xem|đọc)\s+thêm\W", r">>", "関連記事", "続きを読む", "有料会員",
)  # fmt: skip

# What stands in the place of a video or a post that needs consent, and what only a newsletter's form says.
CONSENTS = (
    r"empfohlener\s+(?:redaktioneller|externer)\s+inhalt", r"externer?\s+inhalte?\b", r"link\s+zum\s+\S+inhalt",
    r"an\s+dieser\s+stelle\s+(?:finden|findest|befindet|steht)\b", r"ich\s+bin\s+(?:damit\s+)?einverstanden",
    r"(?:zum\s+schutz\s+ihrer|ein\s+klick\s+für\s+den)\s+daten",
    r"wir\s+benötigen\s+ihre\s+(?:zustimmung|einwilligung)",
    r"um\s+(?:diesen?|dieses)\s+(?:inhalte?|video|element)\s+(?:an|zu\s+s|sehen|darst)", r"mit\s+dem\s+laden\s+de",
    r"dieser\s+inhalt\s+(?:von|stammt|wird|kann)\b", r"inhalte?\s+(?:anzeigen|laden|entsperren)",
    r"this\s+(?:content|embed)\s+(?:is|isn't|can(?:not|'t))\b", r"to\s+(?:view|see|display|show)\s+this\s+content",
    r"this\s+article\s+contains\s+content\s+provided\s+by", r"we\s+ask\s+for\s+your\s+permission\s+before",
    r"allow\s+\S+\s+content", r"you\s+(?:may|can)\s+unsubscribe", r"by\s+(?:signing\s+up|clicking|subscribing)\b",
    r"our\s+community\s+members\s+are\s+treated", r"you\s+can\s+(?:opt|check)\s+out\s+at\s+any\s+time",
    r"ce\s+contenu\s+(?:est|n'est|a\s+été)", r"pour\s+(?:voir|visualiser|afficher|consulter)\s+ce\s+contenu",
    r"(?:para|per)\s+(?:ver|visualizar|visualizzare)\s+(?:este|questo)\s+conte",
    r"este\s+conte[nú][íi]?do\s+(?:está|no)",
    r"(?:for\s+at|för\s+att|for\s+å)\s+(?:se|visa|vise)\s+(?:dette|det\s+här|denne)", r"om\s+deze\s+inhoud",
)  # fmt: skip

# How the lines begin after a text that say who helped with it.
CREDITS = (
    r"(?:additional\s+)?(?:reporting|writing|editing|edited)\s+by\b",
    r"with\s+(?:files|reporting|additional\s+reporting)\s+(?:from|by)\b",
    r".{3,200}\bcontributed\s+(?:to\s+this\s+(?:report|story|article)|reporting)",
    r"(?:the\s+)?associated\s+press\s+(?:writers?|reporters?)\b",
    r"mit\s+(?:agenturmaterial|material|informationen)\b", r"\(?mit\s+(?:dpa|afp|ap|reuters)\b",
    r"first\s+published\b", r"avec\s+(?:afp|reuters|agences?)\b", r"con\s+información\s+de\b",
)  # fmt: skip

# How a line begins that says when the page was published or changed.
DATE_LABELS = (
    r"(?:first\s+)?(?:published|updated|posted|created)", r"last\s+updated", "publicerad", "uppdaterad", "publisert",
    "oppdatert", "veröffentlicht", "aktualisiert", "stand", "publié", r"mis\s+à\s+jour", "publicado", "actualizado",
    "pubblicato", "aggiornato", "기사입력", "입력",
)  # fmt: skip
