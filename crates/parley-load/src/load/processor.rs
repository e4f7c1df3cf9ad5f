//! How much processor time a process has used, to the nanosecond.

use std::{fs, path::Path};

/// Returns the time that all live threads of a process have run, in nanoseconds, system time and
/// the network stack's work on their behalf included; 0 when there is no such process.
#[must_use]
pub fn busy_ns(process: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let tasks = tasks.into_iter().flatten().flatten();
    tasks.map(|task| task_ns(&task.path())).sum()
}

/// The first number of `schedstat` is the time spent on the processor (Linux
/// Documentation/scheduler/sched-stats.rst).
fn task_ns(task: &Path) -> u64 {
    let line = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    line.split(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_not_there_has_used_nothing() {
        assert_eq!(busy_ns(u32::MAX), 0);
    }

    #[test]
    fn this_process_has_used_some() {
        assert!(busy_ns(std::process::id()) > 0);
    }
}
