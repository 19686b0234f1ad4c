#!/usr/bin/env bash
# Fills .venv with exactly the versions of requirements.txt, each checked against its hash, and
# with Nightlight itself, editable. Needs Python 3.11 or newer and a package index; nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "setup: $python is missing or older than Python 3.11; name a newer one: make setup PYTHON=python3.12" >&2
    exit 1
fi

# Debian's python3 comes without the part that puts pip into a new environment.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
    else
        echo "setup: $python cannot make environments; on Debian install it first: apt-get install python3-venv" >&2
        exit 1
    fi
fi

if [ ! -x .venv/bin/python ]; then
    "$python" -m venv .venv
fi

# uv makes the environment exact: what is no longer listed is removed too. It lives in an
# environment of its own, so that it is not one of the things it removes. Where it cannot be had
# (no wheel for this machine), pip checks the same hashes, more slowly.
uv=.venv/bootstrap/bin/uv
if [ ! -x "$uv" ]; then
    "$python" -m venv .venv/bootstrap
fi
# The machine's own certificates: behind a company's proxy there are no others that fit.
export UV_SYSTEM_CERTS=1

with_uv() {
    .venv/bootstrap/bin/python -m pip install --quiet --require-hashes -r requirements-bootstrap.txt &&
        VIRTUAL_ENV=$PWD/.venv "$uv" pip sync --quiet --require-hashes requirements.txt &&
        VIRTUAL_ENV=$PWD/.venv "$uv" pip install --quiet --no-deps --no-build-isolation --editable .
}

with_pip() {
    [ -x .venv/bin/pip ] || .venv/bin/python -m ensurepip >/dev/null
    .venv/bin/python -m pip install --quiet --require-hashes -r requirements.txt
    .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
}

if ! with_uv; then
    echo "setup: uv cannot be used here; going on with pip" >&2
    with_pip
fi
