// A search through FASTA text that comes in pieces: whole lines, cut anywhere, so that a piece may begin and end inside of a protein.
#pragma once

#include "hits.hpp"
#include "kernel.hpp"

#include <talkoot.h>

namespace align {

/// What is known of a run of lines: the lines before the first `>`, which belong to a protein that began earlier; the best of the proteins
/// that are whole; the lines of the last one, which may go on.
class Search {
public:
    Search(Kernel &kernel, std::size_t limit) : kernel(kernel), hits(limit) {}

    /// Goes on with lines; false without memory.
    bool take_lines(const char *text, std::size_t size);

    /// Goes on with what `write` wrote of the lines that follow. False for bytes that it did not write.
    bool take_result(talkoot_bytes result);

    /// Writes what is known; false when there is no room.
    bool write(const talkoot_host *host);

    /// Writes the list, when there are no more lines.
    bool write_list(const talkoot_host *host);

private:
    Kernel &kernel;
    Hits hits;
    bool has_name = false;
    Buffer<char> head, tail;

    /// Proteins that wait to be scored: their residues lie behind each other, their names too.
    struct Waiting {
        std::size_t residues, length, name, name_bytes;
    };
    Buffer<Waiting> waiting;
    Buffer<std::uint8_t> residues;
    Buffer<char> names;

    bool end_protein();
    bool score_waiting();
    bool add_hits(const std::uint8_t *&at, const std::uint8_t *end, std::uint32_t count);
};

}  // namespace align
