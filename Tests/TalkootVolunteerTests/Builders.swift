import TalkootCore
import TalkootProtocol

@testable import TalkootVolunteer

let aliceDigest = Digest(bytes: [UInt8](repeating: 7, count: 32)) ?? Digest(bytes: [UInt8](repeating: 0, count: 32))!
let asker = Governor.Asker(address: "192.0.2.7", peer: PeerID(digest: aliceDigest))

func job(
    _ id: UInt64 = 1, module: Digest = aliceDigest, packageBytes: UInt64 = 1000, units: UInt64 = 100, inputBytes: UInt64 = 0,
    limits: CellLimits = CellLimits(), minimumLevel: ConfinementLevel = .landlocked, parameters: [String: ParameterValue] = [:]
) -> Message.JobDescription {
    Message.JobDescription(
        id: JobID(rawValue: id), requester: "alice", module: module, packageBytes: packageBytes, parameters: parameters,
        shape: JobShape(items: units, itemsPerUnit: 1), seed: 5, inputBytes: inputBytes, limits: limits, minimumLevel: minimumLevel)
}

func request(_ job: Message.JobDescription?, module: String = "primes") -> Message.WorkRequest {
    Message.WorkRequest(title: "primes below a billion", info: "", moduleName: module, job: job)
}

func policy(
    _ accept: AcceptPolicy = .any, trusted: Set<String> = [], memoryBytes: UInt64 = 256 << 20, threads: Int = 1,
    minimumLevel: ConfinementLevel = .landlocked, level: ConfinementLevel = .full
) -> Governor.Policy {
    Governor.Policy(
        accept: accept, trusted: trusted, memoryBytes: memoryBytes, threads: threads, unitSeconds: 100, minimumLevel: minimumLevel,
        level: level)
}

extension Governor.Decision {
    var admission: Governor.Admission? {
        switch self {
        case .yes(let admission, _), .ask(let admission): admission
        case .no: nil
        }
    }

    var isYes: Bool { if case .yes = self { true } else { false } }

    var reason: TalkootError? { if case .no(let error) = self { error } else { nil } }
}
