//! A thread that turns: waits, takes what has come, sends what comes of it. It survives a panic.

use std::{
    any::Any,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{error::EngineError, event::EngineEvent, outbox::Outbox};

/// How long a thread pauses after a fault, doubled for each fault in a row. Less would let a fault
/// that repeats take the core from everything else; more makes a single one audible.
const PAUSE_MIN: Duration = Duration::from_millis(5);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Whether a thread goes on after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Turn,
    Stop,
}

/// What one thread does, one turn at a time.
pub(crate) trait Turning: Send + 'static {
    /// Waits for something to do and does it.
    fn turn(&mut self) -> io::Result<Next>;

    /// Gets into a state to go on from after a turn that failed half way; returns whether
    /// everything it held was thrown away for that.
    fn recover(&mut self) -> bool;
}

/// Starts a thread that turns until it says stop.
pub(crate) fn start(
    name: String,
    turning: impl Turning,
    outbox: Arc<Outbox>,
) -> Result<JoinHandle<()>, EngineError> {
    thread::Builder::new()
        .name(format!("parley-{name}"))
        .spawn(move || run(&name, turning, &outbox))
        .map_err(EngineError::system("start a thread"))
}

fn run(name: &str, mut turning: impl Turning, outbox: &Outbox) {
    let mut faults = 0;
    let mut pause = PAUSE_MIN;
    loop {
        // State that a panic left half changed is put right by `recover` before it is used again.
        let cause = match catch_unwind(AssertUnwindSafe(|| turning.turn())) {
            Ok(Ok(Next::Turn)) => {
                pause = PAUSE_MIN;
                continue;
            }
            Ok(Ok(Next::Stop)) => return,
            Ok(Err(failed)) => failed.to_string(),
            Err(panic) => words_of(panic.as_ref()),
        };
        faults += 1;
        let recovered = catch_unwind(AssertUnwindSafe(|| turning.recover()));
        let is_restarted = recovered.unwrap_or(false);
        outbox.push(EngineEvent::Fault {
            thread: name.to_owned(),
            cause,
            is_restarted,
            count: faults,
        });
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// What a panic said, where it said it in words.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let fixed = panic.downcast_ref::<&str>().map(ToString::to_string);
    let made = || panic.downcast_ref::<String>().cloned();
    fixed.or_else(made).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_turn_is_reported_and_the_thread_goes_on() {
        let outbox = Arc::new(Outbox::new().expect("an outbox"));
        let turning = Stumbling { turns: 0 };
        start("test".to_owned(), turning, outbox.clone())
            .expect("started")
            .join()
            .expect("ends");
        let fault = EngineEvent::Fault {
            thread: "test".to_owned(),
            cause: "a fault on purpose".to_owned(),
            is_restarted: true,
            count: 1,
        };
        assert_eq!(outbox.drain(10), [fault]);
    }

    struct Stumbling {
        turns: u32,
    }

    impl Turning for Stumbling {
        fn turn(&mut self) -> io::Result<Next> {
            self.turns += 1;
            assert!(self.turns != 2, "a fault on purpose");
            Ok(if self.turns < 4 {
                Next::Turn
            } else {
                Next::Stop
            })
        }

        fn recover(&mut self) -> bool {
            true
        }
    }
}
