#if defined(__x86_64__)

#include "tier_amx.h"

#include "epilogue.h"
#include "gemm_tile.h"
#include "include/qk_gemm.h"
#include "include/qk_panels.h"
#include "tiles_amx.h"

enum {
    /// Two tiles of columns, as a block of rows is two of rows.
    PANEL_COLUMNS = 2 * TILE,
    BLOCK_ROWS = 2 * TILE,
    BLOCK_SUMS = BLOCK_ROWS * PANEL_COLUMNS,
    GROUP_BYTES = PANEL_COLUMNS * TILE_GROUP,
    SUMS_STRIDE = PANEL_COLUMNS * sizeof(int32_t),
    /// Panels that pass by a block of rows before the next block comes; they stay in the second cache.
    SPAN_PANELS = 8,
    /// Steps of depth of a block of rows that stay in the first cache meanwhile.
    SPAN_STEPS = 18,
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

/// Rows that are multiplied at once, in one tile or two. Tiles are whole, so that the last one may begin with
/// rows of the one before.
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

/// Rows of sums of one tap whose rest is to be done: to be scaled, added to those of other taps and, with the
/// last tap, finished.
typedef struct unfinished {
    size_t rows;
    const int32_t *sums;
    float *totals;
    const float *scales;
    float *y;
} unfinished;

/// Those of a block, a tile each.
typedef struct unfinished_block {
    unfinished tiles[2];
    size_t column;
    size_t tap;
} unfinished_block;

static unfinished_block unfinished_of(const row_block *block, const qk_gemm_s8s8 *gemm, size_t column,
                                      size_t tap, const int32_t *sums, float *totals) {
    unfinished_block result = {.column = column, .tap = tap};
    for (size_t tile = 0; tile < 2; tile++) {
        size_t first = tile * TILE, row = block->row + first;
        size_t place = (first + row - block->tiles[tile]) * PANEL_COLUMNS;
        size_t rows = block->rows > first ? block->rows - first : 0;
        result.tiles[tile] = (unfinished){.rows = rows < TILE ? rows : TILE,
                                          .sums = sums + place,
                                          .totals = totals + place,
                                          .scales = gemm->scales + gemm->tap_rows[tap] + row,
                                          .y = gemm->y + row * gemm->y_stride + column};
    }
    return result;
}

QK_INLINE void scale_sums(tile_output output, size_t rows, const unfinished *part) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < PANEL_COLUMNS; column += QK_LANES) {
            size_t index = row * PANEL_COLUMNS + column;
            i32x16 sums;
            memcpy(&sums, part->sums + index, sizeof sums);
            put_sums(output, sums, part->scales[row], part->totals, index);
        }
    }
}

/// Rows of a whole panel that have no other taps, from the sums to y.
QK_INLINE void finish_sums(qk_output output, qk_activation activation, size_t rows, size_t column,
                           const unfinished *part, const qk_gemm_s8s8 *gemm) {
    static const float zeros[PANEL_COLUMNS];
    const qk_epilogue *epilogue = &gemm->epilogue;
    const float *column_scales = gemm->column_scales + column;
    const float *bias = epilogue->bias != NULL ? epilogue->bias + column : zeros;
    const float *gates = output == QK_OUTPUT_ADD_GATED ? epilogue->gates + column : zeros;
    for (size_t row = 0; row < rows; row++) {
        f32x16 scale = splat(part->scales[row]);
        float *y = part->y + row * gemm->y_stride;
        for (size_t first = 0; first < PANEL_COLUMNS; first += QK_LANES) {
            i32x16 sums;
            memcpy(&sums, part->sums + row * PANEL_COLUMNS + first, sizeof sums);
            f32x16 value = __builtin_convertvector(sums, f32x16) * scale;
            finish_lanes(output, activation, value, load(column_scales + first), load(bias + first),
                         load(gates + first), y + first, QK_LANES);
        }
    }
}

static void finish_single(size_t rows, size_t column, const unfinished *part, const qk_gemm_s8s8 *gemm) {
    QK_FOR_EPILOGUE(finish_sums, &gemm->epilogue, rows, column, part, gemm)
}

