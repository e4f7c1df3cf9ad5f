"""The whole exception tree; blame first, because blame decides log level, wording and record.

::

    ParleyError
    ├── OurError     ours to mend: settings, disk, our own people's requests, our faults
    │   ├── SettingsUnknownKey settings.unknown_key
    │   ├── SettingsBadValue   settings.bad_value
    │   ├── SettingsUnreadable settings.unreadable
    │   ├── SettingsExist      settings.exist
    │   ├── KeyMissing         keys.missing
    │   ├── KeyExposed         keys.exposed
    │   ├── KeyCorrupt         keys.corrupt
    │   ├── KeyExists          keys.exist
    │   ├── StorageTooOld      storage.too_old
    │   ├── StorageNewer       storage.newer
    │   ├── StorageUnavailable storage.unavailable
    │   ├── StorageFull        storage.full
    │   ├── StorageReadOnly    storage.read_only
    │   ├── StorageFailed      storage.failed
    │   ├── StorageTaken       storage.taken
    │   ├── SecretExposed      settings.secret_exposed
    │   ├── StorageClosed      storage.closed
    │   ├── BlobMissing        blob.missing
    │   ├── BlobDamaged        blob.damaged
    │   ├── CaseErased         case.erased
    │   ├── CaseKeyMissing     case.key_missing
    │   ├── BackupExists       backup.exists
    │   ├── BackupUnusable     backup.unusable
    │   ├── RestoreRefused     restore.refused
    │   ├── EngineMissing      node.engine_missing
    │   ├── EngineFault        node.engine_fault
    │   ├── PortTaken          node.port_taken
    │   ├── NodeRunning        node.running
    │   ├── NodeNotRunning     node.not_running
    │   ├── GuardMissing       node.guard_missing
    │   ├── InsecureListening  node.insecure_listening
    │   ├── TransitionRefused  state.refused
    │   ├── PartyUnknown       party.unknown
    │   ├── PartyUnconfirmed   party.unconfirmed
    │   ├── PartyOurOwn        party.our_own
    │   ├── PersonUnknown      person.unknown
    │   ├── SignInNeeded       sign_in.needed
    │   ├── SignInLinkUnknown  sign_in.link_unknown
    │   ├── SignInLinkUsed     sign_in.link_used
    │   ├── SignInLinkExpired  sign_in.link_expired
    │   ├── PersonRevoked      person.revoked
    │   ├── SignInCopied       sign_in.copied
    │   ├── SignInTaken        sign_in.taken
    │   ├── SignInNotBegun     sign_in.not_begun
    │   ├── ProviderMissing    provider.missing
    │   ├── ProviderSettingsWrong provider.settings_wrong
    │   ├── SubjectUnknown     provider.subject_unknown
    │   ├── SubjectTaken       provider.subject_taken
    │   ├── PasskeyUnknown     passkey.unknown
    │   ├── PasskeyRefused     passkey.refused
    │   ├── PasskeySuspect     passkey.suspect
    │   ├── PasskeyExists      passkey.exists
    │   ├── PasskeysTooMany    passkey.too_many
    │   ├── PasskeyMissing     passkey.missing
    │   ├── ChallengeUnknown   passkey.challenge_unknown
    │   ├── ActRefused         permission.refused
    │   ├── StepUpNeeded       permission.step_up_needed
    │   ├── SignatureNeeded    permission.signature_needed
    │   ├── RoleNotGiven       permission.role_not_given
    │   ├── RoleNotLent        permission.role_not_lent
    │   ├── BrokenGlassUnknown break_glass.unknown
    │   ├── DuressCallUnknown  duress.unknown
    │   ├── OfficeUnknown      office.unknown
    │   ├── NotInOffice        office.not_in_it
    │   ├── DeviceUnknown      device.unknown
    │   ├── MachineTokenUnknown machine.token_unknown
    │   ├── MachineUnknown     machine.unknown
    │   ├── OriginRefused      web.origin_refused
    │   ├── HostRefused        web.host_refused
    │   ├── BodyTooLarge       web.body_too_large
    │   ├── RequestTooSlow     web.too_slow
    │   ├── RequestMalformed   web.malformed
    │   ├── TooManyRequests    web.too_many
    │   ├── NotFound           web.not_found
    │   ├── MethodRefused      web.method_refused
    │   ├── LoopbackOnly       web.loopback_only
    │   ├── InterfaceMissing   web.interface_missing
    │   ├── WebFault           web.fault
    │   ├── EntryTooLarge      entry.too_large
    │   ├── LogNotOpen         log.not_open
    │   ├── EntryUnknown       entry.unknown
    │   ├── EntryTooOld        entry.too_old
    │   ├── SpaceUnknown       record.space_unknown
    │   ├── RecordFenced       record.fenced
    │   ├── TilesMalformed     record.tiles_malformed
    │   ├── PolicyMalformed    record.policy_malformed
    │   ├── SampleFailed       node.sample_failed
    │   ├── NodePartEnded      node.part_ended
    │   ├── NodeMemoryShort    node.memory_short
    │   ├── NodeThreadsShort   node.threads_short
    │   ├── WebPortFlooded     web.flooded
    │   ├── AlertUnknown       alert.unknown
    │   ├── DraftUnknown       alert.draft_unknown
    │   ├── AlertTextRefused   alert.text_refused
    │   ├── AlertGuardRefused  alert.guard_refused
    │   ├── PlanRefused        plan.refused
    │   ├── PlanUnknown        plan.unknown
    │   ├── PlanGuardRefused   plan.guard_refused
    │   ├── OverrideUnknown    override.unknown
    │   ├── NoticeUnknown      notice.unknown
    │   ├── DutyDeviceRefused  duty_device.refused
    │   ├── DutyDeviceUnknown  duty_device.unknown
    │   ├── KeyFileUnreadable  terminal.key_unreadable
    │   ├── KeyFileLocked      terminal.key_locked
    │   ├── PinWrong           terminal.pin_wrong
    │   ├── PinTooSoon         terminal.pin_too_soon
    │   ├── PinTooShort        terminal.pin_too_short
    │   ├── SecurityKeyMissing terminal.security_key_missing
    │   ├── SecurityKeyRefused terminal.security_key_refused
    │   ├── CeremonyRefused    terminal.ceremony_refused
    │   ├── SigningDeclined    terminal.declined
    │   ├── TerminalNeeded     terminal.needed
    │   ├── NodeUnreachable    terminal.node_unreachable
    │   ├── NodeUntrusted      terminal.node_untrusted
    │   ├── NodeInsecure       terminal.node_insecure
    │   ├── NodeMalformed      terminal.node_malformed
    │   ├── NodeSaidNo         terminal.node_said_no
    │   ├── TerminalUnenrolled terminal.unenrolled
    │   ├── ChromiumMissing    drill.chromium_missing
    │   ├── NothingCame        drill.nothing_came
    │   ├── RoomUnknown        room.unknown
    │   ├── RoomClosed         room.closed
    │   ├── RoomByName         room.by_name
    │   ├── RoomsTooMany       room.too_many
    │   ├── OfferRefused       room.offer_refused
    │   ├── NotJoined          room.not_joined
    │   ├── FormRefused        notification.form_refused
    │   ├── NotificationTypeRefused notification_type.refused
    │   ├── NotificationTypeUnusable notification_type.unusable
    │   ├── NotificationUnknown notification.unknown
    │   ├── NotificationNotReady notification.not_ready
    │   ├── PaperFontMissing   paper.font_missing
    │   ├── PaperNotSet        paper.not_set
    │   ├── PaperStatementWrong paper.statement_wrong
    │   ├── CallRequestUnknown call_request.unknown
    │   ├── CheckUnknown       check.unknown
    │   ├── CheckRefused       check.refused
    │   ├── LineIsSuspended    line.is_suspended
    │   ├── LineStandingRefused line.standing_refused
    │   ├── LineStartRefused   line.start_refused
    │   ├── TermsRefused       agreement.terms_refused
    │   ├── AgreementOvertaken agreement.overtaken
    │   ├── ContactUnknown     contact.unknown
    │   ├── ContactListRefused contact.refused
    │   ├── CallAnswerRefused  call_request.answer_refused
    │   ├── CrisisUnknown      crisis.unknown
    │   ├── CrisisRefused      crisis.refused
    │   ├── ReadoutTooEarly    readout.too_early
    │   ├── ReadoutWaits       readout.waits
    │   └── CrisisTextRefused  crisis.text_refused
    └── TheirError   the other party's bytes or silence: set aside, counted, shown; or those of
        │            the provider that signs our people in
        ├── ProviderFailed     provider.failed
        ├── ProviderMalformed  provider.malformed
        ├── ProviderTokenRefused provider.token_refused
        ├── ProviderRefused    provider.refused
        ├── BlobWrong          blob.wrong
        ├── BlobNotAsked       blob.not_asked
        ├── EncodingRefused    encoding.refused
        ├── CardMalformed      card.malformed
        ├── CardSignatureWrong card.signature_wrong
        ├── CardExpired        card.expired
        ├── CardFromFuture     card.from_future
        ├── ClaimName          claim.name
        ├── ClaimKeySwapped    claim.key_swapped
        ├── ClockSkewed        claim.clock_skewed
        ├── LetterMalformed    letter.malformed
        ├── LetterUnagreed     letter.unagreed
        ├── LetterUnknown      letter.unknown
        ├── LettersTooMany     letter.too_many
        ├── EntryMalformed     entry.malformed
        │   └── EntryNewer     entry.newer
        ├── EntryKindUnknown   entry.kind_unknown
        ├── EntryNotTheirs     entry.not_theirs
        ├── NoteMalformed      note.malformed
        ├── NoteSignatureWrong note.signature_wrong
        ├── NoteUnsigned       note.unsigned
        ├── ProofWrong         proof.wrong
        ├── LogUnknown         log.unknown
        ├── EvidenceWrong      evidence.wrong
        ├── RootWrong          root.wrong
        ├── LogFrozen          log.frozen
        ├── RoomForged         room.forged
        ├── RoomNotTheirs      room.not_theirs
        ├── RoomConflict       room.conflict
        ├── RoomsFlooded       room.flooded
        └── LabelForged        room.label_forged

Every leaf has one stable code, which is also its translation key; ``protocol/errors.toml`` lists
the codes with their parameters and a test holds the two together. Parameters are safe to log and to
show: ids, numbers, file names and fixed words, never the name of a person or an address of a
browser. An HTTP status is given in ``parley.web.problems`` alone. What another party's node says
about an error is wrapped and attributed, never passed on as if it were ours.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal


class ParleyError(Exception):
    """Anything Parley refuses or fails at, with a stable code and safe parameters."""

    code: ClassVar[str] = ""
    blame: ClassVar[Literal["ours", "theirs"]]
    sentence: ClassVar[str] = ""
    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **params: str | int) -> None:
        """Take exactly the parameters the code declares.

        Raises:
            TypeError: a parameter is missing or is not declared.
        """
        if set(params) != set(self.fields):
            reason = f"{type(self).__name__} takes {self.fields}, not {tuple(params)}"
            raise TypeError(reason)
        self.params = params
        super().__init__(self.sentence.format(**params))


class OurError(ParleyError):
    """The fault or the remedy is on our side of the border."""

    blame = "ours"


class TheirError(ParleyError):
    """Another party's bytes do not hold, or it is silent; or our provider's, which is not us."""

    blame = "theirs"


class SettingsUnknownKey(OurError):
    """A settings file names a key that does not exist."""

    code = "settings.unknown_key"
    sentence = "{file}: there is no setting '{key}'; allowed here: {allowed}."
    fields = ("file", "key", "allowed")


class SettingsBadValue(OurError):
    """A setting has a value outside what is allowed."""

    code = "settings.bad_value"
    sentence = "{file}: '{key}' is not a value Parley can use; allowed: {allowed}."
    fields = ("file", "key", "allowed")


class SettingsUnreadable(OurError):
    """A settings file is missing, unreadable or not TOML."""

    code = "settings.unreadable"
    sentence = "{file} cannot be read: {reason}."
    fields = ("file", "reason")


class SettingsExist(OurError):
    """`parley init` found a node where it was to make one."""

    code = "settings.exist"
    sentence = "{file} exists already; nothing was changed."
    fields = ("file",)


class KeyMissing(OurError):
    """The party's private key is not where the settings say."""

    code = "keys.missing"
    sentence = (
        "There is no party key at {file}; restore it from its safe, or run `parley "
        "init` for a new party."
    )
    fields = ("file",)


