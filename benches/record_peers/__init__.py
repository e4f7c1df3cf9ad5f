"""The record beside others: two Synapse servers, two NATS servers and two Parley nodes, one wire.

Which work? Somebody on the near side writes texts of the same length, and what counts is when the
far side has them for good. First twenty a second, at an even pace, for the latency; then as many as
go, with at most so many on their way that the far side can catch up, for the rate. Each system does
it in the way that its own documentation recommends between two owners: Synapse federates one room
and keeps it in PostgreSQL; JetStream mirrors one stream over a leaf node and syncs each write.

Each side is a network namespace (`parley.testing.lab`), and the two are joined by an emulated
wire of a named profile. The bench itself stands outside: it reaches the near side as its writer and
the far side as its reader through sockets that it opens in their namespaces, so that both ends of a
latency are read from one clock and nothing of the bench crosses the wire.

What the peers are not asked for: neither tells its writer that the far side has an entry, neither
proves it, and their figures end where the far side has it. Parley's end where the near side knows.
"""
