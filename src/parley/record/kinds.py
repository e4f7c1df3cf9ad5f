"""The kinds of entries, as ``protocol/kinds.toml`` lists them; a test holds the two together."""

from enum import IntEnum
from typing import Final


class Kind(IntEnum):
    """What an entry is; the domains' kinds have numbers from 100."""

    OPENING = 0
    """The first entry of a log: its policy, the keys of its party, and where it goes on from."""
    CLOSING = 1
    """The last entry of a log: nothing follows in this epoch."""
    SIGHTING = 2
    """What the author has seen of the other logs, and nothing else."""
    DELIVERY = 3
    """The entries referred to have reached a desk of the author's party."""
    ACKNOWLEDGEMENT = 4
    """A person with authority has taken the entries referred to."""
    AGREEMENT = 5
    """The author's party agrees to a body, together with the parties named."""
    ASSERTION = 6
    """A person's authenticator has signed the hash of the entry referred to (WebAuthn)."""
    ERASURE = 7
    """The keys of the sealed bodies referred to have been deleted here."""
    DISPUTE = 8
    """Another log is forked or rolled back; the evidence is kept."""
    STATEMENT = 9
    """Plain words to the other parties."""
    ENROLMENT = 10
    """A passkey of a person, by which assertions that follow in this log are checked."""
    ERASED = 11
    """The author's node has deleted the keys of the sealed bodies referred to."""
    ATTACHMENT = 12
    """A file, sealed: its name and type come before it in what is sealed."""
    ROOT = 13
    """What the root of the author's party says; the first one pins that root."""
    FREEZE = 14
    """Another party's log is believed up to a size and no further, by the word of its root."""

    ALERT = 120
    """Urgent words that ring a desk."""
    ANSWER = 121
    """What a party says to an alert: a reply, a hold, another time or level, or a refusal."""
    WITHDRAWAL = 122
    """The author takes an alert back; both remain."""
    CLOSURE = 123
    """A party has nothing more to do about an alert."""
    TRANSLATION = 124
    """An alert in another language, by a translator who understood it."""
    RECEIPT = 125
    """The entries referred to are on the disk of the author's node, since when by its clock."""
    PARAPHRASE = 126
    """How a party understood an alert, in its own words."""
    PARAPHRASE_WORD = 127
    """The author of an alert confirms or corrects how it was understood."""

    NOTIFICATION_TYPE = 140
    """A type of notification is proposed: what a form asks for, and its rules."""
    NOTIFICATION = 141
    """A formatted notification, under its number."""
    QUERY = 142
    """A person asks about the notification referred to."""
    CLARIFICATION = 143
    """The query referred to is answered."""
    CANCELLATION = 144
    """The notification referred to does not stand any more."""
    CONCLUSION = 145
    """The notification referred to has run its course."""

    CALL_REQUEST = 150
    """One official asks to speak with another."""
    CALL_ANSWER = 151
    """What a party says to a call request, or to the last offer about it."""
    CALL_WITHDRAWAL = 152
    """A call request, or the call that was agreed on, is given up."""
    CALL_COMMITMENT = 153
    """The asker's device commits to the key it will show."""
    CALL_KEY = 154
    """A device shows its key for a call."""
    CALL_START = 155
    """A party's official speaks; the code that was read."""
    CALL_END = 156
    CALL_MISMATCH = 146
    """A party says that a call is over."""

    LINE_CHECK = 160
    """A person sends a passage and a code, to see whether a person there reads them."""
    CHECK_RETURN = 161
    """A person has typed the code of the check referred to."""
    CHECK_CONFIRMATION = 162
    """A person of the party that sent a check has seen its code come back."""
    CHECK_DECLINE = 163
    """A person will not take part in a check now."""
    SUSPENSION = 164
    """A releaser suspends the line, once a second person of the party concurs."""
    CONCURRENCE = 165
    """The second person of a party, for the suspension, resumption or ending referred to."""
    RESUMPTION = 166
    """A releaser resumes what their party suspended, once a second person concurs."""
    LINE_ENDING = 167
    """A releaser ends the line, once a second person of the party concurs."""
    CONTACT_LIST = 168
    """A party's whole list of contacts, for the other party to use."""
    CONTACT_TRIAL = 169
    """A person used a contact of either party, and says what came of it."""

    CRISIS_OPENING = 170
    """A party opens a crisis, under its own title; opens it again, or gives it another title."""
    CRISIS_CLOSING = 171
    """A party closes its own side of a crisis."""
    CRISIS_STATEMENT = 172
    """A claim, a request or an offer of one party in a crisis."""
    CRISIS_FACT = 173
    """What both parties hold to be true, once both have appended the same body."""
    CRISIS_REPLY = 174
    """A request or an offer is taken up or declined."""
    CRISIS_LINK = 175
    """The entries referred to after the crisis belong to it."""
    CRISIS_WITHDRAWAL = 176
    """A claim, a request or an offer is taken back."""

    TIMELINE = 180
    """What the author's node finds in the record of a crisis."""
    ACCOUNT_SEAL = 181
    """A party's account of a crisis is written and sealed."""
    ACCOUNT_SHOWN = 182
    """The author's node shows the account that was sealed, both seals being there."""
    ACCOUNT_WITHDRAWAL = 183
    """A party that sealed alone takes its account back, after the deadline."""
    SHEET_PARAGRAPH = 184
    """A party's version of a paragraph of the joint sheet."""
    ADOPTION = 185
    """A party adopts a joint sheet as it is."""
    ASSESSMENT_END = 186
    """A party ends an assessment without a joint text."""
    READOUT = 187
    """What a party says of a crisis in public."""
    ACCOUNT_PUBLICATION = 188
    """A party that sealed alone shows its account, after the deadline."""

    ESCALATION_STEP = 190
    """The author's node has reached a step of its escalation of the alert referred to."""
    ACKNOWLEDGEMENT_TOLD = 191
    """Another party that the alert referred to went to has acknowledged it, with the proof."""


