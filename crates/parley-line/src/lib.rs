//! The line without I/O: paths, lanes, probes and resumption above quinn-proto.
