import CTalkoot

/// What the host offers during a call: the job's parameters, progress, checkpoints, a log.
///
/// A parameter is read by the name and type that `module.yaml` declares; any other name ends the call as failed.
public struct Host {
    private let pointer: HostPointer

    init(_ pointer: HostPointer) { self.pointer = pointer }

    /// A parameter of type `integer`.
    public func integer(_ name: StaticString) -> Int64 { pointer.pointee.integer(pointer, name.characters) }

    /// A parameter of type `real`.
    public func real(_ name: StaticString) -> Double { pointer.pointee.real(pointer, name.characters) }

    /// A parameter of type `flag`.
    public func flag(_ name: StaticString) -> Bool { pointer.pointee.flag(pointer, name.characters) }

    /// A parameter of type `text`.
    public func text(_ name: StaticString) -> String {
        guard let characters = pointer.pointee.text(pointer, name.characters) else { return "" }
        return String(cString: characters)
    }

    /// Whether the host wants its processor back. Cheap: ask every millisecond or so, leave a checkpoint, throw ``Failure/stopped``.
    public var shouldStop: Bool { pointer.pointee.should_stop(pointer) }

    /// Says how many of the unit's items are done.
    public func progress(_ items: UInt64) { pointer.pointee.progress(pointer, items) }

    /// Keeps bytes as the unit's newest checkpoint; a later try finds them in ``Unit/checkpoint``.
    public func checkpoint(_ bytes: Bytes) { _ = pointer.pointee.checkpoint(pointer, bytes.baseAddress, bytes.count) }

    /// A line for the module's author.
    public func log(_ message: String) {
        message.withCString { pointer.pointee.log(pointer, TALKOOT_LOG_INFO, $0) }
    }

    func fail(_ message: String) -> Int32 { message.withCString { pointer.pointee.fail(pointer, $0) } }

    func write(_ bytes: Bytes) -> Bool { pointer.pointee.write(pointer, bytes.baseAddress, bytes.count) == TALKOOT_OK }

    func reserve(_ count: Int) -> UnsafeMutableRawPointer? { pointer.pointee.reserve(pointer, count) }
}

extension StaticString {
    /// Its characters for C: a literal ends with a zero byte.
    fileprivate var characters: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
