//! Settings of QUIC, each with its reason.

use crate::{
    control::{Control, LineCc},
    error::{LineError, OurError},
    keys::Identity,
    rate::Profile,
};
use quinn_proto::{
    AckFrequencyConfig, ClientConfig, EndpointConfig, HashedConnectionIdGenerator, IdleTimeout,
    ServerConfig, TimeSource, TransportConfig, VarInt,
    crypto::rustls::{QuicClientConfig, QuicServerConfig},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

/// Room for datagrams inside QUIC, bytes: about four packets. QUIC sends what it was given in the
/// order it was given, so the order is only ours as long as it is given little.
pub(crate) const DATAGRAM_BUFFER: usize = 5_600;

/// Silence after which a connection is given up. More keeps connections through longer outages
/// without a handshake; less frees memory sooner. Fail-over does not wait for it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Round trip assumed on a path that was never used. A lost first packet is repeated after three
/// times this; a longer real one costs one needless repeat.
const INITIAL_RTT: Duration = Duration::from_millis(150);

/// Longest delay of acknowledgements. More saves packets; less keeps the measured queue, whose
/// limits are 25 and 60 ms, free of waiting that is not the path's.
const ACK_DELAY_MAX: Duration = Duration::from_millis(10);

/// Packets acknowledged together, besides the first. With two, an acknowledgement per two packets.
const ACK_EVERY: u32 = 1;

/// Later packets that must arrive before one counts as lost, and the share of a round trip after
/// which it does. Paths that reorder would otherwise show loss that parity is then spent on; the
/// price is that real loss is repeated a few packets later.
const REORDER_PACKETS: u32 = 6;
const REORDER_TIME: f32 = 1.25;

/// Streams that the other party may have open: one greeting, one per letter lane, and those that
/// were abandoned by a cancelled letter or a change of path and are not yet forgotten.
pub(crate) const STREAMS_MAX: u32 = 16;

/// Bytes that may be on the way on one stream, and on one connection, before we read them: 600 ms
/// at 50 Mbit/s. They also bound what an unread stream costs us.
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 6 << 20;

/// Dials that may be in progress before we ask for proof of the address, and before we drop them.
pub(crate) const DIALS_UNPROVEN_MAX: usize = 32;
pub(crate) const DIALS_MAX: usize = 256;

fn transport(control: &Arc<Control>, profile: &Profile) -> Arc<TransportConfig> {
    let mut ack = AckFrequencyConfig::default();
    ack.max_ack_delay(Some(ACK_DELAY_MAX));
    ack.ack_eliciting_threshold(ACK_EVERY.into());
    let mut config = TransportConfig::default();
    config
        .max_idle_timeout(IdleTimeout::try_from(IDLE_TIMEOUT).ok())
        // Reports keep the path alive, and prove more than a ping would.
        .keep_alive_interval(None)
        .initial_rtt(profile.rtt.unwrap_or(INITIAL_RTT))
        .ack_frequency_config(Some(ack))
        .packet_threshold(REORDER_PACKETS)
        .time_threshold(REORDER_TIME)
        // 1,200 bytes pass everywhere (RFC 9000 §14); larger packets are found by probing.
        .initial_mtu(1_200)
        .min_mtu(1_200)
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(STREAMS_MAX.into())
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(CONNECTION_WINDOW.into())
        .send_window(u64::from(CONNECTION_WINDOW))
        .datagram_send_buffer_size(DATAGRAM_BUFFER)
        .datagram_receive_buffer_size(Some(256 << 10))
        // The spin bit tells onlookers our round-trip time (RFC 9000 §17.4) and tells us nothing.
        .allow_spin(false)
        .enable_segmentation_offload(false)
        .congestion_controller_factory(Arc::new(LineCc(Arc::clone(control))));
    Arc::new(config)
}

/// Settings to dial with.
pub(crate) fn dialling(
    tls: &Arc<rustls::ClientConfig>,
    control: &Arc<Control>,
    profile: &Profile,
) -> Result<ClientConfig, LineError> {
    let crypto = QuicClientConfig::try_from(Arc::clone(tls))
        .map_err(|error| OurError::Key(error.to_string()))?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(transport(control, profile));
    Ok(config)
}

/// Settings to be dialled with; [`for_connection`] completes them for each dial.
pub(crate) fn dialled(identity: &Identity, time: Arc<LineTime>) -> Result<ServerConfig, LineError> {
    let crypto = QuicServerConfig::try_from(identity.dialled()?)
        .map_err(|error| OurError::Key(error.to_string()))?;
    let mut config = ServerConfig::new(Arc::new(crypto), Arc::new(identity.token_key()));
    config.max_incoming(DIALS_MAX);
    config.incoming_buffer_size(16 << 10);
    config.incoming_buffer_size_total(1 << 20);
    config.time_source(time);
    let mut tokens = quinn_proto::ValidationTokenConfig::default();
    // Tokens for later visits save a round trip that only floods cost.
    tokens.sent(0);
    config.validation_token_config(tokens);
    Ok(config)
}

/// Settings for one dial that we accept: with a congestion controller of its own.
pub(crate) fn for_connection(base: &ServerConfig, control: &Arc<Control>) -> Arc<ServerConfig> {
    let mut config = base.clone();
    config.transport_config(transport(control, &Profile::default()));
    Arc::new(config)
}

/// Settings of an end point: one per socket and carrier.
pub(crate) fn endpoint(identity: &Identity, seed: [u8; 32]) -> EndpointConfig {
    let mut config = EndpointConfig::new(Arc::new(identity.reset_key()));
    config.rng_seed(Some(seed));
    let key = identity.connection_id_key();
    config.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(key)));
    // One version, so that a stranger gets no list of them.
    config.supported_versions(vec![1]);
    config
}

/// Time as address tokens see it: the line's own, so that nothing here reads a clock.
#[derive(Debug, Default)]
pub(crate) struct LineTime(AtomicU64);

impl LineTime {
    pub(crate) fn advance(&self, since_start: Duration) {
        let millis = u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX);
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl TimeSource for LineTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}
