// Finds the proteins of a FASTA file that are most like a query. An item is a line, so a unit may cut a protein in two: a result holds
// the best proteins that are whole in it, and the lines at both ends that belong to others, which `merge` puts together.
#include "residues.hpp"
#include "search.hpp"

#include <new>

namespace {

using namespace align;

/// The query is read once in a process.
Kernel *prepared(const talkoot_host *host)
{
    alignas(Kernel) static unsigned char place[sizeof(Kernel)];
    static Kernel *kernel;
    if (kernel != nullptr) { return kernel; }
    Buffer<std::uint8_t> query;
    for (const char *letter = host->text(host, "query"); *letter != '\0'; letter++) {
        const std::uint8_t residue = residue_of(*letter);
        if (residue == no_residue) { return host->fail(host, "the query is not all letters of residues"), nullptr; }
        if (!query.append(residue)) { return host->fail(host, "no memory for the query"), nullptr; }
    }
    Kernel *const made = new (place) Kernel();
    const int open = static_cast<int>(host->integer(host, "gap-open")), extend = static_cast<int>(host->integer(host, "gap-extend"));
    if (!made->prepare(query.begin(), query.size(), open, extend)) {
        return host->fail(host, "the query is too long: its score with itself is above 32,000"), nullptr;
    }
    return kernel = made;
}

std::size_t limit_of(const talkoot_host *host) { return static_cast<std::size_t>(host->integer(host, "top")); }

std::int32_t ended(const talkoot_host *host, bool is_good)
{
    return is_good ? TALKOOT_OK : host->fail(host, "no memory, or a result that no unit wrote");
}

std::int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    Kernel *const kernel = prepared(host);
    if (kernel == nullptr) { return TALKOOT_FAILED; }
    Search search(*kernel, limit_of(host));
    return ended(host, search.take_lines(static_cast<const char *>(unit->input.data), unit->input.size) && search.write(host));
}

std::int32_t merge(const talkoot_host *host, const talkoot_bytes *results, std::size_t count)
{
    Kernel *const kernel = prepared(host);
    if (kernel == nullptr) { return TALKOOT_FAILED; }
    Search search(*kernel, limit_of(host));
    for (std::size_t n = 0; n < count; n++) {
        if (!search.take_result(results[n])) { return ended(host, false); }
    }
    return ended(host, search.write(host));
}

std::int32_t finish(const talkoot_host *host, talkoot_bytes merged)
{
    Kernel *const kernel = prepared(host);
    if (kernel == nullptr) { return TALKOOT_FAILED; }
    Search search(*kernel, limit_of(host));
    return ended(host, (merged.size == 0 || search.take_result(merged)) && search.write_list(host));
}

const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), nullptr, run, merge, finish, nullptr};

}  // namespace

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *) { return &module; }
