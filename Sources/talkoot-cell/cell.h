/*
 * talkoot-cell: confines itself, loads one module, runs its units until told to stop.
 *
 * Meant to be read whole. In order: main.c (the life of a cell), zygote.c and enclosure.c (what it is copied from), confine.c and limits.c (what it gives up), filter.c (system
 * calls), module.c (loading), host.c (what a module may ask for), exchange.c (the calls), faults.c (how it dies),
 * allocation.c (memory and random numbers). Nothing in here is trusted by the parent once the module is loaded.
 */
#ifndef TALKOOT_CELL_H
#define TALKOOT_CELL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "talkoot.h"
#include "talkoot_wire.h"

struct cell {
    talkoot_host host; /* what the module sees; first, so that a host is a cell */

    const talkoot_wire_configuration *configuration; /* private copy, with everything that it points to */
    const talkoot_wire_request *request;             /* read-only */
    talkoot_wire_status *status;
    uint64_t *ends;
    char *output;           /* of all units of an exchange */
    uint64_t output_size;   /* room */
    uint64_t sequence;      /* of the call being answered */

    const talkoot_module *module;
    uintptr_t stack_end;    /* above the first thread's stack */
    volatile bool is_loading; /* the name of the module may be opened */

    /* The call that runs now. */
    uint32_t call;
    uint64_t output_limit;  /* bytes */
    uint64_t unit;
    uint64_t start;         /* of its output */
    uint64_t used;          /* end of its output */
    uint64_t random;        /* state of arc4random_buf */
    bool is_running;        /* a unit, not another call */
    bool is_over;           /* its output passed the limit */
    bool has_message;
};

/* Signal handlers and the allocation functions have no argument to carry it. */
extern struct cell cell;

/* zygote.c: returns in each new cell, with the descriptors in place; the zygote itself ends in it, with its agent. 0, or an errno of
 * TALKOOT_STEP_USER_MAP. */
int zygote_wait(void);

/* enclosure.c: puts the zygote where its cells will be. 0, or an errno with *step set. */
int enclosure_enter(uint32_t layers, uint32_t *step);
/* In a new cell with a user namespace of its own. */
int enclosure_map_user(void);

/* confine.c, limits.c: each returns 0, or an errno with status.step set. */
/* What a privileged zygote can give up for all cells. */
void confine_bounding_set(void);
int confine(void);
int confine_limits(void);

/* filter.c */
int filter_handle_traps(void);
int filter_load(talkoot_wire_filter filter);

/* faults.c */
int faults_handle(void);
/* The handler of signals that are the end: leaves a note and ends the process. */
_Noreturn void faults_end(int signal, siginfo_t *info, void *raw);
/* 1 + address, as the library numbers it, of an instruction of the module, or of the call whose return address is the nearest above
 * `stack`; 0 when unknown. */
uint64_t faults_place(uintptr_t instruction, uintptr_t stack);

/* module.c */
int module_preload(uint32_t libraries);
bool module_load(void);

/* host.c */
void host_prepare(void);
void host_begin_call(void);
void host_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* units.c: returns in the process of each unit; the template itself ends in it, with the agent. */
void units_wait(void);

/* exchange.c */
/* Makes a call and answers it. */
void exchange_perform(uint32_t call);
/* Sends an answer; ends the process when the parent is gone. */
void exchange_answer(uint32_t call, uint32_t status);
/* Waits for the parent's next call and returns its TALKOOT_CALL_... */
uint32_t exchange_receive(void);

#endif /* TALKOOT_CELL_H */
