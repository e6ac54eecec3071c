/// What becomes of a tile's int32 sums.
///
/// A tier's file defines PANEL_COLUMNS, DEPTH_GROUP, TILE_ROWS and
///
///     static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void
///     *tap, tile_output output, const float *scales, void *out, line_fetch fetch)
///
/// which multiplies up to TILE_ROWS rows with one tap of one panel and hands each row's sums, sixteen at a
/// time, to `put_sums`; then it includes gemm_lanes.h, the loops around the tile. `fetch` are weights that
/// will be wanted soon; a tier fetches them where that helps.
///
/// A tier with a faster way for several taps of few groups of depths defines QK_FEW_GROUPS, the most groups
/// that it takes, and `multiply_taps_of_few` with the parameters of `multiply_taps` in gemm_lanes.h. One that
/// finishes the sums of a single tap in registers, where no activation follows, defines QK_FINISHES_TILES and
///
///     static void multiply_finished(size_t rows, size_t groups, const qk_gemm_s8s8 *gemm, size_t row, const
///     char *panel, const sum_block *block, line_fetch fetch)
///
/// for the columns of a whole panel; the block's sums are not read.
#ifndef QK_GEMM_TILE_H
#define QK_GEMM_TILE_H

#include "fetch.h"
#include "lanes.h"

typedef enum tile_output {
    /// out holds int32: the sums.
    TILE_SUMS,
    /// out holds float: sums x scale of the row.
    TILE_SCALED,
    /// out holds float, to which sums x scale of the row are added.
    TILE_ADDED,
} tile_output;

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
