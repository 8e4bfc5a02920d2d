import Foundation
import TalkootCore
import TalkootSandbox
import Testing

/// What hostile modules try first. Each one runs in a real cell with all layers that this machine and user have.
@Suite("Attacks of a module")
struct AttackTests {
    @Test("No file can be opened, read about or listed, by libc or by the bare system call")
    func files() throws {
        let text = try Workshop.text(
            run: """
                struct stat status;
                char line[200];
                int size = snprintf(line, sizeof line, "%d", open("/etc/passwd", O_RDONLY)) ;
                size += snprintf(line + size, sizeof line - size, " %d", errno);
                syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
                size += snprintf(line + size, sizeof line - size, " %d", errno);
                syscall(SYS_openat, AT_FDCWD, "/module.so", O_RDONLY);
                size += snprintf(line + size, sizeof line - size, " %d", errno);
                stat("/etc/passwd", &status);
                size += snprintf(line + size, sizeof line - size, " %d", errno);
                char link[100]; readlink("/proc/self/exe", link, sizeof link);
                size += snprintf(line + size, sizeof line - size, " %d", errno);
                size += snprintf(line + size, sizeof line - size, " %d", fopen("/proc/self/maps", "r") == NULL);
                return host->write(host, line, size);
                """)
        #expect(text == "-1 \(ENOENT) \(ENOENT) \(ENOENT) \(ENOENT) \(ENOENT) 1")
    }

    @Test(
        "A forbidden system call ends the cell and is named",
        arguments: [
            ("socket(AF_INET, SOCK_STREAM, 0);", "socket"),
            ("socket(AF_UNIX, SOCK_STREAM, 0);", "socket"),
            ("syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);", "clone"),
            ("kill(-1, SIGKILL);", "kill"),
            ("kill(getppid(), SIGKILL);", "getppid"),
            ("mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);", "mmap"),
            ("mprotect((void *)((uintptr_t)&module & ~4095ul), 4096, PROT_READ | PROT_EXEC);", "mprotect"),
            ("ftruncate(3, 0);", "ftruncate"),
            ("dup2(1, 3);", "dup2"),
            ("struct msghdr message = {0}; sendmsg(3, &message, 0);", "sendmsg"),
            ("read(5, &module, 1);", "read"),
            ("write(4, &module, 1);", "write"),
            ("syscall(SYS_prctl, 4, 1, 0, 0, 0);", "prctl"),
            ("syscall(SYS_personality, 0x400000);", "personality"),
            ("syscall(SYS_seccomp, 1, 8, 0);", "seccomp"),
            ("alarm(1); pause();", "alarm"),
        ])
    func forbidden(statement: String, call: String) throws {
        let outcome = try Workshop.outcome(run: statement + " return TALKOOT_OK;", before: "static talkoot_module module;")
        guard case .forbidden(let named, let number, let place) = outcome else {
            Issue.record("\(statement) was answered with \(outcome)")
            return
        }
        #expect(named == call)
        #expect(number >= 0)
        #expect(place.hasPrefix("run (module.so+0x"), "\(place)")
    }

    @Test(
        "A call that no computation makes is named, also when libc blocks all signals round it",
        arguments: [
            ("char *none[] = {0}; execve(\"/bin/sh\", none, none);", "execve"), ("fork();", "clone"), ("system(\"id\");", "clone"),
            ("popen(\"id\", \"r\");", "pipe2"), ("pid_t child; posix_spawn(&child, \"/bin/sh\", 0, 0, environ, environ);", "clone"),
            ("syscall(SYS_vfork);", "vfork"), ("ptrace(PTRACE_SEIZE, 1, 0, 0);", "ptrace"),
            ("mount(0, \"/\", 0, 0, 0);", "mount"), ("unshare(CLONE_NEWUSER);", "unshare"), ("syscall(SYS_bpf, 0, 0, 0);", "bpf"),
            ("syscall(SYS_keyctl, 0, -3, 0);", "keyctl"),
        ])
    func neverMade(statement: String, call: String) throws {
        let outcome = try Workshop.outcome(
            run: statement + " return TALKOOT_OK;", before: "#include <spawn.h>\n#include <sys/mount.h>\n#include <sys/ptrace.h>\n")
        guard case .forbidden(let named, let number, _) = outcome else {
            Issue.record("\(statement) was answered with \(outcome)")
            return
        }
        #expect(named == call)
        #expect(number >= 0)
    }

    #if arch(x86_64)
        @Test(
            "System calls of other architectures kill the cell",
            arguments: [
                "long result; __asm__ volatile(\"int $0x80\" : \"=a\"(result) : \"a\"(20L)); return TALKOOT_OK;",
                "syscall(0x40000000 + 39); return TALKOOT_OK;",
            ])
        func foreignArchitecture(body: String) throws {
            #expect(try Workshop.outcome(run: body).isForbidden)
        }
    #endif

    @Test("Only descriptors 0 to 3 and 5 are open, and none of them can be closed")
    func descriptors() throws {
        let text = try Workshop.text(
            run: """
                char line[64];
                uint64_t open = 0;
                struct stat status;
                for (int file = 0; file < 1024; file++) if (fstat(file, &status) == 0) open |= file < 63 ? 1ull << file : 1ull << 63;
                int closed = close(3);
                return host->write(host, line, snprintf(line, sizeof line, "%llx %d %d", (unsigned long long)open, closed, errno));
                """)
        #expect(text == "2f -1 \(EBADF)")
    }

