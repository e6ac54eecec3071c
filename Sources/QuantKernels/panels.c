#include "include/qk_panels.h"

#include <string.h>

#define QK_INLINE static inline __attribute__((always_inline))

static int32_t sum(size_t count, const int8_t *values) {
    int32_t total = 0;
    for (size_t index = 0; index < count; index++) {
        total += values[index];
    }
    return total;
}

static int32_t sum_of_negatives(size_t count, const int8_t *values) {
    int32_t total = 0;
    for (size_t index = 0; index < count; index++) {
        total += values[index] < 0 ? values[index] : 0;
    }
    return total;
}

/// One tap, group by group, so that a panel is written front to back.
QK_INLINE void pack_groups(size_t depth_group, size_t panel_columns, size_t columns, size_t depth,
                           const int8_t *weights, size_t stride, int8_t *packed) {
    size_t k = 0;
    for (; k + depth_group <= depth; k += depth_group, packed += panel_columns * depth_group) {
        for (size_t column = 0; column < columns; column++) {
            memcpy(packed + column * depth_group, weights + column * stride + k, depth_group);
        }
    }
    if (k < depth) {
        for (size_t column = 0; column < columns; column++) {
            int8_t *rest = packed + column * depth_group;
            memset(rest, 0, depth_group);
            memcpy(rest, weights + column * stride + k, depth - k);
        }
    }
}

void qk_pack_panel_s8(size_t panel_columns, size_t depth_group, int activation_offset,
                      bool complements_activations, size_t first, size_t columns, size_t taps, size_t depth,
                      const int8_t *weights, size_t stride, void *panel) {
    size_t tap_bytes = qk_panel_bytes(panel_columns, depth_group, 1, depth);
    for (size_t tap = 0; tap < taps; tap++, weights += depth) {
        int32_t *starts = (int32_t *)((char *)panel + tap * tap_bytes);
        int8_t *packed = (int8_t *)(starts + panel_columns) + first * depth_group;
        for (size_t column = 0; column < columns; column++) {
            const int8_t *values = weights + column * stride;
            starts[first + column] = complements_activations ? -sum_of_negatives(depth, values)
                                                             : -activation_offset * sum(depth, values);
        }
        switch (depth_group) {
        case 4:
            pack_groups(4, panel_columns, columns, depth, weights, stride, packed);
            break;
        case 8:
            pack_groups(8, panel_columns, columns, depth, weights, stride, packed);
            break;
        default:
            pack_groups(16, panel_columns, columns, depth, weights, stride, packed);
            break;
        }
    }
}
