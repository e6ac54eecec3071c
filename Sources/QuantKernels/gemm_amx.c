#if defined(__x86_64__)

#include "tier_amx.h"

#include "gemm_tile.h"
#include "include/qk_panels.h"
#include "sums_amx.h"

enum {
    GROUP_BYTES = PANEL_COLUMNS * TILE_GROUP,
    SUMS_STRIDE = PANEL_COLUMNS * sizeof(int32_t),
    /// What a panel begins with is 0, since activations have no offset.
    START_BYTES = PANEL_COLUMNS * sizeof(int32_t),
    /// Panels that pass by a block of rows before the next block comes; they stay in the second cache.
    SPAN_PANELS = 8,
    /// The same where taps have totals, which are to stay in the first cache.
    TOTALS_PANELS = 4,
    /// Steps of depth of a block of rows that stay in the first cache meanwhile.
    SPAN_STEPS = 18,
    /// Lines of weights that are fetched with a step of depth, at most: beside 256 rows.
    FETCHED_LINES = 4,
};

/// How a depth is multiplied: a tile's depth at a time. The last step ends where the depth does; it has zeros
/// for the weights of depths that the step before has had.
typedef struct depth_steps {
    size_t count;
    size_t depth;
    /// The depth where the last step begins.
    size_t last;
    /// Groups of depths that the last two steps have in common.
    size_t repeated;
} depth_steps;

static depth_steps steps_of(size_t depth) {
    size_t all = qk_depth_groups(TILE_GROUP, depth) * TILE_GROUP;
    size_t step = all < TILE_DEPTH ? all : TILE_DEPTH;
    size_t count = (all + step - 1) / step;
    return (depth_steps){
        .count = count, .depth = step, .last = all - step, .repeated = (count * step - all) / TILE_GROUP};
}

/// Rows that are multiplied at once, in one tile or two. Tiles are whole, so that a tile may begin with rows
/// of the one before; the sums of such a row stand in one place.
typedef struct row_block {
    size_t row;
    size_t rows;
    /// Each tile's first row.
    size_t tiles[2];
} row_block;

static row_block block_at(size_t row, size_t total) {
    size_t left = total - row;
    size_t last = total < TILE ? 0 : total - TILE;
    row_block block = {.row = row, .rows = left < BLOCK_ROWS ? left : BLOCK_ROWS};
    block.tiles[0] = row < last ? row : last;
    block.tiles[1] = row + TILE < last ? row + TILE : last;
    return block;
}

/// A tap's activations of a block's tiles.
typedef struct row_tiles {
    const uint8_t *tiles[2];
    size_t stride;
} row_tiles;

static row_tiles activations_of(const row_block *block, const qk_gemm_s8s8 *gemm, ptrdiff_t offset) {
    row_tiles result = {.stride = gemm->activations_stride};
    for (size_t tile = 0; tile < 2; tile++) {
        ptrdiff_t row = (ptrdiff_t)block->tiles[tile] + offset;
        result.tiles[tile] = gemm->activations + row * (ptrdiff_t)gemm->activations_stride;
    }
    return result;
}

QK_INLINE void begin_sums(bool has_two) {
    _tile_zero(SUMS_00);
    _tile_zero(SUMS_01);
    if (has_two) {
        _tile_zero(SUMS_10);
        _tile_zero(SUMS_11);
    }
}

QK_INLINE void resume_sums(bool has_two, const int32_t *first, const int32_t *second) {
    _tile_loadd(SUMS_00, first, SUMS_STRIDE);
    _tile_loadd(SUMS_01, first + TILE, SUMS_STRIDE);
    if (has_two) {
        _tile_loadd(SUMS_10, second, SUMS_STRIDE);
        _tile_loadd(SUMS_11, second + TILE, SUMS_STRIDE);
    }
}

