//! `LineCc` beside quinn's Cubic and BBR on the same seeded paths, in virtual time.
//!
//! `just bench line_cc`, or `cargo run --release -p parley-line --example line_cc -- [--quick]`.
//! One direction carries bulk for 30 s; the first 5 s are not counted. Goodput is what the receiver
//! got of it; the queue is what the bottleneck added to each packet's delay.

use bytes::{Bytes, BytesMut};
use parley_line::{
    Carrier, Lane, LineConfig, LineEvent, Lines, LinesConfig, PathConfig, public_key,
};
use parley_netem::{Network, Profile};
use quinn_proto::{
    ClientConfig, Connection, ConnectionHandle, DatagramEvent, Dir, Endpoint, EndpointConfig,
    ServerConfig, TransportConfig,
    congestion::{BbrConfig, CubicConfig},
    crypto::rustls::{QuicClientConfig, QuicServerConfig},
};
use std::{
    fmt::Write as _,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

const WARM_UP: Duration = Duration::from_secs(5);
const LASTS: Duration = Duration::from_secs(30);
const COUNTED: Duration = Duration::from_secs(25);

/// Runs with different luck per cell. One run alone is luck: whether the loss of a second reads as
/// congestion decides the next ten.
const SEEDS: u64 = 5;

/// A packet that knows when it was sent.
#[derive(Clone)]
struct Stamped {
    at: Instant,
    bytes: Vec<u8>,
}

impl AsRef<[u8]> for Stamped {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// One end of the transfer.
trait End {
    fn transmit(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)>;
    fn receive(&mut self, now: Instant, from: SocketAddr, packet: &[u8]);
    fn timeout(&mut self, now: Instant);
    fn next(&mut self) -> Option<Instant>;
    fn goodput(&self) -> u64;
}

struct Outcome {
    goodput_mbps: f64,
    queue_p95: Duration,
}

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let is_alone = std::env::args().any(|argument| argument == "--alone");
    let controllers = if is_alone { 1 } else { 3 };
    let losses: &[u32] = if is_quick {
        &[0, 10]
    } else {
        &[0, 1, 5, 10, 15, 30]
    };
    let trips: &[u64] = if is_quick { &[250] } else { &[30, 250, 600] };
    let rates: &[f64] = if is_quick { &[4.0] } else { &[0.5, 4.0, 20.0] };
    let mut table = String::from(
        "| rtt ms | rate Mbit/s | loss % | LineCc Mbit/s (queue p95 ms) | Cubic | BBR |\n|---|---|---|---|---|---|\n",
    );
    for trip in trips {
        for rate in rates {
            for loss in losses {
                let text = format!("lan,rtt={trip}ms,rate={rate}mbit,loss={loss}%,queue=200ms");
                let profile = Profile::parse(&text).expect("the profile is well formed");
                let cells: Vec<String> = ["LineCc", "Cubic", "BBR"]
                    .into_iter()
                    .take(controllers)
                    .map(|controller| {
                        let outcomes = (0..SEEDS)
                            .map(|seed| transfer(controller, &profile, seed))
                            .collect();
                        cell(outcomes)
                    })
                    .collect();
                let cells = cells.join(" | ");
                let _ = writeln!(table, "| {trip} | {rate} | {loss} | {cells} |");
            }
        }
    }
    #[expect(clippy::print_stdout, reason = "a bench prints its table")]
    {
        println!("{table}");
    }
}

/// Median over the seeds of each figure, and the least goodput of any seed.
fn cell(mut outcomes: Vec<Outcome>) -> String {
    outcomes.sort_by(|a, b| a.goodput_mbps.total_cmp(&b.goodput_mbps));
    let middle = outcomes.len() / 2;
    let (median, least) = (outcomes[middle].goodput_mbps, outcomes[0].goodput_mbps);
    outcomes.sort_by_key(|outcome| outcome.queue_p95);
    let queue = outcomes[middle].queue_p95.as_millis();
    format!("{median:.2}, {least:.2} ({queue})")
}

fn transfer(controller: &str, profile: &Profile, seed: u64) -> Outcome {
    #[expect(
        clippy::disallowed_methods,
        reason = "virtual time needs some instant to begin with"
    )]
    let start = Instant::now();
    let mut ends: Vec<Box<dyn End>> = match controller {
        "LineCc" => vec![
            Box::new(LineEnd::new(0, start)),
            Box::new(LineEnd::new(1, start)),
        ],
        other => vec![
            Box::new(QuicEnd::new(0, other, start)),
            Box::new(QuicEnd::new(1, other, start)),
        ],
    };
    let mut network: Network<Stamped> = Network::new(seed, start);
    network.join(address(0).ip(), address(1).ip(), profile);
    let base = profile.out.at(Duration::ZERO).delay;
    let mut delays = Vec::new();
    let mut now = start;
    let mut warm = 0;
    while now < start + LASTS {
        for (index, end) in ends.iter_mut().enumerate() {
            while let Some((to, bytes)) = end.transmit(now) {
                network.send(now, address(index), to, Stamped { at: now, bytes });
            }
        }
        let timers = ends.iter_mut().filter_map(|end| end.next());
        let Some(next) = timers.chain(network.next_timeout()).min() else {
            break;
        };
        now = now.max(next);
        while let Some(parcel) = network.poll(now) {
            let to = usize::from(parcel.to == address(1));
            if to == 1 && now > start + WARM_UP {
                delays.push((now - parcel.packet.at).saturating_sub(base));
            }
            ends[to].receive(now, parcel.from, &parcel.packet.bytes);
        }
        for end in &mut ends {
            if end.next().is_some_and(|at| at <= now) {
                end.timeout(now);
            }
        }
        if now <= start + WARM_UP {
            warm = ends[1].goodput();
        }
    }
    delays.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let bits = (ends[1].goodput() - warm) as f64 * 8.0;
    Outcome {
        goodput_mbps: bits / COUNTED.as_secs_f64() / 1e6,
        queue_p95: delays
            .get(delays.len() * 95 / 100)
            .copied()
            .unwrap_or_default(),
    }
}

