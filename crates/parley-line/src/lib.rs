//! The line without I/O: paths, lanes, probes and resumption above quinn-proto.

mod config;
mod error;
mod event;
mod keys;
mod refusal;
mod state;

pub use config::{
    CEILING_BPS_DEFAULT, Carrier, FLOOR_BPS_DEFAULT, LineConfig, LinesConfig, PATHS_MAX, PathConfig,
};
pub use error::{LineError, OurError, TheirError};
pub use event::{
    LaneStatus, LetterId, LineCounters, LineEvent, LineId, LineStatus, MediaUnit, PathStatus,
    Transmit, UNIT_BYTES_MAX,
};
pub use keys::{party_id, public_key};
pub use parley_wire::line::Lane;
pub use quinn_proto::EcnCodepoint;
pub use refusal::{Refusal, Refusals};
pub use state::{LineState, PathEvent, PathState, path_table};
