#include "elementary.h"
#include "include/qk_depthwise.h"

/// Some channels, and where they stand.
typedef struct channel_run {
    /// The first one's place in a pixel of x.
    size_t x;
    /// The first one's place in a tap of the weight, and in the bias.
    size_t weight;
    size_t count;
} channel_run;

QK_INLINE channel_run gates_of(const qk_depthwise *d, channel_run channels) {
    return (channel_run){d->x_gates + channels.x, d->weight_gates + channels.weight, channels.count};
}

QK_INLINE f32x16 start_lanes(const qk_depthwise *d, channel_run channels) {
    return d->bias != NULL ? load_first(d->bias + channels.weight, channels.count) : splat(0);
}

/// A pixel of x.
QK_INLINE const float *pixel_at(const qk_depthwise *d, size_t row, size_t column) {
    ptrdiff_t rows = (ptrdiff_t)row - d->x_row;
    return d->x + (rows * (ptrdiff_t)d->width + (ptrdiff_t)column) * (ptrdiff_t)d->x_stride;
}

/// One pixel, anywhere.
QK_INLINE f32x16 convolve_pixel(const qk_depthwise *d, size_t row, size_t column, channel_run channels) {
    size_t pad = d->kernel / 2;
    f32x16 total = start_lanes(d, channels);
    for (size_t ky = 0; ky < d->kernel; ky++) {
        if (row + ky < pad || row + ky - pad >= d->height) {
            continue;
        }
        const float *weight = d->weight + ky * d->kernel * d->weight_stride + channels.weight;
        for (size_t kx = 0; kx < d->kernel; kx++) {
            if (column + kx < pad || column + kx - pad >= d->width) {
                continue;
            }
            const float *x = pixel_at(d, row + ky - pad, column + kx - pad) + channels.x;
            f32x16 value = load_first(x, channels.count);
            total = total + value * load_first(weight + kx * d->weight_stride, channels.count);
        }
    }
    return total;
}

/// RUN pixels side by side share the loads of their weights and inputs, for kernels up to WIDEST.
enum { RUN = 4, WIDEST = 5 };

/// `pixels` <= RUN pixels whose neighbours all exist, in sixteen channels. `corner` is the neighbour above
/// and to the left of the first one.
QK_INLINE void convolve_inside(const qk_depthwise *d, size_t kernel, size_t pixels, const float *corner,
                               channel_run channels, f32x16 *totals) {
    const float *x = corner + channels.x;
    const float *weight = d->weight + channels.weight;
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        totals[pixel] = start_lanes(d, channels);
    }
    for (size_t ky = 0; ky < kernel; ky++, x += d->width * d->x_stride) {
        f32x16 values[RUN + WIDEST - 1];
        for (size_t column = 0; column < pixels + kernel - 1; column++) {
            values[column] = load(x + column * d->x_stride);
        }
        for (size_t kx = 0; kx < kernel; kx++, weight += d->weight_stride) {
            f32x16 tap = load(weight);
            for (size_t pixel = 0; pixel < pixels; pixel++) {
                totals[pixel] = totals[pixel] + values[pixel + kx] * tap;
            }
        }
    }
}

/// RUN pixels or one, whose neighbours all exist, into y.
QK_INLINE void convolve_run(int is_gated, const qk_depthwise *d, size_t kernel, size_t pixels,
                            const float *corner, channel_run channels, float *y) {
    f32x16 values[RUN], gates[RUN];
    convolve_inside(d, kernel, pixels, corner, channels, values);
    if (is_gated) {
        convolve_inside(d, kernel, pixels, corner, gates_of(d, channels), gates);
    }
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        store(y + pixel * d->y_stride + channels.x,
              is_gated ? values[pixel] * silu(gates[pixel]) : values[pixel]);
    }
}

/// One pixel at the image's edge, or some channels that are fewer than sixteen.
QK_INLINE void convolve_anywhere(int is_gated, const qk_depthwise *d, size_t row, size_t column,
                                 channel_run channels, float *y) {
    f32x16 value = convolve_pixel(d, row, column, channels);
    if (is_gated) {
        value = value * silu(convolve_pixel(d, row, column, gates_of(d, channels)));
    }
    store_first(y + channels.x, value, channels.count);
}

/// A run of pixels in all channels of the part. Channels are innermost: pixels lie far apart in memory, at
/// distances that let many of them push each other out of the cache.
QK_INLINE void convolve_channels(int is_gated, const qk_depthwise *d, size_t kernel, size_t row,
                                 size_t column, size_t pixels, int is_inside, const qk_depthwise_part *part) {
    float *y = d->y + (row * d->width + column) * d->y_stride;
    size_t channel = 0;
    if (is_inside) {
        const float *corner = pixel_at(d, row - kernel / 2, column - kernel / 2);
        for (; channel + QK_LANES <= part->channels; channel += QK_LANES) {
            size_t first = part->first_channel + channel;
            channel_run channels = {first, first, QK_LANES};
            convolve_run(is_gated, d, kernel, pixels, corner, channels, y);
        }
    }
    for (; channel < part->channels; channel += QK_LANES) {
        size_t first = part->first_channel + channel;
        channel_run channels = {first, first, part->channels - channel};
        for (size_t pixel = 0; pixel < pixels; pixel++) {
            convolve_anywhere(is_gated, d, row, column + pixel, channels, y + pixel * d->y_stride);
        }
    }
}

/// `kernel` is 3 or 5 where this is inlined with a constant, or 0 for a size that has no code of its own.
QK_INLINE void convolve(int is_gated, const qk_depthwise *d, size_t kernel, const qk_depthwise_part *part) {
    size_t pad = kernel / 2;
    for (size_t row = part->first_row; row < part->first_row + part->rows; row++) {
        int is_inner_row = kernel > 0 && row >= pad && row + pad < d->height;
        size_t column = 0;
        while (column < d->width) {
            if (is_inner_row && column >= pad && column + RUN + pad <= d->width) {
                convolve_channels(is_gated, d, kernel, row, column, RUN, 1, part);
                column += RUN;
            } else {
                int is_inside = is_inner_row && column >= pad && column + pad < d->width;
                convolve_channels(is_gated, d, kernel, row, column, 1, is_inside, part);
                column++;
            }
        }
    }
}

void QK_NAME(qk_depthwise_f32)(const qk_depthwise *d, const qk_depthwise_part *part) {
    switch (d->kernel) {
    case 3:
        convolve(0, d, 3, part);
        return;
    case 5:
        convolve(0, d, 5, part);
        return;
    default:
        convolve(0, d, 0, part);
        return;
    }
}

void QK_NAME(qk_gated_depthwise_f32)(const qk_depthwise *d, const qk_depthwise_part *part) {
    convolve(1, d, 3, part);
}
