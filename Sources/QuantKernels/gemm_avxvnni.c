#if defined(__x86_64__)

#include "tier_avxvnni.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 6, CHAINS = 4 };

/// Adds the products of one group of depths. `vpdpbusd` multiplies unsigned by signed bytes: the activations
/// are stored with 128 added, and the sums start from -128 times the sum of the weights.
QK_INLINE void add_group(size_t rows, const uint8_t *a, size_t a_stride, const __m256i *weights,
                         const char *line, __m256i *left, __m256i *right) {
    _mm_prefetch(line, _MM_HINT_T1);
    __m256i left_weights = _mm256_loadu_si256(weights);
    __m256i right_weights = _mm256_loadu_si256(weights + 1);
    for (size_t row = 0; row < rows; row++) {
        int32_t four;
        memcpy(&four, a + row * a_stride, sizeof four);
        __m256i activations = _mm256_set1_epi32(four);
        left[row] = _mm256_dpbusd_avx_epi32(left[row], activations, left_weights);
        right[row] = _mm256_dpbusd_avx_epi32(right[row], activations, right_weights);
    }
}

/// Few rows have few sums, each of which would wait for its own last addition: they run in `chains` parts.
QK_INLINE void multiply_chains(size_t chains, size_t rows, size_t groups, const uint8_t *a, size_t a_stride,
                               const void *tap, tile_output output, const float *scales, void *out,
                               line_fetch fetch) {
    const __m256i *weights = tap;
    __m256i left[CHAINS][TILE_ROWS], right[CHAINS][TILE_ROWS];
    for (size_t row = 0; row < rows; row++) {
        left[0][row] = _mm256_loadu_si256(weights);
        right[0][row] = _mm256_loadu_si256(weights + 1);
        for (size_t chain = 1; chain < chains; chain++) {
            left[chain][row] = right[chain][row] = _mm256_setzero_si256();
        }
    }
    weights += 2;
    size_t group = 0;
    for (; group + chains <= groups; group += chains) {
        for (size_t chain = 0; chain < chains; chain++, weights += 2) {
            add_group(rows, a + (group + chain) * DEPTH_GROUP, a_stride, weights,
                      line_to_fetch(fetch, group + chain), left[chain], right[chain]);
        }
    }
    for (; group < groups; group++, weights += 2) {
        add_group(rows, a + group * DEPTH_GROUP, a_stride, weights, line_to_fetch(fetch, group), left[0],
                  right[0]);
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t chain = 1; chain < chains; chain++) {
            left[0][row] = _mm256_add_epi32(left[0][row], left[chain][row]);
            right[0][row] = _mm256_add_epi32(right[0][row], right[chain][row]);
        }
        put_sums(output, join((i32x8)left[0][row], (i32x8)right[0][row]), scales[row], out,
                 row * PANEL_COLUMNS);
    }
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, line_fetch fetch) {
    size_t chains = rows < 5 ? 5 - rows : 1;
    multiply_chains(chains, rows, groups, a, a_stride, tap, output, scales, out, fetch);
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
