#include "include/qk_panels.h"

#include <string.h>

void qk_pack_panel_s8(size_t panel_columns, int activation_offset, size_t columns, size_t taps, size_t depth,
                      const int8_t *weights, size_t stride, void *panel) {
    size_t groups = qk_depth_groups(depth);
    int32_t *start = panel;
    for (size_t tap = 0; tap < taps; tap++) {
        int8_t *values = (int8_t *)(start + panel_columns);
        memset(start, 0, qk_panel_bytes(panel_columns, 1, depth));
        for (size_t column = 0; column < columns; column++) {
            const int8_t *channel = weights + column * stride + tap * depth;
            int32_t total = 0;
            for (size_t k = 0; k < depth; k++) {
                values[(k / 4 * panel_columns + column) * 4 + k % 4] = channel[k];
                total += channel[k];
            }
            start[column] = -activation_offset * total;
        }
        start = (int32_t *)(values + groups * panel_columns * 4);
    }
}
