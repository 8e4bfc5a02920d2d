/* The tree of a regular expression. */
#ifndef GREP_SYNTAX_H
#define GREP_SYNTAX_H

#include "pattern.h"

#define MOST_NODES 4096u
#define NO_NODE UINT16_MAX
#define WITHOUT_END UINT16_MAX
/* As in grep. */
#define MOST_REPEATS 32767u

enum node_kind { NOTHING, ONE_OF, BOTH, ANY, REPEAT, BEGIN, END };

struct node {
    enum node_kind kind;
    uint16_t first;  /* BOTH, ANY, REPEAT: a node; ONE_OF: a set */
    uint16_t second; /* BOTH, ANY: a node */
    uint16_t least;  /* REPEAT: how often */
    uint16_t most;   /* REPEAT: how often at most, or WITHOUT_END */
};

struct tree {
    struct node nodes[MOST_NODES];
    uint16_t count;
    uint16_t root;
    struct set *sets;
    uint16_t set_count;
};

/* Parses the text; what is wrong with it, or NULL. `tree->sets` has room for MOST_SETS. */
const char *parse(struct tree *tree, const char *text, bool ignore_case);

#endif
