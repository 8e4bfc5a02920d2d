import Glibc

extension AttackTable {
    static let life: [Attack] = [
        Attack("spin", "never ends", .deadline, by: [.watchdog], at: [.run, .constructor]),
        Attack("spin-deaf", "blocks all signals and never ends", .deadline, by: [.watchdog]),
        Attack("sleep", "sleeps for ever", .deadline, by: [.watchdog], at: [.run, .constructor]),
        Attack("stop-itself", "stops itself by a signal", .deadline, by: [.watchdog]),
        Attack("exit-quietly", "ends with status 0 and no answer", .exited(0), by: [.checks], at: [.run, .constructor]),
        Attack("exit-as-forbidden", "ends as if a call had been forbidden", .exited(159), by: [.checks]),
        Attack("abort", "aborts", .crashed(SIGABRT), by: [.checks], at: [.run, .constructor]),
        Attack("null-write", "writes where there is nothing", .crashed(SIGSEGV), by: [.pages], at: [.run, .constructor, .resolver]),
        Attack("write-own-code", "writes into its code", .crashed(SIGSEGV), by: [.pages]),
        Attack("run-data", "jumps into its data", .crashed(SIGSEGV), by: [.pages]),
        Attack("stack-overflow", "calls itself without end", .crashed(SIGSEGV), by: [.pages]),
        Attack("input-write", "writes into the work's input", .crashed(SIGSEGV), by: [.pages]),
        Attack("past-shared-memory", "writes past the shared memory", .crashed(SIGSEGV), by: [.pages]),
        Attack("memory-by-malloc", "eats memory by malloc", .memory, by: [.limits], isDestructive: true),
        Attack("memory-by-mmap", "eats memory by mmap", .memory, by: [.limits], isDestructive: true),
        Attack("memory-asked-for", "asks for memory until there is none", .memory, by: [.limits], isDestructive: true),
        Attack("break-bomb", "grows its data segment until refused", .refused("ENOMEM"), by: [.limits], isDestructive: true),
        Attack("output-flood", "writes results without end", .output, by: [.checks]),
    ]

    static let lies: [Attack] = [
        Attack("answer-short", "answers with half a header", .violated, by: [.checks]),
        Attack("answer-long", "answers with 4,000 bytes", .violated, by: [.checks]),
        Attack("answer-empty", "answers with nothing", .deadline, by: [.watchdog]),
        Attack("answer-other-call", "answers another call", .violated, by: [.checks]),
        Attack("answer-other-number", "answers with an old number", .violated, by: [.checks]),
        Attack("answer-unknown-end", "answers with an end that does not exist", .violated, by: [.checks]),
        Attack("answer-twice", "answers one call twice", .violated, by: [.checks]),
        Attack("answer-early", "answers the next call before it is made", .violated, by: [.checks]),
        Attack("answer-flood", "floods the agent with answers", .violated, by: [.checks]),
        Attack("answer-flood-of-lengths", "floods it with packets of all lengths", .violated, by: [.checks]),
        Attack("count-none", "has neither a result nor a failure, for ever", .violated, by: [.checks]),
        Attack("count-more", "has more results than units", .violated, by: [.checks]),
        Attack("count-most", "has 2^64 - 1 results", .violated, by: [.checks]),
        Attack("end-far-away", "has a result of 2^60 bytes", .violated, by: [.checks]),
        Attack("end-negative", "has a result of less than nothing", .violated, by: [.checks]),
        Attack("end-over-limit", "has a result one byte over the limit", .violated, by: [.checks]),
        Attack("ends-backwards", "has results that run backwards", .violated, by: [.checks]),
    ]
}
