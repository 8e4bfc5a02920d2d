# The part `swarm` of run.sh: an input of SWARM_MIB (200) to SWARM_VOLUNTEERS (8) processes on this machine that each fetch all of it, one of which is killed.

# Whether so many volunteers have every chunk: have_all COUNT
have_all() { [ "$(cat "$work"/swarm-v*.log | grep -c 'all chunks are here')" -ge "$1" ]; }

# A log has a line: has LOG TEXT
has() { grep -q "$2" "$1"; }

swarm() {
    local volunteers=${SWARM_VOLUNTEERS:-8} size=$((${SWARM_MIB:-200} << 20)) number begin end killed
    quietly talkoot module pack Modules/wordcount --unsigned --output "$work/"
    echo correct-horse-battery >"$work/password"
    background swarm-tracker "$work/swarm-tracker.log" tracker --listen 127.0.0.1:0 --password-cost 14
    await "$work/swarm-tracker.log" grep -q '#tk1' "$work/swarm-tracker.log"
    local place
    place=$(grep -om1 '127\.0\.0\.1:[0-9]*#tk1[a-z2-7-]*' "$work/swarm-tracker.log")
    home=swarm-home quietly talkoot signup eve --tracker "$place" --password-file "$work/password"
    local -A process
    for ((number = 1; number <= volunteers; number++)); do
        home=swarm-v$number quietly talkoot signup "v$number" --tracker "$place" --password-file "$work/password"
        background "swarm-v$number" "$work/swarm-v$number.log" volunteer --tracker "$place" --slots 1 --listen 127.0.0.1:0 --share 1GiB
        process[$number]=${started[-1]}
    done
    for ((number = 1; number <= volunteers; number++)); do await "$work/swarm-v$number.log" has "$work/swarm-v$number.log" 'listed at'; done
    # No two chunks are alike, and the words are few: they are of three letters.
    openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 </dev/zero 2>/dev/null | head -c $((size * 3 / 4)) | base64 -w 3 | head -c "$size" >"$work/swarm-input" || true
    begin=$(date +%s.%N)
    TALKOOT_HOME=$work/swarm-home "$build/talkoot" run "$work/wordcount-1.0.0.talkoot" --input "$work/swarm-input" --output "$work/swarm-output" \
        --spread-input --verify none --on "$place" --json >"$work/swarm-report" 2>"$work/swarm-run.log" &
    local run=$!
    started+=("$run")
    # The cells stand still and the network goes on, so that the job lasts until everybody has everything.
    for ((number = 1; number <= volunteers; number++)); do
        await "$work/swarm-v$number.log" has "$work/swarm-v$number.log" 'taking a job'
        home=swarm-v$number quietly talkoot volunteer pause
    done
    # The last one is killed on the way and comes back.
    kill -9 "${process[$volunteers]}"
    background "swarm-v$volunteers" "$work/swarm-v$volunteers-again.log" volunteer --tracker "$place" --slots 1 --listen 127.0.0.1:0 --share 1GiB
    for _ in {1..20}; do await "$work/swarm-run.log" have_all $((volunteers - 1)) 2>/dev/null && break; done
    have_all "$volunteers" || await "$work/swarm-v$volunteers-again.log" has "$work/swarm-v$volunteers-again.log" 'all chunks are here'
    end=$(date +%s.%N)
    for ((number = 1; number <= volunteers; number++)); do home=swarm-v$number quietly talkoot volunteer resume; done
    wait "$run" || { cat "$work/swarm-run.log" >&2; return 1; }
    report "input of $((size >> 20)) MiB, seconds until $volunteers processes had it" "$(awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.1f", b - a }')" s
    report "copies that the requester uploaded" "$(divide "$(field sentInputBytes <"$work/swarm-report")" "$size")" "" at-most 1.5
    killed=$(sed -n 's/.*chunks=\([0-9]*\) of \([0-9]*\).*here already.*/\1 of \2/p' "$work/swarm-v$volunteers-again.log" | head -1)
    note "the killed volunteer found ${killed:-0} chunks again and fetched $(sed -n 's/.*fetched=\([0-9]*\).*/\1/p' "$work/swarm-v$volunteers-again.log" | head -1)"
    TALKOOT_HOME=$work/swarm-home "$build/talkoot" run "$work/wordcount-1.0.0.talkoot" --input "$work/swarm-input" --output "$work/swarm-here" --on local 2>/dev/null
    cmp "$work/swarm-output" "$work/swarm-here"
}
