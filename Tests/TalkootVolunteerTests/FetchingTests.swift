import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootVolunteer

@Suite("Fetching")
struct FetchingTests {
    @Test("Chunks of a fetch are taken in order, to the last byte")
    func inOrder() {
        var table = FetchTable()
        let fetch = table.begin(.package, job: JobID(rawValue: 1), range: 100..<110, at: .zero)
        #expect(fetch.offset == 100 && fetch.length == 10 && fetch.subject == .module)
        #expect(
            table.accept(stream: fetch.stream, offset: 100, count: 4, isLast: false, at: .zero)
                == .bytes(.package, offset: 100, isComplete: false))
        #expect(
            table.accept(stream: fetch.stream, offset: 104, count: 6, isLast: true, at: .zero)
                == .bytes(.package, offset: 104, isComplete: true))
        #expect(table.count(.package) == 0)
    }

    @Test("A gap, too many bytes, an early end and an unknown stream are violations")
    func violations() {
        var table = FetchTable()
        let stream = table.begin(.package, job: JobID(rawValue: 1), range: 0..<10, at: .zero).stream
        for (stream, offset, count, isLast) in [(stream, 1, 2, false), (stream, 0, 11, false), (stream, 0, 2, true), (99, 0, 1, false)]
            as [(UInt32, UInt64, Int, Bool)]
        {
            guard case .violation = table.accept(stream: stream, offset: offset, count: count, isLast: isLast, at: .zero) else {
                Issue.record("taken: \(stream) \(offset) \(count) \(isLast)")
                continue
            }
        }
    }

    @Test("A fetch that brings nothing for a minute is overdue, unless the machine slept")
    func overdue() {
        var table = FetchTable()
        _ = table.begin(.package, job: JobID(rawValue: 1), range: 0..<10, at: .zero)
        #expect(table.overdue(at: .seconds(59)).isEmpty)
        #expect(table.overdue(at: .seconds(61)) == [.package])
        table.forgiveSilence(at: .seconds(61))
        #expect(table.overdue(at: .seconds(100)).isEmpty)
    }

    @Test("Pieces that come back in any order are handed over in order, within the window", arguments: [1, 2, 3, 4] as [UInt64])
    func anyOrder(seed: UInt64) {
        var random = SplitMix(state: seed)
        let total = UInt64.random(in: 1...(20 << 20), using: &random)
        let window: UInt64 = 3 << 20
        var inflow = Inflow(7..<7 + total, windowBytes: window, windowCapBytes: window)
        var pending: [Range<UInt64>] = []
        var received: UInt64 = 0
        var isEnd = false
        while !isEnd {
            while let piece = inflow.nextPiece() { pending.append(piece) }
            #expect(pending.count <= VolunteerLimits.openPieces, "seed \(seed)")
            if let place = pending.indices.randomElement(using: &random) {
                let piece = pending.remove(at: place)
                inflow.arrived(
                    [UInt8](repeating: UInt8(piece.lowerBound >> 16 & 255), count: piece.count), at: piece.lowerBound, isComplete: true)
            }
            if case .bytes(let bytes, let end) = inflow.pull(held: 7 + received) {
                received += UInt64(bytes.count)
                isEnd = end
            }
        }
        #expect(received == total && pending.isEmpty, "seed \(seed)")
    }

    @Test("A unit larger than the window makes it grow, but only up to the cap")
    func growth() {
        var inflow = Inflow(0..<(100 << 20), windowBytes: 1 << 20, windowCapBytes: 10 << 20)
        var pulled: UInt64 = 0
        while true {
            while let piece = inflow.nextPiece() {
                inflow.arrived([UInt8](repeating: 0, count: piece.count), at: piece.lowerBound, isComplete: true)
            }
            switch inflow.pull(held: 0) {
            case .bytes(let bytes, _): pulled += UInt64(bytes.count)
            case .wait: continue
            case .failed(let error):
                #expect(error.code == .refused && pulled == 10 << 20)
                return
            }
            #expect(pulled <= 10 << 20)
        }
    }

    @Test("Input is cut into units, and a run may be asked for again from a unit inside the last one")
    func feed() throws {
        let text = Array("one\ntwo\nthree\nfour\nfive\nsix".utf8)
        let lease = SlotLedger.Lease(id: 1, units: 10..<16, firstUnit: 10, input: 50..<50 + UInt64(text.count))
        var feed = InputFeed(lease: lease, kind: .lines, shape: JobShape(items: 16, itemsPerUnit: 1))
        var sent = 0
        func pull(_ held: UInt64) throws(TalkootError) -> (bytes: [UInt8], isEnd: Bool) {
            #expect(held >= 50)
            defer { sent += 5 }
            return (Array(text[sent..<min(sent + 5, text.count)]), sent + 5 >= text.count)
        }
        let first = try feed.units(10..<13, pull: pull)
        #expect(String(decoding: first.bytes, as: UTF8.self) == "one\ntwo\nthree\n" && first.ends == [4, 8, 14])
        let again = try feed.units(11..<14, pull: pull)
        #expect(String(decoding: again.bytes, as: UTF8.self) == "two\nthree\nfour\n" && again.ends == [4, 10, 15])
        let inside = try feed.units(12..<13, pull: pull)
        #expect(String(decoding: inside.bytes, as: UTF8.self) == "three\n" && inside.ends == [6])
        let rest = try feed.units(13..<16, pull: pull)
        #expect(String(decoding: rest.bytes, as: UTF8.self) == "four\nfive\nsix" && rest.ends == [5, 10, 13])
    }

    @Test("A lease whose bytes do not hold its units is an error, not a hang")
    func shortFeed() throws {
        let lease = SlotLedger.Lease(id: 1, units: 0..<5, firstUnit: 0, input: 0..<4)
        var feed = InputFeed(lease: lease, kind: .lines, shape: JobShape(items: 5, itemsPerUnit: 1))
        #expect(throws: TalkootError.self) {
            try feed.units(0..<5) { _ throws(TalkootError) in (Array("a\nb\n".utf8), true) }
        }
    }
}
