//! The link-state machine: what a path, and the line above it, may truthfully claim.
//!
//! Both tables are complete: every state meets every event, and there is no wildcard arm.
//! [`path_table`] prints the first one; `docs/design/line.md` holds the print.

use std::fmt::Write as _;

/// What is known of one network path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathState {
    /// The other party has never been reached this way.
    Cold,
    /// The other party proves that it hears us.
    Up,
    /// Proof is overdue; media looks for another path.
    Suspect,
    /// There has been no proof for so long that the path counts as cut.
    Down,
}

/// What happens to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathEvent {
    /// Both keys were proven and both sides have introduced themselves.
    Established,
    /// The other party acknowledged something we sent.
    Proof,
    /// An acknowledgement is overdue.
    Silence,
    /// An acknowledgement is overdue by seconds.
    LongSilence,
    /// The connection ended: the other side closed it, it broke a rule, or it idled out.
    Lost,
}

impl PathState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Cold, Self::Up, Self::Suspect, Self::Down];

    /// The state after `event`.
    #[must_use]
    pub const fn after(self, event: PathEvent) -> Self {
        use PathEvent::{Established, LongSilence, Lost, Proof, Silence};
        match (self, event) {
            (Self::Cold | Self::Up | Self::Suspect | Self::Down, Established)
            | (Self::Up | Self::Suspect | Self::Down, Proof) => Self::Up,
            (Self::Cold, Proof | Silence | LongSilence | Lost) => Self::Cold,
            (Self::Up | Self::Suspect, Silence) => Self::Suspect,
            (Self::Up | Self::Suspect, LongSilence | Lost)
            | (Self::Down, Silence | LongSilence | Lost) => Self::Down,
        }
    }

    /// The word used in Python, in the interface and in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Up => "up",
            Self::Suspect => "suspect",
            Self::Down => "down",
        }
    }
}

impl PathEvent {
    /// All events.
    pub const ALL: [Self; 5] = [
        Self::Established,
        Self::Proof,
        Self::Silence,
        Self::LongSilence,
        Self::Lost,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::Proof => "proof",
            Self::Silence => "silence",
            Self::LongSilence => "long silence",
            Self::Lost => "lost",
        }
    }
}

/// What is known of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineState {
    /// The other party has never been reached.
    Cold,
    /// Every path that was ever up is up.
    Up,
    /// The line carries, but a path of it is suspect or down.
    Degraded,
    /// The line carried once and does not now.
    Cut,
}

impl LineState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Cold, Self::Up, Self::Degraded, Self::Cut];

    /// The state of a line whose paths are in these states.
    #[must_use]
    pub fn of(paths: impl IntoIterator<Item = PathState>) -> Self {
        paths.into_iter().fold(Self::Cold, Self::and)
    }

    /// Folds one more path in. A path that was never reached says nothing about the line.
    const fn and(self, path: PathState) -> Self {
        match (self, path) {
            (Self::Cold, PathState::Cold) => Self::Cold,
            (Self::Cold, PathState::Up) | (Self::Up, PathState::Cold | PathState::Up) => Self::Up,
            (Self::Cold | Self::Cut, PathState::Down) | (Self::Cut, PathState::Cold) => Self::Cut,
            (Self::Up | Self::Degraded, PathState::Suspect | PathState::Down)
            | (Self::Degraded, PathState::Cold | PathState::Up)
            | (Self::Cold, PathState::Suspect)
            | (Self::Cut, PathState::Up | PathState::Suspect) => Self::Degraded,
        }
    }

    /// The word used in Python, in the interface and in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Cut => "cut",
        }
    }
}

/// The path table as Markdown: states down, events across.
#[must_use]
pub fn path_table() -> String {
    let mut table = String::from("| |");
    for event in PathEvent::ALL {
        let _ = write!(table, " {} |", event.word());
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(PathEvent::ALL.len()));
    for state in PathState::ALL {
        let _ = write!(table, "\n| **{}** |", state.word());
        for event in PathEvent::ALL {
            let _ = write!(table, " {} |", state.after(event).word());
        }
    }
    table.push('\n');
    table
}
