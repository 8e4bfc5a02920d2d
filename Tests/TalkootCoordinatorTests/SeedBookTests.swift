import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootCoordinator

struct SeedBookTests {
    private let peers: [PeerID] = (0..<12).compactMap { number in
        Digest(bytes: [UInt8](repeating: UInt8(number), count: 32)).map { PeerID(digest: $0) }
    }

    private func contact(_ number: Int) -> Message.Contact { Message.Contact(peer: peers[number], address: "192.0.2.1", port: 7120) }

    private func book(_ count: Int) -> SeedBook {
        var book = SeedBook()
        for number in 0..<count { book.join(peers[number], contact: contact(number)) }
        return book
    }

    @Test("A chunk is sent once; the next who want it are referred to those who have it")
    func once() {
        var book = book(3)
        #expect(book.want(5, of: .input, for: peers[0]).isEmpty)
        #expect(book.want(5, of: .input, for: peers[1]) == [contact(0)])
        #expect(book.want(5, of: .input, for: peers[2]) == [contact(0), contact(1)])
        #expect(book.want(5, of: .module, for: peers[2]).isEmpty)
        #expect(book.want(6, of: .input, for: peers[2]).isEmpty)
    }

    @Test("Nobody is referred to himself, to one who left, or to one who cannot be dialled")
    func absent() {
        var book = book(2)
        #expect(book.want(1, of: .input, for: peers[0]).isEmpty)
        #expect(book.want(1, of: .input, for: peers[0]).isEmpty)
        book.leave(peers[0])
        #expect(book.want(1, of: .input, for: peers[1]).isEmpty)
        book.join(peers[2], contact: nil)
        #expect(book.want(2, of: .input, for: peers[2]).isEmpty)
        #expect(book.want(2, of: .input, for: peers[1]).isEmpty)
    }

    @Test("One complaint keeps a holder from who complains, two from everybody, also after it came back")
    func complaints() {
        var book = book(4)
        #expect(book.want(1, of: .input, for: peers[0]).isEmpty)
        #expect(book.complain(peers[1], about: peers[0]) == true)
        #expect(book.complain(peers[1], about: peers[0]) == false)
        #expect(book.want(1, of: .input, for: peers[1]).isEmpty)
        let named = book.want(1, of: .input, for: peers[2])
        #expect(named.contains(contact(0)))
        #expect(book.complain(peers[2], about: peers[0]) == true)
        let later = book.want(1, of: .input, for: peers[3])
        #expect(!later.contains(contact(0)))
        book.leave(peers[0])
        book.join(peers[0], contact: contact(0))
        var generator = SystemRandomNumberGenerator()
        #expect(!book.others(than: peers[3], using: &generator).contains(contact(0)))
        #expect(book.complain(peers[3], about: peers[3]) == false)
        #expect(book.complain(peers[3], about: peers[11]) == false)
    }

    @Test("A few of many are named, and never the one who asks")
    func sample() {
        let book = book(12)
        var generator = SystemRandomNumberGenerator()
        let others = book.others(than: peers[4], using: &generator)
        #expect(others.count == Limits.holders && !others.contains(contact(4)) && Set(others).count == others.count)
    }
}
