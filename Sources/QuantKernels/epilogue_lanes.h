#include "epilogue.h"

void QK_NAME(qk_finish_f32)(size_t rows, size_t columns, const float *sums, size_t sums_stride,
                            const qk_epilogue *epilogue, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        finish_row(columns, sums + row * sums_stride, NULL, epilogue, y + row * y_stride);
    }
}
