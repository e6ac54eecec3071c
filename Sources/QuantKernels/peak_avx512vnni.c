#if defined(__x86_64__)

#include "tier_avx512vnni.h"

#include "peak_lanes.h"

QK_PEAK(qk_peak_s8, __m512i, __m512i, QK_VECTOR, 12, 64, _mm512_dpbusd_epi32)

QK_INLINE __m512 fused(__m512 sums, __m512 a, __m512 b) {
    return _mm512_fmadd_ps(a, b, sums);
}

QK_PEAK(qk_peak_f32, __m512, __m512, QK_VECTOR, 12, 16, fused)

#include "tier_end.h"

#endif
