"""Notifications on paper: what they say, that they are PDF/A, and whose signature they bear."""

import hashlib
import re
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from parley.crisis.notifications.machine import NotificationEvent
from parley.crisis.notifications.matter import NotificationAct, QueryAnswer
from parley.crisis.offices import Capacity
from parley.crisis.papers.paper import (
    Paper,
    PaperFile,
    PaperFrame,
    languages,
    paper_of,
    paper_words,
    script_of,
)
from parley.crisis.papers.press import set_paper
from parley.crisis.papers.seal import STATEMENT_FILE, PaperSeal, read_statement
from parley.errors import FormRefused, PaperFontMissing, PaperStatementWrong
from parley.identity.keys import PartyKey
from parley.testing.papers import HOSPITAL, KEY, KIND, MATTER, MINISTRY, NOW_MS, paper


@pytest.mark.parametrize("language", languages())
def test_a_paper_says_number_legal_time_and_lateness_in_its_language(language: str) -> None:
    """Labels are the agreed ones, instants stand in UTC and in the zone of each party."""
    made = paper(language)
    words, rows = paper_words(language), rows_of(made)
    assert made.title == KIND.labels[language][""]
    assert rows[words["number"]] == "Ministry/launch-or-test/2026/3"
    assert rows[words["late"]] == "03:12"
    assert rows[words["provided"]].splitlines() == [
        "2026-11-18 11:13:20 UTC",
        "2026-11-18 16:13:20 UTC+05:00 Asia/Tashkent",
        "2026-11-18 15:43:20 UTC+04:30 Asia/Kabul",
    ]
    assert made.is_right_to_left is (language in {"prs", "ps"})


@pytest.mark.parametrize("language", languages())
def test_an_exercise_has_its_mark_on_every_page_and_in_its_number(language: str) -> None:
    """And what is none has no mark."""
    drill = replace(MATTER, said=replace(MATTER.said, is_exercise=True))
    frame = PaperFrame(
        language=language, author=MINISTRY, recipient=HOSPITAL, made_by=MINISTRY, now_ms=NOW_MS
    )
    made = paper_of(drill, frame)
    assert made.exercise == paper_words(language)["exercise"]
    assert made.number == "Ministry/launch-or-test/2026/E3"
    assert paper(language).exercise == ""


def test_every_fixed_word_is_there_in_every_language() -> None:
    """A paper with a hole in it would be signed with the hole."""
    names = paper_words("en").keys()
    assert all(paper_words(each).keys() == names for each in languages())
    assert all(word.strip() for each in languages() for word in paper_words(each).values())


def test_a_paper_in_a_language_without_labels_is_refused() -> None:
    """Nobody agreed to labels in it."""
    with pytest.raises(FormRefused):
        paper("fr")


def test_a_value_is_set_in_the_direction_of_its_own_words() -> None:
    """A Latin sentence in a paper of Dari keeps its full stop at its end."""
    rows = [row for section in paper("prs").sections for row in section.rows]
    by_value = {row.value: row.is_right_to_left for row in rows}
    assert not by_value["Which azimuth?"]
    assert by_value[KIND.labels["prs"]["/kind=missile_test"]]


