import CTalkoot
import Synchronization

/// The module's functions, and the C functions that call them.
///
/// The C interface hands no context to its callbacks, so the functions are kept in one place of the process.
final class Callbacks: Sendable {
    private let plan: Module.Plan?
    private let run: Module.Run
    private let merge: Module.Merge?
    private let finish: Module.Finish?
    private let equal: Module.Equal?

    init(plan: Module.Plan?, run: @escaping Module.Run, merge: Module.Merge?, finish: Module.Finish?, equal: Module.Equal?) {
        self.plan = plan
        self.run = run
        self.merge = merge
        self.finish = finish
        self.equal = equal
    }

    /// The address of the installed callbacks; 0 before that.
    private static let installed = Atomic<UInt>(0)

    /// Keeps the callbacks for the life of the process.
    static func install(_ callbacks: Callbacks) {
        installed.store(UInt(bitPattern: Unmanaged.passRetained(callbacks).toOpaque()), ordering: .releasing)
    }

    private static var current: Callbacks? {
        UnsafeRawPointer(bitPattern: installed.load(ordering: .acquiring)).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    /// Calls a module's function and turns what it throws into what C returns.
    private static func call(
        _ pointer: HostPointer?, _ body: (Callbacks, Host) throws(Failure) -> Void
    ) -> Int32 {
        guard let pointer, let callbacks = current else { return TALKOOT_FAILED }
        let host = Host(pointer)
        do throws(Failure) {
            try body(callbacks, host)
            return TALKOOT_OK
        } catch {
            return error.isStop ? TALKOOT_STOPPED : host.fail(error.message)
        }
    }

    static func plan(_ host: HostPointer?, _ inputBytes: UInt64, _ items: UnsafeMutablePointer<UInt64>?) -> Int32 {
        call(host) { (callbacks, host) throws(Failure) in
            guard let plan = callbacks.plan, let items else { return }
            items.pointee = try plan(host, inputBytes)
        }
    }

    static func run(_ host: HostPointer?, _ unit: UnsafePointer<talkoot_unit>?) -> Int32 {
        call(host) { (callbacks, host) throws(Failure) in
            guard let unit else { throw Failure("no unit") }
            try callbacks.run(host, Unit(unit.pointee), Output(host))
        }
    }

    static func merge(_ host: HostPointer?, _ results: UnsafePointer<talkoot_bytes>?, _ count: Int) -> Int32 {
        call(host) { (callbacks, host) throws(Failure) in
            try callbacks.merge?(host, Results(UnsafeBufferPointer(start: results, count: results == nil ? 0 : count)), Output(host))
        }
    }

    static func finish(_ host: HostPointer?, _ merged: talkoot_bytes) -> Int32 {
        call(host) { (callbacks, host) throws(Failure) in
            try callbacks.finish?(host, Bytes(merged), Output(host))
        }
    }

    static func equal(_ host: HostPointer?, _ left: talkoot_bytes, _ right: talkoot_bytes, _ same: UnsafeMutablePointer<Bool>?) -> Int32 {
        call(host) { (callbacks, host) throws(Failure) in
            guard let equal = callbacks.equal, let same else { return }
            same.pointee = try equal(host, Bytes(left), Bytes(right))
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of a C view.
    init(_ bytes: talkoot_bytes) {
        self.init(start: bytes.size == 0 ? nil : bytes.data, count: bytes.data == nil ? 0 : bytes.size)
    }
}
