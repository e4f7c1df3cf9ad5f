//! What the engine tells, as classes; those of rooms are in [`crate::events_media`].

use parley_io::EngineEvent;
use pyo3::{PyClass, PyClassInitializer, prelude::*};

use crate::{
    events_media as media,
    ids::{Id, Octets},
};

/// A class with read-only fields, that Python can make by keyword and compare.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[pyo3::pyclass(frozen, eq, get_all, from_py_object, module = "parley._core")]
        #[derive(Clone, PartialEq)]
        pub(crate) struct $name {
            $(pub(crate) $field: $type,)*
        }

        #[pyo3::pymethods]
        impl $name {
            #[new]
            #[allow(clippy::too_many_arguments, reason = "each is a keyword in Python")]
            #[pyo3(signature = (*, $($field),*))]
            fn new($($field: $type),*) -> Self {
                Self { $($field),* }
            }

            fn __repr__(&self) -> String {
                $crate::shown::Shown::shown(self)
            }
        }

        impl $crate::shown::Shown for $name {
            fn shown(&self) -> String {
                let fields: Vec<String> = vec![
                    $(format!("{}={}", stringify!($field), $crate::shown::Shown::shown(&self.$field)),)*
                ];
                format!("{}({})", stringify!($name), fields.join(", "))
            }
        }
    };
}
pub(crate) use record;

record! {
    /// A line changed its state.
    LineState { party: Id, state: String }
}
record! {
    /// A path of a line changed its state.
    PathState { party: Id, path: String, state: String }
}
record! {
    /// The other party's letter arrived, exactly once.
    Letter { party: Id, lane: u8, topic: u16, body: Octets }
}
record! {
    /// The other party's engine has a letter that `Engine.send` took.
    LetterDelivered { letter: u64 }
}
record! {
    /// A room ended without being asked to: its participants must join again.
    RoomClosed { room: Id, reason: String }
}
record! {
    /// Something that came from outside was set aside; at most one of a kind per second.
    Refusal { area: String, reason: String, party: Option<Id>, key: Option<Octets>, count: u64 }
}
record! {
    /// A thread of the engine failed at one step, and goes on.
    Fault { thread: String, cause: String, restarted: bool, count: u64 }
}
record! {
    /// Python drained so slowly that events were left out: read all state again.
    EventsLost { count: u64 }
}

/// Turns an event of the engine into its class.
#[expect(
    clippy::too_many_lines,
    reason = "one short arm for each kind of event"
)]
pub(crate) fn event(py: Python<'_>, event: EngineEvent) -> PyResult<Py<PyAny>> {
    match event {
        EngineEvent::LineState { party, state } => object(
            py,
            LineState {
                party: party.into(),
                state: state.word().to_owned(),
            },
        ),
        EngineEvent::PathState { party, path, state } => object(
            py,
            PathState {
                party: party.into(),
                path,
                state: state.word().to_owned(),
            },
        ),
        EngineEvent::Letter {
            party,
            lane,
            topic,
            body,
        } => object(
            py,
            Letter {
                party: party.into(),
                lane,
                topic,
                body: Octets(body),
            },
        ),
        EngineEvent::LetterDelivered { letter } => object(py, LetterDelivered { letter }),
        EngineEvent::RoomClosed { room, reason } => object(
            py,
            RoomClosed {
                room: room.into(),
                reason: reason.to_owned(),
            },
        ),
        EngineEvent::Refusal {
            area,
            reason,
            party,
            key,
            count,
        } => object(
            py,
            Refusal {
                area: area.name().to_owned(),
                reason: reason.to_owned(),
                party: party.map(Id::from),
                key: key.map(|key| Octets(key.to_vec().into())),
                count,
            },
        ),
        EngineEvent::Fault {
            thread,
            cause,
            is_restarted: restarted,
            count,
        } => object(
            py,
            Fault {
                thread,
                cause,
                restarted,
                count,
            },
        ),
        EngineEvent::EventsLost { count } => object(py, EventsLost { count }),
        EngineEvent::Joined { .. }
        | EngineEvent::JoinRefused { .. }
        | EngineEvent::Roster { .. }
        | EngineEvent::Connected { .. }
        | EngineEvent::Left { .. }
        | EngineEvent::AudioSlots { .. }
        | EngineEvent::VideoSlots { .. }
        | EngineEvent::Speakers { .. }
        | EngineEvent::WantedLayers { .. } => media::event(py, event),
    }
}

pub(crate) fn object<T>(py: Python<'_>, record: T) -> PyResult<Py<PyAny>>
where
    T: Into<PyClassInitializer<T>> + PyClass,
{
    Ok(Py::new(py, record)?.into_any())
}
