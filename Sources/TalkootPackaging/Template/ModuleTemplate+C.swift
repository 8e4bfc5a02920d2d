extension ModuleTemplate {
    /// The module in C.
    var cSource: String {
        """
        /* \(name): the sum of the squares of the numbers below a limit. An item is a number. */
        #include <inttypes.h>
        #include <stdio.h>
        #include <string.h>
        #include <talkoot.h>

        /* How many items a job has. */
        static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
        {
            (void)input_size;
            *items = (uint64_t)host->integer(host, "limit");
            return TALKOOT_OK;
        }

        /* Computes one unit, a run of items, and writes its result: a number of eight bytes. */
        static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
        {
            uint64_t sum = 0;
            for (uint64_t n = unit->first_item; n < unit->first_item + unit->item_count; n++) { sum += n * n; }
            return host->write(host, &sum, sizeof sum);
        }

        /* Results come from other machines: look at their size before you read them. */
        static bool add(talkoot_bytes result, uint64_t *sum)
        {
            uint64_t part;
            if (result.size != sizeof part) { return false; }
            memcpy(&part, result.data, sizeof part);
            *sum += part;
            return true;
        }

        /* Folds the results of consecutive units into one of the same form. */
        static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count)
        {
            uint64_t sum = 0;
            for (size_t i = 0; i < count; i++) {
                if (!add(results[i], &sum)) { return host->fail(host, "a result has another size than eight bytes"); }
            }
            return host->write(host, &sum, sizeof sum);
        }

        /* Turns the last result into the output. A job without items has an empty one. */
        static int32_t finish(const talkoot_host *host, talkoot_bytes merged)
        {
            uint64_t sum = 0;
            if (merged.size > 0 && !add(merged, &sum)) { return host->fail(host, "the result has another size than eight bytes"); }
            char text[32];
            const int length = snprintf(text, sizeof text, "%" PRIu64 "\\n", sum);
            return host->write(host, text, (size_t)length);
        }

        static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, merge, finish, NULL};

        TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }

        """
    }

    /// The module in C++.
    var cppSource: String {
        """
        // \(name): the sum of the squares of the numbers below a limit. An item is a number.
        #include <string>
        #include <talkoot.hpp>

        using namespace talkoot;

        struct Squares {
            // How many items a job has.
            static uint64_t plan(Host host, uint64_t) { return static_cast<uint64_t>(host.integer("limit")); }

            // Computes one unit, a run of items, and writes its result: a number of eight bytes.
            static Status run(Host host, const Unit &unit)
            {
                uint64_t sum = 0;
                for (uint64_t n : unit.items) { sum += n * n; }
                return host.write(sum);
            }

            // Folds the results of consecutive units into one of the same form; one of another size fails.
            static Status merge(Host host, Results results)
            {
                return reduce<uint64_t>(host, results, [](uint64_t a, uint64_t b) { return a + b; });
            }

            // Turns the last result into the output. A job without items has an empty one.
            static Status finish(Host host, Bytes merged)
            {
                uint64_t sum = 0;
                if (!merged.empty() && !value_of(merged, sum)) { return host.fail("the result has another size than eight bytes"); }
                return host.write(std::to_string(sum) + "\\n");
            }
        };

        TALKOOT_MODULE(Squares)

        """
    }
}
