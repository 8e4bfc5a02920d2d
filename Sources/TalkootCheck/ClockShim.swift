import Glibc
import TalkootCore
import TalkootPackaging

/// A small library that cells of a check load first: it changes the date and notes which calls the module makes that no result may
/// depend on.
final class ClockShim {
    /// The mark before a noted call in the log.
    static let mark = "talkoot-check: "

    private let directory: String
    /// The library.
    var path: String { directory + "/shim.so" }

    /// Compiles it into a temporary directory, removed with this object.
    ///
    /// - Throws: ``TalkootError`` `notFound` without a C compiler, `cannotCreate` without a temporary directory.
    init() throws(TalkootError) {
        var name = Array("/tmp/talkoot-check-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw TalkootError(.cannotCreate, "no temporary directory", remedy: "look at /tmp") }
        directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Cells run as another user.
        chmod(directory, 0o755)
        try ModuleFolder.compile(c: Self.source, to: directory + "/shim.so")
    }

    deinit {
        unlink(path)
        rmdir(directory)
    }

    /// The noted calls of a log, each once.
    static func calls(in log: String) -> [String] {
        var calls: [String] = []
        for line in log.split(separator: "\n") where line.hasPrefix(mark) {
            let call = String(line.dropFirst(mark.count))
            if !calls.contains(call) { calls.append(call) }
        }
        return calls
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <link.h>
        #include <pthread.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/random.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static uintptr_t program_start, program_end;
        static long shift;

        static int find_program(struct dl_phdr_info *info, size_t size, void *unused) {
            (void)size, (void)unused;
            program_start = info->dlpi_addr;
            for (int i = 0; i < info->dlpi_phnum; i++) {
                const uintptr_t end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
                if (info->dlpi_phdr[i].p_type == PT_LOAD && end > program_end) program_end = end;
            }
            return 1;
        }

        __attribute__((constructor)) static void prepare(void) {
            dl_iterate_phdr(find_program, NULL);
            const char *text = getenv("TALKOOT_CLOCK");
            if (text != NULL) shift = atol(text);
        }

        static void note(const char *name, uintptr_t caller, char *is_noted) {
            if (*is_noted || (caller >= program_start && caller < program_end)) return;
            *is_noted = 1;
            char line[64] = "talkoot-check: ";
            strncat(line, name, 40);
            strcat(line, "\\n");
            if (write(2, line, strlen(line)) < 0) return;
        }

        #define NOTE(name) \\
            static char is_noted; \\
            note(name, (uintptr_t)__builtin_return_address(0), &is_noted)
        #define REAL(name) \\
            static __typeof__(&name) real; \\
            if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

        int clock_gettime(clockid_t clock, struct timespec *time) {
            REAL(clock_gettime);
            NOTE("clock_gettime");
            const int result = real(clock, time);
            if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI)) time->tv_sec += shift;
            return result;
        }

        time_t time(time_t *place) {
            NOTE("time");
            REAL(clock_gettime);
            struct timespec now = {0, 0};
            real(CLOCK_REALTIME, &now);
            now.tv_sec += shift;
            if (place != NULL) *place = now.tv_sec;
            return now.tv_sec;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            (void)zone;
            NOTE("gettimeofday");
            REAL(clock_gettime);
            struct timespec now = {0, 0};
            const int result = real(CLOCK_REALTIME, &now);
            if (time != NULL) *time = (struct timeval){now.tv_sec + shift, now.tv_nsec / 1000};
            return result;
        }

        clock_t clock(void) {
            REAL(clock);
            NOTE("clock");
            return real();
        }

        ssize_t getrandom(void *place, size_t size, unsigned flags) {
            REAL(getrandom);
            NOTE("getrandom");
            return real(place, size, flags);
        }

        int getentropy(void *place, size_t size) {
            REAL(getentropy);
            NOTE("getentropy");
            return real(place, size);
        }

        int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
            REAL(pthread_create);
            NOTE("pthread_create");
            return real(thread, attributes, body, argument);
        }
        """
}