class KeyExposed(OurError):
    """The party's private key can be read by others on the machine."""

    code = "keys.exposed"
    sentence = (
        "The party key {file} has mode {mode} and must be readable by its owner alone: "
        "chmod 600 {file}."
    )
    fields = ("file", "mode")


class KeyCorrupt(OurError):
    """The file of the party's private key does not hold a whole key."""

    code = "keys.corrupt"
    sentence = "The party key {file} is damaged: it is not 32 bytes of base32 with their checksum."
    fields = ("file",)


class KeyExists(OurError):
    """A new key was to be written over one that exists."""

    code = "keys.exist"
    sentence = "A party key exists at {file}; it is never overwritten."
    fields = ("file",)


class StorageTooOld(OurError):
    """The SQLite in use has the WAL-reset defect."""

    code = "storage.too_old"
    sentence = "SQLite {found} can corrupt a write-ahead log; {needed} or newer is needed."
    fields = ("found", "needed")


class StorageNewer(OurError):
    """The database has a schema this version does not know."""

    code = "storage.newer"
    sentence = (
        "The database was written by a newer Parley (schema {found}, this one knows {known})."
    )
    fields = ("found", "known")


class StorageUnavailable(OurError):
    """The database cannot be opened or written."""

    code = "storage.unavailable"
    sentence = "The database {file} cannot be used: {reason}."
    fields = ("file", "reason")


