//! Which addresses browsers are told, and which of them a packet belongs to.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
};

use crate::error::EngineError;

/// The addresses of one listening port: what browsers are told, and what the system knows.
///
/// A relay names its own end of every packet by a candidate it gave to the browser. Behind a
/// network address translator the two differ, and a socket bound to every address has several.
#[derive(Clone, Debug)]
pub(crate) struct Candidates {
    /// What browsers are told, preferred first; never empty.
    told: Vec<SocketAddr>,
    /// The addresses of this machine among them.
    own: HashSet<IpAddr>,
    /// Whether the socket has to be told which of them to send from.
    is_wildcard: bool,
}

impl Candidates {
    /// The candidates of a socket bound to `bound`, with the IPs the operator declared, if any.
    pub(crate) fn new(bound: SocketAddr, declared: Option<&[IpAddr]>) -> Result<Self, EngineError> {
        Self::with_interfaces(bound, declared, &interfaces()?)
    }

    fn with_interfaces(
        bound: SocketAddr,
        declared: Option<&[IpAddr]>,
        interfaces: &[IpAddr],
    ) -> Result<Self, EngineError> {
        let is_wildcard = bound.ip().is_unspecified();
        let found: Vec<IpAddr> = match declared {
            Some(declared) => declared.to_vec(),
            None if is_wildcard => interfaces.to_vec(),
            None => vec![bound.ip()],
        };
        let told: Vec<SocketAddr> = found
            .into_iter()
            .filter(|ip| ip.is_ipv4() || bound.is_ipv6())
            .map(|ip| SocketAddr::new(ip, bound.port()))
            .collect();
        if told.is_empty() {
            return Err(EngineError::AddressUnusable {
                address: bound.to_string(),
            });
        }
        let own = interfaces
            .iter()
            .copied()
            .filter(|ip| told.iter().any(|to| to.ip() == *ip));
        Ok(Self {
            own: own.collect(),
            told,
            is_wildcard,
        })
    }

    /// What browsers are told.
    pub(crate) fn told(&self) -> &[SocketAddr] {
        &self.told
    }

    /// The candidate at which a packet from `remote` arrived, the system having seen it at `local`.
    pub(crate) fn arrived_at(&self, local: Option<IpAddr>, remote: SocketAddr) -> SocketAddr {
        let exact = |to: &&SocketAddr| Some(to.ip()) == local;
        let same_family = |to: &&SocketAddr| to.is_ipv4() == remote.is_ipv4();
        let translated = |to: &&SocketAddr| same_family(to) && !self.own.contains(&to.ip());
        let mut told = self.told.iter();
        told.clone()
            .find(exact)
            .or_else(|| told.clone().find(translated))
            .or_else(|| told.find(same_family))
            .copied()
            .unwrap_or(self.told[0])
    }

    /// The address to send from so that the packet comes from candidate `source`; None when the
    /// system's own choice is right.
    pub(crate) fn leaves_from(&self, source: SocketAddr) -> Option<IpAddr> {
        (self.is_wildcard && self.own.len() > 1 && self.own.contains(&source.ip()))
            .then(|| source.ip())
    }
}

/// Reads `ip:port` with an IP literal.
///
/// # Errors
///
/// [`EngineError::AddressUnusable`] when it is anything else; names are not looked up, because the
/// answer would be somebody else's.
pub fn parse_address(text: &str) -> Result<SocketAddr, EngineError> {
    text.parse().map_err(|_| EngineError::AddressUnusable {
        address: text.to_owned(),
    })
}

/// The addresses of this machine: reachable ones first, loopback last, no link-local IPv6 (a
/// browser could not tell which interface it belongs to).
fn interfaces() -> Result<Vec<IpAddr>, EngineError> {
    let found = if_addrs::get_if_addrs().map_err(EngineError::system("list interfaces"))?;
    let mut ips: Vec<IpAddr> = found.into_iter().map(|interface| interface.ip()).collect();
    ips.retain(|ip| !matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local()));
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6(), *ip));
    ips.dedup();
    Ok(ips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_socket_tells_every_address_and_sends_from_the_one_that_was_reached() {
        let candidates = candidates("0.0.0.0:7000", None);
        assert_eq!(candidates.told().len(), 2);
        let reached = candidates.arrived_at(Some(ip("127.0.0.1")), addr("127.0.0.1:9"));
        assert_eq!(reached, addr("127.0.0.1:7000"));
        assert_eq!(candidates.leaves_from(reached), Some(ip("127.0.0.1")));
    }

    #[test]
    fn a_translated_address_stands_for_the_one_the_system_saw() {
        let candidates = candidates("0.0.0.0:7000", Some(&[ip("203.0.113.9"), ip("127.0.0.1")]));
        let reached = candidates.arrived_at(Some(ip("10.0.0.2")), addr("198.51.100.1:9"));
        assert_eq!(reached, addr("203.0.113.9:7000"));
        assert_eq!(candidates.leaves_from(reached), None);
    }

    #[test]
    fn a_socket_bound_to_one_address_leaves_the_choice_to_the_system() {
        let candidates = candidates("10.0.0.2:7000", None);
        assert_eq!(candidates.told(), [addr("10.0.0.2:7000")]);
        assert_eq!(candidates.leaves_from(addr("10.0.0.2:7000")), None);
    }

    #[test]
    fn an_address_of_the_wrong_family_is_refused() {
        let refused = Candidates::with_interfaces(addr("10.0.0.2:1"), Some(&[ip("::1")]), &[]);
        assert_eq!(
            refused.expect_err("refused").code(),
            "engine.address_unusable"
        );
    }

    #[test]
    fn a_name_is_not_an_address() {
        assert_eq!(
            parse_address("example.org:1").expect_err("refused").code(),
            "engine.address_unusable"
        );
    }

    fn candidates(bound: &str, declared: Option<&[IpAddr]>) -> Candidates {
        Candidates::with_interfaces(addr(bound), declared, &[ip("10.0.0.2"), ip("127.0.0.1")])
            .expect("usable")
    }

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an IP")
    }
}
