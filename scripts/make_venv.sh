#!/bin/sh
# Make .venv if there is none and install the project into it, editable, with the named extra:
#   sh scripts/make_venv.sh dev
# VENV names another environment; .venv-lowest gets the lowest versions that pyproject.toml allows.
# PYTHON names the interpreter, TORCH what pip is to install as torch (e.g. "torch==2.13.0").
set -eu
cd "$(dirname "$0")/.."
extra=$1
venv=${VENV:-.venv}

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if recent_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "No Python 3.11 or newer found: install one, or name it: make PYTHON=/path/to/python3" >&2
    return 1
}

# Debian keeps the part of Python that makes environments in a package of its own.
have_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    sh scripts/debian_packages.sh install "$package"
}

# Asked by pip itself, which brings its own certificates; isolated, so that no other index answers for it.
answers() {
    timeout 15 "$venv"/bin/python -m pip --isolated --disable-pip-version-check --timeout 5 --retries 0 \
        index versions torch --index-url "$1" >/dev/null 2>&1
}

# Plain torch brings gigabytes of CUDA on Linux: take it only where there is a GPU to use them.
torch_arguments() {
    cpu_index=https://download.pytorch.org/whl/cpu
    if [ -n "${TORCH:-}" ]; then
        echo "$TORCH"
    elif [ "$(uname)" != Linux ] || nvidia-smi -L >/dev/null 2>&1; then
        echo torch
    elif answers $cpu_index; then
        echo "torch --index-url $cpu_index"
    elif [ -n "${PIP_CONSTRAINT:-}" ]; then
        echo torch
    else
        echo torch==2.13.0
    fi
}

install() { "$venv"/bin/python -m pip install --quiet --disable-pip-version-check "$@"; }

if ! [ -x "$venv"/bin/pip ]; then
    python=$(find_python)
    have_venv "$python"
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi
if [ "$venv" = .venv-lowest ]; then
    "$venv"/bin/python scripts/lowest.py >"$venv/constraints.txt"
    export PIP_CONSTRAINT="$PWD/$venv/constraints.txt"
fi
if ! "$venv"/bin/python -c 'import importlib.metadata as m; m.version("torch")' 2>/dev/null; then
    arguments=$(torch_arguments)
    echo "Installing $arguments"
    # shellcheck disable=SC2086  # several words
    install $arguments
fi
echo "Installing napari-lns[$extra]"
install --editable ".[$extra]"
