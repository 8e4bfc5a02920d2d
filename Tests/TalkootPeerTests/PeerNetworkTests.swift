import Glibc
import NIOCore
import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootPeer

@Suite(.timeLimit(.minutes(2)))
struct PeerNetworkTests {
    @Test("Two peers over frames and TLS know each other's keys and features, and what is sent arrives in order")
    func framesOverTLS() async throws {
        try await TestPeers.run { peers in
            let dialled = Recorder()
            let connection = try await peers.client.connect(
                to: peers.endpoint(pin: peers.server.identity?.id), framing: .frames, handler: dialled)
            #expect(connection.remote.peer == peers.server.identity?.id)
            #expect(connection.remote.isEncrypted && connection.remote.isLoopback)
            #expect(connection.features == Set(Feature.all))
            await peers.accepted.untilConnected()
            #expect(peers.accepted.connection?.remote.peer == peers.client.identity?.id)
            #expect(peers.accepted.connection?.framing == .frames)

            let commit = Commit(
                job: JobID(rawValue: 1), lease: 1, units: 0..<1, resultEnds: [3 << 20], bytes: [UInt8](repeating: 5, count: 3 << 20))
            let chunk = Chunk(stream: 1, offset: 0, bytes: ByteBuffer(repeating: 6, count: Limits.chunkBytes), isLast: true)
            let progress = Message.progress(Message.Progress(job: JobID(rawValue: 1), lease: 1, next: 1))
            connection.send(progress)
            connection.send(commit)
            connection.send(chunk)
            connection.send(progress)
            #expect(await peers.accepted.events(atLeast: 4) == [.message(progress), .commit(commit), .chunk(chunk), .message(progress)])
        }
    }

    @Test("Messages sent from many threads all arrive, and those of one thread in order")
    func manyThreads() async throws {
        try await TestPeers.run { peers in
            let connection = try await peers.client.connect(to: peers.endpoint(), framing: .frames, handler: Recorder())
            await withTaskGroup(of: Void.self) { group in
                for lease: UInt64 in 0..<8 {
                    group.addTask {
                        for next: UInt64 in 0..<500 { connection.send(Commit(lease: lease, next: next)) }
                    }
                }
            }
            var next: [UInt64: UInt64] = [:]
            for event in await peers.accepted.events(atLeast: 4000) {
                guard case .commit(let commit) = event else { continue }
                #expect(commit.units.lowerBound == next[commit.lease, default: 0])
                next[commit.lease] = commit.units.upperBound
            }
            #expect(next.values.allSatisfy { $0 == 500 } && next.count == 8)
        }
    }

