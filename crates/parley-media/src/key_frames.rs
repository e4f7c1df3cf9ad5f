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

    /// Every state against every event: whether it asks, and whether it then is idle.
    #[test]
    fn the_table_of_states_and_events_holds() {
        let start = Instant::now();
        let idle = KeyFrameGate::new(0, Distance::Local);
        let mut asked = idle;
        assert!(asked.want(start));
        let mut asked_twice = asked;
        assert!(!asked_twice.want(start + MS));
        type Event = fn(&mut KeyFrameGate, Instant) -> bool;
        let want: Event = KeyFrameGate::want;
        let arrived: Event = |gate, _| {
            gate.arrived();
            false
        };
        let tick_needed: Event = |gate, now| gate.tick(now, true);
        let tick: Event = |gate, now| gate.tick(now, false);
        let (soon, late) = (start + 100 * MS, start + 200 * MS);
        let table: [(&str, KeyFrameGate, Event, Instant, bool, bool); 16] = [
            ("idle, want", idle, want, soon, true, false),
            ("idle, key frame", idle, arrived, soon, false, true),
            ("idle, tick, needed", idle, tick_needed, soon, true, false),
            ("idle, tick", idle, tick, soon, false, true),
            ("asked, want soon", asked, want, soon, false, false),
            ("asked, want late", asked, want, late, true, false),
            ("asked, key frame", asked, arrived, soon, false, true),
            (
                "asked, tick soon, needed",
                asked,
                tick_needed,
                soon,
                false,
                false,
            ),
            ("asked, tick soon", asked, tick, soon, false, false),
            (
                "asked, tick late, needed",
                asked,
                tick_needed,
                late,
                true,
                false,
            ),
            ("asked, tick late", asked, tick, late, false, true),
            (
                "asked twice, want soon",
                asked_twice,
                want,
                soon,
                false,
                false,
            ),
            (
                "asked twice, key frame",
                asked_twice,
                arrived,
                soon,
                false,
                true,
            ),
            (
                "asked twice, tick soon",
                asked_twice,
                tick,
                soon,
                false,
                false,
            ),
            (
                "asked twice, tick late, needed",
                asked_twice,
                tick_needed,
                late,
                true,
                false,
            ),
            (
                "asked twice, tick late",
                asked_twice,
                tick,
                late,
                true,
                false,
            ),
        ];
        for (name, mut gate, event, at, asks, is_idle) in table {
            assert_eq!(event(&mut gate, at), asks, "{name}");
            assert_eq!(gate.state == State::Idle, is_idle, "{name}");
        }
    }

    #[test]
    fn better_pictures_and_far_sources_are_asked_less_often() {
        let now = Instant::now();
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
