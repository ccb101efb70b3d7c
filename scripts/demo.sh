#!/bin/sh
# Open the demo on the display; where there is none, under Xvfb, and say where its screenshot lies.
set -eu
cd "$(dirname "$0")/.."
demo=".venv/bin/python -m napari_lns.viewer.demo"
if [ "$(uname)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec $demo
fi
screenshot=$PWD/build/demo.png
mkdir -p build
echo "There is no display: the demo runs under Xvfb."
sh scripts/under_xvfb.sh $demo --screenshot "$screenshot"
echo "Its screenshot lies in $screenshot"
