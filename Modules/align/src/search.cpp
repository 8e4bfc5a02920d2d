#include "search.hpp"

#include "residues.hpp"

#include <cstdio>

namespace align {

namespace {

/// Residues that are collected before they are scored, so that all lanes have work.
constexpr std::size_t batch_residues = 1 << 20;

/// A result: these, the head, the hits (each with its name behind it), the tail.
struct Frame {
    std::uint64_t head_bytes, tail_bytes;
    std::uint32_t hits, has_name;
};

struct FramedHit {
    std::int32_t score;
    std::uint32_t length, name_bytes;
};

/// Reads a value from bytes that may be too few.
template <typename Value>
bool take(const std::uint8_t *&at, const std::uint8_t *end, Value &value)
{
    if (static_cast<std::size_t>(end - at) < sizeof value) { return false; }
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
    return true;
}

/// The end of the line that begins here, its newline included.
const char *line_end(const char *at, const char *end)
{
    const void *const newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    return newline == nullptr ? end : static_cast<const char *>(newline) + 1;
}

}  // namespace

bool Search::take_lines(const char *text, std::size_t size)
{
    const char *const end = text + size;
    for (const char *at = text; at < end;) {
        const char *const next = line_end(at, end);
        if (*at == '>') {
            if (has_name && !end_protein()) { return false; }
            has_name = true;
            tail.cut(0);
        }
        Buffer<char> &place = has_name ? tail : head;
        const bool is_open = next[-1] != '\n';
        if (!place.append(at, static_cast<std::size_t>(next - at)) || (is_open && !place.append('\n'))) { return false; }
        at = next;
    }
    return true;
}

/// The protein in `tail` is whole: it joins those that wait.
bool Search::end_protein()
{
    const char *const start = tail.begin(), *const end = tail.end(), *const first = line_end(start, end);
    std::size_t name_bytes = static_cast<std::size_t>(first - start) - 1;
    while (name_bytes > 1 && static_cast<unsigned char>(start[name_bytes - 1]) <= ' ') { name_bytes--; }
    Waiting protein{residues.size(), 0, names.size(), name_bytes - 1};
    if (!names.append(start + 1, name_bytes - 1)) { return false; }
    for (const char *at = first; at < end; at++) {
        const std::uint8_t residue = residue_of(*at);
        if (residue != no_residue && !residues.append(residue)) { return false; }
    }
    protein.length = residues.size() - protein.residues;
    return waiting.append(protein) && (residues.size() < batch_residues || score_waiting());
}

bool Search::score_waiting()
{
    Buffer<Protein> proteins;
    Buffer<std::int32_t> scores;
    if (!scores.reset(waiting.size())) { return false; }
    for (const Waiting &each : waiting) {
        if (!proteins.append(Protein{residues.begin() + each.residues, each.length})) { return false; }
    }
    kernel.score(proteins.begin(), proteins.size(), scores.begin());
    for (std::size_t i = 0; i < waiting.size(); i++) {
        const Waiting &each = waiting[i];
        if (!hits.add(scores[i], static_cast<std::uint32_t>(each.length), names.begin() + each.name, each.name_bytes)) { return false; }
    }
    waiting.cut(0);
    residues.cut(0);
    names.cut(0);
    return true;
}

bool Search::write(const talkoot_host *host)
{
    if (!score_waiting()) { return false; }
    hits.settle();
    const Frame frame{head.size(), tail.size(), static_cast<std::uint32_t>(hits.size()), has_name};
    host->write(host, &frame, sizeof frame);
    host->write(host, head.begin(), head.size());
    for (const Hit &hit : hits) {
        const FramedHit framed{hit.score, hit.length, hit.name_bytes};
        host->write(host, &framed, sizeof framed);
        host->write(host, hits.name(hit), hit.name_bytes);
    }
    return host->write(host, tail.begin(), tail.size()) == TALKOOT_OK;
}

bool Search::add_hits(const std::uint8_t *&at, const std::uint8_t *end, std::uint32_t count)
{
    for (std::uint32_t n = 0; n < count; n++) {
        FramedHit hit;
        if (!take(at, end, hit) || static_cast<std::size_t>(end - at) < hit.name_bytes) { return false; }
        if (!hits.add(hit.score, hit.length, reinterpret_cast<const char *>(at), hit.name_bytes)) { return false; }
        at += hit.name_bytes;
    }
    return true;
}

bool Search::take_result(talkoot_bytes result)
{
    const auto *at = static_cast<const std::uint8_t *>(result.data);
    const std::uint8_t *const end = at + result.size;
    Frame frame;
    if (!take(at, end, frame) || static_cast<std::size_t>(end - at) < frame.head_bytes) { return false; }
    if (!take_lines(reinterpret_cast<const char *>(at), frame.head_bytes)) { return false; }
    at += frame.head_bytes;
    if (frame.has_name != 0) {
        // What was open ends here, and its place is before what the result lists.
        if ((has_name && !end_protein()) || !score_waiting()) { return false; }
        has_name = false;
    }
    if (!add_hits(at, end, frame.hits) || static_cast<std::size_t>(end - at) != frame.tail_bytes) { return false; }
    if (frame.has_name == 0) { return frame.tail_bytes == 0; }
    return frame.tail_bytes > 0 && *at == '>' && take_lines(reinterpret_cast<const char *>(at), frame.tail_bytes);
}

bool Search::write_list(const talkoot_host *host)
{
    if ((has_name && !end_protein()) || !score_waiting()) { return false; }
    has_name = false;
    hits.settle();
    static const char title[] = "score\tlength\tname\n";
    bool is_written = host->write(host, title, sizeof title - 1) == TALKOOT_OK;
    for (const Hit &hit : hits) {
        char numbers[32];
        const int size = std::snprintf(numbers, sizeof numbers, "%d\t%u\t", hit.score, hit.length);
        host->write(host, numbers, static_cast<std::size_t>(size));
        host->write(host, hits.name(hit), hit.name_bytes);
        is_written = host->write(host, "\n", 1) == TALKOOT_OK;
    }
    return is_written;
}

}  // namespace align
