import TalkootCore
import TalkootScheduling
import Testing

/// Whose job is next.
@Suite struct FairShareTests {
    private let ann = RequesterID(rawValue: 1)
    private let ben = RequesterID(rawValue: 2)
    private func job(_ number: UInt64) -> JobID { JobID(rawValue: number) }

    @Test("The requester who has had least for his share comes first, with all his jobs, however many these are")
    func leastFirst() {
        var fair = FairShare()
        for number in 1...3 as ClosedRange<UInt64> { fair.add(job(number), of: ann) }
        fair.add(job(4), of: ben, share: 3)
        fair.charge(job(2), seconds: 10)
        #expect(fair.order == [job(4), job(1), job(2), job(3)])
        fair.charge(job(4), seconds: 29)
        #expect(fair.order.first == job(4))
        fair.charge(job(4), seconds: 2)
        #expect(fair.order.first == job(1))
        fair.charge(job(1), seconds: -10)
        #expect(fair.time(of: job(1)) == 0)
    }

    @Test("Of one requester's jobs the one of the highest priority comes first, then the oldest; so it is between equals, too")
    func priority() {
        var fair = FairShare()
        fair.add(job(1), of: ann)
        fair.add(job(2), of: ann, priority: 5)
        fair.add(job(3), of: ann, priority: 5)
        fair.add(job(4), of: ben, priority: 9)
        fair.add(job(5), of: ann, priority: -1)
        #expect(fair.order == [job(4), job(2), job(3), job(1), job(5)])
        fair.remove(job(4))
        #expect(fair.order == [job(2), job(3), job(1), job(5)])
    }

    @Test("Who comes later, or comes again, starts where the others are: nobody saves up time")
    func newcomer() {
        var fair = FairShare()
        fair.add(job(1), of: ann)
        fair.charge(job(1), seconds: 1000)
        fair.add(job(2), of: ben)
        #expect(fair.time(of: job(2)) == 1000)
        fair.charge(job(2), seconds: 500)
        fair.remove(job(2))
        fair.charge(job(1), seconds: 100)
        fair.add(job(3), of: ben)
        #expect(fair.time(of: job(3)) == 1500)
        fair.remove(job(3))
        fair.charge(job(1), seconds: 1000)
        fair.add(job(4), of: ben)
        #expect(fair.time(of: job(4)) == 2100)
    }

    @Test("Who has no use for what he is offered forfeits it")
    func forfeit() {
        var fair = FairShare()
        fair.add(job(1), of: ann)
        fair.add(job(2), of: ben)
        fair.charge(job(2), seconds: 50)
        fair.forfeit(job(1), to: job(2))
        #expect(fair.time(of: job(1)) == 50)
        fair.charge(job(1), seconds: 10)
        fair.forfeit(job(1), to: job(2))
        #expect(fair.time(of: job(1)) == 60)
    }
}
