//! What ends a process that stands still.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;

use crate::errors::{Error, Result};

/// Ends the process, as a power cut does, when nobody feeds it for some seconds.
#[pyclass(frozen, module = "parley._core")]
pub(crate) struct Watchdog {
    watchdog: Mutex<parley_io::Watchdog>,
}

#[pymethods]
impl Watchdog {
    #[new]
    #[pyo3(signature = (*, patience_s))]
    fn new(patience_s: u32) -> Result<Self> {
        if patience_s == 0 {
            return Err(Error::argument("patience_s"));
        }
        Ok(Self {
            watchdog: Mutex::new(parley_io::Watchdog::start(patience_s)?),
        })
    }

    fn feed(&self) {
        self.watchdog
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .feed();
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| {
            self.watchdog
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .stop();
        });
    }
}
