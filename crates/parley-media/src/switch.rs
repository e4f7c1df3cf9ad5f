//! How a slot goes from one layer to another without the picture breaking.
//!
//! A decoder can only begin with a key frame, so a slot keeps showing what it shows until the layer
//! it wants has one.
//!
//! ```text
//!            aim                key frame                 aim at another
//!   Empty ─────────▶ Waiting ──────────────▶ Live ─────────────────────────▶ Switching
//!     ▲                 │ ▲                   │ ▲      key frame of it, or        │
//!     └── aim at none ──┴─┼───────────────────┘ └────── aim back at what flows ───┤
//!                         └──── the source began anew ────────────────────────────┘
//! ```

/// Which layer a slot shows and which it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Switch {
    #[default]
    Empty,
    Waiting {
        to: u8,
    },
    Live {
        on: u8,
    },
    Switching {
        on: u8,
        to: u8,
    },
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It goes on what the viewer has.
    Forward,
    /// It begins the layer: the numbers have to be taken over first.
    Begin,
    /// It is not for this viewer.
    Drop,
}

impl Switch {
    /// Aims at a layer, or at none; returns a layer a key frame is needed of.
    pub(crate) fn aim(&mut self, target: Option<u8>) -> Option<u8> {
        let (next, needs) = match (*self, target) {
            (_, None) => (Self::Empty, None),
            (Self::Empty, Some(to)) => (Self::Waiting { to }, Some(to)),
            (Self::Waiting { to: old }, Some(to)) => {
                (Self::Waiting { to }, (old != to).then_some(to))
            }
            (Self::Live { on } | Self::Switching { on, .. }, Some(to)) if on == to => {
                (Self::Live { on }, None)
            }
            (Self::Live { on }, Some(to)) => (Self::Switching { on, to }, Some(to)),
            (Self::Switching { on, to: old }, Some(to)) => {
                (Self::Switching { on, to }, (old != to).then_some(to))
            }
        };
        *self = next;
        needs
    }

    /// Decides about a packet of `layer`.
    pub(crate) fn admit(&mut self, layer: u8, starts_key_frame: bool) -> Admission {
        match *self {
            Self::Waiting { to } | Self::Switching { to, .. }
                if to == layer && starts_key_frame =>
            {
                *self = Self::Live { on: to };
                Admission::Begin
            }
            Self::Live { on } | Self::Switching { on, .. } if on == layer => Admission::Forward,
            Self::Empty | Self::Waiting { .. } | Self::Live { .. } | Self::Switching { .. } => {
                Admission::Drop
            }
        }
    }

    /// The source began anew: nothing that comes can be decoded until a key frame does. Returns the
    /// layer one is needed of.
    pub(crate) fn interrupt(&mut self) -> Option<u8> {
        let to = self.target()?;
        *self = Self::Waiting { to };
        Some(to)
    }

    /// The layer the viewer will have.
    pub(crate) fn target(self) -> Option<u8> {
        match self {
            Self::Empty => None,
            Self::Live { on } => Some(on),
            Self::Waiting { to } | Self::Switching { to, .. } => Some(to),
        }
    }

    /// The layer the viewer has.
    pub(crate) fn live(self) -> Option<u8> {
        match self {
            Self::Empty | Self::Waiting { .. } => None,
            Self::Live { on } | Self::Switching { on, .. } => Some(on),
        }
    }

    /// The layer a key frame is waited for.
    pub(crate) fn awaited(self) -> Option<u8> {
        match self {
            Self::Waiting { to } | Self::Switching { to, .. } => Some(to),
            Self::Empty | Self::Live { .. } => None,
        }
    }

    /// Whether packets of the layer matter to this slot.
    pub(crate) fn listens_to(self, layer: u8) -> bool {
        self.live() == Some(layer) || self.awaited() == Some(layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [Switch; 4] = [
        Switch::Empty,
        Switch::Waiting { to: 1 },
        Switch::Live { on: 1 },
        Switch::Switching { on: 0, to: 1 },
    ];

    /// Every state against aiming at none, the lowest, the present and the highest layer.
    #[test]
    fn the_table_of_aims_holds() {
        use Switch::{Empty, Live, Switching, Waiting};
        let expected = [
            [
                (Empty, None),
                (Waiting { to: 0 }, Some(0)),
                (Waiting { to: 1 }, Some(1)),
                (Waiting { to: 2 }, Some(2)),
            ],
            [
                (Empty, None),
                (Waiting { to: 0 }, Some(0)),
                (Waiting { to: 1 }, None),
                (Waiting { to: 2 }, Some(2)),
            ],
            [
                (Empty, None),
                (Switching { on: 1, to: 0 }, Some(0)),
                (Live { on: 1 }, None),
                (Switching { on: 1, to: 2 }, Some(2)),
            ],
            [
                (Empty, None),
                (Live { on: 0 }, None),
                (Switching { on: 0, to: 1 }, None),
                (Switching { on: 0, to: 2 }, Some(2)),
            ],
        ];
        for (state, row) in STATES.into_iter().zip(expected) {
            for (target, (after, needs)) in [None, Some(0), Some(1), Some(2)].into_iter().zip(row) {
                let mut switch = state;
                assert_eq!(switch.aim(target), needs, "{state:?} {target:?}");
                assert_eq!(switch, after, "{state:?} {target:?}");
            }
        }
    }

    /// Every state against a key frame and a later packet of each layer.
    #[test]
    fn the_table_of_packets_holds() {
        use Admission::{Begin, Drop, Forward};
        let expected = [
            [(Drop, Drop), (Drop, Drop), (Drop, Drop)],
            [(Drop, Drop), (Begin, Drop), (Drop, Drop)],
            [(Drop, Drop), (Forward, Forward), (Drop, Drop)],
            [(Forward, Forward), (Begin, Drop), (Drop, Drop)],
        ];
        for (state, row) in STATES.into_iter().zip(expected) {
            for (layer, (key_frame, later)) in (0..).zip(row) {
                let mut switch = state;
                assert_eq!(switch.admit(layer, true), key_frame, "{state:?} {layer}");
                let after = if key_frame == Begin {
                    Switch::Live { on: layer }
                } else {
                    state
                };
                assert_eq!(switch, after);
                let mut switch = state;
                assert_eq!(switch.admit(layer, false), later, "{state:?} {layer}");
                assert_eq!(switch, state);
            }
        }
    }

    #[test]
    fn a_source_that_begins_anew_is_waited_for() {
        let expected = [None, Some(1), Some(1), Some(1)];
        for (state, needs) in STATES.into_iter().zip(expected) {
            let mut switch = state;
            assert_eq!(switch.interrupt(), needs);
            assert_eq!(switch.live(), None);
        }
    }

    #[test]
    fn a_slot_listens_to_what_it_shows_and_what_it_waits_for() {
        let listening = |switch: Switch| [0, 1, 2].map(|layer| switch.listens_to(layer));
        assert_eq!(listening(Switch::Empty), [false; 3]);
        assert_eq!(listening(Switch::Waiting { to: 1 }), [false, true, false]);
        assert_eq!(listening(Switch::Live { on: 2 }), [false, false, true]);
        assert_eq!(
            listening(Switch::Switching { on: 0, to: 2 }),
            [true, false, true]
        );
    }
}
