#include "tier_scalar.h"

#include "peak_lanes.h"

/// Of one number at a time; where the compiler makes vectors of the scalar product, that comes to more.
QK_INLINE uint32_t add_product(uint32_t sum, uint32_t a, uint32_t b) {
    return sum + a * b;
}

QK_PEAK(qk_peak_s8, uint32_t, uint32_t, "+r", 8, 1, add_product)

QK_INLINE f32x4 add_products(f32x4 sums, f32x4 a, f32x4 b) {
    return sums + a * b;
}

QK_PEAK(qk_peak_f32, f32x4, f32x4, QK_VECTOR, 8, 4, add_products)
