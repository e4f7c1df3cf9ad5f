# ruff: noqa: RUF001  the letters and marks of six languages
"""The sentence under every acknowledgement: that a receipt is no consent. A core without I/O.

It stands under the person's signature in the languages of both parties, word for word as here; an
acknowledgement with other words is none. ``protocol/crisis.md`` has the same texts.
"""

from collections.abc import Iterable, Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "en": (
        "This acknowledgement says only that the alert was received and read. It admits no fact, "
        "agrees to nothing and promises neither a call nor an answer."
    ),
    "ru": (
        "Это подтверждение означает только то, что сообщение получено и прочитано. Оно не "
        "признаёт никаких фактов, ни на что не даёт согласия и не обещает ни звонка, ни ответа."
    ),
    "zh-Hans": (
        "本确认仅表示警报已收到并已阅读。它不承认任何事实，不表示任何同意，也不承诺通话或答复。"
    ),
    "uz": (
        "Bu tasdiq faqat xabar olingani va o‘qilganini bildiradi. U hech qanday faktni tan "
        "olmaydi, hech narsaga rozilik bermaydi va na qo‘ng‘iroq, na javob va’da qiladi."
    ),
    "prs": (
        "این تأیید فقط به این معناست که هشدار دریافت و خوانده شده است. "
        "هیچ واقعیتی را تصدیق نمی‌کند، با هیچ چیز موافقت نمی‌کند و نه تماس و نه پاسخی را وعده می‌دهد."
    ),
    "ps": (
        "دا تایید یوازې دا معنا لري چې خبرداری ترلاسه او ولوستل شو. دا هیڅ حقیقت نه مني، له هیڅ شي "
        "سره موافقه نه کوي او نه د اړیکې او نه د ځواب ژمنه کوي."
    ),
}
"""By language tag (BCP 47): the languages of the interface."""
FALLBACK: Final = "en"


def sentences(languages: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the sentence in each of some languages, each once; English for one that has none."""
    known = (language if language in SENTENCES else FALLBACK for language in languages)
    return tuple((language, SENTENCES[language]) for language in dict.fromkeys(known))


def is_the_sentence(said: Iterable[tuple[str, str]]) -> bool:
    """Say whether an acknowledgement has the sentence, in one language or several, and only it."""
    given = tuple(said)
    return bool(given) and all(SENTENCES.get(language) == text for language, text in given)
