/// Closes the target region of a tier.
#pragma clang attribute pop
