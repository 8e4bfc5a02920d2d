import TalkootCore
import TalkootScheduling

extension VolunteerSimulation {
    mutating func handle(_ event: Event) {
        let number = event.volunteer
        switch event.kind {
        case .arrives: arrive(number)
        case .leaves: leave(number)
        case .noticed:
            guard !volunteers[number].isPresent, volunteers[number].isJoined else { return }
            dismiss(number)
        case .mail: open(number)
        case .works:
            guard volunteers[number].wake == event.time, volunteers[number].isPresent else { return }
            volunteers[number].wake = .infinity
            handIn(number)
        case .ownMachine: finishOwnWork()
        }
    }

    /// Plans the next presence of a volunteer.
    mutating func plan(_ number: Int) {
        let next = volunteers[number].trace.next()
        volunteers[number].leaves = next.span.upperBound
        volunteers[number].rate = volunteers[number].ownSpeed * next.speed / settings.unitSeconds
        schedule(.arrives, number, at: next.span.lowerBound)
    }

    private mutating func arrive(_ number: Int) {
        if volunteers[number].isJoined { dismiss(number) }
        volunteers[number].isPresent = true
        volunteers[number].isJoined = true
        schedule(.leaves, number, at: volunteers[number].leaves)
        perform(
            scheduling.join(
                HostID(rawValue: UInt64(number)), owner: OwnerID(rawValue: UInt64(number)),
                roundTripSeconds: settings.roundTripSeconds, at: now))
    }

    /// What is finished and not handed in is lost.
    private mutating func leave(_ number: Int) {
        let done = volunteers[number].computed(at: time)
        computed += done
        lost += done
        volunteers[number].isPresent = false
        volunteers[number].runs = []
        volunteers[number].mail = []
        volunteers[number].wake = .infinity
        timeline.note(number, isBusy: false, at: time)
        schedule(.noticed, number, at: time + settings.detectionSeconds)
        plan(number)
    }

    private mutating func dismiss(_ number: Int) {
        volunteers[number].isJoined = false
        perform(scheduling.leave(HostID(rawValue: UInt64(number)), at: now))
    }

    // MARK: What the coordinator wants

    mutating func perform(_ effects: [Scheduling.Effect]) {
        for effect in effects {
            switch effect {
            case .grant(let lease): post(.lease(lease), to: lease.host)
            case .revoke(let lease, let host, let from): post(.revocation(lease, from: from), to: host)
            case .void(let ranges, let owner): volunteers[Int(owner.rawValue)].forget(ranges)
            case .convict(let conviction): note(conviction)
            case .runHere(let units):
                ownWork.append(units)
                if ownWork.count == 1 { startOwnWork() }
            case .giveUp: break
            case .finished: isOver = true
            }
        }
    }

    private mutating func note(_ conviction: Conviction) {
        let number = Int(conviction.owner.rawValue)
        timeline.convictions.append((time, number))
        switch volunteers[number].behaviour {
        case .honest: report.honestConvicted += 1
        case .sloppy, .colluding: report.badConvicted += conviction.ground == .wrongAgain ? 0 : 1
        }
    }

    private mutating func post(_ letter: SimulatedVolunteer.Letter, to host: HostID) {
        let number = Int(host.rawValue)
        guard volunteers[number].isPresent else { return }
        volunteers[number].mail.append((time + settings.roundTripSeconds, letter))
        schedule(.mail, number, at: time + settings.roundTripSeconds)
    }

    private mutating func startOwnWork() {
        guard let units = ownWork.first else { return }
        schedule(.ownMachine, 0, at: time + Double(units.upperBound - units.lowerBound) * settings.unitSeconds)
    }

    private mutating func finishOwnWork() {
        let units = ownWork.removeFirst()
        perform(scheduling.ranHere(units, at: now) { ResultDigest($0, 0) })
        startOwnWork()
    }

    // MARK: A volunteer's work

    /// Reads what has come.
    private mutating func open(_ number: Int) {
        while let first = volunteers[number].mail.first, first.at <= time {
            volunteers[number].mail.removeFirst()
            switch first.letter {
            case .lease(let lease):
                if volunteers[number].runs.isEmpty { volunteers[number].since = time }
                volunteers[number].runs.append(
                    .init(
                        lease: lease.id, next: lease.units.lowerBound, end: lease.units.upperBound,
                        length: lease.units.upperBound - lease.units.lowerBound))
                timeline.note(number, isBusy: true, at: time)
            case .revocation(let lease, let from): stop(number, lease, from: from)
            }
        }
        look(number)
    }

    /// Does not start units at or after `from`; the one it is at goes on.
    private mutating func stop(_ number: Int, _ lease: LeaseID, from: UInt64) {
        guard let place = volunteers[number].runs.firstIndex(where: { $0.lease == lease }) else { return }
        let run = volunteers[number].runs[place]
        let started = place == 0 ? min(volunteers[number].finished(at: time) + 1, run.end - run.next) : 0
        volunteers[number].runs[place].end = max(run.next + started, min(run.end, from))
        if volunteers[number].runs[place].next == volunteers[number].runs[place].end { volunteers[number].runs.remove(at: place) }
    }

    /// Decides when to hand in next: at the end of the lease, or when it is time.
    private mutating func look(_ number: Int) {
        let volunteer = volunteers[number]
        guard let run = volunteer.runs.first else {
            timeline.note(number, isBusy: false, at: time)
            return
        }
        let end = volunteer.since + Double(run.end - run.next) / volunteer.rate
        let wake = max(time, min(end, max(volunteer.since, time) + settings.commitSeconds))
        guard wake != volunteer.wake else { return }
        // A new lease in the queue does not put off what was planned.
        if volunteer.wake > time, volunteer.wake < wake { return }
        volunteers[number].wake = wake
        schedule(.works, number, at: wake)
    }

    /// Hands in what is finished, or says how far it is.
    private mutating func handIn(_ number: Int) {
        guard let run = volunteers[number].runs.first else { return }
        let (host, count) = (HostID(rawValue: UInt64(number)), volunteers[number].finished(at: time))
        guard count > 0 else {
            perform(scheduling.progress(run.lease, host: host, next: run.next, at: now))
            return look(number)
        }
        let units = run.next..<run.next + count
        computed += Double(count)
        volunteers[number].hasWorked = true
        volunteers[number].since += Double(count) / volunteers[number].rate
        volunteers[number].runs[0].next = units.upperBound
        if units.upperBound == run.end { volunteers[number].runs.removeFirst() }
        commit(number, run, units)
        look(number)
    }

    private mutating func commit(_ number: Int, _ run: SimulatedVolunteer.Run, _ units: Range<UInt64>) {
        let (answers, behaviour, moment) = (answers, volunteers[number].behaviour, time)
        let digest = { answers.result($0, by: number, behaviour, at: moment, leaseUnits: run.length) }
        let owner = OwnerID(rawValue: UInt64(number))
        let result = scheduling.commit(run.lease, host: HostID(rawValue: UInt64(number)), units: units, at: now, digest: digest)
        if case .accepted(let new) = result.verdict {
            if behaviour != .honest { volunteers[number].taken += new.map { .init(units: $0, time: moment) } }
            perform(result.effects)
            for range in new { perform(scheduling.written(range, by: owner, at: now, digest: digest)) }
        } else {
            perform(result.effects)
        }
        timeline.progress(scheduling.unitsDone, of: report.units, at: time)
    }
}
