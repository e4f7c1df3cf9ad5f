"""A person at a terminal: their key, their desk, and commands for thin lines.

What still works when everything else is down. A terminal is no part of a node: it speaks HTTPS and
a WebSocket to the person's own node, exactly as a browser does, and could run on another machine.
It imports nothing of a node but the exception tree, and the verifier's reader of entries.

How an act comes about: the person chooses it (:mod:`parley.terminal.desk`, or `parley alert`) → the
node makes the entry and sends it with the challenge → :mod:`parley.terminal.proposal` reads the
entry, holds its hash against the challenge and its words against what was asked for → the person
reads it and types their PIN → the key signs (:mod:`parley.terminal.key_file`, or
:mod:`parley.terminal.security_key`) → the node checks the signature as it checks any passkey's and
appends the entry.

What if it fails: a node that does not answer is asked again for ever, and the desk says since when
what it shows is old. A node that answers with nonsense, or asks for a signature on something else,
is refused, and the PIN is never asked for. A key file that is copied makes the node lock it.

Layout: cores without I/O (``ceremony``, ``key_state``, ``key_file``, ``proposal``, ``board``), what
touches the disk, the network and USB (``key_store``, ``node``, ``security_key``), ``acts`` above
them, and the screen in ``desk``.
"""
