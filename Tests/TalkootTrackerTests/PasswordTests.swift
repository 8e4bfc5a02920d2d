import TalkootCore
import Testing

@testable import TalkootTracker

@Suite("Passwords and names")
struct PasswordTests {
    @Test("scrypt gives the vector of RFC 7914")
    func vector() throws {
        let hash = try PasswordHash("pleaseletmein", salt: Array("SodiumChloride".utf8), cost: PasswordCost(logRounds: 14))
        #expect(Hexadecimal.text(hash.hash) == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
    }

    @Test("A hash is written as scrypt$N$r$p$salt$hash and read back, and nothing else is")
    func writtenForm() throws {
        let hash = try PasswordHash("x", salt: [1, 2, 255], cost: PasswordCost(logRounds: 4))
        #expect(hash.description.hasPrefix("scrypt$4$8$1$0102ff$"))
        #expect(PasswordHash(hash.description) == hash)
        #expect(try hash.matches("x"))
        #expect(try !hash.matches("y"))
        for bad in [
            "", "scrypt", "scrypt$99$8$1$00$00", "bcrypt$4$8$1$00$00", hash.description + "0",
            "scrypt$4$8$1$$" + String(repeating: "0", count: 64),
        ] {
            #expect(PasswordHash(bad) == nil)
        }
    }

    @Test("An unknown account costs the same derivation as a known one, and is a no")
    func decoy() async throws {
        let pool = try PasswordPool(cost: PasswordCost(logRounds: 4))
        let hash = try await pool.hash("secret")
        #expect(try await pool.matches("secret", hash))
        #expect(try await !pool.matches("secret!", hash))
        #expect(try await !pool.matches("", nil))
        await pool.stop()
    }

    @Test("More than 34 derivations at once are answered busy")
    func busy() async throws {
        let pool = try PasswordPool(cost: PasswordCost(logRounds: 10))
        let answers = await withTaskGroup(of: TalkootError.Code?.self) { group in
            for _ in 0..<400 {
                group.addTask {
                    do throws(TalkootError) {
                        _ = try await pool.hash("x")
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0 == nil }.count >= 34)
        #expect(answers.contains(.tryLater))
        #expect(answers.allSatisfy { $0 == nil || $0 == .tryLater })
        await pool.stop()
    }

    @Test("Tokens have 256 bits and are kept only as hashes")
    func tokens() {
        let tokens = (0..<100).map { _ in LoginToken() }
        #expect(Set(tokens.map(\.text)).count == 100 && tokens.allSatisfy { $0.text.utf8.count == 64 })
        #expect(LoginToken("abc").hash.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(
        "Names are short, lower-case and plain",
        arguments: [
            ("ann", true), ("a", true), ("a-b_9", true), (String(repeating: "a", count: 32), true), ("", false), ("Ann", false),
            ("9ann", false),
            ("ann b", false), ("änn", false), (String(repeating: "a", count: 33), false), ("a\n", false),
        ])
    func names(name: String, isFine: Bool) {
        #expect((AccountRules.fault(inName: name) == nil) == isFine)
    }

    @Test("A password has 1 to 1024 bytes")
    func passwords() {
        #expect(AccountRules.fault(inPassword: "") != nil)
        #expect(AccountRules.fault(inPassword: "x") == nil)
        #expect(AccountRules.fault(inPassword: String(repeating: "x", count: 1024)) == nil)
        #expect(AccountRules.fault(inPassword: String(repeating: "x", count: 1025)) != nil)
    }
}
