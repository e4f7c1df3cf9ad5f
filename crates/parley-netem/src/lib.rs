//! A seeded model of a bad network path, in virtual time, as a UDP wire and as a TUN wire.
