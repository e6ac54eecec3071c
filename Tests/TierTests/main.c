/// Runs every operation of every tier that this CPU has and prints one checksum an operation.
///
///     tier-tests [FASTEST]
///
/// All tiers must give the bits of `scalar`; the checksums must be those of any other machine. FASTEST names
/// the tier that must be the fastest one here.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

static const struct {
    const char *name;
    cases *run;
} operations[] = {
    {"quantize", quantize_cases},
    {"gemm sums", sums_cases},
    {"gemm", product_cases},
    {"gemm finished", finished_cases},
    {"gemm taps", taps_cases},
    {"gemm extremes", extreme_cases},
    {"gemm f32", float_product_cases},
    {"finish", finish_cases},
    {"activation", activation_cases},
    {"elementwise", elementwise_cases},
    {"norm", norm_cases},
    {"depthwise", depthwise_cases},
    {"linear attention", linear_attention_cases},
    {"softmax", softmax_cases},
    {"widen", widen_cases},
};

#ifndef RUNS
/// Whether a tier runs here.
#define RUNS(tier) ((tier)->is_supported())
#endif

enum { OPERATIONS = sizeof operations / sizeof *operations, RESULTS = 1 << 14 };

/// The hashes of the results of `scalar`, in their order.
static uint64_t reference[RESULTS];
static size_t reference_count;

static size_t result_count;
static int is_reference;
static const char *operation;
static const char *tier_name;
static int failures;

static uint64_t hash(const unsigned char *bytes, size_t count) {
    uint64_t value = 0xCBF29CE484222325;
    for (size_t index = 0; index < count; index++) {
        value = (value ^ bytes[index]) * 0x100000001B3;
    }
    return value;
}

void expect(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s, tier %s, result %zu: %s\n", operation, tier_name, result_count, what);
        failures++;
    }
}

void record(const void *result, size_t count) {
    uint64_t value = hash(result, count);
    if (is_reference) {
        if (result_count == RESULTS) {
            fprintf(stderr, "%s has more than %d results\n", operation, RESULTS);
            exit(EXIT_FAILURE);
        }
        reference[result_count] = value;
    } else {
        expect(result_count < reference_count && reference[result_count] == value, "not that of scalar");
    }
    result_count++;
}

/// Says where a step across an edge was taken, or an instruction that this CPU does not have.
static void report_signal(int number) {
    expect(0, number == SIGILL ? "an unknown instruction" : "memory that is not its own");
    _Exit(EXIT_FAILURE);
}

static void run(size_t index, const qk_tier *tier, edge at) {
    result_count = 0;
    tier_name = tier->name;
    operations[index].run(tier, at);
    if (is_reference) {
        reference_count = result_count;
    }
    expect(result_count == reference_count && result_count > 0, "not as many results as scalar has");
}

/// The fastest tier here.
static const qk_tier *run_all(size_t index) {
    const qk_tier *fastest = qk_tier_at(0);
    operation = operations[index].name;
    is_reference = 1;
    run(index, fastest, EDGE_END);
    is_reference = 0;
    for (size_t number = 0; number < qk_tier_count(); number++) {
        const qk_tier *tier = qk_tier_at(number);
        if (RUNS(tier)) {
            fastest = tier;
            run(index, tier, EDGE_START);
            run(index, tier, EDGE_END);
        }
    }
    return fastest;
}

int main(int count, char **arguments) {
    const qk_tier *fastest = NULL;
    signal(SIGSEGV, report_signal);
    signal(SIGILL, report_signal);
    for (size_t index = 0; index < OPERATIONS; index++) {
        fastest = run_all(index);
        uint64_t checksum = hash((const unsigned char *)reference, reference_count * sizeof *reference);
        printf("%016llx %s, %zu results\n", (unsigned long long)checksum, operation, reference_count);
    }
    if (count > 1 && strcmp(fastest->name, arguments[1]) != 0) {
        fprintf(stderr, "the fastest tier is %s, not %s\n", fastest->name, arguments[1]);
        failures++;
    }
    fprintf(stderr, "%s: %d failures\n", fastest->name, failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
