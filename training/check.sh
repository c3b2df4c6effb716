#!/bin/bash
# Sets up, lints and tests the Python side from a fresh clone; the last line is pytest's summary.
# Needs python3 >= 3.11 with venv and pip (Debian: apt-get install -y python3 python3-venv python3-pip) and PyPI.
# Writes only training/.venv, training/.uv and the caches of the package managers.
set -euo pipefail
cd "$(dirname "$0")"
UV_VERSION=0.13.9

fail() { echo "training/check.sh: $*" >&2; exit 1; }

find_uv() {
  if command -v uv >/dev/null; then command -v uv; return; fi
  if [ ! -x .uv/bin/uv ]; then
    command -v python3 >/dev/null || fail "python3 is missing: apt-get install -y python3 python3-venv python3-pip"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "python3 is older than 3.11: $(python3 -V)"
    rm -rf .uv
    python3 -m venv .uv >/dev/null || fail "python3 cannot make a venv: apt-get install -y python3-venv python3-pip"
    .uv/bin/pip install --quiet --no-input --disable-pip-version-check "uv==$UV_VERSION" >&2 \
      || fail "uv $UV_VERSION cannot be installed from PyPI: check the network or PIP_INDEX_URL"
  fi
  echo "$PWD/.uv/bin/uv"
}

uv=$(find_uv)
echo "training: setting up .venv (the first time about 3 GB from PyPI, 6 GB on disk)"
"$uv" sync --frozen --no-progress --quiet </dev/null
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/python -m pytest </dev/null
