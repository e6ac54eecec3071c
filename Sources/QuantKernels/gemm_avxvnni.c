#if defined(__x86_64__)

#include "tier_avxvnni.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 6 };

/// `vpdpbusd` multiplies unsigned by signed bytes: the activations are stored with 128 added, and the sums
/// start from -128 times the sum of the weights.
QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out) {
    const __m256i *weights = tap;
    __m256i left[TILE_ROWS], right[TILE_ROWS];
    for (size_t row = 0; row < rows; row++) {
        left[row] = _mm256_loadu_si256(weights);
        right[row] = _mm256_loadu_si256(weights + 1);
    }
    for (size_t group = 0; group < groups; group++) {
        weights += 2;
        __m256i left_weights = _mm256_loadu_si256(weights);
        __m256i right_weights = _mm256_loadu_si256(weights + 1);
        for (size_t row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, a + row * a_stride + 4 * group, sizeof four);
            __m256i activations = _mm256_set1_epi32(four);
            left[row] = _mm256_dpbusd_avx_epi32(left[row], activations, left_weights);
            right[row] = _mm256_dpbusd_avx_epi32(right[row], activations, right_weights);
        }
    }
    for (size_t row = 0; row < rows; row++) {
        put_sums(output, join((i32x8)left[row], (i32x8)right[row]), scales[row], out, row * PANEL_COLUMNS);
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
