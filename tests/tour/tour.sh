#!/bin/sh
# A tour of the window as a user takes it, on a display in memory: a run starts, samples come, a picture is dropped,
# a mask is painted, the picture projected, a step undone, the result saved, copied and pasted. DIR gets a picture of
# each state to look at. The places that are pressed are those of the first layout at 1320×860, which needs a
# larger screen: the window keeps clear of its edges.
#
#   tests/tour/tour.sh DIR [arguments of `signet train`, else a small demo]
#
# Needs Xvfb, xdotool and ImageMagick, and the release build of signet and of the example drop_files.
set -eu
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { echo "give a folder for the pictures" >&2; exit 2; }
mkdir -p "$1"
shots=$(cd "$1" && pwd)
shift
[ $# -ge 1 ] || set -- demo --teacher-kimg 1 --student-kimg 1000
built=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
XDG_RUNTIME_DIR=$work
HOME=$work/home # no layout of earlier windows
export XDG_RUNTIME_DIR HOME
mkdir -p "$HOME"
number=$((70 + $$ % 100))
Xvfb ":$number" -screen 0 1480x1000x24 >"$work/xvfb.log" 2>&1 &
display=$!
DISPLAY=:$number
export DISPLAY
trainer=
trap 'kill $trainer $display 2>/dev/null || true; rm -rf "$work"' EXIT
sleep 2

"$built/signet" train "$@" --device cpu --out "$work/runs" >"$work/train.log" 2>&1 &
trainer=$!
wait_for() { # WHAT SECS COMMAND…
    what=$1 left=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] && kill -0 "$trainer" || { echo "waited in vain for $what" >&2; cat "$work/train.log" >&2; exit 1; }
        sleep 1
    done
}
shot() { sleep 3; import -window root -crop 1320x860+0+0 +repage "$shots/$1.png"; echo "$shots/$1.png"; }
press() { xdotool mousemove "$1" "$2" sleep 0.4 click 1 sleep 0.6; }
files() { find "$work/runs" -path "$1" | grep -q .; }

wait_for "the window" 60 xdotool search --onlyvisible --name "Signet:"
window=$(xdotool search --onlyvisible --name "Signet:" | tail -n 1)
shot 1-start
wait_for "samples of the student" 900 files '*/samples-sign-*.png'
shot 2-samples
convert "$(echo "$work"/runs/*/reals.png)" -crop 64x64+0+0 +repage "$work/a picture.png"
"$built/examples/drop_files" "$window" "$work/a picture.png"
shot 3-dropped

press 703 550 # Paint
xdotool mousemove 985 640 sleep 0.3 mousedown 1
for step in 1 2 3 4 5 6; do xdotool mousemove $((985 + step * 12)) $((640 + step * 12)) sleep 0.1; done
xdotool mouseup 1
shot 4-painted
press 766 518 # Fill
press 774 550 # Side by side
sleep 20
shot 5-projected
press 1081 482 # Undo
shot 6-undone
press 1134 482 # Redo
press 1258 825 # Save PNG
wait_for "the saved picture" 60 files '*/edits/*.png'
shot 7-saved
press 1173 825 # Copy image
xdotool windowfocus "$window" # a display in memory has no window manager to do it
xdotool mousemove 985 640 sleep 0.3 key ctrl+v
sleep 15
shot 8-pasted
press 1236 36 # Light
shot 9-light
xdotool windowclose "$window" || true
