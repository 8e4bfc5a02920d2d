// Smith and Waterman's local alignment with affine gaps, of one query with many proteins side by side.
#pragma once

#include "buffer.hpp"

#include <cstdint>

namespace align {

/// A protein as numbers of residues.
struct Protein {
    const std::uint8_t *residues;
    std::size_t length;
};

/// As wide as the processor's registers; each lane holds another protein.
#ifdef __AVX2__
constexpr std::size_t lanes = 16;
#else
constexpr std::size_t lanes = 8;
#endif
typedef std::int16_t Vector __attribute__((vector_size(2 * lanes)));

/// Scores of a query. A gap of n residues costs open + (n - 1) * extend.
class Kernel {
public:
    /// False when the query is too long for scores of 16 bits, or without memory.
    bool prepare(const std::uint8_t *query, std::size_t length, int gap_open, int gap_extend);

    /// Sets the score of each protein.
    void score(const Protein *proteins, std::size_t count, std::int32_t *scores);

private:
    /// A row of the table of scores, a residue of the query: for each lane the best alignment that ends here, and the best that ends in a
    /// gap.
    struct Row {
        Vector score;
        Vector gap;
    };

    /// What a lane works on.
    struct Lane {
        const std::uint8_t *at;
        const std::uint8_t *end;
        std::size_t protein;
        bool is_busy;
    };

    Buffer<std::uint8_t> residues;
    Buffer<Row> rows;
    Vector profile[32];
    Lane work[lanes];
    Vector best;
    std::int16_t open, extend;

    void take_column();
    void load(std::size_t lane, const Protein &protein, std::size_t index);
};

}  // namespace align