static void finish_totals(size_t rows, size_t column, const unfinished *part, const qk_gemm_s8s8 *gemm) {
    size_t columns = gemm->columns - column;
    qk_epilogue epilogue = epilogue_at(gemm->epilogue, column);
    sum_block block = {.rows = rows,
                       .sums = part->totals,
                       .sums_stride = PANEL_COLUMNS,
                       .scales = gemm->column_scales + column,
                       .epilogue = &epilogue,
                       .y = part->y,
                       .y_stride = gemm->y_stride};
    if (columns >= PANEL_COLUMNS) {
        finish_block(PANEL_COLUMNS, &block);
    } else {
        finish_block(columns, &block);
    }
}

static void finish_tap(size_t rows, const unfinished_block *block, const unfinished *part,
                       const qk_gemm_s8s8 *gemm) {
    if (block->tap == 0) {
        scale_sums(TILE_SCALED, rows, part);
    } else {
        scale_sums(TILE_ADDED, rows, part);
    }
    if (block->tap + 1 == gemm->taps) {
        finish_totals(rows, block->column, part, gemm);
    }
}

/// Some more rows of one tile, at most `most`.
static void finish_some(unfinished_block *block, size_t most, const qk_gemm_s8s8 *gemm) {
    unfinished *part = &block->tiles[block->tiles[0].rows == 0];
    size_t rows = part->rows < most ? part->rows : most;
    if (rows == 0) {
        return;
    }
    if (gemm->taps == 1 && gemm->columns - block->column >= PANEL_COLUMNS) {
        finish_single(rows, block->column, part, gemm);
    } else {
        finish_tap(rows, block, part, gemm);
    }
    part->rows -= rows;
    part->sums += rows * PANEL_COLUMNS;
    part->totals += rows * PANEL_COLUMNS;
    part->scales += rows;
    part->y += rows * gemm->y_stride;
}

