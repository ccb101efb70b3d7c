#!/bin/sh
# See that the system libraries that Qt and OpenGL load are there:
#   sh scripts/debian_packages.sh                  those of the viewer, and Xvfb
#   sh scripts/debian_packages.sh install NAME...  the packages named
# As root on Debian what is missing is installed; otherwise it is named in one line.
set -eu

install() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "Missing system packages (Debian's names): sudo apt-get install $*" >&2
        return 1
    fi
    echo "Installing the Debian packages $*"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if ! { apt-get update && apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1; then
        cat "$log" >&2
        return 1
    fi
    rm "$log"
}

missing_libraries() {
    known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
    while read -r library package; do
        case $known in
            *"$library "*) ;;
            *) echo "$package" ;;
        esac
    done <<EOF
libGL.so.1 libgl1
libEGL.so.1 libegl1
libgthread-2.0.so.0 libglib2.0-0
libfontconfig.so.1 libfontconfig1
libdbus-1.so.3 libdbus-1-3
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-xinerama.so.0 libxcb-xinerama0
EOF
    command -v xvfb-run >/dev/null || echo xvfb xauth
}

case ${1:-} in
    install)
        shift
        install "$@"
        ;;
    *)
        [ "$(uname)" = Linux ] || exit 0
        missing=$(missing_libraries)
        # shellcheck disable=SC2086  # a list of names
        [ -z "$missing" ] || install $missing
        ;;
esac
