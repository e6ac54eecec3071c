/// Opens a file of the tier `neon`: NEON, which every AArch64 CPU has.
#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/qk_dispatch.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_neon
/// Sums of sixteen lanes that the registers hold beside what is added to them.
#define QK_SUMS 6
/// Half precision is converted by an instruction.
#define QK_CONVERTS_HALF
QK_DECLARE_TIER(neon);

#include "lanes.h"
