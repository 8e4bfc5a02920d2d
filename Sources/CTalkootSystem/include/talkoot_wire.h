/*
 * What the two sides of a cell share: the descriptors it starts with, its configuration, and the two pieces of
 * memory through which every call goes. Private to Talkoot: both programs come from one build, and the
 * version number is there to say so when they do not.
 *
 * The parent trusts nothing here that the cell can write. It copies a struct out once and checks the copy.
 */
#ifndef TALKOOT_WIRE_H
#define TALKOOT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define TALKOOT_WIRE_MAGIC 0x6c6c6563u /* "cell" */
#define TALKOOT_WIRE_VERSION 1u

/* Descriptors of a new cell. 0 is /dev/null, 1 and 2 are the log pipe. The zygote has /dev/null in their place. */
enum {
    TALKOOT_FD_ZYGOTE = 3,   /* of the zygote alone: sequenced packets of talkoot_wire_spawn and talkoot_wire_spawned */
    TALKOOT_FD_CALLS = 3,    /* an event counter: raised when the request memory holds the next call */
    TALKOOT_FD_MODULE = 4,   /* the library, a sealed memory file, read-only; closed by ld.so */
    TALKOOT_FD_ANSWERS = 5,  /* the writing end of a pipe of packets: talkoot_wire_header */
    TALKOOT_FD_REQUEST = 6,  /* the parent writes, the cell reads; closed before the module is loaded */
    TALKOOT_FD_RESPONSE = 7, /* both read and write; closed before the module is loaded */
    TALKOOT_FD_UNITS = 8,    /* as ANSWERS, for the processes of a template's units; closed in other cells */
    TALKOOT_FD_COUNT = 9
};

/* What a header asks for or answers to. */
enum {
    TALKOOT_CALL_READY = 1,  /* cell: confined as far as asked, waiting for leave to load */
    TALKOOT_CALL_GO = 2,     /* parent: load the module */
    TALKOOT_CALL_LOADED = 3, /* cell: loaded, status.features is set */
    TALKOOT_CALL_PLAN = 4,
    TALKOOT_CALL_RUN = 5,
    TALKOOT_CALL_MERGE = 6,
    TALKOOT_CALL_FINISH = 7,
    TALKOOT_CALL_EQUAL = 8   /* two results; status.items is 1 when they agree */
};

/* How a call ended: talkoot_wire_header.status of an answer. */
enum {
    TALKOOT_END_DONE = 0,        /* as far as the budget, the stop line or the request went */
    TALKOOT_END_FAILED = 1,      /* status.message says why */
    TALKOOT_END_OUTPUT = 2,      /* more output than allowed */
    TALKOOT_END_MEMORY = 3,      /* failed after an allocation was refused */
    TALKOOT_END_STEP = 4,        /* a step of confinement failed: status.step and status.error */
    TALKOOT_END_LOAD = 5,        /* the library could not be loaded: status.message says why */
    TALKOOT_END_LAST = 0x100     /* added to one of the above: the process ends now */
};

/* Written before the process dies: status.death. */
enum { TALKOOT_DEATH_NONE = 0, TALKOOT_DEATH_SIGNAL = 1, TALKOOT_DEATH_FORBIDDEN = 2 };
#define TALKOOT_EXIT_FORBIDDEN 159

/* Layers of confinement that a cell is asked to put up; configuration.layers. */
enum {
    TALKOOT_LAYER_NAMESPACES = 1,     /* the zygote made them; the cell empties the file system tree */
    TALKOOT_LAYER_OWN_USER = 2,       /* setresuid to configuration.user */
    TALKOOT_LAYER_LANDLOCK = 4,
    TALKOOT_LAYER_LIMITS = 8,
    TALKOOT_LAYER_FILTER = 16,
    TALKOOT_LAYER_USER_NAMESPACE = 32 /* namespaces are owned by a user namespace of the cell's own */
};

/* The steps, in their order; status.step names the one that failed. */
enum {
    TALKOOT_STEP_NONE = 0,
    TALKOOT_STEP_CLONE = 1,
    TALKOOT_STEP_USER_MAP = 2,
    TALKOOT_STEP_DESCRIPTORS = 3,
    TALKOOT_STEP_EXECUTE = 4,
    TALKOOT_STEP_CONFIGURATION = 5,
    TALKOOT_STEP_PARENT = 6,
    TALKOOT_STEP_PRELOAD = 7,
    TALKOOT_STEP_HOST_NAME = 8,
    TALKOOT_STEP_MOUNT = 9,
    TALKOOT_STEP_PIVOT = 10,
    TALKOOT_STEP_IDENTITY = 11,
    TALKOOT_STEP_CAPABILITIES = 12,
    TALKOOT_STEP_NO_NEW_PRIVILEGES = 13,
    TALKOOT_STEP_LANDLOCK = 14,
    TALKOOT_STEP_LIMITS = 15,
    TALKOOT_STEP_HANDSHAKE = 16,
    TALKOOT_STEP_FILTER_LOADING = 17,
    TALKOOT_STEP_FILTER_RUNNING = 18
};

