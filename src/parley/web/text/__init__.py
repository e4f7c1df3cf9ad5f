"""The text-only page: what a desk must show, in a few kilobytes of HTML that needs no script.

It is made by the node itself and stands when the interface's build is missing, in a browser of
1995, over 9.6 kbit/s. It reads; what binds needs a passkey, and so the one small script, which is a
file of the node like any other (``page.js``). It rings nothing: what asks for attention stands at
the top, and in the title.
"""
