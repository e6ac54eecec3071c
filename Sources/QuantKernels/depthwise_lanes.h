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
            total = multiply_add(value, load_first(weight + kx * d->weight_stride, channels.count), total);
        }
    }
    return total;
}

/// RUN pixels side by side share the loads of their weights and inputs, for kernels up to WIDEST.
enum { RUN = 4, WIDEST = 5 };

/// A run of pixels and the part of its neighbourhood that lies inside the image.
typedef struct pixel_run {
    /// The neighbour above and to the left of the first pixel; it may lie outside.
    const float *corner;
    /// Pixels that exist.
    size_t pixels;
    /// Rows and columns of the neighbourhood, counted from the corner.
    size_t first_row, end_row, first_column, end_column;
} pixel_run;

QK_INLINE pixel_run run_at(const qk_depthwise *d, size_t kernel, size_t row, size_t column) {
    size_t pad = kernel / 2, all = RUN + kernel - 1;
    size_t rows_left = d->height + pad - row, columns_left = d->width + pad - column;
    ptrdiff_t above = (ptrdiff_t)row - (ptrdiff_t)pad - d->x_row;
    ptrdiff_t left = (ptrdiff_t)column - (ptrdiff_t)pad;
    return (pixel_run){
        .corner = d->x + (above * (ptrdiff_t)d->width + left) * (ptrdiff_t)d->x_stride,
        .pixels = d->width - column < RUN ? d->width - column : RUN,
        .first_row = row < pad ? pad - row : 0,
        .end_row = rows_left < kernel ? rows_left : kernel,
        .first_column = column < pad ? pad - column : 0,
        .end_column = columns_left < all ? columns_left : all,
    };
}

/// RUN pixels in sixteen channels. Where not all of the neighbourhood is inside the image, a column that is
/// missing counts as zeros.
QK_INLINE void convolve_channels(const qk_depthwise *d, size_t kernel, int is_inside, const pixel_run *run,
                                 channel_run channels, f32x16 *totals) {
    size_t first_row = is_inside ? 0 : run->first_row, end_row = is_inside ? kernel : run->end_row;
    const float *x = run->corner + (ptrdiff_t)(first_row * d->width * d->x_stride + channels.x);
    const float *weight = d->weight + first_row * kernel * d->weight_stride + channels.weight;
    for (size_t pixel = 0; pixel < RUN; pixel++) {
        totals[pixel] = start_lanes(d, channels);
    }
    for (size_t ky = first_row; ky < end_row; ky++, x += d->width * d->x_stride) {
        f32x16 values[RUN + WIDEST - 1];
        for (size_t column = 0; column < RUN + kernel - 1; column++) {
            values[column] = is_inside || (column >= run->first_column && column < run->end_column)
                                 ? load(x + column * d->x_stride)
                                 : splat(0);
        }
        for (size_t kx = 0; kx < kernel; kx++, weight += d->weight_stride) {
            f32x16 tap = load(weight);
            for (size_t pixel = 0; pixel < RUN; pixel++) {
                totals[pixel] = multiply_add(values[pixel + kx], tap, totals[pixel]);
            }
        }
    }
}

/// A run in sixteen channels into y, which is the run's first pixel.
QK_INLINE void convolve_run(int is_gated, const qk_depthwise *d, size_t kernel, int is_inside,
                            const pixel_run *run, channel_run channels, float *y) {
    f32x16 values[RUN], gates[RUN];
    convolve_channels(d, kernel, is_inside, run, channels, values);
    if (is_gated) {
        convolve_channels(d, kernel, is_inside, run, gates_of(d, channels), gates);
    }
    for (size_t pixel = 0; pixel < RUN && (is_inside || pixel < run->pixels); pixel++) {
        store(y + pixel * d->y_stride + channels.x,
              is_gated ? values[pixel] * silu(gates[pixel]) : values[pixel]);
    }
}

/// One pixel in some channels that are fewer than sixteen, or with a kernel that has no code of its own.
QK_INLINE void convolve_anywhere(int is_gated, const qk_depthwise *d, size_t row, size_t column,
                                 channel_run channels, float *y) {
    f32x16 value = convolve_pixel(d, row, column, channels);
    if (is_gated) {
        value = value * silu(convolve_pixel(d, row, column, gates_of(d, channels)));
    }
    store_first(y + channels.x, value, channels.count);
}

/// `kernel` is 3 or 5 where this is inlined with a constant, or 0 for a size that has no code of its own.
/// Channels are innermost: pixels lie far apart in memory, at distances that let many of them push each other
/// out of the cache.
QK_INLINE void convolve(int is_gated, const qk_depthwise *d, size_t kernel, const qk_depthwise_part *part) {
    size_t end = part->first_channel + part->channels;
    size_t whole = kernel > 0 ? part->channels / QK_LANES * QK_LANES : 0;
    for (size_t row = part->first_row; row < part->first_row + part->rows; row++) {
        for (size_t column = 0; column < d->width; column += RUN) {
            float *y = d->y + (row * d->width + column) * d->y_stride;
            pixel_run run = run_at(d, kernel, row, column);
            int is_inside = run.first_row == 0 && run.end_row == kernel && run.first_column == 0 &&
                            run.end_column == RUN + kernel - 1;
            size_t channel = part->first_channel;
            for (; channel < part->first_channel + whole; channel += QK_LANES) {
                channel_run channels = {channel, channel, QK_LANES};
                if (is_inside) {
                    convolve_run(is_gated, d, kernel, 1, &run, channels, y);
                } else {
                    convolve_run(is_gated, d, kernel, 0, &run, channels, y);
                }
            }
            for (; channel < end; channel += QK_LANES) {
                channel_run channels = {channel, channel, end - channel};
                for (size_t pixel = 0; pixel < run.pixels; pixel++) {
                    convolve_anywhere(is_gated, d, row, column + pixel, channels, y + pixel * d->y_stride);
                }
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
