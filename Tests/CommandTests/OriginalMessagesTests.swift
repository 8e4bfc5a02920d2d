import Foundation
import Testing

extension CommandTests {
    /// The 2016 messages, spoken by programs that know nothing of this one.
    @Suite struct OriginalMessages {
        @Test("nc signs up, logs in, lists, asks for a status and quits")
        func netcat() async throws {
            let network = try await TestNetwork(volunteers: [])
            try await network.requester.run("module", "publish", "primes", "--unsigned")
            let port = try #require(network.address.split(separator: "#")[0].split(separator: ":").last.map(String.init))
            let lines = [
                #"{"type":"signup","uname":"ann","pwd":"tr0ub4dor","port":"7120"}"#,
                #"{"type":"signup","uname":"ann","pwd":"other","port":"7120"}"#,
                #"{"type":"login","uname":"ann","pwd":"wrong","port":"7120","status":"active"}"#,
                #"{"type":"login","uname":"ann","pwd":"tr0ub4dor","port":"7120","status":"active"}"#,
                #"{"type":"modlist","modlist":["primes","mandelbrot"]}"#,
                #"{"type":"get","content":"modlist"}"#,
                #"{"type":"get","content":"module","modname":"sudoku"}"#,
                #"{"type":"status","uname":"ann","status":"busy"}"#,
                #"{"type":"status","uname":"ann"}"#,
                #"{"type":"dance"}"#,
                #"{"type":"get","content":"peerlist"}"#,
                #"{"type":"quit"}"#,
            ]
            let netcat = try CommandProcess("nc", ["127.0.0.1", port], environment: network.requester.environment, input: nil)
            netcat.write(lines.joined(separator: "\n") + "\n")
            try await netcat.output(containing: "}]")
            netcat.closeInput()
            _ = try await netcat.finish()
            let replies = netcat.output.split(separator: "\n").map(String.init)
            #expect(replies.contains(#"{"type":"rsignup","content":"yes"}"#))
            #expect(replies.contains { $0.hasPrefix(#"{"type":"rsignup","content":"exists""#) })
            #expect(replies.contains { $0.hasPrefix(#"{"type":"rlogin","content":"no""#) })
            #expect(replies.contains { $0.hasPrefix(#"{"type":"rlogin","content":"yes""#) })
            #expect(netcat.output.contains(#"["primes"]"#), "\(netcat.output)")
            // It follows the list's body, which ends without a newline.
            #expect(netcat.output.contains(#"["primes"]{"type":"rget","response":"no""#))
            #expect(replies.contains { $0.hasPrefix(#"{"type":"status","uname":"ann","status":"busy""#) })
            #expect(replies.contains { $0.hasPrefix(#"{"type":"error","re":"dance""#) })
            #expect(netcat.output.contains(#"{"uname":"ann","address":"127.0.0.1","port":"7120","status":"busy"}"#), "\(netcat.output)")
        }

        @Test("A Python client of thirty lines does the same, downloads a module, and volunteers until it is asked")
        func python() async throws {
            let network = try await TestNetwork(volunteers: [])
            try await network.requester.run("module", "publish", "primes", "--unsigned")
            let port = try #require(network.address.split(separator: "#")[0].split(separator: ":").last.map(String.init))
            let client = try network.requester.file("client.py", Array(Self.client.utf8))
            let copy = network.requester.path("copy.talkoot")
            let process = try CommandProcess("python3", [client, port, copy], environment: network.requester.environment)
            #expect(try await process.finish() == 0, "\(process.errors)")
            #expect(process.output == "yes exists no yes ['primes'] [('ann', '7120', 'active')] yes busy no\n")
            let inspected = try await network.requester.run("module", "inspect", copy)
            #expect(String(decoding: inspected, as: UTF8.self).hasPrefix("primes@1.0.0"))
        }

        private static let client = """
            import json, socket, sys

            link = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            stream = link.makefile("rwb")

            def send(**message):
                stream.write(json.dumps(message).encode() + b"\\n")
                stream.flush()

            def answer():
                reply = json.loads(stream.readline())
                return reply, stream.read(reply["size"]) if "size" in reply else b""

            def ask(**message):
                send(**message)
                return answer()

            first = ask(type="signup", uname="ann", pwd="tr0ub4dor", port=7120)[0]["content"]
            second = ask(type="signup", uname="ann", pwd="tr0ub4dor", port=7120)[0]["content"]
            wrong = ask(type="login", uname="ann", pwd="no", port="7120", status="active")[0]["content"]
            right = ask(type="login", uname="ann", pwd="tr0ub4dor", port="7120", status="active")[0]["content"]
            modules = json.loads(ask(type="get", content="modlist")[1])
            peers = [(peer["uname"], peer["port"], peer["status"]) for peer in json.loads(ask(type="get", content="peerlist")[1])
                     if peer["status"] != "offline"]
            reply, package = ask(type="get", content="module", modname="primes")
            open(sys.argv[2], "wb").write(package)
            send(type="status", uname="ann", status="busy")
            status = ask(type="status", uname="ann")[0]
            while "uname" not in status or status.get("status") is None:
                status = answer()[0]
            asked = ask(type="request", title="primes", info="a look at the original request", modname="primes")[0]
            send(type="quit")
            print(first, second, wrong, right, modules, peers, reply["response"], status["status"], asked["reply"])
            """
    }
}
