//! How one direction of a path changes over time.

use std::time::Duration;

use crate::conditions::Conditions;

/// How one direction changes over time, counted from the start of its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    first: Conditions,
    later: Vec<Step>,
    period: Option<Duration>,
    outages: Vec<Outage>,
}

/// From a moment on, other conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Since the start of the path, or of the period when the schedule repeats.
    pub at: Duration,
    /// What holds from then on.
    pub conditions: Conditions,
}

/// A while in which nothing passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since the start of the path, or of the period when the schedule repeats.
    pub at: Duration,
    /// How long.
    pub lasts: Duration,
}

impl Schedule {
    /// The same for ever.
    #[must_use]
    pub fn constant(conditions: Conditions) -> Self {
        Self {
            first: conditions,
            ..Self::default()
        }
    }

    /// Adds a step; one at the same moment is replaced.
    #[must_use]
    pub fn step(mut self, at: Duration, conditions: Conditions) -> Self {
        self.set_step(at, conditions);
        self
    }

    /// Adds an outage.
    #[must_use]
    pub fn outage(mut self, outage: Outage) -> Self {
        self.outages.push(outage);
        self
    }

    /// Starts over after each `period`; zero never does. Steps later than it are never reached.
    #[must_use]
    pub fn repeating(mut self, period: Duration) -> Self {
        self.period = (!period.is_zero()).then_some(period);
        self
    }

    /// What holds at a time since the start.
    #[must_use]
    pub fn at(&self, elapsed: Duration) -> &Conditions {
        let elapsed = self.within_period(elapsed);
        let reached = self.later.partition_point(|step| step.at <= elapsed);
        match reached.checked_sub(1) {
            None => &self.first,
            Some(index) => &self.later[index].conditions,
        }
    }

    /// Whether an outage holds at a time since the start.
    #[must_use]
    pub fn is_cut(&self, elapsed: Duration) -> bool {
        let elapsed = self.within_period(elapsed);
        self.outages.iter().any(|outage| {
            elapsed
                .checked_sub(outage.at)
                .is_some_and(|into| into < outage.lasts)
        })
    }

    /// Changes the conditions of every step.
    pub(crate) fn edit_all(&mut self, mut edit: impl FnMut(&mut Conditions)) {
        edit(&mut self.first);
        for step in &mut self.later {
            edit(&mut step.conditions);
        }
    }

    /// Changes what holds from `at` on until the next step, making a step there if need be.
    pub(crate) fn edit_from(&mut self, at: Duration, edit: impl FnOnce(&mut Conditions)) {
        let mut conditions = self.at(at).clone();
        edit(&mut conditions);
        self.set_step(at, conditions);
    }

    pub(crate) fn set_period(&mut self, period: Duration) {
        self.period = (!period.is_zero()).then_some(period);
    }

    pub(crate) fn add_outage(&mut self, outage: Outage) {
        self.outages.push(outage);
    }

    fn set_step(&mut self, at: Duration, conditions: Conditions) {
        match self.later.binary_search_by_key(&at, |step| step.at) {
            Ok(index) => self.later[index].conditions = conditions,
            Err(index) => self.later.insert(index, Step { at, conditions }),
        }
    }

    fn within_period(&self, elapsed: Duration) -> Duration {
        let Some(period) = self.period else {
            return elapsed;
        };
        let nanos = elapsed.as_nanos() % period.as_nanos();
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}
