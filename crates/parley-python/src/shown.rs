//! How values appear in `repr`: enough to tell them apart, nothing that is somebody's words.

use std::collections::BTreeMap;

use crate::ids::{Id, Octets};

/// Texts longer than this are not names of states or paths but somebody's words.
const TEXT_MAX: usize = 64;

/// A value in a `repr`.
pub(crate) trait Shown {
    fn shown(&self) -> String;
}

macro_rules! shown_as_written {
    ($($name:ty),*) => {$(
        impl Shown for $name {
            fn shown(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

shown_as_written!(Id, u8, u16, u32, u64, i64, f64, bool);

impl Shown for Octets {
    fn shown(&self) -> String {
        format!("<{} bytes>", self.0.len())
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        if self.len() > TEXT_MAX {
            return format!("<{} bytes>", self.len());
        }
        format!("{self:?}")
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref()
            .map_or_else(|| "None".to_owned(), Shown::shown)
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> String {
        let items: Vec<String> = self.iter().map(Shown::shown).collect();
        format!("[{}]", items.join(", "))
    }
}

impl<A: Shown, B: Shown> Shown for (A, B) {
    fn shown(&self) -> String {
        format!("({}, {})", self.0.shown(), self.1.shown())
    }
}

impl<V: Shown> Shown for BTreeMap<String, V> {
    fn shown(&self) -> String {
        let items: Vec<String> = self
            .iter()
            .map(|(name, value)| format!("{name:?}: {}", value.shown()))
            .collect();
        format!("{{{}}}", items.join(", "))
    }
}
