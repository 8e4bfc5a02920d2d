#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "talkoot_copy.h"
#include "talkoot_system.h"

static int fail(int descriptor) {
    int error = errno;
    close(descriptor);
    return -error;
}

int talkoot_memory_create(const char *name, uint64_t size) {
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return -errno;
    if (ftruncate(file, (off_t)size) != 0) return fail(file);
    if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return fail(file);
    return file;
}

int talkoot_memory_seal(const char *name, const void *bytes, size_t size) {
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return -errno;
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, (const char *)bytes + done, size - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail(file);
        done += (size_t)count;
    }
    if (fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return fail(file);
    return file;
}

int talkoot_memory_reopen(int descriptor) {
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    return file < 0 ? -errno : file;
}

void talkoot_memory_write(void *address, const void *bytes, size_t size) { talkoot_copy(address, bytes, size); }

int talkoot_memory_release(int descriptor, uint64_t offset, uint64_t size) {
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    return fallocate(descriptor, mode, (off_t)offset, (off_t)size) == 0 ? 0 : -errno;
}

/* Up to so much it costs less to write zeros than to give pages back and take new ones. */
#define CLEARED_BYTES (64u << 10)

void talkoot_memory_clear(int descriptor, void *address, uint64_t size) {
    uint64_t cleared = 0;
    for (off_t start = 0; (start = lseek(descriptor, start, SEEK_DATA)) >= 0;) {
        const off_t end = lseek(descriptor, start, SEEK_HOLE);
        if (end <= start || (cleared += (uint64_t)(end - start)) > CLEARED_BYTES) {
            talkoot_memory_release(descriptor, (uint64_t)start, size - (uint64_t)start);
            return;
        }
        memset((char *)address + start, 0, (size_t)(end - start));
        start = end;
    }
    if (errno != ENXIO) talkoot_memory_release(descriptor, 0, size);
}

int talkoot_memory_scratch(void) {
    int file = memfd_create("scratch", MFD_CLOEXEC);
    return file < 0 ? -errno : file;
}
