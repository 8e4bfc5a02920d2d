#!/usr/bin/env bash
# Measures the figures of docs/specification.md on this machine, each beside the program it is compared with, in the same run.
#
#     make bench                 all of them, with the release build
#     Benchmarks/run.sh cold     only some: compute kernels slots cold calls units leftovers trivial network latency scheduling simulation memory swarm modules
#
# BUILD names another directory of built products, RESULTS a file that gets the table too.
set -Eeuo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${BUILD:-.build/release}")
work=$(mktemp -d)
results=${RESULTS:-/dev/null}
started=()
: >"$results"

# Starts a command of talkoot in the background, with a home of its own: background HOME LOG ARGUMENT...
background() {
    local place=$1 log=$2
    shift 2
    TALKOOT_HOME=$work/$place "$build/talkoot" "$@" >"$log" 2>&1 &
    started+=($!)
}

finish() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'echo "stopped by: $BASH_COMMAND (line $LINENO)" >&2' ERR

# report NAME VALUE UNIT [COMPARISON LIMIT]: one line of the table; COMPARISON is at-most or at-least.
report() {
    local verdict=""
    if [ $# -eq 5 ]; then
        verdict=$(awk -v value="$2" -v limit="$5" -v how="$4" \
            'BEGIN { print (how == "at-most" ? value <= limit : value >= limit) ? "met" : "MISSED" }')
        verdict="${4/-/ } $5: $verdict"
    fi
    printf '%-58s %14s %-8s %s\n' "$1" "$2" "$3" "$verdict" | tee -a "$results"
}

# Waits up to 30 s for a command to succeed: await LOG COMMAND...
await() {
    local log=$1
    shift
    for _ in {1..300}; do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    cat "$log" >&2
    echo "waited in vain for: $*" >&2
    return 1
}

# Runs a command and shows what it said only when it fails.
quietly() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }; }
note() { printf '%s\n' "-- $*" | tee -a "$results"; }
divide() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", b == 0 ? 0 : a / b }'; }
least() { sort -g | head -1; }
median() { sort -g | awk '{ values[NR] = $1 } END { print values[int((NR + 1) / 2)] }'; }
field() { sed -n "s/.*\"$1\":\([0-9.e+-]*\).*/\1/p"; }
talkoot() { TALKOOT_HOME=$work/${home:-home} "$build/talkoot" "$@"; }
library() { find "$1/.build" -name '*.so' | grep "${2:-v3}" || find "$1/.build" -name '*.so' | head -1; }

prepare() {
    [ -x "$build/talkoot" ] || { echo "$build has no talkoot: run make build first" >&2; exit 69; }
    if [ -z "${BUILD:-}" ]; then swift build -c release --product talkoot-bench >&2; fi
    cc -O2 -I Sources/CTalkoot/include Modules/driver.c -o "$work/driver" -ldl
    cc -O2 -D_GNU_SOURCE Benchmarks/compare/repeat.c -o "$work/repeat"
    for module in Modules/primes Benchmarks/noop; do
        quietly talkoot module build "$module"
        quietly talkoot module pack "$module" --output "$work/"
    done
    grep -qw avx2 /proc/cpuinfo && cpu=x86_64-v3 || cpu=x86_64-linux
    primes=$(library Modules/primes "$cpu")
    noop=$(library Benchmarks/noop "$cpu")
    note "$(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1-3 /proc/loadavg)"
}

# Code in a cell against the same code in a plain process: processor seconds, the best of five each.
compute() {
    for _ in 1 2 3 4 5; do
        "$work/driver" "$primes" 40 --time limit=integer:10000000000 2>&1 >/dev/null | sed 's/.*run \([0-9.]*\) s.*/\1/' >>"$work/plain"
        "$build/talkoot-bench" compute "$primes" 40 limit=10000000000 | sed -n 's/compute-cell-processor-seconds //p' >>"$work/cell"
    done
    local plain cell
    plain=$(least <"$work/plain")
    cell=$(least <"$work/cell")
    report "primes to 1e10, plain process, processor time" "$plain" s
    report "primes to 1e10, in a cell, processor time" "$cell" s
    report "time in a cell over time unconfined" "$(divide "$cell" "$plain")" "" at-most 1.02
}

