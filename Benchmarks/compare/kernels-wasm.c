/* The kernels for WebAssembly, without a library. */
#include "../kernels/src/kernels.h"

void *memset(void *place, int value, unsigned long size)
{
    for (volatile unsigned char *byte = place; size > 0; size--) { *byte++ = (unsigned char)value; }
    return place;
}

__attribute__((export_name("kernel"))) uint64_t kernel_of(int64_t number) { return kernel(number); }
