//! Profiles as one line of text: a name and what differs from it.

use std::{num::NonZeroU64, str::FromStr, time::Duration};

use crate::{
    conditions::{Bursts, Conditions, Loss, Probability, QueueBound, Reorder},
    error::NetemError,
    path::Way,
    profile::Profile,
    schedule::{Outage, Schedule},
};

const KEYS: &str = "rtt, delay, jitter, loss, burst, reorder, reorder_by, duplicate, rate, queue, \
                    mtu, outage, every";

/// How long a packet is held back when the text does not say: three 10 ms packets overtake it.
/// Much less and nothing overtakes at call rates; much more and it counts as lost.
const REORDER_BY: Duration = Duration::from_millis(30);

/// The longest time that can be written. Nothing on a network takes longer, and sums of a few of
/// them with an instant cannot overflow.
const TIME_MAX: Duration = Duration::from_hours(7 * 24);

pub(crate) fn parse(text: &str) -> Result<Profile, NetemError> {
    let mut parts = text.split(',').map(str::trim);
    let mut profile = Profile::named(parts.next().unwrap_or_default())?;
    for part in parts {
        Setting::parse(part)?.apply(&mut profile);
    }
    Ok(profile)
}

/// `[out.|back.]KEY[@TIME]=VALUE`.
struct Setting {
    ways: Vec<Way>,
    at: Option<Duration>,
    change: Change,
}

/// What a setting does to one way.
enum Change {
    Conditions(Box<dyn Fn(&mut Conditions)>),
    Outage(Outage),
    Every(Duration),
}

impl Setting {
    fn parse(part: &str) -> Result<Self, NetemError> {
        let unknown = || NetemError::UnknownSetting {
            part: part.to_owned(),
            known: KEYS.to_owned(),
        };
        let (target, value) = part.split_once('=').ok_or_else(unknown)?;
        let (ways, key) = match target.split_once('.') {
            None => (Way::BOTH.to_vec(), target),
            Some(("out", key)) => (vec![Way::Out], key),
            Some(("back", key)) => (vec![Way::Back], key),
            Some(_) => return Err(unknown()),
        };
        let (key, at) = match key.split_once('@') {
            None => (key, None),
            Some((key, at)) => (
                key,
                Some(
                    Value {
                        key: target,
                        text: at,
                    }
                    .time()?,
                ),
            ),
        };
        let change = change(
            key,
            &Value {
                key: target,
                text: value,
            },
        )
        .ok_or_else(unknown)??;
        if at.is_some() && !matches!(change, Change::Conditions(_)) {
            return Err(unknown());
        }
        Ok(Self { ways, at, change })
    }

    fn apply(&self, profile: &mut Profile) {
        for way in &self.ways {
            match way {
                Way::Out => self.apply_to(&mut profile.out),
                Way::Back => self.apply_to(&mut profile.back),
            }
        }
    }

    fn apply_to(&self, schedule: &mut Schedule) {
        match (&self.change, self.at) {
            (Change::Conditions(edit), None) => schedule.edit_all(edit),
            (Change::Conditions(edit), Some(at)) => schedule.edit_from(at, edit),
            (Change::Outage(outage), _) => schedule.add_outage(*outage),
            (Change::Every(period), _) => schedule.set_period(*period),
        }
    }
}

/// `None` when there is no such key.
fn change(key: &str, value: &Value<'_>) -> Option<Result<Change, NetemError>> {
    Some(match key {
        "rtt" => value.time().map(|rtt| edit(move |it| it.delay = rtt / 2)),
        "delay" => value.time().map(|delay| edit(move |it| it.delay = delay)),
        "jitter" => value
            .time()
            .map(|jitter| edit(move |it| it.jitter = jitter)),
        "loss" => value
            .share()
            .map(|share| edit(move |it| it.loss = Loss::Random(share))),
        "burst" => value
            .count()
            .map(|length| edit(move |it| make_bursts(it, length))),
        "reorder" => value
            .share()
            .map(|share| edit(move |it| reorder(it).share = share)),
        "reorder_by" => value.time().map(|by| edit(move |it| reorder(it).by = by)),
        "duplicate" => value
            .share()
            .map(|share| edit(move |it| it.duplicate = share)),
        "rate" => value.rate().map(|rate| edit(move |it| it.rate_bps = rate)),
        "queue" => value.queue().map(|queue| edit(move |it| it.queue = queue)),
        "mtu" => value.mtu().map(|mtu| edit(move |it| it.mtu = mtu)),
        "outage" => value.outage().map(Change::Outage),
        "every" => value.time().map(Change::Every),
        _ => return None,
    })
}