KINDS: Final = frozenset(Kind)
"""What this version knows; a later one may write others, which are held all the same."""
KIND_MAX: Final = 65_535
"""More kinds than anybody will register; a larger number is a mistake."""
HUMAN_KINDS: Final = frozenset(
    {Kind.ACKNOWLEDGEMENT, Kind.AGREEMENT, Kind.ASSERTION, Kind.ERASURE, Kind.ENROLMENT}
)
"""Acts of a person: never without an actor."""
MACHINE_KINDS: Final = frozenset(
    {
        *(Kind.OPENING, Kind.CLOSING, Kind.SIGHTING, Kind.DELIVERY, Kind.DISPUTE, Kind.ERASED),
        *(Kind.ROOT, Kind.FREEZE),
    }
)
"""Acts of the node itself: never with an actor."""
DOMAIN_HUMAN_KINDS: Final = frozenset(
    {
        Kind.ALERT,
        Kind.ANSWER,
        Kind.WITHDRAWAL,
        Kind.CLOSURE,
        Kind.TRANSLATION,
        Kind.PARAPHRASE,
        Kind.PARAPHRASE_WORD,
        Kind.NOTIFICATION_TYPE,
        Kind.NOTIFICATION,
        Kind.QUERY,
        Kind.CLARIFICATION,
        Kind.CANCELLATION,
        Kind.CONCLUSION,
        Kind.CALL_REQUEST,
        Kind.CALL_ANSWER,
        Kind.CALL_WITHDRAWAL,
        Kind.CALL_COMMITMENT,
        Kind.CALL_KEY,
        Kind.CALL_START,
        Kind.CALL_END,
        Kind.CALL_MISMATCH,
        Kind.LINE_CHECK,
        Kind.CHECK_RETURN,
        Kind.CHECK_CONFIRMATION,
        Kind.CHECK_DECLINE,
        Kind.SUSPENSION,
        Kind.CONCURRENCE,
        Kind.RESUMPTION,
        Kind.LINE_ENDING,
        Kind.CONTACT_LIST,
        Kind.CONTACT_TRIAL,
        Kind.CRISIS_OPENING,
        Kind.CRISIS_CLOSING,
        Kind.CRISIS_STATEMENT,
        Kind.CRISIS_FACT,
        Kind.CRISIS_REPLY,
        Kind.CRISIS_LINK,
        Kind.CRISIS_WITHDRAWAL,
        Kind.ACCOUNT_SEAL,
        Kind.ACCOUNT_WITHDRAWAL,
        Kind.SHEET_PARAGRAPH,
        Kind.ADOPTION,
        Kind.ASSESSMENT_END,
        Kind.READOUT,
        Kind.ACCOUNT_PUBLICATION,
    }
)
"""Acts of a person in a domain. The domain holds an entry without an actor against its author; the
record keeps and proves it, as a node that does not know the kind would."""
DOMAIN_MACHINE_KINDS: Final = frozenset(
    {
        Kind.RECEIPT,
        Kind.TIMELINE,
        Kind.ACCOUNT_SHOWN,
        Kind.ESCALATION_STEP,
        Kind.ACKNOWLEDGEMENT_TOLD,
    }
)
"""Acts of the node itself in a domain."""
