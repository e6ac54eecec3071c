#if defined(__aarch64__)

#include "tier_neondotprod.h"

#include "gemm_tile.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 6, QUARTERS = 4 };

/// Adds the products of 4 depths: those of `lane` in the rows' registers with all columns.
#define QK_ADD_GROUP(lane)                                                                                   \
    for (size_t quarter = 0; quarter < QUARTERS; quarter++, weights += 16) {                                 \
        int8x16_t values = vld1q_s8(weights);                                                                \
        for (size_t row = 0; row < rows; row++) {                                                            \
            totals[row][quarter] = vdotq_laneq_s32(totals[row][quarter], values, activations[row], lane);    \
        }                                                                                                    \
    }

/// 24 accumulators, 6 registers of 16 depths of a row, and two for weights on their way.
QK_INLINE void multiply_rows(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                             tile_output output, const float *scales, void *out, tile_fetch fetch) {
    fetch_rows(fetch);
    const int8_t *weights = (const int8_t *)tap + PANEL_COLUMNS * sizeof(int32_t);
    int32x4_t totals[TILE_ROWS][QUARTERS];
    for (size_t row = 0; row < rows; row++) {
        for (size_t quarter = 0; quarter < QUARTERS; quarter++) {
            totals[row][quarter] = vdupq_n_s32(0);
        }
    }
    int8x16_t activations[TILE_ROWS];
    size_t group = 0;
    for (; group + 4 <= groups; group += 4) {
        for (size_t row = 0; row < rows; row++) {
            activations[row] = vreinterpretq_s8_u8(vld1q_u8(a + row * a_stride + group * DEPTH_GROUP));
        }
        QK_ADD_GROUP(0);
        QK_ADD_GROUP(1);
        QK_ADD_GROUP(2);
        QK_ADD_GROUP(3);
    }
    for (; group < groups; group++) {
        for (size_t row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, a + row * a_stride + group * DEPTH_GROUP, sizeof four);
            activations[row] = vreinterpretq_s8_s32(vdupq_n_s32(four));
        }
        QK_ADD_GROUP(0);
    }
    for (size_t row = 0; row < rows; row++) {
        i32x16 sums;
        memcpy(&sums, totals[row], sizeof sums);
        put_sums(output, sums, scales[row], out, row * PANEL_COLUMNS);
    }
}

#include "gemm_rows.h"

#include "gemm_lanes.h"

#include "tier_end.h"

#endif
