//! The relay without I/O: rooms, layers and fan-out above str0m.
//!
//! *How does a picture get from one browser to another?* A browser sends its camera to its own
//! node, encrypted, as up to three layers. The engine (`str0m`, one instance per person) takes it
//! apart into RTP packets. The relay reads of each payload what it must (`payload`), notes it in
//! the track (`track`), and gives it to everyone who is to have it (`forward`): viewers on the
//! same node, whose numbers it makes continuous (`rewrite`) and whose packets it seals and paces
//! itself (`egress`), and lines to other nodes, where it travels with its own numbers in a media
//! frame (`parley_wire::room`). The relay at the other end of a line does the same with what it
//! receives.
//!
//! *Who decides what is sent?* The one who receives. A page says what it shows and how tall; the
//! relay chooses the layer that is tall enough and fits the way to the browser (`layers`). Across
//! a line a relay wants the union of what its people and the relays behind it watch, and the relay
//! that sends decides what of that fits the line, in order of urgency (`allocator`), and says what
//! it kept back and why.
//!
//! *And if it fails?* A viewer who has lost the picture asks for a key frame; requests are
//! gathered (`key_frames`). A line that goes down is replaced by another way to the same people
//! where there is one (`routes`). An engine that breaks takes its own person with it and nobody
//! else. Whatever another institution sends that cannot be true is set aside and counted
//! ([`Refusal`]).
//!
//! Nothing here opens a socket or reads a clock. [`Relay`] is where to begin;
//! `docs/design/relay.md` is the long story.

mod allocator;
mod aside;
mod attachment;
mod border;
mod cache;
mod capture;
mod config;
mod connect;
mod counters;
mod demux;
mod egress;
mod error;
mod event;
mod forward;
mod frames;
mod holes;
mod key_frames;
mod layers;
mod line;
mod offer;
mod participant;
mod payload;
mod people;
mod presence;
mod rate;
mod relay;
pub mod rewrite;
mod room;
mod roster;
mod routes;
mod seats;
mod slot;
mod speakers;
mod supply;
mod switch;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tick;
mod timers;
mod track;
mod viewers;

pub use parley_wire::{
    ids::{ParticipantId, PartyId, RoomId, TrackId, TrackIndex},
    room::Codec,
};
pub use str0m::net::{DatagramSend, Protocol};

pub use config::RelayConfig;
pub use counters::{Flow, RelayCounters, Ways};
pub use error::{MediaError, OurMediaError, TheirMediaError};
pub use event::{
    AUDIO_SLOTS, Burst, LayerShortfall, LeaveReason, LineMedia, MediaLane, Packet, Reason, Refusal,
    RelayEvent, RelayOutput, RosterEntry, RosterTrackEntry, VIDEO_SLOTS, VideoSlotState,
};
pub use participant::ParticipantQuality;
pub use relay::{Joined, Relay, Watch};
