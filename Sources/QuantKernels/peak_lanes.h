/// A function that multiplies and adds in registers alone.
///
/// `multiply_add` takes a sum and two factors, all in registers, and does `macs` multiply-adds. As many sums
/// as hide its latency take turns.
#ifndef QK_PEAK_LANES_H
#define QK_PEAK_LANES_H

#include <string.h>

#include "include/qk_peak.h"
#include "lanes.h"

/// The register class of vectors in inline assembly.
#if defined(__x86_64__)
#define QK_VECTOR "+x"
#else
#define QK_VECTOR "+w"
#endif

/// The empty assembly keeps a value in a register and hides what it is, so that nothing moves out of the
/// loop.
#define QK_PEAK(operation, sum, factor, register, sum_count, macs, multiply_add)                             \
    uint64_t QK_NAME(operation)(size_t iterations) {                                                         \
        sum sums[sum_count];                                                                                 \
        factor a, b;                                                                                         \
        memset(sums, 0, sizeof sums);                                                                        \
        memset(&a, 0x3F, sizeof a);                                                                          \
        memset(&b, 0x3F, sizeof b);                                                                          \
        __asm__ volatile("" : register(b));                                                                  \
        for (size_t iteration = 0; iteration < iterations; iteration++) {                                    \
            _Pragma("clang loop unroll(full)") for (size_t index = 0; index < sum_count; index++) {          \
                __asm__ volatile("" : register(a));                                                          \
                sums[index] = multiply_add(sums[index], a, b);                                               \
            }                                                                                                \
        }                                                                                                    \
        for (size_t index = 0; index < sum_count; index++) {                                                 \
            __asm__ volatile("" : register(sums[index]));                                                    \
        }                                                                                                    \
        return (uint64_t)iterations * sum_count * macs;                                                      \
    }

#endif
