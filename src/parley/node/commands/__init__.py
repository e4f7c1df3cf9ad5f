"""The `parley` command, one file for each word of it.

Every command prints for a person, or with ``--json`` one JSON object for a program. A command that
concerns a node finds it by its folder: ``--folder``, else ``PARLEY_FOLDER``, else the current
folder if it holds a node, else ``/var/lib/parley``.
"""