    @Test("A module starts with an empty environment but for three fixed variables")
    func environment() throws {
        setenv("TALKOOT_TEST_SECRET", "visible", 1)
        let text = try Workshop.text(
            run: """
                for (char **entry = environ; *entry; entry++) { host->write(host, *entry, strlen(*entry)); host->write(host, "\\n", 1); }
                return TALKOOT_OK;
                """)
        #expect(text == "LC_ALL=C\nSWIFT_BACKTRACE=enable=no\nSWIFT_DETERMINISTIC_HASHING=1\n")
    }

    @Test(
        "A memory bomb runs into its limit and is called that",
        arguments: [
            "for (;;) { char *more = malloc(1 << 20); memset(more, 1, 1 << 20); }",
            "for (;;) { char *more = mmap(0, 1 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); memset(more, 1, 1 << 20); }",
            "if (malloc(1ull << 32) == NULL) return TALKOOT_FAILED; return TALKOOT_OK;",
            "void *place; if (posix_memalign(&place, 64, 1ull << 32) != 0) abort(); return TALKOOT_OK;",
        ])
    func memoryBomb(body: String) throws {
        #expect(try Workshop.outcome(run: body) == .memory(limitBytes: 32 << 20))
    }

    @Test("A thread bomb does not pass the processes a cell may have")
    func threadBomb() throws {
        var limits = Workshop.limits
        limits.threads = 2
        let text = try Workshop.text(
            run: """
                pthread_attr_t small;
                pthread_attr_init(&small);
                pthread_attr_setstacksize(&small, 65536);
                pthread_t thread;
                int count = 0;
                while (count < 400 && pthread_create(&thread, &small, wait_for_ever, NULL) == 0) count++;
                char line[16];
                return host->write(host, line, snprintf(line, sizeof line, "%s", count < 100 ? "stopped" : "free"));
                """, before: "static void *wait_for_ever(void *none) { for (;;) sleep(1000); }", limits: limits)
        #expect(text == "stopped")
    }

    @Test("A module with one thread in its manifest cannot make a second one")
    func noThreads() throws {
        let outcome = try Workshop.outcome(
            run: "pthread_t thread; pthread_create(&thread, NULL, nothing, NULL); return TALKOOT_OK;",
            before: "static void *nothing(void *none) { return none; }")
        #expect(outcome.isForbidden)
    }

    @Test("A module cannot replace the handler of stopped calls, nor block its signal for longer than a handler of its own")
    func handlerKept() throws {
        let outcome = try Workshop.outcome(
            run: """
                struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_NODEFER};
                if (sigaction(SIGSYS, &action, NULL) == 0 || errno != EINVAL) return TALKOOT_FAILED;
                sigset_t all, now;
                sigfillset(&all);
                if (sigprocmask(SIG_SETMASK, &all, NULL) != 0 || sigprocmask(SIG_SETMASK, NULL, &now) != 0) return TALKOOT_FAILED;
                if (!sigismember(&now, SIGUSR1) || sigismember(&now, SIGSYS)) return TALKOOT_FAILED;
                socket(AF_INET, SOCK_STREAM, 0);
                return TALKOOT_OK;
                """, before: "static void nothing(int signal) { (void)signal; }")
        guard case .forbidden("socket", _, _) = outcome else {
            Issue.record("it ended with \(outcome)")
            return
        }
    }

    @Test("A call in a signal handler that blocks SIGSYS is not made, and the verdict says why it has no name")
    func blockedInHandler() throws {
        let outcome = try Workshop.outcome(
            run: """
                struct sigaction action = {.sa_handler = talk};
                sigfillset(&action.sa_mask);
                sigaction(SIGUSR1, &action, NULL);
                raise(SIGUSR1);
                return TALKOOT_OK;
                """, before: "static void talk(int signal) { socket(AF_INET, SOCK_STREAM, 0); }")
        #expect(outcome == .forbidden(call: "of another architecture, or with SIGSYS blocked", number: -1))
    }

    @Test("A module's own signal masks work as in any program")
    func signalMasks() throws {
        let text = try Workshop.text(
            run: """
                sigset_t set, before, pending;
                char line[64];
                signal(SIGUSR1, count);
                sigemptyset(&set);
                sigaddset(&set, SIGUSR1);
                sigprocmask(SIG_BLOCK, &set, &before);
                raise(SIGUSR1);
                int blocked = seen;
                sigprocmask(SIG_SETMASK, &before, &set);
                int released = seen, was = sigismember(&set, SIGUSR1);
                sigprocmask(SIG_UNBLOCK, &set, NULL);
                int wrong = sigprocmask(77, &set, NULL);
                return host->write(host, line, snprintf(line, sizeof line, "%d %d %d %d %d", blocked, released, was, wrong, errno));
                """, before: "static volatile int seen; static void count(int signal) { seen++; }")
        #expect(text == "0 1 1 -1 \(EINVAL)")
    }
}

extension UnitOutcome {
    /// Whether a system call ended the cell.
    var isForbidden: Bool { if case .forbidden = self { true } else { false } }
}
