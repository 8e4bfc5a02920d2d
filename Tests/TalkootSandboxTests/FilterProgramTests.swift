import TalkootCore
import Testing

@testable import TalkootSandbox

/// The filters that cells load, run here instruction by instruction, against the table read by other code. For aarch64 it is the only
/// check there is; for x86-64 the sweep in real cells comes on top.
@Suite("The filters made of the table")
struct FilterProgramTests {
    /// A filter that a cell loads.
    struct Profile: CustomTestStringConvertible, Sendable {
        var architecture: Architecture
        var stage: SystemCallPolicy.Stage
        var isThreaded: Bool
        /// Whether it is a unit's own process, with a template's filter below its own.
        var isCopy: Bool
        var testDescription: String {
            "\(architecture.rawValue), \(stage), \(isThreaded ? "threads" : "one thread")\(isCopy ? ", copy of a template" : "")"
        }

        static let all = Architecture.allCases.flatMap { architecture in
            SystemCallPolicy.Stage.allCases.flatMap { stage in
                [false, true].flatMap { isThreaded in
                    [false, true].map { Profile(architecture: architecture, stage: stage, isThreaded: isThreaded, isCopy: $0) }
                }
            }
        }

        var rules: [SystemCallRule] { SystemCallPolicy.standard.rules(stage: stage, isThreaded: isThreaded) }

        /// The filters that hold in this stage, in the order of their loading.
        func programs() throws -> [FilterProgram] {
            let first: [FilterProgram.Part] = isCopy ? [.template, .copy] : [.loading]
            return try (first + (stage == .loading ? [] : [.running])).map {
                try FilterProgram(.standard, part: $0, isThreaded: isThreaded, architecture: architecture)
            }
        }
    }

    /// AUDIT_ARCH_ of i386, x86-64, aarch64, arm, RISC-V and none.
    private static let architectures: [UInt32] = [0x4000_0003, 0xc000_003e, 0xc000_00b7, 0x4000_0028, 0xc000_00f3, 0]
    private static let numbers = 0..<UInt32(620)

    @Test(
        "Every call number, native, x32 and foreign, with arguments on and beside each condition, gets what the table says",
        arguments: Profile.all)
    func interpreted(profile: Profile) throws {
        let programs = try profile.programs().map { BPFInterpreter($0.bytes) }
        let table = PolicyEvaluation(rules: profile.rules, architecture: profile.architecture)
        let lines = PolicyEvaluation(rules: SystemCallPolicy.standard.rules, architecture: profile.architecture)
        var random = SeededGenerator()
        var checked = 0
        func check(_ call: BPFInterpreter.Call) throws {
            let words = table.words(call)
            // What is strictest: the kernel orders what filters say by the upper half, as a signed number.
            let word = try programs.map { try $0.run(call) }.min { Int32(bitPattern: $0 & ~0xffff) < Int32(bitPattern: $1 & ~0xffff) }
            checked += 1
            if words != [word] {
                Issue.record("\(call): the filters say \(String(word ?? 0, radix: 16)), the table \(words); seed \(random.seed)")
            }
        }
        for number in Self.numbers {
            var arguments = [[UInt64](repeating: 0, count: 6), [UInt64](repeating: .max, count: 6)]
            arguments += (0..<4).map { _ in (0..<6).map { _ in UInt64.random(in: .min ... .max, using: &random) } }
            arguments += lines.interesting(number, &random)
            for values in arguments {
                try check(.init(number: number, architecture: profile.architecture.token, arguments: values))
            }
            for architecture in Self.architectures { try check(.init(number: number, architecture: architecture)) }
            try check(.init(number: number | 0x4000_0000, architecture: profile.architecture.token))
            try check(.init(number: number | 0x8000_0000, architecture: profile.architecture.token))
        }
        try check(.init(number: .max, architecture: profile.architecture.token))
        #expect(checked > 10_000)
    }

    @Test(
        "A filter fits the kernel's limit with room to grow, and one for threads allows no more than threads need", arguments: Profile.all)
    func sizes(profile: Profile) throws {
        let programs = try profile.programs()
        #expect(programs[0].count > 100)
        #expect(programs[0].count < FilterProgram.instructionLimit / 4)
        #expect(programs.dropFirst().allSatisfy { $0.count < programs[0].count / 4 })
        #expect(profile.rules.contains { $0.calls.contains("clone") } == profile.isThreaded)
    }

    @Test("An interpreter that is asked about a damaged program says so")
    func damaged() throws {
        let call = BPFInterpreter.Call(number: 0, architecture: 0)
        #expect(throws: BPFInterpreter.Fault.self) { try BPFInterpreter([0x20, 0, 0, 0, 0, 0, 0, 0]).run(call) }
        #expect(throws: BPFInterpreter.Fault.self) { try BPFInterpreter([0x20, 0, 0, 0, 64, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]).run(call) }
        #expect(throws: BPFInterpreter.Fault.self) { try BPFInterpreter([0x07, 0, 0, 0, 0, 0, 0, 0]).run(call) }
        #expect(try BPFInterpreter([0x06, 0, 0, 0, 0, 0, 3, 0]).run(call) == PolicyEvaluation.Word.trap)
    }
}
