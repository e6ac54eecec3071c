/// Opens a file of the tier `amx`: AMX-TILE and AMX-INT8 beside all of `avx512vnni`. `tier_end.h` closes it.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/qk_dispatch.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_amx
QK_DECLARE_PRODUCTS(amx);

/// Instructions split a number at its whole part, and multiply by powers of two.
#define QK_SCALES_BY_POWERS

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,amx-tile,amx-int8"))),           \
    apply_to = function)

#include "lanes.h"
