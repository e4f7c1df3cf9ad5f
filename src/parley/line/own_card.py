"""Our own party card: made from the settings, signed anew when they change or time runs low."""

from whenever import Instant

from parley.config import Settings
from parley.identity.card import PartyCard, sign_card
from parley.identity.keys import PartyKey
from parley.identity.party import Party
from parley.line.paths import own_endpoints

RENEW_AT_SHARE = 4
"""A card is renewed when less than this fraction (1/4) of its time is left: the others get the new
one with our next hello, long before the old one runs out."""


def own_party(settings: Settings, key: PartyKey, kept: Party | None, now: Instant) -> Party:
    """Return our own party with a card that says what the settings say.

    Args:
        settings: what the operator chose.
        key: our party's key.
        kept: our party as stored, if it is.
        now: the present.
    """
    card = PartyCard(
        public_key=key.public,
        name=settings.party.name,
        languages=settings.party.languages,
        time_zone=settings.party.time_zone,
        endpoints=own_endpoints(settings.line.path),
        created_at=now.round("second", mode="floor"),
        expires_at=now.round("second", mode="floor").add(hours=24 * settings.party.card_days),
    )
    if kept is not None and _is_still_good(kept.card, card, now):
        return kept
    imported_at = now if kept is None else kept.imported_at
    return Party(
        key.party, card.name, card, sign_card(card, key), is_ours=True, imported_at=imported_at
    )


def _is_still_good(kept: PartyCard, fresh: PartyCard, now: Instant) -> bool:
    """Say whether the kept card says the same and has most of its time left."""
    if _statement(kept) != _statement(fresh) or kept.created_at > now:
        return False
    left = (kept.expires_at - now).total("hours")
    return left * RENEW_AT_SHARE > (fresh.expires_at - fresh.created_at).total("hours")


def _statement(card: PartyCard) -> tuple[object, ...]:
    return (card.public_key, card.name, card.languages, card.time_zone, card.endpoints)