/// The hint says that weights are not wanted soon: they leave the activations in the first cache.
QK_INLINE void add_step(bool has_two, const row_tiles *a, size_t depth, const char *weights) {
    _tile_stream_loadd(COLUMNS_0, weights, GROUP_BYTES);
    _tile_loadd(ROWS_0, a->tiles[0] + depth, a->stride);
    _tile_dpbssd(SUMS_00, ROWS_0, COLUMNS_0);
    _tile_stream_loadd(COLUMNS_1, weights + TILE * TILE_GROUP, GROUP_BYTES);
    _tile_dpbssd(SUMS_01, ROWS_0, COLUMNS_1);
    if (has_two) {
        _tile_loadd(ROWS_1, a->tiles[1] + depth, a->stride);
        _tile_dpbssd(SUMS_10, ROWS_1, COLUMNS_0);
        _tile_dpbssd(SUMS_11, ROWS_1, COLUMNS_1);
    }
}

QK_INLINE void end_sums(bool has_two, int32_t *first, int32_t *second) {
    _tile_stored(SUMS_00, first, SUMS_STRIDE);
    _tile_stored(SUMS_01, first + TILE, SUMS_STRIDE);
    if (has_two) {
        _tile_stored(SUMS_10, second, SUMS_STRIDE);
        _tile_stored(SUMS_11, second + TILE, SUMS_STRIDE);
    }
}

/// A block of rows times a span of panels.
typedef struct span_product {
    row_block block;
    size_t taps;
    const ptrdiff_t *tap_rows;
    size_t column;
    size_t panels;
    /// The first panel.
    const char *weights;
    size_t panel_bytes;
    size_t tap_bytes;
    const depth_steps *steps;
    /// Those of the first panel; sums stand `sums_step` from panel to panel, totals a block.
    int32_t *sums;
    size_t sums_step;
    float *totals;
    sum_use use;
    /// Weights that will be wanted soon; the step is one of depth.
    line_fetch fetch;
} span_product;

/// The sums of a tap and a panel that stand at `sums`.
QK_INLINE unfinished sums_of(const span_product *product, size_t tap, size_t panel, const int32_t *sums,
                             const qk_gemm_s8s8 *gemm) {
    // To add this changes nothing; to add 0 would change -0.
    static const float nothing[PANEL_COLUMNS] = {[0 ... PANEL_COLUMNS - 1] = -0.0f};
    const row_block *block = &product->block;
    size_t column = product->column + panel * PANEL_COLUMNS;
    float *totals = product->totals + panel * BLOCK_SUMS;
    return (unfinished){.rows = block->rows,
                        .use = product->use,
                        .column = column,
                        .sums = sums + (block->row - block->tiles[0]) * PANEL_COLUMNS,
                        .scales = gemm->scales + (ptrdiff_t)block->row + product->tap_rows[tap],
                        .before = tap == 0 ? nothing : totals,
                        .before_step = tap == 0 ? 0 : PANEL_COLUMNS,
                        .totals = totals,
                        .y = gemm->y + block->row * gemm->y_stride + column};
}

