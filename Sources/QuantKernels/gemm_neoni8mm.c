#if defined(__aarch64__)

#include "tier_neoni8mm.h"

#include "gemm_tile.h"

enum {
    PANEL_COLUMNS = 48,
    DEPTH_GROUP = 8,
    TILE_ROWS = 8,
    /// Rows and columns go in pairs: `smmla` adds the products of 8 depths of two rows with two columns.
    ROW_PAIRS = TILE_ROWS / 2,
    STRIP_PAIRS = 6,
    STRIP = 2 * STRIP_PAIRS,
    /// Groups of depths whose activations are interleaved at a time.
    CHUNK = 256,
};

/// Pairs of rows, 8 depths of the one before 8 depths of the other. The last row stands in for one that is
/// missing.
QK_INLINE void interleave_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride,
                               int8x16_t *interleaved) {
    size_t pairs = (rows + 1) / 2;
    for (size_t pair = 0; pair < pairs; pair++) {
        const uint8_t *upper = a + 2 * pair * a_stride;
        const uint8_t *lower = 2 * pair + 1 < rows ? upper + a_stride : upper;
        for (size_t group = 0; group < groups; group++) {
            uint8x8_t left = vld1_u8(upper + group * DEPTH_GROUP);
            uint8x8_t right = vld1_u8(lower + group * DEPTH_GROUP);
            interleaved[group * pairs + pair] = vreinterpretq_s8_u8(vcombine_u8(left, right));
        }
    }
}

/// Adds to the sums of some pairs of rows and STRIP columns: 24 accumulators for four pairs of rows.
QK_INLINE void multiply_strip(size_t pairs, size_t groups, const int8x16_t *activations,
                              const int8_t *weights, int32_t (*sums)[PANEL_COLUMNS]) {
    int32x4_t totals[ROW_PAIRS][STRIP_PAIRS];
    for (size_t pair = 0; pair < pairs; pair++) {
        for (size_t column = 0; column < STRIP_PAIRS; column++) {
            totals[pair][column] = vcombine_s32(vld1_s32(&sums[2 * pair][2 * column]),
                                                vld1_s32(&sums[2 * pair + 1][2 * column]));
        }
    }
    for (size_t group = 0; group < groups; group++, activations += pairs) {
        const int8_t *columns = weights + group * PANEL_COLUMNS * DEPTH_GROUP;
        for (size_t column = 0; column < STRIP_PAIRS; column++) {
            int8x16_t values = vld1q_s8(columns + column * 2 * DEPTH_GROUP);
            for (size_t pair = 0; pair < pairs; pair++) {
                totals[pair][column] = vmmlaq_s32(totals[pair][column], activations[pair], values);
            }
        }
    }
    for (size_t pair = 0; pair < pairs; pair++) {
        for (size_t column = 0; column < STRIP_PAIRS; column++) {
            vst1_s32(&sums[2 * pair][2 * column], vget_low_s32(totals[pair][column]));
            vst1_s32(&sums[2 * pair + 1][2 * column], vget_high_s32(totals[pair][column]));
        }
    }
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, tile_fetch fetch) {
    fetch_rows(fetch);
    const int8_t *weights = (const int8_t *)tap + PANEL_COLUMNS * sizeof(int32_t);
    size_t pairs = (rows + 1) / 2;
    int8x16_t activations[CHUNK * ROW_PAIRS];
    int32_t sums[TILE_ROWS][PANEL_COLUMNS];
    memset(sums, 0, 2 * pairs * sizeof *sums);
    for (size_t group = 0; group < groups; group += CHUNK) {
        size_t count = groups - group < CHUNK ? groups - group : CHUNK;
        interleave_rows(rows, count, a + group * DEPTH_GROUP, a_stride, activations);
        for (size_t column = 0; column < PANEL_COLUMNS; column += STRIP) {
            multiply_strip(pairs, count, activations,
                           weights + (group * PANEL_COLUMNS + column) * DEPTH_GROUP,
                           (int32_t(*)[PANEL_COLUMNS]) & sums[0][column]);
        }
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < PANEL_COLUMNS; column += 16) {
            i32x16 lanes;
            memcpy(&lanes, &sums[row][column], sizeof lanes);
            put_sums(output, lanes, scales[row], out, row * PANEL_COLUMNS + column);
        }
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
