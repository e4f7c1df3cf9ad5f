//! An endpoint against a relay that is str0m itself, in virtual time.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::SdpOffer,
    format::Codec,
    media::{MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use parley_srtp::packet::Kind;

use super::{
    endpoint::{Endpoint, EndpointPlan, Outgoing},
    tally::{SendLogs, Tally},
};
use crate::stamp::{STAMP_BYTES, Stamp};

const PUBLISHER: EndpointPlan = EndpointPlan {
    is_publisher: true,
    slots: 0,
    payload_bytes: 1_100,
};
const WATCHER: EndpointPlan = EndpointPlan {
    is_publisher: false,
    slots: 1,
    payload_bytes: 1_100,
};
const UNIX_NS: u64 = 1_700_000_000_000_000_000;

#[test]
fn what_a_publisher_seals_is_genuine_to_the_relay() {
    let mut call = Call::start(PUBLISHER);
    let mut logs = SendLogs::default();
    for _ in 0..70 {
        let sender = call.endpoint.sender.as_mut().expect("a publisher");
        let srtp = call.endpoint.srtp.as_mut().expect("keys");
        let packet = sender.packet(srtp, logs.of(7), 300, UNIX_NS);
        call.deliver(&packet);
    }
    assert_eq!(call.stamps.len(), 70);
    let indexes: Vec<u64> = call.stamps.iter().map(|stamp| stamp.index).collect();
    assert_eq!(indexes, (0..70).collect::<Vec<_>>());
}

#[test]
fn a_watcher_counts_what_the_relay_sends_and_what_it_leaves_out() {
    let mut call = Call::start(WATCHER);
    let (mut logs, mut tally) = (SendLogs::default(), Tally::default());
    for _ in 0..200 {
        logs.of(3).note(UNIX_NS);
    }
    logs.open();
    for index in 0..200_u64 {
        logs.of(3).note(UNIX_NS + index);
    }
    logs.close();
    for index in (200..400).filter(|index| index % 50 != 49) {
        for packet in call.relayed(index, 60_000 + index) {
            let srtp = call.endpoint.srtp.as_mut().expect("keys");
            let arrived_ns = UNIX_NS + 1_000_000;
            call.endpoint
                .receiver
                .receive(&packet, arrived_ns, srtp, &logs, &mut tally);
        }
    }
    assert_eq!(
        (tally.received, tally.forged, tally.unexplained),
        (196, 0, 0)
    );
    assert_eq!((tally.late, tally.renumbered), (0, 0));
    assert_eq!(call.endpoint.receiver.sources().collect::<Vec<_>>(), [3]);
    assert!(tally.opened >= 6, "{} packets were opened", tally.opened);
}

#[test]
fn a_watcher_reports_so_that_the_relay_understands() {
    let mut call = Call::start(WATCHER);
    let (logs, mut tally) = (SendLogs::default(), Tally::default());
    for index in 0..50 {
        for packet in call.relayed(index, index) {
            let srtp = call.endpoint.srtp.as_mut().expect("keys");
            call.endpoint
                .receiver
                .receive(&packet, UNIX_NS + index, srtp, &logs, &mut tally);
        }
    }
    let report = call
        .endpoint
        .receiver
        .congestion_report()
        .expect("packets arrived");
    let compound = [call.endpoint.receiver.receiver_report(), report].concat();
    let sealed = call.endpoint.feedback(&compound).expect("keys");
    call.deliver(&sealed.datagram);
    assert!(call.relay.is_alive());
    assert_eq!(call.endpoint.receiver.congestion_report(), None);
}

#[test]
fn a_publisher_hears_a_request_for_a_key_frame() {
    let mut call = Call::start(PUBLISHER);
    let mut logs = SendLogs::default();
    let mut key_frames = 0;
    for round in 0..40 {
        let sender = call.endpoint.sender.as_mut().expect("a publisher");
        let srtp = call.endpoint.srtp.as_mut().expect("keys");
        let packet = sender.packet(srtp, logs.of(7), 30, UNIX_NS);
        call.deliver(&packet);
        key_frames += u64::from(std::mem::take(&mut call.has_key_frame));
        if round == 20 {
            call.ask_for_key_frame();
        }
    }
    assert_eq!(
        key_frames, 2,
        "the first frame and the one that was asked for"
    );
}

struct Call {
    endpoint: Endpoint,
    relay: Rtc,
    now: Instant,
    stamps: Vec<Stamp>,
    has_key_frame: bool,
    to_watcher: Option<Mid>,
    from_publisher: Option<Mid>,
    from_relay: Vec<Vec<u8>>,
}

fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, last], 5_000))
}