static void finish(unfinished_block *block, const qk_gemm_s8s8 *gemm) {
    while (block->tiles[0].rows + block->tiles[1].rows > 0) {
        finish_some(block, TILE, gemm);
    }
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

/// Weights pass by: they are read with the hint that they will not be wanted soon, and leave the activations
/// where they are.
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

/// sums = or += a block's products with one tap of a panel, over the steps `from` ..< `to` of the depth.
/// `before` is finished meanwhile, a few rows with each step: the core then does both at once, which it would
/// not if one came after the other. It is done before new sums are stored, and may have had their memory.
QK_INLINE void multiply_tiles(bool has_two, const depth_steps *steps, size_t from, size_t to,
                              const row_tiles *a, const char *tap, int32_t *sums, unfinished_block *before,
                              const qk_gemm_s8s8 *gemm) {
    enum { STEP_BYTES = TILE_DEPTH / TILE_GROUP * GROUP_BYTES };
    const int32_t *starts = (const int32_t *)tap;
    const char *weights = (const char *)(starts + PANEL_COLUMNS);
    int32_t *second = sums + TILE * PANEL_COLUMNS;
    size_t share = (BLOCK_ROWS + to - from - 1) / (to - from);
    if (from == 0) {
        begin_sums(has_two, starts, starts, 0);
    } else {
        begin_sums(has_two, sums, second, SUMS_STRIDE);
    }
    bool repeats = to == steps->count && steps->repeated > 0;
    for (size_t step = from; step < to - repeats; step++) {
        add_step(has_two, a, step * TILE_DEPTH, weights + step * STEP_BYTES);
        finish_some(before, share, gemm);
    }
    if (repeats) {
        char last[STEP_BYTES] __attribute__((aligned(64))) = {0};
        size_t zeros = steps->repeated * GROUP_BYTES;
        memcpy(last + zeros, weights + steps->last / TILE_GROUP * GROUP_BYTES + zeros, STEP_BYTES - zeros);
        add_step(has_two, a, steps->last, last);
    }
    finish(before, gemm);
    end_sums(has_two, sums, second);
}

static void multiply_block(const row_block *block, const depth_steps *steps, size_t from, size_t to,
                           const row_tiles *a, const char *tap, int32_t *sums, unfinished_block *before,
                           const qk_gemm_s8s8 *gemm) {
    if (block->rows > TILE) {
        multiply_tiles(true, steps, from, to, a, tap, sums, before, gemm);
    } else {
        multiply_tiles(false, steps, from, to, a, tap, sums, before, gemm);
    }
}

/// What is on the way. Only what has to wait for the rest of its depth, or for more taps, has memory of its
/// own.
typedef struct span_state {
    int32_t sums[SPAN_PANELS * BLOCK_SUMS] __attribute__((aligned(64)));
    float totals[SPAN_PANELS * BLOCK_SUMS] __attribute__((aligned(64)));
    /// What was multiplied last.
    unfinished_block before;
} span_state;

/// A block of rows with one tap of a span of panels, `panel_bytes` apart.
static void multiply_span(const row_block *block, const depth_steps *steps, const qk_gemm_s8s8 *gemm,
                          size_t column, size_t panels, size_t panel_bytes, size_t tap, const char *weights,
                          span_state *state) {
    row_tiles a = activations_of(block, gemm, gemm->tap_rows[tap]);
    for (size_t from = 0; from < steps->count; from += SPAN_STEPS) {
        size_t to = steps->count - from < SPAN_STEPS ? steps->count : from + SPAN_STEPS;
        for (size_t panel = 0; panel < panels; panel++) {
            int32_t *sums = state->sums + (steps->count > SPAN_STEPS ? panel * BLOCK_SUMS : 0);
            float *totals = state->totals + (gemm->taps > 1 ? panel * BLOCK_SUMS : 0);
            multiply_block(block, steps, from, to, &a, weights + panel * panel_bytes, sums, &state->before,
                           gemm);
            if (to == steps->count) {
                state->before = unfinished_of(block, gemm, column + panel * PANEL_COLUMNS, tap, sums, totals);
            }
        }
    }
}

void QK_NAME(qk_gemm_s8s8_f32)(const qk_gemm_s8s8 *gemm) {
    if (gemm->rows == 0) {
        return;
    }
    span_state state;
    state.before = (unfinished_block){0};
    depth_steps steps = steps_of(gemm->depth);
    size_t tap_bytes = qk_panel_bytes(PANEL_COLUMNS, TILE_GROUP, 1, gemm->depth);
    size_t panel_bytes = gemm->taps * tap_bytes;
    const char *panel = gemm->panels;
    shape_tiles(gemm->rows < TILE ? gemm->rows : TILE, steps.depth);
    for (size_t column = 0; column < gemm->columns; column += SPAN_PANELS * PANEL_COLUMNS) {
        size_t left = (gemm->columns - column + PANEL_COLUMNS - 1) / PANEL_COLUMNS;
        size_t panels = left < SPAN_PANELS ? left : SPAN_PANELS;
        row_block block;
        for (size_t row = 0; row < gemm->rows; row += block.rows) {
            block = block_at(row, gemm->rows);
            for (size_t tap = 0; tap < gemm->taps; tap++) {
                multiply_span(&block, &steps, gemm, column, panels, panel_bytes, tap, panel + tap * tap_bytes,
                              &state);
            }
        }
        panel += panels * panel_bytes;
    }
    finish(&state.before, gemm);
    _tile_release();
}

void QK_NAME(qk_gemm_s8s8_s32)(const qk_gemm_s8s8 *gemm, int32_t *sums, size_t sums_stride) {
    if (gemm->rows == 0) {
        return;
    }
    int32_t tiles[BLOCK_SUMS] __attribute__((aligned(64)));
    unfinished_block nothing = {0};
    depth_steps steps = steps_of(gemm->depth);
    size_t panel_bytes = qk_panel_bytes(PANEL_COLUMNS, TILE_GROUP, gemm->taps, gemm->depth);
    const char *panel = gemm->panels;
    shape_tiles(gemm->rows < TILE ? gemm->rows : TILE, steps.depth);
    for (size_t column = 0; column < gemm->columns; column += PANEL_COLUMNS, panel += panel_bytes) {
        size_t columns = gemm->columns - column < PANEL_COLUMNS ? gemm->columns - column : PANEL_COLUMNS;
        row_block block;
        for (size_t row = 0; row < gemm->rows; row += block.rows) {
            block = block_at(row, gemm->rows);
            row_tiles a = activations_of(&block, gemm, 0);
            multiply_block(&block, &steps, 0, steps.count, &a, panel, tiles, &nothing, gemm);
            for (size_t index = 0; index < block.rows; index++) {
                size_t place = index + row + index / TILE * TILE - block.tiles[index / TILE];
                memcpy(sums + (row + index) * sums_stride + column, tiles + place * PANEL_COLUMNS,
                       columns * sizeof(int32_t));
            }
        }
    }
    _tile_release();
}

#include "tier_end.h"

#endif
