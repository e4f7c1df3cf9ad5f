# The two commands of a newcomer. Each needs only git, make, a C compiler and Python 3.11 or newer,
# does the rest of its set-up itself, and says what it is doing. Everything else: `just`.

.PHONY: help try test

help:
	@echo "make try    build, then run two nodes on this machine and print two addresses to open"
	@echo "make test   build, then pass the whole test suite, real browser included"

try:
	@exec sh tools/bootstrap try

test:
	@exec sh tools/bootstrap test
