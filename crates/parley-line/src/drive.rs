//! How a node's lines run: what is written next, what is due, what QUIC tells.

use crate::{
    config::{CEILING_BPS_DEFAULT, DIAL_PATIENCE, FLOOR_BPS_DEFAULT},
    event::{LineEvent, LineId, Transmit},
    letters_in::Verdict,
    line::{Line, silence},
    lines::{Lines, Owner, transmit},
    link::{Farewell, Link, Phase, StreamItem},
    rate::Profile,
    refusal::Refusal,
    state::PathEvent,
    transport::{self, DIALS_UNPROVEN_MAX},
};
use bytes::Bytes;
use parley_wire::line::{Datagram, Lane, LetterHead, Report, parse_datagram};
use quinn_proto::{Dir, Event, Incoming, StreamEvent};
use std::time::{Duration, Instant};

/// One turn in so many goes to documents and images first, however busy the lanes above are:
/// without it a full video lane would stop the record for ever.
const GUARD_TURN: u32 = 32;

/// Queue above which images wait. More fills the path with images; less stops them for jitter.
const IMAGE_QUEUE_MAX: Duration = Duration::from_millis(40);

impl Lines {
    /// Takes one packet out of a connection, after writing the most urgent thing into it.
    pub(crate) fn pump(
        &mut self,
        now: Instant,
        index: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let link = self.links.get_mut(index)?;
        let line = link.line.and_then(|id| self.lines.get_mut(&id));
        link.pacer.advance(now, link.control.rate().rate_bps());
        let mut is_open = link.phase != Phase::Ready || link.pacer.is_ready();
        if link.phase == Phase::Ready {
            link.write_urgent();
            if link.has_datagrams() {
                is_open = true;
            } else if is_open && let Some(line) = line {
                return write_paced(now, index, link, line, buf);
            }
        }
        take_packet(now, link, is_open, buf)
    }

    /// After a connection has sent what it could: reads what changed, plans its next turn.
    pub(crate) fn settle(&mut self, now: Instant, index: usize) {
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        link.is_dirty = false;
        if self.drain(now, index) {
            self.mark(index);
        } else {
            self.schedule_link(index);
        }
    }

    /// Puts a connection in the queue of those to be pumped.
    pub(crate) fn mark(&mut self, index: usize) {
        if let Some(link) = self.links.get_mut(index)
            && !link.is_dirty
        {
            link.is_dirty = true;
            self.dirty.push_back(index);
        }
    }

    pub(crate) fn mark_best(&mut self, line: LineId) {
        if let Some(best) = self.lines.get(&line).and_then(|line| line.best) {
            self.mark(best);
        }
    }

    fn schedule_link(&mut self, index: usize) {
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let mut at = link.connection.poll_timeout();
        if link.phase == Phase::Ready && !link.pacer.is_ready() {
            let ready = link.pacer.ready_at();
            at = Some(at.map_or(ready, |at| at.min(ready)));
        }
        let before = std::mem::replace(&mut link.timer, at);
        self.reschedule(before, at, Owner::Link(index));
    }

    pub(crate) fn schedule_line(&mut self, id: LineId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let at = line.next_timeout(&self.links);
        let before = std::mem::replace(&mut line.timer, at);
        self.reschedule(before, at, Owner::Line(id));
    }

