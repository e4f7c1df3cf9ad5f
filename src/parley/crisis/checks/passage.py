# ruff: noqa: RUF001  the letters and marks of six languages
"""What is read in a line check: neutral words, a line with every letter, and a code. A core.

The passages say nothing about anything, in every language alike, and take turns, so that neither
their content nor their choice is ever a sign. The line with every letter shows whether the script
arrives whole. The code is what a person types back.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

CODE_CHARACTERS: Final = 6
ALPHABET: Final = "34679ACDEFGHJKMNPQRTUVWXY"
"""No two of these are taken for each other, read aloud or on paper: no 0 and O, 1, I and L, 2 and
Z, 5 and S, 8 and B."""
LANGUAGES_MAX: Final = 4
"""Languages of one check. More is not read by anybody."""
ENTROPY_BYTES: Final = 16

PASSAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "The river runs slowly past the old mill. Two boats lie at the bank.",
        "In spring the apple trees by the road are in bloom. In autumn leaves cover it.",
        "The baker opens the shop before sunrise. By eight the first bread is sold.",
        "The train crosses the plain in three hours. From the window one sees a lake.",
    ),
    "ru": (
        "Река медленно течёт мимо старой мельницы. У берега стоят две лодки.",
        "Весной яблони у дороги цветут. Осенью её покрывают листья.",
        "Пекарь открывает лавку до восхода солнца. К восьми часам первый хлеб продан.",
        "Поезд пересекает равнину за три часа. Из окна видно озеро.",
    ),
    "zh-Hans": (
        "河水缓缓流过老磨坊。岸边停着两条小船。",
        "春天，路旁的苹果树开花。秋天，落叶铺满道路。",
        "面包师日出前开店。到八点，第一批面包已经卖完。",
        "火车用三个小时穿过平原。从窗口可以看到一个湖。",
    ),
    "uz": (
        "Daryo eski tegirmon yonidan sekin oqadi. Qirg‘oqda ikkita qayiq turibdi.",
        "Bahorda yo‘l bo‘yidagi olma daraxtlari gullaydi. Kuzda uni barglar qoplaydi.",
        "Novvoy do‘konni quyosh chiqmasdan ochadi. Soat sakkizgacha birinchi non sotiladi.",
        "Poyezd tekislikni uch soatda kesib o‘tadi. Derazadan ko‘l ko‘rinadi.",
    ),
    "prs": (
        "دریا آهسته از کنار آسیاب کهنه می‌گذرد. دو قایق در ساحل ایستاده است.",
        "در بهار درختان سیب کنار راه شکوفه می‌کنند. در خزان برگ‌ها راه را می‌پوشانند.",
        "نانوا پیش از طلوع آفتاب دکان را باز می‌کند. تا ساعت هشت نان اول فروخته شده است.",
        "قطار در سه ساعت از دشت می‌گذرد. از کلکین یک جهیل دیده می‌شود.",
    ),
    "ps": (
        "سیند د زړې ژرندې تر څنګ ورو بهیږي. دوه کښتۍ پر غاړه ولاړې دي.",
        "په پسرلي کې د سړک تر څنګ د مڼو ونې ګل کوي. په مني کې یې پاڼې پوښي.",
        "نانوای د لمر تر ختلو مخکې دوکان پرانیزي. تر اتو بجو لومړۍ ډوډۍ پلورل شوې وي.",
        "اورګاډی په دریو ساعتونو کې له دښتې تېرېږي. له کړکۍ یوه جهیل ښکاري.",
    ),
}
"""By language, as many of each and in the same order."""

LETTERS: Final[Mapping[str, str]] = {
    "en": "The quick brown fox jumps over the lazy dog. 0123456789",
    "ru": "Съешь же ещё этих мягких французских булок, да выпей чаю. 0123456789",
    "zh-Hans": "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。 0123456789",
    "uz": "A B D E F G H I J K L M N O P Q R S T U V X Y Z O‘ G‘ Sh Ch Ng 0123456789",
    "prs": (
        "بر اثر چنین تلقین و شستشوی مغزی جامعی، سطح و پایهٔ ذهن و فهم و نظر بعضی اشخاص "
        "واژگونه و معکوس می‌شود. ۰۱۲۳۴۵۶۷۸۹"
    ),
    "ps": (
        "ا آ ب پ ت ټ ث ج ځ چ څ ح خ د ډ ذ ر ړ ز ژ ږ س ش ښ ص ض ط ظ ع غ ف ق ک ګ ل م ن ڼ و ه ی ې ۍ ئ "
        "۰۱۲۳۴۵۶۷۸۹"
    ),
}
"""By language, a line with every letter of it; of Chinese, the first sixteen of the Thousand
Character Classic, none of which comes twice."""

_TYPED_AS: Final = str.maketrans("АВЕКМНРСТХУ", "ABEKMHPCTXY")
"""Cyrillic letters that somebody types who has not changed the keyboard."""


def passage(languages: Iterable[str], entropy: bytes) -> tuple[tuple[str, str], ...]:
    """Return the passage of a check: pairs of language and text.

    Args:
        languages: of both parties, those first that both ends read; those without a passage are
            left out, and where none has one it is English.
        entropy: random bytes; the first chooses the passage.
    """
    found = [each for each in dict.fromkeys(map(_known, languages)) if each is not None]
    chosen = found[:LANGUAGES_MAX] or ["en"]
    words = ((each, PASSAGES[each][entropy[0] % len(PASSAGES[each])]) for each in chosen)
    return tuple((language, f"{text} {LETTERS[language]}") for language, text in words)


def code(entropy: bytes) -> str:
    """Return the code of a check.

    Args:
        entropy: :data:`ENTROPY_BYTES` random bytes; all but the first make the code.
    """
    number = int.from_bytes(entropy[1:ENTROPY_BYTES])
    letters = []
    for _ in range(CODE_CHARACTERS):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def typed_code(text: str) -> str:
    """Return what a person typed as they meant it: without spaces and hyphens, in capitals.

    Full-width letters, digits of any script and Cyrillic letters that look like Latin ones count as
    those: what is proved is a person at a keyboard, not the keyboard's layout.
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_TYPED_AS)
    digits = (str(unicodedata.digit(each, each)) for each in plain)
    return "".join(each for each in digits if not each.isspace() and each not in "-–·")


def is_code(text: str) -> bool:
    """Say whether a text is of a code's form."""
    return len(text) == CODE_CHARACTERS and all(each in ALPHABET for each in text)


def _known(language: str) -> str | None:
    if language in PASSAGES:
        return language
    start = language.split("-", maxsplit=1)[0]
    return {"zh": "zh-Hans", "fa": "prs", "tg": "ru"}.get(
        start, start if start in PASSAGES else None
    )
