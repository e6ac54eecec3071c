/// Opens a file of the tier `scalar`: what the architecture's compilers take for granted.
#include "include/qk_dispatch.h"
#include "lanes.h"
#include "tier_functions.h"

#define QK_NAME(operation) operation##_scalar
/// Sums of sixteen lanes that the registers hold beside what is added to them.
#define QK_SUMS 2
QK_DECLARE_TIER(scalar);
