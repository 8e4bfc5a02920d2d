/// A parameter that `module.yaml` declares, with its type: `host[limit]` reads it.
///
/// ```swift
/// let limit = Parameter<UInt64>("limit")
/// let shift = Parameter<Double>("shift")
/// ```
public struct Parameter<Value: ParameterType>: Sendable {
    let name: StaticString

    /// The parameter of this name. Its type there must fit: `integer` for whole numbers, `real` for Double, `flag` for Bool, `text` for
    /// String.
    public init(_ name: StaticString) { self.name = name }
}

/// A type that a parameter can have.
public protocol ParameterType: Sendable {
    /// Reads the parameter; a name or type that the manifest does not declare ends the call as failed.
    static func read(_ host: Host, _ name: StaticString) -> Self
}

extension Int64: ParameterType {
    /// Reads an `integer`.
    public static func read(_ host: Host, _ name: StaticString) -> Int64 { host.integer(name) }
}

extension Int: ParameterType {
    /// Reads an `integer`.
    public static func read(_ host: Host, _ name: StaticString) -> Int { Int(host.integer(name)) }
}

extension UInt64: ParameterType {
    /// Reads an `integer`; one below zero is 0, so declare `minimum: 0`.
    public static func read(_ host: Host, _ name: StaticString) -> UInt64 { UInt64(Swift.max(0, host.integer(name))) }
}

extension Double: ParameterType {
    /// Reads a `real`.
    public static func read(_ host: Host, _ name: StaticString) -> Double { host.real(name) }
}

extension Bool: ParameterType {
    /// Reads a `flag`.
    public static func read(_ host: Host, _ name: StaticString) -> Bool { host.flag(name) }
}

extension String: ParameterType {
    /// Reads a `text`.
    public static func read(_ host: Host, _ name: StaticString) -> String { host.text(name) }
}

extension Host {
    /// The value of a parameter.
    public subscript<Value>(parameter: Parameter<Value>) -> Value { Value.read(self, parameter.name) }
}
