#!/usr/bin/env python3
"""Real volunteer processes on loopback that are suspended, killed, slow, or lie, by a script that a seed determines.

    make bench-churn                                      200 volunteers, a job of ten minutes
    Benchmarks/churn.py --volunteers 40 --seconds 120     a smaller one

Every volunteer is a process of talkoot-volunteer-testing with one slot. A unit of the job sleeps, so that the machine's processors do not
decide: the ideal is the time in which the honest volunteers that are there, each at its speed, could have slept all units if nobody
ever waited, started up, checked anybody or lost anything. Printed beside the makespan's limit of 1.10 times that: wrong results, convictions.
BUILD names another directory of built products than .build/debug.
"""
import argparse
import heapq
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.realpath(os.environ.get("BUILD", os.path.join(ROOT, ".build/debug")))
LIMIT = 1.10


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--volunteers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600, help="how long the job would take if nothing happened")
    parser.add_argument("--unit", type=float, default=1.0, help="how long a unit sleeps, in seconds")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--verify", default="audit")
    return parser.parse_args()


class Volunteer:
    """A process, and since when it has been as it is: the sum of what it could have done."""

    def __init__(self, name, behaviour, work, tracker, seed):
        self.name, self.behaviour = name, behaviour
        self.speed = 1 / float(behaviour.split(":")[1]) if behaviour.startswith("slow") else 0 if behaviour.startswith("lying") else 1
        home = os.path.join(work, name)
        os.mkdir(home, 0o700)
        self.log = open(os.path.join(home, "log"), "wb")
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "talkoot-volunteer-testing"), "--tracker", tracker, "--name", name, "--home", home,
             "--behave", behaviour, "--seed", str(seed)], stdout=self.log, stderr=self.log)

    def wait(self):
        """Until it listens, which it does after it has signed up."""
        for _ in range(600):
            with open(self.log.name) as file:
                if "volunteering" in file.read():
                    return
            time.sleep(0.1)
        sys.exit(f"{self.name} did not start")

    def send(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)


def script(volunteers, seconds, chance):
    """What happens when: a quarter of the honest is suspended for a while, a tenth is killed, both spread over the job."""
    events = []
    for volunteer in volunteers:
        if volunteer.speed == 0:
            continue
        fate = chance.random()
        at = chance.uniform(0.05, 0.8) * seconds
        if fate < 0.25:
            events += [(at, volunteer, signal.SIGSTOP), (at + chance.uniform(0.05, 0.2) * seconds, volunteer, signal.SIGCONT)]
        elif fate < 0.35:
            events.append((at, volunteer, signal.SIGKILL))
    return sorted(events, key=lambda event: event[0])


def ideal(volunteers, events, work):
    """When so many seconds of work would be done by those who are there."""
    changes = [(at, -volunteer.speed if number != signal.SIGCONT else volunteer.speed) for at, volunteer, number in events]
    heapq.heapify(changes)
    speed, now = sum(volunteer.speed for volunteer in volunteers), 0.0
    while changes:
        at, change = heapq.heappop(changes)
        if work <= speed * (at - now):
            break
        work -= speed * (at - now)
        now, speed = at, speed + change
    return now + work / speed


def talkoot(home, *words, **options):
    environment = dict(os.environ, TALKOOT_HOME=home, TALKOOT_SDK=ROOT)
    return subprocess.run([os.path.join(BUILD, "talkoot"), *words], env=environment, check=True, capture_output=True, text=True, **options)


