/// In C, the intrinsics beyond AVX2 that the x86 tiers use: with them a CPU that lacks the instructions, or
/// an emulator, tests those tiers' loops too. Vectors of 512 bits become what registers there are.
#ifndef SUBSTITUTE_IMMINTRIN_H
#define SUBSTITUTE_IMMINTRIN_H

#include_next <immintrin.h>

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

#endif
