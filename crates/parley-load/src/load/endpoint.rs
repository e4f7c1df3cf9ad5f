//! One connection of the generator: str0m for description, ICE and DTLS; ourselves for media.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    format::Codec,
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::Extension,
};

use parley_srtp::{
    keys::{KeySlot, with_key_slot},
    packet::{HeaderTemplate, Kind},
    srtp::Srtp,
};

use super::{receiver::Receiver, rtcp, sender::Sender};
use crate::error::LoadError;

/// What an offer asks for.
#[derive(Clone, Copy, Debug)]
pub struct EndpointPlan {
    /// Whether the camera sends.
    pub is_publisher: bool,
    /// How many video streams it can receive at once.
    pub slots: usize,
    /// Payload bytes of each sent packet.
    pub payload_bytes: usize,
}

/// One connection to the relay.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) local: SocketAddr,
    pub(super) socket: usize,
    pub(super) sender: Option<Sender>,
    pub(super) receiver: Receiver,
    pub(super) srtp: Option<Srtp>,
    /// Where media goes, known with the handshake.
    pub(super) remote: Option<SocketAddr>,
    number: u64,
    plan: EndpointPlan,
    rtc: Rtc,
    keys: KeySlot,
    camera: Option<Mid>,
    pending: Option<SdpPendingOffer>,
    media: Vec<Mid>,
    is_connected: bool,
    timeout: Instant,
}

/// A datagram to send.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) socket: usize,
    pub(super) source: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) datagram: Vec<u8>,
}

impl Endpoint {
    /// Makes an endpoint and its offer: microphone, camera and screen as Parley's page has them,
    /// then the slots. Only the camera ever sends, and only a publisher's.
    pub(super) fn offering(
        number: u64,
        (local, socket): (SocketAddr, usize),
        plan: EndpointPlan,
        now: Instant,
    ) -> Result<(Self, String), LoadError> {
        let mut endpoint = Self::new(number, (local, socket), plan, now)?;
        let mut changes = endpoint.rtc.sdp_api();
        let mut add = |kind, direction| changes.add_media(kind, direction, None, None, None);
        let microphone = add(MediaKind::Audio, Direction::SendOnly);
        let camera = add(MediaKind::Video, Direction::SendOnly);
        let screen = add(MediaKind::Video, Direction::SendOnly);
        let mut media = vec![microphone, camera, screen];
        media.extend((0..plan.slots).map(|_| add(MediaKind::Video, Direction::RecvOnly)));
        let (offer, pending) = changes.apply().ok_or(LoadError::Spent("an offer"))?;
        endpoint.camera = plan.is_publisher.then_some(camera);
        endpoint.pending = Some(pending);
        endpoint.media = media;
        Ok((endpoint, offer.to_sdp_string()))
    }

    /// Makes a watcher from the relay's offer, and its answer.
    pub(super) fn answering(
        number: u64,
        (local, socket): (SocketAddr, usize),
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), LoadError> {
        let plan = EndpointPlan {
            is_publisher: false,
            slots: 0,
            payload_bytes: 0,
        };
        let mut endpoint = Self::new(number, (local, socket), plan, now)?;
        let offer = SdpOffer::from_sdp_string(offer).map_err(description)?;
        let answer = endpoint
            .rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(description)?;
        endpoint.poll(now, &mut Vec::new());
        Ok((endpoint, answer.to_sdp_string()))
    }

    fn new(
        number: u64,
        (local, socket): (SocketAddr, usize),
        plan: EndpointPlan,
        now: Instant,
    ) -> Result<Self, LoadError> {
        let (mut rtc, keys) = with_key_slot(|config| {
            config
                .clear_codecs()
                .enable_opus(true)
                .enable_vp8(true)
                .set_rtp_mode(true)
                .build(now)
        });
        let candidate = Candidate::host(local, "udp").map_err(|error| LoadError::Address {
            address: local,
            reason: error.to_string(),
        })?;
        rtc.add_local_candidate(candidate);
        Ok(Self {
            local,
            socket,
            sender: None,
            receiver: Receiver::default(),
            srtp: None,
            remote: None,
            number,
            plan,
            rtc,
            keys,
            camera: None,
            pending: None,
            media: Vec::new(),
            is_connected: false,
            timeout: now,
        })
    }

    /// Takes the relay's answer to our offer.
    pub(super) fn accept(&mut self, answer: &str) -> Result<(), LoadError> {
        let answer = SdpAnswer::from_sdp_string(answer).map_err(description)?;
        let pending = self.pending.take().ok_or(LoadError::Spent("an answer"))?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(description)
    }

    /// Whether keys are agreed and ICE has a way.
    pub(super) const fn is_connected(&self) -> bool {
        self.is_connected && self.srtp.is_some() && self.remote.is_some()
    }

