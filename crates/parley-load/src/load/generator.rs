//! All endpoints on one thread, and the measured windows.

use std::{
    collections::{BTreeSet, VecDeque},
    net::Ipv4Addr,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use parley_srtp::packet::Kind;

use super::{
    endpoint::{Endpoint, EndpointPlan, Outgoing},
    processor::busy_ns,
    sockets::{Batch, Datagram, Sockets},
    tally::{SendLog, SendLogs, Tally},
    window::{Window, WindowPlan},
};
use crate::{error::LoadError, schedule::Rhythm, spread::Spread};

/// Browsers report arrivals about every 50 to 250 ms; 100 ms is libwebrtc's default.
const CONGESTION_REPORT_EVERY: Duration = Duration::from_millis(100);
/// Every so many congestion reports a receiver report goes along: one a second.
const RECEIVER_REPORT_EVERY: u32 = 10;
/// How often the timers of all endpoints are looked at: handshakes repeat after 100 ms or more.
const TIMERS_EVERY: Duration = Duration::from_millis(10);
/// Batches from one socket before the others and the schedule have their turn.
const BATCHES_PER_TURN: usize = 8;
/// Packets sent in one turn at most, so that receiving never waits long.
const SENDS_PER_TURN: usize = 32;
/// Longest wait while nothing is published.
const NAP_MAX: Duration = Duration::from_millis(5);
/// Longest sleep while publishing. Arrivals wait for it, stamped by the kernel: more makes larger
/// batches and sends later, less spends the core on looking.
const BATCH_NAP: Duration = Duration::from_micros(200);
/// Below this the next packet is waited for awake: a sleep of it would oversleep.
const NAP_MIN: Duration = Duration::from_micros(30);
/// After a window, its packets may still arrive for so long.
const TAIL: Duration = Duration::from_millis(300);

/// Where the generator's endpoints live.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorConfig {
    /// The first of their addresses; each endpoint takes the next.
    pub first_address: Ipv4Addr,
    /// Sockets behind those addresses.
    pub sockets: usize,
}

/// Many endpoints and what they measure.
#[derive(Debug)]
pub struct Generator {
    sockets: Sockets,
    /// By place; a place that was left stays empty.
    endpoints: Vec<Option<Endpoint>>,
    logs: SendLogs,
    /// When the next report is due, of which place, and how many were sent before it.
    reports: VecDeque<(Instant, usize, u32)>,
    timers_due: Instant,
    batch: Batch,
    tally: Tally,
    out: Vec<Outgoing>,
}

impl Generator {
    /// Opens the sockets.
    ///
    /// # Errors
    /// [`LoadError::System`] when the system has none to give.
    pub fn new(config: &GeneratorConfig) -> Result<Self, LoadError> {
        Ok(Self {
            sockets: Sockets::open(config.sockets, config.first_address)?,
            endpoints: Vec::new(),
            logs: SendLogs::default(),
            reports: VecDeque::new(),
            timers_due: Instant::now(),
            batch: Batch::default(),
            tally: Tally::default(),
            out: Vec::new(),
        })
    }

    /// Makes an endpoint and returns its number and offer.
    ///
    /// # Errors
    /// [`LoadError::Address`] when its address is not usable.
    pub fn offer(&mut self, plan: EndpointPlan) -> Result<(usize, String), LoadError> {
        let number = self.endpoints.len();
        let place = self.sockets.place(number);
        let (endpoint, offer) = Endpoint::offering(number as u64, place, plan, Instant::now())?;
        self.endpoints.push(Some(endpoint));
        Ok((number, offer))
    }

    /// Makes a watcher from the relay's offer and returns its number and answer.
    ///
    /// # Errors
    /// [`LoadError::Description`] when the offer cannot be answered.
    pub fn answer(&mut self, offer: &str) -> Result<(usize, String), LoadError> {
        let number = self.endpoints.len();
        let place = self.sockets.place(number);
        let (endpoint, answer) = Endpoint::answering(number as u64, place, offer, Instant::now())?;
        self.endpoints.push(Some(endpoint));
        Ok((number, answer))
    }

