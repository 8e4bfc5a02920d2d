/// Whom a listener serves without TLS.
public enum ClearTextPolicy: Hashable, Sendable {
    /// Nobody.
    case never
    /// Connections from this machine.
    case loopbackOnly
    /// Everybody: what is said can be read on the way, passwords too.
    case everybody
}

/// How a dialled connection is protected.
public enum ConnectionSecurity: Hashable, Sendable {
    /// TLS 1.3.
    case tls
    /// Nothing; refused for an address that is not loopback.
    case clear
}
