//! How a node's lines run: whose turn it is, and what is due.

use crate::{
    config::{CEILING_BPS_DEFAULT, FLOOR_BPS_DEFAULT},
    event::{LineEvent, LineId, Transmit},
    letters_out::LetterCopy,
    line::{patience, silence},
    lines::{Lines, Owner},
    link::{Farewell, Link, Phase},
    rate::Profile,
    refusal::Refusal,
    state::PathEvent,
    transport::{self, DIALS_UNPROVEN_MAX},
    write::{take_packet, write_paced},
};
use bytes::Bytes;
use parley_wire::line::{Datagram, Lane};
use quinn_proto::Incoming;
use std::time::{Duration, Instant};

/// A lane is quiet while it holds no more than this share of what its path carries in a round trip.
/// More takes copies' room from a call; less leaves a steady trickle without copies.
const QUIET_SHARE: usize = 8;

impl Lines {
    /// Takes one packet out of a connection, after writing the most urgent thing into it.
    pub(crate) fn pump(
        &mut self,
        now: Instant,
        index: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        let link = self.links.get_mut(index)?;
        let line = link.line.and_then(|id| self.open.get_mut(&id));
        link.pacer.advance(now, link.control.rate().rate_bps());
        let mut is_open = link.phase != Phase::Ready || link.may_send();
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
        if let Some(best) = self.open.get(&line).and_then(|line| line.best) {
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
        let Some(line) = self.open.get_mut(&id) else {
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
        if let Some(line) = self.open.get_mut(&id) {
            line.timer = None;
        }
        let paths = self.open.get(&id).map_or(0, |line| line.paths.len());
        for path in 0..paths {
            self.check_silence(now, id, path);
            self.dial_if_due(now, id, path);
            self.report_if_due(now, id, path);
        }
        self.copy_alerts(now, id);
        self.copy_documents(now, id);
        self.send_receipts_if_due(now, id);
        self.review(now, id);
        self.schedule_line(id);
    }

    fn check_silence(&mut self, now: Instant, id: LineId, path: usize) {
        let Some(line) = self.open.get_mut(&id) else {
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
        let own = self.identity.public;
        let Some(remote) = self.open.get(&id).map(|line| line.remote_key) else {
            return;
        };
        let Some(entry) = self
            .open
            .get_mut(&id)
            .and_then(|line| line.paths.get_mut(path))
        else {
            return;
        };
        if let Some(attempt) = entry.attempt
            && self
                .links
                .get(attempt)
                .is_none_or(|link| now >= link.dial_ends())
        {
            entry.attempt = None;
            entry.dial_later(now);
            if self
                .links
                .get(attempt)
                .is_some_and(|link| link.heard > link.opened)
            {
                entry.dial_slower(now, own < remote);
            }
            if entry.link.is_none()
                && let Some(line) = self.open.get_mut(&id)
            {
                line.path_event(path, PathEvent::Lost, &mut self.events);
            }
            self.part(now, attempt, Farewell::Closed);
        }
        let Some(entry) = self
            .open
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
            .open
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
            .open
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
        let Some(line) = self.open.get_mut(&id) else {
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
        let Some(line) = self.open.get_mut(&id) else {
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
        let best = line.best;
        let answered = best
            .and_then(|best| self.links.get(best))
            .map_or(Duration::ZERO, patience);
        for copy in line.outbox.due_copies(now, answered) {
            for &index in &ways {
                let Some(link) = self.links.get_mut(index) else {
                    continue;
                };
                if !takes_copy(link, &copy, Some(index) == best) {
                    continue;
                }
                for datagram in &copy.datagrams {
                    link.push_urgent(Lane::Alert, datagram.clone());
                }
            }
        }
        for index in ways {
            self.mark(index);
        }
    }

    /// Sends copies of the document letters that are due, where the lane is quiet, behind the
    /// letters themselves.
    fn copy_documents(&mut self, now: Instant, id: LineId) {
        let Some(line) = self.open.get_mut(&id) else {
            return;
        };
        let Some(index) = line.best else {
            return;
        };
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let quiet = quiet_bytes(link);
        for datagram in line.outbox.due_document_copies(now, quiet) {
            link.push_urgent(Lane::Document, datagram);
        }
        self.mark(index);
    }

    pub(crate) fn send_receipts_if_due(&mut self, now: Instant, id: LineId) {
        let Some(line) = self.open.get_mut(&id) else {
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
        let Some(line) = self.open.get_mut(&id) else {
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
}

/// Whether an alert's copy goes on a connection. The best one carries the alert as a stream already:
/// no first copy of many parts goes there, and none at all where a copy takes seconds; QUIC repeats
/// what is lost there. Another narrow one takes what finds room.
fn takes_copy(link: &Link, copy: &LetterCopy, is_best: bool) -> bool {
    if link.control.rate().is_narrow() {
        return !is_best && link.may_send();
    }
    !is_best || !copy.is_first || copy.datagrams.len() == 1
}

/// Most bytes of a lane that counts as quiet: what the path carries in a part of a round trip.
fn quiet_bytes(link: &Link) -> usize {
    let rate = link.control.rate();
    if rate.is_narrow() {
        return 0;
    }
    let rtt = rate.srtt().unwrap_or_default();
    let carried = u128::from(rate.settled_bps() / 8) * rtt.as_micros() / 1_000_000;
    usize::try_from(carried).unwrap_or(usize::MAX) / QUIET_SHARE
}

fn encode(frame: &Datagram) -> Bytes {
    let mut bytes = Vec::with_capacity(64);
    frame.write(&mut bytes);
    bytes.into()
}