class StorageFull(OurError):
    """The disk below the database is full."""

    code = "storage.full"
    sentence = (
        "The disk below {file} is full. Nothing more is kept until space is free; nothing kept "
        "before is lost."
    )
    fields = ("file",)


class StorageReadOnly(OurError):
    """The database, or the disk below it, takes no changes."""

    code = "storage.read_only"
    sentence = (
        "{file} cannot be written: it or the disk below it is read-only. Make it writable, "
        "then restart the node."
    )
    fields = ("file",)


class StorageFailed(OurError):
    """The disk below the database failed; this process writes no more."""

    code = "storage.failed"
    sentence = (
        "The disk failed while {file} was written ({reason}). This node keeps nothing more: "
        "examine the disk, then restart it."
    )
    fields = ("file", "reason")


class StorageTaken(OurError):
    """Another node has the database open."""

    code = "storage.taken"
    sentence = "Another node has {file} open; one database serves one node."
    fields = ("file",)


class SecretExposed(OurError):
    """A file with a password or key can be read by others on the machine."""

    code = "settings.secret_exposed"
    sentence = "{file} has mode {mode} and must be readable by its owner alone: chmod 600 {file}."
    fields = ("file", "mode")


class StorageClosed(OurError):
    """Work reached the database after it was closed."""

    code = "storage.closed"
    sentence = "The database is closed."


class BlobMissing(OurError):
    """A blob is not where blobs are kept."""

    code = "blob.missing"
    sentence = "The blob {blob} is not here."
    fields = ("blob",)


class BlobDamaged(OurError):
    """A blob's bytes are not those that were kept."""

    code = "blob.damaged"
    sentence = "The blob {blob} is damaged: {reason}."
    fields = ("blob", "reason")


class CaseErased(OurError):
    """The key of a case was erased; what it sealed cannot be read by anybody."""

    code = "case.erased"
    sentence = "The case {case} was erased."
    fields = ("case",)


class CaseKeyMissing(OurError):
    """There is no key for a case, or not the one it is wrapped with."""

    code = "case.key_missing"
    sentence = "No key for the case {case} is here."
    fields = ("case",)


class BlobWrong(TheirError):
    """Another party sent a blob whose bytes are not those its entry commits to."""

    code = "blob.wrong"
    sentence = "{party} sent a file whose bytes are not those that its entry commits to."
    fields = ("party",)


class BlobNotAsked(TheirError):
    """Another party sends more of blobs than it was asked for."""

    code = "blob.not_asked"
    sentence = "{party} sends more of files than it was asked for."
    fields = ("party",)


class BackupExists(OurError):
    """Something is already where a backup should be written."""

    code = "backup.exists"
    sentence = "{folder} exists; a backup is written into a new folder."
    fields = ("folder",)


class BackupUnusable(OurError):
    """A backup is incomplete, damaged or of another program."""

    code = "backup.unusable"
    sentence = "The backup {folder} cannot be used: {reason}."
    fields = ("folder", "reason")


class RestoreRefused(OurError):
    """A node is there already; a restore would overwrite it."""

    code = "restore.refused"
    sentence = "{place} is not empty; --replace overwrites what is there."
    fields = ("place",)


class EngineMissing(OurError):
    """The compiled engine cannot be imported."""

    code = "node.engine_missing"
    sentence = "The compiled engine is not installed: uv run maturin develop --release."


class EngineFault(OurError):
    """The engine refused a command; its own stable code is attached."""

    code = "node.engine_fault"
    sentence = "The engine refused: {code}."
    fields = ("code",)


class PortTaken(OurError):
    """A listening address is taken."""

    code = "node.port_taken"
    sentence = "{address} is in use by another program; choose another port or stop that program."
    fields = ("address",)


class NodeRunning(OurError):
    """Two processes were to run on one data folder."""

    code = "node.running"
    sentence = "A node is running on {folder} already."
    fields = ("folder",)


class NodeNotRunning(OurError):
    """A command needs the running node and found none."""

    code = "node.not_running"
    sentence = "No node is running on {folder}; start it with: parley serve."
    fields = ("folder",)


