//! The relay without I/O: rooms, layers and fan-out above str0m.
