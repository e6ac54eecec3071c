/// Memory that comes into a cache while something else is multiplied.
#ifndef QK_FETCH_H
#define QK_FETCH_H

#include <stddef.h>

/// Bytes to be fetched while a tile is multiplied: `step` of them, 64 at most, with each group of depths. A
/// core waits for few lines at once, and those that come from memory must leave room for those that the tile
/// reads from its cache. To fetch a line again costs little.
typedef struct line_fetch {
    const char *first;
    size_t step;
} line_fetch;

/// The bytes of each of so many steps, 64 at most, with which `bytes` are fetched evenly.
static inline size_t even_step(size_t bytes, size_t steps) {
    size_t even = steps > 0 ? (bytes + steps - 1) / steps : 0;
    return even < 64 ? even : 64;
}

#endif
