#include "syntax.h"

#include "sets.h"

#include <string.h>

/* How deep parentheses may nest: each level takes some stack. */
#define MOST_DEPTH 200u

struct parser {
    struct tree *tree;
    const char *at;
    const char *fault;
    unsigned depth;
    bool ignore_case;
};

static uint16_t fail(struct parser *parser, const char *fault)
{
    if (parser->fault == NULL) { parser->fault = fault; }
    return NO_NODE;
}

static uint16_t add(struct parser *parser, struct node node)
{
    if (parser->fault != NULL) { return NO_NODE; }
    if (parser->tree->count == MOST_NODES) { return fail(parser, "the pattern is too long"); }
    parser->tree->nodes[parser->tree->count] = node;
    return parser->tree->count++;
}

static uint16_t add_set(struct parser *parser, struct set set)
{
    struct tree *const tree = parser->tree;
    for (uint16_t i = 0; i < tree->set_count; i++) {
        if (memcmp(&tree->sets[i], &set, sizeof set) == 0) { return add(parser, (struct node){.kind = ONE_OF, .first = i}); }
    }
    if (tree->set_count == MOST_SETS) { return fail(parser, "the pattern has too many sets"); }
    tree->sets[tree->set_count] = set;
    return add(parser, (struct node){.kind = ONE_OF, .first = tree->set_count++});
}

static uint16_t add_byte(struct parser *parser, char byte)
{
    struct set set = {{0}};
    set_add(&set, (uint8_t)byte);
    if (parser->ignore_case) { set_fold(&set); }
    return add_set(parser, set);
}

static uint16_t parse_alternatives(struct parser *parser);

static uint16_t parse_group(struct parser *parser)
{
    if (++parser->depth > MOST_DEPTH) { return fail(parser, "parentheses nest too deep"); }
    const uint16_t inner = parse_alternatives(parser);
    parser->depth--;
    if (*parser->at != ')') { return fail(parser, "a ( has no )"); }
    parser->at++;
    return inner;
}

static uint16_t parse_escape(struct parser *parser)
{
    const char letter = *parser->at;
    if (letter == '\0') { return fail(parser, "the pattern ends with a backslash"); }
    parser->at++;
    struct set set = {{0}};
    if (set_of_escape(&set, letter)) { return add_set(parser, set); }
    const char capital = (char)(letter & ~0x20);
    if ((capital >= 'A' && capital <= 'Z') || (letter >= '0' && letter <= '9') || strchr("<>`'", letter)) {
        return fail(parser, "of the escapes only \\w, \\W, \\s, \\S and those of punctuation are supported");
    }
    return add_byte(parser, letter);
}

static uint16_t parse_atom(struct parser *parser)
{
    struct set set = {{0}};
    const char letter = *parser->at++;
    switch (letter) {
    case '(': return parse_group(parser);
    case '[': {
        const char *const end = read_brackets(&set, parser->at, parser->ignore_case, &parser->fault);
        if (end == NULL) { return NO_NODE; }
        parser->at = end;
        return add_set(parser, set);
    }
    case '.': set_invert(&set); return add_set(parser, set);
    case '^': return add(parser, (struct node){.kind = BEGIN});
    case '$': return add(parser, (struct node){.kind = END});
    case '\\': return parse_escape(parser);
    case '*':
    case '+':
    case '?': return fail(parser, "there is nothing to repeat before a *, + or ?");
    default: return add_byte(parser, letter);
    }
}

static bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

static uint16_t parse_number(struct parser *parser)
{
    uint32_t number = 0;
    for (; is_digit(*parser->at); parser->at++) {
        number = 10 * number + (uint32_t)(*parser->at - '0');
        if (number > MOST_REPEATS) { return fail(parser, "a number of repeats is too large"); }
    }
    return (uint16_t)number;
}

/* Reads `{2}`, `{2,}`, `{,3}` or `{2,3}`. */
static void parse_bounds(struct parser *parser, struct node *repeat)
{
    parser->at++;
    repeat->least = is_digit(*parser->at) ? parse_number(parser) : 0;
    repeat->most = repeat->least;
    if (*parser->at == ',') {
        parser->at++;
        repeat->most = is_digit(*parser->at) ? parse_number(parser) : WITHOUT_END;
    }
    if (*parser->at != '}') {
        fail(parser, "a { has no }");
    } else if (repeat->most < repeat->least) {
        fail(parser, "the most repeats are fewer than the least");
    }
}

static uint16_t parse_repeats(struct parser *parser)
{
    uint16_t node = parse_atom(parser);
    while (parser->fault == NULL) {
        struct node repeat = {.kind = REPEAT, .first = node, .least = 0, .most = WITHOUT_END};
        switch (*parser->at) {
        case '*': break;
        case '+': repeat.least = 1; break;
        case '?': repeat.most = 1; break;
        case '{':
            if (!is_digit(parser->at[1]) && parser->at[1] != ',') { return node; }
            parse_bounds(parser, &repeat);
            break;
        default: return node;
        }
        parser->at++;
        node = add(parser, repeat);
    }
    return NO_NODE;
}

static uint16_t parse_sequence(struct parser *parser)
{
    uint16_t sequence = NO_NODE;
    while (parser->fault == NULL && *parser->at != '\0' && *parser->at != '|' && (*parser->at != ')' || parser->depth == 0)) {
        const uint16_t next = parse_repeats(parser);
        sequence = sequence == NO_NODE ? next : add(parser, (struct node){.kind = BOTH, .first = sequence, .second = next});
    }
    return sequence == NO_NODE ? add(parser, (struct node){.kind = NOTHING}) : sequence;
}

static uint16_t parse_alternatives(struct parser *parser)
{
    uint16_t alternatives = parse_sequence(parser);
    while (parser->fault == NULL && *parser->at == '|') {
        parser->at++;
        const uint16_t next = parse_sequence(parser);
        alternatives = add(parser, (struct node){.kind = ANY, .first = alternatives, .second = next});
    }
    return alternatives;
}

const char *parse(struct tree *tree, const char *text, bool ignore_case)
{
    struct parser parser = {.tree = tree, .at = text, .ignore_case = ignore_case};
    tree->root = parse_alternatives(&parser);
    return parser.fault;
}
