//! Takes browsers' TCP streams (RFC 6544, RFC 4571) until it is known which media thread each
//! belongs to: the first packet is a STUN request that names the participant's ICE fragment.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::{
    commands::{CommandQueue, MediaCommand},
    counters::{Count, Counters, as_f64},
    directory::Directory,
    poller::{Poller, Ready, Token, Waker},
    stream::FramedStream,
    stun::receiver_fragment,
    turning::{Next, Turning},
};

const WAKER: Token = Token(0);
const LISTENER: Token = Token(1);
const FIRST_STREAM: u64 = 2;

/// Streams whose first packet has not come. More lets strangers hold more memory (about 20 KiB
/// each); less turns away the browsers of a large room that reconnects at once.
const UNKNOWN_MAX: usize = 256;

/// The same, from one address: an office behind one address may be a whole delegation.
const UNKNOWN_PER_IP_MAX: usize = 64;

/// How long the first packet may take: a round trip over the worst access network, with a loss.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a media stream may keep back: 0.2 s of a 5 Mbit/s picture. More makes media late behind
/// itself, less drops key frames of a stream that only hiccups.
const PENDING_MAX: usize = 128 * 1024;

/// What the acceptor counts.
#[derive(Default)]
pub(crate) struct AcceptorCounters {
    /// Streams handed to a media thread.
    pub(crate) accepted: Count,
    /// Streams closed because they were too many.
    pub(crate) refused_flood: Count,
    /// Streams closed because their first packet was for nobody here.
    pub(crate) refused_unknown: Count,
    /// Streams closed because no first packet came.
    pub(crate) refused_silent: Count,
}

impl AcceptorCounters {
    pub(crate) fn write(&self, counters: &mut Counters) {
        for (name, count) in [
            ("accepted", &self.accepted),
            ("refused_flood", &self.refused_flood),
            ("refused_unknown", &self.refused_unknown),
            ("refused_silent", &self.refused_silent),
        ] {
            counters.insert(format!("acceptor_streams_{name}"), as_f64(count.get()));
        }
    }
}

/// The acceptor's thread.
pub(crate) struct Acceptor {
    listener: TcpListener,
    poller: Poller,
    waker: Waker,
    ready: Vec<Ready>,
    unknown: HashMap<Token, FramedStream>,
    next_token: u64,
    directory: Arc<Directory>,
    queues: Vec<CommandQueue<MediaCommand>>,
    counters: Arc<AcceptorCounters>,
    stop: Arc<AtomicBool>,
}

impl Acceptor {
    pub(crate) fn new(
        listener: TcpListener,
        waker: Waker,
        directory: Arc<Directory>,
        queues: Vec<CommandQueue<MediaCommand>>,
        stop: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let poller = Poller::new()?;
        poller.add(waker.descriptor(), WAKER)?;
        poller.add(&listener, LISTENER)?;
        Ok(Self {
            listener,
            poller,
            waker,
            ready: Vec::new(),
            unknown: HashMap::new(),
            next_token: FIRST_STREAM,
            directory,
            queues,
            counters: Arc::default(),
            stop,
        })
    }

    pub(crate) fn counters(&self) -> Arc<AcceptorCounters> {
        self.counters.clone()
    }

    /// Takes all streams that wait at the listener.
    fn accept(&mut self, now: Instant) {
        // An error concerns the stream that is gone by now (accept(2)), or passes by itself.
        while let Ok((stream, remote)) = self.listener.accept() {
            if self.is_flooded_by(remote.ip()) {
                self.counters.refused_flood.add(1);
                continue;
            }
            let Ok(stream) = FramedStream::new(stream, remote, PENDING_MAX, now) else {
                continue;
            };
            let token = Token(self.next_token);
            self.next_token += 1;
            if self.poller.add(&stream, token).is_ok() {
                self.unknown.insert(token, stream);
            }
        }
    }

    fn is_flooded_by(&self, ip: IpAddr) -> bool {
        let from_there = self
            .unknown
            .values()
            .filter(|stream| stream.remote().ip() == ip.to_canonical());
        self.unknown.len() >= UNKNOWN_MAX || from_there.count() >= UNKNOWN_PER_IP_MAX
    }

    /// Reads a stream; hands it over or closes it as soon as its first packet is there.
    fn read(&mut self, now: Instant, token: Token) {
        let Some(mut stream) = self.unknown.remove(&token) else {
            return;
        };
        let mut packets = Vec::new();
        let is_open = stream.read(now, &mut packets).unwrap_or(false);
        if packets.is_empty() {
            if is_open {
                self.unknown.insert(token, stream);
            }
            return;
        }
        match self.shard_of(&packets[0]) {
            Some(shard) if self.poller.remove(&stream).is_ok() => {
                self.counters.accepted.add(1);
                let command = MediaCommand::Stream {
                    stream: Box::new(stream),
                    packets,
                };
                // A media thread that is overloaded loses the stream, and the browser dials again.
                let _ = self.queues[shard].tell(command);
            }
            _ => self.counters.refused_unknown.add(1),
        }
    }

    fn shard_of(&self, packet: &Bytes) -> Option<usize> {
        let shard = self
            .directory
            .shard_of_fragment(receiver_fragment(packet)?)?;
        (shard < self.queues.len()).then_some(shard)
    }

    fn expire(&mut self, now: Instant) {
        let before = self.unknown.len();
        self.unknown
            .retain(|_, stream| now.duration_since(stream.last_packet_at) < PATIENCE);
        self.counters
            .refused_silent
            .add((before - self.unknown.len()) as u64);
    }

    fn deadline(&self) -> Option<Instant> {
        self.unknown
            .values()
            .map(|stream| stream.last_packet_at + PATIENCE)
            .min()
    }
}

impl Turning for Acceptor {
    fn turn(&mut self) -> io::Result<Next> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        self.poller
            .wait(Instant::now(), self.deadline(), &mut ready)?;
        if self.stop.load(Ordering::SeqCst) {
            return Ok(Next::Stop);
        }
        let now = Instant::now();
        for Ready { token, .. } in &ready {
            match *token {
                WAKER => self.waker.acknowledge(),
                LISTENER => self.accept(now),
                stream => self.read(now, stream),
            }
        }
        self.expire(now);
        self.ready = ready;
        Ok(Next::Turn)
    }

    fn recover(&mut self) -> bool {
        self.unknown.clear();
        true
    }
}
