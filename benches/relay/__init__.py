"""The relay bench: the same work through Parley's relay and through Janus, on one core each.

Which work? A number of rooms, in each of which one publishes a camera and some watch: DTLS, ICE,
SRTP in, SRTP out for each watcher, receiver and congestion reports from each. The relay has one
core, the generator (`crates/parley-load`) the other. The generator steps the publishers' rate up
until more than one packet in a thousand is missing or more than 200 ms late; that is the load of
100 %. Then it measures windows at 50, 80 and 100 %.

Both relays stand in a network namespace of their own (`network`), get the same offers, and are
charged for every nanosecond that their process runs, the kernel's work on its packets included.
"""