/* Libraries that the cell opens while it still sees files, because the module needs them. */
enum { TALKOOT_PRELOAD_MATH = 1, TALKOOT_PRELOAD_GCC = 2, TALKOOT_PRELOAD_CXX = 4 };

/* The callbacks that a module has; status.features. */
enum { TALKOOT_HAS_PLAN = 1, TALKOOT_HAS_MERGE = 2, TALKOOT_HAS_FINISH = 4, TALKOOT_HAS_EQUAL = 8 };

/* Calls that the cell's handler of stopped calls answers instead of reporting them; configuration.answers. */
enum { TALKOOT_ANSWER_OPEN = 1, TALKOOT_ANSWER_STAT = 2, TALKOOT_ANSWER_CLOSE = 4, TALKOOT_ANSWER_MASK = 8 };

/* The process id that a filter is built with; the cell puts its own in its place. */
#define TALKOOT_FILTER_OWN_PROCESS 0x7a6c6b74u

/* An answer. */
typedef struct talkoot_wire_header {
    uint32_t call;
    uint32_t status;
    uint64_t sequence; /* counts the parent's calls; an answer repeats it */
} talkoot_wire_header;

/* Hierarchies of control groups of version 1 that a cell can be born into: memory, pids, cpu. */
#define TALKOOT_LEGACY_GROUPS 3
/* The most descriptors that come with a request. */
#define TALKOOT_WIRE_SPAWN_DESCRIPTORS (TALKOOT_FD_COUNT + 1 + 2 * TALKOOT_LEGACY_GROUPS)

/* What the zygote is asked for, with the descriptors of the new cell, then those of its control groups. */
typedef struct talkoot_wire_spawn {
    uint32_t layers;  /* the same in all requests to one zygote */
    uint32_t preload; /* TALKOOT_PRELOAD_..., no more than in the first request to it */
    uint32_t groups; /* 1 with the directory of a group of version 2 */
    uint32_t legacy; /* with the `tasks` of so many groups of version 1, and then of the zygote's own in the same hierarchies */
} talkoot_wire_spawn;

/* Its answer. */
typedef struct talkoot_wire_spawned {
    int32_t process; /* of the new cell, a child of the zygote's parent */
    uint32_t step;   /* TALKOOT_STEP_... that failed, when error is not 0; the zygote ends, unless it is CLONE */
    int32_t error;   /* errno of the step, or 0 */
    uint32_t is_outside; /* 1 when a group refused it */
} talkoot_wire_spawned;

/* How a unit's own process ended: the template's answer to each TALKOOT_CALL_RUN. */
typedef struct talkoot_wire_ended {
    int32_t error;  /* errno when there was no process; the rest is 0 then */
    int32_t code;   /* CLD_EXITED or CLD_KILLED */
    int32_t status; /* exit status or signal */
    uint32_t reserved;
    uint64_t nanoseconds; /* of processor time */
} talkoot_wire_ended;

/* A parameter: offsets count from the start of the configuration; kind is 0 integer, 1 real, 2 flag, 3 text. */
typedef struct talkoot_wire_parameter {
    uint32_t kind;
    uint32_t name;  /* offset of its name, with NUL */
    uint64_t value; /* the number's bits, 0 or 1, or the offset of the text, with NUL */
} talkoot_wire_parameter;

/* A program for the kernel: struct sock_filter each. */
typedef struct talkoot_wire_filter {
    uint32_t offset; /* from the start of the configuration */
    uint32_t count;  /* 0: none */
} talkoot_wire_filter;

/* At the start of the request memory while a cell starts; it takes a private copy of `size` bytes. */
typedef struct talkoot_wire_configuration {
    uint32_t magic;
    uint32_t version;
    uint32_t size;
    uint32_t layers;
    uint32_t preload;
    uint32_t user;            /* user and group id with TALKOOT_LAYER_OWN_USER */
    uint32_t processes;       /* RLIMIT_NPROC, or 0 to leave it */
    uint32_t probe;           /* 1: put up every layer, load no module, end */
    uint64_t data_bytes;      /* RLIMIT_DATA */
    uint64_t processor_seconds; /* RLIMIT_CPU, for the life of the cell */
    uint64_t unit_seconds;    /* RLIMIT_CPU of each unit's own process; 0: one process runs all */
    uint64_t request_bytes;   /* size of the request memory */
    uint64_t response_bytes;  /* size of the response memory */
    talkoot_wire_filter template_filter; /* of the process that starts one for each unit, before those of the unit's */
    talkoot_wire_filter loading_filter;
    talkoot_wire_filter running_filter;
    uint32_t answers;         /* TALKOOT_ANSWER_... */
    uint32_t reserved;
    uint32_t parameters;      /* offset of talkoot_wire_parameter[] */
    uint32_t parameter_count;
} talkoot_wire_configuration;

