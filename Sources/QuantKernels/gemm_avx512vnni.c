#if defined(__x86_64__)

#include "tier_avx512vnni.h"

enum { PANEL_COLUMNS = 64, DEPTH_GROUP = 4, TILE_ROWS = 6, REGISTERS = 4 };

typedef struct tile_sums {
    __m512i of[TILE_ROWS][REGISTERS];
} tile_sums;

#include "gemm_groups.h"

/// `vpdpbusd` multiplies unsigned by signed bytes: the activations are stored with 128 added, and the sums
/// start from -128 times the sum of the weights.
QK_INLINE void add_group(size_t rows, size_t turn, equidistant a, const char *weights, tile_sums *sums) {
    (void)turn;
    __m512i columns[REGISTERS];
    for (size_t part = 0; part < REGISTERS; part++) {
        columns[part] = _mm512_loadu_si512((const __m512i *)weights + part);
    }
    for (size_t row = 0; row < rows; row++) {
        __m512i activations = _mm512_set1_epi32(four_of(a, row));
        for (size_t part = 0; part < REGISTERS; part++) {
            sums->of[row][part] = _mm512_dpbusd_epi32(sums->of[row][part], activations, columns[part]);
        }
    }
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, line_fetch fetch) {
    const __m512i *start = tap;
    tile_sums sums;
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < REGISTERS; part++) {
            sums.of[row][part] = _mm512_loadu_si512(start + part);
        }
    }
    add_groups(rows, groups, a, a_stride, (const char *)(start + REGISTERS), fetch, &sums);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < REGISTERS; part++) {
            put_sums(output, (i32x16)sums.of[row][part], scales[row], out, row * PANEL_COLUMNS + 16 * part);
        }
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