class GuardMissing(OurError):
    """A route was added without saying who may use it."""

    code = "node.guard_missing"
    sentence = "The route {route} declares no guard; the node does not start."
    fields = ("route",)


class InsecureListening(OurError):
    """Plain HTTP was to be served beyond the loopback."""

    code = "node.insecure_listening"
    sentence = (
        "{address} can be reached from other machines, so web.certificate and web.key are needed."
    )
    fields = ("address",)


class TransitionRefused(OurError):
    """An event does not apply to the state a machine is in."""

    code = "state.refused"
    sentence = "{machine}: {event} is not possible while {state}."
    fields = ("machine", "state", "event")


class PartyUnknown(OurError):
    """A party id names no party whose card was imported."""

    code = "party.unknown"
    sentence = "No party {party} is known here."
    fields = ("party",)


class PartyUnconfirmed(OurError):
    """Something needs a line that both sides have confirmed."""

    code = "party.unconfirmed"
    sentence = "The line to {party} is not confirmed by both sides."
    fields = ("party",)


class PartyOurOwn(OurError):
    """Our own card was imported."""

    code = "party.our_own"
    sentence = "This is our own card; import the other party's."


class PersonUnknown(OurError):
    """A person id names nobody of this party."""

    code = "person.unknown"
    sentence = "No person {person} is known here."
    fields = ("person",)


class SignInNeeded(OurError):
    """A request carries no valid sign-in."""

    code = "sign_in.needed"
    sentence = "Sign in first."


class SignInLinkUnknown(OurError):
    """A sign-in link was never issued here."""

    code = "sign_in.link_unknown"
    sentence = "This sign-in link is not one of ours."


class SignInLinkUsed(OurError):
    """A one-time link was opened a second time."""

    code = "sign_in.link_used"
    sentence = "This sign-in link has been used; ask for a new one."


class SignInLinkExpired(OurError):
    """A sign-in link was opened too late."""

    code = "sign_in.link_expired"
    sentence = "This sign-in link has expired; ask for a new one."


class PersonRevoked(OurError):
    """A person who may do nothing here any more was to sign in."""

    code = "person.revoked"
    sentence = "Person {person} has no rights here any more."
    fields = ("person",)


class SignInCopied(OurError):
    """A cookie came from where it cannot be: it had been copied."""

    code = "sign_in.copied"
    sentence = "This sign-in was used in two places and was ended; sign in again."


class SignInTaken(OurError):
    """A link on a foreign page was to replace the person who is signed in."""

    code = "sign_in.taken"
    sentence = "Somebody else is signed in on this browser; sign out first."


class SignInNotBegun(OurError):
    """Somebody comes back from the provider whom this browser did not send there, or too late."""

    code = "sign_in.not_begun"
    sentence = "This sign-in was not begun in this browser, or too long ago; try again."


class ProviderMissing(OurError):
    """No provider signs people in here."""

    code = "provider.missing"
    sentence = "No provider is set up here: [sign_in.oidc] in the settings."


class ProviderSettingsWrong(OurError):
    """The provider does not know this node as the settings describe it."""

    code = "provider.settings_wrong"
    sentence = "The provider refuses this node ({reason}): look at [sign_in.oidc]."
    fields = ("reason",)


class SubjectUnknown(OurError):
    """The provider vouches for somebody whom nobody tied to a person here."""

    code = "provider.subject_unknown"
    sentence = "The provider knows you, but nobody here was told who that is."


class SubjectTaken(OurError):
    """The subject is tied to another person."""

    code = "provider.subject_taken"
    sentence = "This subject is tied to another person; untie them first."


class FormRefused(OurError):
    """What was filled in, or its encoding, cannot be read or does not hold against its type."""

    code = "notification.form_refused"
    sentence = "The form is refused at {field}: {reason}."
    fields = ("field", "reason")


class NotificationTypeRefused(OurError):
    """A definition is no notification type."""

    code = "notification_type.refused"
    sentence = "The notification type is refused at {field}: {reason}."
    fields = ("field", "reason")


class NotificationTypeUnusable(OurError):
    """There is no such notification type, or not both parties have agreed to it."""

    code = "notification_type.unusable"
    sentence = "Both parties have not agreed to this notification type."


class NotificationUnknown(OurError):
    """There is no such notification, draft or query here."""

    code = "notification.unknown"
    sentence = "There is no such notification."


class NotificationNotReady(OurError):
    """A draft is not as far as what was asked of it needs."""

    code = "notification.not_ready"
    sentence = "The notification is {state}, which does not allow this."
    fields = ("state",)


class PaperFontMissing(OurError):
    """No font on this machine has a character that a paper needs."""

    code = "paper.font_missing"
    sentence = "No font here has the script {script} ({character}); install one, and try again."
    fields = ("script", "character")


class PaperNotSet(OurError):
    """A paper could not be set."""

    code = "paper.not_set"
    sentence = "The paper could not be made: {reason}."
    fields = ("reason",)


class PaperStatementWrong(OurError):
    """What is attached to a paper is not that party's statement of its certificate."""

    code = "paper.statement_wrong"
    sentence = "This is not the party's statement of the certificate it signs papers with."


class CallRequestUnknown(OurError):
    """There is no such call request here."""

    code = "call_request.unknown"
    sentence = "There is no such call request."


class CallAnswerRefused(OurError):
    """An answer or step does not fit where a call request stands."""

    code = "call_request.answer_refused"
    sentence = "The call request is {state}: {reason}."
    fields = ("state", "reason")


class CheckUnknown(OurError):
    """There is no such line check here."""

    code = "check.unknown"
    sentence = "There is no such line check."


class CheckRefused(OurError):
    """A step of a line check does not fit where it stands."""

    code = "check.refused"
    sentence = "The line check is {state}: {reason}."
    fields = ("state", "reason")


class LineIsSuspended(OurError):
    """The line is suspended or ended, and what was wanted is not in what goes on."""

    code = "line.is_suspended"
    sentence = "The line to {party} is {standing}; {what} is not accepted on it."
    fields = ("party", "standing", "what")


