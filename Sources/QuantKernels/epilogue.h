/// The epilogue of a row of sums, in lanes.
#ifndef QK_EPILOGUE_LANES_H
#define QK_EPILOGUE_LANES_H

#include "elementary.h"
#include "include/qk_epilogue.h"

/// `output` and `activation` are those of the epilogue, constants where this is inlined.
QK_INLINE void finish_lanes(qk_output output, qk_activation activation, size_t columns, const float *sums,
                            const float *scales, const qk_epilogue *epilogue, float *y) {
    for (size_t column = 0; column < columns; column += QK_LANES) {
        size_t count = columns - column;
        f32x16 r = load_first(sums + column, count);
        f32x16 bias = epilogue->bias != NULL ? load_first(epilogue->bias + column, count) : splat(0);
        r = scales != NULL ? multiply_add(r, load_first(scales + column, count), bias) : r + bias;
        if (output == QK_OUTPUT_STORE) {
            r = activate(activation, r);
        } else if (output == QK_OUTPUT_ADD) {
            r = load_first(y + column, count) + r;
        } else {
            r = multiply_add(r, load_first(epilogue->gates + column, count), load_first(y + column, count));
        }
        store_first(y + column, r, count);
    }
}

/// One row: sums, times the columns' scales unless they are NULL, through the epilogue into y.
QK_INLINE void finish_row(size_t columns, const float *sums, const float *scales, const qk_epilogue *epilogue,
                          float *y) {
    switch (epilogue->output) {
    case QK_OUTPUT_ADD:
        finish_lanes(QK_OUTPUT_ADD, QK_ACTIVATION_NONE, columns, sums, scales, epilogue, y);
        return;
    case QK_OUTPUT_ADD_GATED:
        finish_lanes(QK_OUTPUT_ADD_GATED, QK_ACTIVATION_NONE, columns, sums, scales, epilogue, y);
        return;
    case QK_OUTPUT_STORE:
        break;
    }
    switch (epilogue->activation) {
    case QK_ACTIVATION_NONE:
        finish_lanes(QK_OUTPUT_STORE, QK_ACTIVATION_NONE, columns, sums, scales, epilogue, y);
        return;
    case QK_ACTIVATION_SILU:
        finish_lanes(QK_OUTPUT_STORE, QK_ACTIVATION_SILU, columns, sums, scales, epilogue, y);
        return;
    case QK_ACTIVATION_RELU:
        finish_lanes(QK_OUTPUT_STORE, QK_ACTIVATION_RELU, columns, sums, scales, epilogue, y);
        return;
    case QK_ACTIVATION_GELU:
        finish_lanes(QK_OUTPUT_STORE, QK_ACTIVATION_GELU, columns, sums, scales, epilogue, y);
        return;
    case QK_ACTIVATION_GELU_TANH:
        finish_lanes(QK_OUTPUT_STORE, QK_ACTIVATION_GELU_TANH, columns, sums, scales, epilogue, y);
        return;
    }
}

#endif
