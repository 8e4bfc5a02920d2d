import TalkootCore
import Testing

@testable import TalkootCoordinator

@Suite("A queue of jobs")
struct JobQueueTests {
    private func job(_ number: UInt64, of requester: String = "ann", priority: Int = 0, deadline: Int64? = nil) -> JobQueue.Entry {
        JobQueue.Entry(
            id: JobID(rawValue: number), requester: requester, priority: priority, deadline: deadline, created: Int64(number))
    }

    private func id(_ number: UInt64) -> JobID { JobID(rawValue: number) }

    private func seconds(_ seconds: Double) -> Tick { Tick.zero.advanced(bySeconds: seconds) }

    @Test(
        "starts jobs while there are seats; of one requester's the highest priority goes first, then the nearest deadline, then the oldest")
    func order() {
        var queue = JobQueue(seats: 1, at: .zero)
        #expect(queue.add(job(1), at: .zero) == [.start(id(1), seat: 0)])
        for entry in [job(2), job(3, deadline: 500), job(4, deadline: 400), job(5)] { #expect(queue.add(entry, at: .zero) == []) }
        #expect(queue.waiting == [4, 3, 2, 5].map(id))
        #expect(queue.remove(id(1), at: seconds(1)) == [.start(id(4), seat: 0)])
        #expect(queue.nearestDeadline == 500)
        #expect(queue.overdue(at: 499) == [] && queue.overdue(at: 500) == [id(3)])
    }

    @Test("has a job make room at once for one of the same requester with a higher priority, and takes it up again")
    func priority() {
        var queue = JobQueue(seats: 1, at: .zero)
        _ = queue.add(job(1), at: .zero)
        #expect(queue.add(job(2, priority: 5), at: seconds(1)) == [.stop(id(1), because: id(2))])
        #expect(queue.advance(to: seconds(2)) == [])
        #expect(queue.stopped(id(1), at: seconds(2)) == [.start(id(2), seat: 0)])
        #expect(queue.remove(id(2), at: seconds(3)) == [.start(id(1), seat: 0)])
    }

    @Test("gives a second requester a seat that the first one's jobs held, after a turn")
    func secondRequester() {
        var queue = JobQueue(seats: 2, at: .zero)
        for number in 1...3 { _ = queue.add(job(UInt64(number)), at: .zero) }
        #expect(Set(queue.running) == [id(1), id(2)])
        #expect(queue.add(job(9, of: "bob"), at: seconds(5)) == [])
        #expect(queue.nextDeadline == seconds(JobQueue.turnSeconds))
        let stopped = queue.advance(to: seconds(JobQueue.turnSeconds))
        #expect(stopped == [.stop(id(2), because: id(9))])
        #expect(queue.stopped(id(2), at: seconds(21)) == [.start(id(9), seat: 1)])
    }

    @Test("shares one seat between requesters by their shares, however many jobs each has", arguments: [1.0, 3.0])
    func shares(share: Double) {
        var queue = JobQueue(seats: 1, shares: ["bob": share], at: .zero)
        var running: JobID?
        var sat: [JobID: Double] = [:]
        func perform(_ effects: [JobQueue.Effect], at time: Tick) {
            for effect in effects {
                switch effect {
                case .start(let id, _): running = id
                case .stop(let id, _):
                    running = nil
                    perform(queue.stopped(id, at: time), at: time)
                }
            }
        }
        for entry in [job(1), job(2), job(3), job(9, of: "bob")] { perform(queue.add(entry, at: .zero), at: .zero) }
        for second in 1...6000 {
            if let running { sat[running, default: 0] += 1 }
            perform(queue.advance(to: seconds(Double(second))), at: seconds(Double(second)))
        }
        let bob = sat[id(9), default: 0] / 6000
        #expect(abs(bob - share / (1 + share)) < 0.02, "\(sat)")
    }

    @Test("asks for no more than its seats hold, and forgets jobs that are over", arguments: 1...20 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let seats = Int.random(in: 1...4, using: &random)
        var queue = JobQueue(seats: seats, at: .zero)
        var running: [JobID: Int] = [:]
        var stopping: Set<JobID> = []
        for step in 0..<400 {
            let now = seconds(Double(step) * 3)
            let effects: [JobQueue.Effect]
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let number = UInt64.random(in: 0..<1000, using: &random)
                effects = queue.add(job(number, of: "r\(number % 3)", priority: Int(number % 5)), at: now)
            case 1:
                guard let over = running.keys.min(), !stopping.contains(over) else { continue }
                running[over] = nil
                effects = queue.remove(over, at: now)
            case 2:
                guard let stopped = stopping.min() else { continue }
                stopping.remove(stopped)
                running[stopped] = nil
                effects = queue.stopped(stopped, at: now)
            default: effects = queue.advance(to: now)
            }
            for effect in effects {
                switch effect {
                case .start(let id, let seat):
                    #expect(!running.values.contains(seat) && running[id] == nil, "seed \(seed)")
                    running[id] = seat
                case .stop(let id, _): #expect(running[id] != nil && stopping.insert(id).inserted, "seed \(seed)")
                }
            }
            #expect(running.count <= seats && Set(queue.running) == Set(running.keys), "seed \(seed)")
            if running.count < seats { #expect(queue.waiting.isEmpty, "seed \(seed)") }
        }
    }
}
