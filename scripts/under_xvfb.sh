#!/bin/sh
# Run a command on a virtual screen of its own, with the OpenGL that Qt's "offscreen" lacks.
unset WAYLAND_DISPLAY QT_QPA_PLATFORM
[ "$(uname)" = Linux ] || exec "$@"
exec xvfb-run --auto-servernum --server-args="-screen 0 1600x1000x24" "$@"
