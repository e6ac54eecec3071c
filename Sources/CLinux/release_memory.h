// Gives memory that the allocator holds back to the system, where it can.
#ifndef CLINUX_RELEASE_MEMORY_H
#define CLINUX_RELEASE_MEMORY_H

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
static inline void clinux_release_memory(void) {
    malloc_trim(0);
}
#else
static inline void clinux_release_memory(void) {}
#endif

#endif
