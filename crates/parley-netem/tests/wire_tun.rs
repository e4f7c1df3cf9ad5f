//! What the TUN wire says when it cannot be made. That it carries TCP and UDP between namespaces is
//! tested end to end, with root.

use std::{error::Error, io, net::Ipv4Addr};

use parley_netem::{NetemError, Profile, TunEnd, TunWire};

/// A namespace that is not there is named in the error.
#[test]
fn a_missing_namespace_is_named() {
    let end = |last: u8| TunEnd {
        namespace: Some("/run/netns/parley-netem-no-such-namespace".into()),
        device: "wire0".to_owned(),
        address: (Ipv4Addr::new(10, 98, 0, last).into(), 30),
        mtu: 1_500,
    };
    let profile = Profile::named("lan").expect("a known name");
    let refusal = TunWire::start([end(1), end(2)], &profile, 1).expect_err("no such namespace");
    assert!(matches!(refusal, NetemError::Namespace { .. }));
    assert!(
        refusal
            .to_string()
            .contains("parley-netem-no-such-namespace")
    );
    assert!(!refusal.is_permission());
    assert!(refusal.source().is_some());
}

/// Without root the error is of its own kind and says what is needed.
#[test]
fn a_want_of_privileges_is_told_apart() {
    let source = io::Error::from(io::ErrorKind::PermissionDenied);
    let refusal = NetemError::Device {
        device: "wire0".to_owned(),
        source,
    };
    assert!(refusal.is_permission());
    assert!(
        refusal
            .to_string()
            .ends_with("wire0; a TUN wire needs root")
    );
}
