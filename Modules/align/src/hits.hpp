// The best proteins so far.
#pragma once

#include "buffer.hpp"

#include <cstdint>

namespace align {

/// A protein and its score; its name lies in the list's text.
struct Hit {
    std::int32_t score;
    std::uint32_t length;
    std::uint64_t order;
    std::size_t name;
    std::uint32_t name_bytes;
};

class Hits {
public:
    explicit Hits(std::size_t limit) : limit(limit) {}

    /// Names are cut to this many bytes.
    static constexpr std::uint32_t most_name_bytes = 200;

    /// Appends one that comes after all others in the file; false without memory.
    bool add(std::int32_t score, std::uint32_t length, const char *name, std::size_t name_bytes);

    /// Sorts: the higher score first, of equal ones the earlier, and forgets those beyond the limit.
    void settle();

    const Hit *begin() const { return list.begin(); }
    const Hit *end() const { return list.end(); }
    std::size_t size() const { return list.size(); }
    const char *name(const Hit &hit) const { return names.begin() + hit.name; }

private:
    std::size_t limit;
    std::uint64_t count = 0;
    Buffer<Hit> list;
    Buffer<char> names;

    bool drop_names();
};

}  // namespace align
