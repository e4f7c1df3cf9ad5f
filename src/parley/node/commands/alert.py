"""`parley alert`: alerts for scripts and thin lines, with a person's own key.

They ask the person's node over HTTPS, as the desk in the terminal does. What is read, drafted and
verified may be a script's work for its person; what binds is signed by that person, at a terminal.
"""

from typing import Annotated, Final

import typer
from rich.markup import escape

from parley.errors import AlertGuardRefused, PartyUnknown
from parley.node.commands.console import AsJson, Json, out
from parley.node.commands.terminal import (
    DEFAULT,
    Place,
    Usb,
    act_and_tell,
)
from parley.terminal.acts import Acts
from parley.words import Words, language_name
from parley.words.alerts import (
    breach_rows,
    headline,
    late_rows,
    mark_rows,
    paraphrase_rows,
    sentence_of,
    stamp_of,
    step_rows,
)
from parley.words.plain import plain

app = typer.Typer(no_args_is_help=True, help="Alerts, with your own key, also over a thin line.")
Which = Annotated[str, typer.Argument(help="The alert's hash, or enough of its beginning.")]
Draft = Annotated[str, typer.Argument(help="The draft's id, or enough of its beginning.")]
Why = Annotated[str | None, typer.Option("--words", "-w", help="Why, if you want to say it.")]
WATCH_ANSWERS: Final = frozenset({"hold", "not_our_matter"})
"""What a duty officer may answer; the rest is signed by a releaser."""
ANSWER_HELP: Final = "reply, hold, accept_call, other_time, other_level, decline or not_our_matter."


