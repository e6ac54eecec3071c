#include "include/qk_panels.h"

#include <string.h>

/// One channel of one tap. `group_bytes` is the distance from a group to the next; the panel holds zeros.
/// Returns the sum of the values.
static inline __attribute__((always_inline)) int32_t
pack_channel(size_t depth_group, size_t group_bytes, size_t depth, const int8_t *channel, int8_t *packed) {
    int32_t total = 0;
    for (size_t k = 0; k < depth; k++) {
        total += channel[k];
    }
    size_t group = 0;
    for (; (group + 1) * depth_group <= depth; group++) {
        memcpy(packed + group * group_bytes, channel + group * depth_group, depth_group);
    }
    if (group * depth_group < depth) {
        memcpy(packed + group * group_bytes, channel + group * depth_group, depth - group * depth_group);
    }
    return total;
}

void qk_pack_panel_s8(size_t panel_columns, size_t depth_group, int activation_offset, size_t columns,
                      size_t taps, size_t depth, const int8_t *weights, size_t stride, void *panel) {
    size_t tap_bytes = qk_panel_bytes(panel_columns, depth_group, 1, depth);
    size_t group_bytes = panel_columns * depth_group;
    memset(panel, 0, taps * tap_bytes);
    for (size_t tap = 0; tap < taps; tap++) {
        int32_t *start = (int32_t *)((char *)panel + tap * tap_bytes);
        int8_t *values = (int8_t *)(start + panel_columns);
        for (size_t column = 0; column < columns; column++) {
            const int8_t *channel = weights + column * stride + tap * depth;
            int8_t *packed = values + column * depth_group;
            int32_t total;
            switch (depth_group) {
            case 4:
                total = pack_channel(4, group_bytes, depth, channel, packed);
                break;
            case 8:
                total = pack_channel(8, group_bytes, depth, channel, packed);
                break;
            default:
                total = pack_channel(16, group_bytes, depth, channel, packed);
                break;
            }
            start[column] = -activation_offset * total;
        }
    }
}
