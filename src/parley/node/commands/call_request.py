"""`parley call-request`: read call requests between officials."""

from functools import partial
from typing import Annotated

import typer
from rich.markup import escape

from parley.node.asking import ask
from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    language_of_system,
    node_folder,
    out,
    show,
)
from parley.words import Words, language_name
from parley.words.alerts import stamp_of
from parley.words.plain import line

app = typer.Typer(no_args_is_help=True, help="Call requests between officials.")
MaybeSpace = Annotated[
    str | None, typer.Option("--space", "-s", help="Only of this line: the other party.")
]


@app.command("list")
def list_calls(
    space: MaybeSpace = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many.")] = 20,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show call requests: who is asked, about what, how; whose answer is awaited, by when.

    Example: parley call-request list --json
    """
    with errors_told(as_json=as_json):
        arguments: Json = {"limit": limit} if space is None else {"limit": limit, "space": space}
        answer = ask(node_folder(folder), "call_request_list", arguments)
    show(answer, as_json=as_json, text=_tell)


@app.command("dates")
def dates(
    which: Annotated[str, typer.Argument(help="The beginning of its hash.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show when a call is wanted and when it begins, in each party's own zone.

    Example: parley call-request dates 3f9a
    """
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "call_request_list", {"limit": 200})
    found = [each for each in answer["calls"] if each["hash"].startswith(which.lower())]
    show({**answer, "calls": found}, as_json=as_json, text=_tell_dates)


def _tell(answer: Json) -> None:
    words = language_of_system()
    for each in answer["calls"]:
        _tell_call(each, answer["names"], words)
    if not answer["calls"]:
        out.print(words.code("label", "no_call"))


def _tell_call(call: Json, names: Json, words: Words) -> None:
    label = partial(words.code, "label")
    mark = f"{words.say('EXERCISE')} " if call["is_exercise"] else ""
    state = words.code("call", call["state"])
    who = words.say(
        "{asker} asks to speak with {asked}",
        asker=line(call["who_asks"]),
        asked=line(call["who_is_asked"]),
    )
    out.print(f"[bold]{mark}{escape(who)}[/bold] {state} [dim]{call['hash'][:12]}[/dim]")
    rows = [
        (label("capacity"), words.code("capacity", call["capacity"])),
        (label("level"), words.code("level", call["level"])),
        (label("subject"), call["subject"] or "-"),
        (label("how"), words.code("mode", call["mode"])),
        (label("languages"), ", ".join(map(language_name, call["languages"]))),
        (label("interpreter"), words.code("interpreter", call["interpreter"])),
        (label("earliest"), stamp_of(call["earliest"]["at"])),
        (label("latest"), stamp_of(call["latest"]["at"])),
    ]
    limit = call["due_here"] or call["due"]
    if limit is not None:
        code = "overdue" if call["is_overdue"] else "answer_due"
        turn = str(call["turn"])
        whose = line(names.get(turn, turn))
        rows.append((label(code), f"{stamp_of(limit['at'])} ({whose})"))
    for turn in call["turns"]:
        said = words.code("call_answer", turn["answer"])
        rows.append((said, words.code("capacity", turn["capacity"])))
    if call["withdrawn_as"] is not None:
        rows.append((words.code("call", "withdrawn"), words.code("capacity", call["withdrawn_as"])))
    for name, shown in rows:
        out.print(f"  {name}: {escape(line(shown))}")


def _tell_dates(answer: Json) -> None:
    words = language_of_system()
    for each in answer["calls"]:
        out.print(f"[bold]{each['hash'][:12]}[/bold] {words.code('call', each['state'])}")
        for name in ("earliest", "latest", "begins"):
            for party, local in (each[name] or {"by_party": {}})["by_party"].items():
                called = line(answer["names"].get(party, party))
                at = f"{local[:10]} {local[11:16]} {local.partition('[')[2].rstrip(']')}"
                out.print(f"  {words.code('label', name)}, {escape(called)}: {escape(line(at))}")
    if not answer["calls"]:
        out.print(words.code("label", "no_call"))
