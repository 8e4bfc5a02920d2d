import Glibc

/// What the system says about an error number.
enum SystemMessage {
    static func text(_ error: Int32) -> String { String(cString: strerror(error)) }
}
