"""Pages of many languages that have no data: headline, time and author are only printed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from newscrawl.core.records import Article, Page
from newscrawl.extract import extract_article
from newscrawl.extract.refine import refine
from newscrawl.sites.generic import generic_site

URL = "https://www.harbour-post.example/news/pier-rebuilt"


@dataclass(frozen=True)
class Print:
    """What a page prints: headline, a paragraph, byline, time; and what that says."""

    language: str
    headline: str
    paragraph: str
    byline: str
    time: str
    name: str
    local: str


T = "2023-11-24T14:35:00"
PRINTS = [
    Print(
        "ar",
        "مجلس المدينة يوافق على إعادة بناء الرصيف الشمالي",
        "وافق مجلس المدينة يوم الثلاثاء على إعادة بناء الرصيف بعد أن أكلت الديدان أخشابه.",
        "كتب - نور قلم",
        "الجمعة 10 جمادى الأولى 1445 هـ - 24 نوفمبر 2023 م",
        "نور قلم",
        "2023-11-24",
    ),
    Print(
        "fa",
        "شورای شهر بازسازی اسکله شمالی را تصویب کرد",
        "شورای شهر دیروز بازسازی اسکله را تصویب کرد و شهردار گفت که کار در بهار آینده آغاز خواهد شد.",
        "خبرنگار: علی قلمی",
        "تاریخ انتشار: ۱۴۰۲/۰۹/۰۳ - ۱۴:۳۵",
        "علی قلمی",
        T,
    ),
    Print(
        "th",
        "สภาเมืองเห็นชอบสร้างท่าเรือด้านเหนือใหม่",
        "สภาเมืองมีมติเมื่อวันอังคารให้สร้างท่าเรือด้านเหนือขึ้นใหม่ หลังจากไม้ถูกเพรียงกัดกินจนผุพังไปทั้งหมด",
        "โดย สมชาย ปากกา",
        "เผยแพร่: 24 พฤศจิกายน พ.ศ. 2566 เวลา 14:35 น.",
        "สมชาย ปากกา",
        T,
    ),
    Print(
        "hi",
        "नगर परिषद ने उत्तरी घाट के पुनर्निर्माण को मंजूरी दी",
        "परिषद ने मंगलवार को उत्तरी घाट के पुनर्निर्माण को मंजूरी दे दी क्योंकि कीड़ों ने उसकी लकड़ी खा ली थी।",
        "द्वारा रमेश कलम",
        "प्रकाशित: शुक्रवार, 24 नवंबर 2023 2:35 PM",
        "रमेश कलम",
        T,
    ),
    Print(
        "bn",
        "উত্তর জেটি পুনর্নির্মাণে সায় দিল নগর পরিষদ",
        "পরিষদ মঙ্গলবার উত্তর জেটি পুনর্নির্মাণের সিদ্ধান্ত নিয়েছে কারণ পোকায় তার কাঠ খেয়ে ফেলেছে।",
        "লেখক: রফিক কলম",
        "প্রকাশিত: শুক্রবার, ২৪ নভেম্বর, ২০২৩, ২:৩৫ পিএম",
        "রফিক কলম",
        T,
    ),
    Print(
        "ta",
        "வடக்கு படகுத்துறையை மீண்டும் கட்ட சபை ஒப்புதல்",
        "நகர சபை செவ்வாய்க்கிழமை வடக்கு படகுத்துறையை மீண்டும் கட்ட ஒப்புதல் அளித்தது, மரங்கள் அரிக்கப்பட்டன.",
        "எழுதியவர்: முருகன் பேனா",
        "24 நவம்பர் 2023, 14:35",
        "முருகன் பேனா",
        T,
    ),
    Print(
        "ja",
        "市議会、北桟橋の建て替えを可決 来春着工へ",
        "市議会は火曜日、虫に食われて木材が傷んだ北桟橋を建て替える議案を賛成多数で可決した。",
        "文：筆山太郎",
        "令和5年11月24日",
        "筆山太郎",
        "2023-11-24",
    ),
    Print(
        "zh",
        "市议会同意重建北码头 明年春天开工",
        "市议会周二通过了重建北码头的议案，因为原来的木头已被虫蛀坏，工程将于明年开工，预计需要两年时间完成，所需费用由市财政储备承担。",
        "本报记者 毛笔明",
        "2023年11月24日 星期五",
        "毛笔明",
        "2023-11-24",
    ),
    Print(
        "ko",
        "시의회, 북쪽 부두 재건축 안건 의결",
        "시의회는 화요일 벌레가 먹어 나무가 썩은 북쪽 부두를 다시 짓는 안건을 의결했다고 밝혔다.",
        "김철필 기자 ink@harbour-post.example",
        "입력 : 2023.11.24 14:35 | 수정 : 2023.11.24 16:00",
        "김철필",
        T,
    ),
    Print(
        "ru",
        "Городской совет решил восстановить северный причал",
        "Совет во вторник решил восстановить северный причал, дерево которого съели черви.",
        "Текст: Иван Перо",
        "24 ноября 2023 года",
        "Иван Перо",
        "2023-11-24",
    ),
    Print(
        "el",
        "Το δημοτικό συμβούλιο ενέκρινε τη νέα προβλήτα",
        "Το συμβούλιο αποφάσισε την Τρίτη να ξαναχτίσει την προβλήτα, αφού τα σκουλήκια έφαγαν τα ξύλα.",
        "Γράφει ο Γιάννης Πένας",
        "Δημοσιεύθηκε: 24 Νοεμβρίου 2023 2:35 μμ",
        "Γιάννης Πένας",
        T,
    ),
    Print(
        "tr",
        "Belediye meclisi kuzey iskelesinin yenilenmesini onayladı",
        "Meclis salı günü, kurtların ahşabını yediği kuzey iskelesinin yeniden yapılmasını onayladı.",
        "Muhabir: Ayşe Kalem",
        "24.11.2023 - 14:35 | Son Güncellenme: 25.11.2023 - 09:10",
        "Ayşe Kalem",
        T,
    ),
    Print(
        "id",
        "Dewan Kota Setujui Pembangunan Ulang Dermaga Utara",
        "Dewan kota pada Selasa menyetujui pembangunan ulang dermaga karena kayunya dimakan cacing.",
        "Oleh Budi Pena",
        "Jumat, 24 November 2023 | 14.35",
        "Budi Pena",
        T,
    ),
    Print(
        "pl",
        "Rada miasta zgodziła się odbudować północne molo",
        "Rada zgodziła się we wtorek na odbudowę północnego mola, którego drewno zjadły robaki.",
        "Oprac. Jan Pióro",
        "24.11.2023 r.",
        "Jan Pióro",
        "2023-11-24",
    ),
    Print(
        "cs",
        "Rada města schválila obnovu severního mola",
        "Rada v úterý schválila obnovu severního mola, jehož dřevo sežrali červi v minulých letech.",
        "Napsal: Jan Pero",
        "pátek 24. listopadu 2023 v 14:35",
        "Jan Pero",
        T,
    ),
    Print(
        "hu",
        "A városi tanács jóváhagyta az északi móló újjáépítését",
        "A tanács kedden jóváhagyta az északi móló újjáépítését, mert a faanyagát megették a férgek.",
        "Írta: Toll János",
        "2023. november 24., péntek – 14:35",
        "Toll János",
        T,
    ),
    Print(
        "fi",
        "Kaupunginvaltuusto hyväksyi pohjoisen laiturin korjauksen",
        "Valtuusto hyväksyi tiistaina laiturin uudelleenrakentamisen, koska madot ovat syöneet sen puun.",
        "Teksti: Matti Kynä",
        "24.11.2023 klo 14.35",
        "Matti Kynä",
        T,
    ),
    Print(
        "pt",
        "Câmara aprova a reconstrução do cais norte da cidade",
        "A câmara aprovou na terça-feira a reconstrução do cais norte, cuja madeira foi comida por vermes.",
        "Por João Pena",
        "Publicado em 24/11/2023 às 14h35",
        "João Pena",
        T,
    ),
    Print(
        "es",
        "El concejo aprueba reconstruir el muelle norte",
        "El concejo aprobó el martes reconstruir el muelle norte, cuya madera se comieron los gusanos.",
        "Texto: Juan Pluma",
        "Publicado: 24 Nov, 2023 2:35 p. m.",
        "Juan Pluma",
        T,
    ),
    Print(
        "fr",
        "Le conseil municipal approuve la reconstruction du quai nord",
        "Le conseil a approuvé mardi la reconstruction du quai nord, dont les vers ont mangé le bois.",
        "Propos recueillis par Jean Plume",
        "Publié le vendredi 24 novembre 2023 à 14 h 35",
        "Jean Plume",
        T,
    ),
    Print(
        "de",
        "Stadtrat beschließt den Neubau der nördlichen Mole",
        "Der Rat hat am Dienstag den Neubau der Mole beschlossen, deren Holz von Würmern zerfressen ist.",
        "Ein Bericht von Anna Feder",
        "Veröffentlicht am 24.11.2023 um 14.35 Uhr",
        "Anna Feder",
        T,
    ),
    Print(
        "he",
        "מועצת העיר אישרה לבנות מחדש את הרציף הצפוני",
        "המועצה אישרה ביום שלישי לבנות מחדש את הרציף הצפוני לאחר שתולעים אכלו את העץ שלו.",
        "מאת דוד עט",
        "יום שישי, 24 בנובמבר 2023",
        "דוד עט",
        "2023-11-24",
    ),
    Print(
        "en",
        "Town council agrees to rebuild its northern pier",
        "The council agreed on Tuesday to rebuild the northern pier after worms had eaten its timber.",
        "By Ada Quill",
        "Published: 14:35, 24 November 2023 | Updated: 16:00, 24 November 2023",
        "Ada Quill",
        T,
    ),
]
IN_BOXES = """<h1>{headline}</h1><div class="relative text-current"><div>{byline}</div><div>{time}</div>
<span>0</span><a href="?share=x">Click to share this on a network (opens a window)</a></div>
<div><p>{paragraph}</p><p>{paragraph} {headline}.</p></div>"""
IN_CELLS = """<table><tr><td><font size="5"><b>{headline}</b></font></td></tr><tr><td><i>{time}</i></td></tr>
<tr><td>{byline}</td></tr><tr><td>{paragraph}<br><br>{paragraph} {headline}.</td></tr></table>"""


def read(design: str, printed: Print) -> Article:
    page = (
        f'<html lang="{printed.language}"><title>{printed.headline} | Harbour :: Post</title>'
        f"<body>{design.format_map(vars(printed))}</body></html>"
    )
    site = generic_site(URL)
    return refine(extract_article(site, Page(URL, page.encode())), site, None)


@pytest.mark.parametrize("printed", PRINTS, ids=[one.language for one in PRINTS])
@pytest.mark.parametrize("design", [IN_BOXES, IN_CELLS], ids=["boxes", "cells"])
def test_what_a_page_only_prints_is_read(design: str, printed: Print) -> None:
    article = read(design, printed)
    assert article.published is not None
    assert (article.title, article.published.local, article.authors) == (
        printed.headline,
        printed.local,
        (printed.name,),
    )
    assert article.body is not None
    assert printed.paragraph in article.body
    assert printed.time not in article.body
    assert printed.byline not in article.body


def test_a_line_of_all_the_names_is_no_text() -> None:
    japanese = next(printed for printed in PRINTS if printed.language == "ja")
    design = IN_BOXES.replace("<div>{byline}</div>", "").replace(
        "<div><p>", '<div><p class="writer">筆山太郎、墨田花子</p><p>', 1
    )
    article = read(design, japanese)
    assert article.authors == ("筆山太郎", "墨田花子")
    assert article.body is not None
    assert article.body.startswith(japanese.paragraph)
