import Foundation
import Testing

@testable import TalkootSandbox

@Suite("The table of system calls")
struct PolicyTests {
    private let rules = SystemCallPolicy.standard.rules

    @Test("No two lines that can hold at once say different things, but for a template's, which come first")
    func contradictions() {
        let rules = rules.filter { $0.scope != .template }
        for (index, one) in rules.enumerated() {
            for other in rules[(index + 1)...] where one.answer != other.answer {
                for call in Set(one.calls).intersection(other.calls) where !Self.isHandled(one) && !Self.isHandled(other) {
                    let meet = one.alternatives.contains { a in other.alternatives.contains { b in Self.canMeet(a, b) } }
                    #expect(!meet, "\(call): \(one.reason) / \(other.reason)")
                }
            }
        }
    }

    private static func isHandled(_ rule: SystemCallRule) -> Bool {
        if case .handler = rule.answer { true } else { false }
    }

    private static func canMeet(_ a: [ArgumentPattern], _ b: [ArgumentPattern]) -> Bool {
        !a.contains { p in
            b.contains { q in p.argument == q.argument && (p.value ^ q.value) & p.mask & q.mask != 0 }
        }
    }

    @Test("Every name is a system call of x86-64, and every line has a reason")
    func names() {
        for rule in rules {
            #expect(!rule.reason.isEmpty)
            for call in rule.calls { #expect(Architecture.x86.number(of: call) != nil, "\(call)") }
        }
        for group in SystemCallPolicy.neverMade {
            for call in group.calls { #expect(Architecture.x86.number(of: call) != nil, "\(call)") }
        }
    }

    @Test("What is named as never made stands in no other line")
    func neverMade() {
        let named = Set(rules.flatMap(\.calls))
        for group in SystemCallPolicy.neverMade { #expect(named.isDisjoint(with: group.calls), "\(group.reason)") }
    }

    @Test("Numbers of the kernel's interface are what this machine's headers say")
    func numbers() throws {
        let all = rules.flatMap(\.conditions).flatMap { condition -> [NamedNumber] in
            switch condition.test {
            case .oneOf(let numbers, let ignored): numbers + ignored
            case .signal(let number), .otherSignal(let number): [number]
            case .bits(let required, let optional): required + optional
            }
        }
        let isNew: Set = ["MAP_DROPPABLE", "MADV_GUARD_INSTALL"]  // newer than the headers of Debian 12
        let named = Set(all).filter { $0.name.first?.isUppercase == true && !isNew.contains($0.name) }
        #expect(named.count > 30)
        let asserts = named.map { "_Static_assert((unsigned long)\($0.name) == \($0.value)ul, \"\($0.name)\");\n" }.sorted().joined()
        let headers = ["sys/mman.h", "signal.h", "sched.h", "sys/prctl.h", "linux/futex.h", "linux/seccomp.h"]
        let source = headers.map { "#include <\($0)>\n" }.joined() + asserts + "int nothing;\n"
        #expect(try !Workshop.compile(source).isEmpty)
    }

    @Test("The table in docs/threat-model.md is the one in the code")
    func document() throws {
        try GoldenFile.compare(PolicyDocument.standard.markdown, withSection: "policy", of: "docs/threat-model.md")
    }
}