    @Test("A peer whose key is not the pinned one is refused before anything is sent to it")
    func wrongPin() async throws {
        try await TestPeers.run { peers in
            let error = await #expect(throws: TalkootError.self) {
                try await peers.client.connect(
                    to: peers.endpoint(pin: peers.client.identity?.id), framing: .frames, handler: Recorder())
            }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("pinned") == true)
            #expect(peers.accepted.connection == nil)
        }
    }

    @Test("A refused peer is told why, in frames and in lines", arguments: [Framing.frames, .lines])
    func refusedPeer(framing: Framing) async throws {
        let ban: @Sendable (RemotePeer) -> TalkootError? = { _ in TalkootError(.refused, "you are banned") }
        try await TestPeers.run(admit: ban) { peers in
            let dialled = Recorder()
            if framing == .frames {
                let error = await #expect(throws: TalkootError.self) {
                    try await peers.client.connect(to: peers.endpoint(), framing: framing, handler: dialled)
                }
                #expect(error?.message.contains("you are banned") == true)
            } else {
                let connection = try await peers.client.connect(to: peers.endpoint(), framing: framing, handler: dialled)
                connection.send(.get(Message.Get("modlist")))
                let events = await dialled.events(atLeast: 1)
                guard case .message(.error(let fault))? = events.first else {
                    Issue.record("\(events)")
                    return
                }
                #expect(fault.code == "refused")
            }
            #expect(peers.accepted.connection == nil)
        }
    }

    @Test("A peer without a key is served, and has no name")
    func noKey() async throws {
        try await TestPeers.run(clientHasKey: false) { peers in
            _ = try await peers.client.connect(to: peers.endpoint(), framing: .frames, handler: Recorder())
            await peers.accepted.untilConnected()
            #expect(peers.accepted.connection?.remote.peer == nil)
            #expect(peers.accepted.connection?.remote.isEncrypted == true)
        }
    }

    @Test("Clear lines are served on loopback")
    func clearOnLoopback() async throws {
        let echo = Recorder { event, connection in
            if case .message(let message) = event { connection.send(message) }
        }
        try await TestPeers.run(accepted: echo) { peers in
            let dialled = Recorder()
            let connection = try await peers.client.connect(to: peers.endpoint(), framing: .lines, security: .clear, handler: dialled)
            connection.send(.moduleList(["primes"]))
            #expect(await dialled.events(atLeast: 1) == [.message(.moduleList(["primes"]))])
            #expect(echo.connection?.remote.isEncrypted == false)
        }
    }

    @Test("Clear text from another address than loopback is refused on both sides")
    func clearElsewhere() async throws {
        guard let address = TestAddress.outside() else { return }
        try await TestPeers.run(host: "0.0.0.0") { peers in
            let endpoint = PeerEndpoint(host: address, port: peers.listener.port)
            let error = await #expect(throws: TalkootError.self) {
                try await peers.client.connect(to: endpoint, framing: .lines, security: .clear, handler: Recorder())
            }
            #expect(error?.code == .refused)
            let answer = try await RawSocket.talk(host: address, port: peers.listener.port, "{\"type\":\"get\",\"content\":\"modlist\"}\n")
            #expect(answer.contains("\"code\":\"refused\"") && answer.contains("TLS"))
            #expect(peers.accepted.connection == nil)
        }
    }

    @Test("What is neither TLS nor lines nor frames gets one error line and is closed")
    func stranger() async throws {
        try await TestPeers.run { peers in
            let answer = try await RawSocket.talk(host: "127.0.0.1", port: peers.listener.port, "GET / HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("{\"type\":\"error\",\"re\":\"\",\"code\":\"bad-data\"") && answer.hasSuffix("}\n"))
        }
    }

    @Test("A port in use, a port that nobody listens on and an unknown name are told with a remedy")
    func failures() async throws {
        try await TestPeers.run { peers in
            let inUse = await #expect(throws: TalkootError.self) {
                try await peers.client.listen(host: "127.0.0.1", port: peers.listener.port) { _ in Recorder() }
            }
            #expect(inUse?.code == .cannotCreate && inUse?.message == "port \(peers.listener.port) is in use" && inUse?.remedy != "")
            await peers.listener.close()
            let refused = await #expect(throws: TalkootError.self) {
                try await peers.client.connect(to: peers.endpoint(), framing: .lines, handler: Recorder())
            }
            #expect(refused?.code == .unreachable && refused?.message.contains("nobody listens") == true && refused?.remedy != "")
            let unknown = await #expect(throws: TalkootError.self) {
                try await peers.client.connect(to: PeerEndpoint(host: "no.such.host.invalid"), framing: .lines, handler: Recorder())
            }
            #expect(unknown?.code == .unreachable && unknown?.remedy != "")
        }
    }

    @Test("A listener that says nothing is given up after the time that was asked for")
    func silentListener() async throws {
        let silent = try RawSocket.listener()
        defer { close(silent.descriptor) }
        let network = PeerNetwork(identity: try .ephemeral(), logger: TestPeers.logger)
        let error = await #expect(throws: TalkootError.self) {
            try await network.connect(
                to: PeerEndpoint(host: "127.0.0.1", port: silent.port), framing: .frames, handler: Recorder(), timeout: .milliseconds(200))
        }
        #expect(error?.code == .unreachable && error?.message.contains("no answer") == true)
        await network.shutdown()
    }

    @Test("A fault given to close reaches the other side, and then the connection is closed")
    func closeWithFault() async throws {
        try await TestPeers.run { peers in
            let dialled = Recorder()
            _ = try await peers.client.connect(to: peers.endpoint(), framing: .frames, handler: dialled)
            await peers.accepted.untilConnected()
            let fault = Message.Fault(regarding: "", code: "try-later", reason: "going down")
            peers.accepted.connection?.close(after: fault)
            #expect(await dialled.events(atLeast: 1) == [.message(.error(fault))])
            #expect(await dialled.untilClosed() == nil)
            #expect(await peers.accepted.untilClosed() == nil)
        }
    }

    @Test("A side that does not read makes the other one unwritable, and writable again when it reads")
    func backPressure() async throws {
        try await TestPeers.run { peers in
            let dialled = Recorder()
            let connection = try await peers.client.connect(to: peers.endpoint(), framing: .frames, handler: dialled)
            await peers.accepted.untilConnected()
            peers.accepted.connection?.pauseReading()
            var sent = 0
            while connection.isWritable {
                connection.send(Chunk(stream: 0, offset: 0, bytes: ByteBuffer(repeating: 0, count: 1 << 20), isLast: false))
                sent += 1
                try await connection.eventLoop.submit {}.get()
            }
            #expect(sent < 64)
            peers.accepted.connection?.resumeReading()
            #expect(await dialled.events(atLeast: 1).last == .writable)
            #expect(await peers.accepted.events(atLeast: sent).count == sent)
            #expect(connection.isWritable)
        }
    }

    @Test("A sender that ignores the limit of what may wait is closed with an error")
    func outboundCap() async throws {
        try await TestPeers.run { peers in
            let dialled = Recorder()
            let connection = try await peers.client.connect(to: peers.endpoint(), framing: .frames, handler: dialled)
            await peers.accepted.untilConnected()
            peers.accepted.connection?.pauseReading()
            for _ in 0..<60 {
                connection.send(Chunk(stream: 0, offset: 0, bytes: ByteBuffer(repeating: 0, count: 1 << 20), isLast: false))
            }
            #expect(await dialled.untilClosed()?.message.contains("reads too slowly") == true)
        }
    }
}

extension Commit {
    init(lease: UInt64, next: UInt64) {
        self.init(job: JobID(rawValue: 1), lease: lease, units: next..<next + 1, resultEnds: [0], bytes: ByteBuffer())
    }
}
