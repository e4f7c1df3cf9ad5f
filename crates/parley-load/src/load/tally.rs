//! What a measured window saw.

use crate::spread::Spread;

/// Packets whose time of sending is remembered, a power of two. At 1,000 packets a second it is
/// 16 s: more costs memory, less forgets a packet before a slow relay delivers it.
const REMEMBERED: usize = 1 << 14;

/// The packets that one publisher sent.
#[derive(Clone, Debug)]
pub(super) struct SendLog {
    sent_ns: Vec<u64>,
    next: u64,
    opened: u64,
    closed: u64,
}

impl Default for SendLog {
    fn default() -> Self {
        Self {
            sent_ns: vec![0; REMEMBERED],
            next: 0,
            opened: u64::MAX,
            closed: u64::MAX,
        }
    }
}

impl SendLog {
    /// The number of the next packet.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Notes when the next packet was sent.
    pub(super) fn note(&mut self, unix_ns: u64) {
        let place = slot(self.next);
        self.sent_ns[place] = unix_ns;
        self.next += 1;
    }

    /// Packets sent from now on belong to the window.
    pub(super) const fn open(&mut self) {
        self.opened = self.next;
        self.closed = u64::MAX;
    }

    /// Packets sent from now on do not belong to the window.
    pub(super) const fn close(&mut self) {
        self.closed = self.next;
    }

    /// Packets that belong to the window.
    pub(super) fn in_window(&self) -> u64 {
        self.closed.min(self.next).saturating_sub(self.opened)
    }

    /// When a packet was sent and whether it belongs to the window; nothing when it was never sent
    /// or is forgotten.
    pub(super) fn sent(&self, index: u64) -> Option<(u64, bool)> {
        let is_known = index < self.next && self.next - index <= REMEMBERED as u64;
        let belongs = index >= self.opened && index < self.closed;
        is_known.then(|| (self.sent_ns[slot(index)], belongs))
    }
}

fn slot(index: u64) -> usize {
    usize::try_from(index & (REMEMBERED as u64 - 1)).unwrap_or(0)
}

/// What each publisher sent, by its number; whoever publishes nothing has no log.
#[derive(Clone, Debug, Default)]
pub(super) struct SendLogs {
    logs: Vec<Option<SendLog>>,
}

impl SendLogs {
    /// The log of a publisher, made when it is first asked for.
    pub(super) fn of(&mut self, publisher: usize) -> &mut SendLog {
        if self.logs.len() <= publisher {
            self.logs.resize(publisher + 1, None);
        }
        self.logs[publisher].get_or_insert_default()
    }

    /// The log of a publisher, if it has one.
    pub(super) fn log(&self, publisher: u64) -> Option<&SendLog> {
        self.logs.get(usize::try_from(publisher).ok()?)?.as_ref()
    }

    /// Packets that belong to the window, of all publishers.
    pub(super) fn in_window(&self) -> u64 {
        self.logs.iter().flatten().map(SendLog::in_window).sum()
    }

    pub(super) fn open(&mut self) {
        self.logs.iter_mut().flatten().for_each(SendLog::open);
    }

    pub(super) fn close(&mut self) {
        self.logs.iter_mut().flatten().for_each(SendLog::close);
    }
}

/// What arrived in a window.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Packets of the window that arrived.
    pub(super) received: u64,
    /// Bytes of UDP payload of those packets.
    pub(super) bytes: u64,
    /// From the sending to the kernel's receipt, in nanoseconds.
    pub(super) delay_ns: Spread,
    /// Packets of the window that arrived too late to be played; not among the received.
    pub(super) overdue: u64,
    /// Packets that overtook or repeat others.
    pub(super) late: u64,
    /// Packets that no publisher is known to have sent.
    pub(super) unexplained: u64,
    /// Packets whose content was opened and compared.
    pub(super) opened: u64,
    /// Packets whose content was not genuine.
    pub(super) forged: u64,
    /// Times a relay's numbering moved against the publisher's.
    pub(super) renumbered: u64,
    /// Resends and padding.
    pub(super) repairs: u64,
    /// Packets the system did not take from us.
    pub(super) unsent: u64,
    /// How late our own packets left, in nanoseconds.
    pub(super) slip_ns: Spread,
}

impl Tally {
    /// Forgets what came before the window.
    pub(super) fn clear(&mut self) {
        let (mut delay_ns, mut slip_ns) = (
            std::mem::take(&mut self.delay_ns),
            std::mem::take(&mut self.slip_ns),
        );
        delay_ns.clear();
        slip_ns.clear();
        *self = Self {
            delay_ns,
            slip_ns,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_what_was_sent_between_its_ends() {
        let mut log = SendLog::default();
        log.note(10);
        log.open();
        log.note(20);
        log.note(30);
        assert_eq!(log.in_window(), 2);
        log.close();
        log.note(40);
        assert_eq!(log.in_window(), 2);
        let sent: Vec<_> = (0..5).map(|index| log.sent(index)).collect();
        let expected = [
            Some((10, false)),
            Some((20, true)),
            Some((30, true)),
            Some((40, false)),
            None,
        ];
        assert_eq!(sent, expected);
    }

    #[test]
    fn what_is_too_long_ago_is_forgotten() {
        let mut log = SendLog::default();
        for at in 0..=REMEMBERED as u64 {
            log.note(at);
        }
        assert_eq!(log.sent(0), None);
        assert_eq!(log.sent(1), Some((1, false)));
    }

    #[test]
    fn a_cleared_tally_is_empty() {
        let mut tally = Tally {
            received: 3,
            ..Tally::default()
        };
        tally.delay_ns.add(5);
        tally.clear();
        assert_eq!((tally.received, tally.delay_ns.samples()), (0, 0));
    }
}
