#include "tier_scalar.h"

enum { PANEL_COLUMNS = 16, TILE_ROWS = 4 };

static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                          int32_t *sums) {
    const int32_t *start = tap;
    const int8_t *weights = (const int8_t *)(start + PANEL_COLUMNS);
    for (size_t row = 0; row < rows; row++) {
        int32_t *row_sums = sums + row * PANEL_COLUMNS;
        const int8_t *values = (const int8_t *)(a + row * a_stride);
        memcpy(row_sums, start, PANEL_COLUMNS * sizeof(int32_t));
        for (size_t group = 0; group < groups; group++) {
            for (size_t column = 0; column < PANEL_COLUMNS; column++) {
                for (size_t k = 0; k < 4; k++) {
                    row_sums[column] +=
                        values[4 * group + k] * weights[(group * PANEL_COLUMNS + column) * 4 + k];
                }
            }
        }
    }
}

#include "gemm_lanes.h"