class LineStandingRefused(OurError):
    """A suspension, resumption or ending of a line does not fit where the line stands."""

    code = "line.standing_refused"
    sentence = "The line is {standing}: {reason}."
    fields = ("standing", "reason")


class LineStartRefused(OurError):
    """What is written about a line would hold from a time that is past, or too far ahead."""

    code = "line.start_refused"
    sentence = "It cannot hold from {starts}: give now, or a time at most {days} days ahead."
    fields = ("starts", "days")


class ContactUnknown(OurError):
    """Neither party names such a contact, or there is no list to confirm."""

    code = "contact.unknown"
    sentence = "There is no such contact."


class ContactListRefused(OurError):
    """A list of contacts or a trial could be misread, or says what cannot be."""

    code = "contact.refused"
    sentence = "These contacts cannot be sent as they are: {field}, {reason}."
    fields = ("field", "reason")


class AgreementOvertaken(OurError):
    """A version of an agreement does not follow what our party signed, or what is in force."""

    code = "agreement.overtaken"
    sentence = (
        "Version {number} does not follow what was signed since: propose it anew and sign that."
    )
    fields = ("number",)


class TermsRefused(OurError):
    """A term of a line's agreement cannot be."""

    code = "agreement.terms_refused"
    sentence = "This term of the agreement cannot be: {term}."
    fields = ("term",)


class CrisisUnknown(OurError):
    """There is no such crisis here."""

    code = "crisis.unknown"
    sentence = "There is no such crisis."


class CrisisRefused(OurError):
    """A step does not fit where a crisis or its assessment stands."""

    code = "crisis.refused"
    sentence = "That cannot be done in this crisis now: {reason}."
    fields = ("reason",)


class ReadoutTooEarly(OurError):
    """A readout is dated so that the other party would not have it the agreed hours before."""

    code = "readout.too_early"
    sentence = (
        "The line's agreement gives the other party {hours} hours before a readout is public: "
        "not before {earliest}."
    )
    fields = ("earliest", "hours")


class ReadoutWaits(OurError):
    """A readout may not be given out yet; until when, if it is known."""

    code = "readout.waits"
    sentence = "The readout may not be given out yet: {until}."
    fields = ("until",)


class CrisisTextRefused(OurError):
    """A text of a crisis or an assessment could be misread, or is too long."""

    code = "crisis.text_refused"
    sentence = "The text of {field} cannot be sent as it is: {reason}."
    fields = ("field", "reason")


class ProviderFailed(TheirError):
    """The provider is silent, or answers with something else than what was asked."""

    code = "provider.failed"
    sentence = "The provider does not answer as it should: {reason}."
    fields = ("reason",)


class ProviderMalformed(TheirError):
    """What the provider says of itself, or its answer, does not hold."""

    code = "provider.malformed"
    sentence = "The provider's answer does not hold: {field}."
    fields = ("field",)


class ProviderTokenRefused(TheirError):
    """An ID token of the provider does not hold."""

    code = "provider.token_refused"
    sentence = "The provider's word for a person does not hold: {claim}."
    fields = ("claim",)


class ProviderRefused(TheirError):
    """The provider did not let the person in."""

    code = "provider.refused"
    sentence = "The provider did not let this person in: {reason}."
    fields = ("reason",)


class PasskeyUnknown(OurError):
    """A passkey is not enrolled here, is another person's, or was revoked."""

    code = "passkey.unknown"
    sentence = "This passkey is not one of ours."


class PasskeyRefused(OurError):
    """What a passkey answered does not hold."""

    code = "passkey.refused"
    sentence = "The passkey's answer does not hold."


class PasskeySuspect(OurError):
    """A passkey's counter went back: two of it may exist."""

    code = "passkey.suspect"
    sentence = "This passkey's counter went back, so a copy of it may exist; it is locked."


class PasskeyExists(OurError):
    """A passkey was to be enrolled twice."""

    code = "passkey.exists"
    sentence = "This passkey is enrolled already."


class PasskeysTooMany(OurError):
    """A person has as many passkeys as they may."""

    code = "passkey.too_many"
    sentence = "A person has at most {number_max} passkeys; revoke one first."
    fields = ("number_max",)


class PasskeyMissing(OurError):
    """Something needs a passkey and the person has none."""

    code = "passkey.missing"
    sentence = "This needs a passkey; add one first."


class ChallengeUnknown(OurError):
    """A challenge was never given, was another's, is too old or was answered before."""

    code = "passkey.challenge_unknown"
    sentence = "This was not asked, or is too old; try again."


class ActRefused(OurError):
    """Somebody may not do what they asked for."""

    code = "permission.refused"
    sentence = "You may not do this ({act}: {reason})."
    fields = ("act", "reason")


class StepUpNeeded(OurError):
    """An act that binds needs a passkey used just before."""

    code = "permission.step_up_needed"
    sentence = "Use your passkey first ({act})."
    fields = ("act",)


class SignatureNeeded(OurError):
    """An act that binds needs a passkey over the entry itself."""

    code = "permission.signature_needed"
    sentence = "Sign with your passkey ({act})."
    fields = ("act",)


class RoleNotGiven(OurError):
    """Somebody was to give or take a role that is above theirs."""

    code = "permission.role_not_given"
    sentence = "Roles you cannot give are touched by this: {roles}."
    fields = ("roles",)


class RoleNotLent(OurError):
    """A role was asked for that is never lent."""

    code = "permission.role_not_lent"
    sentence = "The role {role} is never lent."
    fields = ("role",)


class BrokenGlassUnknown(OurError):
    """An id names no role that was asked for."""

    code = "break_glass.unknown"
    sentence = "No lent role {id} is known here."
    fields = ("id",)


class DuressCallUnknown(OurError):
    """An id names no duress call that is open."""

    code = "duress.unknown"
    sentence = "No open duress call {id} is known here: somebody has settled it."
    fields = ("id",)


class OfficeUnknown(OurError):
    """An id names no office of this party."""

    code = "office.unknown"
    sentence = "No office {office} is known here."
    fields = ("office",)


