/// What the cases of an operation have to work with.
#ifndef CASES_H
#define CASES_H

#include <stddef.h>
#include <stdint.h>

#include "QuantKernels.h"
#include "guarded_memory.h"

/// Runs all cases of one operation on a tier, with all memory against one edge.
typedef void cases(const qk_tier *tier, edge at);

cases quantize_cases, sums_cases, product_cases, finished_cases, taps_cases, extreme_cases,
    float_product_cases, finish_cases, activation_cases, elementwise_cases, norm_cases, depthwise_cases,
    linear_attention_cases, softmax_cases, widen_cases;

/// Takes down a result of a case. All tiers must give the same bits, in the same order.
void record(const void *result, size_t bytes);

/// Something that must hold by itself.
void expect(int holds, const char *what);

/// Numbers that are the same in every run and on every machine (splitmix64).
typedef struct numbers {
    uint64_t state;
} numbers;

uint64_t next_number(numbers *source);

/// -limit ... limit
float next_float(numbers *source, float limit);

/// Guarded memory with numbers of these kinds.
float *floats(numbers *source, size_t count, float limit, edge at);
/// -127 ... 127
int8_t *bytes(numbers *source, size_t count, edge at);

#endif