/* The most units of one exchange, and so the length of the table of result ends. */
#define TALKOOT_WIRE_UNITS 65536u
/* Results of a unit start at a multiple of this. */
#define TALKOOT_WIRE_ALIGNMENT 16u
/* Output after which an exchange ends at the next unit. */
#define TALKOOT_WIRE_BATCH_BYTES (1u << 20)
#define TALKOOT_WIRE_MESSAGE 1024u
/* Checkpoints larger than this are not kept. */
#define TALKOOT_WIRE_CHECKPOINT_BYTES (1u << 20)

/* Places in the request memory: the request, then its payload. */
#define TALKOOT_WIRE_REQUEST_PAYLOAD 4096u
/* Places in the response memory: the status, the ends of results, two checkpoints, the output. */
#define TALKOOT_WIRE_ENDS 4096u
#define TALKOOT_WIRE_CHECKPOINTS (TALKOOT_WIRE_ENDS + 8u * TALKOOT_WIRE_UNITS)
#define TALKOOT_WIRE_OUTPUT (TALKOOT_WIRE_CHECKPOINTS + 2u * TALKOOT_WIRE_CHECKPOINT_BYTES)

/* At the start of the request memory, once the cell runs. Offsets count from the start of the memory. */
typedef struct talkoot_wire_request {
    uint64_t stop_line;      /* units at or after it are not started; may be lowered at any time */
    uint64_t first_unit;
    uint64_t count;          /* units of a run, results of a merge, at most TALKOOT_WIRE_UNITS */
    uint64_t items;          /* of the job */
    uint64_t items_per_unit;
    uint64_t seed;           /* of the job */
    uint64_t budget;         /* nanoseconds after which no unit is started */
    uint64_t output_limit;   /* bytes a unit, or the call, may write */
    uint64_t ends;           /* offset of uint64_t[count], where each input or result ends; 0 without input */
    uint64_t payload;        /* offset of the bytes */
    uint64_t payload_size;
    uint64_t checkpoint;     /* offset of the first unit's checkpoint */
    uint64_t checkpoint_size;
    uint64_t attempt;        /* of the first unit */
    uint64_t sequence;       /* counts the calls */
    uint32_t call;           /* TALKOOT_CALL_... */
    uint32_t reserved;
} talkoot_wire_request;

/* At the start of the response memory. */
typedef struct talkoot_wire_status {
    uint64_t done;           /* units of this exchange that have their result */
    uint64_t items;          /* the plan's answer */
    uint64_t progress;       /* items that the running unit says are done */
    uint64_t refused_bytes;  /* of the first allocation that was refused in this unit */
    uint64_t log_dropped;    /* bytes of log text since the start */
    uint64_t checkpoint_unit;
    uint64_t checkpoint_size;
    uint32_t checkpoint_slot; /* 1 or 2; 0 without one */
    uint32_t features;
    uint32_t step;
    int32_t error;
    uint32_t death;
    int32_t signal;
    int32_t system_call;
    uint32_t reserved;
    uint64_t place;          /* 1 + offset of the instruction in the module, 0 when unknown */
    uint64_t address;        /* the address that a fault touched */
    char message[TALKOOT_WIRE_MESSAGE];
} talkoot_wire_status;

_Static_assert(sizeof(talkoot_wire_header) == 16, "a header is 16 bytes");
_Static_assert(sizeof(talkoot_wire_request) <= TALKOOT_WIRE_REQUEST_PAYLOAD, "the request fits its page");
_Static_assert(sizeof(talkoot_wire_status) <= TALKOOT_WIRE_ENDS, "the status fits its page");

/* The stop line is read and written by two processes at once. */
static inline void talkoot_wire_set_stop_line(talkoot_wire_request *request, uint64_t unit) {
    __atomic_store_n(&request->stop_line, unit, __ATOMIC_RELEASE);
}
static inline uint64_t talkoot_wire_stop_line(const talkoot_wire_request *request) {
    return __atomic_load_n(&request->stop_line, __ATOMIC_ACQUIRE);
}

#endif /* TALKOOT_WIRE_H */
