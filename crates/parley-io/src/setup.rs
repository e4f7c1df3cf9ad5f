//! Opens an engine's sockets and starts its threads.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, atomic::AtomicU64},
    thread::available_parallelism,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use parley_line::{party_id, public_key};
use parley_media::RelayConfig;

use crate::{
    acceptor::Acceptor,
    address::Candidates,
    commands::CommandQueue,
    counters::{Counters, MediaCounters, as_f64},
    crossing::{Crossings, ring},
    directory::GROUPS,
    engine::{AcceptorEnd, Engine, EngineConfig, Shard},
    error::EngineError,
    line_streams::LineStreams,
    line_thread::{LineParts, LineThread, first_listener},
    media_thread::{MediaParts, MediaThread},
    open_lines::OpenLines,
    outbox::Outbox,
    poller::Waker,
    rooms::Rooms,
    stream::listen,
    udp::UdpEnd,
};

/// Attempts to find one free port for both UDP and TCP when the system is to choose.
const ANY_PORT_TRIES: usize = 16;

/// All sockets of an engine, open before the first thread starts: what is refused is refused whole.
struct Sockets {
    line: Vec<UdpEnd>,
    line_streams: LineStreams,
    media: Vec<(UdpEnd, Candidates)>,
    media_tcp: Option<(TcpListener, Candidates)>,
}

pub(crate) fn start(config: &EngineConfig) -> Result<Engine, EngineError> {
    let shards = shard_count(config.media_threads)?;
    let party = party_id(&public_key(&config.key_seed)?);
    let sockets = Sockets::open(config, shards)?;
    let now = Instant::now();
    let outbox = Outbox::new().map_err(EngineError::system("make an event descriptor"))?;
    let lines = OpenLines::new(config.key_seed, sockets.line.len(), now)?;
    let (line, line_commands) = CommandQueue::new(waker()?);
    let mut engine = Engine {
        party,
        line_addresses: sockets.line.iter().map(UdpEnd::local).collect(),
        media_addresses: sockets.media_addresses(),
        media_tcp_addresses: sockets.media_tcp_addresses(),
        outbox: Arc::new(outbox),
        directory: Arc::default(),
        media: Vec::new(),
        line,
        line_counters: Arc::default(),
        acceptor: None,
        threads: Mutex::default(),
        stop: Arc::default(),
        requests: AtomicU64::new(1),
    };
    // From here on an error drops the engine, which stops the threads that were started.
    let Sockets {
        line: ends,
        line_streams: streams,
        media,
        media_tcp,
    } = sockets;
    let tcp = media_tcp.as_ref().map(|(_, candidates)| candidates.clone());
    let mut crossings = Crossings::default();
    for (shard, (end, udp)) in media.into_iter().enumerate() {
        let socket = MediaSocket {
            end,
            udp,
            tcp: tcp.clone(),
        };
        start_media(&mut engine, shard, socket, &mut crossings, now)?;
    }
    let made_of = LineParts {
        lines,
        ends,
        streams,
        commands: line_commands,
        crossings,
        waker: engine.line.waker().clone(),
        outbox: engine.outbox.clone(),
        counters: engine.line_counters.clone(),
        stop: engine.stop.clone(),
    };
    let thread = LineThread::new(made_of, now).map_err(EngineError::system("watch sockets"))?;
    engine.spawn("line".to_owned(), thread)?;
    if let Some((listener, _)) = media_tcp {
        start_acceptor(&mut engine, listener)?;
    }
    Ok(engine)
}

struct MediaSocket {
    end: UdpEnd,
    udp: Candidates,
    tcp: Option<Candidates>,
}

fn start_media(
    engine: &mut Engine,
    shard: usize,
    socket: MediaSocket,
    crossings: &mut Crossings,
    now: Instant,
) -> Result<(), EngineError> {
    let MediaSocket { end, udp, tcp } = socket;
    let waker = waker()?;
    let (queue, commands) = CommandQueue::new(waker.clone());
    let (to_line, at_line) = ring(engine.line.waker().clone());
    let (from_line, at_media) = ring(waker.clone());
    crossings.add(from_line, at_line);
    let mut config = RelayConfig::new(engine.party, epoch());
    config.udp = udp.told().to_vec();
    config.tcp = tcp
        .as_ref()
        .map(|tcp| tcp.told().to_vec())
        .unwrap_or_default();
    let rooms = Rooms::new(
        shard,
        config,
        engine.directory.clone(),
        engine.outbox.clone(),
        now,
    );
    let counters = Arc::<MediaCounters>::default();
    let parts = MediaParts {
        rooms,
        end,
        udp,
        tcp,
        commands,
        to_line,
        from_line: at_media,
        waker,
        counters: counters.clone(),
        stop: engine.stop.clone(),
    };
    let thread = MediaThread::new(parts, now).map_err(EngineError::system("watch sockets"))?;
    engine.media.push(Shard { queue, counters });
    engine.spawn(format!("media-{shard}"), thread)
}

