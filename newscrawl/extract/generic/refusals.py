"""What pages say that are no articles: error pages, consent and login walls. All folded, as alternatives."""

from __future__ import annotations

# In titles.
NOT_FOUND = (
    r"(?:^|[|–—:-] *)(?:error |loi |http )?(?:404|410)(?: error)?\W*(?:$|[|–—:!-])",
    "not found", "page (?:does not exist|doesn't exist|unavailable)", "khong tim thay",
    "khong ton tai", "nicht gefunden", "existiert nicht", "introuvable", "n'existe pas", "no encontrad", "non trovata",
    "nao encontrad", "niet gevonden", "ikke funnet", "ikke fundet", "hittades inte", "bulunamadi", "nie znaleziono",
    "не наиден",
)  # fmt: skip
WALLS = (
    "just a moment", "attention required", "verify (?:that )?you are (?:a )?human", "are you a robot", "access denied",
    "enable javascript and cookies", "before you continue", "cookie (?:consent|settings)", "your privacy choices",
    "datenschutz(?:einstellungen)? und nutzung", "zustimmung", "consent", "checking your browser", "security check",
    "captcha", "request (?:blocked|unsuccessful)", "unusual traffic", "web application firewall", "ddos protection",
    "xac minh (?:rang )?(?:ban|quy vi) (?:la|khong phai)", "truy cap (?:cua ban )?(?:bi|da bi) (?:tu choi|chan)",
    "ban da bi chan", "tu choi truy cap", "dang kiem tra trinh duyet", "toi khong phai (?:la )?nguoi may",
    "(?:vui long |hay )dang nhap", "dang nhap de (?:doc|xem|tiep tuc)", "log ?in to (?:continue|read)",
    "(?:sign in|subscribe) to (?:continue|read)", "danh rieng cho (?:thanh vien|hoi vien|nguoi dang ky)",
    "dong y (?:su dung )?cookie", r"^(?:please )?(?:log|sign) ?in\b",
    r"^(?:dang nhap|anmeld(?:en|ung)|einloggen|connexion|se connecter|identifiez-vous|iniciar sesion|acced(?:er|i))\b",
    r"^(?:entrar|inloggen|logg inn|log ind|logga in|giris yap|zaloguj|войти|вход)\b",
)  # fmt: skip
# What a page has that only stands before others (selectors).
CHALLENGES = (
    'script[src*="/cdn-cgi/challenge-platform/"]', 'script[src*="challenges.cloudflare.com"]', "#challenge-form",
    "#cf-challenge-running", 'iframe[src*="captcha-delivery.com"]', 'iframe[src*="_Incapsula_Resource"]',
)  # fmt: skip

# In headings and text: that this very page is gone, not something that the news is about.
_PAGE = (
    "page", "article", "story", "content", "url", "address", "trang", "bai viet", "noi dung", "seite", "artikel",
    "beitrag", "inhalt", "pagina", "articulo", "contenido", "articolo", "artigo", "conteudo", "contenu", "sida",
    "siden", "sayfa", "haber", "strona", "страница", "статья", "материал",
)  # fmt: skip
_GONE = (
    "not (?:be )?found", "(?:cannot|can't|could not|couldn't) be found", "(?:does not|doesn't|no longer) exists?",
    "(?:is|are|was) (?:no longer|not) available", "(?:has been|was) (?:removed|deleted|moved)",
    "you (?:are|were) looking for", "you requested", "khong (?:ton tai|tim thay)", "(?:da bi|da) (?:xoa|go)",
    "nicht (?:gefunden|mehr verfugbar|vorhanden)", "existiert nicht", "introuvable", "n'(?:existe|est) (?:pas|plus)",
    "no (?:existe|encontrad)", "(?:ya )?no esta disponible", "non (?:trovat|esiste|e piu)", "nao (?:encontrad|existe)",
    "niet (?:gevonden|meer)", "(?:ikke|inte) (?:fun|hitta|finn)", "bulunamadi", "nie (?:znaleziono|istnieje)",
    "не (?:наиден|существует)", "удален",
)  # fmt: skip
GONE = (rf"\b(?:{'|'.join(_PAGE)})\b[^.!?]{{0,60}}\b(?:{'|'.join(_GONE)})",)

# In the text of walls that ask for consent: each is one thing that they say of themselves and the reader.
CONSENT = (
    r"\b(?:we|us)\b[^.]{0,40}\bpartners\b", r"\bour (?:\d+ )?(?:partners|vendors|privacy)",
    "(?:use|uses|using) cookies", "stor(?:e|ing) and/or access", "legitimate interest",
    "(?:withdraw|change|give|manage) your (?:consent|choices|preferences)",
    "your (?:personal data|consent|browser|device|privacy|choices)", "personalised (?:ads|advertising|content)",
    "personalized (?:ads|advertising|content)", "(?:accept|reject|agree to) (?:all|cookies)",
    r"unsere (?:\d+ )?partner", "(?:wir|uns)[^.]{0,40} partner", "cookies? (?:zu|und|verwenden|einsetzen|akzeptieren)",
    "ihre (?:einwilligung|zustimmung|daten)", "personenbezogene daten", r"berechtigt\w* interesse", "personalisierte",
    r"nos (?:\d+ )?partenaires", "votre (?:consentement|choix|appareil)", "vos (?:donnees|choix|preferences)",
    "interet legitime", r"nuestros (?:\d+ )?socios", "(?:su|tu) (?:consentimiento|dispositivo)",
    "(?:sus|tus) (?:datos|preferencias)", r"nostri (?:\d+ )?partner", "tuo (?:consenso|dispositivo)", "tuoi dati",
    "onze partners", "(?:jouw|uw) (?:toestemming|gegevens|apparaat)", "vores partnere", "vare partnere",
    "dit samtykke", "ditt samtycke", "cookie cua", "chung toi va (?:cac )?doi tac", "du lieu ca nhan cua ban",
)  # fmt: skip
