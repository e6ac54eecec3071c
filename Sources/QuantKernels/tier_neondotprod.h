/// Opens a file of the tier `neondotprod`: NEON with the dot products of FEAT_DotProd. `tier_end.h` closes
/// it.
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/qk_dispatch.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_neondotprod
/// Sums of sixteen lanes that the registers hold beside what is added to them.
#define QK_SUMS 6
/// Half precision is converted by an instruction.
#define QK_CONVERTS_HALF
QK_DECLARE_TIER(neondotprod);

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "lanes.h"
