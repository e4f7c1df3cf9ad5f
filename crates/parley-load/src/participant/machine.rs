//! A synthetic participant without sockets: str0m for everything a browser's stack does, our own
//! packets for what its camera and microphone would make.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    media::{Direction, KeyframeRequest, MediaKind, Mid, Pt, Simulcast, SimulcastLayer},
    net::{Protocol, Receive, Transmit},
    rtp::{ExtensionValues, RtpPacket, RtpWrite},
};

use super::{
    config::{CameraConfig, ParticipantConfig},
    counters::ParticipantCounters,
    publisher::{LayerPublisher, Packet, SoundPublisher},
};
use crate::error::LoadError;

/// One participant: feed it packets and time, send what it returns.
///
/// Three kinds of calls: [`offer`](Self::offer) and [`accept`](Self::accept) once each;
/// [`receive`](Self::receive) and [`advance`](Self::advance) whenever something arrived or
/// [`timeout`](Self::timeout) has come; and after any of them [`poll_transmit`](Self::poll_transmit)
/// until it returns nothing.
#[derive(Debug)]
pub struct ParticipantMachine {
    rtc: Rtc,
    local: SocketAddr,
    start: Instant,
    start_us: u64,
    places: Places,
    pending: Option<SdpPendingOffer>,
    layers: Vec<LayerPublisher>,
    sound: Option<SoundPublisher>,
    counters: ParticipantCounters,
    next_timeout: Instant,
}

/// Where each medium stands in the offer.
#[derive(Debug)]
struct Places {
    offer: String,
    microphone: Mid,
    camera: Mid,
    is_simulcast: bool,
    video: Option<Pt>,
    audio: Option<Pt>,
}

impl ParticipantMachine {
    /// Makes a participant that is reached at `local`, with its offer.
    ///
    /// `start_us` is the Unix time at `start` in microseconds, for the marks in its packets.
    ///
    /// # Errors
    /// [`LoadError::Address`] when `local` is no host candidate (a wildcard or port 0).
    pub fn new(
        config: &ParticipantConfig,
        local: SocketAddr,
        start: Instant,
        start_us: u64,
    ) -> Result<Self, LoadError> {
        let unusable = |reason: String| LoadError::Address {
            address: local,
            reason,
        };
        if local.ip().is_unspecified() || local.port() == 0 {
            return Err(unusable("it names no single place".to_owned()));
        }
        let candidate =
            Candidate::host(local, "udp").map_err(|error| unusable(error.to_string()))?;
        let mut rtc = rtc(start);
        rtc.add_local_candidate(candidate);
        let (places, pending) = offer(&mut rtc, config);
        let camera = config.camera.as_ref();
        Ok(Self {
            rtc,
            local,
            start,
            start_us,
            places,
            pending,
            layers: camera.map_or_else(Vec::new, |camera| layers(camera, config.seed, start)),
            sound: config
                .microphone
                .map(|microphone| SoundPublisher::new(microphone, config.seed, start)),
            counters: ParticipantCounters::default(),
            next_timeout: start,
        })
    }

    /// Returns the session description to be answered.
    #[must_use]
    pub fn offer(&self) -> &str {
        &self.places.offer
    }

    /// Takes the answer.
    ///
    /// # Errors
    /// [`LoadError::Description`] when it cannot be used, [`LoadError::Spent`] the second time.
    pub fn accept(&mut self, answer: &str) -> Result<(), LoadError> {
        let answer = SdpAnswer::from_sdp_string(answer)
            .map_err(|error| LoadError::Description(error.to_string()))?;
        let pending = self.pending.take().ok_or(LoadError::Spent("an answer"))?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(|error| LoadError::Description(error.to_string()))
    }

