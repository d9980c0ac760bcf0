#!/bin/sh
# Everything that a change has to pass: format, lints, all tests. On Debian and its relatives it
# installs what the build and the tests need (a C compiler as linker, Mesa's software Vulkan, the window's
# libraries) where it is missing.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin" # where Debian keeps ldconfig

missing=""
ldconfig -p 2>/dev/null | grep -q libvulkan.so.1 || missing="$missing libvulkan1"
ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json 2>/dev/null | grep -q . || missing="$missing mesa-vulkan-drivers"
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
for library in libxkbcommon-x11.so.0 libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libXrandr.so.2; do
    ldconfig -p 2>/dev/null | grep -q "$library" && continue
    case "$library" in
        libxkbcommon-x11.so.0) missing="$missing libxkbcommon-x11-0" ;;
        libX11-xcb.so.1) missing="$missing libx11-xcb1" ;;
        libXcursor.so.1) missing="$missing libxcursor1" ;;
        libXi.so.6) missing="$missing libxi6" ;;
        libXrandr.so.2) missing="$missing libxrandr2" ;;
    esac
done
if [ -n "$missing" ] && [ "$(uname)" = Linux ]; then
    root=""
    [ "$(id -u)" = 0 ] || root=sudo
    if command -v apt-get >/dev/null 2>&1 && { [ -z "$root" ] || command -v sudo >/dev/null 2>&1; }; then
        echo "installing:$missing"
        $root apt-get update -qq
        # shellcheck disable=SC2086 # a list of names
        $root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    else
        echo "please install these Debian packages, or their equivalents, first:$missing" >&2
        exit 1
    fi
fi

# Window and Vulkan libraries ask for a private folder.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d)
    export XDG_RUNTIME_DIR
fi

cargo fmt --check
# Tests before lints: one optimised build serves `cargo run` and the tests.
cargo test --release --locked
cargo clippy --release --locked --all-targets -- -D warnings