class NotInOffice(OurError):
    """Duty was to go to somebody who does not belong to the office."""

    code = "office.not_in_it"
    sentence = "Person {person} does not belong to office {office}."
    fields = ("office", "person")


class DeviceUnknown(OurError):
    """An id names no browser and no passkey of theirs."""

    code = "device.unknown"
    sentence = "No device {device} is known here."
    fields = ("device",)


class MachineTokenUnknown(OurError):
    """A program's token was never made here, or was revoked."""

    code = "machine.token_unknown"
    sentence = "This token is not one of ours."


class MachineUnknown(OurError):
    """A name or id names no program."""

    code = "machine.unknown"
    sentence = "No program {machine} is known here."
    fields = ("machine",)


class OriginRefused(OurError):
    """A page of another origin, or none, tried to change something."""

    code = "web.origin_refused"
    sentence = "The request does not come from this node's own pages."


class HostRefused(OurError):
    """A request names a host that is not this node's."""

    code = "web.host_refused"
    sentence = "This node does not answer under that name."


class BodyTooLarge(OurError):
    """A request body exceeds the limit."""

    code = "web.body_too_large"
    sentence = "The request is larger than {bytes_max} bytes."
    fields = ("bytes_max",)


class RequestTooSlow(OurError):
    """A request trickles in."""

    code = "web.too_slow"
    sentence = "The request was not complete within {seconds_max} s."
    fields = ("seconds_max",)


class RequestMalformed(OurError):
    """A request or frame does not have the declared form."""

    code = "web.malformed"
    sentence = "The request is not understood at '{field}'."
    fields = ("field",)


class TooManyRequests(OurError):
    """A browser or address asks more often than allowed."""

    code = "web.too_many"
    sentence = "Too many requests; try again in {retry_after_s} s."
    fields = ("retry_after_s",)


class NotFound(OurError):
    """The address names nothing."""

    code = "web.not_found"
    sentence = "There is nothing here."


class MethodRefused(OurError):
    """The address exists but does not take the method."""

    code = "web.method_refused"
    sentence = "This address does not take that method."


class LoopbackOnly(OurError):
    """Measurements were asked for from another machine."""

    code = "web.loopback_only"
    sentence = "This address answers to the node's own machine alone."


class InterfaceMissing(OurError):
    """The built interface is neither in the package nor in ui/dist."""

    code = "web.interface_missing"
    sentence = "The interface is not built: just web."


class WebFault(OurError):
    """An unforeseen fault of ours while answering a request."""

    code = "web.fault"
    sentence = "The node could not do this; the operator finds it in the log."


class EntryTooLarge(OurError):
    """An entry is larger than the record takes; larger things are attached."""

    code = "entry.too_large"
    sentence = "An entry of the record has at most {bytes_max} bytes."
    fields = ("bytes_max",)


class LogNotOpen(OurError):
    """Something was to be appended to a log that may not grow."""

    code = "log.not_open"
    sentence = "The log takes no entries: it is {state}."
    fields = ("state",)


class EntryUnknown(OurError):
    """An entry of the record is asked for that is not here."""

    code = "entry.unknown"
    sentence = "There is no such entry in the record here."


class EntryTooOld(OurError):
    """An entry was made, and appended only much later."""

    code = "entry.too_old"
    sentence = "This was made more than {minutes_max} minutes ago; begin again."
    fields = ("minutes_max",)


class SpaceUnknown(OurError):
    """A record is asked for that this node does not keep."""

    code = "record.space_unknown"
    sentence = "This node keeps no such record."


class NodePartEnded(OurError):
    """A part of the node ended by itself; the node ends too, to be started whole."""

    code = "node.part_ended"
    sentence = "The node ended because a part of it did ({part}): start it again."
    fields = ("part",)


class NodeMemoryShort(OurError):
    """The machine has hardly any memory left for the node."""

    code = "node.memory_short"
    sentence = (
        "Less than {mib} MiB of memory is left for this node. It ends when there is none: give it "
        "more, or stop what takes it."
    )
    fields = ("mib",)


class NodeThreadsShort(OurError):
    """The machine starts no further thread for the node."""

    code = "node.threads_short"
    sentence = (
        "No further thread can be started on this machine. What runs goes on; raise the limit "
        "(TasksMax, RLIMIT_NPROC), or stop what takes them."
    )


class WebPortFlooded(OurError):
    """So many connections come to the web port that others have to go."""

    code = "web.flooded"
    sentence = (
        "The web port is flooded with connections on which nobody signs in: the oldest go for new "
        "ones. Whoever is signed in is not concerned; find where they come from, and keep them off."
    )


class RecordFenced(OurError):
    """Another start of a node has taken the record over."""

    code = "record.fenced"
    sentence = "Another node of this party writes the record now; this one stopped."


class TilesMalformed(OurError):
    """What was stored of a log's tree or entries is not what was written."""

    code = "record.tiles_malformed"
    sentence = "The stored {what} of the record is damaged."
    fields = ("what",)


class PolicyMalformed(OurError):
    """A text that says who must hold the record is not a policy."""

    code = "record.policy_malformed"
    sentence = "The policy of the record cannot be used (line {line}: {reason})."
    fields = ("line", "reason")


class SampleFailed(OurError):
    """The two sample nodes did not come up."""

    code = "node.sample_failed"
    sentence = (
        "The sample nodes in {folder} did not start; see log.jsonl there, or start "
        "afresh: parley try --fresh."
    )
    fields = ("folder",)


class AlertUnknown(OurError):
    """Somebody asks for an alert that is not here."""

    code = "alert.unknown"
    sentence = "There is no such alert here."


class DraftUnknown(OurError):
    """Somebody asks for a draft that is not here."""

    code = "alert.draft_unknown"
    sentence = "There is no such draft here."


class AlertTextRefused(OurError):
    """A text of ours could be misread, or is too long."""

    code = "alert.text_refused"
    sentence = "The text cannot go like this: {reason}, at character {place}."
    fields = ("reason", "place")


