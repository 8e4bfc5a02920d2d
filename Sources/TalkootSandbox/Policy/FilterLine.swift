import CSeccomp

/// What one of a cell's filters does at some calls.
struct FilterLine {
    /// Names of the calls.
    var calls: [String]
    /// Alternatives, in each of which all comparisons have to hold.
    var alternatives: [[scmp_arg_cmp]]
    /// What the filter returns then.
    var action: UInt32

    /// A line of the policy.
    init(_ rule: SystemCallRule, _ action: UInt32) {
        calls = rule.calls
        alternatives = rule.alternatives.map { $0.map(\.comparison) }
        self.action = action
    }

    /// Any arguments.
    init(_ calls: [String], _ action: UInt32) {
        self.calls = calls
        alternatives = [[]]
        self.action = action
    }

    /// An argument that is not this number, in all 64 bits.
    init(_ calls: [String], argument: UInt32, isNot number: NamedNumber, _ action: UInt32) {
        self.calls = calls
        alternatives = [[scmp_arg_cmp(arg: argument, op: SCMP_CMP_NE, datum_a: number.value, datum_b: 0)]]
        self.action = action
    }
}

extension SystemCallPolicy {
    /// What a cell's first filter does other than to stop the call.
    func loadingLines(isThreaded: Bool) -> [FilterLine] {
        rules(stage: .loading, isThreaded: isThreaded).compactMap { rule in rule.answer.action.map { FilterLine(rule, $0) } }
    }

    /// What a template's filter does other than to stop the call: its own lines come before others, and each of its copies is another process.
    func templateLines(isThreaded: Bool) -> [FilterLine] {
        let own = templateRules
        let calls = Set(own.flatMap { $0.conditions.isEmpty ? $0.calls : [] })
        let others = rules(stage: .loading, isThreaded: isThreaded).compactMap { rule -> FilterLine? in
            var rule = rule
            rule.calls.removeAll(where: calls.contains)
            rule.conditions.removeAll { $0.ownProcess != nil }
            return rule.calls.isEmpty ? nil : rule.answer.action.map { FilterLine(rule, $0) }
        }
        return others + own.map { FilterLine($0, FilterProgram.allow) }
    }

    /// What a copy's filter does other than to leave it to the template's.
    func copyLines(isThreaded: Bool) -> [FilterLine] {
        let rules = rules(stage: .loading, isThreaded: isThreaded)
        let taken = templateRules.flatMap { own -> [FilterLine] in
            guard own.conditions.isEmpty else { return [FilterLine(own, FilterProgram.trap)] }
            return own.calls.compactMap { call in
                let before = rules.first { $0.calls.contains(call) }?.answer
                return before == .allow ? nil : FilterLine([call], before?.action ?? FilterProgram.trap)
            }
        }
        let processes = rules.flatMap { rule in
            rule.conditions.filter { $0.ownProcess != nil }.map { condition in
                FilterLine(rule.calls, argument: condition.argument, isNot: KernelNumber.ownProcess, FilterProgram.trap)
            }
        }
        return taken + processes
    }

    private var templateRules: [SystemCallRule] { rules.filter { $0.scope == .template } }
}

extension ArgumentCondition {
    /// The process's own number, when the condition is about that.
    fileprivate var ownProcess: NamedNumber? {
        guard case .bits(let required, _) = test else { return nil }
        return required.first { $0 == KernelNumber.ownProcess }
    }
}

extension ArgumentPattern {
    fileprivate var comparison: scmp_arg_cmp {
        scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
    }
}

extension SystemCallAnswer {
    /// What the filter returns, as the kernel and libseccomp write it; nil where that is what it does anyway.
    fileprivate var action: UInt32? {
        switch self {
        case .allow: FilterProgram.allow
        case .error(let error): 0x0005_0000 | UInt32(error.rawValue)
        case .handler: nil
        }
    }
}
