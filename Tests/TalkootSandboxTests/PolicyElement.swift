@testable import TalkootSandbox

/// The smallest thing that can be taken out of the policy: a call of a line, or a value or an optional flag of one of its conditions.
struct PolicyElement: Hashable, CustomStringConvertible {
    /// The call, `#` and its line's number among those with the call when there are several, and the value or flag; a template's lines
    /// are counted apart, as `template`.
    var description: String
    /// The call.
    var call: String
    /// When the line holds.
    var scope: SystemCallRule.Scope
    /// The policy's lines without it.
    var rest: [SystemCallRule]

    /// All elements of a policy that this machine's architecture has.
    static func all(of policy: SystemCallPolicy) -> [PolicyElement] {
        let rules = policy.rules
        return rules.enumerated().flatMap { index, rule in
            rule.calls.filter { Architecture.native.number(of: $0) != nil }.flatMap { call in
                let isTemplate = rule.scope == .template
                let twins = rules.indices.filter { rules[$0].calls.contains(call) && (rules[$0].scope == .template) == isTemplate }
                let number = twins.count == 1 ? "" : "#\((twins.firstIndex(of: index) ?? 0) + 1)"
                let name = (isTemplate ? "template " : "") + call + number
                let others = rule.without(call: call)
                return [
                    PolicyElement(
                        description: name, call: call, scope: rule.scope, rest: rules.replacing(index, with: others))
                ]
                    + rule.weakened(to: call).map { part, weaker in
                        PolicyElement(
                            description: "\(name) \(part)", call: call, scope: rule.scope,
                            rest: rules.replacing(index, with: others + [weaker]))
                    }
            }
        }
    }
}

extension SystemCallRule {
    /// The line for its other calls; none when there are none.
    fileprivate func without(call: String) -> [SystemCallRule] {
        var rule = self
        rule.calls.removeAll { $0 == call }
        return rule.calls.isEmpty ? [] : [rule]
    }

    /// The line for one call, without each value and each optional flag in turn.
    fileprivate func weakened(to call: String) -> [(part: String, rule: SystemCallRule)] {
        conditions.enumerated().flatMap { index, condition in
            condition.test.weakened.map { part, test in
                var rule = self
                rule.calls = [call]
                rule.conditions[index].test = test
                return (part, rule)
            }
        }
    }
}

extension ArgumentCondition.Test {
    fileprivate var weakened: [(part: String, test: Self)] {
        switch self {
        case .oneOf(let numbers, let ignored):
            let values =
                numbers.count == 1
                ? [] : numbers.map { number in (number.name, Self.oneOf(numbers.filter { $0 != number }, ignoring: ignored)) }
            return values + ignored.map { flag in (flag.name, .oneOf(numbers, ignoring: ignored.filter { $0 != flag })) }
        case .bits(let required, let optional):
            return optional.map { flag in (flag.name, .bits(required: required, optional: optional.filter { $0 != flag })) }
        case .signal, .otherSignal: return []
        }
    }
}

extension [SystemCallRule] {
    fileprivate func replacing(_ index: Int, with rules: [SystemCallRule]) -> [SystemCallRule] {
        Array(self[..<index]) + rules + self[(index + 1)...]
    }
}
