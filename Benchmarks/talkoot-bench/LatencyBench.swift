import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

/// One unit at a time to a warm volunteer over TLS: from sending the grant to having the result, in microseconds.
///
/// The volunteer must know the package already; nothing is fetched from here.
enum LatencyBench {
    static func run(volunteer: String, package path: String, times: Int) async throws {
        guard let endpoint = PeerEndpoint(volunteer) else { throw TalkootError(.usage, "\(volunteer) is no HOST:PORT#PEER-ID") }
        let package = try ModulePackage.read(path: path)
        let network = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: Logger(label: "bench"))
        var generator = SystemRandomNumberGenerator()
        let shape = JobShape(items: UInt64(times), itemsPerUnit: 1)
        let job = Message.JobDescription(
            id: .random(using: &generator), requester: "bench", module: package.digest, packageBytes: UInt64(package.fileBytes),
            parameters: ["units": .integer(Int64(times)), "spin": .integer(0)], shape: shape, seed: 1, inputBytes: 0,
            limits: CellLimits(memoryBytes: 16 << 20), minimumLevel: .landlocked)
        let latencies = try await withCheckedThrowingContinuation { continuation in
            let pinger = Pinger(job: job, name: package.manifest.name, continuation)
            Task {
                do {
                    _ = try await network.connect(to: endpoint, framing: .frames, handler: pinger)
                } catch {
                    pinger.end(.failure(error))
                }
            }
        }
        await network.shutdown()
        Measure.report("latency-unit-us", latencies.dropFirst(100).map { $0 })
    }
}

/// Grants a unit, waits for its commit, acknowledges it, grants the next.
private final class Pinger: PeerHandler {
    private struct State {
        var continuation: CheckedContinuation<[Double], any Error>?
        var latencies: [Double] = []
        var sent = ContinuousClock.now
    }

    private let job: Message.JobDescription
    private let name: String
    private let state: Mutex<State>

    init(job: Message.JobDescription, name: String, _ continuation: CheckedContinuation<[Double], any Error>) {
        self.job = job
        self.name = name
        state = Mutex(State(continuation: continuation))
    }

    func connected(_ connection: PeerConnection) {
        connection.send(.request(Message.WorkRequest(title: "bench", info: "latency of one unit", moduleName: name, job: job)))
    }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(.response(let response)) where response.reply != "yes":
            end(.failure(TalkootError(.refused, "the volunteer said no: \(response.reason ?? "")")))
        case .message(.ready): grant(0, on: connection)
        case .commit(let commit):
            let count = state.withLock { state in
                state.latencies.append((ContinuousClock.now - state.sent) / .microseconds(1))
                return UInt64(state.latencies.count)
            }
            connection.send(.acknowledge(Message.Acknowledgement(job: job.id, lease: commit.lease, units: commit.units)))
            guard count < job.shape.units else {
                connection.send(.cancel(Message.Cancellation(job: job.id, reason: "done")))
                connection.close()
                return end(.success(state.withLock(\.latencies)))
            }
            grant(count, on: connection)
        default: break
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {
        end(.failure(error ?? TalkootError(.unreachable, "the volunteer closed the connection")))
    }

    func end(_ result: Result<[Double], any Error>) {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(with: result)
    }

    private func grant(_ unit: UInt64, on connection: PeerConnection) {
        state.withLock { $0.sent = .now }
        connection.send(.grant(Message.Grant(job: job.id, lease: unit + 1, slot: 0, units: unit..<unit + 1)))
    }
}
