"""`parley pair`: exchange cards, compare the words, confirm."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from parley.identity.card import CARD_BYTES_MAX, armour
from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    Language,
    errors_told,
    node_folder,
    operate,
    out,
    show,
    table,
)

app = typer.Typer(no_args_is_help=True, help="Exchange party cards and confirm a line.")
PartyText = Annotated[
    str, typer.Argument(help="The other party: its name, its id, or the beginning of its id.")
]
STATES = {
    "imported": "card imported; compare the words, then confirm",
    "confirmed_here": "confirmed here; waiting for the other side",
    "agreed": "confirmed by both sides",
    "suspended": "suspended here",
    "expired": "their card has expired; ask for a new one",
}


@app.command("card")
def card(folder: Folder = None, as_json: AsJson = False) -> None:
    """Print our own party card, to be given to the other party by any way at all.

    Example: parley pair card > our-card.txt
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "pair_card")
    show(answer, as_json=as_json, text=lambda shown: typer.echo(shown["card"], nl=False))


@app.command("import")
def import_card(
    file: Annotated[str, typer.Argument(help="Card file, or - to paste it.")],
    label: Annotated[
        str | None, typer.Option("--as", help="Know the party under this name instead.")
    ] = None,
    language: Language = "en",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Take in the other party's card and show the words to compare.

    Example: parley pair import their-card.txt --language uz
    """
    place = node_folder(folder)
    with errors_told(as_json=as_json):
        text = _card_text(file)
        pairing = operate(place, "pair_import", card=text, label=label)
        party = pairing["party"]["id"]
        answer = operate(place, "pair_words", party=party, language=language)
    show(answer, as_json=as_json, text=_tell_words)


@app.command("words")
def words(
    party: PartyText, language: Language = "en", folder: Folder = None, as_json: AsJson = False
) -> None:
    """Show the words both operators read to each other, in the reader's language.

    Example: parley pair words "Saint Orlan Hospital" --language zh
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "pair_words", party=party, language=language)
    show(answer, as_json=as_json, text=_tell_words)


@app.command("confirm")
def confirm(
    party: PartyText,
    yes: Annotated[
        bool, typer.Option("--yes", help="The words have been compared; do not ask.")
    ] = False,
    language: Language = "en",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Confirm that the words agree; our end of the line opens.

    Example: parley pair confirm "Saint Orlan Hospital"
    """
    place = node_folder(folder)
    with errors_told(as_json=as_json):
        if not yes:
            _tell_words(operate(place, "pair_words", party=party, language=language))
            typer.confirm("Did the other operator read exactly these words?", abort=True)
        answer = operate(place, "pair_confirm", party=party)
    show(answer, as_json=as_json, text=_tell)


@app.command("suspend")
def suspend(party: PartyText, folder: Folder = None, as_json: AsJson = False) -> None:
    """Close our end of a line until further notice; the other side is told.

    Example: parley pair suspend "Saint Orlan Hospital"
    """
    _step("pair_suspend", party, folder, as_json=as_json)


@app.command("resume")
def resume(party: PartyText, folder: Folder = None, as_json: AsJson = False) -> None:
    """Open our end of a suspended line again.

    Example: parley pair resume "Saint Orlan Hospital"
    """
    _step("pair_resume", party, folder, as_json=as_json)


@app.command("remove")
def remove(
    party: PartyText,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Forget another party: its card, and that it was confirmed.

    Example: parley pair remove "Saint Orlan Hospital"
    """
    if not yes:
        typer.confirm(f"Forget {party}? The line closes and must be paired anew.", abort=True)
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "pair_remove", party=party)
    show(answer, as_json=as_json, text=lambda shown: out.print(f"Removed {shown['removed']}."))


@app.command("list")
def list_parties(folder: Folder = None, as_json: AsJson = False) -> None:
    """List the other parties and how far each line is confirmed.

    Example: parley pair list --json
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "pair_list")
    show(answer, as_json=as_json, text=_tell_list)


def _step(operation: str, party: str, folder: Path | None, *, as_json: bool) -> None:
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), operation, party=party)
    show(answer, as_json=as_json, text=_tell)


def _card_text(file: str) -> str:
    """Read a card file in either form, or standard input; a bare binary card is armoured."""
    if file == "-":
        return sys.stdin.read(CARD_BYTES_MAX * 4)
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(CARD_BYTES_MAX * 4)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error
    if b"-----BEGIN" in content:
        return content.decode("utf-8", "replace")
    return armour(content)


def _tell(pairing: Json) -> None:
    out.print(f"[bold]{escape(pairing['party']['name'])}[/bold]: {STATES[pairing['state']]}.")


def _tell_words(answer: Json) -> None:
    _tell(answer)
    out.print("Read these words to each other over another way than this line:")
    numbered = [f"{number:>2} {word}" for number, word in enumerate(answer["words"], start=1)]
    for start in range(0, len(numbered), 4):
        out.print("  " + "   ".join(f"{word:<16}" for word in numbered[start : start + 4]).rstrip())


def _tell_list(answer: Json) -> None:
    own = answer["party"]
    out.print(f"We are [bold]{escape(own['name'])}[/bold] ({own['id']}).")
    rows = table("party", "id", "state", "card until")
    for pairing in answer["pairings"]:
        party = pairing["party"]
        rows.add_row(
            escape(party["name"]),
            party["id"],
            STATES[pairing["state"]],
            pairing["card_expires_at"][:10],
        )
    out.print(rows if answer["pairings"] else "No other party yet: parley pair import FILE")
