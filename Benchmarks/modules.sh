# The part `modules` of run.sh: the sample modules' speed in a plain process, on one thread, beside established programs; processor seconds, the
# least of three each.

# The least of three runs of a module, as its plain host tells: module_seconds LIBRARY ARGUMENT...
module_seconds() {
    local library=$1
    shift
    for _ in 1 2 3; do "$work/driver" "$library" "$@" --time 2>&1 >/dev/null | sed -n 's/.*run \([0-9.]*\) s.*/\1/p'; done | least
}

# The least of three runs of a program, user and system: program_seconds COMMAND... Its output goes to a file: to /dev/null grep would write none.
program_seconds() {
    local TIMEFORMAT='%U %S'
    for _ in 1 2 3; do { time "$@" >"$work/output" 2>&1; } 2>&1 | awk '{ print $1 + $2 }'; done | least
}

# compare NAME PROGRAM MODULE-SECONDS PROGRAM-SECONDS [LIMIT]: how fast the module is beside the program.
compare() {
    report "$1, module" "$3" s
    report "$1, $2" "$4" s
    report "$1: speed over that of $2" "$(divide "$4" "$3")" "" ${5:+at-least "$5"}
}

# The library of a sample for this processor, or for the baseline: sample NAME [linux]
sample() { library "Modules/$1" "${2:-$cpu}"; }
is_here() {
    command -v "$1" >/dev/null && return
    note "$1 is not here: not compared"
    return 1
}

searches() {
    cc -O3 Benchmarks/compare/queens.c -o "$work/queens"
    compare "queens on a board of 15" "plain recursion" "$(module_seconds "$(sample nqueens)" 20 n=integer:15)" \
        "$(program_seconds "$work/queens" 15)" 0.95
    if is_here primesieve; then
        compare "primes to 1e10" primesieve "$(module_seconds "$(sample primes)" 40 limit=integer:10000000000)" \
            "$(program_seconds primesieve 1e10 -t1 -c -q)" 0.5
    fi
    if ! cc -O3 Benchmarks/compare/mersenne.c -o "$work/mersenne" -lgmp 2>/dev/null; then
        note "GMP's header is not here: not compared"
        return
    fi
    compare "test of 2^11213 - 1" GMP "$(module_seconds "$(sample lucas-lehmer)" 1 first=integer:11213 last=integer:11213 details=flag:false)" \
        "$(program_seconds "$work/mersenne" 11213)"
}

# A FASTA file of random proteins, and the query that some of them resemble.
proteins() {
    awk 'BEGIN {
        srand(5); letters = "ARNDCQEGHILKMFPSTWYV"
        for (i = 0; i < 300; i++) query = query substr(letters, 1 + int(20 * rand()), 1)
        print ">query\n" query > "'"$work/query.fasta"'"
        for (n = 0; n < 40000; n++) {
            print ">p" n
            for (line = 0; line < 6; line++) {
                text = n % 50 == 0 && line == 2 ? substr(query, 60, 60) : ""
                while (length(text) < 60) text = text substr(letters, 1 + int(20 * rand()), 1)
                print text
            }
        }
    }' >"$work/proteins.fasta"
}

numbers() {
    local market=(kind=text:european put=flag:false spot=real:100 strike=real:100 rate=real:0.05 volatility=real:0.2 years=real:1 steps=integer:1
        seed=integer:1 paths=integer:20000000)
    local option product baseline
    option=$(module_seconds "$(sample montecarlo)" 50 "${market[@]}")
    product=$(module_seconds "$(sample matmul)" 7 size=integer:2000 seed=integer:1)
    baseline=$(module_seconds "$(sample matmul x86_64-linux)" 7 size=integer:2000 seed=integer:1)
    report "product of 2000 x 2000, baseline" "$baseline" s
    report "product of 2000 x 2000: speed at this level over baseline" "$(divide "$baseline" "$product")" "" at-least 1.5
    if ! python3 -c 'import numpy' 2>/dev/null; then
        note "numpy is not here: not compared"
        return
    fi
    export OPENBLAS_NUM_THREADS=1
    compare "20 million paths of an option" numpy "$option" "$(python3 Benchmarks/compare/with-numpy.py option)" 0.95
    compare "product of 2000 x 2000" numpy "$product" "$(python3 Benchmarks/compare/with-numpy.py product)"
}

# 128 MiB of headers and scripts, packed and searched.
texts() {
    find /usr/include /usr/share/perl /usr/share/doc /usr/lib/python3* -type f -size -1000k -print0 2>/dev/null | sort -z |
        xargs -0 cat 2>/dev/null | tr -d '\000' | head -c 128M >"$work/text" || true
    if is_here zstd; then
        compare "128 MiB packed at level 3" "zstd --single-thread" \
            "$(module_seconds "$(sample zstd)" 4 --block 4194304 --input "$work/text" level=integer:3)" \
            "$(program_seconds zstd --single-thread -3 -c "$work/text")" 0.95
    fi
    local pattern
    for pattern in 'return.*NULL' '^#define [A-Z_]+ ' '[a-z]+ing [A-Z]' 'foo|bar|define' '(a|b)+c$'; do
        compare "lines with $pattern" "grep -c" \
            "$(module_seconds "$(sample grep)" 1000000 --input "$work/text" "pattern=text:$pattern" \
                ignore-case=flag:false invert=flag:false print=flag:false)" \
            "$(LC_ALL=C program_seconds grep -acE "$pattern" "$work/text")"
    done
    proteins
    if is_here ssearch36; then
        compare "40,000 proteins aligned" ssearch36 \
            "$(module_seconds "$(sample align)" 5000 --input "$work/proteins.fasta" "query=text:$(sed -n 2p "$work/query.fasta")" \
                gap-open=integer:11 gap-extend=integer:1 top=integer:25)" \
            "$(program_seconds ssearch36 -q -T 1 -d 0 -b 25 -s BL62 -f -11 -g -1 "$work/query.fasta" "$work/proteins.fasta")" 0.95
    fi
}

modules() {
    local name
    for name in nqueens lucas-lehmer montecarlo zstd grep align matmul; do quietly talkoot module build "Modules/$name"; done
    searches
    numbers
    texts
}
