#include "hits.hpp"

#include <algorithm>

namespace align {

bool Hits::add(std::int32_t score, std::uint32_t length, const char *name, std::size_t name_bytes)
{
    // Sorted now and then, so that the list stays short and a hit costs little.
    if (list.size() >= 2 * limit + 1024) {
        settle();
        if (!drop_names()) { return false; }
    }
    const auto kept = static_cast<std::uint32_t>(name_bytes < most_name_bytes ? name_bytes : most_name_bytes);
    return list.append(Hit{score, length, count++, names.size(), kept}) && names.append(name, kept);
}

void Hits::settle()
{
    const auto is_before = [](const Hit &a, const Hit &b) { return a.score != b.score ? a.score > b.score : a.order < b.order; };
    std::sort(list.begin(), list.end(), is_before);
    list.cut(limit);
}

/// Keeps only the names of the hits that are left.
bool Hits::drop_names()
{
    Buffer<char> kept;
    for (Hit &hit : list) {
        const std::size_t place = kept.size();
        if (!kept.append(name(hit), hit.name_bytes)) { return false; }
        hit.name = place;
    }
    names.cut(0);
    return names.append(kept.begin(), kept.size());
}

}  // namespace align