    fn reschedule(&mut self, before: Option<Instant>, at: Option<Instant>, owner: Owner) {
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.timers.remove(&(before, owner));
        }
        if let Some(at) = at {
            self.timers.insert((at, owner));
        }
    }

    pub(crate) fn link_timeout(&mut self, now: Instant, index: usize) {
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        link.timer = None;
        link.connection.handle_timeout(now);
        self.drain(now, index);
        self.mark(index);
    }

    pub(crate) fn line_timeout(&mut self, now: Instant, id: LineId) {
        if let Some(line) = self.lines.get_mut(&id) {
            line.timer = None;
        }
        let paths = self.lines.get(&id).map_or(0, |line| line.paths.len());
        for path in 0..paths {
            self.check_silence(now, id, path);
            self.dial_if_due(now, id, path);
            self.report_if_due(now, id, path);
        }
        self.copy_alerts(now, id);
        self.send_receipts_if_due(now, id);
        self.review(now, id);
        self.schedule_line(id);
    }

    fn check_silence(&mut self, now: Instant, id: LineId, path: usize) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let Some(entry) = line.paths.get_mut(path) else {
            return;
        };
        if let Some(link) = entry.link.and_then(|link| self.links.get(link))
            && let Some(event) = silence(now, link)
        {
            line.path_event(path, event, &mut self.events);
            let entry = &mut line.paths[path];
            if event == PathEvent::LongSilence && entry.dial_at.is_none() && entry.needs_dial() {
                entry.dial_now(now);
            }
        }
    }

    fn dial_if_due(&mut self, now: Instant, id: LineId, path: usize) {
        let Some(entry) = self
            .lines
            .get_mut(&id)
            .and_then(|line| line.paths.get_mut(path))
        else {
            return;
        };
        if let Some(attempt) = entry.attempt
            && self
                .links
                .get(attempt)
                .is_none_or(|link| now >= link.opened + DIAL_PATIENCE)
        {
            entry.attempt = None;
            entry.dial_later(now);
            self.part(now, attempt, Farewell::Closed);
        }
        let Some(entry) = self
            .lines
            .get_mut(&id)
            .and_then(|line| line.paths.get_mut(path))
        else {
            return;
        };
        if entry.dial_at.is_none_or(|at| at > now) {
            return;
        }
        entry.dial_at = None;
        if entry.needs_dial() {
            self.dial(now, id, path);
        }
    }

    fn dial(&mut self, now: Instant, id: LineId, path: usize) {
        let Some(entry) = self
            .lines
            .get_mut(&id)
            .and_then(|line| line.paths.get_mut(path))
        else {
            return;
        };
        let Some(remote) = entry.config.remote else {
            return;
        };
        let (floor, ceiling) = (entry.config.floor_bps, entry.config.ceiling_bps);
        let control = Self::control(now, floor, ceiling, &entry.profile);
        let endpoint =
            entry.config.socket * 2 + usize::from(entry.config.carrier == crate::Carrier::Tcp);
        let connected = transport::dialling(&entry.tls, &control, &entry.profile)
            .ok()
            .and_then(|config| {
                // The name is not sent (`enable_sni`); TLS only wants one to be given.
                self.endpoints[endpoint]
                    .connect(now, config, remote, "parley.invalid")
                    .ok()
            });
        let Some((handle, connection)) = connected else {
            entry.dial_later(now);
            return;
        };
        let mut link = Link::new(now, (endpoint, handle), connection, control, true);
        link.line = Some(id);
        link.path = path;
        let index = self.insert_link(link);
        if let Some(entry) = self
            .lines
            .get_mut(&id)
            .and_then(|line| line.paths.get_mut(path))
        {
            entry.attempt = Some(index);
        }
    }

    /// Somebody dials us.
    pub(crate) fn be_dialled(&mut self, now: Instant, endpoint: usize, incoming: Incoming) {
        let end = &mut self.endpoints[endpoint];
        if self.dials_in >= transport::DIALS_MAX {
            end.ignore(incoming);
            return self.refuse(Refusal::DialFlood, None, None);
        }
        let mut answer = Vec::new();
        if self.dials_in >= DIALS_UNPROVEN_MAX
            && !incoming.remote_address_validated()
            && incoming.may_retry()
        {
            if let Ok(retry) = end.retry(incoming, &mut answer) {
                self.answer(endpoint, retry.destination, retry.ecn, answer);
            }
            return;
        }
        let control = Self::control(
            now,
            FLOOR_BPS_DEFAULT,
            CEILING_BPS_DEFAULT,
            &Profile::default(),
        );
        let config = transport::for_connection(&self.server, &control);
        match end.accept(incoming, now, &mut answer, Some(config)) {
            Ok((handle, connection)) => {
                self.dials_in += 1;
                let link = Link::new(now, (endpoint, handle), connection, control, false);
                let index = self.insert_link(link);
                self.drain(now, index);
            }
            Err(error) => {
                self.refuse(Refusal::Handshake, None, None);
                if let Some(response) = error.response {
                    self.answer(endpoint, response.destination, response.ecn, answer);
                }
            }
        }
        self.take_refused_keys();
    }

    fn report_if_due(&mut self, now: Instant, id: LineId, path: usize) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let Some(index) = line.paths.get(path).and_then(|path| path.link) else {
            return;
        };
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let (loss, bps) = {
            let rate = link.control.rate();
            (rate.loss(), rate.settled_bps())
        };
        if let Some(report) = line.report(now, path, loss, bps) {
            link.push_urgent(Lane::Alert, encode(&report));
            self.mark(index);
        }
    }

    /// Sends copies of the alerts that are due, on every connection that stands.
    pub(crate) fn copy_alerts(&mut self, now: Instant, id: LineId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let ways: Vec<usize> = line
            .paths
            .iter()
            .flat_map(|path| [path.link, path.spare])
            .flatten()
            .collect();
        if ways.is_empty() || line.best.is_none() {
            return;
        }
        for copy in line.outbox.due_copies(now) {
            for &index in &ways {
                if let Some(link) = self.links.get_mut(index) {
                    link.push_urgent(Lane::Alert, copy.clone());
                }
            }
        }
        for index in ways {
            self.mark(index);
        }
    }

    fn send_receipts_if_due(&mut self, now: Instant, id: LineId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        if line.receipts_at.is_none_or(|at| at > now) {
            return;
        }
        line.receipts_at = None;
        let receipts = encode(&Datagram::Receipts(line.inbox.receipts()));
        let ways: Vec<usize> = line.paths.iter().filter_map(|path| path.link).collect();
        for index in ways {
            if let Some(link) = self.links.get_mut(index) {
                link.push_urgent(Lane::Alert, receipts.clone());
                self.mark(index);
            }
        }
    }

    /// Looks at the paths again: which is best, and what it carries.
    pub(crate) fn review(&mut self, now: Instant, id: LineId) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let changed = line.choose_paths(&mut self.links);
        if let Some(link) = line.best.and_then(|link| self.links.get(link))
            && line.is_calling(now)
        {
            link.control.rate().look_again(now);
        }
        if line.best.is_none() {
            line.media_out.clear();
        } else if changed {
            line.outbox.repeat_now(now);
        }
        if let Some(bps) = line.rate_to_tell(&self.links) {
            self.events.push_back(LineEvent::Rate { line: id, bps });
        }
        if changed {
            self.mark_best(id);
        }
    }

    /// Reads everything that a connection has to tell; whether there was anything.
    pub(crate) fn drain(&mut self, now: Instant, index: usize) -> bool {
        let mut items = Vec::new();
        let mut has_told = false;
        while let Some(event) = self
            .links
            .get_mut(index)
            .and_then(|link| link.connection.poll())
        {
            has_told = true;
            match event {
                Event::Connected => self.key_proven(now, index),
                Event::ConnectionLost { reason } => self.link_lost(now, index, &reason),
                Event::Stream(event) => self.stream_event(index, event, &mut items),
                Event::DatagramReceived => self.read_datagrams(now, index),
                Event::HandshakeDataReady | Event::DatagramsUnblocked => {}
            }
            for item in items.drain(..) {
                self.stream_item(now, index, item);
            }
        }
        self.note_proof(now, index);
        self.pass_endpoint_events(index) || has_told
    }

    /// Passes on what a connection tells its end point; whether the connection heard back.
    fn pass_endpoint_events(&mut self, index: usize) -> bool {
        let mut has_heard = false;
        while let Some(link) = self.links.get_mut(index)
            && let Some(event) = link.connection.poll_endpoint_events()
        {
            let is_last = event.is_drained();
            let (endpoint, handle) = (link.endpoint, link.handle);
            if let Some(event) = self.endpoints[endpoint].handle_event(handle, event) {
                link.connection.handle_event(event);
                has_heard = true;
            }
            if is_last {
                self.forget_link(index);
            }
        }
        has_heard
    }

    fn forget_link(&mut self, index: usize) {
        let Some(link) = self.links.try_remove(index) else {
            return;
        };
        self.by_handle.remove(&(link.endpoint, link.handle));
        if let Some(at) = link.timer {
            self.timers.remove(&(at, Owner::Link(index)));
        }
        if link.is_dirty {
            self.dirty.retain(|dirty| *dirty != index);
        }
        if !link.is_dialled_by_us && link.established.is_none() {
            self.dials_in = self.dials_in.saturating_sub(1);
        }
        for line in self.lines.values_mut() {
            line.outbox.give_back(index);
        }
    }

    /// The other party acknowledged something: the path is proven both ways.
    fn note_proof(&mut self, now: Instant, index: usize) {
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let (_, acks) = link.control.rate().proof();
        if acks == link.acks_seen || link.phase != Phase::Ready {
            return;
        }
        link.acks_seen = acks;
        let was_silent = link.unanswered.take().is_some_and(|(since, _)| {
            now.saturating_duration_since(since) > Duration::from_secs(1)
        });
        if was_silent {
            link.control.rate().resume(now);
        }
        let (Some(id), path) = (link.line, link.path) else {
            return;
        };
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let Some(entry) = line
            .paths
            .get_mut(path)
            .filter(|entry| entry.link == Some(index))
        else {
            return;
        };
        entry.last_proof = Some(now);
        let before = entry.state;
        if entry.state.after(PathEvent::Proof) != before {
            entry.dial_at = None;
            line.path_event(path, PathEvent::Proof, &mut self.events);
            line.outbox.repeat_now(now);
            line.report_by(now);
            self.review(now, id);
            self.schedule_line(id);
        }
    }

    fn stream_event(&mut self, index: usize, event: StreamEvent, items: &mut Vec<StreamItem>) {
        let link = &mut self.links[index];
        match event {
            StreamEvent::Opened { dir: Dir::Uni } => link.accept_streams(items),
            StreamEvent::Readable { id } => link.read_stream(id, items),
            StreamEvent::Writable { id } => link.unblock(id),
            StreamEvent::Stopped { id, .. } => {
                if let Some(lane) = link.stopped(id)
                    && let Some(line) = link.line.and_then(|id| self.lines.get_mut(&id))
                {
                    line.outbox.give_back_lane(lane, index);
                }
            }
            StreamEvent::Opened { dir: Dir::Bi }
            | StreamEvent::Finished { .. }
            | StreamEvent::Available { .. } => {}
        }
    }

    fn stream_item(&mut self, now: Instant, index: usize, item: StreamItem) {
        match item {
            StreamItem::Hello {
                version,
                incarnation,
                path,
            } => {
                self.greeted(now, index, version, incarnation, &path);
            }
            StreamItem::Letter { head, body } => self.letter_arrived(now, index, &head, body),
            StreamItem::Malformed => self.refuse(Refusal::MalformedFrame, None, None),
            StreamItem::Flood => self.refuse(Refusal::Flood, None, None),
        }
    }

    fn read_datagrams(&mut self, now: Instant, index: usize) {
        while let Some(bytes) = self
            .links
            .get_mut(index)
            .and_then(|link| link.connection.datagrams().recv())
        {
            self.links[index].bytes_received += bytes.len() as u64;
            // Before the greeting nobody knows whose lanes these are.
            if self.links[index].phase != Phase::Ready {
                continue;
            }
            match parse_datagram(&bytes) {
                Ok(frame) => self.frame_arrived(now, index, frame, bytes.len()),
                Err(_) => self.refuse(Refusal::MalformedFrame, None, None),
            }
        }
    }

    fn frame_arrived(&mut self, now: Instant, index: usize, frame: Datagram, size: usize) {
        let Some(id) = self.links[index].line else {
            return;
        };
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        let mut ready = Vec::new();
        let outcome = match frame {
            Datagram::Report(report) => return self.report_arrived(now, index, id, &report),
            Datagram::Receipts(receipts) => {
                for receipt in &receipts {
                    acknowledge(line, receipt, &mut self.events);
                }
                return self.mark_best(id);
            }
            Datagram::Letter { head, body } => {
                return self.letter_arrived(now, index, &head, body);
            }
            Datagram::Audio {
                flow,
                sequence,
                units,
            } => {
                line.lane_received[1] += size as u64;
                line.media_in.audio(now, flow, sequence, units, &mut ready)
            }
            Datagram::Shard(shard) => {
                line.lane_received[usize::from(shard.flags.lane().number())] += size as u64;
                line.media_in.shard(now, shard, &mut ready)
            }
            Datagram::Parity(parity) => {
                line.lane_received[2] += size as u64;
                line.media_in.parity(now, parity, &mut ready)
            }
            Datagram::Padding => Ok(()),
        };
        let was_busy = line.busy_until.is_some_and(|until| until > now);
        line.media_passes(now);
        for (lane, payload) in ready {
            self.events.push_back(LineEvent::Media {
                line: id,
                lane,
                payload,
            });
        }
        if let Err(reason) = outcome {
            self.refuse(reason, Some(id), None);
        }
        if !was_busy {
            self.schedule_line(id);
        }
    }

    fn report_arrived(&mut self, now: Instant, index: usize, id: LineId, report: &Report) {
        let path = self.links[index].path;
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        if let Some(entry) = line
            .paths
            .get_mut(path)
            .filter(|entry| entry.link == Some(index))
            && entry.is_new_report(report.sequence)
        {
            entry.loss_in = Some(f32::from(report.loss_out) / 10_000.0);
        }
        for receipt in &report.receipts {
            acknowledge(line, receipt, &mut self.events);
        }
        let mut ready = Vec::new();
        for (lane, floor) in &report.floors {
            line.inbox.raise_floor(*lane, *floor, &mut ready);
        }
        self.hand_on(id, ready);
        self.review(now, id);
        self.mark_best(id);
    }

    fn letter_arrived(&mut self, now: Instant, index: usize, head: &LetterHead, body: Bytes) {
        let link = &self.links[index];
        let Some(id) = link.line.filter(|_| link.phase == Phase::Ready) else {
            return;
        };
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        line.lane_received[usize::from(head.lane.number())] += body.len() as u64;
        let mut ready = Vec::new();
        let verdict = line.inbox.accept(head, body, &mut ready);
        match verdict {
            Verdict::New => line.counters.letters_received += 1,
            Verdict::Repeated => line.counters.letters_repeated += 1,
            Verdict::Refused(reason) => self.refuse(reason, Some(id), None),
        }
        self.hand_on(id, ready);
        if let Some(line) = self.lines.get_mut(&id) {
            line.receipts_soon(now, head.lane);
        }
        self.send_receipts_if_due(now, id);
        self.schedule_line(id);
    }

    fn hand_on(&mut self, line: LineId, ready: Vec<crate::letters_in::Arrival>) {
        for letter in ready {
            let crate::letters_in::Arrival { lane, topic, body } = letter;
            self.events.push_back(LineEvent::Letter {
                line,
                lane,
                topic,
                body,
            });
        }
    }
}

