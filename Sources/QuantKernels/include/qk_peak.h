/// Loops that multiply and add in registers alone: what the products can come to at most.
#ifndef QK_PEAK_H
#define QK_PEAK_H

#include <stddef.h>
#include <stdint.h>

/// Runs the instructions of the tier's int8 product `iterations` times on each of a few sums and returns how
/// many multiply-adds that was.
typedef uint64_t qk_peak_s8(size_t iterations);

/// The same for float32, fused where the tier has such an instruction, as the best float products use it.
typedef uint64_t qk_peak_f32(size_t iterations);

#endif
