"""`parley person`: people of this party and the links that sign them in."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.identity.permission import Role
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

app = typer.Typer(no_args_is_help=True, help="People of this party.")
Who = Annotated[str, typer.Argument(help="Name, id, or the beginning of the id.")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The person's name, as others are to see it.")],
    language: Annotated[str, typer.Option("--language", "-l", help="Of their pages.")] = "en",
    role: Annotated[
        list[Role] | None,
        typer.Option(help="What they are in the institution; repeat. [member]"),
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Add a person and print a link that signs them in once.

    Example: parley person add "Dilnoza Karimova" --language uz
    """
    with errors_told(as_json=as_json):
        roles = [each.value for each in role or [Role.MEMBER]]
        answer = operate(
            node_folder(folder), "person_add", name=name, language=language, roles=roles
        )
    show(answer, as_json=as_json, text=_tell_link)


@app.command("link")
def link(
    person: Who,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Print a fresh link that signs somebody in once, within a day.

    Example: parley person link "Dilnoza Karimova"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_link", person=person)
    show(answer, as_json=as_json, text=_tell_link)


@app.command("list")
def list_people(folder: Folder = None, as_json: AsJson = False) -> None:
    """List everybody of this party.

    Example: parley person list
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_list")
    show(answer, as_json=as_json, text=_tell_list)


@app.command("tie")
def tie(
    person: Who,
    subject: Annotated[str, typer.Argument(help="What the provider calls them (sub).")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Let the party's own provider sign a person in ([sign_in.oidc] in the settings).

    Whoever comes from the provider and is tied to nobody is refused; what it calls them then stands
    in the trail, on the people page.

    Example: parley person tie "Dilnoza Karimova" 3f0c71c2-5d0f-4f0e-9d83-2f2a4c1f8b11
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_tie", person=person, subject=subject)
    show(answer, as_json=as_json, text=_tell_person)


@app.command("untie")
def untie(person: Who, folder: Folder = None, as_json: AsJson = False) -> None:
    """Let the provider sign a person in no more; sign-ins that it began end at once.

    Example: parley person untie "Dilnoza Karimova"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_untie", person=person)
    show(answer, as_json=as_json, text=_tell_person)


@app.command("change")
def change(
    person: Who,
    name: Annotated[str | None, typer.Option(help="Their name from now on.")] = None,
    role: Annotated[
        list[Role] | None, typer.Option(help="Their roles from now on, all of them; repeat.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Change a person's name, or what they are in the institution.

    Pages they have open learn of it at once.

    Example: parley person change "Dilnoza Karimova" --role member --role duty_officer
    """
    roles = [each.value for each in role] if role else None
    with errors_told(as_json=as_json):
        answer = operate(
            node_folder(folder), "person_change", person=person, name=name, roles=roles
        )
    show(answer, as_json=as_json, text=_tell_person)


@app.command("revoke")
def revoke(person: Who, folder: Folder = None, as_json: AsJson = False) -> None:
    """End all rights of a person at once: pages, sign-ins, links, duty.

    Example: parley person revoke "Dilnoza Karimova"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_revoke", person=person)
    show(answer, as_json=as_json, text=_tell_person)


@app.command("restore")
def restore(person: Who, folder: Folder = None, as_json: AsJson = False) -> None:
    """Give a person their rights back; they sign in again.

    Example: parley person restore "Dilnoza Karimova"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_restore", person=person)
    show(answer, as_json=as_json, text=_tell_person)


@app.command("devices")
def devices(
    person: Who,
    revoked: Annotated[
        str | None, typer.Option("--revoke", help="Id of a browser or passkey to revoke.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """List a person's browsers and passkeys, or revoke one.

    Example: parley person devices "Dilnoza Karimova"
    """
    with errors_told(as_json=as_json):
        if revoked is not None:
            operate(node_folder(folder), "device_revoke", device=revoked)
        answer = operate(node_folder(folder), "person_devices", person=person)
    show(answer, as_json=as_json, text=_tell_devices)


def _tell_link(answer: Json) -> None:
    out.print(f"Open once, within a day, as [bold]{escape(answer['person']['name'])}[/bold]:")
    typer.echo(answer["address"])


def _tell_list(answer: Json) -> None:
    rows = table("name", "id", "language", "roles", "")
    for each in answer["people"]:
        person = each["person"]
        state = "revoked" if each["revoked_at"] else ""
        roles = ", ".join(each["roles"])
        rows.add_row(escape(person["name"]), person["id"], each["language"], roles, state)
    out.print(rows if answer["people"] else "Nobody yet: parley person add NAME")


def _tell_person(answer: Json) -> None:
    state = " [red]revoked[/red]" if answer["revoked_at"] else ""
    out.print(f"{escape(answer['person']['name'])}: {', '.join(answer['roles'])}{state}")


def _tell_devices(answer: Json) -> None:
    rows = table("kind", "name", "id", "since", "seen", "")
    for each in answer["devices"]:
        state = "[red]counter went back[/red]" if each["suspect_at"] else ""
        seen = each["seen_at"] or ""
        rows.add_row(each["kind"], escape(each["name"]), each["id"], each["added_at"], seen, state)
    out.print(rows if answer["devices"] else "None.")
