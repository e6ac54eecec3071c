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

/// Pixels of BLOCK_ROWS x BLOCK_COLUMNS share the loads of their weights and inputs, for kernels up to
/// WIDEST; two rows only where the registers hold so many sums.
enum {
    BLOCK_ROWS = QK_SUMS >= 16 ? 2 : 1,
    BLOCK_COLUMNS = BLOCK_ROWS == 2 ? 3 : 4,
    BLOCK = BLOCK_ROWS * BLOCK_COLUMNS,
    WIDEST = 5,
};

/// A block of pixels and the part of its neighbourhood that lies inside the image.
typedef struct pixel_block {
    /// The neighbour above and to the left of the first pixel; it may lie outside.
    const float *corner;
    /// Rows and columns of pixels that exist and are wanted.
    size_t rows, columns;
    /// Rows and columns of the neighbourhood, counted from the corner.
    size_t first_row, end_row, first_column, end_column;
} pixel_block;

QK_INLINE size_t fewer(size_t a, size_t b) {
    return a < b ? a : b;
}

/// `rows` are wanted, more perhaps than fit.
QK_INLINE pixel_block block_at(const qk_depthwise *d, size_t kernel, size_t row, size_t rows, size_t column) {
    size_t pad = kernel / 2;
    ptrdiff_t above = (ptrdiff_t)row - (ptrdiff_t)pad - d->x_row;
    ptrdiff_t left = (ptrdiff_t)column - (ptrdiff_t)pad;
    size_t wanted = fewer(rows, BLOCK_ROWS);
    return (pixel_block){
        .corner = d->x + (above * (ptrdiff_t)d->width + left) * (ptrdiff_t)d->x_stride,
        .rows = wanted,
        .columns = fewer(d->width - column, BLOCK_COLUMNS),
        .first_row = row < pad ? pad - row : 0,
        .end_row = fewer(d->height + pad - row, wanted + kernel - 1),
        .first_column = column < pad ? pad - column : 0,
        .end_column = fewer(d->width + pad - column, BLOCK_COLUMNS + kernel - 1),
    };
}

/// A block in sixteen channels. Where not all of the neighbourhood is inside the image, a column that is
/// missing counts as zeros.
QK_INLINE void convolve_channels(const qk_depthwise *d, size_t kernel, int is_inside,
                                 const pixel_block *block, channel_run channels, f32x16 *totals) {
    size_t first_row = is_inside ? 0 : block->first_row;
    size_t end_row = is_inside ? BLOCK_ROWS + kernel - 1 : block->end_row;
    const float *x = block->corner + (ptrdiff_t)(first_row * d->width * d->x_stride + channels.x);
    const float *weight = d->weight + channels.weight;
    for (size_t pixel = 0; pixel < BLOCK; pixel++) {
        totals[pixel] = start_lanes(d, channels);
    }
    for (size_t y = first_row; y < end_row; y++, x += d->width * d->x_stride) {
        f32x16 values[BLOCK_COLUMNS + WIDEST - 1];
        for (size_t column = 0; column < BLOCK_COLUMNS + kernel - 1; column++) {
            values[column] = is_inside || (column >= block->first_column && column < block->end_column)
                                 ? load(x + column * d->x_stride)
                                 : splat(0);
        }
        for (size_t row = 0; row < BLOCK_ROWS; row++) {
            if (y < row || y >= row + kernel) {
                continue;
            }
            const float *taps = weight + (y - row) * kernel * d->weight_stride;
            for (size_t kx = 0; kx < kernel; kx++) {
                f32x16 tap = load(taps + kx * d->weight_stride);
                for (size_t column = 0; column < BLOCK_COLUMNS; column++) {
                    f32x16 *total = totals + row * BLOCK_COLUMNS + column;
                    *total = multiply_add(values[column + kx], tap, *total);
                }
            }
        }
    }
}

/// Fetches the part of y that a block will be written to: its pixels lie too far apart for the CPU to
/// foresee.
QK_INLINE void prefetch_block(const qk_depthwise *d, const float *y) {
    for (size_t row = 0; row < BLOCK_ROWS; row++) {
        for (size_t column = 0; column < BLOCK_COLUMNS; column++) {
            __builtin_prefetch(y + (row * d->width + column) * d->y_stride, 1);
        }
    }
}

/// A block in sixteen channels into y, which is the block's first pixel.
QK_INLINE void convolve_block(int is_gated, const qk_depthwise *d, size_t kernel, int is_inside,
                              const pixel_block *block, channel_run channels, float *y) {
    size_t stride = d->y_stride, row_stride = d->width * stride;
    prefetch_block(d, y + BLOCK_COLUMNS * stride + channels.x);
    f32x16 values[BLOCK], gates[BLOCK];
    // The gates first: while their divisions go on, the values are summed.
    if (is_gated) {
        convolve_channels(d, kernel, is_inside, block, gates_of(d, channels), gates);
        for (size_t pixel = 0; pixel < BLOCK; pixel++) {
            gates[pixel] = silu(gates[pixel]);
        }
    }
    convolve_channels(d, kernel, is_inside, block, channels, values);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < BLOCK_ROWS; row++) {
#pragma clang loop unroll(full)
        for (size_t column = 0; column < BLOCK_COLUMNS; column++) {
            if (!is_inside && (row >= block->rows || column >= block->columns)) {
                continue;
            }
            size_t pixel = row * BLOCK_COLUMNS + column;
            store(y + row * row_stride + column * stride + channels.x,
                  is_gated ? values[pixel] * gates[pixel] : values[pixel]);
        }
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
    size_t end = part->first_channel + part->channels, end_row = part->first_row + part->rows;
    size_t whole = kernel > 0 ? part->channels / QK_LANES * QK_LANES : 0;
    for (size_t row = part->first_row; row < end_row; row += BLOCK_ROWS) {
        for (size_t column = 0; column < d->width; column += BLOCK_COLUMNS) {
            float *y = d->y + (row * d->width + column) * d->y_stride;
            pixel_block block = block_at(d, kernel, row, end_row - row, column);
            int is_inside = block.first_row == 0 && block.end_row == BLOCK_ROWS + kernel - 1 &&
                            block.first_column == 0 && block.end_column == BLOCK_COLUMNS + kernel - 1;
            size_t channel = part->first_channel;
            for (; channel < part->first_channel + whole; channel += QK_LANES) {
                channel_run channels = {channel, channel, QK_LANES};
                if (is_inside) {
                    convolve_block(is_gated, d, kernel, 1, &block, channels, y);
                } else {
                    convolve_block(is_gated, d, kernel, 0, &block, channels, y);
                }
            }
            for (; channel < end; channel += QK_LANES) {
                channel_run channels = {channel, channel, end - channel};
                for (size_t pixel = 0; pixel < block.rows * block.columns; pixel++) {
                    size_t down = pixel / block.columns, across = pixel % block.columns;
                    convolve_anywhere(is_gated, d, row + down, column + across, channels,
                                      y + (down * d->width + across) * d->y_stride);
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
