# Every command of the repository. `just` alone lists them; `make try` and `make test` need nothing
# installed and set these up.

export PATH := justfile_directory() + "/.parley/tools/bin:" + justfile_directory() + "/.venv/bin:" + env("PATH")
export PYTHONPATH := justfile_directory() + "/src"
export UV_PYTHON_DOWNLOADS := "never"

# One profile for everything: what is tested is what ships, and dependencies compile once.
cargo_flags := "--release --workspace --locked"

cargo_home := env("CARGO_HOME", env("HOME") / ".cargo")

# List the recipes.
_default:
    @just --list --unsorted

# Install what is missing and build engine and interface (what `make` does first).
[group('set-up')]
setup:
    python3 tools/bootstrap.py setup

# Start two nodes on one machine, joined over an emulated bad line, and print two addresses.
[group('set-up')]
try *arguments:
    python3 tools/bootstrap.py try {{ arguments }}

# Build the interface into ui/dist.
[group('set-up')]
web:
    python3 tools/bootstrap.py web

# Compile the engine and put it where Python finds it.
[group('set-up')]
core:
    python3 tools/bootstrap.py core

# Format Python, Rust and TypeScript.
[group('write')]
fmt:
    ruff format
    ruff check --fix-only --exit-zero --quiet
    cargo fmt --all
    cd ui && npm run --if-present fmt

# All that reads the code without running it.
[group('check')]
lint: lint-python lint-words lint-rust lint-ui

# Ruff, and dependencies declared but unused or used but undeclared.
[group('check')]
lint-python:
    ruff format --check
    ruff check
    deptry .

# Spelling, vocabulary, citations, links, and nothing that belongs to one machine.
[group('check')]
lint-words:
    codespell
    python3 tools/glossary.py
    python3 tools/refs.py --check
    python3 tools/documents.py
    python tools/reference.py --check

# Rustfmt, clippy with warnings denied, licences and sources of every crate.
[group('check')]
lint-rust:
    cargo fmt --all --check
    cargo clippy {{ cargo_flags }} --all-targets -- -D warnings
    python3 tools/crates.py

# Oxlint and the formatter over the interface.
[group('check')]
lint-ui:
    cd ui && npm run --if-present lint

# Mypy strict, and the stubs against the compiled core.
[group('check')]
types: && stubs
    mypy

# Check the hand-written stubs of the compiled core against what it exports.
[group('check')]
stubs:
    python3 -m mypy.stubtest parley._core --ignore-disjoint-bases --allowlist tools/stubtest-allowlist.txt

# What may import what, in Python and in Rust.
[group('check')]
layers:
    lint-imports --no-logo
    python3 tools/layers.py

# Unit, machine, model and simulation tests of Python, Rust and TypeScript.
[group('check')]
test: test-rust test-python test-ui

[group('check')]
test-rust *arguments:
    cargo test {{ cargo_flags }} {{ arguments }}

[group('check')]
test-python *arguments:
    pytest -m "not e2e" {{ arguments }}

# The files of which every branch must be taken by a test (tools/covered.toml).
[group('check')]
covered:
    python tools/covered.py

# Which branches the Python tests take, of the whole package.
[group('check')]
coverage *arguments:
    pytest -m "not e2e" --cov --cov-report=term-missing:skip-covered {{ arguments }}

[group('check')]
test-ui:
    cd ui && npm run --if-present check

# The seeded simulations alone: several nodes, virtual time.
[group('check')]
sim *arguments:
    pytest tests/simulations {{ arguments }}

# Power cuts rebuilt from what was written, real processes killed, disks made to fail.
[group('check')]
crash images="100000" kills="200" seed="1":
    PARLEY_IMAGES={{ images }} PARLEY_KILLS={{ kills }} PARLEY_SEED={{ seed }} \
        pytest tests/crash --timeout=3600 --durations=5

# Real nodes and a real browser in network namespaces (root, iproute2 and Chromium).
[group('check')]
e2e *arguments: && e2e-ui
    pytest -m e2e --force-enable-socket -p no:randomly {{ arguments }}

# The built pages in a real browser, with axe and without violations.
[group('check')]
e2e-ui:
    cd ui && npm run e2e

# All that CI runs, in CI's order, with times and one closing line.
[group('check')]
check *arguments:
    python3 tools/check.py {{ arguments }}

# Fuzz one parser of foreign bytes for some seconds; without a name, list the targets.
[group('measure')]
fuzz target="" seconds="60":
    python3 tools/fuzz.py "{{ target }}" "{{ seconds }}"

# Change a core one place at a time and count what the tests notice; without a name, list the cores.
[group('measure')]
mutants core="" *files:
    python3 tools/mutants.py {{ core }} {{ files }}

# Run one bench (`just bench relay`); without a name, list them.
[group('measure')]
bench name="" *arguments:
    python3 tools/bench.py "{{ name }}" {{ arguments }}

# Write the reference that comes from code, then check every link.
[group('write')]
docs:
    python tools/reference.py
    python3 tools/documents.py
    RUSTDOCFLAGS="-D warnings" cargo doc {{ cargo_flags }} --no-deps --document-private-items

# Take the documents' pictures anew, from real nodes and browsers (`--look FOLDER`: every screen).
[group('write')]
pictures *arguments:
    python tools/pictures.py {{ arguments }}

# Have veraPDF validate papers as PDF/A-3a (needs Maven and a JDK; FILE... or samples).
[group('check')]
papers *arguments:
    python tools/archived_papers.py {{ arguments }}

# Write what a node is made of, every library with its hash (CycloneDX), into a file.
[group('write')]
sbom file="parley.cdx.json":
    python tools/sbom.py {{ file }}

# Build the wheel, the same bytes from the same commit in whatever folder, with its bill inside.
[group('write')]
wheel folder="target/wheels":
    mkdir -p "{{ folder }}"
    python tools/sbom.py "{{ folder }}/parley.cdx.json"
    RUSTFLAGS="--remap-path-prefix={{ justfile_directory() }}=/parley --remap-path-prefix={{ cargo_home }}=/cargo" \
        CFLAGS="-ffile-prefix-map={{ justfile_directory() }}=/parley -ffile-prefix-map={{ cargo_home }}=/cargo" \
        SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" \
        maturin build --release --locked --sbom-include "{{ folder }}/parley.cdx.json" -o "{{ folder }}"

# Write CHANGELOG.md from changes/ for a release.
[group('write')]
changelog version:
    towncrier build --version {{ version }} --yes
