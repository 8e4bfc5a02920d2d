import Glibc
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// Makes every system call, 0 to 499, in real confined cells and compares what became of it with a list that people have read.
@Suite("The sweep over all system calls")
struct SystemCallSweepTests {
    /// How a call is made.
    enum Form: Int64, CaseIterable, Sendable { case native, x32, gate }

    private static let numbers = 0..<UInt64(500)
    private static let isX86 = Architecture.native == .x86

    @Test(
        "Every native call, while a library is loaded and in a unit, ends as the checked-in list says",
        .enabled(if: isX86, "the list is of x86-64"))
    func native() async throws {
        let bench = try SweepBench()
        let running = await bench.halves(Self.numbers) { bench.running(.native, $0) }
        let loading = await bench.halves(Self.numbers) { range in range.map { bench.loading($0) } }
        var text = "# What a cell gets for each system call of x86-64 with six zeros as arguments; written by `make golden`.\n"
        text += "# made: by the kernel. stopped: reported by its number, the cell ended. An error: answered without making it.\n"
        text += "# number | while a library is loaded | in a unit # name\n"
        for number in Self.numbers {
            let name = SweepBench.exempt[number] ?? Architecture.x86.name(of: Int32(number)) ?? ""
            text += "\(number) | \(loading[Int(number)]) | \(running[Int(number)]) # \(name)\n"
            #expect(bench.table(number, .loading).contains(loading[Int(number)]), "\(number) \(name)")
            #expect(bench.table(number, .running).contains(running[Int(number)]), "\(number) \(name)")
        }
        try GoldenFile.compare(text, with: "system-calls.txt")
        // With a template's filter below: the same.
        #expect(await bench.halves(Self.numbers) { bench.apart($0) } == running)
    }

    @Test(
        "No call by x32 numbers or the 32-bit gate is made; each kills the cell", .enabled(if: isX86, "other processors have neither"),
        arguments: [Form.x32, .gate])
    func foreign(form: Form) async throws {
        let bench = try SweepBench()
        let found = await bench.halves(Self.numbers) { bench.running(form, $0) }
        #expect(found == Self.numbers.map { _ in "killed" })
    }
}

/// Cells for a sweep, and what became of the calls in words.
private struct SweepBench: Sendable {
    private let starter: CellStarter
    private let layers: LayerSet
    private let library: LibraryImage
    /// Calls that the table lets through: what the kernel says to them is the kernel's business.
    private let made: Set<Int32>

    /// Calls that newer kernels exempt from every filter (since 6.14 and 6.18), since only a trampoline of the kernel's own makes them.
    /// From anywhere else they do nothing: SIGILL and ENXIO.
    static let exempt: [UInt64: String] = [335: "uretprobe", 336: "uprobe"]

    init() throws {
        let path = try BuiltProduct.path("talkoot-cell")
        starter = CellStarter(cellPath: path, spawner: try Spawner(path: path))
        layers = try LevelProbe(starter: starter).layers
        library = try LibraryImage(bytes: Workshop.module(bytes: "sweep.c"))
        let allowed = SystemCallPolicy.standard.rules.filter { $0.answer == .allow && $0.scope != .template }.flatMap(\.calls)
        made = Set(allowed.compactMap { Architecture.native.number(of: $0) })
    }

    /// Two halves at a time, in order.
    func halves(_ numbers: Range<UInt64>, _ sweep: @escaping @Sendable (Range<UInt64>) -> [String]) async -> [String] {
        let middle = (numbers.lowerBound + numbers.upperBound) / 2
        async let first = Workshop.onThread { sweep(numbers.lowerBound..<middle) }
        async let second = Workshop.onThread { sweep(middle..<numbers.upperBound) }
        return await first + second
    }

    private func start(
        _ form: SystemCallSweepTests.Form, loading: Int64, isolation: Isolation = .job
    ) throws(LaunchFault) -> Cell {
        var limits = Workshop.limits
        limits.threads = 2
        let parameters = ["form": ParameterValue.integer(form.rawValue), "loading": .integer(loading)]
        return try starter.start(
            CellSettings(library: library, parameters: parameters, limits: limits, isolation: isolation), layers: layers)
    }

