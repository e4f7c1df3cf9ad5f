//! One person of this node: their browser's connection, what they send, what they receive.
//!
//! **Invariant:** the engine and the egress are never called to work outside [`guard`]. They panic
//! on a broken invariant of their own, and then only this person may be affected.

use std::{
    any::Any,
    collections::HashMap,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_wire::{
    ids::{ParticipantId, TrackIndex},
    room::Codec,
};
use str0m::{
    Event, Input, Output, Rtc,
    media::{KeyframeRequestKind, Mid, Pt, Rid},
    net::{Protocol, Receive, Transmit},
    rtp::Ssrc,
};

use crate::{
    capture::{LocalClock, PersonClock},
    config::RelayConfig,
    connect::{Connection, Identity, connect, negotiated_codecs, resends, slots, stream_name},
    egress::{Egress, EgressPlan, Heard, OutPacket, Pool},
    error::MediaError,
    offer::{self, Places},
    presence::Presence,
    rate::RateCap,
    slot::Slot,
};

/// Streams remembered by SSRC. More lets a browser that changes its SSRCs fill memory; less asks
/// the engine more often.
const STREAMS_MAX: usize = 32;
/// A browser that sent no media for so long has nothing missing that the engine could ask for: it does
/// so five times in 165 ms.
const QUIET_AFTER: Duration = Duration::from_secs(1);
/// How often the engine of such a browser is called at most, unless a packet comes. More lets its
/// once-a-second reports wander; less spends a twentieth of a full core on looking.
const QUIET_STEP: Duration = Duration::from_millis(100);
/// Rounds of the engine after which the rest waits a moment, so that one browser cannot hold the
/// shard.
const ROUNDS_MAX: usize = 64;

/// The engine panicked; the person cannot be served any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault;

/// What the engine said while it was drained.
#[derive(Debug, Default)]
pub(crate) struct Drained {
    pub(crate) transmits: Vec<Transmit>,
    pub(crate) events: Vec<Event>,
}

/// What is known of the way between a person's browser and this node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ParticipantQuality {
    /// Round trip, where measured.
    pub rtt_ms: Option<f32>,
    /// Part of what the browser sent that did not arrive, 0 to 1, over the last second.
    pub loss_in: Option<f32>,
    /// Part of what we sent that did not arrive, 0 to 1, over the last second.
    pub loss_out: Option<f32>,
    /// What the way to the browser is taken to carry, in bit/s.
    pub estimate_bps: u64,
    /// What we received from the browser over the last second, in bit/s.
    pub received_bps: u64,
    /// What we sent to the browser over the last second, in bit/s.
    pub sent_bps: u64,
    /// Whether media goes over TCP because UDP does not get through.
    pub is_tcp: bool,
}

/// One person of this node.
pub(crate) struct Participant {
    pub(crate) id: ParticipantId,
    pub(crate) room: usize,
    pub(crate) label: Bytes,
    pub(crate) presence: Presence,
    pub(crate) places: Places,
    /// Keys of what they send.
    pub(crate) tracks: [Option<usize>; TrackIndex::COUNT],
    pub(crate) video: Vec<Slot>,
    pub(crate) audio: Vec<Slot>,
    pub(crate) clock: PersonClock,
    pub(crate) quality: ParticipantQuality,
    /// Whether they are on the relay's list of engines that have something to do.
    pub(crate) is_queued: bool,
    /// What their streams are, as far as packets have told.
    pub(crate) streams: HashMap<Ssrc, (TrackIndex, u8)>,
    /// When the browser last sent media.
    pub(crate) last_media: Option<Instant>,
    /// What was last told to the page, so that only changes are.
    pub(crate) told: Told,
    /// What leaves for their browser.
    pub(crate) egress: Egress,
    /// What they may bring in.
    pub(crate) cap: RateCap,
    codecs: Vec<(Pt, Codec)>,
    bytes_seen: (u64, u64),
    /// What the engine said when it broke.
    pub(crate) fault: Option<String>,
    rtc: Rtc,
}

/// What a page has been told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) video: Option<Vec<crate::event::VideoSlotState>>,
    pub(crate) audio: Option<[Option<parley_wire::ids::TrackId>; crate::event::AUDIO_SLOTS]>,
}

/// A person's connection before it has a place in the relay.
pub(crate) struct Arrival {
    pub(crate) participant: Participant,
    pub(crate) answer: String,
    /// Our name for the browser in STUN requests.
    pub(crate) stun_name: String,
}

