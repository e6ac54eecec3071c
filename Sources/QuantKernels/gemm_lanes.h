/// The loops around a tier's tile. The including file defines PANEL_COLUMNS, TILE_ROWS and
///
///     static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride,
///                               const void *tap, int32_t *sums)
///
/// which writes the sums of up to TILE_ROWS rows, PANEL_COLUMNS int32 each, for one tap of one panel.
#include "epilogue.h"
#include "include/qk_gemm.h"
#include "include/qk_panels.h"

/// sums x scale of the row, to start the float sums with or to add to them.
QK_INLINE void scale_tile(size_t rows, const int32_t *sums, const float *scales, int is_first,
                          float *scaled) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < PANEL_COLUMNS; column += QK_LANES) {
            size_t index = row * PANEL_COLUMNS + column;
            i32x16 lanes;
            memcpy(&lanes, sums + index, sizeof lanes);
            f32x16 value = __builtin_convertvector(lanes, f32x16) * scales[row];
            store(scaled + index, is_first ? value : load(scaled + index) + value);
        }
    }
}

void QK_NAME(qk_gemm_s8s8_f32)(const qk_gemm_s8s8 *gemm) {
    int32_t sums[TILE_ROWS * PANEL_COLUMNS] __attribute__((aligned(64)));
    float scaled[TILE_ROWS * PANEL_COLUMNS] __attribute__((aligned(64)));
    size_t groups = qk_depth_groups(gemm->depth);
    size_t tap_bytes = qk_panel_bytes(PANEL_COLUMNS, 1, gemm->depth);
    const char *panel = gemm->panels;
    for (size_t column = 0; column < gemm->columns;
         column += PANEL_COLUMNS, panel += gemm->taps * tap_bytes) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        qk_epilogue epilogue = gemm->epilogue;
        epilogue.bias = epilogue.bias != NULL ? epilogue.bias + column : NULL;
        epilogue.gates = epilogue.gates != NULL ? epilogue.gates + column : NULL;
        for (size_t row = 0; row < gemm->rows; row += TILE_ROWS) {
            size_t rows = gemm->rows - row < TILE_ROWS ? gemm->rows - row : TILE_ROWS;
            for (size_t tap = 0; tap < gemm->taps; tap++) {
                ptrdiff_t source = (ptrdiff_t)row + gemm->tap_rows[tap];
                const uint8_t *activations = gemm->activations + source * (ptrdiff_t)gemm->activations_stride;
                multiply_tile(rows, groups, activations, gemm->activations_stride, panel + tap * tap_bytes,
                              sums);
                scale_tile(rows, sums, gemm->scales + source, tap == 0, scaled);
            }
            for (size_t index = 0; index < rows; index++) {
                finish_row(columns, scaled + index * PANEL_COLUMNS, gemm->column_scales + column, &epilogue,
                           gemm->y + (row + index) * gemm->y_stride + column);
            }
        }
    }
}

void QK_NAME(qk_gemm_s8s8_s32)(const qk_gemm_s8s8 *gemm, int32_t *sums, size_t sums_stride) {
    int32_t tile[TILE_ROWS * PANEL_COLUMNS] __attribute__((aligned(64)));
    size_t groups = qk_depth_groups(gemm->depth);
    size_t panel_bytes = qk_panel_bytes(PANEL_COLUMNS, gemm->taps, gemm->depth);
    const char *panel = gemm->panels;
    for (size_t column = 0; column < gemm->columns; column += PANEL_COLUMNS, panel += panel_bytes) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        for (size_t row = 0; row < gemm->rows; row += TILE_ROWS) {
            size_t rows = gemm->rows - row < TILE_ROWS ? gemm->rows - row : TILE_ROWS;
            const uint8_t *activations = gemm->activations + row * gemm->activations_stride;
            multiply_tile(rows, groups, activations, gemm->activations_stride, panel, tile);
            for (size_t index = 0; index < rows; index++) {
                memcpy(sums + (row + index) * sums_stride + column, tile + index * PANEL_COLUMNS,
                       columns * sizeof(int32_t));
            }
        }
    }
}
