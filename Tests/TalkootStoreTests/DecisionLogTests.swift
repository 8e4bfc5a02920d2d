import Foundation
import TalkootCore
import TalkootStore
import Testing

@Suite("A log of decisions")
struct DecisionLogTests {
    private func directory() throws -> String {
        var name = Array("/tmp/talkoot-decisions-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("gives back what was written, in order, without lines that a kill cut in two")
    func order() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try DecisionLog.read(directory: directory) == [])
        let job = JobID(rawValue: 7)
        let first = Decision(.unitFailed, at: 1, job: job, units: 5..<6, volunteer: "ann", "unit 5 failed", remedy: "nothing")
        let second = Decision(.convicted, at: 2, job: job, units: 5..<9, volunteer: "bob", "bob lied \u{1F600}\n")
        DecisionLog(directory: directory).note(first)
        let handle = try #require(FileHandle(forWritingAtPath: directory + "/decisions.jsonl"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"code":"half"#.utf8))
        try handle.close()
        DecisionLog(directory: directory).note(second)
        #expect(try DecisionLog.read(directory: directory) == [first, second])
        #expect(second.units == 5...8)
    }

    @Test("keeps the newest and stays below two files of its size; a repetition within ten minutes is written once")
    func bounds() throws {
        let directory = try directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let log = DecisionLog(directory: directory)
        let words = String(repeating: "x", count: 4000)
        for number in 0..<4000 { log.note(Decision(.unitFailed, at: Int64(number), "\(number) \(words)")) }
        let decisions = try DecisionLog.read(directory: directory)
        #expect(decisions.last?.time == 3999)
        #expect(decisions.count > 800 && decisions.count < 2 * DecisionLog.fileBytes / 1000)
        #expect(decisions.allSatisfy { $0.message.utf8.count <= Decision.textBytes })
        let size = try FileManager.default.contentsOfDirectory(atPath: directory).reduce(0) { sum, name in
            sum + (try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.size] as? Int ?? 0)
        }
        #expect(size <= 2 * DecisionLog.fileBytes)
        for time in [5000, 5001, 5599, 5600] { log.note(Decision(.noVolunteers, at: Int64(time), "nobody is there")) }
        #expect(try DecisionLog.read(directory: directory).suffix(2).map(\.time) == [5000, 5600])
    }

    @Test("that cannot be written stops nothing")
    func unwritable() throws {
        let log = DecisionLog(directory: "/proc/nowhere")
        log.note(Decision(.started, at: 1, "work begins"))
        #expect(try DecisionLog.read(directory: "/proc/nowhere") == [])
    }
}
