#if defined(__x86_64__)

#include "tier_avxvnni.h"

#include "peak_lanes.h"

QK_PEAK(qk_peak_s8, __m256i, __m256i, QK_VECTOR, 12, 32, _mm256_dpbusd_avx_epi32)

QK_INLINE __m256 fused(__m256 sums, __m256 a, __m256 b) {
    return _mm256_fmadd_ps(a, b, sums);
}

QK_PEAK(qk_peak_f32, __m256, __m256, QK_VECTOR, 12, 8, fused)

#include "tier_end.h"

#endif
