//! Joins two network namespaces by a bad path until end of input.
//!
//! `tun_wire NAMESPACE_A NAMESPACE_B PROFILE SEED`: the namespaces are names as `ip netns` has
//! them, the profile a text such as `border,loss=5%`. Each gets a device `wire0`; the first has
//! 10.98.0.1/30, the second 10.98.0.2/30. Needs root. A line `cut MS` or `heal` on the input does
//! so; any other line prints the counters.

use std::{
    error::Error,
    io::{self, Write},
    net::Ipv4Addr,
    time::Duration,
};

use parley_netem::{Profile, TunEnd, TunWire, Way};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, second, profile, seed] = arguments.as_slice() else {
        return Err("usage: tun_wire NAMESPACE_A NAMESPACE_B PROFILE SEED".into());
    };
    let end = |namespace: &String, last: u8| TunEnd {
        namespace: Some(format!("/run/netns/{namespace}").into()),
        device: "wire0".to_owned(),
        address: (Ipv4Addr::new(10, 98, 0, last).into(), 30),
        mtu: 1_500,
    };
    let profile = Profile::parse(profile)?;
    let tun = TunWire::start([end(first, 1), end(second, 2)], &profile, seed.parse()?)?;
    writeln!(io::stdout(), "ready")?;
    for line in io::stdin().lines() {
        match line?.split_once(' ') {
            Some(("cut", ms)) => {
                tun.wire()
                    .cut(&Way::BOTH, Some(Duration::from_millis(ms.parse()?)));
            }
            _ => writeln!(io::stdout(), "{:?}", tun.wire().counters())?,
        }
    }
    Ok(())
}
