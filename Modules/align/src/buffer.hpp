// A row of values that grows; without exceptions: a lack of memory is told by `false`.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace align {

template <typename Value>
class Buffer {
    static_assert(std::is_trivially_copyable<Value>::value, "values are copied as bytes");

public:
    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() { std::free(values); }

    Value *begin() { return values; }
    Value *end() { return values + used; }
    const Value *begin() const { return values; }
    const Value *end() const { return values + used; }
    std::size_t size() const { return used; }
    Value &operator[](std::size_t index) { return values[index]; }
    const Value &operator[](std::size_t index) const { return values[index]; }

    /// Forgets values from `size` on; the room stays.
    void cut(std::size_t size) { used = size < used ? size : used; }

    bool append(const Value *from, std::size_t count)
    {
        if (!make_room(count)) { return false; }
        if (count > 0) { std::memcpy(values + used, from, count * sizeof(Value)); }
        used += count;
        return true;
    }

    bool append(Value value) { return append(&value, 1); }

    /// Makes it `size` zeros.
    bool reset(std::size_t size)
    {
        used = 0;
        if (!make_room(size)) { return false; }
        std::memset(static_cast<void *>(values), 0, size * sizeof(Value));
        used = size;
        return true;
    }

private:
    Value *values = nullptr;
    std::size_t used = 0, room = 0;

    /// Values of vectors are read at multiples of their size.
    bool make_room(std::size_t count)
    {
        if (room - used >= count) { return true; }
        const std::size_t wanted = 2 * room + count + 64;
        void *const grown = std::aligned_alloc(64, (wanted * sizeof(Value) + 63) / 64 * 64);
        if (grown == nullptr) { return false; }
        if (used > 0) { std::memcpy(grown, static_cast<const void *>(values), used * sizeof(Value)); }
        std::free(values);
        values = static_cast<Value *>(grown);
        room = wanted;
        return true;
    }
};

}  // namespace align
