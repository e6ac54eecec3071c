/// `multiply_tile` (see gemm_tile.h) in plain C, of signed activations.
///
/// The file that includes it defines PANEL_COLUMNS, a multiple of 16, DEPTH_GROUP and TILE_ROWS.
#include "gemm_tile.h"

static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                          tile_output output, const float *scales, void *out, tile_fetch fetch) {
    fetch_rows(fetch);
    const int32_t *start = tap;
    const int8_t *weights = (const int8_t *)(start + PANEL_COLUMNS);
    for (size_t row = 0; row < rows; row++) {
        const int8_t *values = (const int8_t *)(a + row * a_stride);
        int32_t sums[PANEL_COLUMNS];
        memcpy(sums, start, sizeof sums);
        for (size_t group = 0; group < groups; group++) {
            for (size_t column = 0; column < PANEL_COLUMNS; column++) {
                const int8_t *weight = weights + (group * PANEL_COLUMNS + column) * DEPTH_GROUP;
                for (size_t k = 0; k < DEPTH_GROUP; k++) {
                    sums[column] += values[DEPTH_GROUP * group + k] * weight[k];
                }
            }
        }
        for (size_t column = 0; column < PANEL_COLUMNS; column += 16) {
            i32x16 lanes;
            memcpy(&lanes, sums + column, sizeof lanes);
            put_sums(output, lanes, scales[row], out, row * PANEL_COLUMNS + column);
        }
    }
}