    /// In units: one cell makes calls until one ends it.
    func running(_ form: SystemCallSweepTests.Form, _ numbers: Range<UInt64>) -> [String] {
        var found: [String] = []
        do throws(LaunchFault) {
            while found.count < numbers.count {
                let cell = try start(form, loading: -1)
                let next = numbers.lowerBound + UInt64(found.count)
                let result = cell.run(Workshop.batch(next..<numbers.upperBound))
                let results = result.bytes.chunks(of: result.resultEnds)
                found += results.enumerated().map { words(result: $0.element, number: next + UInt64($0.offset)) }
                if let failure = result.failure { found.append(words(failure.outcome, number: failure.unit)) }
            }
        } catch {
            found.append("\(error.talkootError)")
        }
        return found
    }

    /// In units with a process of a template's each.
    func apart(_ numbers: Range<UInt64>) -> [String] {
        do throws(LaunchFault) {
            let template = try start(.native, loading: -1, isolation: .unit)
            return numbers.map { number in
                let result = template.run(Workshop.batch(number..<number + 1))
                return result.failure.map { words($0.outcome, number: number) } ?? words(result: result.bytes, number: number)
            }
        } catch {
            return ["\(error.talkootError)"]
        }
    }

    /// While the library is loaded: one cell a call.
    func loading(_ number: UInt64) -> String {
        do throws(LaunchFault) {
            let result = try start(.native, loading: Int64(number)).run(Workshop.batch(UInt64(UInt32.max)..<UInt64(UInt32.max) + 1))
            if let failure = result.failure { return words(failure.outcome, number: number) }
            return words(result: result.bytes, number: number)
        } catch {
            guard case .module(let outcome) = error else { return "\(error.talkootError)" }
            return words(outcome, number: number)
        }
    }

    /// What the table says about a call with zeros, in the words of the list.
    func table(_ number: UInt64, _ stage: SystemCallPolicy.Stage) -> Set<String> {
        if Self.exempt[number] != nil { return ["the kernel's own"] }
        let rules = SystemCallPolicy.standard.rules(stage: stage, isThreaded: true)
        let handled = rules.contains { rule in
            if case .handler = rule.answer { rule.calls.contains { Architecture.x86.number(of: $0) == Int32(number) } } else { false }
        }
        let call = BPFInterpreter.Call(number: UInt32(number), architecture: Architecture.x86.token)
        let words = PolicyEvaluation(rules: rules, architecture: .x86).words(call)
        if words == [PolicyEvaluation.Word.trap] { return handled ? ["EBADF", "EINVAL", "ENOENT"] : ["stopped"] }
        if words == [PolicyEvaluation.Word.allow] { return ["made"] }
        return Set(Self.errors.filter { words == [PolicyEvaluation.Word.error(Int32(-$0.key))] }.values)
    }

    private static let errors: [Int64: String] = [
        0: "0", -Int64(EPERM): "EPERM", -Int64(ENOENT): "ENOENT", -Int64(EBADF): "EBADF", -Int64(ENOTTY): "ENOTTY",
        -Int64(ESPIPE): "ESPIPE", -Int64(ENOSYS): "ENOSYS", -Int64(EINVAL): "EINVAL",
    ]

    private func words(result bytes: [UInt8], number: UInt64) -> String {
        let value = bytes.reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
        if made.contains(Int32(number)), value != -Int64(EBADF) { return "made" }
        if Self.exempt[number] != nil, value == -Int64(ENXIO) { return "the kernel's own" }
        return Self.errors[value] ?? "\(value)"
    }

    private func words(_ outcome: UnitOutcome, number: UInt64) -> String {
        switch outcome {
        case .forbidden(_, -1, _): "killed"
        case .forbidden where Self.exempt[number] != nil, .crashed(SIGILL, _) where Self.exempt[number] != nil: "the kernel's own"
        case .forbidden(_, Int32(number), _): "stopped"
        case .exited(0), .crashed: made.contains(Int32(number)) ? "made" : outcome.summary
        default: outcome.summary
        }
    }
}

extension [UInt8] {
    /// The results of a batch.
    fileprivate func chunks(of ends: [Int]) -> [[UInt8]] {
        zip([0] + ends, ends).map { Array(self[$0..<$1]) }
    }
}
