"""The permission table as a page of the reference."""

from parley.identity.permission import GIVES, TABLE, Proof, Role, RuleShown, rows


def reference() -> str:
    """Return the table as a page of the reference."""
    askers = [role.value.replace("_", " ") for role in Role]
    lines = [
        "# Permissions",
        "",
        "Generated from `parley.identity.permission` by `just docs`; change the source instead.",
        "",
        "Who may do what, at their own node: roles never cross the line. **self**: the person's",
        "own things. **own**: our party's, another person's included. **foreign**: another",
        "party's. An empty cell: never. Every route, every operation of the command line, every",
        "kind of entry that a person can append names its act; a node with one that names none",
        "does not start. Rights are looked up at each request.",
        "",
        "*step up*: a passkey used within the last minutes (`web.step_up_minutes`). *signature*: a",
        "passkey over the hash of the entry. For one's own things neither is asked, but for what",
        "lets one in: a passkey is added, and a passkey or another browser revoked, within half an",
        "hour of signing in or after using a passkey.",
        "",
        f"By name: {_by_name()}. Where a room is for named people of our party (the room of a",
        "call always is), nobody else does this to it, whatever their roles.",
        "",
        f"| act | needs | {' | '.join(askers)} | operator | machine |",
        f"|---|---|{'---|' * len(askers)}---|---|",
        *(_line(row) for row in rows()),
        "",
        "The *operator* is whoever may run `parley` on the node's machine. A *machine* is a",
        "program with a token; it can be given these acts and no other, whatever people may.",
        "",
        "## Who gives which role",
        "",
        "Inviting, changing, revoking and fresh links are limited to people all of whose roles one",
        "can give. The operator can give every role.",
        "",
        "| somebody who is | can give |",
        "|---|---|",
        *(
            f"| {role.value.replace('_', ' ')} | "
            f"{', '.join(each.value.replace('_', ' ') for each in Role if each in GIVES[role])} |"
            for role in Role
            if role in GIVES
        ),
        "",
    ]
    return "\n".join(lines)


def _by_name() -> str:
    return ", ".join(f"`{act.value}`" for act, rule in TABLE.items() if rule.is_by_name)


def _line(row: RuleShown) -> str:
    needs = "" if row.proof is Proof.SIGN_IN else row.proof.value.replace("_", " ")
    cells = [", ".join(row.people[role]) for role in Role]
    ends = ["yes" if row.is_operator else "", "yes" if row.is_machine else ""]
    return f"| `{row.act.value}` | {needs} | {' | '.join((*cells, *ends))} |"
