#if defined(__x86_64__)

#include "tier_amx.h"

#include "gemm_tile.h"
#include "include/qk_panels.h"
#include "sums_amx.h"

enum {
    GROUP_BYTES = PANEL_COLUMNS * TILE_GROUP,
    SUMS_STRIDE = PANEL_COLUMNS * sizeof(int32_t),
    /// Panels that pass by a block of rows before the next block comes; they stay in the second cache.
    SPAN_PANELS = 8,
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

QK_INLINE void begin_sums(bool has_two, const int32_t *first, const int32_t *second, size_t stride) {
    _tile_loadd(SUMS_00, first, stride);
    _tile_loadd(SUMS_01, first + TILE, stride);
    if (has_two) {
        _tile_loadd(SUMS_10, second, stride);
        _tile_loadd(SUMS_11, second + TILE, stride);
    }
}

/// The hint says that weights are not wanted soon: they leave the activations in the first cache.
QK_INLINE void add_step(bool has_two, const row_tiles *a, size_t depth, const char *weights) {
    _tile_stream_loadd(COLUMNS_0, weights, GROUP_BYTES);
    _tile_loadd(ROWS_0, a->tiles[0] + depth, a->stride);
    _tile_dpbusd(SUMS_00, ROWS_0, COLUMNS_0);
    _tile_stream_loadd(COLUMNS_1, weights + TILE * TILE_GROUP, GROUP_BYTES);
    _tile_dpbusd(SUMS_01, ROWS_0, COLUMNS_1);
    if (has_two) {
        _tile_loadd(ROWS_1, a->tiles[1] + depth, a->stride);
        _tile_dpbusd(SUMS_10, ROWS_1, COLUMNS_0);
        _tile_dpbusd(SUMS_11, ROWS_1, COLUMNS_1);
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

/// A block of rows times one tap of a span of panels, over the steps `from` ..< `to` of the depth.
typedef struct span_product {
    row_block block;
    row_tiles a;
    const float *scales;
    size_t column;
    size_t panels;
    size_t panel_bytes;
    /// The tap in the first panel.
    const char *weights;
    const depth_steps *steps;
    size_t from;
    size_t to;
    /// Those of the first panel; sums stand `sums_step` from panel to panel, totals a block.
    int32_t *sums;
    size_t sums_step;
    float *totals;
    sum_use use;
    bool is_last;
    /// Weights that will be wanted soon; the step is one of depth.
    line_fetch fetch;
} span_product;

/// The sums of a panel that stand at `sums`.
QK_INLINE void set_unfinished(unfinished *rest, const span_product *product, size_t panel,
                              const int32_t *sums, const qk_gemm_s8s8 *gemm) {
    const row_block *block = &product->block;
    rest->rows = block->rows;
    rest->used = 0;
    rest->use = product->use;
    rest->is_last = product->is_last;
    rest->column = product->column + panel * PANEL_COLUMNS;
    rest->sums = sums + (block->row - block->tiles[0]) * PANEL_COLUMNS;
    rest->totals = product->totals + panel * BLOCK_SUMS;
    rest->scales = product->scales;
    rest->y = gemm->y + block->row * gemm->y_stride + rest->column;
}

/// Multiplies a span, and meanwhile uses the sums of the panel before, a few rows with each step: the core
/// then does both at once, which it would not if one came after the other. They are used up before new sums
/// are stored, which may take their place. A single tile's sums are used as soon as they are there.
QK_INLINE void multiply_span(bool has_two, sum_use use, qk_output output, qk_activation activation,
                             const span_product *product, const qk_gemm_s8s8 *gemm, unfinished *before) {
    enum { STEP_BYTES = TILE_DEPTH / TILE_GROUP * GROUP_BYTES };
    const depth_steps *steps = product->steps;
    size_t from = product->from, to = product->to;
    bool repeats = to == steps->count && steps->repeated > 0;
    size_t share = (BLOCK_ROWS + to - from - 1) / (to - from);
    row_tiles a = product->a;
    int32_t *sums = product->sums;
    size_t second = (product->block.tiles[1] - product->block.tiles[0]) * PANEL_COLUMNS;
    const char *line = product->fetch.first;
    size_t y_stride = gemm->y_stride;
    unfinished rest = *before;
    for (size_t panel = 0; panel < product->panels; panel++, sums += product->sums_step) {
        panel_epilogue epilogue = epilogue_of(gemm, rest.column);
        const int32_t *starts = (const int32_t *)(product->weights + panel * product->panel_bytes);
        const char *weights = (const char *)(starts + PANEL_COLUMNS);
        if (from == 0) {
            begin_sums(has_two, starts, starts, 0);
        } else {
            begin_sums(has_two, sums, sums + second, SUMS_STRIDE);
        }
        for (size_t step = from; step < to - repeats; step++) {
            for (const char *end = line + product->fetch.step; line < end; line += 64) {
                _mm_prefetch(line, _MM_HINT_T1);
            }
            add_step(has_two, &a, step * TILE_DEPTH, weights + step * STEP_BYTES);
            for (size_t row = 0; row < share && rest.used < rest.rows; row++) {
                use_row(use, output, activation, &epilogue, y_stride, &rest);
            }
        }
        if (repeats) {
            char last[STEP_BYTES] __attribute__((aligned(64))) = {0};
            size_t zeros = steps->repeated * GROUP_BYTES;
            memcpy(last + zeros, weights + steps->last / TILE_GROUP * GROUP_BYTES + zeros,
                   STEP_BYTES - zeros);
            add_step(has_two, &a, steps->last, last);
        }
        while (rest.used < rest.rows) {
            use_row(use, output, activation, &epilogue, y_stride, &rest);
        }
        if (rest.is_last) {
            finish_totals(&rest, gemm);
            rest.is_last = false;
        }
        end_sums(has_two, sums, sums + second);
        if (to == steps->count) {
            set_unfinished(&rest, product, panel, sums, gemm);
            if (!has_two) {
                finish(gemm, &rest);
            }
        }
    }
    *before = rest;
}

QK_INLINE void multiply_to_y(qk_output output, qk_activation activation, const span_product *product,
                             const qk_gemm_s8s8 *gemm, unfinished *before) {
    multiply_span(true, SUMS_TO_Y, output, activation, product, gemm, before);
}

static void multiply(const span_product *product, const qk_gemm_s8s8 *gemm, unfinished *before) {
    bool has_two = product->block.rows > TILE;
    if (before->use != product->use || !has_two) {
        finish(gemm, before);
    }
    if (!has_two) {
        multiply_span(false, SUMS_FIRST, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, product, gemm, before);
        return;
    }
    switch (product->use) {
    case SUMS_FIRST:
        multiply_span(true, SUMS_FIRST, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, product, gemm, before);
        return;
    case SUMS_ADDED:
        multiply_span(true, SUMS_ADDED, QK_OUTPUT_STORE, QK_ACTIVATION_NONE, product, gemm, before);
        return;
    case SUMS_TO_Y:
        break;
    }
    QK_FOR_EPILOGUE(multiply_to_y, &gemm->epilogue, product, gemm, before)
}

/// All of the depth, as many steps at a time as stay in the first cache.
static void multiply_depth(span_product *product, const qk_gemm_s8s8 *gemm, unfinished *before) {
    size_t count = product->steps->count;
    for (product->from = 0; product->from < count; product->from = product->to) {
        size_t left = count - product->from;
        product->to = product->from + (left < SPAN_STEPS ? left : SPAN_STEPS);
        multiply(product, gemm, before);
        product->fetch.first += (product->to - product->from) * product->panels * product->fetch.step;
    }
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
    float totals[SPAN_PANELS * BLOCK_SUMS] __attribute__((aligned(64)));
    unfinished before = {0};
    depth_steps steps = steps_of(gemm->depth);
    size_t tap_bytes = qk_panel_bytes(PANEL_COLUMNS, TILE_GROUP, 1, gemm->depth);
    size_t blocks = (gemm->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    span_product product = {.panel_bytes = gemm->taps * tap_bytes,
                            .steps = &steps,
                            .sums = sums,
                            .sums_step = steps.count > SPAN_STEPS ? BLOCK_SUMS : 0,
                            .totals = totals};
    const char *panels = gemm->panels;
    shape_tiles(gemm->rows < TILE ? gemm->rows : TILE, steps.depth);
    while (product.column < gemm->columns) {
        // A panel of fewer columns is a span of its own.
        size_t whole = (gemm->columns - product.column) / PANEL_COLUMNS;
        product.panels = whole == 0 ? 1 : whole < SPAN_PANELS ? whole : SPAN_PANELS;
        size_t bytes = product.panels * product.panel_bytes;
        product.fetch.first = panels + bytes;
        product.fetch.step = fetch_step(bytes, blocks * product.panels * gemm->taps * steps.count);
        for (size_t row = 0; row < gemm->rows; row += product.block.rows) {
            product.block = block_at(row, gemm->rows);
            for (size_t tap = 0; tap < gemm->taps; tap++) {
                bool is_all = gemm->taps == 1 && whole > 0;
                product.use = is_all ? SUMS_TO_Y : tap == 0 ? SUMS_FIRST : SUMS_ADDED;
                product.is_last = !is_all && tap + 1 == gemm->taps;
                product.a = activations_of(&product.block, gemm, gemm->tap_rows[tap]);
                product.scales = gemm->scales + gemm->tap_rows[tap] + row;
                product.weights = panels + tap * tap_bytes;
                multiply_depth(&product, gemm, &before);
            }
        }
        product.column += product.panels * PANEL_COLUMNS;
        panels += bytes;
    }
    finish(gemm, &before);
    _tile_release();
}

void QK_NAME(qk_gemm_s8s8_s32)(const qk_gemm_s8s8 *gemm, int32_t *sums, size_t sums_stride) {
    if (gemm->rows == 0) {
        return;
    }
    int32_t tiles[BLOCK_SUMS] __attribute__((aligned(64)));
    // A single tile's sums are used at once, for nothing.
    float totals[BLOCK_SUMS], scales[TILE] = {0};
    depth_steps steps = steps_of(gemm->depth);
    span_product product = {.panels = 1,
                            .panel_bytes = qk_panel_bytes(PANEL_COLUMNS, TILE_GROUP, gemm->taps, gemm->depth),
                            .weights = gemm->panels,
                            .steps = &steps,
                            .sums = tiles,
                            .totals = totals,
                            .scales = scales,
                            .fetch = {.first = gemm->panels},
                            .use = SUMS_FIRST};
    shape_tiles(gemm->rows < TILE ? gemm->rows : TILE, steps.depth);
    for (size_t column = 0; column < gemm->columns; column += PANEL_COLUMNS) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        for (size_t row = 0; row < gemm->rows; row += product.block.rows) {
            product.block = block_at(row, gemm->rows);
            product.a = activations_of(&product.block, gemm, 0);
            unfinished block = {.use = SUMS_FIRST};
            multiply_depth(&product, gemm, &block);
            for (size_t index = 0; index < block.rows; index++) {
                memcpy(sums + (row + index) * sums_stride + column, block.sums + index * PANEL_COLUMNS,
                       columns * sizeof(int32_t));
            }
        }
        product.weights += product.panel_bytes;
    }
    _tile_release();
}

#include "tier_end.h"

#endif
