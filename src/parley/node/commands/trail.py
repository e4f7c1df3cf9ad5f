"""`parley trail`: what was done here that binds, and whether it is still as it was written."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    node_folder,
    operate,
    out,
    show,
    table,
)

PAGE: int = 50


def trail(
    before: Annotated[
        int | None, typer.Option(help="Only rows older than this number.", min=1)
    ] = None,
    limit: Annotated[int, typer.Option(help="Rows at most.", min=1, max=1_000)] = PAGE,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """List what people and programs did that binds, newest first, and check every row.

    Each row's digest covers the row before. Keep the newest one elsewhere now and then, on paper or
    with a backup: who can write the database could write all of it anew, but not to that digest.

    Exit status 1 if a row is not what was written.

    Example: parley trail --limit 10
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "trail_list", before=before, limit=limit)
    show(answer, as_json=as_json, text=_tell)
    raise typer.Exit(0 if answer["first_wrong"] is None else 1)


def _tell(answer: Json) -> None:
    rows = table("", "at", "act", "who", "to", "outcome", "words")
    for each in answer["rows"]:
        rows.add_row(
            str(each["number"]),
            each["at"][:19],
            each["act"],
            escape(each["asker_name"] or each["asker"]),
            escape(each["subject_name"] or each["subject"]),
            each["outcome"],
            escape(each["words"]),
        )
    out.print(rows if answer["rows"] else "Nothing yet.")
    if answer["first_wrong"] is not None:
        out.print(f"[bold red]From row {answer['first_wrong']} on this is not what was written.[/]")
    elif answer["newest"]:
        out.print(f"Every row is as it was written. Digest of the newest: {answer['newest']}")
