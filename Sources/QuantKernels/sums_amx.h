/// What becomes of the sums of a block of rows and a panel of columns.
#ifndef QK_SUMS_AMX_H
#define QK_SUMS_AMX_H

#include "epilogue.h"
#include "include/qk_gemm.h"
#include "tiles_amx.h"

enum {
    /// Two tiles of columns, as a block of rows is two of rows.
    PANEL_COLUMNS = 2 * TILE,
    BLOCK_ROWS = 2 * TILE,
    BLOCK_SUMS = BLOCK_ROWS * PANEL_COLUMNS,
};

/// What becomes of sums.
typedef enum sum_use {
    /// There is one tap, the panel is whole: they go to y.
    SUMS_TO_Y,
    /// They are the first of their totals.
    SUMS_FIRST,
    /// They are added to their totals.
    SUMS_ADDED,
} sum_use;

/// Rows of sums of one tap and one panel, so many of which are used already.
typedef struct unfinished {
    size_t rows;
    size_t used;
    sum_use use;
    /// Whether the totals then go to y.
    bool is_last;
    size_t column;
    const int32_t *sums;
    float *totals;
    const float *scales;
    float *y;
} unfinished;

/// What a panel's columns do to their sums.
typedef struct panel_epilogue {
    const float *scales;
    const float *bias;
    const float *gates;
} panel_epilogue;

static panel_epilogue epilogue_of(const qk_gemm_s8s8 *gemm, size_t column) {
    static const float zeros[PANEL_COLUMNS];
    const qk_epilogue *epilogue = &gemm->epilogue;
    return (panel_epilogue){.scales = gemm->column_scales + column,
                            .bias = epilogue->bias != NULL ? epilogue->bias + column : zeros,
                            .gates = epilogue->gates != NULL ? epilogue->gates + column : zeros};
}

/// Uses one more row.
QK_INLINE void use_row(sum_use use, qk_output output, qk_activation activation,
                       const panel_epilogue *epilogue, size_t y_stride, unfinished *rest) {
    size_t place = rest->used * PANEL_COLUMNS;
    f32x16 scale = splat(rest->scales[rest->used]);
    float *y = rest->y + rest->used * y_stride;
    for (size_t column = 0; column < PANEL_COLUMNS; column += QK_LANES) {
        i32x16 sums;
        memcpy(&sums, rest->sums + place + column, sizeof sums);
        f32x16 value = __builtin_convertvector(sums, f32x16);
        float *total = rest->totals + place + column;
        switch (use) {
        case SUMS_TO_Y:
            finish_lanes(output, activation, value * scale, load(epilogue->scales + column),
                         load(epilogue->bias + column), load(epilogue->gates + column), y + column, QK_LANES);
            break;
        case SUMS_FIRST:
            store(total, value * scale);
            break;
        case SUMS_ADDED:
            store(total, multiply_add(value, scale, load(total)));
            break;
        }
    }
    rest->used++;
}

QK_INLINE void use_rows(sum_use use, qk_output output, qk_activation activation, const qk_gemm_s8s8 *gemm,
                        unfinished *rest) {
    panel_epilogue epilogue = epilogue_of(gemm, rest->column);
    while (rest->used < rest->rows) {
        use_row(use, output, activation, &epilogue, gemm->y_stride, rest);
    }
}

static void finish_totals(const unfinished *rest, const qk_gemm_s8s8 *gemm) {
    size_t columns = gemm->columns - rest->column;
    qk_epilogue epilogue = epilogue_at(gemm->epilogue, rest->column);
    sum_block block = {.rows = rest->rows,
                       .sums = rest->totals,
                       .sums_stride = PANEL_COLUMNS,
                       .scales = gemm->column_scales + rest->column,
                       .epilogue = &epilogue,
                       .y = rest->y,
                       .y_stride = gemm->y_stride};
    if (columns >= PANEL_COLUMNS) {
        finish_block(PANEL_COLUMNS, &block);
    } else {
        finish_block(columns, &block);
    }
}

QK_INLINE void bring_to_y(qk_output output, qk_activation activation, const qk_gemm_s8s8 *gemm,
                          unfinished *rest) {
    use_rows(SUMS_TO_Y, output, activation, gemm, rest);
}

static void use_to_y(const qk_gemm_s8s8 *gemm, unfinished *rest) {
    QK_FOR_EPILOGUE(bring_to_y, &gemm->epilogue, gemm, rest)
}

/// Uses what is left of them.
static void finish(const qk_gemm_s8s8 *gemm, unfinished *rest) {
    switch (rest->use) {
    case SUMS_FIRST:
        use_rows(SUMS_FIRST, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, gemm, rest);
        break;
    case SUMS_ADDED:
        use_rows(SUMS_ADDED, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, gemm, rest);
        break;
    case SUMS_TO_Y:
        use_to_y(gemm, rest);
        break;
    }
    if (rest->is_last) {
        finish_totals(rest, gemm);
        rest->is_last = false;
    }
}

#endif
