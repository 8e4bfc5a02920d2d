/* Compresses a file with libzstd, which is linked in. An item is 4 MiB of the input, a result the items' frames; frames one after
 * another are a Zstandard file. */
#include <talkoot.h>
#include <zstd.h>

/* The input's block in module.yaml: a frame holds one, whatever the size of units. */
#define FRAME_BYTES (4u << 20)

/* Compresses one frame to the end of the output. */
static int32_t write_frame(const talkoot_host *host, ZSTD_CCtx *context, const void *data, size_t size)
{
    static char packed[ZSTD_COMPRESSBOUND(FRAME_BYTES)];
    const size_t length = ZSTD_compress2(context, packed, sizeof packed, data, size);
    if (ZSTD_isError(length)) { return host->fail(host, ZSTD_getErrorName(length)); }
    return host->write(host, packed, length);
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    /* Kept for the next unit: its tables are some megabytes. */
    static ZSTD_CCtx *context;
    if (context == NULL) { context = ZSTD_createCCtx(); }
    if (context == NULL) { return host->fail(host, "no memory for the compressor; give the module more than its 256 MiB"); }
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, (int)host->integer(host, "level"));
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    for (uint64_t done = 0; done < unit->item_count; done++) {
        const size_t start = done * FRAME_BYTES, left = unit->input.size - start;
        const size_t size = left < FRAME_BYTES ? left : FRAME_BYTES;
        const int32_t status = write_frame(host, context, (const char *)unit->input.data + start, size);
        if (status != TALKOOT_OK) { return status; }
        host->progress(host, done + 1);
        if (done + 1 < unit->item_count && host->should_stop(host)) { return TALKOOT_STOPPED; }
    }
    return TALKOOT_OK;
}

static const talkoot_module module = {
    .abi_version = TALKOOT_ABI_VERSION,
    .struct_size = sizeof(talkoot_module),
    .run = run,
};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host)
{
    (void)host;
    return &module;
}
