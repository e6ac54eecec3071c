#if defined(__x86_64__)

#include "tier_avx2.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 4 };

/// Products of 4 depths of one row and 8 columns, added to their sums. `vpmaddubsw` multiplies unsigned by
/// signed bytes, so the weight's sign moves to the activation. Two products reach 2 x 127 x 127 = 32258 at
/// most, which is why -128 must not occur: nothing saturates and the sums are exact.
QK_INLINE __m256i add_products(__m256i sums, __m256i activations, __m256i weights, __m256i magnitudes) {
    __m256i pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(activations, weights));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

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
        __m256i left_magnitudes = _mm256_abs_epi8(left_weights);
        __m256i right_magnitudes = _mm256_abs_epi8(right_weights);
        for (size_t row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, a + row * a_stride + 4 * group, sizeof four);
            __m256i activations = _mm256_set1_epi32(four);
            left[row] = add_products(left[row], activations, left_weights, left_magnitudes);
            right[row] = add_products(right[row], activations, right_weights, right_magnitudes);
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