def start(work, options, chance):
    """A tracker, a requester's home and the volunteers, all of them active."""
    log = open(os.path.join(work, "tracker.log"), "wb")
    tracker = subprocess.Popen(
        [os.path.join(BUILD, "talkoot"), "tracker", "--listen", "127.0.0.1:0", "--password-cost", "14"],
        env=dict(os.environ, TALKOOT_HOME=os.path.join(work, "tracker")), stdout=subprocess.PIPE, stderr=log, text=True)
    address = next(line.strip() for line in tracker.stdout if line.startswith("127.0.0.1:"))
    home = os.path.join(work, "requester")
    secret = os.path.join(work, "secret")
    with open(secret, "w") as file:
        file.write("correct horse\n")
    talkoot(home, "signup", "requester", "--tracker", address, "--password-file", secret)
    package = os.path.join(work, "steps.talkoot")
    talkoot(home, "module", "pack", os.path.join(ROOT, "Tests/CommandTests/Programs/StepsModule"), "--unsigned", "--output", package)
    liars, slow = max(1, options.volunteers // 50), max(1, options.volunteers // 20)
    behaviours = ["lying:0.3"] * liars + ["slow:4"] * slow
    behaviours += ["honest"] * (options.volunteers - len(behaviours))
    volunteers = []
    for number, behaviour in enumerate(behaviours):
        volunteers.append(Volunteer(f"v{number}", behaviour, work, address, chance.randrange(1 << 32)))
        if number >= 2:
            volunteers[number - 2].wait()  # so that the passwords' derivations do not queue
    for _ in range(600):
        peers = json.loads(talkoot(home, "peers", "--json").stdout)
        if sum(peer["status"] == "active" for peer in peers) >= options.volunteers:
            return tracker, home, package, address, volunteers
        time.sleep(0.5)
    sys.exit("the volunteers did not become active")


def play(run, volunteers, events, began):
    """Carries the script out; gives what really happened, and when."""
    happened = []
    for at, volunteer, number in events:
        while run.poll() is None and time.monotonic() - began < at:
            time.sleep(0.02)
        if run.poll() is not None:
            break
        volunteer.send(number)
        happened.append((time.monotonic() - began, volunteer, number))
    return happened


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    chance = random.Random(options.seed)
    units = int(options.volunteers * options.seconds / options.unit)
    work = tempfile.mkdtemp(prefix="talkoot-churn-")
    volunteers, tracker = [], None
    print(f"churn: {options.volunteers} volunteers, {units} units of {options.unit} s, seed {options.seed}", flush=True)
    try:
        tracker, home, package, address, volunteers = start(work, options, chance)
        events = script(volunteers, options.seconds, chance)
        began = time.monotonic()
        run = subprocess.Popen(
            [os.path.join(BUILD, "talkoot"), "run", package, f"items={units}", f"milliseconds={int(options.unit * 1000)}",
             "--unit-size", "1", "--verify", options.verify, "--volunteers", str(options.volunteers), "--on", address, "--output", os.path.join(work, "output")],
            env=dict(os.environ, TALKOOT_HOME=home), stdout=subprocess.DEVNULL, stderr=open(os.path.join(work, "run.log"), "wb"))
        happened = play(run, volunteers, events, began)
        status = run.wait()
        makespan = time.monotonic() - began
        if status != 0:
            sys.exit(f"the job ended with {status}: " + open(os.path.join(work, "run.log")).read()[-2000:])
        best = ideal(volunteers, happened, units * options.unit)
        lines = open(os.path.join(work, "output")).read().splitlines()
        sums = [re.fullmatch(r"sum (\d+), did 1 of 1", line) for line in lines]
        wrong = sum(not found or int(found.group(1)) != place for place, found in enumerate(sums)) + abs(units - len(lines))
        verification = json.loads(talkoot(home, "job", "last", "--json").stdout).get("verification", {})
        convicted = {entry["volunteer"] for entry in verification.get("convictions", [])}
        liars = {volunteer.name for volunteer in volunteers if volunteer.speed == 0}
        counts = {name: sum(number == value for _, _, number in happened)
                  for name, value in (("suspended", signal.SIGSTOP), ("resumed", signal.SIGCONT), ("killed", signal.SIGKILL))}
        print(", ".join(f"{name} {count}" for name, count in counts.items()))
        print(f"makespan {makespan:.1f} s, ideal {best:.1f} s: {makespan / best:.3f}, "
              f"at most {LIMIT}: {'met' if makespan / best <= LIMIT else 'MISSED'}")
        print(f"wrong results {wrong}, none: {'met' if wrong == 0 else 'MISSED'}")
        print(f"convicted {len(convicted & liars)} of {len(liars)} liars, {len(convicted - liars)} honest: "
              f"{'met' if not convicted - liars else 'MISSED'}; units checked {verification.get('unitsChecked', 0)}, "
              f"taken back {verification.get('unitsVoided', 0)}")
    finally:
        for volunteer in volunteers:
            volunteer.send(signal.SIGCONT)
            volunteer.send(signal.SIGKILL)
            volunteer.process.wait()
        if tracker:
            tracker.kill()
            tracker.wait()
        if os.environ.get("KEEP"):
            print("kept:", work)
        else:
            shutil.rmtree(work, ignore_errors=True)


main()
