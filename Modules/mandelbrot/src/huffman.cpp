#include "huffman.hpp"

#include <algorithm>
#include <cstring>

namespace mandelbrot {

namespace {

struct Node {
    std::uint64_t weight;
    std::uint16_t symbol;
    std::uint16_t parent;
};

/// Huffman's tree with two queues: the sorted leaves and the inner nodes, which come out sorted. Gives the longest code's length.
unsigned measure(const std::uint32_t *weights, std::size_t count, std::uint8_t *length)
{
    Node nodes[2 * PrefixCode::most];
    std::size_t leaves = 0;
    for (std::size_t n = 0; n < count; n++) {
        if (weights[n] > 0) { nodes[leaves++] = {weights[n], static_cast<std::uint16_t>(n), 0}; }
    }
    std::sort(nodes, nodes + leaves, [](const Node &a, const Node &b) { return a.weight != b.weight ? a.weight < b.weight : a.symbol < b.symbol; });
    std::size_t leaf = 0, inner = leaves, end = leaves;
    const auto take = [&] { return leaf < leaves && (inner == end || nodes[leaf].weight <= nodes[inner].weight) ? leaf++ : inner++; };
    while (end < 2 * leaves - 1) {
        const std::size_t first = take(), second = take();
        nodes[end] = {nodes[first].weight + nodes[second].weight, 0, 0};
        nodes[first].parent = nodes[second].parent = static_cast<std::uint16_t>(end);
        end++;
    }
    std::uint8_t depth[2 * PrefixCode::most] = {};
    unsigned longest = 0;
    for (std::size_t n = end - 1; n-- > 0;) {
        depth[n] = static_cast<std::uint8_t>(depth[nodes[n].parent] + 1);
        if (n < leaves) {
            length[nodes[n].symbol] = depth[n];
            longest = std::max<unsigned>(longest, depth[n]);
        }
    }
    return longest;
}

}  // namespace

void PrefixCode::make(const std::uint32_t *occurrences, std::size_t count, unsigned longest)
{
    std::uint32_t weights[most];
    std::copy(occurrences, occurrences + count, weights);
    // A code of one symbol would have no bits.
    for (std::size_t n = 0; n < count && std::count_if(weights, weights + count, [](std::uint32_t w) { return w > 0; }) < 2; n++) {
        weights[n] = std::max<std::uint32_t>(weights[n], 1);
    }
    // Flatter weights give flatter trees.
    std::memset(length, 0, sizeof length);
    while (measure(weights, count, length) > longest) {
        for (std::size_t n = 0; n < count; n++) { weights[n] = (weights[n] + 1) / 2; }
    }

    std::uint16_t next[17] = {}, used[17] = {};
    for (std::size_t n = 0; n < count; n++) { used[length[n]]++; }
    used[0] = 0;
    for (unsigned bits = 1; bits <= 16; bits++) { next[bits] = static_cast<std::uint16_t>((next[bits - 1] + used[bits - 1]) << 1); }
    for (std::size_t n = 0; n < count; n++) {
        unsigned value = length[n] == 0 ? 0 : next[length[n]]++, turned = 0;
        for (unsigned bit = 0; bit < length[n]; bit++, value >>= 1) { turned = turned << 1 | (value & 1); }
        code[n] = static_cast<std::uint16_t>(turned);
    }
}

}  // namespace mandelbrot
