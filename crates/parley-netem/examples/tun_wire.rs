//! Joins two network namespaces by a bad path until the end of its input. Needs root.
//!
//! ```sh
//! ip netns add here; ip netns add there
//! tun_wire here,wire0,10.98.0.1 there,wire0,10.98.0.2 border,loss=5% 1
//! ```
//!
//! Lines on the input: `cut both|out|back [MS]`, `heal`, `profile TEXT`; any other line, an empty
//! one too, prints the counters.

use std::{
    error::Error,
    io::{self, Write},
    time::Duration,
};

use parley_netem::{Cause, Counters, Profile, TunEnd, TunWire, Way, Wire};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, second, profile, seed] = arguments.as_slice() else {
        return Err(
            "usage: tun_wire NAMESPACE,DEVICE,ADDRESS NAMESPACE,DEVICE,ADDRESS PROFILE SEED".into(),
        );
    };
    let ends = [end(first)?, end(second)?];
    let tun = TunWire::start(ends, &Profile::parse(profile)?, seed.parse()?)?;
    writeln!(io::stdout(), "ready")?;
    for line in io::stdin().lines() {
        obey(tun.wire(), &line?)?;
    }
    Ok(())
}

fn end(text: &str) -> Result<TunEnd, Box<dyn Error>> {
    let [namespace, device, address] = text.split(',').collect::<Vec<_>>()[..] else {
        return Err(format!("{text:?} is not NAMESPACE,DEVICE,ADDRESS").into());
    };
    Ok(TunEnd {
        namespace: Some(format!("/run/netns/{namespace}").into()),
        device: device.to_owned(),
        address: (address.parse()?, 30),
        mtu: 1_500,
    })
}

fn obey(wire: &Wire, line: &str) -> Result<(), Box<dyn Error>> {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["cut", way] => wire.cut(ways(way), None),
        ["cut", way, ms] => wire.cut(ways(way), Some(Duration::from_millis(ms.parse()?))),
        ["heal"] => wire.heal(),
        ["profile", text] => wire.set_profile(&Profile::parse(text)?),
        _ => {
            let counters = wire.counters();
            let (out, back) = (line_of(&counters.out), line_of(&counters.back));
            writeln!(io::stdout(), "{out} {back}")?;
        }
    }
    Ok(())
}

fn ways(name: &str) -> &'static [Way] {
    match name {
        "out" => &[Way::Out],
        "back" => &[Way::Back],
        _ => &Way::BOTH,
    }
}

/// Packets offered, delivered, then dropped as lost, for a full queue, as too long and as cut.
fn line_of(counters: &Counters) -> String {
    let mut figures = vec![counters.offered, counters.delivered];
    figures.extend(Cause::ALL.map(|cause| counters.dropped(cause)));
    figures
        .iter()
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}
