import Glibc

/// Small measurements.
enum Measure {
    /// Seconds that `body` takes.
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }

    /// Processor seconds of this process that `body` takes.
    static func processorSeconds(_ body: () throws -> Void) rethrows -> Double {
        let start = clock()
        try body()
        return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }

    /// Prints a figure.
    static func report(_ name: String, _ value: Double) {
        let rounded = value >= 100 ? value.rounded() : (value * 1000).rounded() / 1000
        print(name, rounded)
        fflush(nil)
    }

    /// Prints the median and the 99th percentile of some figures.
    static func report(_ name: String, _ values: [Double]) {
        let sorted = values.sorted()
        report("\(name)-median", sorted[sorted.count / 2])
        report("\(name)-p99", sorted[sorted.count * 99 / 100])
    }

    /// The resident memory of this process in MiB, now or at its peak (`VmRSS`, `VmHWM`).
    static func memoryMiB(_ field: String) -> Double {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix(field) { return (text.split(whereSeparator: { !$0.isNumber }).first.flatMap { Double($0) } ?? 0) / 1024 }
        }
        return 0
    }
}
