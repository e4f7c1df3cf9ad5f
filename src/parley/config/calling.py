"""The settings of what calls people who are not at a desk."""

from dataclasses import dataclass

from parley.config.kinds import (
    ADDRESS,
    FILE,
    WEBHOOK,
    Choice,
    Flag,
    ListOf,
    Text,
    Whole,
    Word,
    is_near,
    split_address,
)
from parley.config.sections_base import Section, setting


@dataclass(frozen=True)
class BoxSettings(Section):
    """A mail box that is nobody's own."""

    title = "escalation.box"
    essay = "A mail box that is nobody's own, such as that of a whole watch; repeat the table."

    name: str = setting(Word(), "", "What policies call it: `mail:NAME`.", optional=False)
    address: str = setting(Text(3, 254), "", "Where mail for it goes.", optional=False)


@dataclass(frozen=True)
class WebhookSettings(Section):
    """A program that is told."""

    title = "escalation.webhook"
    essay = (
        "A program of yours that is told by HTTP POST, signed with HMAC-SHA-256 over time and body "
        "(header `Parley-Signature`); repeat the table. No redirect is followed."
    )

    name: str = setting(Word(), "", "What policies call it: `webhook:NAME`.", optional=False)
    address: str = setting(
        WEBHOOK,
        "",
        "Where it listens. This very address is called, wherever it leads: it may be a private one "
        "because you write it here.",
        optional=False,
    )
    secret_file: str = setting(
        FILE,
        "",
        "File with the secret of the signature, readable by its owner alone.",
        optional=False,
    )


@dataclass(frozen=True)
class SirenSettings(Section):
    """A command that makes noise."""

    title = "escalation.siren"
    essay = (
        "A command of this machine that makes noise or switches a relay; repeat the table. It is "
        "started without a shell, with PARLEY_PRECEDENCE, PARLEY_NUMBER and PARLEY_EXERCISE set, "
        "and nothing an alert says."
    )

    name: str = setting(Word(), "", "What policies call it: `siren:NAME`.", optional=False)
    command: tuple[str, ...] = setting(
        ListOf(Text(1, 400), 1, 32),
        (),
        "The program, by its whole path, and its arguments.",
        optional=False,
    )
    seconds: int = setting(
        Whole(1, 50),
        20,
        "Seconds after which it is ended and counts as failed. More: a slow relay has its time. "
        "Less: a command that hangs is tried again sooner.",
    )


@dataclass(frozen=True)
class EscalationSettings(Section):
    """What calls people who are not at a desk."""

    title = "escalation"
    essay = (
        "What calls people who are not at a desk. Policies name these; who is called when is no "
        "setting but a plan, changed on the duty page by an engineer and a releaser together."
    )

    box: tuple[BoxSettings, ...] = ()
    webhook: tuple[WebhookSettings, ...] = ()
    siren: tuple[SirenSettings, ...] = ()
    shows_text: bool = setting(
        Flag(),
        default=False,
        meaning="Whether what leaves this machine has the alert's own words. False: only that an "
        "alert waits, with its precedence and number.",
    )
    mail_smtp: str = setting(
        ADDRESS, "", "SMTP server for mail, host and port. Empty: no mail is sent."
    )
    mail_security: str = setting(
        Choice("starttls", "tls", "none"),
        "starttls",
        "How the way to it is protected. None is for a server on this very machine alone.",
    )
    mail_from: str = setting(Text(0, 254), "", "The address mail comes from.")
    mail_account: str = setting(Text(0, 200), "", "Account at the mail server. Empty: none.")
    mail_password_file: str = setting(
        FILE, "", "File with the account's password, readable by its owner alone."
    )
    mail_authorities: str = setting(
        FILE, "", "Certificates (PEM) that vouch for the mail server. Empty: the machine's own."
    )
    push_contact: str = setting(
        Text(0, 254),
        "",
        "Where a push service's operator can write to you, mailto: or https: (RFC 8292 "
        "§2.1). Empty: no device is called by Web Push.",
    )
    push_services: tuple[str, ...] = setting(
        ListOf(Text(4, 200), 0, 32),
        (
            "https://fcm.googleapis.com",
            "https://updates.push.services.mozilla.com",
            "https://*.push.apple.com",
            "https://*.notify.windows.com",
        ),
        "Push services that may be called, by origin; a device of any other is refused, so that no "
        "browser can make this node call an address of its choice.",
    )

    def is_mail_open(self) -> bool:
        """Say whether mail would leave this machine for anybody on the way to read."""
        if not self.mail_smtp or self.mail_security != "none":
            return False
        return not is_near(split_address(self.mail_smtp)[0])
