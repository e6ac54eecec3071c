#include "cases.h"

void float_product_cases(const qk_tier *tier, edge at) {
    numbers source = {14};
    const size_t row_counts[] = {1, 2, 5, 6, 7, 13}, depths[] = {1, 2, 33};
    const size_t column_counts[] = {1, 15, 16, 17, 32, 33, 80, 95, 100, 170};
    for (size_t r = 0; r < sizeof row_counts / sizeof *row_counts; r++) {
        for (size_t c = 0; c < sizeof column_counts / sizeof *column_counts; c++) {
            size_t rows = row_counts[r], columns = column_counts[c], depth = depths[(r + c) % 3];
            size_t w_stride = (columns + 15) / 16 * 16;
            const float *x = floats(&source, rows * depth, 3, at);
            const float *w = floats(&source, depth * w_stride, 3, at);
            float *y = guarded(rows * columns * sizeof(float), at);
            tier->gemm_f32(rows, columns, depth, x, depth, w, w_stride, y, columns,
                           (r + c) % 2 == 0 ? (qk_ahead){w, depth * w_stride} : (qk_ahead){NULL, 0});
            record(y, rows * columns * sizeof(float));
            free_guarded();
        }
    }
}
