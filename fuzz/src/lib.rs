//! Every parser of foreign bytes, as a function that must return whatever the bytes are.
//!
//! A target feeds bytes to one parser; what the parser accepts must survive being written and read
//! again. `just fuzz` lists the targets, `just fuzz NAME SECONDS` searches with libFuzzer. Inputs
//! under `seeds/NAME/` start a search, inputs under `regressions/NAME/` once broke something; both
//! are replayed by `cargo test`.

mod media;
mod wire;

/// One parser under search.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: the folder of its inputs and the argument of `just fuzz`.
    pub name: &'static str,
    /// Feeds it one input.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "relay_border",
        run: media::border,
    },
    Target {
        name: "relay_offer",
        run: media::offer,
    },
    Target {
        name: "relay_packet",
        run: media::packet,
    },
    Target {
        name: "relay_reports",
        run: media::reports,
    },
    Target {
        name: "line_datagram",
        run: wire::line_datagram,
    },
    Target {
        name: "line_prelude",
        run: wire::line_prelude,
    },
    Target {
        name: "media_frame",
        run: wire::media_frame,
    },
    Target {
        name: "room_control",
        run: wire::room_control,
    },
];

/// Returns the target of that name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}
