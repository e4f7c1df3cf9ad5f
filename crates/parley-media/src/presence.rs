//! Whether a browser is still there.
//!
//! ```text
//!               established                    lost
//!  Connecting ──────────────▶ Connected ◀────────────▶ Silent
//!      │                          │         back          │
//!      │ deadline                 │ closed                │ deadline
//!      └──────────────▶ Gone ◀────┴───────────────────────┘
//! ```
//!
//! A fault of the engine leads to Gone from everywhere.

use std::time::{Duration, Instant};

use crate::event::LeaveReason;

/// How long a browser may take to connect. More keeps the ghost of a page that was closed; less
/// turns away people on slow or filtered networks who try one address after another.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// How long a connected browser may be silent. More shows a frozen picture for longer; less ends a
/// call over a change of networks that the page mends by itself.
const SILENT_AT_MOST: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Connecting { until: Instant },
    Connected,
    Silent { until: Instant },
    Gone,
}

/// What happened to the browser's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PresenceEvent {
    /// ICE and DTLS are done.
    Established,
    /// Nothing comes from the browser any more.
    Lost,
    /// It comes again.
    Back,
    /// The browser said goodbye.
    Closed,
    /// The engine broke.
    Fault,
    /// Time has passed.
    Tick,
}

/// What the relay has to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PresenceAction {
    Nothing,
    AnnounceConnected,
    Remove(LeaveReason),
}

impl Presence {
    pub(crate) fn begin(now: Instant) -> Self {
        Self::Connecting {
            until: now + CONNECT_WITHIN,
        }
    }

    pub(crate) fn apply(&mut self, event: PresenceEvent, now: Instant) -> PresenceAction {
        use PresenceEvent::{Back, Closed, Established, Fault, Lost, Tick};
        let (next, action) = match (*self, event) {
            (Self::Gone, _) => (Self::Gone, PresenceAction::Nothing),
            (_, Fault) => (Self::Gone, PresenceAction::Remove(LeaveReason::Fault)),
            (_, Closed) => (Self::Gone, PresenceAction::Remove(LeaveReason::Closed)),
            (Self::Connecting { .. }, Established) => {
                (Self::Connected, PresenceAction::AnnounceConnected)
            }
            (Self::Connected | Self::Silent { .. }, Established) => {
                (Self::Connected, PresenceAction::Nothing)
            }
            (Self::Connected, Lost) => (
                Self::Silent {
                    until: now + SILENT_AT_MOST,
                },
                PresenceAction::Nothing,
            ),
            (Self::Silent { .. }, Back) => (Self::Connected, PresenceAction::Nothing),
            (Self::Connecting { until } | Self::Silent { until }, Tick) if until <= now => {
                (Self::Gone, PresenceAction::Remove(LeaveReason::TimedOut))
            }
            (same @ (Self::Connecting { .. } | Self::Silent { .. }), Lost | Back | Tick)
            | (same @ Self::Connected, Back | Tick) => (same, PresenceAction::Nothing),
        };
        *self = next;
        action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state against every event.
    #[test]
    fn the_table_of_states_and_events_holds() {
        use PresenceAction::{AnnounceConnected, Nothing, Remove};
        use PresenceEvent::{Back, Closed, Established, Fault, Lost, Tick};
        let start = crate::testing::start();
        let connecting = Presence::begin(start);
        let silent = Presence::Silent {
            until: start + SILENT_AT_MOST,
        };
        let (connected, gone) = (Presence::Connected, Presence::Gone);
        let soon = start + Duration::from_secs(1);
        let late = start + Duration::from_secs(31);
        let silent_soon = Presence::Silent {
            until: soon + SILENT_AT_MOST,
        };
        let (closed, fault, timed_out) = (
            Remove(LeaveReason::Closed),
            Remove(LeaveReason::Fault),
            Remove(LeaveReason::TimedOut),
        );
        let table = [
            (connecting, Established, soon, connected, AnnounceConnected),
            (connecting, Lost, soon, connecting, Nothing),
            (connecting, Back, soon, connecting, Nothing),
            (connecting, Closed, soon, gone, closed),
            (connecting, Fault, soon, gone, fault),
            (connecting, Tick, soon, connecting, Nothing),
            (connecting, Tick, late, gone, timed_out),
            (connected, Established, soon, connected, Nothing),
            (connected, Lost, soon, silent_soon, Nothing),
            (connected, Back, soon, connected, Nothing),
            (connected, Closed, soon, gone, closed),
            (connected, Fault, soon, gone, fault),
            (connected, Tick, late, connected, Nothing),
            (silent, Established, soon, connected, Nothing),
            (silent, Lost, soon, silent, Nothing),
            (silent, Back, soon, connected, Nothing),
            (silent, Closed, soon, gone, closed),
            (silent, Fault, soon, gone, fault),
            (silent, Tick, soon, silent, Nothing),
            (silent, Tick, late, gone, timed_out),
            (gone, Established, soon, gone, Nothing),
            (gone, Lost, soon, gone, Nothing),
            (gone, Back, soon, gone, Nothing),
            (gone, Closed, soon, gone, Nothing),
            (gone, Fault, soon, gone, Nothing),
            (gone, Tick, late, gone, Nothing),
        ];
        for (before, event, at, after, action) in table {
            let mut presence = before;
            assert_eq!(presence.apply(event, at), action, "{before:?} {event:?}");
            assert_eq!(presence, after, "{before:?} {event:?}");
        }
    }
}
