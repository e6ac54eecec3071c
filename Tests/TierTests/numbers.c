#include "cases.h"

uint64_t next_number(numbers *source) {
    source->state += 0x9E3779B97F4A7C15;
    uint64_t z = source->state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

float next_float(numbers *source, float limit) {
    float unit = (float)(next_number(source) >> 40) / (1 << 23) - 1;
    return unit * limit;
}

float *floats(numbers *source, size_t count, float limit, edge at) {
    float *values = guarded(count * sizeof(float), at);
    for (size_t index = 0; index < count; index++) {
        values[index] = next_float(source, limit);
    }
    return values;
}

int8_t *bytes(numbers *source, size_t count, edge at) {
    int8_t *values = guarded(count, at);
    for (size_t index = 0; index < count; index++) {
        values[index] = (int8_t)((int)(next_number(source) % 255) - 127);
    }
    return values;
}
