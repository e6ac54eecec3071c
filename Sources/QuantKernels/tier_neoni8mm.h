/// Opens a file of the tier `neoni8mm`: NEON with the matrix products of FEAT_I8MM. `tier_end.h` closes it.
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/qk_dispatch.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_neoni8mm
/// Sums of sixteen lanes that the registers hold beside what is added to them.
#define QK_SUMS 6
/// Half precision is converted by an instruction.
#define QK_CONVERTS_HALF
QK_DECLARE_TIER(neoni8mm);

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#include "lanes.h"
