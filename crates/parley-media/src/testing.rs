//! Scripted browsers: the far end of a relay in tests and benches.
//!
//! A [`Browser`] is a real WebRTC endpoint (the same engine, in the browser's role) with a camera
//! that makes VP8 simulcast of the right shape and a microphone that says how loud it is. Every
//! packet carries who sent it and when, so that whoever receives it can tell what it is looking at.
//! Like everything else here it does no input or output of its own.

mod camera;
mod stamp;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    media::{
        Direction, ExtensionValues, KeyframeRequestKind, MediaKind, Mid, Pt, Rid, Simulcast,
        SimulcastLayer,
    },
    net::{DatagramSend, Protocol, Receive, TcpType},
    rtp::{RtpPacket, RtpWrite, Ssrc},
};

use crate::offer::rid_of_layer;

pub use camera::Camera;
pub use stamp::Stamp;

const FRAME_EVERY: Duration = Duration::from_millis(20);

/// An instant to begin virtual time at.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "virtual time has to start somewhere"
)]
pub fn start() -> Instant {
    Instant::now()
}

/// How a scripted browser is set up.
#[derive(Clone, Debug)]
pub struct BrowserConfig {
    /// Written into everything it sends.
    pub number: u8,
    /// Its address.
    pub address: SocketAddr,
    /// What its camera makes; `None` keeps the camera line inactive.
    pub camera: Option<Camera>,
    /// What its screen makes; `None` keeps the screen line inactive.
    pub screen: Option<Camera>,
    /// Loudness of its microphone in -dBov; `None` keeps the microphone line inactive.
    pub microphone: Option<u8>,
    /// Whether UDP does not get through, so that it dials TCP.
    pub is_behind_firewall: bool,
    /// Receiving places for pictures.
    pub video_slots: usize,
    /// Receiving places for voices.
    pub audio_slots: usize,
}

impl BrowserConfig {
    /// Camera, microphone and every receiving place.
    #[must_use]
    pub fn new(number: u8, address: SocketAddr) -> Self {
        Self {
            number,
            address,
            camera: Some(Camera::simulcast()),
            screen: None,
            microphone: Some(40),
            is_behind_firewall: false,
            video_slots: crate::VIDEO_SLOTS,
            audio_slots: crate::AUDIO_SLOTS,
        }
    }

    /// Nothing but receiving places.
    #[must_use]
    pub fn watcher(number: u8, address: SocketAddr) -> Self {
        Self {
            camera: None,
            microphone: None,
            ..Self::new(number, address)
        }
    }
}

/// One packet a scripted browser received.
#[derive(Clone, Debug)]
pub struct Received {
    /// When.
    pub at: Instant,
    /// Extended sequence number.
    pub sequence: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// RTP marker bit.
    pub is_marked: bool,
    /// VP8 picture id.
    pub picture_id: Option<u16>,
    /// VP8 TL0PICIDX.
    pub tl0_picture_index: Option<u8>,
    /// Whether it starts a key frame.
    pub starts_key_frame: bool,
    /// Who made it, and when.
    pub stamp: Option<Stamp>,
    /// Time the sender's reports give to the packet, in microseconds of the relay's clock.
    pub reported_us: Option<i64>,
}

/// A packet on its way to the node.
#[derive(Debug)]
pub struct Outgoing {
    /// UDP or TCP.
    pub protocol: Protocol,
    /// The browser's address.
    pub source: SocketAddr,
    /// The node's address.
    pub destination: SocketAddr,
    /// The packet.
    pub contents: DatagramSend,
}

/// A scripted browser.
pub struct Browser {
    config: BrowserConfig,
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    offer: String,
    sending: [Mid; 3],
    /// Lines of the video slots, then of the audio slots.
    video: Vec<Mid>,
    audio: Vec<Mid>,
    next_sound: Option<Instant>,
    sound_sequence: u64,
    sound_start: Instant,
    /// Requests for key frames, by layer.
    pub key_frame_requests: BTreeMap<u8, u32>,
    /// What came, by line.
    received: HashMap<Mid, Vec<Received>>,
    streams: HashMap<Ssrc, Mid>,
    is_connected: bool,
    is_lost: bool,
}

impl Browser {
    /// A browser that has made its offer.
    ///
    /// # Panics
    ///
    /// When the engine cannot make an offer.
    #[must_use]
    pub fn new(now: Instant, config: BrowserConfig) -> Self {
        // The engine draws three letters for each line, and in one offer of some hundred two are
        // alike. A browser counts its lines.
        let made = Self::offering(now, config);
        let mids: BTreeSet<Mid> = made.lines().collect();
        if mids.len() == made.lines().count() {
            made
        } else {
            Self::new(now, made.config)
        }
    }