    /// Takes one datagram that arrived from `source`; what is no media is ignored.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) {
        let Ok(contents) = datagram.try_into() else {
            return;
        };
        let destination = self.local;
        let receive = Receive {
            proto: Protocol::Udp,
            source,
            destination,
            contents,
        };
        if self.rtc.handle_input(Input::Receive(now, receive)).is_err() {
            self.rtc.disconnect();
        }
    }

    /// Takes the time: sends what is due.
    pub fn advance(&mut self, now: Instant) {
        if self.rtc.handle_input(Input::Timeout(now)).is_err() {
            self.rtc.disconnect();
        }
        if self.counters.is_connected && self.rtc.is_alive() {
            self.publish(now);
        }
    }

    /// Returns the next datagram to send, or nothing until something happens.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit> {
        while self.rtc.is_alive() {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => return Some(transmit),
                Ok(Output::Event(event)) => self.take(now, event),
                Ok(Output::Timeout(at)) => {
                    self.next_timeout = at;
                    return None;
                }
                Err(_) => self.rtc.disconnect(),
            }
        }
        self.counters.is_connected = false;
        self.counters.has_ended = true;
        None
    }

    /// When [`advance`](Self::advance) wants to be called next.
    #[must_use]
    pub fn timeout(&self) -> Instant {
        let layers = self.layers.iter().map(LayerPublisher::due);
        let sound = self.sound.as_ref().map(SoundPublisher::due);
        let media = layers
            .chain(sound)
            .min()
            .filter(|_| self.counters.is_connected);
        media.map_or(self.next_timeout, |due| due.min(self.next_timeout))
    }

    /// Leaves, telling the relay so.
    pub fn leave(&mut self) {
        if self.rtc.close().is_err() {
            self.rtc.disconnect();
        }
    }

    /// What was sent and received so far.
    #[must_use]
    pub const fn counters(&self) -> &ParticipantCounters {
        &self.counters
    }

    fn publish(&mut self, now: Instant) {
        let now_us = self.unix_us(now);
        let mut layers = std::mem::take(&mut self.layers);
        for layer in &mut layers {
            while let Some(packets) = layer.frame(now, now_us) {
                let rid = self.places.is_simulcast.then_some(layer.rid.as_str());
                for packet in packets {
                    self.write(now, self.places.camera, rid, packet, None);
                }
            }
        }
        self.layers = layers;
        let mut sound = self.sound.take();
        if let Some(sound) = &mut sound {
            while let Some(packet) = sound.packet(now, now_us) {
                self.write(
                    now,
                    self.places.microphone,
                    None,
                    packet,
                    Some(sound.level_dbov),
                );
            }
        }
        self.sound = sound;
    }

    fn write(
        &mut self,
        now: Instant,
        mid: Mid,
        rid: Option<&str>,
        packet: Packet,
        level_dbov: Option<i8>,
    ) {
        let is_video = level_dbov.is_none();
        let payload_type = if is_video {
            self.places.video
        } else {
            self.places.audio
        };
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, rid.map(Into::into));
        let (Some(payload_type), Some(stream)) = (payload_type, stream) else {
            return;
        };
        let extensions = ExtensionValues {
            audio_level: level_dbov,
            voice_activity: level_dbov.map(|level| level > -50),
            ..ExtensionValues::default()
        };
        self.counters.packets_sent += 1;
        self.counters.bytes_sent += packet.payload.len() as u64;
        let write = RtpWrite::new(
            payload_type,
            packet.sequence.into(),
            packet.timestamp,
            now,
            packet.payload,
        );
        stream.write_rtp(
            write
                .marker(packet.is_last)
                .ext_vals(extensions)
                .nackable(is_video),
        );
    }

    fn take(&mut self, now: Instant, event: Event) {
        if let Event::Connected = event {
            self.counters.is_connected = true;
            self.restart_rhythms(now);
        } else if let Event::RtpPacket(packet) = event {
            self.count(now, &packet);
        } else if let Event::KeyframeRequest(request) = event {
            self.counters.key_frame_requests += 1;
            self.want_key_frame(request);
        }
    }

    /// Media begins when the connection does: frames of the time before are not made up for.
    fn restart_rhythms(&mut self, now: Instant) {
        for layer in &mut self.layers {
            layer.restart(now);
        }
        if let Some(sound) = &mut self.sound {
            sound.restart(now);
        }
    }

    fn count(&mut self, now: Instant, packet: &RtpPacket) {
        let now_us = self.unix_us(now);
        let (ssrc, sequence) = (*packet.header.ssrc, packet.header.sequence_number);
        if Some(packet.header.payload_type) == self.places.audio {
            self.counters
                .audio
                .take(ssrc, sequence, &packet.payload, now_us);
        } else {
            self.counters
                .video
                .take_video(ssrc, sequence, &packet.payload, now_us);
        }
    }

    fn want_key_frame(&mut self, request: KeyframeRequest) {
        for layer in &mut self.layers {
            if request.rid.is_none_or(|rid| *rid == *layer.rid) {
                layer.want_key_frame();
            }
        }
    }

    fn unix_us(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.start).as_micros();
        self.start_us + u64::try_from(elapsed).unwrap_or(0)
    }
}

/// A stack as close to a browser's as str0m comes: VP8 and Opus, full ICE, RTP level.
fn rtc(start: Instant) -> Rtc {
    Rtc::builder()
        .clear_codecs()
        .enable_opus(true)
        .enable_vp8(true)
        .set_rtp_mode(true)
        .set_stats_interval(None)
        .set_rtcp_report_interval_audio(Duration::from_secs(1))
        .set_rtcp_report_interval_video(Duration::from_secs(1))
        .build(start)
}

/// Offers microphone, camera and screen, then the slots, in the order Parley's page does.
fn offer(rtc: &mut Rtc, config: &ParticipantConfig) -> (Places, Option<SdpPendingOffer>) {
    let layers = config
        .camera
        .as_ref()
        .map_or(&[][..], |camera| &camera.layers);
    let simulcast = (layers.len() > 1).then(|| Simulcast {
        send: layers
            .iter()
            .map(|layer| SimulcastLayer::new(&layer.rid))
            .collect(),
        recv: Vec::new(),
    });
    let is_simulcast = simulcast.is_some();
    let mut changes = rtc.sdp_api();
    let mut add =
        |kind, direction, simulcast| changes.add_media(kind, direction, None, None, simulcast);
    let microphone = add(MediaKind::Audio, Direction::SendOnly, None);
    let camera = add(MediaKind::Video, Direction::SendOnly, simulcast);
    add(MediaKind::Video, Direction::SendOnly, None);
    for _ in 0..config.video_slots {
        add(MediaKind::Video, Direction::RecvOnly, None);
    }
    for _ in 0..config.audio_slots {
        add(MediaKind::Audio, Direction::RecvOnly, None);
    }
    let (offer, pending) = changes.apply().map_or_else(
        || (String::new(), None),
        |(offer, pending)| (offer.to_sdp_string(), Some(pending)),
    );
    let payload_type = |codec| {
        let params = rtc
            .codec_config()
            .find(|params| params.spec().codec == codec);
        params.map(str0m::format::PayloadParams::pt)
    };
    let places = Places {
        offer,
        microphone,
        camera,
        is_simulcast,
        video: payload_type(Codec::Vp8),
        audio: payload_type(Codec::Opus),
    };
    (places, pending)
}

fn layers(camera: &CameraConfig, seed: u64, start: Instant) -> Vec<LayerPublisher> {
    camera
        .layers
        .iter()
        .map(|layer| LayerPublisher::new(layer, camera, seed, start))
        .collect()
}
