/// A number of the kernel's interface with the name that its manual pages use.
struct NamedNumber: Hashable, Sendable {
    var name: String
    var value: UInt64
}

/// A condition on one argument. Nothing but equality of bits, since version 2.5.4 of libseccomp merges range comparisons of
/// 64 bits wrongly.
struct ArgumentCondition: Hashable, Sendable {
    /// What has to hold.
    enum Test: Hashable, Sendable {
        /// As the kernel reads an `int`, of which the upper half does not count, and without the ignored bits: one of these.
        case oneOf([NamedNumber], ignoring: [NamedNumber])
        /// As a signal's number, of which the lowest seven bits count here: this one.
        case signal(NamedNumber)
        /// As a signal's number: any but this one.
        case otherSignal(NamedNumber)
        /// In all 64 bits: the required ones, perhaps optional ones, and no others.
        case bits(required: [NamedNumber], optional: [NamedNumber])
    }

    /// The lowest seven bits, which hold every signal's number.
    static let signalBits: UInt64 = 0x7f

    /// The argument's number, 0 to 5.
    var argument: UInt32
    /// The argument's name in the manual page.
    var name: String
    /// What has to hold.
    var test: Test

    /// An `int` that is one of these numbers.
    static func int(_ argument: UInt32, _ name: String, _ values: [NamedNumber], ignoring: [NamedNumber] = []) -> ArgumentCondition {
        ArgumentCondition(argument: argument, name: name, test: .oneOf(values, ignoring: ignoring))
    }

    /// A file descriptor that is one of these.
    static func descriptor(_ argument: UInt32, _ values: Int32...) -> ArgumentCondition {
        .int(argument, "fd", values.map { NamedNumber(name: "\($0)", value: UInt64(UInt32(bitPattern: $0))) })
    }

    /// An argument of flags.
    static func flags(
        _ argument: UInt32, _ name: String, _ required: [NamedNumber] = [], optional: [NamedNumber] = []
    ) -> ArgumentCondition {
        ArgumentCondition(argument: argument, name: name, test: .bits(required: required, optional: optional))
    }
}

/// A comparison that the filter can make: the bits of an argument under the mask have the value.
struct ArgumentPattern: Hashable, Sendable {
    var argument: UInt32
    var mask: UInt64
    var value: UInt64
}

extension ArgumentCondition {
    /// The condition as comparisons, of which one has to hold.
    var patterns: [ArgumentPattern] {
        switch test {
        case .oneOf(let numbers, let ignored):
            numbers.map { ArgumentPattern(argument: argument, mask: 0xffff_ffff & ~ignored.union, value: $0.value) }
        case .signal(let number):
            [ArgumentPattern(argument: argument, mask: Self.signalBits, value: number.value)]
        case .otherSignal(let number):
            (0..<7).map { bit in
                ArgumentPattern(argument: argument, mask: 1 << bit, value: ~number.value & 1 << bit)
            }
        case .bits(let required, let optional):
            [ArgumentPattern(argument: argument, mask: ~optional.union, value: required.union)]
        }
    }
}

extension [NamedNumber] {
    /// All their bits together.
    var union: UInt64 { reduce(0) { $0 | $1.value } }
}

extension SystemCallRule {
    /// The rule's conditions as alternatives, in each of which all comparisons have to hold.
    var alternatives: [[ArgumentPattern]] {
        conditions.reduce([[]]) { found, condition in
            found.flatMap { start in condition.patterns.map { start + [$0] } }
        }
    }
}
