#include "kernel.hpp"

#include "residues.hpp"

namespace align {

namespace {

/// The highest score that leaves room in 16 bits.
constexpr int most_score = 32000;

inline __attribute__((always_inline)) void raise(Vector &value, const Vector &other) { value = value > other ? value : other; }

}  // namespace

bool Kernel::prepare(const std::uint8_t *query, std::size_t length, int gap_open, int gap_extend)
{
    int highest = 0;
    for (std::size_t i = 0; i < length; i++) { highest += blosum62[query[i]][query[i]]; }
    open = static_cast<std::int16_t>(gap_open);
    extend = static_cast<std::int16_t>(gap_extend);
    residues.cut(0);
    return highest <= most_score && residues.append(query, length) && rows.reset(length);
}

/// One residue of each lane's protein against the whole query. The row above's values of this column and the last one are at hand; those
/// of this row in the last column lie in `rows`.
void Kernel::take_column()
{
    const Vector zero{}, opening = zero + open, extending = zero + extend;
    Vector diagonal{}, gap_down{}, highest = best;
    const std::uint8_t *const query = residues.begin();
    Row *const row = rows.begin();
    const std::size_t length = rows.size();
    for (std::size_t i = 0; i < length; i++) {
        Vector score = diagonal + profile[query[i]];
        Vector gap = row[i].gap;
        diagonal = row[i].score;
        raise(score, gap);
        raise(score, gap_down);
        raise(score, zero);
        raise(highest, score);
        row[i].score = score;
        const Vector opened = score - opening;
        gap -= extending;
        gap_down -= extending;
        raise(gap, opened);
        raise(gap_down, opened);
        row[i].gap = gap;
    }
    best = highest;
}

/// Gives a lane its next protein: its column of the table starts from nothing.
void Kernel::load(std::size_t lane, const Protein &protein, std::size_t index)
{
    work[lane] = Lane{protein.residues, protein.residues + protein.length, index, true};
    best[lane] = 0;
    for (Row &row : rows) {
        row.score[lane] = 0;
        row.gap[lane] = 0;
    }
}

void Kernel::score(const Protein *proteins, std::size_t count, std::int32_t *scores)
{
    static const std::uint8_t any = unknown_residue;
    std::size_t next = 0, busy = 0;
    for (Lane &lane : work) { lane = Lane{nullptr, nullptr, 0, false}; }
    do {
        std::int16_t(*const columns)[lanes] = reinterpret_cast<std::int16_t(*)[lanes]>(profile);
        busy = 0;
        for (std::size_t lane = 0; lane < lanes; lane++) {
            while (work[lane].at == work[lane].end) {
                if (work[lane].is_busy) { scores[work[lane].protein] = best[lane]; }
                work[lane].is_busy = false;
                if (next == count) { break; }
                load(lane, proteins[next], next);
                next++;
            }
            busy += work[lane].is_busy;
            const std::int8_t *const likeness = blosum62[work[lane].is_busy ? *work[lane].at++ : any];
            for (std::size_t residue = 0; residue < residue_count; residue++) { columns[residue][lane] = likeness[residue]; }
        }
        if (busy > 0) { take_column(); }
    } while (busy > 0);
}

}  // namespace align
