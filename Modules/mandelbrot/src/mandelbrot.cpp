// Draws the Mandelbrot set. An item is a row of dots, a result the rows' red, green and blue bytes; `finish` makes a PNG of them.
#include "picture.hpp"
#include "png.hpp"

#include <talkoot.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

using namespace mandelbrot;

/// A result of all rows must fit into what a cell may write, 64 MiB.
constexpr std::int64_t most_dots = (64 << 20) / 3;

Picture picture_of(const talkoot_host *host)
{
    Picture picture;
    picture.width = host->integer(host, "width");
    picture.height = host->integer(host, "height");
    picture.center_x = host->real(host, "center-x");
    picture.center_y = host->real(host, "center-y");
    picture.zoom = host->real(host, "zoom");
    picture.iterations = host->integer(host, "iterations");
    picture.samples = host->integer(host, "samples");
    picture.reference = nullptr;
    return picture;
}

/// From here on neighbouring points are the same to a double, or nearly so.
constexpr double deep = 1e13;

/// The way of the middle, computed once in a process.
Reference reference;
bool is_ready = false;

/// Sets the way of the middle where the picture needs it. False after a failure was told.
bool set_reference(const talkoot_host *host, Picture &picture)
{
    const char *const center = host->text(host, "center");
    if (*center == '\0' && picture.zoom <= deep) { return true; }
    picture.reference = &reference;
    if (is_ready) { return true; }
    const double radius = 0.5 * picture.dot() * static_cast<double>(picture.width > picture.height ? picture.width : picture.height);
    const char *const fault = reference.follow(center, picture.center_x, picture.center_y, radius, picture.iterations);
    if (fault != nullptr) { return host->fail(host, fault), false; }
    const auto skipped = static_cast<double>(host->integer(host, "skip"));
    reference.leave_out(skipped < 0 ? reference.common_steps(radius, picture.iterations) : skipped);
    is_ready = true;
    return true;
}

std::int32_t plan(const talkoot_host *host, std::uint64_t, std::uint64_t *items)
{
    const Picture picture = picture_of(host);
    if (picture.width * picture.height > most_dots) { return host->fail(host, "a picture has at most 22 million dots; make it smaller"); }
    *items = static_cast<std::uint64_t>(picture.height);
    return TALKOOT_OK;
}

std::int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    Picture picture = picture_of(host);
    if (!set_reference(host, picture)) { return TALKOOT_FAILED; }
    const Palette palette(host->text(host, "palette"));
    const std::size_t row_bytes = 3 * static_cast<std::size_t>(picture.width);
    for (std::uint64_t n = 0; n < unit->item_count; n++) {
        auto *const bytes = static_cast<std::uint8_t *>(host->reserve(host, row_bytes));
        if (bytes == nullptr) { return TALKOOT_FAILED; }
        picture.draw(static_cast<std::int64_t>(unit->first_item + n), palette, bytes);
        host->progress(host, n + 1);
        if (n + 1 < unit->item_count && host->should_stop(host)) { return TALKOOT_STOPPED; }
    }
    return TALKOOT_OK;
}

std::int32_t finish(const talkoot_host *host, talkoot_bytes merged)
{
    const Picture picture = picture_of(host);
    const auto width = static_cast<std::size_t>(picture.width), height = static_cast<std::size_t>(picture.height);
    const std::size_t size = 3 * width * height;
    if (merged.size > size || merged.size % (3 * width) != 0) { return host->fail(host, "these are not rows of the picture"); }
    // A picture that is asked for before it is done: the rows that are not there yet are black.
    const std::unique_ptr<void, decltype(&std::free)> padded(merged.size < size ? std::calloc(size, 1) : nullptr, &std::free);
    if (merged.size < size) {
        if (!padded) { return host->fail(host, "no room for the picture"); }
        std::memcpy(padded.get(), merged.data, merged.size);
    }
    const auto *const dots = static_cast<const std::uint8_t *>(padded ? padded.get() : merged.data);
    const Sink sink{[](void *context, const void *data, std::size_t size) {
                        const auto *const to = static_cast<const talkoot_host *>(context);
                        return to->write(to, data, size) == TALKOOT_OK;
                    },
                    const_cast<talkoot_host *>(host)};
    if (!write_png(dots, width, height, sink)) { return host->fail(host, "no room for the picture"); }
    return TALKOOT_OK;
}

constexpr talkoot_module module_table = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, nullptr, finish, nullptr};

}  // namespace

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *) { return &module_table; }