@app.command("list")
def list_alerts(
    only_open: Annotated[bool, typer.Option("--open", help="With something left to do.")] = False,
    drafts: Annotated[bool, typer.Option("--drafts", help="What is being written.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many.")] = 20,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """List alerts, the newest first: what is proved of each, and whose turn it is.

    Example: parley alert list --open
    """

    async def act(acts: Acts) -> Json:
        if drafts:
            return {"drafts": await acts.drafts()}
        return {"alerts": await acts.alerts(is_open_only=only_open, limit=limit)}

    act_and_tell(act, terminal, _tell_list, usb=usb, as_json=as_json)


@app.command("show")
def show_alert(
    which: Which, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Show one alert: its words, what is proved, what is due by both clocks, what is wrong.

    Example: parley alert show 3f9a
    """
    act_and_tell(lambda acts: acts.find_alert(which), terminal, _tell_one, usb=usb, as_json=as_json)


@app.command("draft")
def draft(
    to: Annotated[list[str], typer.Option("--to", help="A party, by name or id; repeat.")],
    text: Annotated[list[str], typer.Option("--text", "-t", help="en=Words; one a language.")],
    precedence: Annotated[
        str, typer.Option("--precedence", "-p", help="flash, immediate, priority or routine.")
    ] = "routine",
    exercise: Annotated[bool, typer.Option("--exercise", help="It is an exercise.")] = False,
    level: Annotated[
        str | None, typer.Option(help="watch, director, commander, minister or head.")
    ] = None,
    stands_s: Annotated[
        int | None, typer.Option("--stands", min=60, help="Seconds for which it stands.")
    ] = None,
    supersedes: Annotated[str | None, typer.Option(help="Hash of the alert it replaces.")] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Begin an alert; another person verifies it, a releaser signs it.

    Example: parley alert draft --to "Saint Orlan Hospital" -p flash -t "en=Two aircraft."
    """

    async def act(acts: Acts) -> Json:
        content = {
            "texts": [_text(each) for each in text],
            "recipients": [await party_named(acts, each) for each in to],
            "precedence": precedence,
            "is_exercise": exercise,
            **({} if level is None else {"level": level}),
            **({} if stands_s is None else {"stands_s": stands_s}),
        }
        if supersedes is not None:
            content["supersedes"] = (await acts.find_alert(supersedes))["hash"]
        return await acts.draft(content)

    act_and_tell(act, terminal, _tell_draft, usb=usb, as_json=as_json)


@app.command("verify")
def verify(
    which: Draft, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Vouch for a draft that another person wrote.

    Example: parley alert verify k3td
    """

    async def act(acts: Acts) -> Json:
        return await acts.verify((await acts.find_draft(which))["id"])

    act_and_tell(act, terminal, _tell_draft, usb=usb, as_json=as_json)


@app.command("discard")
def discard(
    which: Draft, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Throw a draft away.

    Example: parley alert discard k3td
    """

    async def act(acts: Acts) -> Json:
        return await acts.discard((await acts.find_draft(which))["id"])

    act_and_tell(act, terminal, _tell_draft, usb=usb, as_json=as_json)


@app.command("release")
def release(
    which: Draft, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Release a draft to everybody it is for, with your signature for each.

    Example: parley alert release k3td
    """

    async def act(acts: Acts) -> Json:
        return {"alerts": await acts.release(await acts.find_draft(which))}

    act_and_tell(act, terminal, _tell_list, usb=usb, as_json=as_json)


@app.command("acknowledge")
def acknowledge(
    which: Which,
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="In which language you read it.")
    ] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say, signed, that you read an alert: it admits no fact and promises nothing.

    Example: parley alert acknowledge 3f9a --language en
    """

    async def act(acts: Acts) -> Json:
        found = await acts.find_alert(which)
        read_in = language or found["texts"][0]["language"]
        return await acts.acknowledge(found["hash"], read_in)

    act_and_tell(act, terminal, _tell_one, usb=usb, as_json=as_json)


@app.command("answer")
def answer(
    which: Which,
    kind: Annotated[str, typer.Option("--kind", "-k", help=ANSWER_HELP)] = "reply",
    words: Annotated[str | None, typer.Option("--words", "-w", help="What you say.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Until when it is held, or which other time: ISO 8601, UTC.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="Which other level.")] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Answer an alert; "hold" and "not_our_matter" are a duty officer's, the rest a releaser's.

    Example: parley alert answer 3f9a --words "They are turning back."
    """

    async def act(acts: Acts) -> Json:
        found = (await acts.find_alert(which))["hash"]
        said = {"words": words, "at": at, "level": level}
        if kind in WATCH_ANSWERS:
            return await acts.hold(found, kind, **said)
        return await acts.answer(found, kind, **said)

    act_and_tell(act, terminal, _tell_one, usb=usb, as_json=as_json)


@app.command("paraphrase")
def paraphrase(
    which: Which,
    text: Annotated[str, typer.Option("--text", "-t", help="en=Words, your own.")],
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say, signed, how you understood an alert; its author confirms it or says what was meant.

    Example: parley alert paraphrase 3f9a --text "en=They ask for nothing."
    """

    async def act(acts: Acts) -> Json:
        said = _text(text)
        alert = (await acts.find_alert(which))["hash"]
        return await acts.paraphrase(alert, said["language"], said["text"])

    act_and_tell(act, terminal, _tell_one, usb=usb, as_json=as_json)


@app.command("judge")
def judge(
    which: Which,
    meant: Annotated[
        str | None,
        typer.Option("--meant", "-m", help="en=Words: what was meant; without it you confirm."),
    ] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Confirm, signed, how your alert was understood, or say what was meant; a releaser's word.

    Example: parley alert judge 3f9a --meant "en=We ask for two ambulances."
    """

    async def act(acts: Acts) -> Json:
        found = await acts.find_alert(which)
        waiting = [each for each in found["paraphrases"] if each["word"] is None]
        if not waiting:
            raise AlertGuardRefused(guard="paraphrase_waits")
        said = None if meant is None else _text(meant)
        word = None if said is None else (said["language"], said["text"])
        return await acts.judge(found["hash"], waiting[-1]["hash"], word)

    act_and_tell(act, terminal, _tell_one, usb=usb, as_json=as_json)


@app.command("withdraw")
def withdraw(
    which: Which,
    words: Why = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Take an alert of yours back, signed; it stays in both records.

    Example: parley alert withdraw 3f9a --words "Sent in error."
    """

    async def act(acts: Acts) -> Json:
        return await acts.withdraw((await acts.find_alert(which))["hash"], words)

    act_and_tell(act, terminal, _tell_one, usb=usb, as_json=as_json)


@app.command("close")
def close(
    which: Which,
    words: Why = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say that nothing more is to be done about an alert; a flash is closed by both.

    Example: parley alert close 3f9a
    """

    async def act(acts: Acts) -> Json:
        return await acts.close((await acts.find_alert(which))["hash"], words)

    act_and_tell(act, terminal, _tell_one, usb=usb, as_json=as_json)


# -------------------------------------------------------------------------------------- details


async def party_named(acts: Acts, named: str) -> str:
    """Return the id of a party that is named by its label or id."""
    lines = (await acts.node.get("/api/lines"))["lines"]
    for each in lines:
        if named in {each["party"]["id"], each["party"]["name"]}:
            return str(each["party"]["id"])
    raise PartyUnknown(party=named[:80])


def _text(given: str) -> dict[str, str]:
    language, is_named, words = given.partition("=")
    return {"language": language, "text": words} if is_named else {"language": "en", "text": given}


def _tell_list(answered: Json, words: Words) -> None:
    if "drafts" in answered:
        for each in answered["drafts"]:
            _tell_draft(each, words)
        return
    if not answered["alerts"]:
        out.print(words.code("label", "no_alert"))
    for each in answered["alerts"]:
        _tell_head(each, words)


def _tell_head(each: Json, words: Words) -> None:
    state = words.code("state", each["state"])
    out.print(
        f"[bold]{escape(headline(each, words))}[/bold] {state} [dim]{each['hash'][:12]}[/dim]"
    )
    duty = words.code("duty", each["saying"]["duty"])
    out.print(f"  {escape(sentence_of(each, words))} {duty}")


def _tell_one(each: Json, words: Words) -> None:
    _tell_head(each, words)
    for text in (*each["texts"], *each["translations"]):
        said = f"  [{language_name(text['language'])}] {plain(text['text'] or '-')}"
        out.print(said, markup=False)
    for due in each["due"]:
        at, theirs = stamp_of(due["due_at"]), due.get("theirs_at")
        ours = words.say("ours {at}", at=at)
        said = f"  {words.code('limit', due['limit'])}: {ours}"
        out.print(said + (f", {words.say('theirs {at}', at=stamp_of(theirs))}" if theirs else ""))
    for given in each["answers"]:
        said = f"  {words.code('answer', given['kind'])}: {plain(given['words'] or '-')}"
        out.print(said, markup=False)
    for named, text in paraphrase_rows(each, words):
        out.print(f"  {named}{': ' if text else ''}{plain(text)}", markup=False)
    rows = [*mark_rows(each, words), *late_rows(each, words), *breach_rows(each, words)]
    for row in (*rows, *step_rows(each, words)):
        out.print(f"  {row}", markup=False)


def _tell_draft(each: Json, words: Words) -> None:
    precedence, state = (words.code(name, each[name]) for name in ("precedence", "state"))
    mark = f" {words.say('EXERCISE')}" if each["is_exercise"] else ""
    out.print(f"{each['id'][:12]}  {state}  {precedence}{mark}")
    for text in each["texts"]:
        out.print(f"  [{language_name(text['language'])}] {plain(text['text'])}", markup=False)
