import Glibc

/// A file descriptor that is closed with its owner.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// The number, for somebody else to close.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}
