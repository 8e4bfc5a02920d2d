#!/usr/bin/env bash
# fuzz.sh PROGRAM PARSER RUNS BYTES KEPT: one parser for so many executions with inputs of up to BYTES bytes, none of which may take 20 s. What
# reached new code and has up to KEPT bytes goes into Corpora/PARSER.
set -euo pipefail
program=.build/release/$1 parser=$2 runs=$3 bytes=$4 kept=$5
found=.build/corpora/$parser log=.build/$parser.log
seeds=("Corpora/$parser")
[ "$1" != fuzz-protocol ] || seeds+=(../Tests/TalkootProtocolTests/Golden)

mkdir -p "$found"
echo "$parser: $runs executions"
PARSER=$parser "$program" -runs="$runs" -max_len="$bytes" -timeout=20 -print_final_stats=1 "$found" "${seeds[@]}" > "$log" 2>&1 ||
    { tail -40 "$log"; exit 1; }
grep -E 'cov:|number_of_executed_units' "$log" | tail -2
PARSER=$parser "$program" -set_cover_merge=1 -use_counters=0 -max_len="$kept" "Corpora/$parser" "$found" > /dev/null 2>&1