/// Writes the next thing of the lanes that the pacer rules, and takes out a packet.
fn write_paced(
    now: Instant,
    index: usize,
    link: &mut Link,
    line: &mut Line,
    buf: &mut Vec<u8>,
) -> Option<Transmit> {
    let is_best = line.best == Some(index);
    let has_live = is_best && write_live(now, index, link, line);
    if let Some(transmit) = take_packet(now, link, true, buf) {
        return Some(transmit);
    }
    let has_more = is_best && !has_live && write_bulk(now, index, link, line);
    if has_more || write_padding(now, link) {
        return take_packet(now, link, true, buf);
    }
    None
}

/// A packet of nothing, when that is how to learn what the path carries.
fn write_padding(now: Instant, link: &mut Link) -> bool {
    let is_looking = link.control.rate().is_looking(now);
    let Some(size) = link.datagram_bytes().filter(|_| is_looking) else {
        return false;
    };
    let mut bytes = Vec::with_capacity(size);
    Datagram::Padding.write(&mut bytes);
    bytes.resize(size, 0);
    link.write_padding(bytes.into())
}

/// Alerts, room control and video, in this order; and the guard's turn.
fn write_live(now: Instant, index: usize, link: &mut Link, line: &mut Line) -> bool {
    if link.write_letters(Lane::Alert, &mut line.outbox, index) {
        return true;
    }
    if link.is_guard_turn(GUARD_TURN) && write_bulk(now, index, link, line) {
        return true;
    }
    if link.write_letters(Lane::Base, &mut line.outbox, index) {
        return true;
    }
    let Some((lane, bytes)) = line.media_out.next(now) else {
        return false;
    };
    link.write_datagram(lane, bytes);
    true
}