impl Participant {
    /// Makes the connection from a page's offer.
    pub(crate) fn arrive(
        config: &RelayConfig,
        identity: &Identity,
        clock: LocalClock,
        now: Instant,
        (id, room, label): (ParticipantId, usize, Bytes),
        offer_text: &str,
    ) -> Result<Arrival, MediaError> {
        let places = offer::read_places(offer_text)?;
        let made = catch_unwind(AssertUnwindSafe(|| {
            connect(config, identity, now, offer_text, &places.codecs)
        }));
        let made = made.map_err(|_| offer::engine(&"panic while joining"))??;
        let Connection {
            mut rtc,
            answer,
            keys,
        } = made;
        let stun_name = rtc.direct_api().local_ice_credentials().ufrag;
        let mut streams = Vec::new();
        let video = slots(&mut rtc, &places.video, false, &mut streams)?;
        let audio = slots(&mut rtc, &places.audio, true, &mut streams)?;
        let codecs = negotiated_codecs(&rtc, &places);
        let egress = Egress::new(EgressPlan {
            clock,
            epoch_us: config.epoch,
            keys,
            streams,
            resends: resends(&rtc),
            name: stream_name(&answer),
            first_estimate_bps: config.first_estimate_bps,
        });
        let participant = Self {
            id,
            room,
            label,
            presence: Presence::begin(now),
            tracks: [None; TrackIndex::COUNT],
            video,
            audio,
            clock: PersonClock::default(),
            quality: ParticipantQuality {
                estimate_bps: config.first_estimate_bps,
                ..ParticipantQuality::default()
            },
            is_queued: false,
            streams: HashMap::new(),
            last_media: None,
            told: Told::default(),
            egress,
            cap: RateCap::new(config.publisher_rate_max_bps),
            codecs,
            bytes_seen: (0, 0),
            fault: None,
            rtc,
            places,
        };
        let answer = offer::pair_slots(&answer, &participant.places);
        Ok(Arrival {
            participant,
            answer,
            stun_name,
        })
    }

