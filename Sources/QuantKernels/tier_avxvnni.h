/// Opens a file of the tier `avxvnni`: AVX2, FMA, F16C and AVX-VNNI. `tier_end.h` closes it.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/qk_dispatch.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_avxvnni
/// Sums of sixteen lanes that the registers hold beside what is added to them.
#define QK_SUMS 6
/// Half precision is converted by an instruction.
#define QK_CONVERTS_HALF
QK_DECLARE_TIER(avxvnni);

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "lanes.h"
