/* The layout that version 1 promises, on every platform with 64-bit pointers. A change here breaks every module
 * that was ever built: append fields, never move one. */
#include "talkoot.h"

#define AT(type, field, place) _Static_assert(offsetof(type, field) == (place), #type "." #field " moved")
#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has another size")

_Static_assert(sizeof(void *) == 8 && sizeof(size_t) == 8, "version 1 is defined for 64-bit platforms");
_Static_assert(sizeof(bool) == 1, "a flag is one byte");

AT(talkoot_bytes, data, 0);
AT(talkoot_bytes, size, 8);
SIZE(talkoot_bytes, 16);

AT(talkoot_unit, struct_size, 0);
AT(talkoot_unit, attempt, 4);
AT(talkoot_unit, index, 8);
AT(talkoot_unit, first_item, 16);
AT(talkoot_unit, item_count, 24);
AT(talkoot_unit, seed, 32);
AT(talkoot_unit, input, 40);
AT(talkoot_unit, common, 56);
AT(talkoot_unit, checkpoint, 72);
SIZE(talkoot_unit, 88);

AT(talkoot_host, abi_version, 0);
AT(talkoot_host, struct_size, 4);
AT(talkoot_host, integer, 8);
AT(talkoot_host, real, 16);
AT(talkoot_host, flag, 24);
AT(talkoot_host, text, 32);
AT(talkoot_host, write, 40);
AT(talkoot_host, reserve, 48);
AT(talkoot_host, should_stop, 56);
AT(talkoot_host, progress, 64);
AT(talkoot_host, checkpoint, 72);
AT(talkoot_host, log, 80);
AT(talkoot_host, fail, 88);
SIZE(talkoot_host, 96);

AT(talkoot_module, abi_version, 0);
AT(talkoot_module, struct_size, 4);
AT(talkoot_module, plan, 8);
AT(talkoot_module, run, 16);
AT(talkoot_module, merge, 24);
AT(talkoot_module, finish, 32);
AT(talkoot_module, equal, 40);
SIZE(talkoot_module, 48);
