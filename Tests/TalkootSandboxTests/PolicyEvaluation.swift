@testable import TalkootSandbox

/// What the table says about a call, found out by reading it: no libseccomp, no masks made by the product.
struct PolicyEvaluation {
    /// SECCOMP_RET_... with its data.
    enum Word {
        static let allow: UInt32 = 0x7fff_0000
        static let trap: UInt32 = 0x0003_0000
        static let killProcess: UInt32 = 0x8000_0000
        static func error(_ number: Int32) -> UInt32 { 0x0005_0000 | UInt32(number) }
    }

    private let architecture: Architecture
    private let rules: [UInt32: [SystemCallRule]]

    init(rules: [SystemCallRule], architecture: Architecture) {
        self.architecture = architecture
        var found: [UInt32: [SystemCallRule]] = [:]
        for rule in rules {
            for call in rule.calls {
                if let number = architecture.number(of: call) { found[UInt32(number), default: []].append(rule) }
            }
        }
        self.rules = found
    }

    /// The word that the filter has to return; more than one when the table contradicts itself.
    func words(_ call: BPFInterpreter.Call) -> Set<UInt32> {
        guard call.architecture == architecture.token else { return [Word.killProcess] }
        // Numbers from here on are x32's; -1 is a tracer's way to say that nothing is to be done.
        if architecture == .x86, call.number >= 0x4000_0000, call.number != .max { return [Word.killProcess] }
        let matching = rules[call.number, default: []].filter { rule in
            rule.conditions.allSatisfy { Self.holds($0, call.arguments[Int($0.argument)]) }
        }
        let words = matching.compactMap { rule -> UInt32? in
            switch rule.answer {
            case .allow: Word.allow
            case .error(let error): Word.error(error.rawValue)
            case .handler: nil
            }
        }
        return words.isEmpty ? [Word.trap] : Set(words)
    }

    private static func holds(_ condition: ArgumentCondition, _ argument: UInt64) -> Bool {
        switch condition.test {
        case .oneOf(let numbers, let ignored):
            var number = UInt32(truncatingIfNeeded: argument)
            for flag in ignored { number &= ~UInt32(flag.value) }
            return numbers.contains { $0.value == UInt64(number) }
        case .signal(let number): return argument % 128 == number.value
        case .otherSignal(let number): return argument % 128 != number.value
        case .bits(let required, let optional):
            var rest = argument
            for flag in optional { rest &= ~flag.value }
            return rest == required.reduce(0) { $0 + $1.value }
        }
    }

    /// Arguments on and beside each condition of a call: those that fit an alternative, then each with one bit turned over.
    func interesting(_ number: UInt32, _ random: inout SeededGenerator) -> [[UInt64]] {
        var found: [[UInt64]] = []
        for rule in rules[number, default: []] {
            for patterns in rule.alternatives {
                var arguments = (0..<6).map { _ in UInt64.random(in: .min ... .max, using: &random) }
                for pattern in patterns {
                    let place = Int(pattern.argument)
                    arguments[place] = arguments[place] & ~pattern.mask | pattern.value
                }
                found.append(arguments)
                for argument in Set(patterns.map(\.argument)) {
                    for bit in 0..<64 {
                        var turned = arguments
                        turned[Int(argument)] ^= 1 << UInt64(bit)
                        found.append(turned)
                    }
                }
            }
        }
        return found
    }
}
