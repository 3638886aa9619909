"""Words of bylines in many languages: labels, jobs, and who is no author.

As in vocabulary.py, each entry is a regular expression without case.
"""

from __future__ import annotations

# How a byline begins. `Theo` and `Oleh` are first names too, so BY_LABELS need a colon.
BY = (
    *"by von par por di af av door bởi от द्वारा โดย בידי מאת بقلم autor автор author".split(),
    r"γράφ(?:ει|ουν)(?: (?:ο|η|οι))?",
    r"από(?: (?:τον|την|το))?",
    "του",
    "της",
    r"كتبت?",
    r"oleh(?=\s\S+\s\S)",  # before two names: Oleh is a first name too
    r"(?-i:de(?=\s[A-ZĂÂÎȘȚ]\S+\s[A-ZĂÂÎȘȚ]))",  # Romanian; `de Vries` is a name
    "a cura di",
    "scris de",
    r"oprac\.",
    r"(?:本报|本報|本刊|本网|新华社)?(?:记者|記者)",
    "기자명",
    "글",
)
WRITTEN = (
    *"written story reported updated posted published compiled words analysis verfasst".split(),
    *"geschrieben écrit rédigé publié escrito scritto skrevet skriven geschreven viết".split(),
    "propos recueillis",
    r"eine? \w+",
)
BY_LABELS = (
    *"by authors? oleh penulis pewarta reporter jurnalis wartawan journalist".split(),
    *"autor(?:en|es|ka)? autore auteure? autors autorius författare forfatter".split(),
    *"texte? texto testo tekst teksti".split(),
    *"yazan yazar haber muhabir theo de door writer".split(),
    "tác giả",
    *"автор(?:ы|ка)? текст корреспондент журналист".split(),
    *"piše píše pisze napisa[ołl]a? napsala? oprac(?:\\.|owa[łl]a?)".split(),
    *"kirjoittaja toimittaja szerző írta redaktor redaktör".split(),
    *"συντάκτ(?:ης|ρια) κείμενο ρεπορτάζ".split(),
    *"بقلم كتبت? الكاتب تقرير نویسنده خبرنگار گزارشگر تحریر رپورٹ מאת כתב(?:ת)?".split(),
    *"लेखक लेखिका रिपोर्ट লেখক প্রতিবেদক எழுதியவர் రచన రచయిత લેખક ਲੇਖਕ ผู้เขียน เรื่อง".split(),
    *"作者 文 撰文 撰稿 采写 記者 记者 執筆者? 著者 取材・文 取材 ライター".split(),
    *"글 글·사진 기자 작성자".split(),
)
WRITTEN_BY = tuple(
    "written author verfasst geschrieben écrit escrito scritto skriv geschreven yaz viết".split()
)
NOBODY = (
    *"staff editor admin(?:istrator)? developer null none undefined unknown n/?a root".split(),
    *"on at in to share facebook twitter whatsapp ist est edt gmt utc bst cet et pt".split(),
    "seo(?: team)?",
    "(?:ویب|نیوز) ڈیسک",
    "(?:নিজস্ব প্রতিবেদক|স্টাফ রিপোর্টার|(?:অনলাইন|নিউজ) ডেস্ক)",
    "web ?(?:master|desk|team)",
    "(?:developed|powered|designed) by.*",
)
JOBS = tuple(
    r"reporter(?:in)? correspondent editor columnist writer journalist developer redakteur\w* "
    r"redaktor\w* redattor\w* rédact\w+ redactor\w* novinář\w* dziennikar\w+ periodista "
    r"jornalista repórter journaliste giornalista corrispondente muhabir\w* gazeteci editör\w* "
    r"wartawan jurnalis toimittaja újságíró szerkesztő журналист\w* корреспондент\w* редактор\w* "
    r"обозреватель δημοσιογράφος συντάκτ\w+ "
    r"korrespondent\w* professor\w* profesorius staff contributor producer photographer "
    r"fotograf\w* senior chief".split()
)
DEGREES = (
    r"ph\.?d",
    r"m\.?d",
)
