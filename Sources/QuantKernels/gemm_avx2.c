#if defined(__x86_64__)

#include "tier_avx2.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 8, REGISTERS = 2 };

/// Products of 4 depths of one row and 8 columns, added to their sums. `vpmaddubsw` multiplies unsigned by
/// signed bytes, so the weight's sign moves to the activation. Two products reach 2 x 127 x 127 = 32258 at
/// most, which is why -128 must not occur: nothing saturates and the sums are exact.
QK_INLINE __m256i add_products(__m256i sums, __m256i activations, __m256i weights, __m256i magnitudes) {
    __m256i pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(activations, weights));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/// The sums of `registers` x 8 columns from `first` on.
QK_INLINE void multiply_strip(size_t first, size_t registers, size_t rows, size_t groups, const uint8_t *a,
                              size_t a_stride, const __m256i *weights, const char *fetch,
                              __m256i (*sums)[REGISTERS]) {
    __m256i totals[TILE_ROWS][REGISTERS];
    for (size_t row = 0; row < rows; row++) {
        for (size_t part = 0; part < registers; part++) {
            totals[row][part] = _mm256_setzero_si256();
        }
    }
    for (size_t group = 0; group < groups; group++, weights += REGISTERS) {
        _mm_prefetch(line_to_fetch(fetch, weights, group), _MM_HINT_T1);
        __m256i columns[REGISTERS], magnitudes[REGISTERS];
        for (size_t part = 0; part < registers; part++) {
            columns[part] = _mm256_loadu_si256(weights + first + part);
            magnitudes[part] = _mm256_abs_epi8(columns[part]);
        }
        for (size_t row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, a + row * a_stride + group * DEPTH_GROUP, sizeof four);
            __m256i activations = _mm256_set1_epi32(four);
            for (size_t part = 0; part < registers; part++) {
                totals[row][part] =
                    add_products(totals[row][part], activations, columns[part], magnitudes[part]);
            }
        }
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t part = 0; part < registers; part++) {
            sums[row][first + part] = totals[row][part];
        }
    }
}

/// Up to four rows take all columns of the panel at once; for more there are not registers enough, but so
/// many rows can share the magnitudes of half of the columns.
QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, const char *fetch) {
    const __m256i *weights = (const __m256i *)tap + REGISTERS;
    __m256i sums[TILE_ROWS][REGISTERS];
    size_t registers = rows <= 4 ? REGISTERS : 1;
    for (size_t first = 0; first < REGISTERS; first += registers) {
        multiply_strip(first, registers, rows, groups, a, a_stride, weights, fetch, sums);
    }
    for (size_t row = 0; row < rows; row++) {
        put_sums(output, join((i32x8)sums[row][0], (i32x8)sums[row][1]), scales[row], out,
                 row * PANEL_COLUMNS);
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
