/// What becomes of a tile's int32 sums.
///
/// A tier's file defines PANEL_COLUMNS, DEPTH_GROUP, TILE_ROWS and
///
///     static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void
///     *tap, tile_output output, const float *scales, void *out, tile_fetch fetch)
///
/// which multiplies up to TILE_ROWS rows with one tap of one panel and hands each row's sums, sixteen at a
/// time, to `put_sums`; then it includes gemm_lanes.h, the loops around the tile.
///
/// A tier with a faster way for several taps of few groups of depths defines QK_FEW_GROUPS, the most groups
/// that it takes, and `multiply_taps_of_few` with the parameters of `multiply_taps` in gemm_lanes.h. One that
/// finishes the sums of a single tap in registers defines QK_FINISHES_TILES(activation), whether it does so
/// where that activation follows, and
///
///     static void multiply_finished(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row, const
///     char *panel, const sum_block *block, tile_fetch fetch)
///
/// for the columns of a whole panel; the block's sums are not read.
#ifndef QK_GEMM_TILE_H
#define QK_GEMM_TILE_H

#include "fetch.h"
#include "lanes.h"

/// Groups of depths that a loop multiplies in one turn, where it has a way for several.
enum { GROUPS_AT_ONCE = 4 };

typedef enum tile_output {
    /// out holds int32: the sums.
    TILE_SUMS,
    /// out holds float: sums x scale of the row.
    TILE_SCALED,
    /// out holds float, to which sums x scale of the row are added.
    TILE_ADDED,
} tile_output;

/// What a tile fetches while it is multiplied.
typedef struct tile_fetch {
    /// The next panel's, for tiers that fetch them.
    line_fetch weights;
    /// The rows of y that the results go to: a store that misses the cache keeps back the lines that the next
    /// tile reads. A core waits for few lines at once, so each row has its turn, before so many groups of
    /// depths as `groups_of_row` says.
    const float *y;
    size_t y_stride;
    size_t rows;
    size_t columns;
    size_t groups_of_row;
} tile_fetch;

QK_INLINE void fetch_row(tile_fetch fetch) {
    for (size_t column = 0; column < fetch.columns; column += 64 / sizeof *fetch.y) {
        __builtin_prefetch(fetch.y + column, 1);
    }
}

/// No more than so many rows of y.
QK_INLINE tile_fetch first_rows(tile_fetch fetch, size_t rows) {
    fetch.rows = rows < fetch.rows ? rows : fetch.rows;
    return fetch;
}

/// The rows of y that each of so many taps fetches of a tile's rows.
QK_INLINE size_t rows_of_tap(size_t rows, size_t taps) {
    return (rows + taps - 1) / taps;
}

/// What remains behind so many groups of depths and rows of y.
QK_INLINE tile_fetch fetched(tile_fetch fetch, size_t groups, size_t rows) {
    rows = first_rows(fetch, rows).rows;
    fetch.weights.first += groups * fetch.weights.step;
    fetch.y += rows * fetch.y_stride;
    fetch.rows -= rows;
    return fetch;
}

/// All rows of y at once, and no weights.
QK_INLINE void fetch_rows(tile_fetch fetch) {
    for (; fetch.rows > 0; fetch = fetched(fetch, 0, 1)) {
        fetch_row(fetch);
    }
}

QK_INLINE i32x16 join(i32x8 left, i32x8 right) {
    return __builtin_shufflevector(left, right, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// The rows of the next tile of `left` that remain: the last two tiles share theirs evenly.
QK_INLINE size_t next_rows(size_t tile_rows, size_t left) {
    return left >= 2 * tile_rows ? tile_rows : left > tile_rows ? (left + 1) / 2 : left;
}

/// Sixteen sums of a row, to stand at `index` of out.
QK_INLINE void put_sums(tile_output output, i32x16 sums, float scale, void *out, size_t index) {
    if (output == TILE_SUMS) {
        memcpy((int32_t *)out + index, &sums, sizeof sums);
        return;
    }
    float *scaled = (float *)out + index;
    f32x16 value = __builtin_convertvector(sums, f32x16);
    store(scaled, output == TILE_ADDED ? multiply_add(value, splat(scale), load(scaled)) : value * scale);
}

#endif
