//! The line without I/O: paths, lanes, probes and resumption above quinn-proto.

#![allow(
    clippy::similar_names,
    reason = "lines, links and lanes are what this crate is about"
)]

mod arrive;
mod config;
mod control;
mod drive;
mod error;
mod event;
mod keys;
mod letters_in;
mod letters_out;
mod line;
mod lines;
mod link;
mod media_in;
mod media_out;
mod meet;
mod narrow;
mod pacer;
mod parity;
mod rate;
mod refusal;
mod state;
mod transport;
mod write;

pub use config::{
    CEILING_BPS_DEFAULT, Carrier, FLOOR_BPS_DEFAULT, LineConfig, LinesConfig, PATHS_MAX, PathConfig,
};
pub use error::{LineError, OurError, TheirError};
pub use event::{
    LaneStatus, LetterId, LineCounters, LineEvent, LineId, LineStatus, MediaUnit, PathStatus,
    Transmit, UNIT_BYTES_MAX,
};
pub use keys::{party_id, public_key};
pub use lines::Lines;
pub use parley_wire::line::Lane;
pub use quinn_proto::EcnCodepoint;
pub use refusal::{Refusal, Refusals};
pub use state::{LineState, PathEvent, PathState, path_table};