# Four kernels in a cell, in a plain process and, where pip has wasmtime, as WebAssembly: processor seconds of a round.
kernels() {
    local number name library plain cell
    quietly talkoot module build Benchmarks/kernels
    library=$(library Benchmarks/kernels "$cpu")
    "$build/talkoot-bench" compute "$library" 40 kernel=1 rounds=40 >/dev/null
    for number in 0 1 2 3; do
        : >"$work/plain" && : >"$work/cell"
        # Where a process's memory happens to lie makes the product of matrices half as long again, in a cell or not: the least of many.
        for _ in {1..16}; do
            "$work/driver" "$library" 40 --time "kernel=integer:$number" rounds=integer:40 2>&1 >/dev/null |
                sed 's/.*run \([0-9.]*\) s.*/\1/' >>"$work/plain"
            "$build/talkoot-bench" compute "$library" 40 "kernel=$number" rounds=40 |
                sed -n 's/compute-cell-processor-seconds //p' >>"$work/cell"
        done
        plain=$(least <"$work/plain")
        cell=$(least <"$work/cell")
        name=$(sed -n "$((number + 1))p" <<<$'sieve\nmandelbrot\nproduct of matrices\nhash')
        report "$name: speed in a cell over speed unconfined" "$(divide "$plain" "$cell")" "" at-least 0.98
    done
    if ! python3 -c 'import wasmtime' 2>/dev/null; then
        note "wasmtime is not here: pip install wasmtime to compare"
        return
    fi
    clang --target=wasm32 -O3 -nostdlib -fno-builtin -Wl,--no-entry Benchmarks/compare/kernels-wasm.c -o "$work/kernels.wasm"
    python3 Benchmarks/compare/kernels.py "$work/kernels.wasm" 20 >"$work/wasm"
    for number in 0 1 2 3; do
        plain=$("$work/driver" "$library" 40 --time "kernel=integer:$number" rounds=integer:40 2>&1 >/dev/null | sed 's/.*run \([0-9.]*\) s.*/\1/')
        name=$(sed -n "$((number + 1))p" <<<$'sieve\nmandelbrot\nproduct of matrices\nhash')
        report "$name: speed in wasmtime over speed unconfined" \
            "$(divide "$(divide "$plain" 40)" "$(awk -v n=$number '$1 == n { print $2 }' "$work/wasm")")" ""
    done
}

# A whole job on two slots against the plain program on one thread, turn by turn: the least of each, when the machine had nothing else
# to do.
slots() {
    for _ in {1..12}; do
        "$work/repeat" 1 "$work/driver" "$primes" 40 limit=integer:10000000000 | awk '{ print $1 / 1000 }' >>"$work/single"
        talkoot run "$work/primes-1.0.0.talkoot" limit=1e10 --slots 2 --on local --json 2>/dev/null | field seconds >>"$work/double"
    done
    local single double
    single=$(least <"$work/single")
    double=$(least <"$work/double")
    report "primes to 1e10, plain program, one thread" "$single" s
    report "talkoot run primes limit=1e10 --slots 2" "$double" s
    report "its time over half the plain program's" "$(divide "$double" "$(divide "$single" 2)")" "" at-most 1.05
}

