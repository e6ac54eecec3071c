#if defined(__aarch64__)

#include "tier_neon.h"

#include "peak_lanes.h"

/// As in gemm_neon.c: two products and an addition of pairs for 16 values.
QK_INLINE int32x4_t add_products(int32x4_t sums, int8x16_t a, int8x16_t b) {
    int16x8_t products = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    return vpadalq_s16(sums, vmlal_high_s8(products, a, b));
}

QK_PEAK(qk_peak_s8, int32x4_t, int8x16_t, QK_VECTOR, 16, 16, add_products)
QK_PEAK(qk_peak_f32, float32x4_t, float32x4_t, QK_VECTOR, 16, 4, vfmaq_f32)

#endif