/// Multiplies, and meanwhile uses the sums of the panel before, and totals of the block before, a few rows
/// with each step: the core then does both at once, which it would not if one came after the other. The sums
/// are used up before new ones are stored, which may take their place. A single tile's sums are used as soon
/// as they are there. All that is handed on from step to step is local here, so that it has registers.
QK_INLINE void multiply_span(bool has_two, sum_use use, qk_output output, qk_activation activation,
                             span_product *product, const qk_gemm_s8s8 *gemm, left_over *left) {
    enum { STEP_BYTES = TILE_DEPTH / TILE_GROUP * GROUP_BYTES };
    const depth_steps *steps = product->steps;
    size_t second = (product->block.tiles[1] - product->block.tiles[0]) * PANEL_COLUMNS;
    const char *line = product->fetch.first;
    size_t y_stride = gemm->y_stride;
    unfinished rest = left->sums;
    complete_totals totals = left->totals;
    for (size_t tap = 0; tap < product->taps; tap++) {
        row_tiles a = activations_of(&product->block, gemm, product->tap_rows[tap]);
        // As many steps at a time as stay in the first cache.
        for (size_t from = 0, to; from < steps->count; from = to) {
            to = steps->count - from < SPAN_STEPS ? steps->count : from + SPAN_STEPS;
            bool repeats = to == steps->count && steps->repeated > 0;
            size_t pairs = (BLOCK_ROWS / 2 + to - from - 1) / (to - from);
            const char *weights = product->weights + tap * product->tap_bytes + START_BYTES;
            int32_t *sums = product->sums;
            for (size_t panel = 0; panel < product->panels;
                 panel++, weights += product->panel_bytes, sums += product->sums_step) {
                panel_epilogue epilogue = epilogue_of(gemm, rest.column);
                if (from == 0) {
                    begin_sums(has_two);
                } else {
                    resume_sums(has_two, sums, sums + second);
                }
                for (size_t step = from; step < to - repeats; step++) {
                    for (const char *end = line + product->fetch.step; line < end; line += 64) {
                        _mm_prefetch(line, _MM_HINT_T1);
                    }
                    add_step(has_two, &a, step * TILE_DEPTH, weights + step * STEP_BYTES);
                    use_pairs(use, output, activation, &epilogue, y_stride, pairs, &rest);
                    if (use == SUMS_TO_TOTALS) {
                        finish_share(output, activation, gemm, &totals);
                    }
                }
                if (repeats) {
                    char last[STEP_BYTES] __attribute__((aligned(64))) = {0};
                    size_t zeros = steps->repeated * GROUP_BYTES;
                    memcpy(last + zeros, weights + steps->last / TILE_GROUP * GROUP_BYTES + zeros,
                           STEP_BYTES - zeros);
                    add_step(has_two, &a, steps->last, last);
                }
                use_rows(use, output, activation, &epilogue, y_stride, &rest);
                totals.waits_for_sums = false;
                end_sums(has_two, sums, sums + second);
                if (to == steps->count) {
                    rest = sums_of(product, tap, panel, sums, gemm);
                    if (!has_two) {
                        finish(gemm, &rest);
                    }
                }
            }
        }
    }
    product->fetch.first = line;
    left->sums = rest;
    left->totals = totals;
}

QK_INLINE void multiply_to_y(qk_output output, qk_activation activation, span_product *product,
                             const qk_gemm_s8s8 *gemm, left_over *left) {
    multiply_span(true, SUMS_TO_Y, output, activation, product, gemm, left);
}

QK_INLINE void multiply_to_totals(qk_output output, qk_activation activation, span_product *product,
                                  const qk_gemm_s8s8 *gemm, left_over *left) {
    multiply_span(true, SUMS_TO_TOTALS, output, activation, product, gemm, left);
}

static void multiply(span_product *product, const qk_gemm_s8s8 *gemm, left_over *left) {
    bool has_two = product->block.rows > TILE;
    if (left->sums.use != product->use || !has_two) {
        finish_all(gemm, left);
    }
    if (!has_two) {
        multiply_span(false, SUMS_TO_TOTALS, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, product, gemm, left);
        return;
    }
    if (product->use == SUMS_TO_Y) {
        QK_FOR_EPILOGUE(multiply_to_y, &gemm->epilogue, product, gemm, left)
    }
    QK_FOR_EPILOGUE(multiply_to_totals, &gemm->epilogue, product, gemm, left)
}

/// The totals of a block are complete, but for the last panel's sums. `steps` are those of a block, or 0
/// where the panel is not whole.
static void set_complete(const span_product *product, size_t steps, const qk_gemm_s8s8 *gemm,
                         left_over *left) {
    finish_totals(gemm, &left->totals);
    size_t rows = product->panels * product->block.rows;
    left->totals = (complete_totals){.rows = product->block.rows,
                                     .panels = product->panels,
                                     .column = product->column,
                                     .totals = product->totals,
                                     .y = gemm->y + product->block.row * gemm->y_stride + product->column,
                                     .share = steps > 0 ? (rows + steps - 1) / steps : 0,
                                     .waits_for_sums = left->sums.used < left->sums.rows};
}

/// The next span is fetched while rows pass by this one, evenly with all steps of depth. Not where the rows
/// are few: the same panels are then often multiplied with more of them before the next are.
///
/// Returns the bytes for each step.
static size_t fetch_step(size_t bytes, size_t steps) {
    size_t lines = steps > 0 ? (bytes / 64 + steps / 2) / steps : 0;
    return lines <= FETCHED_LINES ? 64 * lines : 0;
}

