import Glibc

/// Measures what no command shows; `Benchmarks/run.sh` calls it. Each line of output is `name value`.
let words = Array(CommandLine.arguments.dropFirst())
do {
    switch words.first {
    case "scheduling": SchedulingBench.run()
    case "cell" where words.count >= 2: try CellBench.coldStart(library: words[1], times: words.count > 2 ? Int(words[2]) ?? 100 : 100)
    case "calls" where words.count == 2: try CallBench.run(library: words[1])
    case "leftovers" where words.count == 3: try CellBench.leftovers(library: words[1], times: Int(words[2]) ?? 10_000)
    case "units" where words.count >= 2: try UnitBench.run(library: words[1], times: words.count > 2 ? Int(words[2]) ?? 300 : 300)
    case "compute" where words.count >= 4:
        try CellBench.compute(library: words[1], itemsPerUnit: UInt64(words[2]) ?? 1, parameters: Array(words[3...]))
    case "latency" where words.count == 4: try await LatencyBench.run(volunteer: words[1], package: words[2], times: Int(words[3]) ?? 1000)
    default:
        print(
            "usage: talkoot-bench scheduling | cell LIBRARY [TIMES] | units LIBRARY [TIMES] | leftovers LIBRARY TIMES | calls LIBRARY "
                + "| compute LIBRARY ITEMS NAME=INTEGER... | latency ENDPOINT PACKAGE TIMES"
        )
        exit(64)
    }
} catch {
    print("talkoot-bench: \(error)")
    exit(1)
}