    /// Takes the relay's answer to an endpoint's offer.
    ///
    /// # Errors
    /// [`LoadError::Description`] when it cannot be used; [`LoadError::Command`] when there is no
    /// such endpoint.
    pub fn accept(&mut self, number: usize, answer: &str) -> Result<(), LoadError> {
        let endpoint = self.endpoints.get_mut(number).and_then(Option::as_mut);
        endpoint
            .ok_or_else(|| LoadError::Command(format!("there is no endpoint {number}")))?
            .accept(answer)
    }

    /// Runs until all endpoints are connected, and returns the SRTP profiles they agreed upon.
    ///
    /// # Errors
    /// [`LoadError::Silence`] when some are not after `patience`.
    pub fn connect(&mut self, patience: Duration) -> Result<BTreeSet<String>, LoadError> {
        let give_up = Instant::now() + patience;
        while !self.is_connected() && Instant::now() < give_up {
            self.turn(None);
        }
        let expected = self.endpoints.iter().flatten().count();
        let connected = self
            .endpoints
            .iter()
            .flatten()
            .filter(|end| end.is_connected())
            .count();
        if connected < expected {
            return Err(LoadError::Silence {
                missing: expected - connected,
                expected,
            });
        }
        self.schedule_reports();
        Ok(self
            .endpoints
            .iter()
            .flatten()
            .filter_map(Endpoint::profile)
            .collect())
    }

    /// Drops all endpoints without a word.
    pub fn clear(&mut self) {
        self.endpoints.clear();
        self.reports.clear();
        self.logs = SendLogs::default();
    }

    /// Serves the endpoints for a short while without publishing.
    pub fn idle(&mut self) {
        self.turn(None);
    }

