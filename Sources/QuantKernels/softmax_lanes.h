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

void QK_NAME(qk_softmax_f32)(size_t columns, size_t begin, size_t end, float scale, float softcap,
                             float *logits) {
    float *x = logits + begin;
    size_t seen = end - begin;
    // Logits that nobody sees count as -infinity, so that whole vectors can be taken.
    for (; seen % QK_LANES != 0 && begin + seen < columns; seen++) {
        x[seen] = -__builtin_inff();
    }
    if (softcap > 0) {
        for (size_t column = 0; column < end - begin; column += QK_LANES) {
            size_t count = end - begin - column;
            f32x16 value = load_first(x + column, count) * scale / softcap;
            store_first(x + column, hyperbolic_tangent(value) * softcap, count);
        }
        scale = 1;
    }
    float maximum = greatest_logit(seen, x);
    f32x16 total = {0};
    for (size_t column = 0; column < seen; column += QK_LANES) {
        size_t count = seen - column;
        f32x16 exponent = (load_logits(x + column, count) - maximum) * scale;
        f32x16 power = pick(exponent < -87.0f, splat(0), exponential(exponent));
        store_first(x + column, power, count);
        total = total + power;
    }
    float factor = 1 / sum(total);
    for (size_t column = 0; column < seen; column += QK_LANES) {
        size_t count = seen - column;
        store_first(x + column, load_first(x + column, count) * factor, count);
    }
    memset(logits, 0, begin * sizeof(float));
    memset(x + seen, 0, (columns - begin - seen) * sizeof(float));
}