fn start_acceptor(engine: &mut Engine, listener: TcpListener) -> Result<(), EngineError> {
    let waker = waker()?;
    let queues = engine
        .media
        .iter()
        .map(|shard| shard.queue.clone())
        .collect();
    let (directory, stop) = (engine.directory.clone(), engine.stop.clone());
    let acceptor = Acceptor::new(listener, waker.clone(), directory, queues, stop)
        .map_err(EngineError::system("watch sockets"))?;
    engine.acceptor = Some(AcceptorEnd {
        waker,
        counters: acceptor.counters(),
    });
    engine.spawn("acceptor".to_owned(), acceptor)
}

impl Sockets {
    fn open(config: &EngineConfig, shards: usize) -> Result<Self, EngineError> {
        if config.line_listen.is_empty() {
            return Err(EngineError::ArgumentInvalid {
                argument: "line_listen",
            });
        }
        let (line, listeners) = config
            .line_listen
            .iter()
            .map(|address| open_line_end(*address))
            .collect::<Result<(Vec<_>, Vec<_>), _>>()?;
        let line_streams = LineStreams::new(listeners, first_listener(line.len()));
        let declared = config.media_advertise.as_deref();
        let media = (0..shards)
            .map(|shard| {
                let end = UdpEnd::bind(nth_port(config.media_udp, shard)?)?;
                let candidates = Candidates::new(end.local(), declared)?;
                Ok((end, candidates))
            })
            .collect::<Result<Vec<_>, EngineError>>()?;
        let media_tcp = config
            .media_tcp
            .map(|address| {
                let listener = listen(address)?;
                let bound = listener
                    .local_addr()
                    .map_err(EngineError::system("read an address"))?;
                Ok::<_, EngineError>((listener, Candidates::new(bound, declared)?))
            })
            .transpose()?;
        Ok(Self {
            line,
            line_streams,
            media,
            media_tcp,
        })
    }

    fn media_addresses(&self) -> Vec<SocketAddr> {
        self.media
            .iter()
            .flat_map(|(_, candidates)| candidates.told())
            .copied()
            .collect()
    }

    fn media_tcp_addresses(&self) -> Vec<SocketAddr> {
        self.media_tcp
            .iter()
            .flat_map(|(_, candidates)| candidates.told())
            .copied()
            .collect()
    }
}

/// Opens one local end of line paths: the same port for UDP and for TCP.
fn open_line_end(address: SocketAddr) -> Result<(UdpEnd, TcpListener), EngineError> {
    let mut tries = if address.port() == 0 {
        ANY_PORT_TRIES
    } else {
        1
    };
    loop {
        tries -= 1;
        let end = UdpEnd::bind(address)?;
        match listen(end.local()) {
            Ok(listener) => return Ok((end, listener)),
            Err(EngineError::PortTaken { .. }) if tries > 0 => {}
            Err(error) => return Err(error),
        }
    }
}

fn nth_port(first: SocketAddr, nth: usize) -> Result<SocketAddr, EngineError> {
    let offset = u16::try_from(nth).unwrap_or(u16::MAX);
    let port = match first.port() {
        0 => Some(0),
        port => port.checked_add(offset),
    };
    let unusable = || EngineError::AddressUnusable {
        address: first.to_string(),
    };
    Ok(SocketAddr::new(first.ip(), port.ok_or_else(unusable)?))
}

fn shard_count(wanted: Option<usize>) -> Result<usize, EngineError> {
    match wanted {
        Some(count) if (1..=GROUPS).contains(&count) => Ok(count),
        Some(_) => Err(EngineError::ArgumentInvalid {
            argument: "media_threads",
        }),
        None => {
            let cores = available_parallelism().map_or(1, usize::from);
            Ok(cores.saturating_sub(2).clamp(1, GROUPS))
        }
    }
}

fn waker() -> Result<Waker, EngineError> {
    Waker::new().map_err(EngineError::system("make a wake-up descriptor"))
}

/// Tells this run of the node from others: its start in microseconds. A clock that was set back
/// would repeat one only if it came back to the very microsecond.
fn epoch() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or_default()
}

/// Adds what the process as a whole uses.
pub(crate) fn write_process(counters: &mut Counters, outbox: &Outbox) {
    counters.insert(
        "engine_events_waiting".to_owned(),
        as_f64(outbox.len() as u64),
    );
    if let Some(pages) = resident_pages() {
        let bytes = pages * rustix::param::page_size() as u64;
        counters.insert("engine_process_resident_bytes".to_owned(), as_f64(bytes));
    }
}

/// Pages of memory the process has in use (proc(5), statm).
fn resident_pages() -> Option<u64> {
    std::fs::read_to_string("/proc/self/statm")
        .ok()?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()
}
