//! The Python binding of the engine: conversions only.