async def test_a_paper_is_tagged_pdf_a_3_with_everything_in_it() -> None:
    """Level A, an output intent with its profile, embedded fonts, the title, files attached."""
    sealed = PaperSeal(KEY, "Ministry")
    stated = PaperFile(STATEMENT_FILE, sealed.statement, "text/plain", "Statement", "supplement")
    made = await sealed.sign(await set_paper(paper("ru", stated), NOW_MS // 1_000))
    with pikepdf.open(BytesIO(made)) as found, found.open_metadata() as said:
        assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("3", "A")
        assert said["dc:title"] == KIND.labels["ru"][""]
        assert str(found.trailer.Info.Title) == said["dc:title"]
        assert str(found.Root.Lang) == "ru"
        assert found.Root.MarkInfo.Marked
        (intent,) = found.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert intent.DestOutputProfile.read_bytes()
        assert "/JavaScript" not in found.Root.Names
        assert not found.is_encrypted
        attached = found.attachments[STATEMENT_FILE].get_file().read_bytes().decode()
        assert len(found.Root.AF) == 1
        for page in found.pages:
            for font in page.Resources.Font.values():
                inner = font.DescendantFonts[0].FontDescriptor
                assert {"/FontFile2", "/FontFile3"} & set(inner.keys())
                assert "/ToUnicode" in font
    digest = read_statement(attached, KEY.public)
    assert digest == hashlib.sha256(sealed.certificate).digest()


async def test_the_signature_covers_the_whole_paper_and_a_changed_byte_breaks_it() -> None:
    """By the certificate that the party's statement names."""
    sealed = PaperSeal(KEY, "Ministry")
    made = await sealed.sign(await set_paper(paper("en"), NOW_MS // 1_000))
    (signature,) = PdfFileReader(BytesIO(made)).embedded_signatures
    assert signature.signer_cert.dump() == sealed.certificate
    assert await is_sound(made)
    place = made.index(b"/MarkInfo")
    assert not await is_sound(made[:place] + b"/MarkInfa" + made[place + 9 :])


async def test_what_a_signature_adds_begins_on_a_line_of_its_own() -> None:
    """Each object's number follows an end of line, or it is no PDF/A (ISO 19005-3 §6.1.9)."""
    plain = await set_paper(paper("en"), NOW_MS // 1_000)
    made = await PaperSeal(KEY, "Ministry").sign(plain)
    begun = [found.start() for found in re.finditer(rb"\d+ 0 obj\b", made)]
    assert made.startswith(plain)
    assert begun[-1] > len(plain)
    assert {made[at - 1 : at] for at in begun if made[at - 1 : at] not in b"0123456789"} <= {
        b"\n",
        b"\r",
    }


async def test_a_character_without_a_font_is_named_and_nothing_is_made() -> None:
    """A signed paper with empty boxes in it would say something else."""
    with pytest.raises(PaperFontMissing) as caught:
        await set_paper(paper("ps"), NOW_MS // 1_000, with_system_fonts=False)
    assert caught.value.params["script"] == "ARABIC"


async def test_latin_and_cyrillic_need_no_font_of_the_machine() -> None:
    """English, Russian and Uzbek come out on a machine without any font."""
    for language in ("ru", "uz"):
        made = await set_paper(paper(language), NOW_MS // 1_000, with_system_fonts=False)
        assert made.startswith(b"%PDF-")


def test_the_same_key_gives_the_same_certificate_and_another_another() -> None:
    """Whoever trusted it once knows the next paper."""
    again, other = PaperSeal(KEY, "Ministry"), PaperSeal(PartyKey(b"9" * 32), "Ministry")
    assert again.certificate == PaperSeal(KEY, "Ministry").certificate
    assert again.statement == PaperSeal(KEY, "Ministry").statement
    assert again.certificate != other.certificate


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "parley paper key 1\n",
        PaperSeal(PartyKey(b"9" * 32), "Ministry").statement,
        PaperSeal(KEY, "Ministry").statement.replace("sha256 ", "sha256 0", 1),
        PaperSeal(KEY, "Ministry").statement + "more\n",
        PaperSeal(KEY, "Ministry").statement.replace("=", "!"),
    ],
)
def test_a_statement_that_is_not_the_party_s_is_refused(wrong: str) -> None:
    """Another party's, a changed one, and what is none."""
    with pytest.raises(PaperStatementWrong):
        read_statement(wrong, KEY.public)


def test_scripts_are_named_as_an_engineer_looks_for_fonts() -> None:
    """The first word of the character's name in Unicode."""
    assert [script_of(each) for each in "وд试a"] == ["ARABIC", "CYRILLIC", "CJK", "LATIN"]


async def is_sound(made: bytes) -> bool:
    """Say whether the one signature of a paper holds, by another reading of PDF than our own."""
    try:
        (signature,) = PdfFileReader(BytesIO(made)).embedded_signatures
        found = await async_validate_pdf_signature(
            signature, ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
        )
    except Exception:  # noqa: BLE001  whatever it cannot read is not sound
        return False
    return bool(found.intact and found.valid and found.trusted)


def test_a_paper_says_in_which_office_each_spoke() -> None:
    """Who sent it, asked, answered and ended it; of an entry that does not say it, that."""
    answered = replace(MATTER.queries[0], answers=(QueryAnswer(NOW_MS, "90.", Capacity.RELEASER),))
    matter = replace(
        MATTER,
        said=replace(MATTER.said, capacity=Capacity.DUTY_OFFICER),
        queries=(answered,),
        acts=(NotificationAct(NotificationEvent.CANCEL, NOW_MS, b"c" * 32, ""),),
    )
    frame = PaperFrame(
        language="ru", author=MINISTRY, recipient=HOSPITAL, made_by=MINISTRY, now_ms=NOW_MS
    )
    words = paper_words("ru")
    rows = [row for section in paper_of(matter, frame).sections for row in section.rows]
    spoke = [row.value for row in rows if row.label == words["office"]]
    assert spoke == ["дежурный", "должность не указана", "подписант"]
    ended = [row.value for row in rows if row.label == words["ended_as"]]
    assert ended == ["должность не указана"]


def rows_of(made: Paper) -> dict[str, str]:
    """Return the first value of each label."""
    found: dict[str, str] = {}
    for section in made.sections:
        for row in section.rows:
            found.setdefault(row.label, row.value)
    return found