class AlertGuardRefused(OurError):
    """Something must be true before this may be done with an alert, and it is not."""

    code = "alert.guard_refused"
    sentence = "This must be true first: {guard}."
    fields = ("guard",)


class PlanRefused(OurError):
    """A plan of watches and escalation cannot be read."""

    code = "plan.refused"
    sentence = "The plan cannot stand like this: {reason}, at {place}."
    fields = ("place", "reason")


class PlanUnknown(OurError):
    """A version of the plan is asked for that is not here."""

    code = "plan.unknown"
    sentence = "There is no such version of the plan."


class PlanGuardRefused(OurError):
    """Something must be true before a version of the plan is put in force, and it is not."""

    code = "plan.guard_refused"
    sentence = "This must be true first: {guard}."
    fields = ("guard",)


class OverrideUnknown(OurError):
    """An override of a roster is named that is not there, or is over."""

    code = "override.unknown"
    sentence = "There is no such override."


class NoticeUnknown(OurError):
    """A notice is named that is not there."""

    code = "notice.unknown"
    sentence = "There is no such notice."


class DutyDeviceRefused(OurError):
    """A browser asks to be called by a push service that this node does not call."""

    code = "duty_device.refused"
    sentence = "This device cannot be called: {reason}."
    fields = ("reason",)


class DutyDeviceUnknown(OurError):
    """A device is named that is not called by this node."""

    code = "duty_device.unknown"
    sentence = "There is no such device."


class ChromiumMissing(OurError):
    """A drill with a real browser found none."""

    code = "drill.chromium_missing"
    sentence = "Chromium is not installed; get it with: {command}."
    fields = ("command",)


class NothingCame(OurError):
    """A drill waited for sound or pictures from the far side, and none came."""

    code = "drill.nothing_came"
    sentence = "No {what} came from the other side."
    fields = ("what",)


class RoomUnknown(OurError):
    """A room id names no room of ours."""

    code = "room.unknown"
    sentence = "No room {room} is known here."
    fields = ("room",)


class RoomClosed(OurError):
    """Something was asked of a room that is closed."""

    code = "room.closed"
    sentence = "The room is closed."
    fields = ("room",)


class RoomByName(OurError):
    """Somebody who is not named wants into a room that is for named people of their party."""

    code = "room.by_name"
    sentence = "This room is for named people of your party, and you are none of them ({act})."
    fields = ("act",)


class RoomsTooMany(OurError):
    """Too many rooms are open."""

    code = "room.too_many"
    sentence = "This node keeps at most {rooms_max} rooms open."
    fields = ("rooms_max",)


class OfferRefused(OurError):
    """A page's WebRTC offer cannot be answered."""

    code = "room.offer_refused"
    sentence = "The browser's media offer was refused: {reason}."
    fields = ("reason",)


class NotJoined(OurError):
    """A frame needs a participant and none has joined."""

    code = "room.not_joined"
    sentence = "Join the room first."


class KeyFileUnreadable(OurError):
    """A key file is missing, open to others, or damaged."""

    code = "terminal.key_unreadable"
    sentence = "{file} is not a key file that Parley can use: {reason}."
    fields = ("file", "reason")


class KeyFileLocked(OurError):
    """A key file saw a wrong PIN too often."""

    code = "terminal.key_locked"
    sentence = "The PIN was wrong {number_max} times; this key file is locked. Enrol another."
    fields = ("number_max",)


class PinWrong(OurError):
    """The PIN of a key file was wrong."""

    code = "terminal.pin_wrong"
    sentence = "That is not the PIN; {left} more tries before this key file locks."
    fields = ("left",)


class PinTooSoon(OurError):
    """A key file waits after a wrong PIN."""

    code = "terminal.pin_too_soon"
    sentence = "The PIN was wrong before; try again in {seconds} s."
    fields = ("seconds",)


class PinTooShort(OurError):
    """A PIN for a new key file is too short or too long."""

    code = "terminal.pin_too_short"
    sentence = "A PIN has {characters_min} to {characters_max} characters."
    fields = ("characters_min", "characters_max")


class SecurityKeyMissing(OurError):
    """No USB security key was found."""

    code = "terminal.security_key_missing"
    sentence = "No security key is plugged in that this program may use."


class SecurityKeyRefused(OurError):
    """A USB security key did not do what was asked."""

    code = "terminal.security_key_refused"
    sentence = "The security key did not sign: {reason}."
    fields = ("reason",)


class CeremonyRefused(OurError):
    """A node asked a terminal's key for something it does not sign."""

    code = "terminal.ceremony_refused"
    sentence = "The node asked for a signature that is not given: {reason}."
    fields = ("reason",)


class SigningDeclined(OurError):
    """The person did not confirm what was to be signed."""

    code = "terminal.declined"
    sentence = "Nothing was signed."


class TerminalNeeded(OurError):
    """A binding act was tried without a terminal."""

    code = "terminal.needed"
    sentence = "What binds is asked of a person at a terminal; this is none."


class NodeUnreachable(OurError):
    """A terminal does not reach its node."""

    code = "terminal.node_unreachable"
    sentence = "The node does not answer: {reason}."
    fields = ("reason",)


class NodeUntrusted(OurError):
    """A node shows a certificate that a terminal does not trust."""

    code = "terminal.node_untrusted"
    sentence = "The node's certificate is not one this terminal trusts."


class NodeInsecure(OurError):
    """An address would be spoken to in the clear."""

    code = "terminal.node_insecure"
    sentence = "A node is spoken to by https, or by http on this very machine."


class NodeMalformed(OurError):
    """A node's answer to a terminal is not what it should be."""

    code = "terminal.node_malformed"
    sentence = "The node's answer cannot be read."


class NodeSaidNo(OurError):
    """A node refused with a code that this program does not know."""

    code = "terminal.node_said_no"
    sentence = "The node refused ({said})."
    fields = ("said",)


class TerminalUnenrolled(OurError):
    """A terminal command needs a key and finds none."""

    code = "terminal.unenrolled"
    sentence = "No key is enrolled here; begin with `parley desk enrol`."


