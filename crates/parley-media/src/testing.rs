//! Scripted browsers for tests.