    fn lines(&self) -> impl Iterator<Item = Mid> + '_ {
        let received = self.video.iter().chain(&self.audio);
        self.sending.iter().chain(received).copied()
    }

    fn offering(now: Instant, config: BrowserConfig) -> Self {
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true)
            .enable_vp8(true)
            .enable_vp9(true)
            .build(now);
        rtc.add_local_candidate(candidate(&config));
        let mut api = rtc.sdp_api();
        let direction = |sends: bool| {
            if sends {
                Direction::SendOnly
            } else {
                Direction::Inactive
            }
        };
        let simulcast = config
            .camera
            .as_ref()
            .filter(|camera| camera.is_simulcast())
            .map(|_| simulcast());
        let microphone = direction(config.microphone.is_some());
        let sending = [
            api.add_media(MediaKind::Audio, microphone, None, None, None),
            api.add_media(
                MediaKind::Video,
                direction(config.camera.is_some()),
                None,
                None,
                simulcast,
            ),
            api.add_media(
                MediaKind::Video,
                direction(config.screen.is_some()),
                None,
                None,
                None,
            ),
        ];
        let mut receive = |kind, count| -> Vec<Mid> {
            (0..count)
                .map(|_| api.add_media(kind, Direction::RecvOnly, None, None, None))
                .collect()
        };
        let video = receive(MediaKind::Video, config.video_slots);
        let audio = receive(MediaKind::Audio, config.audio_slots);
        let (offer, pending) = api.apply().expect("lines were added");
        Self {
            rtc,
            pending: Some(pending),
            offer: offer.to_sdp_string(),
            sending,
            video,
            audio,
            next_sound: None,
            sound_sequence: 1,
            sound_start: now,
            key_frame_requests: BTreeMap::new(),
            received: HashMap::new(),
            streams: HashMap::new(),
            is_connected: false,
            is_lost: false,
            config,
        }
    }

    /// The offer to join with.
    #[must_use]
    pub fn offer(&self) -> &str {
        &self.offer
    }

    /// Takes the node's answer.
    ///
    /// # Panics
    ///
    /// When the answer cannot be used.
    pub fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("a readable answer");
        let pending = self.pending.take().expect("one answer");
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("a usable answer");
    }

    /// Takes a packet from the node.
    pub fn receive(
        &mut self,
        now: Instant,
        protocol: Protocol,
        source: SocketAddr,
        packet: &[u8],
        out: &mut Vec<Outgoing>,
    ) {
        let destination = self.config.address;
        if let Ok(receive) = Receive::new(protocol, source, destination, packet) {
            let _ = self.rtc.handle_input(Input::Receive(now, receive));
        }
        self.drain(now, out);
    }

    /// Lets time pass; returns when it wants to be called again.
    pub fn advance(&mut self, now: Instant, out: &mut Vec<Outgoing>) -> Instant {
        if self.is_connected {
            self.speak(now, out);
            self.film(now, out);
        }
        let _ = self.rtc.handle_input(Input::Timeout(now));
        let engine = self.drain(now, out);
        let film = |camera: &Option<Camera>| camera.as_ref().and_then(Camera::next);
        let next = [
            self.next_sound,
            film(&self.config.camera),
            film(&self.config.screen),
        ];
        let next = next
            .into_iter()
            .flatten()
            .filter(|_| self.is_connected)
            .fold(engine, Instant::min);
        next.max(now + Duration::from_micros(100))
    }

    /// Whether media can flow.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Whether the node has ended the connection, or is out of reach.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// The browser's address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.config.address
    }

    /// The camera, to change what it makes.
    pub fn camera(&mut self) -> Option<&mut Camera> {
        self.config.camera.as_mut()
    }

    /// Sets how loud the microphone is, in -dBov.
    pub fn speak_at(&mut self, level: u8) {
        self.config.microphone = Some(level);
    }

    /// What came in a video slot.
    #[must_use]
    pub fn seen(&self, slot: usize) -> &[Received] {
        self.received
            .get(&self.video[slot])
            .map_or(&[], Vec::as_slice)
    }

    /// What came in an audio slot.
    #[must_use]
    pub fn heard(&self, slot: usize) -> &[Received] {
        self.received
            .get(&self.audio[slot])
            .map_or(&[], Vec::as_slice)
    }

    /// Forgets what came so far.
    pub fn forget(&mut self) {
        self.received.clear();
    }

    /// Says that a picture cannot be decoded.
    pub fn request_key_frame(&mut self, slot: usize) {
        if let Some(stream) = self
            .rtc
            .direct_api()
            .stream_rx_by_mid(self.video[slot], None)
        {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    fn speak(&mut self, now: Instant, out: &mut Vec<Outgoing>) {
        let Some(level) = self.config.microphone else {
            return;
        };
        let due = *self.next_sound.get_or_insert(now);
        if now < due {
            return;
        }
        self.next_sound = Some(due + FRAME_EVERY);
        let stamp = Stamp {
            number: self.config.number,
            layer: 0,
            frame: 0,
            at_us: self.since_start(now),
        };
        let mut payload = vec![0xfc];
        payload.extend(stamp.to_bytes());
        let timestamp =
            u32::try_from((self.sound_sequence * 960) & u64::from(u32::MAX)).expect("masked");
        let level = i8::try_from(level).map_or(-127, |level| -level);
        let extensions = ExtensionValues {
            audio_level: Some(level),
            voice_activity: Some(true),
            ..ExtensionValues::default()
        };
        let pt = self.payload_type(Codec::Opus);
        let write = RtpWrite::new(pt, self.sound_sequence.into(), timestamp, now, payload)
            .marker(true)
            .ext_vals(extensions);
        self.sound_sequence += 1;
        self.write(now, self.sending[0], None, write, out);
    }

    fn film(&mut self, now: Instant, out: &mut Vec<Outgoing>) {
        for (at, which) in [(1_usize, true), (2, false)] {
            let camera = if which {
                &mut self.config.camera
            } else {
                &mut self.config.screen
            };
            let Some(camera) = camera else {
                continue;
            };
            let at_us = u64::try_from(now.saturating_duration_since(self.sound_start).as_micros())
                .unwrap_or(0);
            let packets = camera.film(now, self.config.number, at_us);
            let is_simulcast = camera.is_simulcast();
            let pt = self.payload_type(Codec::Vp8);
            for packet in packets {
                let rid = rid_of_layer(packet.layer)
                    .filter(|_| is_simulcast)
                    .map(Rid::from);
                let write = RtpWrite::new(
                    pt,
                    packet.sequence.into(),
                    packet.timestamp,
                    now,
                    packet.payload,
                )
                .marker(packet.is_marked)
                .nackable(true);
                self.write(now, self.sending[at], rid, write, out);
            }
        }
    }

    fn write(
        &mut self,
        now: Instant,
        mid: Mid,
        rid: Option<Rid>,
        write: RtpWrite,
        out: &mut Vec<Outgoing>,
    ) {
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, rid) {
            stream.write_rtp(write);
        }
        let _ = self.rtc.handle_input(Input::Timeout(now));
        self.drain(now, out);
    }

    fn payload_type(&self, codec: Codec) -> Pt {
        let params = self.rtc.codec_config().params();
        params
            .iter()
            .find(|param| param.spec().codec == codec)
            .expect("negotiated")
            .pt()
    }

    fn since_start(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.sound_start).as_micros()).unwrap_or(0)
    }

    fn drain(&mut self, now: Instant, out: &mut Vec<Outgoing>) -> Instant {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => return at,
                Ok(Output::Transmit(transmit)) => out.push(Outgoing {
                    protocol: transmit.proto,
                    source: transmit.source,
                    destination: transmit.destination,
                    contents: transmit.contents,
                }),
                Ok(Output::Event(event)) => self.take_event(now, event),
                Err(_) => {
                    self.is_lost = true;
                    return now + Duration::from_hours(1);
                }
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is of no use here")]
    fn take_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => self.is_connected = true,
            Event::Closed => self.is_lost = true,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.is_lost = true;
            }
            Event::RtpPacket(packet) => self.take_packet(now, &packet),
            Event::KeyframeRequest(request) => {
                let layer = request
                    .rid
                    .and_then(|rid| crate::offer::layer_of_rid(&rid))
                    .unwrap_or(0);
                *self.key_frame_requests.entry(layer).or_default() += 1;
                let is_camera = request.mid == self.sending[1];
                let camera = if is_camera {
                    &mut self.config.camera
                } else {
                    &mut self.config.screen
                };
                if let Some(camera) = camera {
                    camera.request_key_frame();
                }
            }
            _ => {}
        }
    }

    fn take_packet(&mut self, now: Instant, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        let mid = self.streams.get(&ssrc).copied().or_else(|| {
            let mid = self
                .rtc
                .direct_api()
                .stream_rx(&ssrc)
                .map(|stream| stream.mid())?;
            self.streams.insert(ssrc, mid);
            Some(mid)
        });
        let Some(mid) = mid else {
            return;
        };
        let is_video = self.video.contains(&mid);
        let received = camera::read_packet(now, packet, is_video);
        self.received.entry(mid).or_default().push(received);
    }
}

fn candidate(config: &BrowserConfig) -> Candidate {
    let builder = Candidate::builder();
    let candidate = if config.is_behind_firewall {
        builder
            .tcp()
            .host(config.address)
            .tcptype(TcpType::Active)
            .build()
    } else {
        builder.udp().host(config.address).build()
    };
    candidate.expect("a host address")
}

fn simulcast() -> Simulcast {
    let mut simulcast = Simulcast::new();
    for rid in ["q", "h", "f"] {
        simulcast.add_send_layer(SimulcastLayer::new(rid));
    }
    simulcast
}