/// Documents, then images.
fn write_bulk(now: Instant, index: usize, link: &mut Link, line: &mut Line) -> bool {
    if link.write_letters(Lane::Document, &mut line.outbox, index) {
        return true;
    }
    let must_wait = line.is_calling(now) && link.control.rate().queue_lately(now) > IMAGE_QUEUE_MAX;
    !must_wait && link.write_letters(Lane::Image, &mut line.outbox, index)
}

fn take_packet(
    now: Instant,
    link: &mut Link,
    is_open: bool,
    buf: &mut Vec<u8>,
) -> Option<Transmit> {
    link.control.set_gate(is_open);
    let packet = link.connection.poll_transmit(now, 1, buf)?;
    link.on_sent(now, packet.size);
    Some(transmit(
        link.endpoint,
        packet.destination,
        packet.ecn,
        packet.size,
        packet.segment_size,
    ))
}

fn acknowledge(
    line: &mut Line,
    receipt: &parley_wire::line::Receipt,
    events: &mut std::collections::VecDeque<LineEvent>,
) {
    for sequence in line.outbox.acknowledge(receipt) {
        line.counters.letters_delivered += 1;
        let letter = crate::LetterId::new(line.id, receipt.lane, sequence);
        events.push_back(LineEvent::Delivered { letter });
    }
}

fn encode(frame: &Datagram) -> Bytes {
    let mut bytes = Vec::with_capacity(64);
    frame.write(&mut bytes);
    bytes.into()
}