fn address(end: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, u8::try_from(end).unwrap_or(0), 1], 7400))
}

fn seed(end: usize) -> [u8; 32] {
    [u8::try_from(end + 1).unwrap_or(0); 32]
}

/// An end that sends letters in the image lane as fast as the line takes them.
struct LineEnd {
    lines: Lines,
    line: parley_line::LineId,
    sends: bool,
    received: u64,
}

impl LineEnd {
    fn new(end: usize, now: Instant) -> Self {
        let config = LinesConfig {
            key_seed: seed(end),
            sockets: 1,
            entropy: seed(end + 10),
        };
        let mut lines = Lines::new(config, now).expect("the key is good");
        let path = PathConfig {
            name: "bench".into(),
            socket: 0,
            remote: (end == 0).then(|| address(1)),
            carrier: Carrier::Udp,
            floor_bps: 128_000,
            ceiling_bps: 100_000_000,
        };
        let remote_key = public_key(&seed(1 - end)).expect("the key is good");
        let line = lines
            .open(
                now,
                LineConfig {
                    remote_key,
                    paths: vec![path],
                },
            )
            .expect("the line is good");
        Self {
            lines,
            line,
            sends: end == 0,
            received: 0,
        }
    }
}

impl End for LineEnd {
    fn transmit(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        let queued = |lines: &Lines| {
            lines
                .status(now, self.line)
                .map_or(0, |status| status.lanes[5].queued)
        };
        if self.sends && queued(&self.lines) < 6 << 20 {
            let body = Bytes::from(vec![0; 64 << 10]);
            let _ = self.lines.send(now, self.line, Lane::Image, 16, body);
        }
        let mut buffer = Vec::new();
        let transmit = self.lines.poll_transmit(now, &mut buffer)?;
        Some((transmit.to, buffer))
    }

    fn receive(&mut self, now: Instant, from: SocketAddr, packet: &[u8]) {
        self.lines
            .handle_datagram(now, 0, Carrier::Udp, from, None, BytesMut::from(packet));
        while let Some(event) = self.lines.poll_event() {
            if let LineEvent::Letter { body, .. } = event {
                self.received += body.len() as u64;
            }
        }
    }

    fn timeout(&mut self, now: Instant) {
        self.lines.handle_timeout(now);
    }

    fn next(&mut self) -> Option<Instant> {
        self.lines.poll_timeout()
    }

    fn goodput(&self) -> u64 {
        self.received
    }
}

/// An end that is quinn-proto as it comes, with one of its own controllers.
struct QuicEnd {
    endpoint: Endpoint,
    connection: Option<(ConnectionHandle, Connection)>,
    stream: Option<quinn_proto::StreamId>,
    sends: bool,
    received: u64,
    answers: Vec<(SocketAddr, Vec<u8>)>,
}

