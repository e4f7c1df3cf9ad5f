"""Set-up on a fresh machine, with the standard library alone.

`make try` and `make test` start here, before anything is installed. Three ideas hold it together:

* **Everything lands in ignored folders of the repository** (`.parley/`, `.venv/`, `target/`,
  `ui/node_modules/`, `ui/dist/`). Only the system's own package manager is asked to change the
  machine, only as root, and only for programs (a browser, `ip`, `nft`).
* **A step that would do nothing is skipped.** Each step has a stamp: a hash of the files it reads.
  A second run compares hashes and starts in seconds.
* **Nothing fails silently.** What cannot be installed is a `Missing`, which names the thing and
  the command that gets it; a command that fails shows the end of what it printed.
"""