fn edit(edit: impl Fn(&mut Conditions) + 'static) -> Change {
    Change::Conditions(Box::new(edit))
}

fn make_bursts(conditions: &mut Conditions, length: NonZeroU64) {
    let mean = match conditions.loss {
        Loss::None => Probability::ZERO,
        Loss::Random(share) => share,
        Loss::Bursts(bursts) => bursts.mean_share(),
    };
    conditions.loss = Loss::Bursts(Bursts::of_mean_length(mean, length));
}

fn reorder(conditions: &mut Conditions) -> &mut Reorder {
    conditions.reorder.get_or_insert(Reorder {
        share: Probability::ZERO,
        by: REORDER_BY,
    })
}

/// A value as it was written, with its key for the error.
struct Value<'text> {
    key: &'text str,
    text: &'text str,
}

impl Value<'_> {
    fn time(&self) -> Result<Duration, NetemError> {
        parse_time(self.text)
            .ok_or_else(|| self.bad("a time such as 125ms, 30s or 10min, a week at most"))
    }

    fn share(&self) -> Result<Probability, NetemError> {
        let (text, whole) = match self.text.strip_suffix('%') {
            Some(text) => (text, 100.0),
            None => (self.text, 1.0),
        };
        let share = number(text)
            .map(|number| number / whole)
            .filter(|share| *share <= 1.0);
        let ppm = share.map(|share| round(share * f64::from(Probability::MILLION)));
        ppm.and_then(|ppm| u32::try_from(ppm).ok())
            .map(Probability::from_ppm)
            .ok_or_else(|| self.bad("a share of packets such as 0.05 or 5%"))
    }

    fn count(&self) -> Result<NonZeroU64, NetemError> {
        self.text
            .parse()
            .map_err(|_| self.bad("a whole number of packets from 1 up"))
    }

    fn mtu(&self) -> Result<usize, NetemError> {
        self.text
            .parse()
            .map_err(|_| self.bad("a whole number of bytes such as 1400"))
    }

    fn rate(&self) -> Result<Option<NonZeroU64>, NetemError> {
        if self.text == "none" {
            return Ok(None);
        }
        let units = [("gbit", 1e9), ("mbit", 1e6), ("kbit", 1e3), ("bit", 1.0)];
        let rate = with_unit(self.text, &units).and_then(|bits| NonZeroU64::new(round(bits)));
        rate.map(Some)
            .ok_or_else(|| self.bad("a rate above 0 such as 512kbit, 4mbit or none"))
    }

    fn queue(&self) -> Result<QueueBound, NetemError> {
        let bytes = with_unit(self.text, &[("kB", 1e3), ("MB", 1e6), ("B", 1.0)]);
        let time = parse_time(self.text).map(QueueBound::Time);
        time.or(bytes.map(|bytes| QueueBound::Bytes(round(bytes))))
            .ok_or_else(|| self.bad("a time or a size such as 200ms or 64kB"))
    }

    fn outage(&self) -> Result<Outage, NetemError> {
        self.text
            .split_once('+')
            .and_then(|(at, lasts)| {
                Some(Outage {
                    at: parse_time(at)?,
                    lasts: parse_time(lasts)?,
                })
            })
            .ok_or_else(|| self.bad("START+LENGTH such as 10s+200ms"))
    }

    fn bad(&self, wanted: &'static str) -> NetemError {
        NetemError::BadValue {
            key: self.key.to_owned(),
            value: self.text.to_owned(),
            wanted,
        }
    }
}

fn parse_time(text: &str) -> Option<Duration> {
    let units = [
        ("min", 60.0),
        ("ns", 1e-9),
        ("us", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
    ];
    // "s" comes last, or 5ms would be a number "5m" of seconds.
    let time = Duration::try_from_secs_f64(with_unit(text, &units)?).ok()?;
    (time <= TIME_MAX).then_some(time)
}

fn with_unit(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    units
        .iter()
        .find_map(|(unit, factor)| number(text.strip_suffix(unit)?).map(|n| n * factor))
}

/// A number written with digits and at most one point; no sign, exponent, `inf` or `nan`.
fn number(text: &str) -> Option<f64> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| f64::from_str(text).ok()).flatten()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, as meant"
)]
fn round(number: f64) -> u64 {
    number.round() as u64
}
