/// Sixteen numbers side by side.
///
/// The float operations are written once, on these, and built once per tier; the compiler turns sixteen lanes
/// into as many registers as the tier needs. A product and a sum are rounded once where `multiply_add` says
/// so, twice elsewhere, never as the compiler likes, and sums have a fixed order, so that all tiers give the
/// same bits.
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
typedef float f32x8 __attribute__((vector_size(32)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
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

/// The first `count` numbers, at most sixteen of them; zeros behind. Copies of fixed sizes and no call, so
/// that a loop around this keeps its registers.
QK_INLINE f32x16 load_first(const float *from, size_t count) {
    if (count >= QK_LANES) {
        return load(from);
    }
    float values[QK_LANES] = {0};
    size_t done = 0;
    if (count & 8) {
        memcpy(values, from, 8 * sizeof(float));
        done = 8;
    }
    if (count & 4) {
        memcpy(values + done, from + done, 4 * sizeof(float));
        done += 4;
    }
    if (count & 2) {
        memcpy(values + done, from + done, 2 * sizeof(float));
        done += 2;
    }
    if (count & 1) {
        values[done] = from[done];
    }
    return load(values);
}

/// At most `count` of sixteen numbers.
QK_INLINE void store_first(float *to, f32x16 lanes, size_t count) {
    if (count >= QK_LANES) {
        store(to, lanes);
        return;
    }
    float values[QK_LANES];
    store(values, lanes);
    size_t done = 0;
    if (count & 8) {
        memcpy(to, values, 8 * sizeof(float));
        done = 8;
    }
    if (count & 4) {
        memcpy(to + done, values + done, 4 * sizeof(float));
        done += 4;
    }
    if (count & 2) {
        memcpy(to + done, values + done, 2 * sizeof(float));
        done += 2;
    }
    if (count & 1) {
        to[done] = values[done];
    }
}

// The same lanes in the types whose conditional operator works lane by lane: compilers know that form of
// minimum, maximum and blend, each one instruction.
typedef float choice_of_floats __attribute__((ext_vector_type(16)));
typedef int32_t choice_of_integers __attribute__((ext_vector_type(16)));

/// a where the mask's bits are set, b where they are not.
QK_INLINE f32x16 pick(i32x16 mask, f32x16 a, f32x16 b) {
    return (f32x16)((choice_of_integers)mask ? (choice_of_floats)a : (choice_of_floats)b);
}

QK_INLINE f32x16 magnitude(f32x16 x) {
    return (f32x16)((i32x16)x & 0x7FFFFFFF);
}

/// a b + c, rounded once; a library call per lane on a tier that has no such instruction.
QK_INLINE f32x16 multiply_add(f32x16 a, f32x16 b, f32x16 c) {
    return __builtin_elementwise_fma(a, b, c);
}

/// The greater of two; b where one is NaN.
QK_INLINE f32x16 greater(f32x16 a, f32x16 b) {
    choice_of_floats left = (choice_of_floats)a, right = (choice_of_floats)b;
    return (f32x16)(left > right ? left : right);
}

/// The lesser of two; b where one is NaN.
QK_INLINE f32x16 lesser(f32x16 a, f32x16 b) {
    choice_of_floats left = (choice_of_floats)a, right = (choice_of_floats)b;
    return (f32x16)(left < right ? left : right);
}

QK_INLINE i32x16 greater_integer(i32x16 a, i32x16 b) {
    choice_of_integers left = (choice_of_integers)a, right = (choice_of_integers)b;
    return (i32x16)(left > right ? left : right);
}

/// 1.5 x 2^23: adding it to a number of at most 2^22 rounds that to an integer, half to even, which then
/// stands in the low bits of the sum.
#define QK_ROUNDER 12582912.0f

/// The sum of the lanes, pairwise: 8 and 8, then 4 and 4, 2 and 2, 1 and 1.
QK_INLINE float sum(f32x16 x) {
    f32x8 eight = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                  __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    f32x4 four =
        __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// Sums of a row that run side by side, so that none waits for its own last addition: columns 16 p + l, 16 p
/// + l + 64, ... for p < 4.
typedef struct row_sums {
    f32x16 parts[4];
} row_sums;

/// The sum of all, pairwise.
QK_INLINE float sum_all(row_sums sums) {
    return sum((sums.parts[0] + sums.parts[1]) + (sums.parts[2] + sums.parts[3]));
}

/// The greatest lane; not NaN where one is not.
QK_INLINE float greatest(f32x16 x) {
    x = greater(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    x = greater(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    x = greater(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    x = greater(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    return x[0];
}

/// The greatest lane of integers.
QK_INLINE int32_t greatest_integer(i32x16 x) {
    x = greater_integer(x,
                        __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    x = greater_integer(x,
                        __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    x = greater_integer(x,
                        __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    x = greater_integer(x,
                        __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    return x[0];
}

#endif