    /// Gives the engine a packet from the browser.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        (protocol, source, destination): (Protocol, SocketAddr, SocketAddr),
        packet: &[u8],
    ) -> Result<Result<(), Malformed>, Fault> {
        self.guard(|rtc| {
            let receive =
                Receive::new(protocol, source, destination, packet).map_err(|_| Malformed)?;
            rtc.handle_input(Input::Receive(now, receive))
                .map_err(|_| Malformed)
        })
    }

    /// Lets time pass in the engine and collects what it has to say; returns when it wants to be
    /// called again.
    pub(crate) fn drive(&mut self, now: Instant, drained: &mut Drained) -> Result<Instant, Fault> {
        self.is_queued = false;
        for _ in 0..ROUNDS_MAX {
            self.guard(|rtc| rtc.handle_input(Input::Timeout(now)).is_ok())?;
            let next = self.drain(drained)?;
            if next > now {
                return Ok(next);
            }
        }
        Ok(now + Duration::from_millis(1))
    }

    /// Collects what the engine has to say, up to its next timeout.
    pub(crate) fn drain(&mut self, drained: &mut Drained) -> Result<Instant, Fault> {
        self.guard(|rtc| {
            loop {
                match rtc.poll_output() {
                    Ok(Output::Transmit(transmit)) => drained.transmits.push(transmit),
                    Ok(Output::Event(event)) => drained.events.push(event),
                    Ok(Output::Timeout(at)) => return at,
                    // The engine is closed after an error and says so on the next round.
                    Err(_) => rtc.disconnect(),
                }
            }
        })
    }

    /// When to call the engine again that wants to be called at `next`.
    ///
    /// It wants to look every 33 ms whether anything is missing. Of a browser that watches and sends
    /// nothing, nothing can be.
    pub(crate) fn next_call(&self, now: Instant, next: Instant) -> Instant {
        let sent = self.last_media;
        let is_quiet = sent.is_none_or(|at| now.saturating_duration_since(at) > QUIET_AFTER);
        if next > now && is_quiet && self.egress.is_ready() {
            return next.max(now + QUIET_STEP);
        }
        next
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.rtc.is_alive()
    }

    /// Sends a packet to a slot.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        slot: SlotPlace,
        packet: OutPacket,
        pool: &mut Pool,
    ) -> Result<(), Fault> {
        let stream = match slot {
            SlotPlace::Video(at) => usize::from(at),
            SlotPlace::Audio(at) => self.video.len() + usize::from(at),
        };
        let egress = &mut self.egress;
        guard(&mut self.fault, || egress.send(now, stream, packet, pool))
    }

    /// Takes a report of the browser's.
    pub(crate) fn hear(&mut self, now: Instant, datagram: &[u8]) -> Result<Heard, Fault> {
        let egress = &mut self.egress;
        guard(&mut self.fault, || egress.hear(now, datagram))
    }

    /// Sends what it is time for.
    pub(crate) fn pace(&mut self, now: Instant, pool: &mut Pool) -> Result<(), Fault> {
        let egress = &mut self.egress;
        guard(&mut self.fault, || egress.handle_timeout(now, pool))
    }

    /// The slot of a stream of the egress.
    pub(crate) fn slot_of_stream(&self, stream: usize) -> SlotPlace {
        let short = |at| u8::try_from(at).unwrap_or(u8::MAX);
        match stream.checked_sub(self.video.len()) {
            Some(at) => SlotPlace::Audio(short(at)),
            None => SlotPlace::Video(short(stream)),
        }
    }

    /// Asks the browser for a frame that can be decoded alone.
    pub(crate) fn request_key_frame(&mut self, index: TrackIndex, layer: u8) -> Result<(), Fault> {
        let at = usize::from(index.0);
        let Some(mid) = self
            .places
            .sending
            .get(at)
            .map(|mid| Mid::from(mid.as_str()))
        else {
            return Ok(());
        };
        let is_simulcast = self.places.is_simulcast[at];
        let rid = offer::rid_of_layer(layer)
            .filter(|_| is_simulcast)
            .map(Rid::from);
        self.guard(|rtc| {
            if let Some(stream) = rtc.direct_api().stream_rx_by_mid(mid, rid) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        })
    }

    pub(crate) fn slot_mut(&mut self, slot: SlotPlace) -> &mut Slot {
        match slot {
            SlotPlace::Video(at) => &mut self.video[usize::from(at)],
            SlotPlace::Audio(at) => &mut self.audio[usize::from(at)],
        }
    }

    /// What the browser calls a codec, where it knows it.
    pub(crate) fn payload_type(&self, codec: Codec) -> Option<Pt> {
        self.codecs
            .iter()
            .find(|(_, known)| *known == codec)
            .map(|(pt, _)| *pt)
    }

    /// What codec the browser means.
    pub(crate) fn codec(&self, pt: Pt) -> Option<Codec> {
        self.codecs
            .iter()
            .find(|(known, _)| *known == pt)
            .map(|(_, codec)| *codec)
    }

    /// Which of their media a media line is.
    pub(crate) fn index_of(&self, mid: Mid) -> Option<TrackIndex> {
        (0..)
            .zip(&self.places.sending)
            .find(|(_, name)| **name == *mid)
            .map(|(at, _)| TrackIndex(at))
    }

    /// What stream a packet belongs to, where the engine knows.
    pub(crate) fn stream(&mut self, ssrc: Ssrc) -> Result<Option<(TrackIndex, u8)>, Fault> {
        if let Some(stream) = self.streams.get(&ssrc) {
            return Ok(Some(*stream));
        }
        let known = self.guard(|rtc| {
            rtc.direct_api()
                .stream_rx(&ssrc)
                .map(|stream| (stream.mid(), stream.rid()))
        })?;
        let stream = known.and_then(|(mid, rid)| {
            let layer = rid.map_or(Some(0), |rid| offer::layer_of_rid(&rid))?;
            Some((self.index_of(mid)?, layer))
        });
        if let Some(stream) = stream {
            if self.streams.len() >= STREAMS_MAX {
                self.streams.clear();
            }
            self.streams.insert(ssrc, stream);
        }
        Ok(stream)
    }

    pub(crate) fn note_stats(&mut self, stats: &str0m::stats::PeerStats) {
        let pair = stats.selected_candidate_pair.as_ref();
        let rtt = self
            .egress
            .rtt()
            .or_else(|| pair.and_then(|pair| pair.current_round_trip_time));
        self.quality.rtt_ms = rtt.map(|rtt| rtt.as_secs_f32() * 1_000.0);
        self.quality.loss_in = stats.ingress_loss_fraction;
        self.quality.loss_out = self.egress.loss().map(as_f32);
        let per_second = |bytes: u64, seen: u64| bytes.saturating_sub(seen) * 8;
        self.quality.received_bps = per_second(stats.peer_bytes_rx, self.bytes_seen.0);
        let bytes_sent = stats.peer_bytes_tx + self.egress.bytes_sent();
        self.quality.sent_bps = per_second(bytes_sent, self.bytes_seen.1);
        self.bytes_seen = (stats.peer_bytes_rx, bytes_sent);
        if let Some(pair) = pair {
            self.quality.is_tcp = pair.protocol != Protocol::Udp;
        }
    }

    /// Runs the engine where a panic of its stays with this person.
    fn guard<T>(&mut self, call: impl FnOnce(&mut Rtc) -> T) -> Result<T, Fault> {
        let rtc = &mut self.rtc;
        guard(&mut self.fault, || call(rtc))
    }

    /// Breaks the engine on purpose, to prove that nobody else notices.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn break_engine(&mut self) -> Result<(), Fault> {
        self.guard(|_| std::panic::resume_unwind(Box::new("broken on purpose")))
    }
}

/// Runs what may panic, and keeps what it said.
fn guard<T>(fault: &mut Option<String>, call: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        *fault = Some(cause_of(payload.as_ref()));
        Fault
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a share of packets needs no more digits"
)]
const fn as_f32(share: f64) -> f32 {
    share as f32
}

/// The words of a panic, where it has any.
fn cause_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// The browser sent something the engine cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Which receiving place of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SlotPlace {
    Video(u8),
    Audio(u8),
}
