import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

struct MessageCodecTests {
    private static let exactSamples: [UInt64] = [0, 1, 9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_993, .max - 1, .max]

    @Test("The original messages have the bytes they had in 2016", arguments: ["original.jsonl", "messages.jsonl"])
    func goldenMessages(file: String) throws {
        for line in try Golden.lines(file) {
            #expect(String(buffer: MessageCodec.encode(try Message(line: line))) == line)
        }
    }

    @Test("Every type of message is in the golden files")
    func everyType() throws {
        let lines = try Golden.lines("original.jsonl") + Golden.lines("messages.jsonl")
        let types = Set(try lines.map { try Message(line: $0).typeName })
        #expect(types.count == 40)
    }

    @Test("A port is a number or a text, and absent or empty it is 0")
    func ports() throws {
        func port(_ field: String) -> UInt16? {
            let line = #"{"type":"login","uname":"a","pwd":"b","status":"active"\#(field)}"#
            guard case .login(let credentials)? = try? Message(line: line) else { return nil }
            return credentials.port
        }
        #expect(port(#","port":7120"#) == 7120)
        #expect(port(#","port":"7120""#) == 7120)
        #expect(port(#","port":"""#) == 0)
        #expect(port("") == 0)
        for wrong in ["65536", "-1", "7.5", "\"x\"", "\"+7\"", "[]", "true", "1e3"] { #expect(port(",\"port\":\(wrong)") == nil) }
    }

    @Test("Unknown fields are ignored, and the order of keys is free")
    func openness() throws {
        let message = try Message(line: #" {"x":[{}],"content":"module","modname":"p","type":"get"} "#)
        #expect(message == .get(Message.Get("module", moduleName: "p")))
    }

    @Test(
        "What is no message gets a fault that names the mistake",
        arguments: [
            ("", "too early"), ("[]", "JSON object"), ("{}", "\"type\""), (#"{"type":1}"#, "\"type\""),
            (#"{"type":"fly"}"#, "unknown type"),
            (#"{"type":"get"}"#, "\"content\" in \"get\" is to be text"), (#"{"type":"login","uname":"a"}"#, "\"pwd\""),
            (#"{"type":"quit"}x"#, "follows"), (#"{"type":"quit","type":"get"}"#, "twice"), (#"{"type":"quit""#, "comma"),
            (#"{"type":"modlist","modlist":["a",1]}"#, "list of texts"),
            (#"{"type":"grant","job":"0123456789abcdef","lease":1,"slot":0,"from":5,"to":5}"#, "above \"from\""),
            (#"{"type":"progress","job":"123","lease":1,"next":5}"#, "16 hexadecimal digits"),
            (#"{"type":"publish","modname":"a","size":-1}"#, "whole number"),
            (#"{"type":"have","job":"0123456789abcdef","subject":"input","bits":"0g"}"#, "hexadecimal"),
            (#"{"type":"holders","job":"0123456789abcdef","peers":[{},{},{},{},{},{},{},{},{}]}"#, "at most 8"),
            (#"{"type":"fetch","stream":1,"job":"0123456789abcdef","subject":"disk","offset":0,"length":1}"#, "\"module\", \"input\""),
            (#"{"type":"fetch","stream":1,"job":"0123456789abcdef","subject":"input","offset":0,"length":1048577}"#, "up to 1048576"),
        ] as [(String, String)])
    func faults(line: String, reason: String) {
        guard case .failure(let fault) = MessageCodec.decode(ByteBuffer(string: line)) else {
            Issue.record("\(line) was taken")
            return
        }
        #expect(fault.code == "bad-data")
        #expect(fault.reason.contains(reason), "\(fault.reason)")
    }

    @Test("A fault names the type that it refuses, shortened when it is long")
    func regarding() {
        let line = #"{"type":"\#(String(repeating: "x", count: 1000))"}"#
        guard case .failure(let fault) = MessageCodec.decode(ByteBuffer(string: line)) else { return }
        #expect(fault.regarding == String(repeating: "x", count: 32))
    }

    @Test("64-bit numbers survive exactly, as numbers and as text", arguments: exactSamples)
    func exactNumbers(number: UInt64) throws {
        let job = try #require(JobID("00000000000000ff"))
        let message = Message.progress(Message.Progress(job: job, lease: number, next: number))
        #expect(try MessageCodec.decode(MessageCodec.encode(message)).get() == message)
        for form in ["\(number)", "\"\(number)\""] {
            #expect(try Message(line: #"{"type":"progress","job":"00000000000000ff","lease":\#(form),"next":\#(form)}"#) == message)
        }
    }

    @Test("Parameters keep type and value", arguments: [Int64.min, -1, 0, Int64.max])
    func parameters(number: Int64) throws {
        let finite = Double(bitPattern: UInt64(bitPattern: number) & 0x7FEF_FFFF_FFFF_FFFF)
        let parameters: [String: ParameterValue] = [
            "i": .integer(number), "r": .real(finite), "inf": .real(-.infinity), "z": .real(-0.0), "f": .flag(number < 0),
            "t": .text("\u{0}\n\u{1F600}\"\\/"),
        ]
        let message = Message.request(.sample(parameters: parameters))
        #expect(try MessageCodec.decode(MessageCodec.encode(message)).get() == message)
    }

    @Test("A level that this version does not know counts as the next lower one")
    func unknownLevel() throws {
        func level(_ number: Int) throws -> ConfinementLevel? {
            guard case .status(let status) = try Message(line: #"{"type":"status","uname":"","level":\#(number)}"#) else { return nil }
            return status.level
        }
        #expect(try level(3) == .landlocked)
        #expect(try level(9) == .full)
    }

    @Test("A message beyond its length, its depth or its number of keys is refused")
    func bounds() {
        func reason(_ line: String) -> String {
            guard case .failure(let fault) = MessageCodec.decode(ByteBuffer(string: line)) else { return "taken" }
            return fault.reason
        }
        let nested = { (depth: Int) -> String in
            let (open, close) = (String(repeating: "[", count: depth), String(repeating: "]", count: depth))
            return #"{"type":"quit","x":\#(open)\#(close)}"#
        }
        #expect(reason(nested(31)) == "taken")
        #expect(reason(nested(32)).contains("nested deeper than 32"))
        let keyed = { (keys: Int) -> String in
            let fields = (1..<keys).map { ",\"\($0)\":0" }.joined()
            return #"{"type":"quit"\#(fields)}"#
        }
        #expect(reason(keyed(1000)) == "taken")
        #expect(reason(keyed(1001)).contains("more than 1000 keys"))
        let long = { (bytes: Int) -> String in #"{"type":"quit"}"# + String(repeating: " ", count: bytes - 15) }
        #expect(reason(long(65_536)) == "taken")
        #expect(reason(long(65_537)).contains("at most 65536"))
    }

    @Test("100,000 damaged messages are read or refused, and what is read is written so that it reads the same")
    func damaged() throws {
        let seed: UInt64 = 20_261_123
        var random = SeededRandom(seed: seed)
        let lines = try (Golden.lines("original.jsonl") + Golden.lines("messages.jsonl")).map { Array($0.utf8) }
        for round in 0..<100_000 {
            let bytes = random.mutate(lines[round % lines.count])
            guard case .success(let message) = MessageCodec.decode(ByteBuffer(bytes: bytes)) else { continue }
            let again = try? MessageCodec.decode(MessageCodec.encode(message)).get()
            if again != message { Issue.record("seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))") }
        }
    }
}

extension Message.WorkRequest {
    static func sample(parameters: [String: ParameterValue] = [:]) -> Message.WorkRequest {
        let job = Message.JobDescription(
            id: JobID(rawValue: 1), requester: "ann", module: Digest(bytes: [UInt8](repeating: 1, count: 32))!, packageBytes: 1,
            parameters: parameters, shape: JobShape(items: 10, itemsPerUnit: 3), seed: .max, inputBytes: 0, limits: CellLimits(),
            minimumLevel: .full)
        return Message.WorkRequest(title: "t", info: "i", moduleName: "m", job: job)
    }
}
