/// Elementary functions on sixteen lanes. The polynomials are our own minimax fits.
#ifndef QK_ELEMENTARY_H
#define QK_ELEMENTARY_H

#include "include/qk_activation.h"
#include "lanes.h"

/// p 2^n for `shifted`, n + QK_ROUNDER: n stands in its low bits, and moves into p's exponent.
QK_INLINE f32x16 add_to_exponent(f32x16 p, f32x16 shifted) {
    return (f32x16)((i32x16)p + (i32x16)((u32x16)shifted << 23));
}

/// p 2^n, p in [0.7, 1.42] and n whole, so that the result is a normal number or infinite. `shifted` is n +
/// QK_ROUNDER.
QK_INLINE f32x16 times_power_of_two(f32x16 p, f32x16 n, f32x16 shifted) {
#ifdef QK_SCALES_BY_POWERS
    (void)shifted;
    return (f32x16)_mm512_scalef_ps((__m512)p, (__m512)n);
#else
    (void)n;
    return add_to_exponent(p, shifted);
#endif
}

/// e^x = 2^n e^r with n = round(x / ln 2) and |r| <= ln 2 / 2. Below -87 and above 88, where the result would
/// soon be no normal number, it is that of the bound.
QK_INLINE f32x16 exponential(f32x16 x) {
    x = lesser(splat(88), greater(splat(-87), x));
    f32x16 shifted = multiply_add(x, splat(0x1.715476p+0f), splat(QK_ROUNDER));
    f32x16 n = shifted - QK_ROUNDER;
    // ln 2 in two parts, the first of them with so few bits that n times it is exact.
    f32x16 r = multiply_add(n, splat(-0x1.63p-1f), x);
    r = multiply_add(n, splat(0x1.bd0106p-13f), r);
    f32x16 p = multiply_add(r, splat(0x1.6a234ep-10f), splat(0x1.123a6cp-7f));
    p = multiply_add(p, r, splat(0x1.5558f4p-5f));
    p = multiply_add(p, r, splat(0x1.55549p-3f));
    p = multiply_add(p, r, splat(0x1.fffffcp-2f));
    p = multiply_add(p * r, r, r) + 1.0f;
    return times_power_of_two(p, n, shifted);
}

/// tanh, odd in x: a polynomial near 0, else 1 - 2 / (e^(2 |x|) + 1).
QK_INLINE f32x16 hyperbolic_tangent(f32x16 x) {
    f32x16 size = magnitude(x);
    f32x16 t = x * x;
    f32x16 p = multiply_add(t, splat(-0x1.76ac1ap-8f), splat(0x1.5256d8p-6f));
    p = multiply_add(p, t, splat(-0x1.b84448p-5f));
    p = multiply_add(p, t, splat(0x1.110768p-3f));
    p = multiply_add(p, t, splat(-0x1.555534p-2f));
    f32x16 near = multiply_add(p * t, x, x);
    f32x16 far = 1.0f - 2.0f / (exponential(size + size) + 1.0f);
    far = (f32x16)((i32x16)far | ((i32x16)x & (int32_t)0x80000000));
    return pick(size < 0.625f, near, far);
}

/// erf, odd in x: x times a polynomial in x^2 up to 1, else 1 - e^(a polynomial).
QK_INLINE f32x16 error_function(f32x16 x) {
    f32x16 size = magnitude(x);
    f32x16 t = x * x;
    f32x16 p = multiply_add(t, splat(-0x1.273facp-11f), splat(0x1.4246d2p-8f));
    p = multiply_add(p, t, splat(-0x1.b5a35cp-6f));
    p = multiply_add(p, t, splat(0x1.ce0942p-4f));
    p = multiply_add(p, t, splat(-0x1.812674p-2f));
    f32x16 near = multiply_add(p, t, splat(0x1.20dd74p+0f)) * x;
    // From 3.95 on, erf is 1 in float32.
    f32x16 a = pick(size > 3.95f, splat(3.95f), size);
    f32x16 q = multiply_add(a, splat(0x1.852d4p-13f), splat(-0x1.814cd4p-9f));
    q = multiply_add(q, a, splat(0x1.654222p-6f));
    q = multiply_add(q, a, splat(-0x1.a60a82p-4f));
    q = multiply_add(q, a, splat(-0x1.46c584p-1f));
    q = multiply_add(q, a, splat(-0x1.2085b2p+0f));
    q = multiply_add(q, a, splat(-0x1.72e71ap-12f));
    f32x16 far = 1.0f - exponential(q);
    far = (f32x16)((i32x16)far | ((i32x16)x & (int32_t)0x80000000));
    return pick(size > 1.0f, far, near);
}

/// 2^r for |r| <= 1/2.
QK_INLINE f32x16 fraction_of_power(f32x16 r) {
    f32x16 p = multiply_add(r, splat(0x1.5bba08p-10f), splat(0x1.3cea8ap-7f));
    p = multiply_add(p, r, splat(0x1.c6b754p-5f));
    p = multiply_add(p, r, splat(0x1.ebf9bcp-3f));
    p = multiply_add(p, r, splat(0x1.62e42ap-1f));
    return multiply_add(p, r, splat(1));
}

/// 1 + 2^x, x = n + r with n whole and |r| <= 1/2; infinite from x = 128 on. Beside the 1 the power may be
/// shorter than `exponential` is, and need not be told from 0 where it is small.
QK_INLINE f32x16 one_and_power_of_two(f32x16 x) {
#ifdef QK_SCALES_BY_POWERS
    f32x16 r = (f32x16)_mm512_reduce_ps((__m512)x, _MM_FROUND_TO_NEAREST_INT);
    f32x16 n = x - r, shifted = n;
#else
    f32x16 bounded = lesser(splat(128), greater(splat(-126), x));
    f32x16 shifted = bounded + QK_ROUNDER;
    f32x16 n = shifted - QK_ROUNDER;
    f32x16 r = bounded - n;
#endif
    return 1.0f + times_power_of_two(fraction_of_power(r), n, shifted);
}

/// x / (1 + e^-x)
QK_INLINE f32x16 silu(f32x16 x) {
    return x / one_and_power_of_two(x * -0x1.715476p+0f);
}

QK_INLINE f32x16 activate(qk_activation activation, f32x16 x) {
    switch (activation) {
    case QK_ACTIVATION_NONE:
        return x;
    case QK_ACTIVATION_SILU:
        return silu(x);
    case QK_ACTIVATION_RELU:
        return greater(splat(0), x);
    case QK_ACTIVATION_GELU:
        return (x * 0.5f) * (1.0f + error_function(x * 0x1.6a09e6p-1f));
    case QK_ACTIVATION_GELU_TANH: {
        f32x16 inner = (x + ((x * x) * x) * 0.044715f) * 0x1.988454p-1f;
        return (x * 0.5f) * (1.0f + hyperbolic_tangent(inner));
    }
    case QK_ACTIVATION_QUICK_GELU:
        return x / one_and_power_of_two(x * -0x1.3a4cbep+1f);
    }
    return x;
}

#endif
