//! How one media shard is set up.

use std::net::SocketAddr;

use parley_wire::ids::PartyId;

/// Set once, when the node starts.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// The party whose relay this is; the last hop of every route it advertises.
    pub party: PartyId,
    /// UDP addresses browsers can reach us at. Packets arrive with one of them as destination.
    pub udp: Vec<SocketAddr>,
    /// TCP addresses browsers can open a connection to (RFC 6544, passive).
    pub tcp: Vec<SocketAddr>,
    /// Distinguishes this run of the node from earlier ones, in snapshots sent to other relays.
    /// Any number that was not used before will do; the time of start in microseconds is usual.
    pub epoch: u64,
    /// Most people on this shard. More costs about 400 KiB each; fewer turns people away.
    pub participants_max: usize,
    /// What a viewer's downlink is taken to carry before the first estimate. More risks a burst of
    /// loss on a thin line; less starts every call on the smallest picture.
    pub first_estimate_bps: u64,
    /// What one line may bring in before its media is set aside, as a guard against a hostile or
    /// broken neighbour. More lets it cost us more; less cuts into honest rooms.
    pub line_rate_max_bps: u64,
    /// What one person's browser may bring in, counted once it is proved to be theirs. Camera and
    /// screen are about 8 Mbit/s. More lets one page cost everybody who watches it more; less cuts
    /// into honest pictures.
    pub publisher_rate_max_bps: u64,
}

impl RelayConfig {
    /// The usual limits for a party's relay without any address yet.
    #[must_use]
    pub const fn new(party: PartyId, epoch: u64) -> Self {
        Self {
            party,
            udp: Vec::new(),
            tcp: Vec::new(),
            epoch,
            participants_max: 400,
            first_estimate_bps: 1_500_000,
            line_rate_max_bps: 200_000_000,
            publisher_rate_max_bps: 30_000_000,
        }
    }
}
