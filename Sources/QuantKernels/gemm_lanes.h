/// The loops around a tier's tile; see gemm_tile.h.
#include <stdbool.h>

#include "epilogue.h"
#include "include/qk_gemm.h"
#include "include/qk_panels.h"

/// scaled = a tile's sums x scale of the row, added up over the taps.
QK_INLINE void multiply_taps(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row,
                             const char *panel, size_t tap_bytes, float *scaled, tile_fetch fetch) {
#ifdef QK_FEW_GROUPS
    if (gemm->taps > 1 && groups <= QK_FEW_GROUPS) {
        multiply_taps_of_few(rows, groups, gemm, row, panel, tap_bytes, scaled, fetch);
        return;
    }
#endif
    size_t fetched_rows = rows_of_tap(rows, gemm->taps);
    for (size_t tap = 0; tap < gemm->taps; tap++, fetch = fetched(fetch, groups, fetched_rows)) {
        ptrdiff_t source = (ptrdiff_t)row + gemm->tap_rows[tap];
        multiply_tile(rows, groups, gemm->activations + source * (ptrdiff_t)gemm->activations_stride,
                      gemm->activations_stride, panel + tap * tap_bytes, tap == 0 ? TILE_SCALED : TILE_ADDED,
                      gemm->scales + source, scaled, first_rows(fetch, fetched_rows));
    }
}

#ifndef QK_FINISHES_TILES
#define multiply_finished(...) ((void)0)
#endif

/// `in_registers`, a constant where this is inlined: whole panels are finished by `multiply_finished`.
QK_INLINE void multiply_panels(bool in_registers, const qk_gemm_s8s8 *gemm) {
    float scaled[TILE_ROWS * PANEL_COLUMNS] __attribute__((aligned(64)));
    size_t groups = qk_depth_groups(DEPTH_GROUP, gemm->depth);
    size_t tap_bytes = qk_panel_bytes(PANEL_COLUMNS, DEPTH_GROUP, 1, gemm->depth);
    size_t panel_bytes = gemm->taps * tap_bytes;
    size_t tiles = (gemm->rows + TILE_ROWS - 1) / TILE_ROWS * gemm->taps;
    // The next panel is fetched while this one is multiplied, with all groups of depths of all its tiles.
    tile_fetch fetch = {.weights.step = even_step(panel_bytes, tiles * groups),
                        .y_stride = gemm->y_stride,
                        .groups_of_row = groups / TILE_ROWS / GROUPS_AT_ONCE * GROUPS_AT_ONCE};
    const char *panel = gemm->panels;
    for (size_t column = 0; column < gemm->columns; column += PANEL_COLUMNS, panel += panel_bytes) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        fetch.weights.first = panel + panel_bytes;
        fetch.y = gemm->y + column;
        fetch.columns = columns;
        qk_epilogue epilogue = epilogue_at(gemm->epilogue, column);
        for (size_t row = 0, rows; row < gemm->rows; row += rows) {
            rows = next_rows(TILE_ROWS, gemm->rows - row);
            fetch.rows = rows;
            bool finished = in_registers && columns == PANEL_COLUMNS;
            if (!finished) {
                multiply_taps(rows, groups, gemm, row, panel, tap_bytes, scaled, fetch);
            }
            sum_block block = {.rows = rows,
                               .sums = scaled,
                               .sums_stride = PANEL_COLUMNS,
                               .scales = gemm->column_scales + column,
                               .epilogue = &epilogue,
                               .y = gemm->y + row * gemm->y_stride + column,
                               .y_stride = gemm->y_stride};
            if (finished) {
                multiply_finished(rows, groups, gemm, row, panel, &block, fetch);
            } else if (columns == PANEL_COLUMNS) {
                finish_block(PANEL_COLUMNS, &block);
            } else {
                finish_block(columns, &block);
            }
            fetch = fetched(fetch, gemm->taps * groups, rows);
        }
    }
}

// Functions of their own: compiled into one, each takes registers from the other.
static __attribute__((noinline)) void multiply_by_taps(const qk_gemm_s8s8 *gemm) {
    multiply_panels(false, gemm);
}

#ifdef QK_FINISHES_TILES
static __attribute__((noinline)) void multiply_in_registers(const qk_gemm_s8s8 *gemm) {
    multiply_panels(true, gemm);
}
#endif

void QK_NAME(qk_gemm_s8s8_f32)(const qk_gemm_s8s8 *gemm) {
#ifdef QK_FINISHES_TILES
    if (gemm->taps == 1 && QK_FINISHES_TILES(gemm->epilogue.activation)) {
        multiply_in_registers(gemm);
        return;
    }
#endif
    multiply_by_taps(gemm);
}

void QK_NAME(qk_gemm_s8s8_s32)(const qk_gemm_s8s8 *gemm, int32_t *sums, size_t sums_stride) {
    int32_t tile[TILE_ROWS * PANEL_COLUMNS] __attribute__((aligned(64)));
    size_t groups = qk_depth_groups(DEPTH_GROUP, gemm->depth);
    size_t panel_bytes = qk_panel_bytes(PANEL_COLUMNS, DEPTH_GROUP, gemm->taps, gemm->depth);
    const char *panel = gemm->panels;
    for (size_t column = 0; column < gemm->columns; column += PANEL_COLUMNS, panel += panel_bytes) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        for (size_t row = 0, rows; row < gemm->rows; row += rows) {
            rows = next_rows(TILE_ROWS, gemm->rows - row);
            multiply_tile(rows, groups, gemm->activations + row * gemm->activations_stride,
                          gemm->activations_stride, panel, TILE_SUMS, gemm->scales, tile,
                          (tile_fetch){.weights.first = panel});
            for (size_t index = 0; index < rows; index++) {
                memcpy(sums + (row + index) * sums_stride + column, tile + index * PANEL_COLUMNS,
                       columns * sizeof(int32_t));
            }
        }
    }
}
