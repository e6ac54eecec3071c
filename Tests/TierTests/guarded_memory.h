/// Memory between two pages that nobody may touch: a step across that edge ends the run.
#ifndef GUARDED_MEMORY_H
#define GUARDED_MEMORY_H

#include <stddef.h>

typedef enum edge {
    /// The memory begins where the first forbidden page ends.
    EDGE_START,
    /// The memory ends where the second forbidden page begins.
    EDGE_END,
    EDGE_COUNT,
} edge;

/// `bytes` of memory that all hold 0x55.
void *guarded(size_t bytes, edge at);

/// A copy of `bytes`.
void *guarded_copy(const void *source, size_t bytes, edge at);

/// Returns all guarded memory to the system.
void free_guarded(void);

#endif
