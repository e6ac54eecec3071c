#include "fetch.h"
#include "include/qk_gemm_float.h"
#include "lanes.h"

// A tier's file defines FLOAT_TILE_VECTORS, the most sixteens of columns in a tile, and FLOAT_TILE_SUMS, the
// sums of sixteen that its registers hold beside a row of w.

/// What is fetched beside the tiles: `step` bytes with each step of depth, 64 at most, up to `end`.
typedef struct float_fetch {
    const char *next, *end;
    size_t step;
} float_fetch;

/// Where nothing lies ahead, a line of w again and again, which costs as little as one that has come.
QK_INLINE float_fetch fetch_evenly(qk_ahead ahead, size_t rows, size_t columns, size_t depth,
                                   const float *w) {
    const float *first = ahead.floats > 0 ? ahead.first : w;
    size_t steps = rows * columns * depth / (FLOAT_TILE_SUMS * QK_LANES);
    return (float_fetch){.next = (const char *)first,
                         .end = (const char *)(first + ahead.floats),
                         .step = even_step(ahead.floats * sizeof(float), steps)};
}

/// `rows` x 16 `vectors` of y, of which `columns` exist.
QK_INLINE void multiply_float_tile(size_t rows, size_t vectors, size_t columns, size_t depth, const float *x,
                                   size_t x_stride, const float *w, size_t w_stride, float *y,
                                   size_t y_stride, float_fetch *fetch) {
    const char *next = fetch->next;
    size_t step = next < fetch->end ? fetch->step : 0;
    f32x16 totals[FLOAT_TILE_SUMS];
    for (size_t index = 0; index < rows * vectors; index++) {
        totals[index] = splat(0);
    }
    for (size_t k = 0; k < depth; k++, w += w_stride) {
        __builtin_prefetch(next, 0, 2);
        next += step;
        f32x16 weights[FLOAT_TILE_VECTORS];
        for (size_t vector = 0; vector < vectors; vector++) {
            weights[vector] = load(w + vector * QK_LANES);
        }
        for (size_t row = 0; row < rows; row++) {
            f32x16 value = splat(x[row * x_stride + k]);
            for (size_t vector = 0; vector < vectors; vector++) {
                totals[row * vectors + vector] =
                    multiply_add(value, weights[vector], totals[row * vectors + vector]);
            }
        }
    }
    fetch->next = next;
    for (size_t row = 0; row < rows; row++) {
        for (size_t vector = 0; vector < vectors; vector++) {
            size_t column = vector * QK_LANES;
            store_first(y + row * y_stride + column, totals[row * vectors + vector], columns - column);
        }
    }
}

/// All rows of 16 `vectors` columns.
QK_INLINE void multiply_float_columns(size_t vectors, size_t columns, size_t rows, size_t depth,
                                      const float *x, size_t x_stride, const float *w, size_t w_stride,
                                      float *y, size_t y_stride, float_fetch *fetch) {
    size_t height = FLOAT_TILE_SUMS / vectors;
    size_t row = 0;
    for (; row + height <= rows; row += height) {
        multiply_float_tile(height, vectors, columns, depth, x + row * x_stride, x_stride, w, w_stride,
                            y + row * y_stride, y_stride, fetch);
    }
    // What is left, in tiles of half the rows, then row by row.
    if (height >= 4 && row + height / 2 <= rows) {
        multiply_float_tile(height / 2, vectors, columns, depth, x + row * x_stride, x_stride, w, w_stride,
                            y + row * y_stride, y_stride, fetch);
        row += height / 2;
    }
    for (; row < rows; row++) {
        multiply_float_tile(1, vectors, columns, depth, x + row * x_stride, x_stride, w, w_stride,
                            y + row * y_stride, y_stride, fetch);
    }
}

void QK_NAME(qk_gemm_f32)(size_t rows, size_t columns, size_t depth, const float *x, size_t x_stride,
                          const float *w, size_t w_stride, float *y, size_t y_stride, qk_ahead ahead) {
    float_fetch fetch = fetch_evenly(ahead, rows, columns, depth, w);
    size_t column = 0;
    while (column < columns) {
        size_t left = columns - column;
        size_t vectors = (left + QK_LANES - 1) / QK_LANES;
        // The rest is better spread over two tiles than left to a narrow one.
        if (vectors > FLOAT_TILE_VECTORS) {
            vectors = vectors < 2 * FLOAT_TILE_VECTORS ? (vectors + 1) / 2 : FLOAT_TILE_VECTORS;
        }
        size_t count = left < vectors * QK_LANES ? left : vectors * QK_LANES;
        const float *part = w + column;
        float *target = y + column;
        switch (vectors) {
#if FLOAT_TILE_VECTORS >= 5
        case 5:
            multiply_float_columns(5, count, rows, depth, x, x_stride, part, w_stride, target, y_stride,
                                   &fetch);
            break;
        case 4:
            multiply_float_columns(4, count, rows, depth, x, x_stride, part, w_stride, target, y_stride,
                                   &fetch);
            break;
        case 3:
            multiply_float_columns(3, count, rows, depth, x, x_stride, part, w_stride, target, y_stride,
                                   &fetch);
            break;
#endif
#if FLOAT_TILE_VECTORS >= 2
        case 2:
            multiply_float_columns(2, count, rows, depth, x, x_stride, part, w_stride, target, y_stride,
                                   &fetch);
            break;
#endif
        default:
            multiply_float_columns(1, count, rows, depth, x, x_stride, part, w_stride, target, y_stride,
                                   &fetch);
            break;
        }
        column += count;
    }
}