# A cold cell to its first result against bwrap around a plain loader of the same module.
cold() {
    "$build/talkoot-bench" cell "$noop" 300 >"$work/cold"
    local cell warm
    cell=$(sed -n 's/cell-cold-start-ms-median //p' "$work/cold")
    warm=$(sed -n 's/cell-warm-unit-us-median //p' "$work/cold")
    report "cell, cold start to first result, median" "$cell" ms
    report "one more unit in the same cell, median" "$warm" us
    if ! command -v bwrap >/dev/null; then
        note "bwrap is not here: apt-get install bubblewrap to compare"
        return
    fi
    local loader
    loader=$("$work/repeat" 300 bwrap --unshare-all --die-with-parent --ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
        --ro-bind "$work/driver" /driver --ro-bind "$(realpath "$noop")" /module.so /driver /module.so 1 units=integer:1 spin=integer:0 |
        awk '{ print $2 }')
    report "bwrap --unshare-all around a plain loader, median" "$loader" ms
    report "cell over bwrap" "$(divide "$cell" "$loader")" "" at-most 0.333
    command -v firejail >/dev/null || return 0
    loader=$("$work/repeat" 20 firejail --quiet --noprofile --seccomp --net=none --private "$work/driver" "$noop" 1 units=integer:1 spin=integer:0 |
        awk '{ print $2 }')
    report "firejail around a plain loader, median" "$loader" ms
    report "cell over firejail" "$(divide "$cell" "$loader")" ""
}

# Bytes into a cell and out of it; what a cell weighs. On one processor: one that has to be woken from idleness takes longer than the call.
calls() {
    cc -O2 -shared -fPIC -I Sources/CTalkoot/include Benchmarks/compare/echo.c -o "$work/echo.so"
    cc -O2 -D_GNU_SOURCE Benchmarks/compare/roundtrip.c -o "$work/roundtrip"
    taskset -c 0 "$work/roundtrip" >"$work/plain"
    taskset -c 0 "$build/talkoot-bench" calls "$work/echo.so" >"$work/calls"
    local size bytes limit
    while read -r size bytes limit; do
        report "call with $size both ways, request to answer, median" "$(sed -n "s/call-$size-us-median //p" "$work/calls")" us at-most "$limit"
        report "the same with the agent's copies in and out" "$(sed -n "s/call-$size-whole-us-median //p" "$work/calls")" us
        report "the same between two plain processes that share memory" "$(sed -n "s/^$bytes //p" "$work/plain")" us
    done <<<$'64B 64 12\n64KiB 65536 15\n16MiB 16777216 2000'
    report "memory of a cell (PSS)" "$(sed -n 's/cell-pss-kib //p' "$work/calls")" KiB at-most 500
}

# Ten thousand cells started, run and killed in a row: what is left of them.
leftovers() {
    "$build/talkoot-bench" leftovers "$noop" 10000 >"$work/leftovers"
    report "10,000 cells started, run and killed in a row" "$(sed -n 's/leftovers-seconds //p' "$work/leftovers")" s
    for kind in descriptors children mounts groups; do
        report "$kind they left behind" "$(sed -n "s/leftovers-$kind //p" "$work/leftovers")" "" at-most 0
    done
    report "memory they left in the agent" "$(sed -n 's/leftovers-resident-kib //p' "$work/leftovers")" KiB at-most 4096
}

# A unit in a process of its own, as a module with `isolation: unit` has it, beside one in a whole cell of its own.
units() {
    "$build/talkoot-bench" units "$noop" 300 >"$work/units"
    report "a unit in a process of its own, median" "$(sed -n 's/unit-own-process-us-median //p' "$work/units")" us at-most 600
    report "a unit in a cell of its own, median" "$(sed -n 's/unit-own-cell-us-median //p' "$work/units")" us
}

# From the start of the process to its end, a job that does next to nothing.
trivial() {
    talkoot run "$work/primes-1.0.0.talkoot" limit=1000 --on local >/dev/null 2>&1
    local taken
    taken=$(TALKOOT_HOME=$work/home "$work/repeat" 20 "$build/talkoot" run "$work/primes-1.0.0.talkoot" limit=1000 --on local 2>/dev/null |
        awk '{ print $2 }')
    report "talkoot run primes limit=1000, start to end, median" "$taken" ms at-most 300
}

