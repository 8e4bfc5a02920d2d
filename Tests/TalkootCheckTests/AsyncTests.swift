import Foundation
import TalkootCheck
import TalkootCore
import TalkootPackaging
import TalkootTesting
import Testing

/// Units that wait, in real cells, which have one thread and cannot make another.
@Suite(.serialized) struct AsyncTests {
    private static let yaml = """
        name: waits
        version: 1.0.0
        summary: Waits.
        license: Apache-2.0
        parameters:
          mode: {type: integer, default: 0, minimum: 0, maximum: 2}
        output: {name: out.txt, media-type: text/plain}
        samples: [{output: "6 332833500 1000 1000\\n"}]

        """

    private static let source = """
        import TalkootAsync

        actor Tally {
            private var count = 0
            private var order: [Int] = []

            func add(_ number: Int) async {
                await Task.yield()
                count += 1
                order.append(number)
            }

            var result: (count: Int, isWhole: Bool) { (count, order.sorted() == Array(0..<count)) }
        }

        func square(_ number: UInt64) async -> UInt64 {
            await Task.yield()
            return number &* number
        }

        func three() async throws(Failure) -> UInt64 {
            async let one = square(1)
            async let two = square(2)
            let rest = await Task { await square(1) }.value
            return await one + two + rest
        }

        func run(_ host: Host, _ unit: Unit, _ output: Output) async throws(Failure) {
            switch host.integer("mode") {
            case 1: throw Failure("it was asked to fail")
            case 2: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            default: break
            }
            let sum = await withTaskGroup(of: UInt64.self) { group in
                for number in UInt64(0)..<1000 { group.addTask { await square(number) } }
                var sum: UInt64 = 0
                for await part in group { sum &+= part }
                return sum
            }
            let tally = Tally()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<1000 { group.addTask { await tally.add(number) } }
            }
            let (count, isWhole) = await tally.result
            try output.write("\\(try await three()) \\(sum) \\(count) \\(isWhole ? count : 0)\\n")
        }

        @c(talkoot_module_v1) public func exported(_ host: HostPointer?) -> ModulePointer? {
            Module.export(plan: { (_, _) throws(Failure) in 3 }, run: run, merge: { (_, results, output) throws(Failure) in
                if let first = results.first { try output.write(first) }
            })
        }

        """

    /// Builds the module, and does something with its directory.
    private func withModule<Value>(_ body: (String) throws -> Value) throws -> Value {
        let directory = FileManager.default.temporaryDirectory.path + "/talkoot-async-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory + "/src", withIntermediateDirectories: true)
        try Data(Self.yaml.utf8).write(to: URL(fileURLWithPath: directory + "/module.yaml"))
        try Data(Self.source.utf8).write(to: URL(fileURLWithPath: directory + "/src/waits.swift"))
        setenv("TALKOOT_SDK", CheckedModule.root, 1)
        return try body(directory)
    }

    @Test(
        "Child tasks, groups, actors and tasks of their own take turns on the thread that the host called; failures and waits without end are named"
    )
    func waits() throws {
        try withModule { directory in
            #expect(try sizes(directory).allSatisfy { $0 < 300 << 10 })
            let subject = try CheckSubject(directory: directory)
            func run(_ mode: Int64) throws -> UnitRun {
                try UnitRun(
                    subject, parameters: ["mode": .integer(mode)], input: nil, unit: 0, itemsPerUnit: 1, unitSeconds: 20,
                    cellPath: try BuiltProduct.path("talkoot-cell"))
            }
            let good = try run(0)
            #expect(String(decoding: good.output, as: UTF8.self) == "6 332833500 1000 1000\n", "\(String(describing: good.failure))")
            #expect(String(describing: try run(1).failure).contains("it was asked to fail"))
            #expect(String(describing: try run(2).failure).contains("it waits for what none of its tasks will do"))
            // Its tasks come in the same order each time.
            let report = try ModuleCheck(subject, cellPath: try BuiltProduct.path("talkoot-cell"), seed: 5).run()
            #expect(report.failed.isEmpty && report.finding("samples")?.status == .passed, "\(report.findings)")
            try Data(Self.plain.utf8).write(to: URL(fileURLWithPath: directory + "/src/waits.swift"))
            #expect(try sizes(directory).allSatisfy { $0 < 80 << 10 })
        }
    }

    private static let plain = """
        import TalkootModule
        @c(talkoot_module_v1) public func exported(_ host: HostPointer?) -> ModulePointer? {
            Module.export(run: { (_, _, output) throws(Failure) in try output.write(UInt8(1)) })
        }
        """

    /// Compiles the module as Embedded Swift, without a warning, and gives how large its libraries are, which need libc alone.
    private func sizes(_ directory: String) throws -> [Int] {
        try ModuleBuilder().build(directory: directory).map { library in
            #expect(library.isFresh && library.messages == "")
            #expect(Set(library.report.needed).isSubset(of: ["libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"]))
            return try Data(contentsOf: URL(fileURLWithPath: library.path)).count
        }
    }
}
