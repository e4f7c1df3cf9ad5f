//! How a person's connection is made from their page's offer.

use parley_srtp::keys::{KeySlot, provider, with_key_slot};
use parley_wire::room::Codec;
use str0m::{
    Candidate, Rtc, RtcConfig,
    change::SdpOffer,
    config::DtlsCert,
    format::Codec as EngineCodec,
    media::{Mid, Pt},
    net::TcpType,
    rtp::Ssrc,
};

use std::time::{Duration, Instant};

use crate::{
    config::RelayConfig,
    egress::{HeaderPlan, StreamPlan},
    error::{MediaError, TheirMediaError},
    offer::{self, Places},
    slot::Slot,
};

/// How often the engine reports round trip and loss.
const STATS_EVERY: Duration = Duration::from_secs(1);

/// What the node shows browsers in DTLS. Made once: a key pair for every join would cost each
/// joiner a millisecond of everybody's time.
pub(crate) struct Identity {
    certificate: Option<DtlsCert>,
}

/// A connection the engine has made, and where its keys will be.
pub(crate) struct Connection {
    pub(crate) rtc: Rtc,
    pub(crate) answer: String,
    pub(crate) keys: KeySlot,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let certificate = provider().dtls_provider.generate_certificate();
        Self { certificate }
    }
}

pub(crate) fn connect(
    config: &RelayConfig,
    identity: &Identity,
    now: Instant,
    offer_text: &str,
    codecs: &[Codec],
) -> Result<Connection, MediaError> {
    let (mut rtc, keys) = with_key_slot(|engine| build(engine, identity, now, codecs));
    for candidate in candidates(config) {
        rtc.add_local_candidate(candidate);
    }
    let offer = SdpOffer::from_sdp_string(offer_text).map_err(|error| TheirMediaError::Offer {
        reason: error.to_string(),
    })?;
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| TheirMediaError::Offer {
            reason: error.to_string(),
        })?;
    Ok(Connection {
        rtc,
        answer: answer.to_sdp_string(),
        keys,
    })
}

/// The engine estimates, paces and sends no media: it has no stream to send on. Its answer names the
/// codecs in the page's order, because a browser sends the first that the answer names (RFC 8829
/// §5.3.1 leaves the order to us).
fn build(engine: RtcConfig, identity: &Identity, now: Instant, codecs: &[Codec]) -> Rtc {
    let mut engine = engine
        .set_rtp_mode(true)
        .set_ice_lite(true)
        .set_stats_interval(Some(STATS_EVERY))
        .clear_codecs()
        .enable_opus(true);
    for codec in codecs {
        engine = match codec {
            Codec::Opus => engine,
            Codec::Vp8 => engine.enable_vp8(true),
            Codec::Vp9 => engine.enable_vp9(true),
            Codec::Av1 => engine.enable_av1(true),
        };
    }
    if let Some(certificate) = &identity.certificate {
        engine = engine.set_dtls_cert(certificate.clone());
    }
    engine.build(now)
}

fn candidates(config: &RelayConfig) -> impl Iterator<Item = Candidate> {
    let udp = config
        .udp
        .iter()
        .filter_map(|address| Candidate::builder().udp().host(*address).build().ok());
    let tcp = config.tcp.iter().filter_map(|address| {
        Candidate::builder()
            .tcp()
            .host(*address)
            .tcptype(TcpType::Passive)
            .build()
            .ok()
    });
    udp.chain(tcp)
}

/// The receiving places of one kind and their streams, which are taken away from the engine: their
/// names are in the answer, and what they carry is ours.
pub(crate) fn slots(
    rtc: &mut Rtc,
    mids: &[String],
    is_audio: bool,
    streams: &mut Vec<StreamPlan>,
) -> Result<Vec<Slot>, MediaError> {
    let mut slots = Vec::with_capacity(mids.len());
    for name in mids {
        let mid = Mid::from(name.as_str());
        let media = rtc.media(mid);
        let header = media.map(|media| HeaderPlan::new(mid, media.remote_extmap()));
        let mut api = rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None);
        let stream = stream.map(|stream| (stream.ssrc(), stream.rtx()));
        let (Some((ssrc, rtx)), Some(header)) = (stream, header) else {
            return Err(offer::engine(&"a receiving line has no stream"));
        };
        api.remove_stream_tx(ssrc);
        streams.push(StreamPlan {
            ssrc: *ssrc,
            rtx: rtx.map(|rtx: Ssrc| *rtx),
            header,
            is_audio,
        });
        slots.push(Slot::new(ssrc));
    }
    Ok(slots)
}

/// The payload types of resends, by what they send again.
pub(crate) fn resends(rtc: &Rtc) -> Vec<(u8, u8)> {
    let params = rtc.codec_config().params().iter();
    params
        .filter_map(|param| Some((*param.pt(), *param.resend()?)))
        .collect()
}

/// The name that the answer gives our streams (RFC 5576 §6.1).
pub(crate) fn stream_name(answer: &str) -> String {
    let name = answer
        .lines()
        .filter(|line| line.starts_with("a=ssrc:"))
        .find_map(|line| line.split_once(" cname:"));
    name.map_or_else(String::new, |(_, name)| name.trim().to_owned())
}

/// Only what the browser offered counts: the engine lists what it could do beside it.
pub(crate) fn negotiated_codecs(rtc: &Rtc, places: &Places) -> Vec<(Pt, Codec)> {
    let mids = places
        .sending
        .iter()
        .chain(&places.video)
        .chain(&places.audio);
    let medias: Vec<_> = mids
        .filter_map(|mid| rtc.media(Mid::from(mid.as_str())))
        .collect();
    let is_offered = |pt: Pt| medias.iter().any(|media| media.remote_pts().contains(&pt));
    let ours = |codec: EngineCodec| {
        let known = [
            (EngineCodec::Opus, Codec::Opus),
            (EngineCodec::Vp8, Codec::Vp8),
            (EngineCodec::Vp9, Codec::Vp9),
            (EngineCodec::Av1, Codec::Av1),
        ];
        known
            .into_iter()
            .find(|(engine, _)| *engine == codec)
            .map(|(_, ours)| ours)
    };
    let params = rtc
        .codec_config()
        .params()
        .iter()
        .filter(|param| is_offered(param.pt()));
    params
        .filter_map(|param| Some((param.pt(), ours(param.spec().codec)?)))
        .collect()
}
