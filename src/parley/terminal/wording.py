"""What is signed, in the person's words. A core without I/O."""

from parley.terminal.proposal import Proposal
from parley.words import Words, language_name
from parley.words.plain import plain


def proposal_lines(
    proposal: Proposal, words: Words, names: dict[str, str] | None = None
) -> list[str]:
    """Return what is signed, line by line; ``names`` are the parties' by id."""
    lines = [words.say("You sign, with your key:")]
    if proposal.is_exercise:
        lines.append(f"*** {words.say('EXERCISE')} ***")
    for row in proposal.rows:
        name, _, language = row.name.partition(" ")
        tongue = f" [{words.apart(language_name(language))}]" if language else ""
        label = words.code("row", name) + tongue
        table = {"demoted_from": "precedence"}.get(name, name)
        value = words.code(table, row.value) if row.is_code else plain(row.value)
        if name in {"language", "languages"}:
            value = ", ".join(language_name(each) for each in value.split(", "))
        if name == "party":
            value = f"{plain((names or {}).get(row.value, ''))} {row.value}".strip()
        lines += [f"  {label}: {each}" for each in value.split("\n")]
    return [*lines, f"  SHA-256: {proposal.hash.hex()}"]
