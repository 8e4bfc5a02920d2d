import Foundation
import Glibc
import TalkootStore
import Testing

@testable import TalkootTracker

@Suite("After kill -9 of a tracker")
struct KillTests {
    @Test("Every account that was acknowledged is there", arguments: [3, 40])
    func signups(_ count: Int) async throws {
        let scratch = try Scratch()
        let (directory, acknowledged) = (scratch("tracker"), scratch("acknowledged"))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = directory as String, acknowledged = acknowledged as String, count = count as Int] in
            let tracker = try await RunningTracker(directory: directory)
            let port = tracker.port
            try await blocking { try signUpUntilKilled(port, acknowledged, count) }
        }
        let store = try TrackerDatabase(directory: directory)
        let names = try String(contentsOfFile: acknowledged, encoding: .utf8).split(separator: "\n")
        #expect(names.count >= count)
        for name in names { #expect(try store.account(named: String(name)) != nil) }
    }
}

/// Sends signups faster than they are answered, writes down each that is acknowledged, and kills the process after `count` of them.
private func signUpUntilKilled(_ port: Int, _ acknowledged: String, _ count: Int) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
    }
    precondition(connected == 0, "the tracker listens")
    let lines = (0..<count + 20).map { "{\"type\":\"signup\",\"uname\":\"a\($0)\",\"pwd\":\"p\",\"port\":0}\n" }.joined()
    _ = Array(lines.utf8).withUnsafeBytes { send(socket, $0.baseAddress, $0.count, 0) }
    let descriptor = open(acknowledged, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var (heard, buffer) = (0, [UInt8](repeating: 0, count: 4096))
    while true {
        let got = recv(socket, &buffer, buffer.count, 0)
        precondition(got > 0, "the tracker answers")
        for byte in buffer[..<got] where byte == 10 {
            let line = Array("a\(heard)\n".utf8)
            _ = write(descriptor, line, line.count)
            heard += 1
            if heard >= count { kill(getpid(), SIGKILL) }
        }
    }
}
