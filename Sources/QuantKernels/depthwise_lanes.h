#include "elementary.h"
#include "include/qk_depthwise.h"

/// One pixel's sums in the channels `channel` ..< `channel` + `count` of x: bias + taps in their order.
/// `channels` is the width of the weight's rows.
QK_INLINE f32x16 depthwise_lanes(const qk_depthwise *d, size_t channels, size_t row, size_t column,
                                 size_t channel, size_t count) {
    size_t pad = d->kernel / 2;
    f32x16 total = {0};
    if (d->bias != NULL) {
        total = load_first(d->bias + channel, count);
    }
    for (size_t ky = 0; ky < d->kernel; ky++) {
        if (row + ky < pad || row + ky - pad >= d->height) {
            continue;
        }
        const float *line = d->x + (row + ky - pad) * d->width * d->x_stride + channel;
        const float *weight = d->weight + ky * d->kernel * channels + channel;
        for (size_t kx = 0; kx < d->kernel; kx++) {
            if (column + kx < pad || column + kx - pad >= d->width) {
                continue;
            }
            total = total + load_first(line + (column + kx - pad) * d->x_stride, count) *
                                load_first(weight + kx * channels, count);
        }
    }
    return total;
}

void QK_NAME(qk_depthwise_f32)(const qk_depthwise *d, size_t first_row, size_t rows) {
    for (size_t row = first_row; row < first_row + rows; row++) {
        for (size_t column = 0; column < d->width; column++) {
            float *y = d->y + (row * d->width + column) * d->y_stride;
            for (size_t channel = 0; channel < d->channels; channel += QK_LANES) {
                size_t count = d->channels - channel;
                store_first(y + channel, depthwise_lanes(d, d->channels, row, column, channel, count), count);
            }
        }
    }
}

void QK_NAME(qk_gated_depthwise_f32)(const qk_depthwise *d, size_t first_row, size_t rows) {
    size_t channels = d->channels;
    for (size_t row = first_row; row < first_row + rows; row++) {
        for (size_t column = 0; column < d->width; column++) {
            float *y = d->y + (row * d->width + column) * d->y_stride;
            for (size_t channel = 0; channel < channels; channel += QK_LANES) {
                size_t count = channels - channel;
                f32x16 value = depthwise_lanes(d, 2 * channels, row, column, channel, count);
                f32x16 gate = depthwise_lanes(d, 2 * channels, row, column, channels + channel, count);
                store_first(y + channel, value * silu(gate), count);
            }
        }
    }
}
