//! What comes in: events of QUIC, streams, datagrams, and what each frame means.

use crate::{
    event::{LetterId, LineEvent, LineId},
    letters_in::{Arrival, Verdict},
    line::{Line, patience},
    lines::{Lines, Owner},
    link::{Phase, StreamItem},
    refusal::Refusal,
    state::PathEvent,
};
use bytes::Bytes;
use parley_wire::line::{Datagram, LetterHead, Receipt, Report, parse_datagram};
use quinn_proto::{Dir, Event, StreamEvent};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

impl Lines {
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
                Event::Stream(event) => self.stream_event(index, &event, &mut items),
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
        for line in self.open.values_mut() {
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
        let silent = link.unanswered.take().map_or(Duration::ZERO, |(since, _)| {
            now.saturating_duration_since(since)
        });
        // What was sent into a short silence is lost, whether or not the path was suspected for it.
        let was_quiet = silent > patience(link);
        if silent > Duration::from_secs(1) {
            link.control.rate().resume(now);
        }
        let (Some(id), path) = (link.line, link.path) else {
            return;
        };
        let Some(line) = self.open.get_mut(&id) else {
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
        } else if was_quiet {
            line.outbox.repeat_now(now);
            self.schedule_line(id);
        }
    }

    fn stream_event(&mut self, index: usize, event: &StreamEvent, items: &mut Vec<StreamItem>) {
        let link = &mut self.links[index];
        match *event {
            StreamEvent::Opened { dir: Dir::Uni } => link.accept_streams(items),
            StreamEvent::Readable { id } => link.read_stream(id, items),
            StreamEvent::Writable { id } => link.unblock(id),
            StreamEvent::Stopped { id, .. } => {
                if let Some(lane) = link.stopped(id)
                    && let Some(line) = link.line.and_then(|id| self.open.get_mut(&id))
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
                self.read_what_waited(now, index);
            }
            StreamItem::Letter { head, body } => self.letter_arrived(now, index, &head, body),
            StreamItem::Malformed => self.refuse(Refusal::MalformedFrame, None, None),
            StreamItem::Flood => self.refuse(Refusal::Flood, None, None),
        }
    }

    /// Reads what overtook the greeting.
    fn read_what_waited(&mut self, now: Instant, index: usize) {
        let mut items = Vec::new();
        if let Some(link) = self.links.get_mut(index)
            && link.phase == Phase::Ready
        {
            link.read_streams(&mut items);
        }
        for item in items {
            self.stream_item(now, index, item);
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
        let Some(line) = self.open.get_mut(&id) else {
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
            Datagram::LetterPart {
                head,
                index: part,
                parts,
                body,
            } => match line.inbox.join(&head, (part, parts), body) {
                Ok(Some(whole)) => return self.letter_arrived(now, index, &head, whole),
                Ok(None) => {
                    line.receipts_soon(now, head.lane);
                    self.send_receipts_if_due(now, id);
                    return self.schedule_line(id);
                }
                Err(reason) => Err(reason),
            },
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
            // It carries nothing: no call, and no reason to fill the path from here too.
            Datagram::Padding => return,
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
        let Some(line) = self.open.get_mut(&id) else {
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
        let Some(line) = self.open.get_mut(&id) else {
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
        if let Some(line) = self.open.get_mut(&id) {
            line.receipts_soon(now, head.lane);
        }
        self.send_receipts_if_due(now, id);
        self.schedule_line(id);
    }

    fn hand_on(&mut self, line: LineId, ready: Vec<Arrival>) {
        for letter in ready {
            let Arrival { lane, topic, body } = letter;
            self.events.push_back(LineEvent::Letter {
                line,
                lane,
                topic,
                body,
            });
        }
    }
}

fn acknowledge(line: &mut Line, receipt: &Receipt, events: &mut VecDeque<LineEvent>) {
    for sequence in line.outbox.acknowledge(receipt) {
        line.counters.letters_delivered += 1;
        let letter = LetterId::new(line.id, receipt.lane, sequence);
        events.push_back(LineEvent::Delivered { letter });
    }
}
