//! Sockets and threads: the only crate that does I/O for the engine.
