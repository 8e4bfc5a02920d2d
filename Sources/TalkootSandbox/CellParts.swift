import CTalkootSystem
import Glibc
import TalkootCore

/// Everything that has to exist before a cell can start.
struct CellParts {
    /// Closes what nobody takes out of it.
    let open = OpenDescriptors()
    let request: SharedMemory
    let response: SharedMemory
    /// What the cell starts with, in its order.
    let ofCell: [Int32]
    /// The counter that tells the cell of calls.
    let calls: Int32
    /// Our end of the pipe of its answers.
    let answers: Int32
    /// The same of a template's units; nil in other cells.
    let unitAnswers: Int32?
    /// The library as the cell has it.
    let module: Int32
    /// Our end of its log.
    let log: Int32

    /// - Throws: ``TalkootError`` `cannotCreate` when the system has no memory or descriptors left, `usage` when the parameters are too long.
    init(_ configuration: CellConfiguration, library: LibraryImage?, isTemplate: Bool) throws(TalkootError) {
        request = try SharedMemory(name: "request", sizeBytes: CellConfiguration.requestBytes)
        let bytes = try configuration.encoded()
        bytes.withUnsafeBytes { [request] in request.write($0, at: 0) }
        response = try SharedMemory(
            name: "response", sizeBytes: CellConfiguration.responseBytes(outputBytes: configuration.limits.outputBytes))
        let null = try open.keep(Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC))
        module = if let library { open.keep(try library.reopen()) } else { null }
        let requestOfCell = open.keep(try request.reopenReadOnly())
        let logBytes = Int(clamping: configuration.limits.logBytes)
        let log = try open.pipe { talkoot_log_pipe($0, logBytes) }
        let answers = try open.pipe(talkoot_answers_pipe)
        let ofUnits = isTemplate ? try open.pipe(talkoot_answers_pipe) : nil
        calls = try open.keep(talkoot_calls_create())
        (self.log, self.answers, unitAnswers) = (log.reader, answers.reader, ofUnits?.reader)
        ofCell = [
            null, log.writer, log.writer, calls, module, answers.writer, requestOfCell, response.file.number, ofUnits?.writer ?? null,
        ]
    }
}

/// Descriptors that are closed together, but for those that somebody takes out.
final class OpenDescriptors {
    private var numbers: Set<Int32> = []

    deinit { for number in numbers { close(number) } }

    /// Takes one in, as a system call gave it.
    func keep(_ number: Int32) throws(TalkootError) -> Int32 {
        try check(number < 0 ? (number == -1 ? errno : -number) : 0)
        numbers.insert(number)
        return number
    }

    /// Takes one in.
    func keep(_ descriptor: consuming Descriptor) -> Int32 {
        let number = descriptor.release()
        numbers.insert(number)
        return number
    }

    /// Takes both ends of a pipe in.
    func pipe(_ make: (UnsafeMutablePointer<Int32>) -> Int32) throws(TalkootError) -> (reader: Int32, writer: Int32) {
        var pair: [Int32] = [-1, -1]
        try check(-make(&pair))
        numbers.formUnion(pair)
        return (pair[0], pair[1])
    }

    /// Takes one out.
    func take(_ number: Int32) -> Descriptor {
        numbers.remove(number)
        return Descriptor(number)
    }

    private func check(_ error: Int32) throws(TalkootError) {
        guard error > 0 else { return }
        throw TalkootError(
            .cannotCreate, "what a cell needs cannot be made: \(SystemMessage.text(error))", remedy: "raise the limit of open files")
    }
}