    /// The local ports, for whoever reads the system's counters.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.sockets.ports()
    }

    /// Publishes at an even pace and measures one window.
    pub fn run(&mut self, plan: &WindowPlan) -> Window {
        let publishers = self.publishers();
        let mut pace = (plan.packets_per_second > 0 && !publishers.is_empty()).then(|| Pace {
            rhythm: Rhythm::new(
                Instant::now(),
                plan.packets_per_second * publishers.len() as u64,
            ),
            packets_per_second: plan.packets_per_second,
            publishers,
        });
        self.run_until(Instant::now() + plan.warm_up, &mut pace);
        self.tally.clear();
        self.logs.open();
        let before = busy(&plan.processes);
        let opened = Instant::now();
        self.run_until(opened + plan.length, &mut pace);
        let after = busy(&plan.processes);
        self.logs.close();
        let seconds = opened.elapsed().as_secs_f64();
        self.run_until(Instant::now() + TAIL, &mut pace);
        let busy_ns: Vec<u64> = before
            .iter()
            .zip(&after)
            .map(|(before, after)| after.saturating_sub(*before))
            .collect();
        self.window(seconds, busy_ns)
    }

    /// Sends packets from one own address to another, and returns how long each took to be
    /// received: what the way costs without a relay.
    pub fn baseline(&mut self, packets: usize, bytes: usize) -> Spread {
        let (source, socket) = self.sockets.place(0);
        let (target, far) = self.sockets.place(self.sockets.len() + 1);
        let contents = vec![0; bytes];
        let mut spread = Spread::default();
        for _ in 0..packets {
            let sent_ns = unix_ns();
            if !self.sockets.send(socket, source, target, &contents) {
                continue;
            }
            self.sockets.receive(far, &mut self.batch, |datagram| {
                spread.add(datagram.arrived_ns.saturating_sub(sent_ns));
            });
            self.sockets.wait(NAP_MIN);
        }
        spread
    }

    fn window(&mut self, seconds: f64, mut busy_ns: Vec<u64>) -> Window {
        let own_busy_ns = busy_ns.pop().unwrap_or(0);
        let sources: Vec<u64> = self
            .endpoints
            .iter()
            .flatten()
            .flat_map(|end| end.receiver.sources())
            .collect();
        let expected = sources
            .iter()
            .filter_map(|publisher| self.logs.log(*publisher))
            .map(SendLog::in_window)
            .sum();
        let tally = &self.tally;
        Window {
            seconds,
            sent: self.logs.in_window(),
            expected,
            received: tally.received,
            bytes: tally.bytes,
            streams: sources.len() as u64,
            delay_ns: tally.delay_ns.clone(),
            slip_ns: tally.slip_ns.clone(),
            busy_ns,
            own_busy_ns,
            oddities: vec![
                ("overdue", tally.overdue),
                ("late", tally.late),
                ("unexplained", tally.unexplained),
                ("forged", tally.forged),
                ("renumbered", tally.renumbered),
                ("repairs", tally.repairs),
                ("unsent", tally.unsent),
            ],
            verified: tally.opened - tally.forged,
        }
    }

    fn publishers(&mut self) -> Vec<usize> {
        let is_sending = |place: &usize| {
            self.endpoints[*place]
                .as_ref()
                .is_some_and(|endpoint| endpoint.sender.is_some())
        };
        let publishers: Vec<usize> = (0..self.endpoints.len()).filter(is_sending).collect();
        for place in &publishers {
            self.logs.of(*place);
        }
        publishers
    }

    fn is_connected(&self) -> bool {
        self.endpoints.iter().flatten().all(Endpoint::is_connected)
    }

    fn run_until(&mut self, end: Instant, pace: &mut Option<Pace>) {
        while Instant::now() < end {
            self.turn(pace.as_mut());
        }
    }

    /// Sends what is due, receives what is there, and rests until there may be more.
    fn turn(&mut self, mut pace: Option<&mut Pace>) {
        if let Some(pace) = pace.as_deref_mut() {
            self.publish(pace);
        }
        for socket in 0..self.sockets.len() {
            self.receive(socket);
        }
        let now = Instant::now();
        if now >= self.timers_due {
            self.timers_due = now + TIMERS_EVERY;
            self.advance(now);
        }
        self.report(now);
        self.flush();
        match pace {
            None => self.sockets.wait(NAP_MAX),
            Some(pace) => {
                let nap = pace.rhythm.due().saturating_duration_since(Instant::now());
                if nap >= NAP_MIN {
                    std::thread::sleep(nap.min(BATCH_NAP));
                }
            }
        }
    }

    fn publish(&mut self, pace: &mut Pace) {
        for _ in 0..SENDS_PER_TURN {
            let due = pace.rhythm.due();
            let now = Instant::now();
            let Some(tick) = pace.rhythm.tick(now) else {
                return;
            };
            let slip = now.saturating_duration_since(due).as_nanos();
            self.tally
                .slip_ns
                .add(u64::try_from(slip).unwrap_or(u64::MAX));
            let at = usize::try_from(tick % pace.publishers.len() as u64).unwrap_or(0);
            self.send_media(pace.publishers[at], pace.packets_per_second);
        }
    }

    fn send_media(&mut self, place: usize, packets_per_second: u64) {
        let Some(endpoint) = self.endpoints.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        let (Some(sender), Some(srtp), Some(remote)) =
            (&mut endpoint.sender, &mut endpoint.srtp, endpoint.remote)
        else {
            return;
        };
        let log = self.logs.of(place);
        let packet = sender.packet(srtp, log, packets_per_second, unix_ns());
        let is_sent = self
            .sockets
            .send(endpoint.socket, endpoint.local, remote, &packet);
        self.tally.unsent += u64::from(!is_sent);
    }

    fn receive(&mut self, socket: usize) {
        let now = Instant::now();
        let (endpoints, logs) = (&mut self.endpoints, &self.logs);
        let (tally, out) = (&mut self.tally, &mut self.out);
        for _ in 0..BATCHES_PER_TURN {
            let is_full = self.sockets.receive(socket, &mut self.batch, |datagram| {
                let endpoint = endpoints.get_mut(datagram.place).and_then(Option::as_mut);
                if let Some(endpoint) = endpoint {
                    take(endpoint, &datagram, now, logs, tally, out);
                }
            });
            if !is_full {
                break;
            }
        }
    }

    fn advance(&mut self, now: Instant) {
        for endpoint in self.endpoints.iter_mut().flatten() {
            if endpoint.timeout() <= now {
                endpoint.advance(now, &mut self.out);
            }
        }
    }

    /// Spreads the reports of all endpoints evenly over their interval.
    fn schedule_reports(&mut self) {
        let now = Instant::now();
        let count = u32::try_from(self.endpoints.len().max(1)).unwrap_or(u32::MAX);
        let step = CONGESTION_REPORT_EVERY / count;
        self.reports = (0..count)
            .map(|place| {
                (
                    now + step * place,
                    usize::try_from(place).unwrap_or(0),
                    place,
                )
            })
            .collect();
    }

    fn report(&mut self, now: Instant) {
        while let Some((due, place, count)) = self.reports.front().copied() {
            if due > now {
                return;
            }
            self.reports.pop_front();
            let next = (due + CONGESTION_REPORT_EVERY, place, count.wrapping_add(1));
            self.reports.push_back(next);
            let is_long = count.is_multiple_of(RECEIVER_REPORT_EVERY);
            self.send_reports(place, is_long);
        }
    }

    fn send_reports(&mut self, place: usize, is_long: bool) {
        let Some(endpoint) = self.endpoints.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        let mut compound = Vec::new();
        if is_long {
            if let (Some(sender), Some(log)) = (&endpoint.sender, self.logs.log(place as u64)) {
                compound.extend(sender.report(log, unix_ns()));
            }
            compound.extend(endpoint.receiver.receiver_report());
        }
        compound.extend(endpoint.receiver.congestion_report().unwrap_or_default());
        if compound.is_empty() {
            return;
        }
        self.out.extend(endpoint.feedback(&compound));
    }

    fn flush(&mut self) {
        for outgoing in self.out.drain(..) {
            let Outgoing {
                socket,
                source,
                to,
                datagram,
            } = outgoing;
            let is_sent = self.sockets.send(socket, source, to, &datagram);
            self.tally.unsent += u64::from(!is_sent);
        }
    }
}

fn take(
    endpoint: &mut Endpoint,
    datagram: &Datagram<'_>,
    now: Instant,
    logs: &SendLogs,
    tally: &mut Tally,
    out: &mut Vec<Outgoing>,
) {
    match Kind::of(datagram.bytes) {
        Kind::Rtp => {
            if let Some(srtp) = &mut endpoint.srtp {
                let (bytes, arrived_ns) = (datagram.bytes, datagram.arrived_ns);
                endpoint
                    .receiver
                    .receive(bytes, arrived_ns, srtp, logs, tally);
            }
        }
        Kind::Rtcp => endpoint.receive_rtcp(datagram.bytes),
        Kind::Other => endpoint.receive(now, datagram.source, datagram.bytes, out),
    }
}

/// The processor time of each process, and last our own.
fn busy(processes: &[u32]) -> Vec<u64> {
    let own = std::process::id();
    processes
        .iter()
        .copied()
        .chain([own])
        .map(busy_ns)
        .collect()
}

fn unix_ns() -> u64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(0)
}

/// Who publishes, and when the next packet of all of them together is due.
#[derive(Debug)]
struct Pace {
    rhythm: Rhythm,
    packets_per_second: u64,
    publishers: Vec<usize>,
}
