#if defined(__x86_64__)

#include "tier_avxvnni.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 6, REGISTERS = 2, CHAINS = 4 };

/// Few rows have few sums, each of which would wait for its own last addition: they run in several chains.
typedef struct tile_sums {
    __m256i left[CHAINS][TILE_ROWS], right[CHAINS][TILE_ROWS];
} tile_sums;

#include "gemm_groups.h"

QK_INLINE size_t chains_of(size_t rows) {
    return rows < CHAINS ? CHAINS + 1 - rows : 1;
}

/// `vpdpbusd` multiplies unsigned by signed bytes: the activations are stored with 128 added, and the sums
/// start from -128 times the sum of the weights.
QK_INLINE void add_group(size_t rows, size_t registers, size_t turn, equidistant a, const char *weights,
                         tile_sums *sums) {
    (void)registers;
    __m256i left_weights = _mm256_loadu_si256((const __m256i *)weights);
    __m256i right_weights = _mm256_loadu_si256((const __m256i *)weights + 1);
    __m256i *left = sums->left[turn % chains_of(rows)], *right = sums->right[turn % chains_of(rows)];
    for (size_t row = 0; row < rows; row++) {
        __m256i activations = _mm256_set1_epi32(four_of(a, row));
        left[row] = _mm256_dpbusd_avx_epi32(left[row], activations, left_weights);
        if (chains_of(rows) == 1) {
            // Keeps the order. In the compiler's own, two ports get unequal shares of work.
            __asm__ volatile("");
        }
        right[row] = _mm256_dpbusd_avx_epi32(right[row], activations, right_weights);
    }
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, tile_fetch fetch) {
    const __m256i *start = tap;
    tile_sums sums;
    for (size_t row = 0; row < rows; row++) {
        sums.left[0][row] = _mm256_loadu_si256(start);
        sums.right[0][row] = _mm256_loadu_si256(start + 1);
        for (size_t chain = 1; chain < chains_of(rows); chain++) {
            sums.left[chain][row] = sums.right[chain][row] = _mm256_setzero_si256();
        }
    }
    add_groups(rows, REGISTERS, groups, a, a_stride, (const char *)(start + 2), fetch, &sums);
    for (size_t row = 0; row < rows; row++) {
        for (size_t chain = 1; chain < chains_of(rows); chain++) {
            sums.left[0][row] = _mm256_add_epi32(sums.left[0][row], sums.left[chain][row]);
            sums.right[0][row] = _mm256_add_epi32(sums.right[0][row], sums.right[chain][row]);
        }
        put_sums(output, join((i32x8)sums.left[0][row], (i32x8)sums.right[0][row]), scales[row], out,
                 row * PANEL_COLUMNS);
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
