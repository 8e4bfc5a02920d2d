/*
 * talkoot.hpp: modules in C++17, over talkoot.h and with nothing but it and the standard library's headers.
 *
 * A module is a struct with static functions, of which only `run` is needed, and one line that exports it:
 *
 *     struct Squares {
 *         static uint64_t plan(talkoot::Host host, uint64_t input_size) { return host.integer("limit"); }
 *         static talkoot::Status run(talkoot::Host host, const talkoot::Unit &unit) {
 *             uint64_t sum = 0;
 *             for (uint64_t n : unit.items) sum += n * n;
 *             return host.write(sum);
 *         }
 *         static talkoot::Status merge(talkoot::Host host, talkoot::Results results) {
 *             return talkoot::reduce<uint64_t>(host, results, [](uint64_t a, uint64_t b) { return a + b; });
 *         }
 *     };
 *     TALKOOT_MODULE(Squares)
 *
 * Modules are built without exceptions: what goes wrong is a Status, made by host.fail("why"). Bytes that a function receives
 * belong to the host, are not copied, and are valid until it returns. Numbers are written and read as their bytes, the lowest
 * first, which is how every machine of Talkoot keeps them.
 */
#ifndef TALKOOT_HPP
#define TALKOOT_HPP

#include "talkoot.h"

#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace talkoot {

/* How a function of a module ended. */
struct [[nodiscard]] Status {
    int32_t code = TALKOOT_OK;
    bool is_ok() const { return code == TALKOOT_OK; }
    static Status ok() { return {TALKOOT_OK}; }
    /* For `run`, after should_stop() was true. */
    static Status stopped() { return {TALKOOT_STOPPED}; }
};

/* Bytes of somebody else. */
class Bytes {
  public:
    constexpr Bytes() = default;
    constexpr Bytes(const void *data, size_t size) : first(static_cast<const unsigned char *>(data)), count(size) {}
    constexpr Bytes(talkoot_bytes bytes) : Bytes(bytes.data, bytes.size) {}

    const unsigned char *data() const { return first; }
    size_t size() const { return count; }
    bool empty() const { return count == 0; }
    const unsigned char *begin() const { return first; }
    const unsigned char *end() const { return first + count; }
    unsigned char operator[](size_t index) const { return first[index]; }
    std::string_view text() const { return {reinterpret_cast<const char *>(first), count}; }
    /* At most `size` bytes from `start`; empty beyond the end. */
    Bytes part(size_t start, size_t size = SIZE_MAX) const {
        if (start >= count) return {};
        return {first + start, size < count - start ? size : count - start};
    }
    /* The value whose bytes start at `start`; false when there are too few. */
    template <typename Value> bool read(Value &value, size_t start = 0) const {
        static_assert(std::is_trivially_copyable_v<Value>, "only plain values are bytes");
        if (start > count || count - start < sizeof value) return false;
        std::memcpy(&value, first + start, sizeof value);
        return true;
    }

  private:
    const unsigned char *first = nullptr;
    size_t count = 0;
};

/* Numbers first, first + 1, ... for a range-based for. */
class Items {
  public:
    class Iterator {
      public:
        explicit Iterator(uint64_t value) : value(value) {}
        uint64_t operator*() const { return value; }
        Iterator &operator++() { return ++value, *this; }
        bool operator!=(const Iterator &other) const { return value != other.value; }

      private:
        uint64_t value;
    };
    Items(uint64_t first, uint64_t count) : first(first), count(count) {}
    Iterator begin() const { return Iterator(first); }
    Iterator end() const { return Iterator(first + count); }
    uint64_t size() const { return count; }
    const uint64_t first;
    const uint64_t count;
};

/* The lines of an input, without their newlines; not copied. */
class Lines {
  public:
    class Iterator {
      public:
        explicit Iterator(std::string_view rest, bool is_end) : rest(rest), is_end(is_end || rest.empty()) { cut(); }
        std::string_view operator*() const { return line; }
        Iterator &operator++() {
            rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
            is_end = rest.empty();
            cut();
            return *this;
        }
        bool operator!=(const Iterator &other) const { return is_end != other.is_end; }

      private:
        void cut() { line = is_end ? std::string_view() : rest.substr(0, rest.find('\n')); }
        std::string_view rest, line;
        bool is_end;
    };
    explicit Lines(Bytes bytes) : text(bytes.text()) {}
    Iterator begin() const { return Iterator(text, false); }
    Iterator end() const { return Iterator({}, true); }

  private:
    std::string_view text;
};

/* One work unit. */
struct Unit {
    explicit Unit(const talkoot_unit &unit)
        : index(unit.index), items(unit.first_item, unit.item_count), seed(unit.seed), attempt(unit.attempt), input(unit.input),
          common(unit.common), checkpoint(unit.checkpoint) {}
    uint64_t index;
    Items items;
    uint64_t seed; /* the same for every replica; it depends on how the job is cut: prefer a parameter and Random::of */
    uint32_t attempt;
    Bytes input, common, checkpoint;
    Lines lines() const { return Lines(input); }
};

/* The results that `merge` folds, in order. */
class Results {
  public:
    class Iterator {
      public:
        explicit Iterator(const talkoot_bytes *place) : place(place) {}
        Bytes operator*() const { return Bytes(*place); }
        Iterator &operator++() { return ++place, *this; }
        bool operator!=(const Iterator &other) const { return place != other.place; }

      private:
        const talkoot_bytes *place;
    };
    Results(const talkoot_bytes *results, size_t count) : results(results), count(count) {}
    size_t size() const { return count; }
    Bytes operator[](size_t index) const { return Bytes(results[index]); }
    Iterator begin() const { return Iterator(results); }
    Iterator end() const { return Iterator(results + count); }

  private:
    const talkoot_bytes *results;
    size_t count;
};

