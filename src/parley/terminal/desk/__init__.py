"""The desk in a terminal: one screen that is watched for eight hours, by keyboard alone.

``app`` holds it together: a feed keeps the board up to date and connects again for ever
(:mod:`.feed`), ``paint`` turns the board into text, ``sheets`` are what opens above it (a PIN, a
draft, an answer, help), ``bell`` makes it heard.
"""
