/// What this AArch64 CPU can do.
#ifndef QK_CPU_AARCH64_H
#define QK_CPU_AARCH64_H

#include <stdbool.h>
#include <sys/auxv.h>

static bool has_dotprod(void) {
    const unsigned long dot_products = 1ul << 20;
    return getauxval(AT_HWCAP) & dot_products;
}

static bool has_i8mm(void) {
    const unsigned long matrix_products = 1ul << 13;
    return has_dotprod() && getauxval(AT_HWCAP2) & matrix_products;
}

#endif
