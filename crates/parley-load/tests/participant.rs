//! A synthetic participant against a relay that is str0m itself, in virtual time.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

use parley_load::{
    CameraConfig, ParticipantConfig, ParticipantMachine,
    vp8::{self, FrameStart},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::SdpOffer,
    media::KeyframeRequestKind,
    net::{Protocol, Receive},
    rtp::{RtpPacket, Ssrc},
};

#[test]
fn a_relay_receives_every_layer_and_the_sound() {
    let mut call = Call::start(&ParticipantConfig::default());
    call.run(Duration::from_secs(3));
    let rids: BTreeSet<String> = call.rids.values().cloned().collect();
    assert_eq!(rids, ["f", "h", "q"].map(str::to_owned).into());
    let counters = call.participant.counters();
    assert!(counters.is_connected);
    assert_eq!(counters.packets_sent, call.received);
    assert!(
        call.received > 3 * 50 * 2,
        "{} packets in about 3 s",
        call.received
    );
}

#[test]
fn a_key_frame_is_sent_when_the_relay_asks() {
    let mut call = Call::start(&ParticipantConfig::default());
    call.run(Duration::from_secs(2));
    let before = call.key_frames;
    let ssrc = *call.rids.keys().next().expect("a layer came");
    let mut direct = call.relay.direct_api();
    let stream = direct.stream_rx(&ssrc).expect("the layer is known");
    stream.request_keyframe(KeyframeRequestKind::Pli);
    call.run(Duration::from_secs(1));
    assert_eq!(call.participant.counters().key_frame_requests, 1);
    assert_eq!(call.key_frames, before + 1);
}

#[test]
fn a_camera_of_one_layer_has_no_simulcast() {
    let mut camera = CameraConfig::simulcast(600_000);
    camera.layers.truncate(1);
    let config = ParticipantConfig {
        camera: Some(camera),
        ..ParticipantConfig::default()
    };
    let mut call = Call::start(&config);
    call.run(Duration::from_secs(2));
    assert!(call.rids.is_empty());
    assert_eq!(call.participant.counters().packets_sent, call.received);
}

#[test]
fn an_answer_that_is_none_is_refused_and_blamed_on_the_relay() {
    let now = Instant::now();
    let mut participant =
        ParticipantMachine::new(&ParticipantConfig::default(), address(1), now, 0)
            .expect("a good address");
    let error = participant
        .accept("v=0\r\nnonsense")
        .expect_err("no answer");
    assert!(error.is_theirs());
}

#[test]
fn a_wildcard_address_is_refused() {
    let wildcard = SocketAddr::from(([0, 0, 0, 0], 5));
    let refused =
        ParticipantMachine::new(&ParticipantConfig::default(), wildcard, Instant::now(), 0);
    assert!(!refused.expect_err("no candidate").is_theirs());
}

struct Call {
    participant: ParticipantMachine,
    relay: Rtc,
    now: Instant,
    relay_timeout: Instant,
    received: u64,
    key_frames: u64,
    rids: BTreeMap<Ssrc, String>,
}

fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, last], 5000))
}

impl Call {
    fn start(config: &ParticipantConfig) -> Self {
        let now = Instant::now();
        let mut participant =
            ParticipantMachine::new(config, address(1), now, 0).expect("a good address");
        let mut relay = Rtc::builder()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .build(now);
        relay.add_local_candidate(Candidate::host(address(2), "udp").expect("a candidate"));
        let offer = SdpOffer::from_sdp_string(participant.offer()).expect("a valid offer");
        let answer = relay.sdp_api().accept_offer(offer).expect("an answer");
        participant
            .accept(&answer.to_sdp_string())
            .expect("the answer fits");
        Self {
            participant,
            relay,
            now,
            relay_timeout: now,
            received: 0,
            key_frames: 0,
            rids: BTreeMap::new(),
        }
    }

    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.participant.advance(self.now);
            self.relay
                .handle_input(Input::Timeout(self.now))
                .expect("a good time");
            while self.exchange() {}
            let next = self.participant.timeout().min(self.relay_timeout);
            self.now = next.max(self.now + Duration::from_millis(1));
        }
    }

    /// Carries packets both ways; returns whether there were any.
    fn exchange(&mut self) -> bool {
        let mut moved = false;
        while let Some(transmit) = self.participant.poll_transmit(self.now) {
            moved = true;
            let contents = (&*transmit.contents).try_into().expect("a datagram");
            let (source, destination) = (address(1), address(2));
            let receive = Receive {
                proto: Protocol::Udp,
                source,
                destination,
                contents,
            };
            self.relay
                .handle_input(Input::Receive(self.now, receive))
                .expect("good input");
            self.drain_relay();
        }
        self.drain_relay() || moved
    }

    fn drain_relay(&mut self) -> bool {
        let mut moved = false;
        loop {
            match self.relay.poll_output().expect("the relay lives") {
                Output::Timeout(at) => {
                    self.relay_timeout = at;
                    return moved;
                }
                Output::Transmit(transmit) => {
                    moved = true;
                    self.participant
                        .receive(self.now, address(2), &transmit.contents);
                }
                Output::Event(Event::RtpPacket(packet)) => self.take(&packet),
                Output::Event(_) => {}
            }
        }
    }

    fn take(&mut self, packet: &RtpPacket) {
        self.received += 1;
        if let Some(rid) = packet.header.ext_vals.rid {
            self.rids.insert(packet.header.ssrc, rid.to_string());
        }
        let is_video = self.rids.contains_key(&packet.header.ssrc);
        let is_key = vp8::frame_start(&packet.payload) == FrameStart::Key;
        self.key_frames += u64::from(is_video && is_key);
    }
}
