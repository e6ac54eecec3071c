/// In C, the intrinsics beyond AVX2 that the x86 tiers use: with them a CPU that lacks the instructions, or
/// an emulator, tests those tiers' loops too. Vectors of 512 bits become what registers there are.
#ifndef SUBSTITUTE_IMMINTRIN_H
#define SUBSTITUTE_IMMINTRIN_H

#include_next <immintrin.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SUBSTITUTE static inline __attribute__((always_inline))
#pragma clang diagnostic ignored "-Wpsabi"

/// Four products of unsigned by signed bytes are added to each of `count` sums.
SUBSTITUTE void add_products_of_bytes(size_t count, void *sums, const void *a, const void *b) {
    for (size_t index = 0; index < count; index++) {
        int32_t sum;
        memcpy(&sum, (int32_t *)sums + index, sizeof sum);
        for (size_t byte = 4 * index; byte < 4 * index + 4; byte++) {
            sum += ((const uint8_t *)a)[byte] * ((const int8_t *)b)[byte];
        }
        memcpy((int32_t *)sums + index, &sum, sizeof sum);
    }
}

#define _mm256_dpbusd_avx_epi32 substitute_mm256_dpbusd_avx_epi32
SUBSTITUTE __m256i substitute_mm256_dpbusd_avx_epi32(__m256i sums, __m256i a, __m256i b) {
    add_products_of_bytes(8, &sums, &a, &b);
    return sums;
}

#define _mm512_dpbusd_epi32 substitute_mm512_dpbusd_epi32
SUBSTITUTE __m512i substitute_mm512_dpbusd_epi32(__m512i sums, __m512i a, __m512i b) {
    add_products_of_bytes(16, &sums, &a, &b);
    return sums;
}

#define _mm512_loadu_si512 substitute_mm512_loadu_si512
SUBSTITUTE __m512i substitute_mm512_loadu_si512(const void *from) {
    __m512i value;
    memcpy(&value, from, sizeof value);
    return value;
}

#define _mm512_set1_epi32 substitute_mm512_set1_epi32
SUBSTITUTE __m512i substitute_mm512_set1_epi32(int32_t value) {
    int32_t values[16];
    for (size_t index = 0; index < 16; index++) {
        values[index] = value;
    }
    return substitute_mm512_loadu_si512(values);
}

/// What a number differs by from a whole one; `rounding` is the nearest, half to even.
#undef _mm512_reduce_ps
#define _mm512_reduce_ps substitute_mm512_reduce_ps
SUBSTITUTE __m512 substitute_mm512_reduce_ps(__m512 x, int rounding) {
    (void)rounding;
    float values[16];
    memcpy(values, &x, sizeof values);
    for (size_t index = 0; index < 16; index++) {
        values[index] = isinf(values[index]) ? 0 : values[index] - rintf(values[index]);
    }
    memcpy(&x, values, sizeof x);
    return x;
}

/// p 2^n, n whole.
#define _mm512_scalef_ps substitute_mm512_scalef_ps
SUBSTITUTE __m512 substitute_mm512_scalef_ps(__m512 p, __m512 n) {
    float values[16], powers[16];
    memcpy(values, &p, sizeof values);
    memcpy(powers, &n, sizeof powers);
    for (size_t index = 0; index < 16; index++) {
        float power = powers[index];
        values[index] = isnan(power) ? power : ldexpf(values[index], (int)fminf(fmaxf(power, -999), 999));
    }
    memcpy(&p, values, sizeof p);
    return p;
}

/// A tile register, and what `ldtilecfg` said of it.
typedef struct substitute_tile {
    size_t rows;
    size_t row_bytes;
    unsigned char bytes[16][64];
} substitute_tile;

static substitute_tile substitute_tiles[8];

#define _tile_loadconfig substitute_tile_loadconfig
SUBSTITUTE void substitute_tile_loadconfig(const void *shapes) {
    memset(substitute_tiles, 0, sizeof substitute_tiles);
    for (size_t index = 0; index < 8; index++) {
        const unsigned char *from = shapes;
        uint16_t row_bytes;
        memcpy(&row_bytes, from + 16 + 2 * index, sizeof row_bytes);
        substitute_tiles[index].row_bytes = row_bytes;
        substitute_tiles[index].rows = from[48 + index];
    }
}

#undef _tile_loadd
#define _tile_loadd substitute_tile_loadd
SUBSTITUTE void substitute_tile_loadd(size_t index, const void *from, size_t stride) {
    substitute_tile *tile = &substitute_tiles[index];
    memset(tile->bytes, 0, sizeof tile->bytes);
    for (size_t row = 0; row < tile->rows; row++) {
        memcpy(tile->bytes[row], (const char *)from + row * stride, tile->row_bytes);
    }
}

#undef _tile_stream_loadd
#define _tile_stream_loadd substitute_tile_loadd

#undef _tile_stored
#define _tile_stored substitute_tile_stored
SUBSTITUTE void substitute_tile_stored(size_t index, void *to, size_t stride) {
    const substitute_tile *tile = &substitute_tiles[index];
    for (size_t row = 0; row < tile->rows; row++) {
        memcpy((char *)to + row * stride, tile->bytes[row], tile->row_bytes);
    }
}

#undef _tile_zero
#define _tile_zero substitute_tile_zero
SUBSTITUTE void substitute_tile_zero(size_t index) {
    memset(substitute_tiles[index].bytes, 0, sizeof substitute_tiles[index].bytes);
}

/// Products of signed bytes.
#undef _tile_dpbssd
#define _tile_dpbssd substitute_tile_dpbssd
SUBSTITUTE void substitute_tile_dpbssd(size_t sums, size_t a, size_t b) {
    substitute_tile *result = &substitute_tiles[sums];
    for (size_t row = 0; row < result->rows; row++) {
        for (size_t column = 0; column < result->row_bytes / 4; column++) {
            int32_t sum;
            memcpy(&sum, result->bytes[row] + 4 * column, sizeof sum);
            for (size_t depth = 0; depth < 4 * substitute_tiles[b].rows; depth++) {
                int8_t activation = (int8_t)substitute_tiles[a].bytes[row][depth];
                int8_t weight = (int8_t)substitute_tiles[b].bytes[depth / 4][4 * column + depth % 4];
                sum += activation * weight;
            }
            memcpy(result->bytes[row] + 4 * column, &sum, sizeof sum);
        }
    }
}

#define _tile_release substitute_tile_release
SUBSTITUTE void substitute_tile_release(void) {
    memset(substitute_tiles, 0, sizeof substitute_tiles);
}

#endif
