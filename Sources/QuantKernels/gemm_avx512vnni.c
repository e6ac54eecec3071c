#if defined(__x86_64__)

#include "tier_avx512vnni.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 64, DEPTH_GROUP = 4, TILE_ROWS = 6, REGISTERS = 4 };

/// `vpdpbusd` multiplies unsigned by signed bytes: the activations are stored with 128 added, and the sums
/// start from -128 times the sum of the weights.
QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, line_fetch fetch) {
    const __m512i *weights = tap;
    __m512i totals[TILE_ROWS][REGISTERS];
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < REGISTERS; part++) {
            totals[row][part] = _mm512_loadu_si512(weights + part);
        }
    }
    for (size_t group = 0; group < groups; group++) {
        weights += REGISTERS;
        if (rows > 1) {
            _mm_prefetch(line_to_fetch(fetch, group), _MM_HINT_T1);
        }
        __m512i columns[REGISTERS];
        for (size_t part = 0; part < REGISTERS; part++) {
            columns[part] = _mm512_loadu_si512(weights + part);
        }
        for (size_t row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, a + row * a_stride + 4 * group, sizeof four);
            __m512i activations = _mm512_set1_epi32(four);
            for (size_t part = 0; part < REGISTERS; part++) {
                totals[row][part] = _mm512_dpbusd_epi32(totals[row][part], activations, columns[part]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < REGISTERS; part++) {
            put_sums(output, (i32x16)totals[row][part], scales[row], out, row * PANEL_COLUMNS + 16 * part);
        }
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
