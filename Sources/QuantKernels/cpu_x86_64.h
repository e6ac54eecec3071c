/// What this x86-64 CPU and its operating system can do.
#ifndef QK_CPU_X86_64_H
#define QK_CPU_X86_64_H

#include <cpuid.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct leaf {
    unsigned eax, ebx, ecx, edx;
} leaf;

/// Zeros for a leaf that this CPU does not have.
static leaf read_leaf(unsigned number, unsigned part) {
    leaf result = {0};
    __get_cpuid_count(number, part, &result.eax, &result.ebx, &result.ecx, &result.edx);
    return result;
}

/// Whether the operating system saves all these parts of the registers (bits of XCR0).
static bool saves_registers(unsigned parts) {
    if (!(read_leaf(1, 0).ecx & bit_OSXSAVE)) {
        return false;
    }
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & parts) == parts;
}

static bool has_avx2(void) {
    const unsigned xmm_and_ymm = 0x06;
    return saves_registers(xmm_and_ymm) && read_leaf(1, 0).ecx & bit_AVX && read_leaf(1, 0).ecx & bit_F16C &&
           read_leaf(1, 0).ecx & bit_FMA && read_leaf(7, 0).ebx & bit_AVX2;
}

/// Not all CPUs with AVX-512 VNNI have this form of it.
static bool has_avxvnni(void) {
    const unsigned avx_vnni = 1u << 4;
    return has_avx2() && read_leaf(7, 1).eax & avx_vnni;
}

static bool has_avx512vnni(void) {
    const unsigned masks_and_zmm = 0xE0;
    const unsigned foundation = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    return has_avx2() && saves_registers(masks_and_zmm) && (read_leaf(7, 0).ebx & foundation) == foundation &&
           read_leaf(7, 0).ecx & bit_AVX512VNNI;
}

/// The kernel gives a process the tile registers, which are large, when it asks for them.
static bool may_use_tiles(void) {
    const long request_permission = 0x1023, tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

static bool has_amx(void) {
    const unsigned tile_registers = 0x60000;
    const unsigned tiles_and_int8 = 1u << 24 | 1u << 25;
    return has_avx512vnni() && saves_registers(tile_registers) &&
           (read_leaf(7, 0).edx & tiles_and_int8) == tiles_and_int8 && may_use_tiles();
}

#endif
