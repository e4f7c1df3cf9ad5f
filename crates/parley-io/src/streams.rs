//! All TCP streams of one thread: found by who is at the far end, closed when they break or idle.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::{
    framing::Written,
    poller::{Poller, Token},
    stream::FramedStream,
};

/// The far end of a stream: which of our sockets it belongs to, and its address.
pub(crate) type FarEnd = (usize, SocketAddr);

/// The streams of one thread.
pub(crate) struct Streams {
    by_token: HashMap<Token, Entry>,
    by_far_end: HashMap<FarEnd, Token>,
    next_token: u64,
}

struct Entry {
    stream: FramedStream,
    far_end: FarEnd,
    is_watched_for_writing: bool,
}

/// What a read of one stream gave.
pub(crate) struct Heard {
    pub(crate) far_end: FarEnd,
    pub(crate) local: SocketAddr,
    /// Whether the stream is closed now, and if so whether it ever carried a packet here.
    pub(crate) closed: Option<Closed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) has_spoken: bool,
}

impl Streams {
    /// No streams; tokens from `first_token` on are theirs.
    pub(crate) fn new(first_token: u64) -> Self {
        Self {
            by_token: HashMap::new(),
            by_far_end: HashMap::new(),
            next_token: first_token,
        }
    }

    /// Takes over a stream; one to the same far end is closed for it.
    pub(crate) fn add(
        &mut self,
        poller: &Poller,
        socket: usize,
        stream: FramedStream,
    ) -> io::Result<Token> {
        let token = Token(self.next_token);
        self.next_token += 1;
        let far_end = (socket, stream.remote());
        poller.add(&stream, token)?;
        if let Some(old) = self.by_far_end.insert(far_end, token) {
            self.by_token.remove(&old);
        }
        self.by_token.insert(
            token,
            Entry {
                stream,
                far_end,
                is_watched_for_writing: false,
            },
        );
        Ok(token)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_token.len()
    }

    /// Reads what has come on one stream into `packets`; None when there is no such stream.
    pub(crate) fn read(
        &mut self,
        now: Instant,
        token: Token,
        packets: &mut Vec<Bytes>,
    ) -> Option<Heard> {
        let entry = self.by_token.get_mut(&token)?;
        let is_open = entry.stream.read(now, packets).unwrap_or(false);
        let mut heard = entry.heard();
        if !is_open {
            heard.closed = self.close(token);
        }
        Some(heard)
    }

    /// Sends a packet to a far end; None when there is no stream to it.
    pub(crate) fn write(
        &mut self,
        poller: &Poller,
        far_end: FarEnd,
        packet: &[u8],
    ) -> Option<Written> {
        let token = *self.by_far_end.get(&far_end)?;
        let entry = self.by_token.get_mut(&token)?;
        let Ok(written) = entry.stream.write(packet) else {
            self.close(token);
            return None;
        };
        entry.watch(poller, token);
        Some(written)
    }

    /// Sends what a stream kept back.
    pub(crate) fn flush(&mut self, poller: &Poller, token: Token) {
        let Some(entry) = self.by_token.get_mut(&token) else {
            return;
        };
        // A broken stream is reported as readable, too, and closed there.
        if entry.stream.flush().is_ok() {
            entry.watch(poller, token);
        }
    }

    /// Closes streams on which no packet came for `idle`, and names their far ends.
    pub(crate) fn expire(&mut self, now: Instant, idle: Duration) -> Vec<FarEnd> {
        let is_idle = |entry: &Entry| now.duration_since(entry.stream.last_packet_at) >= idle;
        let idle: Vec<(Token, FarEnd)> = self
            .by_token
            .iter()
            .filter(|(_, entry)| is_idle(entry))
            .map(|(token, entry)| (*token, entry.far_end))
            .collect();
        idle.into_iter()
            .map(|(token, far_end)| {
                self.close(token);
                far_end
            })
            .collect()
    }

    /// Dropping the descriptor takes it out of the poller.
    fn close(&mut self, token: Token) -> Option<Closed> {
        let entry = self.by_token.remove(&token)?;
        if self.by_far_end.get(&entry.far_end) == Some(&token) {
            self.by_far_end.remove(&entry.far_end);
        }
        Some(Closed {
            has_spoken: entry.stream.has_spoken,
        })
    }
}

impl Entry {
    fn heard(&self) -> Heard {
        Heard {
            far_end: self.far_end,
            local: self.stream.local(),
            closed: None,
        }
    }

    fn watch(&mut self, poller: &Poller, token: Token) {
        let wants = self.stream.is_behind();
        if wants != self.is_watched_for_writing
            && poller.set_writing(&self.stream, token, wants).is_ok()
        {
            self.is_watched_for_writing = wants;
        }
    }
}
