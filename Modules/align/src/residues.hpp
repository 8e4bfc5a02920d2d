// Amino acids and how alike they are.
#pragma once

#include <cstdint>

namespace align {

/// The twenty amino acids, B, Z, X (any) and * (a stop).
constexpr std::uint8_t residue_count = 24;
constexpr std::uint8_t unknown_residue = 22;
constexpr std::uint8_t no_residue = 255;

/// The number of a letter; X's for letters that are none of these, `no_residue` for what is no letter.
std::uint8_t residue_of(char letter);

/// BLOSUM62 (Henikoff and Henikoff, 1992), in half-bits.
extern const std::int8_t blosum62[residue_count][residue_count];

}  // namespace align
