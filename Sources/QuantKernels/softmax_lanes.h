#include "elementary.h"
#include "include/qk_softmax.h"

/// Sixteen logits or fewer, with -infinity behind them.
QK_INLINE f32x16 load_logits(const float *logits, size_t count) {
    if (count >= QK_LANES) {
        return load(logits);
    }
    float values[QK_LANES];
    store(values, splat(-__builtin_inff()));
    for (size_t lane = 0; lane < count; lane++) {
        values[lane] = logits[lane];
    }
    return load(values);
}

QK_INLINE float greatest_logit(size_t count, const float *x) {
    f32x16 even = load_logits(x, count), odd = even;
    size_t column = QK_LANES;
    for (; column + 2 * QK_LANES <= count; column += 2 * QK_LANES) {
        even = greater(even, load(x + column));
        odd = greater(odd, load(x + column + QK_LANES));
    }
    for (; column < count; column += QK_LANES) {
        even = greater(even, load_logits(x + column, count - column));
    }
    return greatest(greater(even, odd));
}

/// 2^x for x <= 0. No normal number below -126: about the power there, and 0 from -127 on.
QK_INLINE f32x16 power_of_difference(f32x16 x) {
    f32x16 bounded = greater(splat(-127), x);
    f32x16 shifted = bounded + QK_ROUNDER;
    f32x16 r = bounded - (shifted - QK_ROUNDER);
    return add_to_exponent(fraction_of_power(r), shifted);
}

/// softcap tanh(l / softcap) of l = logit scale.
QK_INLINE void cap_logits(size_t count, float scale, float softcap, float *x) {
    for (size_t column = 0; column < count; column += QK_LANES) {
        f32x16 value = load_first(x + column, count - column) * scale / softcap;
        store_first(x + column, hyperbolic_tangent(value) * softcap, count - column);
    }
}

/// e^(scale (logit - maximum)) in the place of each logit, and their sum.
QK_INLINE float raise_logits(size_t count, float scale, float maximum, float *x) {
    float binary_scale = scale * 0x1.715476p+0f;
    f32x16 total = {0};
    size_t column = 0;
    for (; column + QK_LANES <= count; column += QK_LANES) {
        f32x16 power = power_of_difference((load(x + column) - maximum) * binary_scale);
        store(x + column, power);
        total = total + power;
    }
    if (column < count) {
        f32x16 logits = load_logits(x + column, count - column);
        f32x16 power = power_of_difference((logits - maximum) * binary_scale);
        store_first(x + column, power, count - column);
        total = total + power;
    }
    return sum(total);
}

QK_INLINE void scale_powers(size_t count, float factor, float *x) {
    size_t column = 0;
    for (; column + QK_LANES <= count; column += QK_LANES) {
        store(x + column, load(x + column) * factor);
    }
    if (column < count) {
        store_first(x + column, load_first(x + column, count - column) * factor, count - column);
    }
}

/// Rows that go from step to step together: a row waits for its greatest logit, and for its sum, while others
/// are computed.
enum { TOGETHER = 16 };

void QK_NAME(qk_softmax_f32)(size_t rows, size_t columns, size_t begin, size_t end, float scale,
                             float softcap, float *logits, size_t stride) {
    // Logits that nobody sees count as -infinity, so that whole vectors can be taken.
    size_t seen = (end - begin + QK_LANES - 1) / QK_LANES * QK_LANES;
    seen = begin + seen < columns ? seen : columns - begin;
    for (size_t first = 0; first < rows; first += TOGETHER) {
        size_t count = rows - first < TOGETHER ? rows - first : TOGETHER;
        float *row = logits + first * stride + begin, values[TOGETHER];
        for (size_t index = 0; index < count; index++) {
            float *x = row + index * stride;
            if (softcap > 0) {
                cap_logits(end - begin, scale, softcap, x);
            }
            for (size_t column = end - begin; column < seen; column++) {
                x[column] = -__builtin_inff();
            }
            values[index] = greatest_logit(seen, x);
        }
        for (size_t index = 0; index < count; index++) {
            float *x = row + index * stride;
            values[index] = raise_logits(seen, softcap > 0 ? 1 : scale, values[index], x);
        }
        for (size_t index = 0; index < count; index++) {
            float *x = row + index * stride;
            scale_powers(seen, 1 / values[index], x);
            memset(x - begin, 0, begin * sizeof(float));
            memset(x + seen, 0, (columns - begin - seen) * sizeof(float));
        }
    }
}
