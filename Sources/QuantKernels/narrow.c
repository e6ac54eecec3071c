#include "include/qk_widen.h"

#include <string.h>

static uint16_t narrow_one(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000;
    bits &= 0x7FFFFFFF;
    if (bits >= 0x7F800000) {
        // Infinity, or NaN with the quiet bit set.
        return (uint16_t)(sign | (bits > 0x7F800000 ? 0x7E00 : 0x7C00));
    }
    if (bits < 0x38800000) {
        // Below 2^-14 the result counts units of 2^-24; adding 0.5 makes the float addition round to them.
        float size;
        memcpy(&size, &bits, sizeof size);
        size += 0.5f;
        memcpy(&bits, &size, sizeof bits);
        return (uint16_t)(sign | (bits - 0x3F000000));
    }
    // Round the 13 bits that go, half to even; a carry moves into the exponent.
    bits += 0xFFF + (bits >> 13 & 1);
    bits = (bits - 0x38000000) >> 13;
    return (uint16_t)(sign | (bits > 0x7C00 ? 0x7C00 : bits));
}

void qk_narrow_f32_f16(size_t count, const float *values, uint16_t *narrow) {
    for (size_t index = 0; index < count; index++) {
        narrow[index] = narrow_one(values[index]);
    }
}
