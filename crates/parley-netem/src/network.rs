//! Several endpoints joined by paths, for tests in virtual time.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use crate::{
    counters::Counters,
    path::{Path, Way},
    profile::Profile,
};

/// IPv4 and UDP headers, which the rate and the MTU of a real path go by too (RFC 791, RFC 768).
const HEADERS_V4: usize = 28;
/// IPv6 and UDP headers (RFC 8200, RFC 768).
const HEADERS_V6: usize = 48;

/// A network of UDP endpoints in virtual time.
///
/// Paths join places, a place being one socket address or a whole host; between two places that
/// nothing joins nothing passes, and is counted. A test drives it with its endpoints in one loop:
/// send what they give, set `now` to the earliest of all timeouts, deliver what is due.
///
/// ```
/// use std::{net::SocketAddr, time::Instant};
/// use parley_netem::{Network, Profile};
///
/// let (here, there): (SocketAddr, SocketAddr) = ("10.0.0.1:7".parse()?, "10.0.1.1:7".parse()?);
/// let mut now = Instant::now();
/// let mut network = Network::new(1, now);
/// network.join(here, there, &Profile::named("lan")?);
/// network.send(now, here, there, vec![42_u8]);
/// while let Some(next) = network.next_timeout() {
///     now = now.max(next);
///     while let Some(parcel) = network.poll(now) {
///         assert_eq!((parcel.from, parcel.to, parcel.packet), (here, there, vec![42]));
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Network<P> {
    start: Instant,
    seed: u64,
    links: Vec<Link<P>>,
    unrouted: u64,
}

/// A packet with its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel<P> {
    /// Where it was sent from.
    pub from: SocketAddr,
    /// Where it was sent to.
    pub to: SocketAddr,
    /// What was sent.
    pub packet: P,
}

/// One end of a path of a [`Network`]: one socket, or every socket of one host. Where both fit, the
/// socket goes before the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Every port of an address.
    Host(IpAddr),
    /// One port of an address.
    Socket(SocketAddr),
}

impl From<IpAddr> for Place {
    fn from(address: IpAddr) -> Self {
        Self::Host(address)
    }
}

impl From<SocketAddr> for Place {
    fn from(address: SocketAddr) -> Self {
        Self::Socket(address)
    }
}

impl<P: AsRef<[u8]> + Clone> Network<P> {
    /// A network in which nothing is joined; its profiles' schedules start at `start`.
    #[must_use]
    pub fn new(seed: u64, start: Instant) -> Self {
        Self {
            start,
            seed,
            links: Vec::new(),
            unrouted: 0,
        }
    }

    /// Joins two places by a path of their own; `out` is from the first to the second. Joining the
    /// same two again replaces the path and loses what was on it.
    pub fn join(&mut self, a: impl Into<Place>, b: impl Into<Place>, profile: &Profile) {
        let ends = [a.into(), b.into()];
        let number = self.links.len() as u64;
        let path = Path::new(profile, self.seed.wrapping_add(number), self.start);
        match self
            .links
            .iter_mut()
            .find(|link| link.is_between(ends[0], ends[1]))
        {
            Some(link) => *link = Link { ends, path },
            None => self.links.push(Link { ends, path }),
        }
    }

    /// Sends a UDP payload. It counts with its IP and UDP headers against rate, queue and MTU.
    pub fn send(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, packet: P) {
        let length = packet.as_ref().len() + headers(to);
        match self.route(from, to) {
            None => self.unrouted += 1,
            Some((link, way)) => {
                link.path
                    .push_sized(now, way, length, Parcel { from, to, packet });
            }
        }
    }

    /// The next packet that is due anywhere, in the order they are due.
    pub fn poll(&mut self, now: Instant) -> Option<Parcel<P>> {
        let due = |link: &mut Link<P>| link.path.next_due(now).map(|(due, _)| due);
        let (_, index) = self
            .links
            .iter_mut()
            .enumerate()
            .filter_map(|(index, link)| due(link).map(|due| (due, index)))
            .min()?;
        self.links[index].path.poll(now).map(|(_, parcel)| parcel)
    }

    /// The next instant at which [`poll`](Self::poll) may give a packet.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.links
            .iter()
            .filter_map(|link| link.path.next_timeout())
            .min()
    }

    /// The path between two places as they were joined, to cut it, change it or read its counters.
    /// [`Way::Out`] is from the first to the second as given to [`join`](Self::join).
    pub fn path(
        &mut self,
        a: impl Into<Place>,
        b: impl Into<Place>,
    ) -> Option<&mut Path<Parcel<P>>> {
        let (a, b) = (a.into(), b.into());
        self.links
            .iter_mut()
            .find(|link| link.is_between(a, b))
            .map(|link| &mut link.path)
    }

    /// Cuts the path between two places both ways for a time, or until [`heal`](Self::heal).
    pub fn cut(
        &mut self,
        now: Instant,
        a: impl Into<Place>,
        b: impl Into<Place>,
        lasts: Option<Duration>,
    ) {
        if let Some(path) = self.path(a, b) {
            path.cut(now, &Way::BOTH, lasts);
        }
    }

    /// Ends a [`cut`](Self::cut).
    pub fn heal(&mut self, now: Instant, a: impl Into<Place>, b: impl Into<Place>) {
        if let Some(path) = self.path(a, b) {
            path.heal(now);
        }
    }

    /// What has happened to what one place sent another, which must have been joined.
    #[must_use]
    pub fn counters(&self, from: impl Into<Place>, to: impl Into<Place>) -> Option<&Counters> {
        let (from, to) = (from.into(), to.into());
        let link = self.links.iter().find(|link| link.is_between(from, to))?;
        let way = if link.ends[0] == from {
            Way::Out
        } else {
            Way::Back
        };
        Some(link.path.counters(way))
    }

    /// Packets sent between places that nothing joins.
    #[must_use]
    pub fn unrouted(&self) -> u64 {
        self.unrouted
    }

    fn route(&mut self, from: SocketAddr, to: SocketAddr) -> Option<(&mut Link<P>, Way)> {
        self.links
            .iter_mut()
            .filter_map(|link| link.fit(from, to).map(|(fit, way)| (fit, link, way)))
            .max_by_key(|(fit, _, _)| *fit)
            .map(|(_, link, way)| (link, way))
    }
}

/// Bytes of IP and UDP headers to an address.
pub(crate) fn headers(address: SocketAddr) -> usize {
    if address.is_ipv4() {
        HEADERS_V4
    } else {
        HEADERS_V6
    }
}

#[derive(Debug)]
struct Link<P> {
    ends: [Place; 2],
    path: Path<Parcel<P>>,
}

impl<P> Link<P> {
    fn is_between(&self, a: Place, b: Place) -> bool {
        self.ends == [a, b] || self.ends == [b, a]
    }

    /// How exactly this joins two addresses, and which way; `None` when it does not.
    fn fit(&self, from: SocketAddr, to: SocketAddr) -> Option<(u8, Way)> {
        let [a, b] = self.ends;
        let fit = |a: Place, b: Place| Some(a.fit(from)? + b.fit(to)?);
        let out = fit(a, b).map(|fit| (fit, Way::Out));
        out.or_else(|| fit(b, a).map(|fit| (fit, Way::Back)))
    }
}

impl Place {
    fn fit(self, address: SocketAddr) -> Option<u8> {
        match self {
            Self::Host(host) => (host == address.ip()).then_some(1),
            Self::Socket(socket) => (socket == address).then_some(2),
        }
    }
}
