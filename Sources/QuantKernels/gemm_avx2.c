#if defined(__x86_64__)

#include "tier_avx2.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 4, REGISTERS = 2 };

typedef struct tile_sums {
    __m256i of[TILE_ROWS][REGISTERS];
} tile_sums;

#include "gemm_groups.h"

/// Products of 4 depths of one row and 16 columns, added to their sums. `vpmaddubsw` multiplies unsigned by
/// signed bytes, so the weight's sign moves to the activation: where w < 0, a w = |w| (-1 - a) + |w|, of
/// which the complement -1 - a takes one exclusive or with `signs`, and the last terms are what the sums
/// start from. `vpsignb` would spare them, but takes a place where multiplications run.
///
/// Two products reach 2 x 127 x 128 = 32512 at most, which is why a weight must not be -128: nothing
/// saturates, the sums are exact.
QK_INLINE void add_products(__m256i sums[REGISTERS], __m256i activations, const __m256i signs[REGISTERS],
                            const __m256i magnitudes[REGISTERS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i left = _mm256_xor_si256(activations, signs[0]);
    __m256i right = _mm256_xor_si256(activations, signs[1]);
    // Keeps the order: both columns step by step. In the compiler's own, multiplications wait for each other,
    // or products of several groups are added up first, which takes registers.
    __asm__ volatile("" : "+x"(left), "+x"(right));
    left = _mm256_maddubs_epi16(magnitudes[0], left);
    right = _mm256_maddubs_epi16(magnitudes[1], right);
    __asm__ volatile("" : "+x"(left), "+x"(right));
    left = _mm256_madd_epi16(left, ones);
    right = _mm256_madd_epi16(right, ones);
    __asm__ volatile("" : "+x"(left), "+x"(right));
    sums[0] = _mm256_add_epi32(sums[0], left);
    sums[1] = _mm256_add_epi32(sums[1], right);
    __asm__ volatile("" : "+x"(sums[0]), "+x"(sums[1]));
}

QK_INLINE void add_group(size_t rows, size_t registers, size_t turn, equidistant a, const char *weights,
                         tile_sums *sums) {
    (void)turn, (void)registers;
    __m256i signs[REGISTERS], magnitudes[REGISTERS];
    for (size_t part = 0; part < REGISTERS; part++) {
        __m256i columns = _mm256_loadu_si256((const __m256i *)weights + part);
        signs[part] = _mm256_cmpgt_epi8(_mm256_setzero_si256(), columns);
        magnitudes[part] = _mm256_abs_epi8(columns);
    }
    for (size_t row = 0; row < rows; row++) {
        add_products(sums->of[row], _mm256_set1_epi32(four_of(a, row)), signs, magnitudes);
    }
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, tile_fetch fetch) {
    const __m256i *start = tap;
    tile_sums sums;
    for (size_t row = 0; row < rows; row++) {
        for (size_t part = 0; part < REGISTERS; part++) {
            sums.of[row][part] = _mm256_loadu_si256(start + part);
        }
    }
    add_groups(rows, REGISTERS, groups, a, a_stride, (const char *)(start + REGISTERS), fetch, &sums);
    for (size_t row = 0; row < rows; row++) {
        put_sums(output, join((i32x8)sums.of[row][0], (i32x8)sums.of[row][1]), scales[row], out,
                 row * PANEL_COLUMNS);
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
