//! When to ask a publisher for a frame that can be decoded alone.
//!
//! Twenty people who join in the same second want twenty key frames and need one. Every layer has a
//! gate: what is wanted while the gate is closed is asked for once when it opens, unless a key frame
//! has come meanwhile.
//!
//! ```text
//!            want / ask            want / -
//!   Idle ────────────────▶ Asked ──────────┐
//!    ▲ ▲                    │  ▲ └─────────┘
//!    │ └──── key frame ─────┘  │ timeout, still wanted / ask
//!    └──────── timeout, not wanted since
//! ```

use std::time::{Duration, Instant};

/// A key frame of the smallest picture is a few kilobytes, so it may be asked for soon again. More
/// shows a black tile for longer after a loss; less lets one bad viewer cost everyone bandwidth.
const PAUSE_BASE: Duration = Duration::from_millis(200);
/// Key frames of better pictures are ten times as large.
const PAUSE_UPPER: Duration = Duration::from_millis(500);
/// Across a line an answer takes a round trip of up to 600 ms (satellite) and the encoder's time;
/// asking again before that only costs.
const PAUSE_FAR: Duration = Duration::from_millis(900);

/// Where the layer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    Local,
    Far,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Asked {
        until: Instant,
        is_wanted_again: bool,
    },
}

/// Coalesces the requests for one layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFrameGate {
    pause: Duration,
    state: State,
}

impl KeyFrameGate {
    pub(crate) const fn new(layer: u8, distance: Distance) -> Self {
        let pause = match (distance, layer) {
            (Distance::Far, _) => PAUSE_FAR,
            (Distance::Local, 0) => PAUSE_BASE,
            (Distance::Local, _) => PAUSE_UPPER,
        };
        Self {
            pause,
            state: State::Idle,
        }
    }

    /// Somebody needs a key frame; returns whether to ask the source for it now.
    #[must_use]
    pub(crate) fn want(&mut self, now: Instant) -> bool {
        match self.state {
            State::Idle => {
                self.ask(now);
                true
            }
            State::Asked { until, .. } if until <= now => {
                self.ask(now);
                true
            }
            State::Asked { until, .. } => {
                self.state = State::Asked {
                    until,
                    is_wanted_again: true,
                };
                false
            }
        }
    }

    /// A key frame came.
    pub(crate) fn arrived(&mut self) {
        self.state = State::Idle;
    }

    /// Time has passed; `is_needed` tells whether somebody still waits. Returns whether to ask again.
    #[must_use]
    pub(crate) fn tick(&mut self, now: Instant, is_needed: bool) -> bool {
        match self.state {
            State::Idle => {
                if is_needed {
                    self.ask(now);
                }
                is_needed
            }
            State::Asked { until, .. } if until > now => false,
            State::Asked {
                is_wanted_again, ..
            } => {
                if is_needed || is_wanted_again {
                    self.ask(now);
                    true
                } else {
                    self.state = State::Idle;
                    false
                }
            }
        }
    }

    fn ask(&mut self, now: Instant) {
        self.state = State::Asked {
            until: now + self.pause,
            is_wanted_again: false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Want,
        KeyFrame,
        TickNeeded,
        Tick,
    }

    /// Every state against every event, soon and late: whether it asks, and whether it then is idle.
    #[test]
    fn the_table_of_states_and_events_holds() {
        use Event::{KeyFrame, Tick, TickNeeded, Want};
        const YES: bool = true;
        const NO: bool = false;
        let start = crate::testing::start();
        let idle = KeyFrameGate::new(0, Distance::Local);
        let mut asked = idle;
        assert!(asked.want(start));
        let mut again = asked;
        assert!(!again.want(start + MS));
        let (soon, late) = (start + 100 * MS, start + 200 * MS);
        let table = [
            (idle, Want, soon, YES, NO),
            (idle, KeyFrame, soon, NO, YES),
            (idle, TickNeeded, soon, YES, NO),
            (idle, Tick, soon, NO, YES),
            (asked, Want, soon, NO, NO),
            (asked, Want, late, YES, NO),
            (asked, KeyFrame, soon, NO, YES),
            (asked, TickNeeded, soon, NO, NO),
            (asked, TickNeeded, late, YES, NO),
            (asked, Tick, soon, NO, NO),
            (asked, Tick, late, NO, YES),
            (again, Want, soon, NO, NO),
            (again, Want, late, YES, NO),
            (again, KeyFrame, soon, NO, YES),
            (again, TickNeeded, soon, NO, NO),
            (again, TickNeeded, late, YES, NO),
            (again, Tick, soon, NO, NO),
            (again, Tick, late, YES, NO),
        ];
        for (before, event, at, asks, is_idle) in table {
            let mut gate = before;
            assert_eq!(apply(&mut gate, event, at), asks, "{before:?} {event:?}");
            assert_eq!(gate.state == State::Idle, is_idle, "{before:?} {event:?}");
        }
    }

    fn apply(gate: &mut KeyFrameGate, event: Event, now: Instant) -> bool {
        match event {
            Event::Want => gate.want(now),
            Event::KeyFrame => {
                gate.arrived();
                false
            }
            Event::TickNeeded => gate.tick(now, true),
            Event::Tick => gate.tick(now, false),
        }
    }

    #[test]
    fn better_pictures_and_far_sources_are_asked_less_often() {
        let now = crate::testing::start();
        for (layer, distance, pause) in [
            (0, Distance::Local, 200),
            (2, Distance::Local, 500),
            (0, Distance::Far, 900),
        ] {
            let mut gate = KeyFrameGate::new(layer, distance);
            assert!(gate.want(now));
            assert!(!gate.tick(now + (pause - 1) * MS, true));
            assert!(gate.tick(now + pause * MS, true));
        }
    }
}
