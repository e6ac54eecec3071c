/// Opens a file of the tier `avx512vnni`: AVX-512 F, BW, DQ, VL and VNNI. `tier_end.h` closes it.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/qk_dispatch.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_avx512vnni
/// Sums of sixteen lanes that the registers hold beside what is added to them.
#define QK_SUMS 24
/// Half precision is converted by an instruction.
#define QK_CONVERTS_HALF
/// Instructions split a number at its whole part, and multiply by powers of two.
#define QK_SCALES_BY_POWERS
QK_DECLARE_TIER(avx512vnni);

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))),                  \
    apply_to = function)

#include "lanes.h"
