#include "elementary.h"
#include "include/qk_softmax.h"

void QK_NAME(qk_softmax_f32)(size_t columns, size_t begin, size_t end, float scale, float softcap,
                             float *logits) {
    float *x = logits + begin;
    size_t seen = end - begin;
    f32x16 highest = splat(-__builtin_inff());
    for (size_t column = 0; column < seen; column += QK_LANES) {
        size_t count = seen - column;
        f32x16 value = load_first(x + column, count) * scale;
        if (softcap > 0) {
            value = hyperbolic_tangent(value / softcap) * softcap;
        }
        store_first(x + column, value, count);
        if (count < QK_LANES) {
            f32x16 last = splat(-__builtin_inff());
            memcpy(&last, &value, count * sizeof(float));
            value = last;
        }
        highest = greater(highest, value);
    }
    float maximum = greatest(highest);
    f32x16 total = {0};
    for (size_t column = 0; column < seen; column += QK_LANES) {
        size_t count = seen - column;
        f32x16 value = exponential(load_first(x + column, count) - maximum);
        store_first(x + column, value, count);
        total = total + load_first(x + column, count);
    }
    float denominator = sum(total);
    for (size_t column = 0; column < seen; column += QK_LANES) {
        size_t count = seen - column;
        store_first(x + column, load_first(x + column, count) / denominator, count);
    }
    memset(logits, 0, begin * sizeof(float));
    memset(logits + end, 0, (columns - end) * sizeof(float));
}
