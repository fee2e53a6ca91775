#!/bin/sh
# Checks the reference codec: one line for each check, exit 0 where none failed. What cannot run here says so.
#
#   firmware-protocol/c/check.sh [PACKETS [FUZZ_CASES]]
#
# PACKETS are cross-checked with the TypeScript codec in each direction (default 1000000; needs `npm run build`).
# With LUBDUB_REQUIRE_ALL set, what cannot run has failed.
set -u
cd "$(dirname "$0")" || exit 1
packets=${1:-1000000}
cases=${2:-200000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failures=0

check() {
    name=$1
    shift
    if "$@" >"$log" 2>&1; then
        # The last line of a check that counts things is its result.
        echo "ok       $name$(sed -n 's/^  \(.*[0-9].*\)$/: \1/p' "$log" | tail -1)"
    else
        echo "FAILED   $name"
        sed 's/^/         /' "$log"
        failures=$((failures + 1))
    fi
}

skip() {
    if [ -n "${LUBDUB_REQUIRE_ALL:-}" ]; then
        echo "FAILED   $1: $2"
        failures=$((failures + 1))
    else
        echo "SKIPPED  $1: $2"
    fi
}

needs_no_library() {
    make -s freestanding || return 1
    # What remains may only be the other file's functions and what the compiler itself calls.
    foreign=$(nm -u build/lubdub_protocol.o build/lubdub_device.o | sed -n 's/^ *U //p' |
        grep -v -E '^_*(lubdub_|mem(cpy|move|set|cmp)$|_)')
    [ -z "$foreign" ] || { echo "calls outside: $foreign"; return 1; }
}

sanitized() {
    make -s "build/sanitize/$1" && "build/sanitize/$@"
}

plain() {
    make -s "build/$1" && "build/$1"
}

if command -v python3 >/dev/null; then
    check "golden packets are what their generator writes" python3 ../vectors/generate.py --check
    check "reader and writer in Python: golden packets, noise, device states" python3 ../python/test_lubdub_protocol.py
else
    skip "golden packets are what their generator writes" "python3 is missing"
fi

if command -v "${CC:-cc}" >/dev/null && command -v make >/dev/null; then
    check "codec and device compile freestanding and need no library" needs_no_library
    check "codec: golden packets, round trips, edges" plain test_protocol
    check "codec under address and undefined-behaviour sanitizers" sanitized test_protocol
    check "device states under the sanitizers" sanitized test_device
    check "decoder fed damaged streams under the sanitizers" sanitized fuzz_decoder "$cases" 1
    check "example stethoscope compiles" make -s build/stethoscope build/sanitize/stethoscope
    cross_check=../../dist/test/decode/wire/c-cross-check.js
    if ! command -v node >/dev/null; then
        skip "C and TypeScript read and write the same" "node is missing"
    elif [ ! -f "$cross_check" ]; then
        skip "C and TypeScript read and write the same" "run npm run build first"
    else
        make -s build/cross_check
        check "C and TypeScript read and write the same" node "$cross_check" build/cross_check "$packets" 1
    fi
else
    skip "everything that must be compiled" "a C compiler (cc) or make is missing"
fi

if command -v "${CXX:-c++}" >/dev/null && command -v make >/dev/null; then
    check "Arduino sketches and PlatformIO project are right by their syntax" make -s sketches
else
    skip "Arduino sketches and PlatformIO project are right by their syntax" "a C++ compiler (c++) or make is missing"
fi

[ "$failures" -eq 0 ] || echo "$failures of the checks failed"
[ "$failures" -eq 0 ]