class EncodingRefused(TheirError):
    """Foreign bytes are not strict CBOR."""

    code = "encoding.refused"
    sentence = "The bytes are not deterministic CBOR: {reason}."
    fields = ("reason",)


class CardMalformed(TheirError):
    """A party card does not have the agreed form."""

    code = "card.malformed"
    sentence = "The party card is damaged or not a party card (at {field})."
    fields = ("field",)


class CardSignatureWrong(TheirError):
    """A party card was changed after it was signed."""

    code = "card.signature_wrong"
    sentence = "The party card is not signed by the key it names."


class CardExpired(TheirError):
    """A party card is past its last day."""

    code = "card.expired"
    sentence = "The party card has expired; ask the other party for a new one."


class CardFromFuture(TheirError):
    """A party card's first instant has not come yet."""

    code = "card.from_future"
    sentence = "The party card was made in the future; one of the two clocks is wrong."


class ClaimName(TheirError):
    """A party claims the name another party was paired under."""

    code = "claim.name"
    sentence = "The party {party} claims a name that another party was paired under."
    fields = ("party",)


class ClaimKeySwapped(TheirError):
    """A party known by name appears with another key."""

    code = "claim.key_swapped"
    sentence = "The party {party} was paired under another key."
    fields = ("party",)


class ClockSkewed(TheirError):
    """The other party's clock and ours differ by more than a line can bear."""

    code = "claim.clock_skewed"
    sentence = "The clock of {party} differs from ours by {seconds} s."
    fields = ("party", "seconds")


class LetterMalformed(TheirError):
    """A letter cannot be read."""

    code = "letter.malformed"
    sentence = "A letter of topic {topic} does not have the agreed form."
    fields = ("topic",)


class LetterUnagreed(TheirError):
    """A letter other than the agreement came before both sides had confirmed."""

    code = "letter.unagreed"
    sentence = "{party} wrote before both sides had confirmed the line."
    fields = ("party",)


class LetterUnknown(TheirError):
    """A letter has a topic this version does not know."""

    code = "letter.unknown"
    sentence = "Nobody here reads letters of topic {topic}."
    fields = ("topic",)


class LettersTooMany(TheirError):
    """A party writes more letters of a kind than are taken of it in a while."""

    code = "letter.too_many"
    sentence = "More letters of a kind than are taken in a while."


class EntryMalformed(TheirError):
    """An entry does not have the agreed form."""

    code = "entry.malformed"
    sentence = "An entry of the record does not have the agreed form (at {field})."
    fields = ("field",)


class EntryNewer(EntryMalformed):
    """An entry has the form of a later version than this node reads."""

    code = "entry.newer"
    sentence = (
        "An entry has the form of a later version (at {field}): it is kept, and read once this "
        "node is updated."
    )


class EntryKindUnknown(TheirError):
    """An entry is of a kind that this version does not know; it is held all the same."""

    code = "entry.kind_unknown"
    sentence = "An entry is of a kind that this version does not know: update this node."


class EntryNotTheirs(TheirError):
    """An entry in a party's log names another party or another space."""

    code = "entry.not_theirs"
    sentence = "An entry in the log of {party} names another author or space."
    fields = ("party",)


class NoteMalformed(TheirError):
    """Text that should be a signed note or a checkpoint is not."""

    code = "note.malformed"
    sentence = "The signed note is damaged: {reason}."
    fields = ("reason",)


class NoteSignatureWrong(TheirError):
    """A signature by a known key does not belong to the text above it."""

    code = "note.signature_wrong"
    sentence = "The signature of {name} does not hold."
    fields = ("name",)


class NoteUnsigned(TheirError):
    """A note carries no signature by the key it needs."""

    code = "note.unsigned"
    sentence = "The note is not signed by {name}."
    fields = ("name",)


class ProofWrong(TheirError):
    """A proof over the record's tree does not show what it should."""

    code = "proof.wrong"
    sentence = "The proof does not hold: {reason}."
    fields = ("reason",)


class LogUnknown(TheirError):
    """A letter is about a log that nobody here keeps."""

    code = "log.unknown"
    sentence = "No log of that origin is kept here."


class EvidenceWrong(TheirError):
    """What is said to show a fork or a roll-back of a log does not."""

    code = "evidence.wrong"
    sentence = "The evidence shows nothing: {reason}."
    fields = ("reason",)


class RootWrong(TheirError):
    """A manifest of a party's root does not hold, or does not follow from the pinned one."""

    code = "root.wrong"
    sentence = "The root's manifest does not hold: {reason}."
    fields = ("reason",)


class LogFrozen(TheirError):
    """A log was frozen by its party's root; what its key signs after that is set aside."""

    code = "log.frozen"
    sentence = "The log is frozen: its party's root says that its key is known to others."


class RoomForged(TheirError):
    """A statement about a room is not signed by the party it names."""

    code = "room.forged"
    sentence = "A room statement handed over by {party} is not signed by the party it names."
    fields = ("party",)


class RoomNotTheirs(TheirError):
    """A party spoke about a room it is not listed in."""

    code = "room.not_theirs"
    sentence = "{party} spoke about a room it does not belong to."
    fields = ("party",)


class RoomConflict(TheirError):
    """Two openings of one room differ."""

    code = "room.conflict"
    sentence = "{party} handed over a second, different opening of a room we know."
    fields = ("party",)


class RoomsFlooded(TheirError):
    """A party announces more rooms than a node keeps."""

    code = "room.flooded"
    sentence = "{party} announced more than {rooms_max} rooms."
    fields = ("party", "rooms_max")


class LabelForged(TheirError):
    """A participant's label is not signed by the party it is said to be from."""

    code = "room.label_forged"
    sentence = "A participant's label was not signed by the party {party} it names."
    fields = ("party",)


def every_error() -> Iterator[type[ParleyError]]:
    """Yield every error of the tree that has a code, in the order of this file."""
    for branch in (OurError, TheirError):
        for kind in branch.__subclasses__():
            yield kind
            yield from kind.__subclasses__()
