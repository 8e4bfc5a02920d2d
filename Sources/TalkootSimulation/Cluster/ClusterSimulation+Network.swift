import NIOCore
import TalkootCore
import TalkootProtocol

extension ClusterSimulation {
    /// Rounded: a moment that was a tick is the same tick again.
    var now: Tick { Tick(nanoseconds: Int64((time * 1e9).rounded())) }

    mutating func handle(_ kind: Kind) {
        switch kind {
        case .arrival(let volunteer, let serial, let side): arrive(volunteer, serial, side)
        case .work(let volunteer, let slot, let stamp): finishUnit(volunteer, slot, stamp)
        case .sync(let epoch): sync(epoch)
        case .ownRun(let units, let epoch): finishOwnRun(units, epoch)
        case .fault(let number): happen(plan.faults[number].fault)
        case .tick: tick()
        case .dial: dial()
        case .revive(let volunteer, let generation):
            guard volunteers[volunteer].generation == generation else { return }
            volunteers[volunteer].isUp = true
            schedule(.dial, at: time + 0.1)
        case .reviveCoordinator: startCoordinator()
        }
    }

    /// Every five seconds: keep-alive of connections, heartbeats of leases, and another try to reach who is not connected.
    private mutating func tick() {
        let now = now
        for number in links.indices {
            for side in [SimulatedLink.Side.coordinator, .volunteer] where links[number]?[side].isClosed == false {
                perform(links[number]?[side].machine.advance(to: now) ?? [], number, side)
            }
            heartbeat(number)
        }
        dial()
        schedule(.tick, at: time + 5)
    }

    private mutating func dial() {
        let now = now
        guard scheduling != nil, !isOver else { return }
        for number in links.indices where volunteers[number].isUp && links[number]?[.coordinator].isClosed != false {
            if links[number] != nil { volunteers[number].clear() }
            lastLink += 1
            report.connections += 1
            links[number] = SimulatedLink(serial: lastLink, at: now)
            perform(links[number]?[.coordinator].machine.start(at: now) ?? [], number, .coordinator)
        }
    }

    // MARK: Bytes

    private mutating func arrive(_ number: Int, _ serial: UInt64, _ side: SimulatedLink.Side) {
        let now = now
        guard links[number]?.serial == serial, links[number]?[side].isClosed == false else { return }
        while let piece = links[number]?[side].inFlight.first, piece.at <= time, links[number]?.serial == serial {
            links[number]?[side].inFlight.removeFirst()
            guard let bytes = piece.bytes else {
                perform(links[number]?[side].machine.ended() ?? [], number, side)
                continue
            }
            report.bytes += bytes.readableBytes
            perform(links[number]?[side].machine.receive(bytes, at: now) ?? [], number, side)
        }
    }

    /// Does what an end's machine wants, and sends what is to be sent.
    mutating func perform(_ effects: [ConnectionMachine.Effect], _ number: Int, _ side: SimulatedLink.Side) {
        for effect in effects {
            switch effect {
            case .chosen(let framing): links[number]?[side].queue = OutboundQueue(framing: framing)
            case .sendPreface: links[number]?[side].queue?.appendPreface()
            case .send(let message): send(message, number, side)
            case .sendPing: links[number]?[side].queue?.appendPing()
            case .sendPong: links[number]?[side].queue?.appendPong()
            case .opened: if side == .coordinator { ask(number) } else { volunteers[number].clear() }
            case .deliver(let event):
                guard links[number]?[side].isClosed == false else { continue }
                if side == .coordinator { hear(event, from: number) } else { obey(event, number) }
            case .refuse(let fault): fail("a connection was refused: \(fault.reason)")
            case .close(let error):
                if error?.code == .badData || error?.code == .usage { fail("a connection broke the protocol: \(error?.message ?? "")") }
                close(number, side)
            case .greeted, .startTLS, .pauseReading, .resumeReading, .detach: break
            }
        }
        flush(number, side)
    }

    mutating func send(_ message: Message, _ number: Int, _ side: SimulatedLink.Side) {
        guard links[number]?[side].isClosed == false else { return }
        if links[number]?[side].queue?.append(message) == false { fail("a message is too long") }
    }

    mutating func flush(_ number: Int, _ side: SimulatedLink.Side) {
        guard let serial = links[number]?.serial else { return }
        let blocked = blockedUntil[number]
        let arrivals = links[number]?.flush(side, at: time, network: plan.network, blockedUntil: blocked, &random) ?? []
        for at in arrivals { schedule(.arrival(number, serial, side.other), at: at) }
    }

    /// An end closes: what it has said still arrives, and then the end of the stream.
    mutating func close(_ number: Int, _ side: SimulatedLink.Side) {
        guard let serial = links[number]?.serial, links[number]?[side].isClosed == false else { return }
        flush(number, side)
        links[number]?[side].isClosed = true
        if let at = links[number]?.send(nil, from: side, at: time, plan.network, blockedUntil[number], &random) {
            schedule(.arrival(number, serial, side.other), at: at)
        }
        closed(number, side)
    }

    /// What a process loses with a connection.
    private mutating func closed(_ number: Int, _ side: SimulatedLink.Side) {
        if side == .volunteer { volunteers[number].clear() } else { lose(number) }
    }

    // MARK: Faults

    private mutating func happen(_ fault: ClusterPlan.Fault) {
        switch fault {
        case .stall(let number, let seconds): blockedUntil[number] = max(blockedUntil[number], time + seconds)
        case .partition(let seconds):
            for number in blockedUntil.indices { blockedUntil[number] = max(blockedUntil[number], time + seconds) }
        case .reset(let number):
            guard links[number] != nil else { return }
            for side in [SimulatedLink.Side.coordinator, .volunteer] where links[number]?[side].isClosed == false {
                links[number]?[side].isClosed = true
                closed(number, side)
            }
            links[number] = nil
        case .killVolunteer(let number, let seconds, let isSeen):
            report.volunteerKills += 1
            volunteers[number].isUp = false
            volunteers[number].generation += 1
            volunteers[number].clear()
            cut(number, .volunteer, isSeen)
            schedule(.revive(number, generation: volunteers[number].generation), at: time + seconds)
        case .killCoordinator(let seconds, let isSeen):
            guard scheduling != nil, !isOver else { return }
            report.coordinatorKills += 1
            killCoordinator()
            for number in links.indices { cut(number, .coordinator, isSeen) }
            schedule(.reviveCoordinator, at: time + seconds)
        case .release(let number): release(number)
        }
    }

    /// An end's process is gone: the other end is told by its kernel, or never.
    private mutating func cut(_ number: Int, _ side: SimulatedLink.Side, _ isSeen: Bool) {
        guard let serial = links[number]?.serial, links[number]?[side].isClosed == false else { return }
        links[number]?[side].isClosed = true
        links[number]?[side].inFlight = []
        guard isSeen, let at = links[number]?.send(nil, from: side, at: time, plan.network, blockedUntil[number], &random) else { return }
        schedule(.arrival(number, serial, side.other), at: at)
    }
}
