import Foundation
import TalkootCore
import TalkootPackaging
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// Libraries whose form is the attack: admission refuses each, and a cell that gets one nevertheless is not harmed by it.
@Suite("Libraries of an odd form")
struct OddLibraryTests {
    #if arch(x86_64)
        @Test("32-bit code in a library below 4 GiB is killed at its first call")
        func farReturn() throws {
            let bytes = try AttackLibrary(HostileModule.lowLibrary()).choosing("far-return", at: .run)
            #expect(Self.refusal(bytes)?.contains("layout") == true)
            let cell = try Workshop.cell(LibraryImage(bytes: bytes))
            let outcome = try #require(cell.run(Workshop.batch(0..<1)).failure?.outcome)
            #expect(AttackVerdict(outcome) == .killed)
        }
    #endif

    @Test("A library that wants an executable stack is stopped while it is loaded")
    func executableStack() throws {
        let bytes = try Self.changing { bytes, headers in
            let stack = try #require(headers.first { Self.number(bytes, $0, 4) == 0x6474_e551 })
            bytes[stack + 4] |= 1
        }
        #expect(Self.refusal(bytes)?.contains("stack") == true)
        let error = #expect(throws: TalkootError.self) { try Workshop.cell(LibraryImage(bytes: bytes)) }
        #expect(error?.message.contains("mprotect") == true, "\(error?.message ?? "")")
    }

    @Test("A library that needs another one finds none", arguments: ["libz.so.1", "/tmp/x.so"])
    func foreignNeed(name: String) throws {
        let bytes = try Self.changing { bytes, _ in
            let place = try #require(Self.find(Array("libc.so.6".utf8) + [0], in: bytes))
            for (index, byte) in (Array(name.utf8) + [0]).enumerated() { bytes[place + index] = byte }
        }
        #expect(Self.refusal(bytes) != nil)
        let error = #expect(throws: TalkootError.self) { try Workshop.cell(LibraryImage(bytes: bytes)) }
        #expect(error?.message.contains("\(name): cannot open shared object file") == true, "\(error?.message ?? "")")
    }

    @Test("A library that shows functions under libc's names is not called for the cell's own work")
    func interposition() throws {
        let names = ["read", "write", "malloc", "free", "memcpy", "syscall", "_exit", "sigaction", "clock_gettime"]
        let functions = names.map { "__attribute__((visibility(\"default\"))) long \($0)(void) { __builtin_trap(); }\n" }.joined()
        let module =
            "static int32_t run(const talkoot_host *host, const talkoot_unit *unit) { return host->write(host, \"done\", 4); }\n"
            + "static talkoot_module module = {1, sizeof module, 0, run};\n"
            + "TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return &module; }\n"
        let bytes = try Workshop.compile("#include \"talkoot.h\"\n#pragma GCC optimize(\"no-builtin\")\n" + functions + module)
        let cell = try Workshop.cell(LibraryImage(bytes: bytes))
        #expect(cell.run(Workshop.batch(0..<3)).bytes == Array("donedonedone".utf8))
    }

    /// The hostile library with a harmless choice, changed; the second argument is where its program headers are.
    private static func changing(_ change: (inout [UInt8], [Int]) throws -> Void) throws -> [UInt8] {
        var bytes = try AttackLibrary(HostileModule.library()).choosing("open-bare", at: .run)
        let start = Int(number(bytes, 32, 8))
        try change(&bytes, (0..<Int(number(bytes, 56, 2))).map { start + $0 * 56 })
        return bytes
    }

    private static func refusal(_ bytes: [UInt8]) -> String? {
        AdmissionReport.examine(bytes, platform: "x86_64-linux-gnu").refusal?.message
    }

    private static func find(_ text: [UInt8], in bytes: [UInt8]) -> Int? {
        (0..<bytes.count - text.count).first { bytes[$0] == text[0] && Array(bytes[$0..<$0 + text.count]) == text }
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ width: Int) -> UInt64 {
        (0..<width).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    }
}
