/// Sixteen numbers side by side.
///
/// The float operations are written once, on these, and built once per tier; the compiler turns sixteen lanes
/// into as many registers as the tier needs. Additions and multiplications are never contracted and sums have
/// a fixed order, so that all tiers give the same bits.
#ifndef QK_LANES_H
#define QK_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Lanes are passed to inlined functions only, so that no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang fp contract(off)

#define QK_INLINE static inline __attribute__((always_inline))
#define QK_LANES 16

typedef float f32x16 __attribute__((vector_size(64)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

QK_INLINE f32x16 splat(float value) {
    return (f32x16){value, value, value, value, value, value, value, value,
                    value, value, value, value, value, value, value, value};
}

QK_INLINE f32x16 load(const float *from) {
    f32x16 lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

QK_INLINE void store(float *to, f32x16 lanes) {
    memcpy(to, &lanes, sizeof lanes);
}

/// The first `count` numbers, at most sixteen of them; zeros behind.
QK_INLINE f32x16 load_first(const float *from, size_t count) {
    if (count >= QK_LANES) {
        return load(from);
    }
    f32x16 lanes = {0};
    memcpy(&lanes, from, count * sizeof(float));
    return lanes;
}

/// At most `count` of sixteen numbers.
QK_INLINE void store_first(float *to, f32x16 lanes, size_t count) {
    if (count >= QK_LANES) {
        store(to, lanes);
    } else {
        memcpy(to, &lanes, count * sizeof(float));
    }
}

/// a where the mask's bits are set, b where they are not.
QK_INLINE f32x16 pick(i32x16 mask, f32x16 a, f32x16 b) {
    return (f32x16)((mask & (i32x16)a) | (~mask & (i32x16)b));
}

QK_INLINE f32x16 magnitude(f32x16 x) {
    return (f32x16)((i32x16)x & 0x7FFFFFFF);
}

/// The greater of two; b where one is NaN.
QK_INLINE f32x16 greater(f32x16 a, f32x16 b) {
    return pick(a > b, a, b);
}

QK_INLINE i32x16 greater_integer(i32x16 a, i32x16 b) {
    i32x16 mask = a > b;
    return (mask & a) | (~mask & b);
}

/// 1.5 x 2^23: adding it to a number of at most 2^22 rounds that to an integer, half to even, which then
/// stands in the low bits of the sum.
#define QK_ROUNDER 12582912.0f

/// The sum of the lanes, pairwise: 8 and 8, then 4 and 4, 2 and 2, 1 and 1.
QK_INLINE float sum(f32x16 lanes) {
    float values[QK_LANES];
    store(values, lanes);
    for (size_t half = QK_LANES / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) {
            values[lane] += values[lane + half];
        }
    }
    return values[0];
}

/// The greatest lane.
QK_INLINE float greatest(f32x16 lanes) {
    float values[QK_LANES];
    store(values, lanes);
    for (size_t half = QK_LANES / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) {
            values[lane] = values[lane] > values[lane + half] ? values[lane] : values[lane + half];
        }
    }
    return values[0];
}

#endif
