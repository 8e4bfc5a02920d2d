import TalkootCore
import Testing

@testable import TalkootCoordinator

@Suite("MergeTree")
struct MergeTreeTests {
    /// The text of the tree's shape: `(0 1 2)`.
    private func shape(_ count: Int, groupBytes: Int = .max) throws -> String? {
        var tree = MergeTree(groupBytes: groupBytes)
        for unit in 0..<count { try tree.add(Array("\(unit)".utf8), fold: fold) }
        return try tree.finish(fold: fold).map { String(decoding: $0, as: UTF8.self) }
    }

    private func fold(_ group: [[UInt8]]) throws(TalkootError) -> [UInt8] {
        Array("(\(group.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")))".utf8)
    }

    private func run(_ range: Range<Int>) -> String { "(" + range.map(String.init).joined(separator: " ") + ")" }

    @Test("No result gives nothing, one gives itself, a few are folded at once")
    func small() throws {
        #expect(try shape(0) == nil)
        #expect(try shape(1) == "0")
        #expect(try shape(3) == "(0 1 2)")
        #expect(try shape(32) == run(0..<32))
    }

    @Test("Thirty-three results make a node of 32 and one that rises alone")
    func oneMore() throws {
        #expect(try shape(33) == "(\(run(0..<32)) 32)")
        #expect(try shape(70) == "(\(run(0..<32)) \(run(32..<64)) \(run(64..<70)))")
    }

    @Test("Every leaf is there once, in order, for any number of results", arguments: [1, 31, 32, 33, 1_023, 1_024, 1_025, 5_000])
    func leaves(count: Int) throws {
        let text = try #require(try shape(count))
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        #expect(numbers == Array(0..<count))
    }

    @Test("A group that grows large is folded early, by its bytes alone")
    func bytes() throws {
        #expect(try shape(5, groupBytes: 2) == "(((0 1) (2 3)) 4)")
    }
}

@Suite("OutputFile")
struct OutputFileTests {
    @Test("A file appears under its name only when it is complete, and leaves nothing behind otherwise")
    func appears() throws {
        try TemporaryDirectory.with { directory in
            do {
                let dropped = try OutputFile(path: directory.path + "/out")
                try dropped.append([1, 2, 3])
                #expect(!directory.names.contains("out"))
            }
            #expect(directory.names.isEmpty)
            let file = try OutputFile(path: directory.path + "/out")
            try file.append([4, 5])
            try file.commit()
            #expect(directory.names == ["out"])
        }
    }

    @Test("A missing directory or a directory in its place cannot be created")
    func refused() throws {
        try TemporaryDirectory.with { directory in
            for path in [directory.path + "/none/out", directory.path] {
                let error = #expect(throws: TalkootError.self) { try OutputFile.probe(path: path) }
                #expect(error?.code == .cannotCreate)
            }
        }
    }

    @Test("A full disk is said in words")
    func full() throws {
        try TemporaryDirectory.with { directory in
            let file = try OutputFile(path: directory.path + "/out")
            _ = file
            let error = TalkootError.system("cannot write", path: "/x/out", error: 28)
            #expect(error.code == .inputOutput)
            #expect(error.description.contains("no space left"))
        }
    }
}
