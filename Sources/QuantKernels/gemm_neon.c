#if defined(__aarch64__)

#include "tier_neon.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 16, TILE_ROWS = 4, STRIP = 4 };

/// The sums of some rows and STRIP columns. A register holds 16 depths of one row or column; each of its
/// accumulators holds four parts of one sum. Two products reach 2 x 127 x 127 = 32258 at most, which is why
/// -128 must not occur: they add up in 16 bits without overflow.
QK_INLINE void multiply_strip(size_t rows, size_t groups, const uint8_t *a, size_t a_stride,
                              const int8_t *weights, int32x4_t *sums) {
    int32x4_t parts[TILE_ROWS][STRIP];
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < STRIP; column++) {
            parts[row][column] = vdupq_n_s32(0);
        }
    }
    for (size_t group = 0; group < groups; group++, weights += PANEL_COLUMNS * DEPTH_GROUP) {
        int8x16_t activations[TILE_ROWS];
        for (size_t row = 0; row < rows; row++) {
            activations[row] = vreinterpretq_s8_u8(vld1q_u8(a + row * a_stride + group * DEPTH_GROUP));
        }
        for (size_t column = 0; column < STRIP; column++) {
            int8x16_t values = vld1q_s8(weights + column * DEPTH_GROUP);
            for (size_t row = 0; row < rows; row++) {
                int16x8_t pairs = vmull_s8(vget_low_s8(activations[row]), vget_low_s8(values));
                pairs = vmlal_high_s8(pairs, activations[row], values);
                parts[row][column] = vpadalq_s16(parts[row][column], pairs);
            }
        }
    }
    for (size_t row = 0; row < rows; row++) {
        sums[row] =
            vpaddq_s32(vpaddq_s32(parts[row][0], parts[row][1]), vpaddq_s32(parts[row][2], parts[row][3]));
    }
}

QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, tile_fetch fetch) {
    fetch_rows(fetch);
    const int8_t *weights = (const int8_t *)tap + PANEL_COLUMNS * sizeof(int32_t);
    int32_t sums[TILE_ROWS][PANEL_COLUMNS];
    for (size_t column = 0; column < PANEL_COLUMNS; column += STRIP) {
        int32x4_t strip[TILE_ROWS];
        multiply_strip(rows, groups, a, a_stride, weights + column * DEPTH_GROUP, strip);
        for (size_t row = 0; row < rows; row++) {
            vst1q_s32(&sums[row][column], strip[row]);
        }
    }
    for (size_t row = 0; row < rows; row++) {
        i32x16 lanes;
        memcpy(&lanes, sums[row], sizeof lanes);
        put_sums(output, lanes, scales[row], out, row * PANEL_COLUMNS);
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#endif
