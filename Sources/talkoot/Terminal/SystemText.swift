import Glibc

/// The system's own words.
enum SystemText {
    /// What an error number means, `No such file or directory` for instance.
    static func reason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
