# ruff: noqa: RUF001  the letters and marks of six languages
"""What a notice says where it leaves the node: that something waits, and not what. A core."""

from collections.abc import Mapping
from typing import Final

from parley.record.entry import Precedence

WAITS: Final[Mapping[str, str]] = {
    "en": "Parley: {precedence} waits at the desk, number {number}",
    "ru": "Parley: {precedence} ждёт на пульте, номер {number}",
    "zh-Hans": "Parley：值班台有 {precedence} 待处理，编号 {number}",
    "uz": "Parley: {precedence} navbatchi stolida kutmoqda, raqami {number}",
    "prs": "Parley: {precedence} در میز نوبت‌والا منتظر است، شماره {number}",
    "ps": "Parley: {precedence} د نوکرۍ پر مېز انتظار باسي، شمېره {number}",
}
WATCH: Final[Mapping[str, str]] = {
    "en": "Parley: the watch {roster} is empty",
    "ru": "Parley: смена {roster} никем не занята",
    "zh-Hans": "Parley：值班 {roster} 无人",
    "uz": "Parley: {roster} navbati bo‘sh",
    "prs": "Parley: نوبت {roster} خالی است",
    "ps": "Parley: د {roster} نوکري تشه ده",
}
DURESS: Final[Mapping[str, str]] = {
    "en": "Parley: one of your people calls for help; open your desk, tell nobody else",
    "ru": "Parley: один из ваших просит о помощи; откройте свой пульт, никому не говорите",
    "zh-Hans": "Parley：你方有人求助；请打开自己的值班台，勿告他人",
    "uz": "Parley: xodimingiz yordam so‘ramoqda; o‘z stolingizni oching, boshqaga aytmang",
    "prs": "Parley: یکی از همکاران شما کمک می‌خواهد؛ میز خود را باز کنید و به کس دیگر نگویید",
    "ps": "Parley: ستاسو یو همکار مرسته غواړي؛ خپل مېز پرانیزئ، بل چا ته مه وایئ",
}
TRIAL: Final[Mapping[str, str]] = {
    "en": "Parley: this is a trial of how you are called. Nothing waits.",
    "ru": "Parley: это проверка вызова. Ничто не ждёт.",
    "zh-Hans": "Parley：这是呼叫测试，没有待处理事项。",
    "uz": "Parley: bu chaqiruvni sinash. Hech narsa kutmayapti.",
    "prs": "Parley: این آزمایش فراخواندن شماست. چیزی منتظر نیست.",
    "ps": "Parley: دا ستاسو د رابللو ازموینه ده. هېڅ شی په تمه نه دی.",
}
CHECKS: Final[Mapping[str, str]] = {
    "en": "Parley: IMMEDIATE: a line check was missed twice; see the desk",
    "ru": "Parley: IMMEDIATE: проверка линии пропущена дважды; смотрите пульт",
    "zh-Hans": "Parley：IMMEDIATE：线路检查连续两次未完成，请查看值班台",
    "uz": "Parley: IMMEDIATE: liniya tekshiruvi ikki marta o‘tkazib yuborildi; stolga qarang",
    "prs": "Parley: IMMEDIATE: آزمایش خط دو بار انجام نشد؛ به میز نوبت‌والا نگاه کنید",
    "ps": "Parley: IMMEDIATE: د کرښې ازموینه دوه ځله ونه شوه؛ د نوکرۍ مېز وګورئ",
}
EXERCISE: Final[Mapping[str, str]] = {
    "en": "EXERCISE",
    "ru": "УЧЕНИЕ",
    "zh-Hans": "演练",
    "uz": "MASHQ",
    "prs": "تمرین",
    "ps": "تمرین",
}


def waits(
    precedence: Precedence,
    number: int,
    language: str,
    *,
    is_exercise: bool,
    text: str | None = None,
) -> str:
    """Return the words of a notice.

    Args:
        precedence: of the alert.
        number: the alert's number in its log, by which the desk finds it.
        language: of the party.
        is_exercise: whether that is said first.
        text: of the alert itself, where the settings allow it to leave the node.
    """
    words = _in(WAITS, language).format(precedence=precedence.name, number=number)
    if is_exercise:
        words = f"{_in(EXERCISE, language)} - {words}"
    return words if text is None else f"{words}\n{text}"


def empty_watch(roster: str, language: str) -> str:
    """Return the words of a notice about a watch that nobody stands."""
    return _in(WATCH, language).format(roster=roster)


def checks_missed(language: str) -> str:
    """Return the words of a notice about line checks that were missed."""
    return _in(CHECKS, language)


def duress(language: str) -> str:
    """Return the words of a notice about somebody who is forced; who it is they do not say."""
    return _in(DURESS, language)


def trial(language: str) -> str:
    """Return the words by which an end is tried."""
    return _in(TRIAL, language)


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["en"])