    /// The name of the agreed SRTP profile (RFC 5764 §4.1.2).
    pub(super) fn profile(&self) -> Option<String> {
        self.keys.get().map(|keys| format!("{:?}", keys.profile))
    }

    pub(super) const fn timeout(&self) -> Instant {
        self.timeout
    }

    /// Takes one datagram that is neither RTP nor RTCP.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        source: SocketAddr,
        datagram: &[u8],
        out: &mut Vec<Outgoing>,
    ) {
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
        self.poll(now, out);
    }

    /// Takes one SRTCP packet: a publisher is asked for key frames that way.
    pub(super) fn receive_rtcp(&mut self, datagram: &[u8]) {
        let (Some(sender), Some(srtp)) = (&mut self.sender, &mut self.srtp) else {
            return;
        };
        let mut compound = Vec::new();
        if srtp.open_rtcp(datagram, &mut compound) && rtcp::asks_for_key_frame(&compound) {
            sender.want_key_frame();
        }
    }

    /// Takes the time.
    pub(super) fn advance(&mut self, now: Instant, out: &mut Vec<Outgoing>) {
        if self.rtc.handle_input(Input::Timeout(now)).is_err() {
            self.rtc.disconnect();
        }
        self.poll(now, out);
    }

    /// Seals a compound RTCP packet for the relay.
    pub(super) fn feedback(&mut self, compound: &[u8]) -> Option<Outgoing> {
        let (srtp, to) = (self.srtp.as_mut()?, self.remote?);
        let mut datagram = compound.to_vec();
        srtp.seal_rtcp(&mut datagram, 0);
        Some(Outgoing {
            socket: self.socket,
            source: self.local,
            to,
            datagram,
        })
    }

    fn poll(&mut self, now: Instant, out: &mut Vec<Outgoing>) {
        while self.rtc.is_alive() {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.timeout = at;
                    break;
                }
                Ok(Output::Transmit(transmit)) => {
                    self.transmit(transmit.destination, &transmit.contents, out);
                }
                Ok(Output::Event(event)) => self.take(&event),
                Err(_) => self.rtc.disconnect(),
            }
        }
        if !self.rtc.is_alive() {
            self.is_connected = false;
            self.timeout = now + Duration::from_hours(1);
        }
    }

    fn transmit(&mut self, to: SocketAddr, datagram: &[u8], out: &mut Vec<Outgoing>) {
        // Reports of str0m's would know nothing of the media that bypasses it.
        if Kind::of(datagram) != Kind::Other {
            return;
        }
        let is_dtls = datagram.first().is_some_and(|byte| (20..64).contains(byte));
        if is_dtls {
            self.remote = Some(to);
        }
        let (socket, source) = (self.socket, self.local);
        out.push(Outgoing {
            socket,
            source,
            to,
            datagram: datagram.to_vec(),
        });
    }

    fn take(&mut self, event: &Event) {
        if let Event::MediaAdded(added) = event {
            if !self.media.contains(&added.mid) {
                self.media.push(added.mid);
            }
        } else if let Event::Connected = event {
            self.connect();
        }
    }

    fn connect(&mut self) {
        self.is_connected = true;
        self.srtp = self.keys.get().and_then(Srtp::new);
        let codecs = self.rtc.codec_config().iter();
        let video = codecs.filter(|params| params.spec().codec == Codec::Vp8);
        self.receiver.video = video.map(|params| *params.pt()).collect();
        self.receiver.ssrc = u32::try_from(self.number).unwrap_or(0) + 1;
        self.receiver.transport_id = self.extension(None, &Extension::TransportSequenceNumber);
        let Some(camera) = self.camera else {
            return;
        };
        let stream = self
            .rtc
            .direct_api()
            .stream_tx_by_mid(camera, None)
            .map(|tx| *tx.ssrc());
        let payload_type = self.receiver.video.first();
        if let (Some(ssrc), Some(payload_type)) = (stream, payload_type) {
            let mid_id = self.extension(Some(camera), &Extension::RtpMid);
            let header = HeaderTemplate {
                payload_type: *payload_type,
                ssrc,
                mid: mid_id.map(|id| (id, camera.to_string())),
                transport_id: self.extension(Some(camera), &Extension::TransportSequenceNumber),
            };
            self.sender = Some(Sender::new(header, self.number, self.plan.payload_bytes));
        }
    }

    /// The negotiated id of a header extension, of one medium or of whichever has it.
    fn extension(&self, mid: Option<Mid>, extension: &Extension) -> Option<u8> {
        let media = self
            .media
            .iter()
            .filter(|known| mid.is_none_or(|mid| mid == **known));
        media
            .filter_map(|mid| self.rtc.media(*mid))
            .find_map(|media| media.remote_extmap().id_of(extension.clone()))
    }
}

fn description(error: impl std::fmt::Display) -> LoadError {
    LoadError::Description(error.to_string())
}
