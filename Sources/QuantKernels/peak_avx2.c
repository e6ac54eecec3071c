#if defined(__x86_64__)

#include "tier_avx2.h"

#include "peak_lanes.h"

/// As in gemm_avx2.c, where many rows share the signs and the magnitudes of the weights; one factor stands
/// for both here.
QK_INLINE __m256i add_products(__m256i sums, __m256i activations, __m256i weights) {
    __m256i pairs = _mm256_maddubs_epi16(weights, _mm256_xor_si256(activations, weights));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

QK_PEAK(qk_peak_s8, __m256i, __m256i, QK_VECTOR, 6, 32, add_products)

QK_INLINE __m256 fused(__m256 sums, __m256 a, __m256 b) {
    return _mm256_fmadd_ps(a, b, sums);
}

QK_PEAK(qk_peak_f32, __m256, __m256, QK_VECTOR, 12, 8, fused)

#include "tier_end.h"

#endif