void QK_NAME(qk_gemm_s8s8_f32)(const qk_gemm_s8s8 *gemm) {
    if (gemm->rows == 0) {
        return;
    }
    // Only what has to wait for the rest of its depth, or for more taps, has memory of its own.
    int32_t sums[SPAN_PANELS * BLOCK_SUMS] __attribute__((aligned(64)));
    float totals[2][TOTALS_PANELS * BLOCK_SUMS] __attribute__((aligned(64)));
    left_over left = {0};
    depth_steps steps = steps_of(gemm->depth);
    size_t tap_bytes = qk_panel_bytes(PANEL_COLUMNS, TILE_GROUP, 1, gemm->depth);
    size_t blocks = (gemm->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    size_t most = gemm->taps > 1 ? TOTALS_PANELS : SPAN_PANELS;
    span_product product = {.taps = gemm->taps,
                            .tap_rows = gemm->tap_rows,
                            .weights = gemm->panels,
                            .panel_bytes = gemm->taps * tap_bytes,
                            .tap_bytes = tap_bytes,
                            .steps = &steps,
                            .sums = sums,
                            .sums_step = steps.count > SPAN_STEPS ? BLOCK_SUMS : 0};
    shape_tiles(gemm->rows < TILE ? gemm->rows : TILE, steps.depth);
    while (product.column < gemm->columns) {
        // A panel of fewer columns is a span of its own.
        size_t whole = (gemm->columns - product.column) / PANEL_COLUMNS;
        product.panels = whole == 0 ? 1 : whole < most ? whole : most;
        product.use = gemm->taps == 1 && whole > 0 ? SUMS_TO_Y : SUMS_TO_TOTALS;
        size_t bytes = product.panels * product.panel_bytes;
        size_t steps_of_block = product.panels * gemm->taps * steps.count;
        product.fetch.first = product.weights + bytes;
        product.fetch.step = fetch_step(bytes, blocks * steps_of_block);
        for (size_t row = 0; row < gemm->rows; row += product.block.rows) {
            product.block = block_at(row, gemm->rows);
            // The other ones are those of the block before, which are finished meanwhile.
            product.totals = product.totals == totals[0] ? totals[1] : totals[0];
            multiply(&product, gemm, &left);
            if (product.use == SUMS_TO_TOTALS) {
                set_complete(&product, whole > 0 ? steps_of_block : 0, gemm, &left);
            }
        }
        product.column += product.panels * PANEL_COLUMNS;
        product.weights += bytes;
    }
    finish_all(gemm, &left);
    _tile_release();
}

void QK_NAME(qk_gemm_s8s8_s32)(const qk_gemm_s8s8 *gemm, int32_t *sums, size_t sums_stride) {
    if (gemm->rows == 0) {
        return;
    }
    int32_t tiles[BLOCK_SUMS] __attribute__((aligned(64)));
    qk_gemm_s8s8 plain = *gemm;
    plain.epilogue = (qk_epilogue){.output = QK_OUTPUT_STORE};
    ptrdiff_t no_offset = 0;
    depth_steps steps = steps_of(gemm->depth);
    span_product product = {.taps = 1,
                            .tap_rows = &no_offset,
                            .panels = 1,
                            .weights = gemm->panels,
                            .steps = &steps,
                            .sums = tiles,
                            .use = SUMS_KEPT};
    shape_tiles(gemm->rows < TILE ? gemm->rows : TILE, steps.depth);
    for (size_t column = 0; column < gemm->columns; column += PANEL_COLUMNS) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        for (size_t row = 0; row < gemm->rows; row += product.block.rows) {
            product.block = block_at(row, gemm->rows);
            left_over left = {.sums.use = SUMS_KEPT};
            multiply(&product, &plain, &left);
            for (size_t index = 0; index < left.sums.rows; index++) {
                memcpy(sums + (row + index) * sums_stride + column, left.sums.sums + index * PANEL_COLUMNS,
                       columns * sizeof(int32_t));
            }
        }
        product.weights += qk_panel_bytes(PANEL_COLUMNS, TILE_GROUP, gemm->taps, gemm->depth);
    }
    _tile_release();
}

#include "tier_end.h"

#endif
