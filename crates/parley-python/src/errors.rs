//! Every failure becomes a `CoreError`, here and nowhere else.

use std::io;

use parley_io::{EngineError, Param};
use parley_line::LineError;
use parley_load::LoadError;
use parley_netem::NetemError;
use pyo3::{create_exception, exceptions::PyException, prelude::*, types::PyDict};

create_exception!(
    parley._core,
    CoreError,
    PyException,
    "The engine refused a call."
);

/// What a `CoreError` is made of.
#[derive(Debug)]
pub(crate) struct Error {
    code: &'static str,
    params: Vec<(&'static str, Param)>,
    is_theirs: bool,
    text: String,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A value that cannot be.
    pub(crate) fn argument(argument: &'static str) -> Self {
        EngineError::ArgumentInvalid { argument }.into()
    }

    fn system(what: &'static str, source: &io::Error, text: String) -> Self {
        let errno = Param::Number(source.raw_os_error().unwrap_or(0).into());
        let params = vec![("what", Param::Text(what.to_owned())), ("errno", errno)];
        Self {
            code: "engine.system",
            params,
            is_theirs: false,
            text,
        }
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self {
            code: error.code(),
            params: error.params(),
            is_theirs: error.is_theirs(),
            text: chain(&error),
        }
    }
}

impl From<LineError> for Error {
    fn from(error: LineError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<NetemError> for Error {
    fn from(error: NetemError) -> Self {
        let text = chain(&error);
        if error.is_permission() {
            return EngineError::PermissionDenied { what: text }.into();
        }
        match error {
            NetemError::Listen { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
                EngineError::PortTaken { address }.into()
            }
            NetemError::Listen { source, .. } => Self::system("listen", &source, text),
            NetemError::Namespace { source, .. } => Self::system("enter namespace", &source, text),
            NetemError::Device { source, .. } => Self::system("make device", &source, text),
            NetemError::Start { source } => Self::system("start wire", &source, text),
            NetemError::UnknownProfile { .. }
            | NetemError::UnknownSetting { .. }
            | NetemError::BadValue { .. }
            // Whatever is added will be about the profile, too.
            | _ => {
                let params = vec![("reason", Param::Text(text.clone()))];
                Self {
                    code: "wire.profile_invalid",
                    params,
                    is_theirs: false,
                    text,
                }
            }
        }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        let (text, is_theirs) = (chain(&error), error.is_theirs());
        match error {
            LoadError::Address { address, .. } => EngineError::AddressUnusable {
                address: address.to_string(),
            }
            .into(),
            LoadError::System { what, source } => Self::system(what, &source, text),
            LoadError::Spent(_) => Self::argument("answer"),
            LoadError::Stopped => EngineError::Stopped.into(),
            LoadError::Command(_) | LoadError::Description(_) | LoadError::Silence { .. } | _ => {
                let params = vec![("reason", Param::Text(text.clone()))];
                Self {
                    code: "media.answer",
                    params,
                    is_theirs,
                    text,
                }
            }
        }
    }
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        Python::attach(|py| raise(py, error).unwrap_or_else(|failure| failure))
    }
}

fn raise(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let params = PyDict::new(py);
    for (name, value) in error.params {
        match value {
            Param::Text(text) => params.set_item(name, text)?,
            Param::Number(number) => params.set_item(name, number)?,
        }
    }
    let exception = CoreError::new_err(error.text);
    let value = exception.value(py);
    value.setattr("code", error.code)?;
    value.setattr("params", params)?;
    value.setattr("is_theirs", error.is_theirs)?;
    Ok(exception)
}

/// An error in its own words and those of what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let words = source.to_string();
        if !text.ends_with(&words) {
            text = format!("{text}: {words}");
        }
        cause = source.source();
    }
    text
}
