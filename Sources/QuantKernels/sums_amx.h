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
    /// They are added to the totals of the taps.
    SUMS_TO_TOTALS,
    /// They stay where they are.
    SUMS_KEPT,
} sum_use;

/// Sums of one tap and one panel: those of the first row, so many rows of which are used already, and what
/// belongs to that row.
typedef struct unfinished {
    size_t rows;
    size_t used;
    sum_use use;
    size_t column;
    const int32_t *sums;
    const float *scales;
    /// The totals before, from row to row, and those that they become.
    const float *before;
    size_t before_step;
    float *totals;
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

/// What sixteen sums from `column` of a panel on become, and with them y, which is the panel's row.
QK_INLINE void finish_at(size_t column, qk_output output, qk_activation activation, f32x16 sums,
                         const panel_epilogue *epilogue, float *y) {
    finish_lanes(output, activation, sums, load(epilogue->scales + column), load(epilogue->bias + column),
                 load(epilogue->gates + column), y + column, QK_LANES);
}

/// Uses one more row.
QK_INLINE void use_row(sum_use use, qk_output output, qk_activation activation,
                       const panel_epilogue *epilogue, size_t y_stride, unfinished *rest) {
    f32x16 scale = splat(*rest->scales);
    for (size_t column = 0; column < PANEL_COLUMNS; column += QK_LANES) {
        i32x16 sums;
        memcpy(&sums, rest->sums + column, sizeof sums);
        f32x16 value = __builtin_convertvector(sums, f32x16);
        if (use == SUMS_TO_Y) {
            finish_at(column, output, activation, value * scale, epilogue, rest->y);
        } else {
            store(rest->totals + column, multiply_add(value, scale, load(rest->before + column)));
        }
    }
    rest->used++;
    rest->sums += PANEL_COLUMNS;
    rest->scales++;
    if (use == SUMS_TO_Y) {
        rest->y += y_stride;
    } else {
        rest->before += rest->before_step;
        rest->totals += PANEL_COLUMNS;
    }
}

/// Uses some pairs of rows, as long as there are two.
QK_INLINE void use_pairs(sum_use use, qk_output output, qk_activation activation,
                         const panel_epilogue *epilogue, size_t y_stride, size_t pairs, unfinished *rest) {
    size_t left = (rest->rows - rest->used) / 2;
    for (size_t count = pairs < left ? pairs : left; count > 0; count--) {
        use_row(use, output, activation, epilogue, y_stride, rest);
        use_row(use, output, activation, epilogue, y_stride, rest);
    }
}

QK_INLINE void use_rows(sum_use use, qk_output output, qk_activation activation,
                        const panel_epilogue *epilogue, size_t y_stride, unfinished *rest) {
    while (rest->used < rest->rows) {
        use_row(use, output, activation, epilogue, y_stride, rest);
    }
}

QK_INLINE void bring_to_y(qk_output output, qk_activation activation, const qk_gemm_s8s8 *gemm,
                          unfinished *rest) {
    panel_epilogue epilogue = epilogue_of(gemm, rest->column);
    use_rows(SUMS_TO_Y, output, activation, &epilogue, gemm->y_stride, rest);
}

static void use_to_y(const qk_gemm_s8s8 *gemm, unfinished *rest) {
    QK_FOR_EPILOGUE(bring_to_y, &gemm->epilogue, gemm, rest)
}

/// Uses what is left of them.
static void finish(const qk_gemm_s8s8 *gemm, unfinished *rest) {
    if (rest->use == SUMS_TO_Y) {
        use_to_y(gemm, rest);
    } else if (rest->use == SUMS_TO_TOTALS) {
        use_rows(SUMS_TO_TOTALS, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, NULL, 0, rest);
    }
}

/// Totals of a block of rows that wait for their epilogue.
typedef struct complete_totals {
    size_t rows;
    /// That are left, the first of them from `row` on.
    size_t panels;
    size_t row;
    size_t column;
    const float *totals;
    float *y;
    /// Rows that are finished with each step of the next block: its products hide that, being many.
    size_t share;
    /// Of the last panel, sums of the last tap are still to be added.
    bool waits_for_sums;
} complete_totals;

/// The next panel is the first that is left.
QK_INLINE void leave_panel(complete_totals *rest) {
    rest->panels--;
    rest->row = 0;
    rest->column += PANEL_COLUMNS;
    rest->totals += BLOCK_SUMS;
    rest->y += PANEL_COLUMNS;
}

/// Finishes the rows of one step, as far as their sums are all added.
QK_INLINE void finish_share(qk_output output, qk_activation activation, const qk_gemm_s8s8 *gemm,
                            complete_totals *rest) {
    for (size_t count = 0; count < rest->share && rest->panels > rest->waits_for_sums; count++) {
        panel_epilogue epilogue = epilogue_of(gemm, rest->column);
        const float *totals = rest->totals + rest->row * PANEL_COLUMNS;
        float *y = rest->y + rest->row * gemm->y_stride;
        for (size_t column = 0; column < PANEL_COLUMNS; column += QK_LANES) {
            finish_at(column, output, activation, load(totals + column), &epilogue, y);
        }
        if (++rest->row == rest->rows) {
            leave_panel(rest);
        }
    }
}

/// Finishes what is left, whose sums are all added.
static void finish_totals(const qk_gemm_s8s8 *gemm, complete_totals *rest) {
    for (; rest->panels > 0; leave_panel(rest)) {
        size_t columns = gemm->columns - rest->column;
        qk_epilogue epilogue = epilogue_at(gemm->epilogue, rest->column);
        sum_block block = {.rows = rest->rows - rest->row,
                           .sums = rest->totals + rest->row * PANEL_COLUMNS,
                           .sums_stride = PANEL_COLUMNS,
                           .scales = gemm->column_scales + rest->column,
                           .epilogue = &epilogue,
                           .y = rest->y + rest->row * gemm->y_stride,
                           .y_stride = gemm->y_stride};
        if (columns >= PANEL_COLUMNS) {
            finish_block(PANEL_COLUMNS, &block);
        } else {
            finish_block(columns, &block);
        }
    }
}

/// What the products so far have left to those that follow.
typedef struct left_over {
    unfinished sums;
    complete_totals totals;
} left_over;

static void finish_all(const qk_gemm_s8s8 *gemm, left_over *left) {
    finish(gemm, &left->sums);
    left->totals.waits_for_sums = false;
    finish_totals(gemm, &left->totals);
}

#endif
