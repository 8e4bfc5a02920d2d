# A client that knows only the original messages: signs up, logs in, lists, fetches, volunteers and asks.
import json, socket, sys

connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
lines = connection.makefile("rb")


def say(**message):
    connection.sendall(json.dumps(message).encode() + b"\n")


def hear():
    line = lines.readline()
    reply = json.loads(line)
    body = lines.read(reply["size"]) if "size" in reply else None
    sys.stdout.write(line.decode())
    if body is not None:
        sys.stdout.write(body.decode() + "\n" if reply["size"] < 1000 else "%d bytes\n" % len(body))


say(type="signup", uname="ann", pwd="secret", port="7120"), hear()
say(type="signup", uname="ann", pwd="other", port="7120"), hear()
say(type="login", uname="ann", pwd="secret", port="7120", status="active"), hear()
say(type="get", content="peerlist"), hear()
say(type="modlist", modlist=["primes", "mandelbrot"])
say(type="get", content="modlist"), hear()
say(type="status", uname="ann", status="busy")
say(type="status", uname="ann"), hear()
say(type="request", title="t", info="i", modname="primes"), hear()
say(type="quit")
sys.stdout.write("end\n" if lines.readline() == b"" else "more\n")
