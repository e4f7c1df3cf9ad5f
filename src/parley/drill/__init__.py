"""Drills: measured rehearsals that a person, a test and an operator run alike.

A drill starts real nodes, joins them by an emulated line, puts real browsers or synthetic
participants on each side, and prints figures whose names and meanings are listed in
``figures.toml``. It measures; it never passes or fails by wall time.

How a figure gets from a frame to the page: `marked_media` writes a camera file in which every frame
carries its own number, and a microphone file in which every half second carries a mark. `probe.js`
runs inside each page, reads the numbers and marks where they enter (the sender's own track) and
where they come out (the decoded far track), and stamps both with the machine's clock, which the
browsers share. `call` pairs the two lists: what entered and never came out is lost, what came out
late shows as a freeze.
"""