impl Call {
    fn start(plan: EndpointPlan) -> Self {
        let now = Instant::now();
        let (mut endpoint, offer) =
            Endpoint::offering(7, (address(1), 0), plan, now).expect("an offer");
        let mut relay = Rtc::builder()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .build(now);
        relay.add_local_candidate(Candidate::host(address(2), "udp").expect("a candidate"));
        let offer = SdpOffer::from_sdp_string(&offer).expect("a valid offer");
        let answer = relay.sdp_api().accept_offer(offer).expect("an answer");
        endpoint
            .accept(&answer.to_sdp_string())
            .expect("the answer fits");
        let mut call = Self {
            endpoint,
            relay,
            now,
            stamps: Vec::new(),
            has_key_frame: false,
            to_watcher: None,
            from_publisher: None,
            from_relay: Vec::new(),
        };
        while !call.endpoint.is_connected() {
            call.now += Duration::from_millis(5);
            call.settle();
        }
        call
    }

    fn settle(&mut self) {
        let mut out = Vec::new();
        self.endpoint.advance(self.now, &mut out);
        self.relay
            .handle_input(Input::Timeout(self.now))
            .expect("a good time");
        self.drain_relay();
        while !out.is_empty() || !self.from_relay.is_empty() {
            for Outgoing { datagram, .. } in std::mem::take(&mut out) {
                self.deliver(&datagram);
            }
            for datagram in std::mem::take(&mut self.from_relay) {
                match Kind::of(&datagram) {
                    Kind::Other => {
                        self.endpoint
                            .receive(self.now, address(2), &datagram, &mut out);
                    }
                    Kind::Rtcp => self.endpoint.receive_rtcp(&datagram),
                    Kind::Rtp => {}
                }
            }
        }
    }

    fn deliver(&mut self, datagram: &[u8]) {
        let contents = datagram.try_into().expect("a datagram");
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

    fn drain_relay(&mut self) {
        loop {
            match self.relay.poll_output().expect("the relay lives") {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => self.from_relay.push(transmit.contents.to_vec()),
                Output::Event(Event::RtpPacket(packet)) => {
                    self.stamps.extend(Stamp::read(&packet.payload));
                    let start = crate::vp8::frame_start(&packet.payload);
                    self.has_key_frame |= start == crate::vp8::FrameStart::Key;
                }
                Output::Event(Event::MediaAdded(added)) if added.kind == MediaKind::Video => {
                    if added.direction.is_sending() {
                        self.to_watcher = Some(added.mid);
                    } else {
                        self.from_publisher.get_or_insert(added.mid);
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    /// Lets the relay send one marked packet to the watcher; returns what it put on the wire.
    fn relayed(&mut self, index: u64, sequence: u64) -> Vec<Vec<u8>> {
        let mid = self.to_watcher.expect("a slot");
        let vp8 = self
            .relay
            .codec_config()
            .find(|params| params.spec().codec == Codec::Vp8);
        let payload_type = vp8.expect("VP8").pt();
        let mut payload = vec![0x10; 500 + STAMP_BYTES];
        Stamp {
            publisher: 3,
            index,
            sent_at_us: 0,
        }
        .write(&mut payload);
        self.now += Duration::from_millis(1);
        let mut direct = self.relay.direct_api();
        let stream = direct.stream_tx_by_mid(mid, None).expect("a stream");
        stream.write_rtp(RtpWrite::new(
            payload_type,
            sequence.into(),
            0,
            self.now,
            payload,
        ));
        self.relay
            .handle_input(Input::Timeout(self.now))
            .expect("a good time");
        self.from_relay.clear();
        self.drain_relay();
        let media = std::mem::take(&mut self.from_relay);
        media
            .into_iter()
            .filter(|datagram| Kind::of(datagram) == Kind::Rtp)
            .collect()
    }

    fn ask_for_key_frame(&mut self) {
        let mid = self.from_publisher.expect("a camera");
        let mut direct = self.relay.direct_api();
        let stream = direct.stream_rx_by_mid(mid, None).expect("its stream");
        stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
        self.now += Duration::from_secs(1);
        self.settle();
    }
}
