/// The epilogue of rows of sums, in lanes.
#ifndef QK_EPILOGUE_LANES_H
#define QK_EPILOGUE_LANES_H

#include "elementary.h"
#include "include/qk_epilogue.h"

/// Sums, and where they go.
typedef struct sum_block {
    size_t rows;
    const float *sums;
    /// From one row to the next.
    size_t sums_stride;
    /// One for each column, or NULL.
    const float *scales;
    /// Its bias and gates begin with the block's first column.
    const qk_epilogue *epilogue;
    float *y;
    size_t y_stride;
} sum_block;

/// The epilogue of the columns from `column` on.
QK_INLINE qk_epilogue epilogue_at(qk_epilogue epilogue, size_t column) {
    epilogue.bias = epilogue.bias != NULL ? epilogue.bias + column : NULL;
    epilogue.gates = epilogue.gates != NULL ? epilogue.gates + column : NULL;
    return epilogue;
}

/// What at most `count` of sixteen sums become, and y with them.
QK_INLINE void finish_lanes(qk_output output, qk_activation activation, f32x16 sums, f32x16 scale,
                            f32x16 bias, f32x16 gate, float *y, size_t count) {
    f32x16 r = multiply_add(sums, scale, bias);
    if (output == QK_OUTPUT_STORE) {
        r = activate(activation, r);
    } else if (output == QK_OUTPUT_ADD) {
        r = load_first(y, count) + r;
    } else {
        r = multiply_add(r, gate, load_first(y, count));
    }
    store_first(y, r, count);
}

/// `output` and `activation` are those of the epilogue, constants where this is inlined, as `columns` may be.
QK_INLINE void finish_columns(qk_output output, qk_activation activation, size_t columns,
                              const sum_block *block) {
    const qk_epilogue *epilogue = block->epilogue;
    for (size_t column = 0; column < columns; column += QK_LANES) {
        size_t count = columns - column;
        f32x16 scale = block->scales != NULL ? load_first(block->scales + column, count) : splat(1);
        f32x16 bias = epilogue->bias != NULL ? load_first(epilogue->bias + column, count) : splat(0);
        f32x16 gate = output == QK_OUTPUT_ADD_GATED ? load_first(epilogue->gates + column, count) : splat(0);
        const float *sums = block->sums + column;
        float *y = block->y + column;
        for (size_t row = 0; row < block->rows; row++, sums += block->sums_stride, y += block->y_stride) {
            finish_lanes(output, activation, load_first(sums, count), scale, bias, gate, y, count);
        }
    }
}

/// The same without an activation, row by row, as y lies in memory: an activation's constants would be
/// fetched for each row.
QK_INLINE void finish_rows(qk_output output, size_t columns, const sum_block *block) {
    for (size_t row = 0; row < block->rows; row++) {
        sum_block single = *block;
        single.rows = 1;
        single.sums += row * block->sums_stride;
        single.y += row * block->y_stride;
        finish_columns(output, QK_ACTIVATION_NONE, columns, &single);
    }
}

/// Calls `function`, which is inlined, with an epilogue's output and activation as constants before its other
/// arguments, and returns.
#define QK_FOR_EPILOGUE(function, epilogue, ...)                                                             \
    switch ((epilogue)->output) {                                                                            \
    case QK_OUTPUT_ADD:                                                                                      \
        function(QK_OUTPUT_ADD, QK_ACTIVATION_NONE, __VA_ARGS__);                                            \
        return;                                                                                              \
    case QK_OUTPUT_ADD_GATED:                                                                                \
        function(QK_OUTPUT_ADD_GATED, QK_ACTIVATION_NONE, __VA_ARGS__);                                      \
        return;                                                                                              \
    case QK_OUTPUT_STORE:                                                                                    \
        break;                                                                                               \
    }                                                                                                        \
    switch ((epilogue)->activation) {                                                                        \
    case QK_ACTIVATION_NONE:                                                                                 \
        function(QK_OUTPUT_STORE, QK_ACTIVATION_NONE, __VA_ARGS__);                                          \
        return;                                                                                              \
    case QK_ACTIVATION_SILU:                                                                                 \
        function(QK_OUTPUT_STORE, QK_ACTIVATION_SILU, __VA_ARGS__);                                          \
        return;                                                                                              \
    case QK_ACTIVATION_RELU:                                                                                 \
        function(QK_OUTPUT_STORE, QK_ACTIVATION_RELU, __VA_ARGS__);                                          \
        return;                                                                                              \
    case QK_ACTIVATION_GELU:                                                                                 \
        function(QK_OUTPUT_STORE, QK_ACTIVATION_GELU, __VA_ARGS__);                                          \
        return;                                                                                              \
    case QK_ACTIVATION_GELU_TANH:                                                                            \
        function(QK_OUTPUT_STORE, QK_ACTIVATION_GELU_TANH, __VA_ARGS__);                                     \
        return;                                                                                              \
    case QK_ACTIVATION_QUICK_GELU:                                                                           \
        function(QK_OUTPUT_STORE, QK_ACTIVATION_QUICK_GELU, __VA_ARGS__);                                    \
        return;                                                                                              \
    }

QK_INLINE void finish_as(qk_output output, qk_activation activation, size_t columns, const sum_block *block) {
    if (activation == QK_ACTIVATION_NONE) {
        finish_rows(output, columns, block);
    } else {
        finish_columns(output, activation, columns, block);
    }
}

/// The same for any epilogue.
QK_INLINE void finish_block(size_t columns, const sum_block *block) {
    QK_FOR_EPILOGUE(finish_as, block->epilogue, columns, block)
}

#endif
