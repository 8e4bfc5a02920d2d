#!/usr/bin/env python3
"""A volunteer in Python's standard library alone, written from docs/protocol.md: it takes part in jobs of the module `primes`.

    volunteer.py TRACKER-HOST:PORT NAME PASSWORD-FILE

It runs nothing of the module's package, which is a stranger's machine code: it counts the primes by itself. That is why it may
say that it confines fully (level 4). NAME is signed up when it is new; volunteer.pem beside the password keeps the key.
"""
import base64, hashlib, json, os, secrets, select, socket, ssl, struct, sys, threading, time

# Identity: a P-256 key and a certificate that it signs itself (SEC 1, RFC 5280); peers look at the key alone.
P, N = 2**256 - 2**224 + 2**192 + 2**96 - 1, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
ECDSA, CURVE = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d030107")

def add(a, b):
    if a is None or b is None: return a or b
    if a[0] == b[0] and a[1] != b[1]: return None
    slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P
def times(number, point=G, total=None):
    while number:
        total, number, point = add(total, point) if number & 1 else total, number >> 1, add(point, point)
    return total

def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if len(body) < 128 else bytes([0x80 + len(size)]) + size) + body
def integer(number): return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))
def make_identity(path):
    key = 1 + secrets.randbelow(N - 1)
    point = b"\0\x04" + b"".join(c.to_bytes(32, "big") for c in times(key))
    spki = der(0x30, der(0x30, bytes.fromhex("06072a8648ce3d0201"), CURVE), der(3, point))
    name = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(12, b"talkoot"))))
    span = der(0x30, *(der(23, time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + day * 86400)).encode()) for day in (-1, 7000)))
    content = der(0x30, integer(secrets.randbits(120)), der(0x30, ECDSA), name, span, name, spki)
    once = 1 + secrets.randbelow(N - 1)
    r = times(once)[0] % N
    s = (int.from_bytes(hashlib.sha256(content).digest(), "big") + r * key) * pow(once, -1, N) % N
    certificate = der(0x30, content, der(0x30, ECDSA), der(3, b"\0", der(0x30, integer(r), integer(s))))
    private = der(0x30, integer(1), der(4, key.to_bytes(32, "big")), der(0xA0, CURVE))
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        for label, body in (("EC PRIVATE KEY", private), ("CERTIFICATE", certificate)):
            file.write(f"-----BEGIN {label}-----\n{base64.encodebytes(body).decode()}-----END {label}-----\n")

def context(role, path):
    made = ssl.SSLContext(role)
    made.check_hostname, made.verify_mode, made.minimum_version = False, ssl.CERT_NONE, ssl.TLSVersion.TLSv1_3
    made.load_cert_chain(path)
    made.set_alpn_protocols(["talkoot/1"])
    return made

# The module: an item is a span of 1,966,080 numbers, a unit's result the count of its primes, 8 bytes, little-endian.
SPAN = 30 * 65536

