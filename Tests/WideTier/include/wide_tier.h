/// A tier for tests: scalar, with products in panels and groups as wide as any tier's, and no power of two.
#ifndef WIDE_TIER_H
#define WIDE_TIER_H

#include "qk_dispatch.h"

qk_tier wide_tier(void);

#endif