/* What the host offers during a call. */
class Host {
  public:
    explicit Host(const talkoot_host *host) : host(host) {}

    /* Parameters, by the name and type that module.yaml declares; another name ends the call. */
    int64_t integer(const char *name) const { return host->integer(host, name); }
    double real(const char *name) const { return host->real(host, name); }
    bool flag(const char *name) const { return host->flag(host, name); }
    std::string_view text(const char *name) const {
        const char *text = host->text(host, name);
        return text == nullptr ? std::string_view() : std::string_view(text);
    }

    /* Appends to the result of this call. */
    Status write(const void *data, size_t size) const { return {host->write(host, data, size)}; }
    Status write(std::string_view text) const { return write(text.data(), text.size()); }
    Status write(const char *text) const { return write(std::string_view(text)); }
    Status write(Bytes bytes) const { return write(bytes.data(), bytes.size()); }
    template <typename Value, typename = std::enable_if_t<std::is_arithmetic_v<Value>>> Status write(Value value) const {
        return write(&value, sizeof value);
    }
    /* Room for `count` values to be filled before the call ends; null when the output would pass its limit. */
    template <typename Value> Value *reserve(size_t count) const {
        static_assert(std::is_trivially_copyable_v<Value>, "only plain values are bytes");
        return count > SIZE_MAX / sizeof(Value) ? nullptr : static_cast<Value *>(host->reserve(host, count * sizeof(Value)));
    }

    /* Cheap: ask every millisecond or so, leave a checkpoint, return Status::stopped(). */
    bool should_stop() const { return host->should_stop(host); }
    void progress(uint64_t items_done) const { host->progress(host, items_done); }
    Status checkpoint(Bytes bytes) const { return {host->checkpoint(host, bytes.data(), bytes.size())}; }
    void log(const char *message, int32_t level = TALKOOT_LOG_INFO) const { host->log(host, level, message); }
    /* For `return host.fail("why")`. */
    Status fail(const char *message) const { return {host->fail(host, message)}; }

  private:
    const talkoot_host *host;
};

/* Random numbers that a seed decides, the same on every machine: SplitMix64. */
class Random {
  public:
    explicit Random(uint64_t seed) : state(seed) {}
    /* A stream of its own for each item, so that results do not depend on how the job is cut. */
    static Random of(uint64_t seed, uint64_t item) {
        Random mixer(seed ^ (item * 0xD1B54A32D192ED03u));
        return Random(mixer.next());
    }
    uint64_t next() {
        state += 0x9E3779B97F4A7C15u;
        uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    /* Below `bound`, which is above 0, each with the same chance. */
    uint64_t below(uint64_t bound) {
        const uint64_t least = (0 - bound) % bound;
        uint64_t value = next();
        while (value < least) value = next();
        return value % bound;
    }
    /* In [0, 1), a multiple of 2^-53. */
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  private:
    uint64_t state;
};

/* For `merge` where each result is one plain value: folds them in order and writes the outcome. A result of another size fails. */
template <typename Value, typename Fold> Status reduce(Host host, Results results, Fold fold) {
    static_assert(std::is_trivially_copyable_v<Value>, "only plain values are bytes");
    Value total{}, each;
    bool is_first = true;
    for (Bytes result : results) {
        if (result.size() != sizeof each || !result.read(each)) return host.fail("a result has another size than one value");
        total = is_first ? each : fold(total, each);
        is_first = false;
    }
    return host.write(&total, sizeof total);
}

/* For `finish`: the one value that is left. */
template <typename Value> bool value_of(Bytes merged, Value &value) { return merged.size() == sizeof value && merged.read(value); }

namespace details {

template <typename M> using plan_type = decltype(M::plan(std::declval<Host>(), uint64_t()));
template <typename M> using merge_type = decltype(M::merge(std::declval<Host>(), std::declval<Results>()));
template <typename M> using finish_type = decltype(M::finish(std::declval<Host>(), std::declval<Bytes>()));
template <typename M> using equal_type = decltype(M::equal(std::declval<Host>(), std::declval<Bytes>(), std::declval<Bytes>()));

template <template <typename> class Type, typename M, typename = void> struct has : std::false_type {};
template <template <typename> class Type, typename M> struct has<Type, M, std::void_t<Type<M>>> : std::true_type {};

template <typename M> int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items) {
    return *items = static_cast<uint64_t>(M::plan(Host(host), input_size)), TALKOOT_OK;
}
template <typename M> int32_t run(const talkoot_host *host, const talkoot_unit *unit) { return M::run(Host(host), Unit(*unit)).code; }
template <typename M> int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count) {
    return M::merge(Host(host), Results(results, count)).code;
}
template <typename M> int32_t finish(const talkoot_host *host, talkoot_bytes merged) {
    return M::finish(Host(host), Bytes(merged)).code;
}
template <typename M> int32_t equal(const talkoot_host *host, talkoot_bytes a, talkoot_bytes b, bool *same) {
    return *same = M::equal(Host(host), Bytes(a), Bytes(b)), TALKOOT_OK;
}

template <typename M> const talkoot_module *table() {
    static talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), nullptr, run<M>, nullptr, nullptr, nullptr};
    if constexpr (has<plan_type, M>::value) module.plan = plan<M>;
    if constexpr (has<merge_type, M>::value) module.merge = merge<M>;
    if constexpr (has<finish_type, M>::value) module.finish = finish<M>;
    if constexpr (has<equal_type, M>::value) module.equal = equal<M>;
    return &module;
}

} // namespace details
} // namespace talkoot

/* Exports a struct as the module; once in a library. */
#define TALKOOT_MODULE(Type) \
    TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { \
        return (void)host, talkoot::details::table<Type>(); \
    }

#endif /* TALKOOT_HPP */
