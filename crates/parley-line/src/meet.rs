//! How two nodes meet: keys proven, greetings exchanged, one connection per path kept.

use crate::{
    event::LineId,
    keys::key_of,
    line::Meeting,
    lines::Lines,
    link::{Farewell, Phase},
    refusal::Refusal,
    state::PathEvent,
};
use quinn_proto::{ConnectionError, TransportErrorCode};
use rustls::pki_types::CertificateDer;
use std::time::{Duration, Instant};

/// Two connections of one path that are no further apart in age come from both sides dialling at
/// once. More keeps a dead connection when the other side redials; less keeps two for longer.
const AT_ONCE: Duration = Duration::from_secs(3);

impl Lines {
    /// Both keys are proven: finds the line and greets.
    pub(crate) fn key_proven(&mut self, now: Instant, index: usize) {
        let link = &mut self.links[index];
        if !link.is_dialled_by_us {
            self.dials_in = self.dials_in.saturating_sub(1);
        }
        link.established = Some(now);
        link.phase = Phase::Greeting;
        let key = link
            .connection
            .crypto_session()
            .peer_identity()
            .and_then(|identity| identity.downcast::<Vec<CertificateDer<'static>>>().ok())
            .and_then(|keys| key_of(keys.first()?));
        let line = key.and_then(|key| self.by_key.get(&key).copied());
        // The key was pinned when it was checked; the line may have been closed since.
        let Some(line) = line else {
            self.refuse(Refusal::UnknownKey, None, key);
            return self.part(now, index, Farewell::NotAgreed);
        };
        let link = &mut self.links[index];
        link.line = Some(line);
        let name = match self.open.get(&line) {
            Some(line) if link.is_dialled_by_us => line.paths[link.path].config.name.clone(),
            Some(_) | None => String::new(),
        };
        // A line that is opened anew counts its letters from zero: to the other side it is another.
        let incarnation = self.incarnation.wrapping_add(u64::from(line.number()));
        self.links[index].greet(self.version, incarnation, &name);
    }

    /// The other side introduced itself.
    pub(crate) fn greeted(
        &mut self,
        now: Instant,
        index: usize,
        version: u8,
        incarnation: u64,
        path: &str,
    ) {
        let link = &self.links[index];
        let (Some(id), Phase::Greeting) = (link.line, link.phase) else {
            return;
        };
        if version != self.version {
            self.refuse(Refusal::Version, Some(id), None);
            return self.part(now, index, Farewell::Version);
        }
        let place = if link.is_dialled_by_us {
            Some(link.path)
        } else {
            self.place(index, id, path)
        };
        let Some(place) = place else {
            self.refuse(Refusal::UnknownPath, Some(id), None);
            return self.part(now, index, Farewell::UnknownPath);
        };
        let Some(line) = self.open.get_mut(&id) else {
            return self.part(now, index, Farewell::NotAgreed);
        };
        self.links[index].path = place;
        match line.meet(now, incarnation, &self.links) {
            Meeting::New => self.forget_incarnation(now, id, index),
            Meeting::Known => {}
            Meeting::NotYet => {
                self.schedule_line(id);
                return self.part(now, index, Farewell::NotYet);
            }
            Meeting::Twice => {
                let key = line.remote_key;
                self.schedule_line(id);
                self.refuse(Refusal::KeyInUseTwice, Some(id), Some(key));
                return self.part(now, index, Farewell::KeyInUseTwice);
            }
        }
        self.attach(now, index, id, place);
    }

    /// Which path of the line a dial belongs to.
    fn place(&self, index: usize, id: LineId, name: &str) -> Option<usize> {
        let link = &self.links[index];
        let from = link.connection.remote_address().ip();
        let (socket, carrier) = (link.endpoint / 2, crate::Carrier::ALL[link.endpoint % 2]);
        let paths = &self.open.get(&id)?.paths;
        let fits = |named: bool, addressed: bool| {
            paths.iter().position(|path| {
                let config = &path.config;
                config.carrier == carrier
                    && (!named || config.name == name)
                    && (named || config.socket == socket)
                    && (!addressed || config.remote.is_some_and(|remote| remote.ip() == from))
            })
        };
        fits(true, false)
            .or_else(|| fits(false, true))
            .or_else(|| fits(false, false))
    }

    /// The other node is not the one it was: its connections are gone, what they carried waits.
    fn forget_incarnation(&mut self, now: Instant, id: LineId, newest: usize) {
        let Some(line) = self.open.get_mut(&id) else {
            return;
        };
        let mut old = Vec::new();
        for path in &mut line.paths {
            old.extend(path.link.take());
            old.extend(path.spare.take());
        }
        line.best = None;
        line.second = None;
        for index in old.into_iter().filter(|index| *index != newest) {
            self.retire(now, index, Farewell::Replaced);
        }
    }

    /// Gives a path its connection, and decides when there are two.
    fn attach(&mut self, now: Instant, index: usize, id: LineId, place: usize) {
        let own = self.identity.public;
        let Some(line) = self.open.get_mut(&id) else {
            return;
        };
        let is_judge = own < line.remote_key;
        let remote_key_is_smaller = !is_judge;
        let path = &mut line.paths[place];
        if path.attempt == Some(index) {
            path.attempt = None;
        }
        let mut retired = None;
        if let Some(old) = path.link {
            let (before, after) = (&self.links[old], &self.links[index]);
            let age = before
                .established
                .map_or(Duration::MAX, |at| now.saturating_duration_since(at));
            let at_once = before.is_dialled_by_us != after.is_dialled_by_us && age < AT_ONCE;
            // The dial of the smaller key is kept.
            let keep_old = at_once && before.is_dialled_by_us != remote_key_is_smaller;
            if keep_old && is_judge {
                return self.retire(now, index, Farewell::Duplicate);
            }
            if keep_old {
                retired = path
                    .spare
                    .replace(index)
                    .map(|spare| (spare, Farewell::Duplicate));
                self.links[index].phase = Phase::Ready;
            } else if at_once && !is_judge {
                retired = path
                    .spare
                    .replace(old)
                    .map(|spare| (spare, Farewell::Duplicate));
                path.link = Some(index);
            } else {
                retired = Some((old, Farewell::Replaced));
                path.link = Some(index);
            }
        } else {
            path.link = Some(index);
        }
        if let Some((link, farewell)) = retired {
            self.retire(now, link, farewell);
        }
        self.bring_up(now, index, id, place);
    }

    /// Lets a path carry.
    fn bring_up(&mut self, now: Instant, index: usize, id: LineId, place: usize) {
        let Some(line) = self.open.get_mut(&id) else {
            return;
        };
        let path = &mut line.paths[place];
        let link = &mut self.links[index];
        link.phase = Phase::Ready;
        if path.link != Some(index) {
            return;
        }
        let (floor, ceiling) = (path.config.floor_bps, path.config.ceiling_bps);
        link.control.rate().configure(floor, ceiling, &path.profile);
        // What went before could not use the rate.
        link.control.rate().resume(now);
        path.dial_at = None;
        path.dial_pause = crate::config::DIAL_PAUSE_MIN;
        path.last_proof = Some(now);
        path.reset_reports(now);
        line.counters.reconnections += 1;
        line.path_event(place, PathEvent::Established, &mut self.events);
        line.outbox.repeat_now(now);
        // Proof on one path is reason to try the others again at once.
        for other in &mut line.paths {
            other.dial_now(now);
        }
        self.review(now, id);
        self.mark(index);
        self.schedule_line(id);
    }

    /// Ends a connection that another has replaced.
    fn retire(&mut self, now: Instant, index: usize, farewell: Farewell) {
        self.detach(now, index);
        self.part(now, index, farewell);
    }

    /// Closes a connection and sees that the other side hears it.
    pub(crate) fn part(&mut self, now: Instant, index: usize, farewell: Farewell) {
        if let Some(link) = self.links.get_mut(index) {
            link.part(now, farewell);
            self.mark(index);
        }
    }

    /// Takes a connection out of its path and keeps what is known of the path.
    fn detach(&mut self, now: Instant, index: usize) {
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let (Some(id), place) = (link.line, link.path) else {
            return;
        };
        let Some(line) = self.open.get_mut(&id) else {
            return;
        };
        line.outbox.give_back(index);
        for (sum, bytes) in line
            .lane_sent
            .iter_mut()
            .zip(std::mem::take(&mut link.lane_bytes))
        {
            *sum += bytes;
        }
        let Some(path) = line.paths.get_mut(place) else {
            return;
        };
        path.bytes_before.0 += std::mem::take(&mut link.bytes_sent);
        path.bytes_before.1 += std::mem::take(&mut link.bytes_received);
        if path.spare == Some(index) {
            path.spare = None;
        }
        if path.attempt == Some(index) {
            path.attempt = None;
            path.dial_later(now);
        }
        if path.link != Some(index) {
            return;
        }
        path.profile = link.control.rate().profile();
        path.link = path.spare.take();
        if line.best == Some(index) {
            line.best = None;
        }
        if line.second == Some(index) {
            line.second = None;
        }
    }

    /// A connection ended.
    pub(crate) fn link_lost(&mut self, now: Instant, index: usize, reason: &ConnectionError) {
        self.take_refused_keys();
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let (line, place) = (link.line, link.path);
        let was_handshaking = link.phase == Phase::Handshake;
        link.phase = Phase::Over;
        if was_handshaking && !link.is_dialled_by_us && is_their_fault(reason) {
            self.refuse(Refusal::Handshake, None, None);
        }
        if farewell_of(reason) == Some(Farewell::KeyInUseTwice as u64) {
            self.refuse(Refusal::OurKeyInUseTwice, line, Some(self.identity.public));
        }
        let Some(id) = line else {
            return;
        };
        let was_in_use = self
            .open
            .get(&id)
            .and_then(|line| line.paths.get(place))
            .is_some_and(|path| path.link == Some(index));
        self.detach(now, index);
        let Some(line) = self.open.get_mut(&id) else {
            return;
        };
        if was_in_use {
            if let Some(spare) = line.paths[place].link {
                return self.bring_up(now, spare, id, place);
            }
            let path = &mut line.paths[place];
            path.dial_now(now);
            // A connection closed for another, which is about to be seen here too, is no loss yet.
            let is_replaced = path.config.remote.is_some()
                && [Farewell::Replaced, Farewell::Duplicate]
                    .iter()
                    .any(|code| farewell_of(reason) == Some(*code as u64));
            let event = if is_replaced {
                PathEvent::Silence
            } else {
                PathEvent::Lost
            };
            line.path_event(place, event, &mut self.events);
        }
        self.review(now, id);
        self.schedule_line(id);
    }

    /// Counts the keys that the verifiers refused.
    pub(crate) fn take_refused_keys(&mut self) {
        let (refused, overflowed) = self.identity.pins.take_refused();
        for entry in refused {
            let line = entry.key.and_then(|key| self.by_key.get(&key).copied());
            self.refuse(entry.reason, line, entry.key);
        }
        for _ in 0..overflowed {
            self.refusals.add(Refusal::UnknownKey);
        }
    }
}

/// Code of the farewell in an orderly end.
fn farewell_of(reason: &ConnectionError) -> Option<u64> {
    match reason {
        ConnectionError::ApplicationClosed(close) => Some(close.error_code.into_inner()),
        ConnectionError::VersionMismatch
        | ConnectionError::TransportError(_)
        | ConnectionError::ConnectionClosed(_)
        | ConnectionError::Reset
        | ConnectionError::TimedOut
        | ConnectionError::LocallyClosed
        | ConnectionError::CidsExhausted => None,
    }
}

/// Whether a handshake ended because the other side broke a rule; refused keys are counted apart.
fn is_their_fault(reason: &ConnectionError) -> bool {
    match reason {
        ConnectionError::TransportError(error) => error.code != INTERNAL_TLS_ALERT,
        ConnectionError::VersionMismatch | ConnectionError::ConnectionClosed(_) => true,
        ConnectionError::ApplicationClosed(_)
        | ConnectionError::Reset
        | ConnectionError::TimedOut
        | ConnectionError::LocallyClosed
        | ConnectionError::CidsExhausted => false,
    }
}

/// What our own verifiers' refusal looks like from outside: it is counted where it is made.
const INTERNAL_TLS_ALERT: TransportErrorCode = TransportErrorCode::INTERNAL_ERROR;
