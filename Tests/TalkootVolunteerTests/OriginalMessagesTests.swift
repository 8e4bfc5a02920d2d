import NIOCore
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import Testing

/// A client that knows only the original messages, connected to a volunteer in clear text on loopback.
@Suite("A volunteer and the original messages", .timeLimit(.minutes(1)))
struct OriginalMessagesTests {
    private func ask(_ message: Message, _ arena: Arena, _ coordinator: ScriptedCoordinator) async throws -> Message? {
        let connection = try await arena.connect(coordinator, framing: .lines, security: .clear)
        connection.send(message)
        return await coordinator.next { if case .message(let reply) = $0 { reply } else { nil } }
    }

    private func client() throws -> ScriptedCoordinator {
        let numbers = try TinyModule.numbers.get()
        return ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: nil)
    }

    @Test("A request names a module: yes when it is here and allowed, no when not")
    func request() async throws {
        let numbers = try TinyModule.numbers.get()
        try await Arena.with { arena in
            _ = try arena.store.add(path: numbers.package.path)
            let yes = try await ask(.request(.init(title: "t", info: "i", moduleName: "numbers")), arena, client())
            #expect(yes == .response(.init(reply: "yes")))
            guard case .response(let no) = try await ask(.request(.init(title: "t", info: "i", moduleName: "/etc/passwd")), arena, client())
            else {
                Issue.record("no answer")
                return
            }
            #expect(no.reply == "no" && no.reason?.contains("no module") == true)
        }
    }

    @Test("The list of modules and a module's package can be had, to the byte")
    func modules() async throws {
        let numbers = try TinyModule.numbers.get()
        try await Arena.with { arena in
            _ = try arena.store.add(path: numbers.package.path)
            let listing = try client()
            let reply = try await ask(.get(.init("modlist")), arena, listing)
            #expect(reply == .getReply(.init("yes", size: 11)))
            #expect(String(decoding: await body(listing), as: UTF8.self) == "[\"numbers\"]")
            let fetching = try client()
            let second = try await ask(.get(.init("module", moduleName: "numbers")), arena, fetching)
            #expect(second == .getReply(.init("yes", size: UInt64(numbers.bytes.count))))
            #expect(await body(fetching) == numbers.bytes)
            guard case .getReply(let missing) = try await ask(.get(.init("module", moduleName: "../numbers")), arena, client()) else {
                Issue.record("no answer")
                return
            }
            #expect(missing.response == "no")
        }
    }

    private func body(_ client: ScriptedCoordinator) async -> [UInt8] {
        var bytes: [UInt8] = []
        while let (part, isLast) = await client.next({ if case .body(let part, let isLast) = $0 { (part, isLast) } else { nil } }) {
            bytes += Array(part.readableBytesView)
            if isLast { break }
        }
        return bytes
    }

    @Test("Status, login, peer list and quit get the replies that a volunteer has")
    func others() async throws {
        try await Arena.with(slots: 3) { arena in
            guard case .status(let status) = try await ask(.status(.init(name: "")), arena, client()) else {
                Issue.record("no status")
                return
            }
            #expect(status.status == "active")
            guard case .loginReply(let login) = try await ask(.login(.init(name: "ann", password: "x")), arena, client()) else {
                Issue.record("no reply")
                return
            }
            #expect(login.content == "no")
            guard case .getReply(let peers) = try await ask(.get(.init("peerlist")), arena, client()) else {
                Issue.record("no reply")
                return
            }
            #expect(peers.response == "no")
            let leaving = try client()
            let connection = try await arena.connect(leaving, framing: .lines, security: .clear)
            connection.send(.quit)
            await leaving.end()
        }
    }
}
