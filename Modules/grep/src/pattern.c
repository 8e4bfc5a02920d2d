#include "pattern.h"

#include "syntax.h"

#include <string.h>

static const char too_large[] = "the pattern is too large when its repeats are written out";

/* Adds a step; the steps are written from the last to the first, so that each knows what follows it. */
static uint16_t add(struct pattern *pattern, struct step step)
{
    if (pattern->step_count == MOST_STEPS) { return 0; }
    pattern->steps[pattern->step_count] = step;
    return pattern->step_count++;
}

static uint16_t write_node(struct pattern *pattern, const struct tree *tree, uint16_t index, uint16_t next);

static uint16_t write_repeat(struct pattern *pattern, const struct tree *tree, const struct node *node, uint16_t next)
{
    uint16_t entry = next;
    if (node->most == WITHOUT_END) {
        entry = add(pattern, (struct step){.kind = EITHER, .other = next});
        const uint16_t again = write_node(pattern, tree, node->first, entry);
        pattern->steps[entry].next = again;
    } else {
        for (uint16_t n = node->least; n < node->most && pattern->step_count < MOST_STEPS; n++) {
            const uint16_t once = write_node(pattern, tree, node->first, entry);
            entry = add(pattern, (struct step){.kind = EITHER, .next = once, .other = next});
        }
    }
    for (uint16_t n = 0; n < node->least && pattern->step_count < MOST_STEPS; n++) {
        entry = write_node(pattern, tree, node->first, entry);
    }
    return entry;
}

/* Writes the steps of a node that lead to `next`; gives the first one. */
static uint16_t write_node(struct pattern *pattern, const struct tree *tree, uint16_t index, uint16_t next)
{
    const struct node *const node = &tree->nodes[index];
    switch (node->kind) {
    case NOTHING: return next;
    case ONE_OF: return add(pattern, (struct step){.kind = TAKE, .next = next, .set = node->first});
    case BOTH: return write_node(pattern, tree, node->first, write_node(pattern, tree, node->second, next));
    case ANY: {
        const uint16_t first = write_node(pattern, tree, node->first, next), second = write_node(pattern, tree, node->second, next);
        return add(pattern, (struct step){.kind = EITHER, .next = first, .other = second});
    }
    case REPEAT: return write_repeat(pattern, tree, node, next);
    case BEGIN: return add(pattern, (struct step){.kind = AT_BEGIN, .next = next});
    case END: return add(pattern, (struct step){.kind = AT_END, .next = next});
    }
    return next;
}

/* Ends the run of bytes that is being followed; the longest one so far stays. */
static void end_run(struct pattern *pattern, struct literal *run)
{
    if (run->size > pattern->literal.size) { pattern->literal = *run; }
    run->size = 0;
}

/* Appends the set when it is one byte, or one letter in both cases. */
static bool append(struct literal *run, const struct set *set)
{
    int count = 0, last = 0;
    for (int word = 0; word < 4; word++) {
        count += __builtin_popcountll(set->words[word]);
        if (set->words[word] != 0) { last = 64 * word + 63 - __builtin_clzll(set->words[word]); }
    }
    const bool isLetter = count == 2 && last >= 'a' && last <= 'z' && set_has(set, (uint8_t)(last - 'a' + 'A'));
    if ((count != 1 && !isLetter) || run->size == sizeof run->wanted) { return false; }
    run->wanted[run->size] = (uint8_t)last;
    run->ignored[run->size++] = isLetter ? 0x20 : 0;
    return true;
}

/* Looks for bytes that every match has next to each other; false when the node is more than such bytes. */
static bool follow(struct pattern *pattern, const struct tree *tree, uint16_t index, struct literal *run)
{
    const struct node *const node = &tree->nodes[index];
    if (node->kind == BOTH) {
        const bool isPlain = follow(pattern, tree, node->first, run);
        return follow(pattern, tree, node->second, run) && isPlain;
    }
    if (node->kind == ONE_OF && append(run, &tree->sets[node->first])) { return true; }
    end_run(pattern, run);
    if (node->kind == REPEAT && node->least > 0) {
        follow(pattern, tree, node->first, run);
        end_run(pattern, run);
    }
    return false;
}

const char *pattern_compile(struct pattern *pattern, const char *text, bool ignore_case)
{
    static struct tree tree;
    memset(&tree, 0, sizeof tree);
    memset(pattern, 0, sizeof *pattern);
    tree.sets = pattern->sets;
    const char *const fault = parse(&tree, text, ignore_case);
    if (fault != NULL) { return fault; }
    const uint16_t match = add(pattern, (struct step){.kind = MATCH});
    pattern->start = write_node(pattern, &tree, tree.root, match);
    if (pattern->step_count == MOST_STEPS) { return too_large; }
    struct literal run = {.size = 0};
    pattern->is_literal = follow(pattern, &tree, tree.root, &run) && run.size > 0;
    end_run(pattern, &run);
    return NULL;
}
