#if defined(__x86_64__)

#include "tier_avx512vnni.h"

enum { PANEL_COLUMNS = 64, DEPTH_GROUP = 4, TILE_ROWS = 6, REGISTERS = 4 };

typedef struct tile_sums {
    __m512i of[TILE_ROWS][REGISTERS];
} tile_sums;

#include "epilogue.h"
#include "gemm_groups.h"
#include "include/qk_gemm.h"

/// `vpdpbusd` multiplies unsigned by signed bytes: the activations are stored with 128 added, and the sums
/// start from -128 times the sum of the weights.
QK_INLINE void add_group(size_t rows, size_t registers, size_t turn, equidistant a, const char *weights,
                         tile_sums *sums) {
    (void)turn;
    __m512i columns[REGISTERS];
    for (size_t part = 0; part < registers; part++) {
        columns[part] = _mm512_loadu_si512((const __m512i *)weights + part);
    }
    for (size_t row = 0; row < rows; row++) {
        __m512i activations = _mm512_set1_epi32(four_of(a, row));
        for (size_t part = 0; part < registers; part++) {
            sums->of[row][part] = _mm512_dpbusd_epi32(sums->of[row][part], activations, columns[part]);
        }
    }
}

/// The sums of a tap's products, of the columns of the first registers.
QK_INLINE void sum_products(size_t rows, size_t registers, size_t groups, const uint8_t *a, size_t a_stride,
                            const void *tap, tile_fetch fetch, tile_sums *sums) {
    const __m512i *start = tap;
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < registers; part++) {
            sums->of[row][part] = _mm512_loadu_si512(start + part);
        }
    }
    add_groups(rows, registers, groups, a, a_stride, (const char *)(start + REGISTERS), fetch, sums);
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, tile_fetch fetch) {
    tile_sums sums;
    sum_products(rows, REGISTERS, groups, a, a_stride, tap, fetch, &sums);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < REGISTERS; part++) {
            put_sums(output, (i32x16)sums.of[row][part], scales[row], out, row * PANEL_COLUMNS + 16 * part);
        }
    }
}

#include "gemm_rows.h"

QK_INLINE void finish_sums(size_t rows, qk_output output, qk_activation activation, const tile_sums *sums,
                           const float *scales, const sum_block *block) {
    static const float zeros[PANEL_COLUMNS];
    const qk_epilogue *epilogue = block->epilogue;
    const float *bias = epilogue->bias != NULL ? epilogue->bias : zeros;
    const float *gates = output == QK_OUTPUT_ADD_GATED ? epilogue->gates : zeros;
    const float *column_scales = block->scales;
    float *y = block->y;
    size_t y_stride = block->y_stride;
#pragma clang loop unroll(full)
    for (size_t row = 0; row < rows; row++, y += y_stride) {
        f32x16 scale = splat(scales[row]);
#pragma clang loop unroll(full)
        for (size_t part = 0; part < REGISTERS; part++) {
            size_t column = part * QK_LANES;
            f32x16 value = __builtin_convertvector((i32x16)sums->of[row][part], f32x16) * scale;
            finish_lanes(output, activation, value, load(column_scales + column), load(bias + column),
                         load(gates + column), y + column, QK_LANES);
        }
    }
}

QK_INLINE void multiply_and_finish(size_t rows, size_t groups, const uint8_t *a, size_t a_stride,
                                   const void *tap, const float *scales, const sum_block *block,
                                   tile_fetch fetch) {
    tile_sums sums;
    sum_products(rows, REGISTERS, groups, a, a_stride, tap, fetch, &sums);
    switch (block->epilogue->output) {
    case QK_OUTPUT_STORE:
        if (block->epilogue->activation == QK_ACTIVATION_SILU) {
            finish_sums(rows, QK_OUTPUT_STORE, QK_ACTIVATION_SILU, &sums, scales, block);
        } else {
            finish_sums(rows, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, &sums, scales, block);
        }
        return;
    case QK_OUTPUT_ADD:
        finish_sums(rows, QK_OUTPUT_ADD, QK_ACTIVATION_NONE, &sums, scales, block);
        return;
    case QK_OUTPUT_ADD_GATED:
        finish_sums(rows, QK_OUTPUT_ADD_GATED, QK_ACTIVATION_NONE, &sums, scales, block);
        return;
    }
}

/// To store a sum takes as long as two multiplications.
#define QK_FINISHES_TILES(activation)                                                                        \
    ((activation) == QK_ACTIVATION_NONE || (activation) == QK_ACTIVATION_SILU)
static void multiply_finished(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row,
                              const char *panel, const sum_block *block, tile_fetch fetch) {
    ptrdiff_t source = (ptrdiff_t)row + gemm->tap_rows[0];
    QK_FOR_ROWS(multiply_and_finish, groups, gemm->activations + source * (ptrdiff_t)gemm->activations_stride,
                gemm->activations_stride, panel, gemm->scales + source, block, fetch);
}

/// Half of the columns at a time: then the taps' totals have registers too, which counts where a tap has few
/// multiplications.
#define QK_FEW_GROUPS 32
enum { HALF = REGISTERS / 2 };

QK_INLINE void add_taps(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row, const char *weights,
                        size_t tap_bytes, float *scaled, tile_fetch fetch) {
    size_t fetched_rows = rows_of_tap(rows, gemm->taps);
    f32x16 totals[TILE_ROWS][HALF];
#pragma clang loop unroll(full)
    for (size_t index = 0; index < rows; index++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < HALF; part++) {
            totals[index][part] = splat(-0.0f); // To add it changes nothing; to add 0 would change -0.
        }
    }
    for (size_t tap = 0; tap < gemm->taps; tap++, weights += tap_bytes) {
        ptrdiff_t source = (ptrdiff_t)row + gemm->tap_rows[tap];
        tile_sums sums;
        sum_products(rows, HALF, groups, gemm->activations + source * (ptrdiff_t)gemm->activations_stride,
                     gemm->activations_stride, weights, first_rows(fetch, fetched_rows), &sums);
        fetch = fetched(fetch, groups, fetched_rows);
#pragma clang loop unroll(full)
        for (size_t index = 0; index < rows; index++) {
            f32x16 scale = splat(gemm->scales[source + (ptrdiff_t)index]);
#pragma clang loop unroll(full)
            for (size_t part = 0; part < HALF; part++) {
                f32x16 value = __builtin_convertvector((i32x16)sums.of[index][part], f32x16);
                totals[index][part] = multiply_add(value, scale, totals[index][part]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t index = 0; index < rows; index++) {
#pragma clang loop unroll(full)
        for (size_t part = 0; part < HALF; part++) {
            store(scaled + index * PANEL_COLUMNS + 16 * part, totals[index][part]);
        }
    }
}

static void multiply_half(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row, const char *panel,
                          size_t tap_bytes, float *scaled, tile_fetch fetch) {
    QK_FOR_ROWS(add_taps, groups, gemm, row, panel, tap_bytes, scaled, fetch);
}

static void multiply_taps_of_few(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row,
                                 const char *panel, size_t tap_bytes, float *scaled, tile_fetch fetch) {
    multiply_half(rows, groups, gemm, row, panel, tap_bytes, scaled, fetch);
    fetch.rows = 0;
    multiply_half(rows, groups, gemm, row, panel + HALF * sizeof(__m512i), tap_bytes, scaled + 16 * HALF,
                  fetch);
}

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
