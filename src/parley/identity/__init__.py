"""Who speaks: our party's key, the other parties' cards, our own people and where they signed in.

How a party becomes known: its operator makes a key once (:mod:`parley.identity.keys`), from the
operating system's generator, in a file only the node may read. The key signs a *party card*
(:mod:`parley.identity.card`): name, languages, time zone, where its paths are reached, until when.
The card travels as a file or as text by any way at all, because two people then read the
*fingerprint* of both keys to each other as words, each in their own language
(:mod:`parley.identity.fingerprint`). The id of a party is the hash of its key; its name is a label,
pinned when the card is first imported, so that no other key can come under that name later.

How a person comes in: somebody who may, or the operator, invites them
(:mod:`parley.identity.staff`) by a one-time link (:mod:`parley.identity.sign_in`); the browser that
opens it first gets a cookie, which changes again and again (:mod:`parley.identity.cookie`).
With it the person enrols a passkey (:mod:`parley.identity.passkey`), which from then on signs them
in, steps them up for acts that bind, and signs the entries of such acts. The database keeps hashes
of links, cookies and tokens alone.

A party that has a provider of sign-ins may let it open the door as well: the node reads its tokens
(:mod:`parley.identity.provider`) and the operator ties its subjects to people who are here already
(:mod:`parley.identity.subject`).

What they may do is asked of one table at each request (:mod:`parley.identity.permission`), with
their roles of that instant: their own, and one lent by broken glass
(:mod:`parley.identity.broken_glass`). Offices say who stands watch and pass it from hand to hand
(:mod:`parley.identity.office`). What binds, and what the node notices, is kept in the trail
(:mod:`parley.identity.trail`). Programs have accounts and no roles
(:mod:`parley.identity.machine_account`).

What if it fails: a key file that others may read, or that is damaged, stops the start. A card that
does not hold in every byte is refused with the name of what is wrong. A link opened twice, late or
made up is refused, and refused attempts are limited. A copied cookie or passkey is noticed once
both are used, and ends for both. Somebody whose rights are taken is out at once, on every page.

Invariant: nothing here opens a socket or reads a clock; private key bytes never appear in ``repr``,
in a log or in an error.
"""