def count_primes(low, high):
    root = int(high**0.5) + 1
    small, sieve = bytearray([1]) * (root + 1), bytearray([1]) * max(0, high - low)
    for number in range(2, root + 1):
        if not small[number]: continue
        small[number * number :: number] = bytes(len(range(number * number, root + 1, number)))
        start = max(number * number, -(-low // number) * number) - low
        sieve[start::number] = bytes(len(range(start, len(sieve), number)))
    return sum(sieve[max(0, 2 - low) :])

HELLO = {"type": "hello", "v": 1, "features": ["work", "chunk"], "agent": "example/1", "platform": "any"}
PREFACE = b"\xfeTLK\x01\x00\x00\x00"
CONTROL, COMMIT, PING, PONG = 1, 2, 5, 6

class Requester:
    """A coordinator that dialled this volunteer: frames inside TLS."""
    def __init__(self, peer):
        self.peer, self.sequence, self.job, self.leases = peer, 0, None, []
    def send(self, kind, payload=b""):
        self.peer.sendall(struct.pack(">IBBBBII", len(payload), kind, 0, 4, 0, 0, self.sequence) + payload)
        self.sequence += 1
    def say(self, **message): self.send(CONTROL, json.dumps(message).encode())
    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.peer.recv(count - len(data))
            if not part: raise ConnectionError("the requester hung up")
            data += part
        return data
    def serve(self):
        assert self.read(8)[:5] == PREFACE[:5]
        self.peer.sendall(PREFACE)
        while True:
            while self.leases and not self.peer.pending() and not select.select([self.peer], [], [], 0)[0]: self.work()
            while not self.peer.pending() and not select.select([self.peer], [], [], 10)[0]: self.send(PING)
            size, kind, _, words, *_ = struct.unpack(">IBBBBII", self.read(16))
            self.read(4 * (words - 4))
            payload = self.read(size)
            if kind == PING: self.send(PONG)
            if kind == CONTROL: self.take(json.loads(payload))
    def take(self, message):
        kind, job = message["type"], message.get("job")
        if kind == "hello": self.say(**HELLO)
        elif kind == "request":
            if message["modname"] != "primes" or "work" not in message:
                return self.say(type="response", reply="no", reason="this volunteer knows the module primes alone", job=job)
            self.job, self.shape = job, message["work"]
            self.say(type="response", reply="yes", job=job)
            self.say(type="ready", job=job, slots=1, level=4)
        elif kind == "grant": self.leases.append([int(message["lease"]), int(message["from"]), int(message["to"])])
        elif kind == "revoke":
            for lease in self.leases:
                if lease[0] == int(message["lease"]): lease[2] = min(lease[2], max(lease[1], int(message["from"])))
        elif kind == "cancel": self.leases = []
    def work(self):
        """One unit of the first lease."""
        lease, unit, end = self.leases[0]
        if unit >= end: return self.leases.pop(0)
        items, per, limit = int(self.shape["items"]), int(self.shape["per"]), int(self.shape["parameters"]["limit"]["integer"])
        started = time.process_time()
        count = count_primes(unit * per * SPAN, min(min(items, (unit + 1) * per) * SPAN, limit))
        spent = int((time.process_time() - started) * 1e6)
        self.send(COMMIT, struct.pack(">QQQIQI", int(self.job, 16), lease, unit, 1, spent, 8) + struct.pack("<Q", count))
        self.leases[0][1] += 1

def listen(door, server):
    def serve(peer):
        try: Requester(server.wrap_socket(peer, server_side=True)).serve()
        except (OSError, AssertionError) as reason: print("a connection ended:", reason, flush=True)
    while True: threading.Thread(target=serve, args=[door.accept()[0]], daemon=True).start()

def main(tracker, name, password_file):
    path = os.path.join(os.path.dirname(os.path.abspath(password_file)), "volunteer.pem")
    if not os.path.exists(path): make_identity(path)
    password, door = open(password_file).readline().rstrip("\n"), socket.create_server(("", 0))
    port = str(door.getsockname()[1])
    threading.Thread(target=listen, args=[door, context(ssl.PROTOCOL_TLS_SERVER, path)], daemon=True).start()
    host, _, number = tracker.rpartition(":")
    peer = context(ssl.PROTOCOL_TLS_CLIENT, path).wrap_socket(socket.create_connection((host, int(number)))).makefile("rwb")
    def ask(*messages):  # the last one has an answer
        peer.write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))
        peer.flush()
        return json.loads(peer.readline())
    ask(HELLO)
    ask({"type": "signup", "uname": name, "pwd": password, "port": port})
    answer = ask({"type": "login", "uname": name, "pwd": password, "port": port, "status": "active"})
    if answer.get("content") != "yes": sys.exit(f"the tracker says no: {answer.get('reason')}")
    state = {"type": "status", "uname": "", "status": "active", "slots": 1, "level": 4, "platform": "any"}
    while ask(state, {"type": "status", "uname": ""}).get("status") == "active":
        print("listed on port", port, flush=True)
        time.sleep(60)

if __name__ == "__main__": main(*sys.argv[1:])