# A tracker and two volunteers of one slot each, as processes of their own, over TLS on loopback.
start_network() {
    [ -z "${tracker:-}" ] || return 0
    echo correct-horse-battery >"$work/password"
    background tracker "$work/tracker.log" tracker --listen 127.0.0.1:0 --password-cost 14
    await "$work/tracker.log" grep -q '#tk1' "$work/tracker.log"
    tracker=$(grep -om1 '127\.0\.0\.1:[0-9]*#tk1[a-z2-7-]*' "$work/tracker.log")
    for name in ann ben; do
        home=$name quietly talkoot signup "$name" --tracker "$tracker" --password-file "$work/password"
        background "$name" "$work/$name.log" volunteer --tracker "$tracker" --slots 1 --listen 127.0.0.1:0
    done
    quietly talkoot signup eve --tracker "$tracker" --password-file "$work/password"
    await "$work/ann.log" are_listed 2
}

# Whether so many peers are listed at the tracker.
are_listed() { [ "$(talkoot peers --tracker "$tracker" --json 2>/dev/null | grep -o '"peer":"tk1' | wc -l)" -ge "$1" ]; }

# 100,000 units that do nothing, each of one item, results durable.
network() {
    start_network
    for _ in 1 2 3 4 5; do
        talkoot run "$work/noop-1.0.0.talkoot" units=100000 --unit-size 1 --verify none --on "$tracker" --json 2>/dev/null | field seconds >>"$work/empty"
    done
    report "100,000 empty units on two volunteers, best of 5" "$(least <"$work/empty")" s
    report "the same, median" "$(median <"$work/empty")" s
    report "empty units a second, median" "$(awk -v t="$(median <"$work/empty")" 'BEGIN { printf "%.0f", 100000 / t }')" 1/s at-least 100000
    local million
    million=$(talkoot run "$work/noop-1.0.0.talkoot" units=1000000 --unit-size 1 --verify none --on "$tracker" --json 2>/dev/null | field seconds)
    report "empty units a second in a job of a million" "$(awk -v t="$million" 'BEGIN { printf "%.0f", 1000000 / t }')" 1/s
}

# One unit at a time to a volunteer that has the module and a warm cell.
latency() {
    start_network
    home=ann quietly talkoot module add "$work/noop-1.0.0.talkoot"
    local listing endpoint
    listing=$(talkoot peers --tracker "$tracker" --json | tr '{' '\n' | grep '"ann"')
    endpoint=$(printf '%s:%s#%s' 127.0.0.1 "$(field port <<<"$listing")" "$(sed -n 's/.*"peer":"\([^"]*\)".*/\1/p' <<<"$listing")")
    "$build/talkoot-bench" latency "$endpoint" "$work/noop-1.0.0.talkoot" 3000 >"$work/latency"
    report "one unit on a warm volunteer, median" "$(sed -n 's/latency-unit-us-median //p' "$work/latency")" us at-most 1000
    report "the same, 99th percentile" "$(sed -n 's/latency-unit-us-p99 //p' "$work/latency")" us
}

scheduling() {
    "$build/talkoot-bench" scheduling >"$work/scheduling"
    local name value
    while read -r name value; do
        case $name in
            *grants-per-second) report "leases granted and committed a second, one after the other" "$value" 1/s at-least 20000 ;;
            *-100000-hosts-memory-MiB) report "memory of a job of 10^9 units on 100,000 hosts" "$value" MiB at-most 256 ;;
            *) report "$name" "$value" "" ;;
        esac
    done <"$work/scheduling"
}

# A simulated job: simulated NAME ARGUMENT... keeps its report.
simulated() {
    local name=$1
    shift
    "$build/talkoot" sim --json "$@" | head -1 >"$work/sim-$name"
}

# The scheduler over simulated volunteers, and what others do with the same ones.
simulation() {
    simulated none --volunteers 10000 --hours 24 --verify none
    report "simulated day, 10,000 volunteers, unverified, over ideal" "$(field makespan <"$work/sim-none")" "" at-most 1.01
    report "share of work that is lost" "$(field lost <"$work/sim-none")" "" at-most 0.001
    simulated hour --volunteers 10000 --hours 1 --verify none
    report "the same of an hour" "$(field makespan <"$work/sim-hour")" "" at-most 1.05
    simulated quarter --volunteers 10000 --hours 0.25 --verify none
    report "the same of 15 minutes" "$(field makespan <"$work/sim-quarter")" "" at-most 1.15
    simulated opaque --volunteers 10000 --hours 24 --unit 3600 --verify none
    report "the same of a day in units of an hour" "$(field makespan <"$work/sim-opaque")" "" at-most 1.12
    local rate
    for rate in 1 0.1 0.01 0.002 0.0007 0.0003; do
        simulated audit --volunteers 1000 --hours 24 --sabotage $rate
        report "wrong units a million, audited, lies in $rate of the units" "$(field wrongPerMillion <"$work/sim-audit")" "" at-most 1
        [ $rate = 1 ] || continue
        report "simulated day, 1,000 volunteers, audited, over ideal" "$(field makespan <"$work/sim-audit")" "" at-most 1.06
        report "work done for it over work needed" "$(field executed <"$work/sim-audit")" "" at-most 1.04
        report "honest volunteers convicted" "$(field honestConvicted <"$work/sim-audit")" "" at-most 0
    done
    simulated strict --volunteers 1000 --hours 8 --verify strict
    report "wrong units a million, everything run twice" "$(field wrongPerMillion <"$work/sim-strict")" "" at-most 0
    simulated framed --volunteers 1000 --hours 6 --colluding 0.2 --frame --no-own-machine
    report "honest ones convicted, 20% frame, volunteers decide" "$(field honestConvicted <"$work/sim-framed")" "" at-most 1
    simulated day --volunteers 10000 --hours 24
    report "simulated day, 10,000 volunteers, audited, over ideal" "$(field makespan <"$work/sim-day")" "" at-most 1.05
    report "work done for it over work needed" "$(field executed <"$work/sim-day")" "" at-most 1.04
    report "its wrong units a million" "$(field wrongPerMillion <"$work/sim-day")" "" at-most 1
    local crowd
    for crowd in 1 10 100 1000; do
        simulated shares --requesters 1 1 --volunteers $crowd
        report "two equal requesters, $crowd volunteers, any ten minutes, off their shares" "$(field worst <"$work/sim-shares")" "" at-most 0.02
    done
    "$build/talkoot" sim --faults --runs 1000 >"$work/faults" || head -5 "$work/faults"
    report "clusters over a bad network that break, of 1,000" "$(sed -n 's/.*, \([0-9]*\) broken/\1/p' "$work/faults")" "" at-most 0
    "$build/talkoot" sim --volunteers 1000 --hours 24 --compare | while read -r line; do note "$line"; done
}

# The requester's memory while it works at a job of 10^9 units, against one of a thousandth of that.
memory() {
    local units peak=0
    for units in 1000000 1000000000; do
        background home /dev/null run "$work/noop-1.0.0.talkoot" units=$units spin=10000 --unit-size 1 --slots 2 --on local
        local process=${started[-1]}
        for _ in {1..80}; do
            peak=$(awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$process/status" 2>/dev/null || echo "$peak")
            sleep 0.1
        done
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
        report "requester's peak memory, job of $units units" "$peak" MiB at-most 256
    done
}

. Benchmarks/modules.sh
. Benchmarks/swarm.sh
prepare
for part in "${@:-compute kernels slots cold calls units leftovers trivial network latency scheduling simulation memory swarm modules}"; do
    for each in $part; do $each; done
done
