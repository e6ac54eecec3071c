#include "epilogue.h"

void QK_NAME(qk_finish_f32)(size_t rows, size_t columns, const float *sums, size_t sums_stride,
                            const qk_epilogue *epilogue, float *y, size_t y_stride) {
    // Row by row: a row's columns lie side by side in memory.
    for (size_t row = 0; row < rows; row++) {
        sum_block block = {
            .rows = 1, .sums = sums + row * sums_stride, .epilogue = epilogue, .y = y + row * y_stride};
        finish_block(columns, &block);
    }
}
