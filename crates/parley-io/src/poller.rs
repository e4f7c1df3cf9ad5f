//! Waiting for sockets, wake-ups and the next deadline at once, and waking another thread.

use std::{
    io,
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::event::{
    EventfdFlags, Timespec,
    epoll::{self, CreateFlags, EventData, EventFlags},
    eventfd,
};

/// How many ready sockets one wait reports. More would let one busy turn grow long; fewer costs
/// another system call. The rest is reported by the next wait.
const READY_MAX: usize = 64;

/// Names a registered descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Token(pub(crate) u64);

/// One descriptor that can be read or written, or is broken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) token: Token,
    pub(crate) is_readable: bool,
    pub(crate) is_writable: bool,
}

/// The descriptors one thread waits for.
pub(crate) struct Poller {
    epoll: OwnedFd,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self { epoll })
    }

    /// Registers a descriptor for reading.
    pub(crate) fn add(&self, source: impl AsFd, token: Token) -> io::Result<()> {
        Ok(epoll::add(
            &self.epoll,
            source,
            EventData::new_u64(token.0),
            EventFlags::IN,
        )?)
    }

    /// Says whether a registered descriptor is to be reported as writable, too.
    pub(crate) fn set_writing(
        &self,
        source: impl AsFd,
        token: Token,
        wants: bool,
    ) -> io::Result<()> {
        let flags = if wants {
            EventFlags::IN | EventFlags::OUT
        } else {
            EventFlags::IN
        };
        Ok(epoll::modify(
            &self.epoll,
            source,
            EventData::new_u64(token.0),
            flags,
        )?)
    }

    pub(crate) fn remove(&self, source: impl AsFd) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, source)?)
    }

    /// Waits until something is ready or `deadline` is reached, and appends what is ready.
    pub(crate) fn wait(
        &self,
        now: Instant,
        deadline: Option<Instant>,
        ready: &mut Vec<Ready>,
    ) -> io::Result<()> {
        let timeout = deadline.map(|at| timespec(at.saturating_duration_since(now)));
        let mut events = [const { MaybeUninit::uninit() }; READY_MAX];
        let found = match epoll::wait(&self.epoll, &mut events, timeout.as_ref()) {
            Ok((found, _)) => found,
            Err(rustix::io::Errno::INTR) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        };
        ready.extend(found.iter().map(|event| {
            let (flags, data) = (event.flags, event.data);
            let is_broken = flags.intersects(EventFlags::ERR | EventFlags::HUP);
            Ready {
                token: Token(data.u64()),
                is_readable: is_broken || flags.contains(EventFlags::IN),
                is_writable: is_broken || flags.contains(EventFlags::OUT),
            }
        }));
        Ok(())
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// Wakes one thread out of its [`Poller`], from any other.
///
/// Producer: put something into a queue, then [`wake`](Self::wake). Consumer: when its token is
/// ready, [`acknowledge`](Self::acknowledge), then empty the queues. In that order nothing is
/// overlooked, and however many wakes come in between cost one system call.
#[derive(Clone)]
pub(crate) struct Waker {
    shared: Arc<WakerShared>,
}

struct WakerShared {
    descriptor: OwnedFd,
    /// Set by whoever wakes first; cleared by the consumer.
    is_woken: AtomicBool,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        let descriptor = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            shared: Arc::new(WakerShared {
                descriptor,
                is_woken: AtomicBool::new(false),
            }),
        })
    }

    pub(crate) fn descriptor(&self) -> &OwnedFd {
        &self.shared.descriptor
    }

    pub(crate) fn wake(&self) {
        if !self.shared.is_woken.swap(true, Ordering::SeqCst) {
            // An eventfd refuses a write only when its count is full, and then it is readable.
            let _ = rustix::io::write(&self.shared.descriptor, &1_u64.to_ne_bytes());
        }
    }

    pub(crate) fn acknowledge(&self) {
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.shared.descriptor, &mut count);
        self.shared.is_woken.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_before_the_wait_is_not_overlooked() {
        let (poller, waker) = woken_pair();
        waker.wake();
        let mut ready = Vec::new();
        poller
            .wait(Instant::now(), None, &mut ready)
            .expect("waits");
        assert_eq!(ready[0].token, Token(7));
    }

    #[test]
    fn an_acknowledged_wake_is_not_reported_again_and_a_later_one_is() {
        let (poller, waker) = woken_pair();
        let now = Instant::now();
        let mut ready = Vec::new();
        waker.wake();
        waker.wake();
        waker.acknowledge();
        poller.wait(now, Some(now), &mut ready).expect("waits");
        assert!(ready.is_empty());
        waker.wake();
        poller.wait(now, None, &mut ready).expect("waits");
        assert_eq!(ready.len(), 1);
    }

    fn woken_pair() -> (Poller, Waker) {
        let poller = Poller::new().expect("a poller");
        let waker = Waker::new().expect("a waker");
        poller.add(waker.descriptor(), Token(7)).expect("added");
        (poller, waker)
    }
}
