"""What tests of whole nodes stand on; nothing here runs in a node.

How can a test claim that a browser reaches only its own node, or that a call holds on a bad line?
`parley.testing.lab` gives each node and each browser a machine of its own on one machine and joins
them by emulated networks. If the machine cannot do that, it says what is missing, and the tests
that need it are skipped by that name rather than passed.
"""
