#!/bin/sh
# The GPU tests on a second implementation of Vulkan: what passes on two drivers leans on neither one's habits. It takes
# minutes, and tests/all.sh does not run it.
#
#   tests/second_adapter.sh [ICD.json]
#
# ICD.json is a driver's file as Vulkan's loader reads it; without one it is that of SwiftShader, which Debian's package
# `chromium` brings along. Nothing is installed.
set -eu
icd=${1:-/usr/lib/chromium/vk_swiftshader_icd.json}
if [ ! -f "$icd" ]; then
    echo "there is no $icd: install Debian's package chromium (apt-get install chromium), which brings SwiftShader," >&2
    echo "or name another Vulkan driver's .json file" >&2
    exit 2
fi
# The loader gets a whole path, wherever it is called from.
VK_DRIVER_FILES=$(cd "$(dirname "$icd")" && pwd)/$(basename "$icd")
export VK_DRIVER_FILES
cd "$(dirname "$0")/.."

# Window and Vulkan libraries ask for a private folder.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d)
    export XDG_RUNTIME_DIR
fi

signet() { cargo run --release --locked --quiet -- "$@"; }

signet doctor --device wgpu:0
cargo test --release --locked --test gpu
signet bench --device wgpu:0 --counts --only steps/edm/tiny steps/sid/tiny steps/sign/tiny --repeats 1 --batch 2
