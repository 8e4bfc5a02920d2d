public import TalkootCore

/// How a call into the module ended.
public enum CellAnswer<Value: Sendable>: Sendable {
    /// It did its work.
    case value(Value)
    /// It did not; the outcome is never `.done`.
    case failure(UnitOutcome)
}

extension CellAnswer: Equatable where Value: Equatable {}