impl QuicEnd {
    fn new(end: usize, controller: &str, now: Instant) -> Self {
        let mut transport = TransportConfig::default();
        match controller {
            "Cubic" => transport.congestion_controller_factory(Arc::new(CubicConfig::default())),
            _ => transport.congestion_controller_factory(Arc::new(BbrConfig::default())),
        };
        transport.enable_segmentation_offload(false);
        let transport = Arc::new(transport);
        let (client, server) = bench_tls();
        let mut server = ServerConfig::with_crypto(server);
        server.transport_config(Arc::clone(&transport));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[7; 32]);
        let config = Arc::new(EndpointConfig::new(Arc::new(key)));
        let mut endpoint = Endpoint::new(config, Some(Arc::new(server)), true, Some(seed(end)));
        let connection = (end == 0).then(|| {
            let mut config = ClientConfig::new(client);
            config.transport_config(transport);
            endpoint
                .connect(now, config, address(1), "bench.invalid")
                .expect("dialling works")
        });
        Self {
            endpoint,
            connection,
            stream: None,
            sends: end == 0,
            received: 0,
            answers: Vec::new(),
        }
    }

    fn drive(&mut self) {
        let Some((handle, connection)) = &mut self.connection else {
            return;
        };
        while let Some(event) = connection.poll_endpoint_events() {
            if let Some(event) = self.endpoint.handle_event(*handle, event) {
                connection.handle_event(event);
            }
        }
        while connection.poll().is_some() {}
        if self.sends && !connection.is_handshaking() {
            if self.stream.is_none() {
                self.stream = connection.streams().open(Dir::Uni);
            }
            if let Some(id) = self.stream {
                let block = [0_u8; 16 << 10];
                while connection.send_stream(id).write(&block).is_ok() {}
            }
        }
        if let Some(id) = self
            .stream
            .filter(|_| !self.sends)
            .or_else(|| connection.streams().accept(Dir::Uni))
        {
            self.stream = Some(id);
            if let Ok(mut chunks) = connection.recv_stream(id).read(true) {
                while let Ok(Some(chunk)) = chunks.next(usize::MAX) {
                    self.received += chunk.bytes.len() as u64;
                }
                let _ = chunks.finalize();
            }
        }
    }
}

impl End for QuicEnd {
    fn transmit(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        if let Some(answer) = self.answers.pop() {
            return Some(answer);
        }
        self.drive();
        let (_, connection) = self.connection.as_mut()?;
        let mut buffer = Vec::new();
        let transmit = connection.poll_transmit(now, 1, &mut buffer)?;
        Some((transmit.destination, buffer))
    }

    fn receive(&mut self, now: Instant, from: SocketAddr, packet: &[u8]) {
        let mut buffer = Vec::new();
        match self
            .endpoint
            .handle(now, from, None, None, BytesMut::from(packet), &mut buffer)
        {
            Some(DatagramEvent::ConnectionEvent(_, event)) => {
                if let Some((_, connection)) = &mut self.connection {
                    connection.handle_event(event);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => {
                self.connection = self.endpoint.accept(incoming, now, &mut buffer, None).ok();
            }
            Some(DatagramEvent::Response(transmit)) => {
                self.answers.push((transmit.destination, buffer));
            }
            None => {}
        }
        self.drive();
    }

    fn timeout(&mut self, now: Instant) {
        if let Some((_, connection)) = &mut self.connection {
            connection.handle_timeout(now);
        }
        self.drive();
    }

    fn next(&mut self) -> Option<Instant> {
        self.connection
            .as_mut()
            .and_then(|(_, connection)| connection.poll_timeout())
    }

    fn goodput(&self) -> u64 {
        self.received
    }
}

/// TLS for the comparison: any key will do, and nobody is checked.
fn bench_tls() -> (Arc<QuicClientConfig>, Arc<QuicServerConfig>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut pkcs8 = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    pkcs8.extend_from_slice(&[9; 32]);
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(pkcs8.into());
    let signer = provider
        .key_provider
        .load_private_key(key)
        .expect("the key is good");
    let spki = signer.public_key().expect("Ed25519 has one").to_vec();
    let certified = Arc::new(rustls::sign::CertifiedKey::new(vec![spki.into()], signer));
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3 is there")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(
            rustls::server::AlwaysResolvesServerRawPublicKeys::new(certified),
        ));
    let client = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3 is there")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let client = QuicClientConfig::try_from(client).expect("the suite is there");
    let server = QuicServerConfig::try_from(server).expect("the suite is there");
    (Arc::new(client), Arc::new(server))
}

#[derive(Debug)]
struct Anybody;

impl rustls::client::danger::ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        vec![rustls::SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
