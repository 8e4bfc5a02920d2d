import ArgumentParser
import Glibc
import Synchronization
import TalkootCore

/// Where a running volunteer takes orders of its owner: a socket in its home, which only the owner can reach.
///
/// One order a connection: its word and a newline; the answer is text up to the end.
final class VolunteerDoor: Sendable {
    /// What a volunteer can be told.
    enum Order: String, ExpressibleByArgument, CaseIterable, Sendable { case status, pause, resume }

    /// The longest answer, in bytes.
    private static let answerBytes = 64 << 10
    /// How long either side waits for the other, in seconds.
    private static let patienceSeconds = 10

    private let listener: Int32
    private let path: String

    /// Listens. Another volunteer's door in the same home is replaced when nobody is behind it any more.
    ///
    /// - Throws: ``TalkootError`` `refused` when a volunteer runs with this home, `cannotCreate` when there can be no socket.
    init(home: Home, answer: @escaping @Sendable (Order) -> String) throws(TalkootError) {
        let path = home.directory + "/volunteer.sock"
        let other = Self.connect(home)
        if other >= 0 {
            Glibc.close(other)
            throw TalkootError(.refused, "a volunteer runs with \(home.directory) already", remedy: "give another --home")
        }
        unlink(path)
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let isBound = Self.withAddress(home) { bind(listener, $0, $1) == 0 }
        guard listener >= 0, isBound, chmod(path, 0o600) == 0, listen(listener, 8) == 0 else {
            Glibc.close(listener)
            throw FileFault.creating(path)
        }
        (self.listener, self.path) = (listener, path)
        var thread = pthread_t()
        let task = Unmanaged.passRetained(Task(listener: listener, answer: answer))
        guard
            pthread_create(
                &thread, nil,
                { argument in
                    if let argument { Unmanaged<Task>.fromOpaque(argument).takeRetainedValue().serve() }
                    return nil
                }, task.toOpaque()) == 0
        else {
            task.release()
            throw FileFault.creating(path)
        }
        pthread_detach(thread)
    }

    /// Takes no more orders.
    func close() {
        unlink(path)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private final class Task: Sendable {
        let listener: Int32
        let answer: @Sendable (Order) -> String

        init(listener: Int32, answer: @escaping @Sendable (Order) -> String) {
            self.listener = listener
            self.answer = answer
        }

        /// One connection after the other, until the listener is shut down.
        func serve() {
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard connection >= 0 else { break }
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                VolunteerDoor.limitPatience(connection)
                var word = [UInt8](repeating: 0, count: 16)
                let count = max(0, recv(connection, &word, word.count, 0))
                let text = String(decoding: word[..<count], as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
                let reply = Array((Order(rawValue: text).map(answer) ?? "what is \(text)?").utf8.prefix(VolunteerDoor.answerBytes))
                _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
                Glibc.close(connection)
            }
            Glibc.close(listener)
        }
    }

    /// Tells the volunteer that runs with this home something, and gives its answer.
    ///
    /// - Throws: ``TalkootError`` `unreachable` when there is none.
    static func tell(_ order: Order, home: Home) throws(TalkootError) -> String {
        let connection = connect(home)
        guard connection >= 0 else {
            throw TalkootError(.unreachable, "no volunteer runs with \(home.directory)", remedy: "start one with `talkoot volunteer`")
        }
        defer { Glibc.close(connection) }
        limitPatience(connection)
        let line = Array((order.rawValue + "\n").utf8)
        guard send(connection, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { throw silent(home) }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(connection, &piece, piece.count, 0), count != 0 {
            guard count > 0, answer.count < answerBytes else { throw silent(home) }
            answer += piece[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private static func silent(_ home: Home) -> TalkootError {
        TalkootError(.unreachable, "the volunteer of \(home.directory) does not answer", remedy: "look whether it is stopped")
    }

    private static func limitPatience(_ connection: Int32) {
        var time = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// A connection to the door of a home; negative when there is nobody.
    private static func connect(_ home: Home) -> Int32 {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard withAddress(home, { Glibc.connect(connection, $0, $1) == 0 }) else {
            Glibc.close(connection)
            return -1
        }
        return connection
    }

    /// The address by way of the open directory: an address holds 107 bytes, a home's path may be longer.
    private static func withAddress(_ home: Home, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        let directory = open(home.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { Glibc.close(directory) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: "/proc/self/fd/\(directory)/volunteer.sock".utf8)
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
