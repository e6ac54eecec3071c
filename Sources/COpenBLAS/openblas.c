#define _GNU_SOURCE

#include "include/COpenBLAS.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void hide(char **variables, const char *name) {
    size_t length = strlen(name);
    char **kept = variables;
    for (char **variable = variables; *variable != NULL; variable++) {
        if (strncmp(*variable, name, length) != 0 || (*variable)[length] != '=') {
            *kept++ = *variable;
        }
    }
    *kept = NULL;
}

/// The kernels to ask for, or NULL where OpenBLAS chooses. It knows a CPU by its model, and takes the slowest
/// kernels for one that came after its release, which in a distribution is years old.
static char *choice_of_kernels(void) {
#if defined(__x86_64__)
    static char avx512[] = "OPENBLAS_CORETYPE=SkylakeX";
    static char avx2[] = "OPENBLAS_CORETYPE=Haswell";
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512cd")) {
        return avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return avx2;
    }
#endif
    return NULL;
}

/// While libraries are loaded, settings stand in the environment's last places, instead of what they
/// displaced: the choice of kernels, and that no threads are started, each of which would take memory that
/// nobody uses.
static struct { char *setting, *displaced; } settings[2];

/// OpenBLAS reads its environment in its load-time constructor, which runs before those of the program and
/// before main, but after the program's `.preinit_array`. The C library may not have set `environ` by then,
/// so the vector itself is changed; it cannot grow, and an empty one stays so.
static void prepare_environment(int argument_count, char **arguments, char **variables) {
    (void)argument_count;
    (void)arguments;
    hide(variables, "OPENBLAS_CORETYPE");
    hide(variables, "OPENBLAS_L2_SIZE");
    hide(variables, "OPENBLAS_NUM_THREADS");
    static char one_thread[] = "OPENBLAS_NUM_THREADS=1";
    char *wanted[] = {choice_of_kernels(), one_thread};
    char **end = variables;
    while (*end != NULL) {
        end++;
    }
    for (size_t index = 0; index < 2 && end > variables; index++) {
        if (wanted[index] != NULL) {
            end--;
            settings[index].setting = wanted[index];
            settings[index].displaced = *end;
            *end = wanted[index];
        }
    }
}

__attribute__((section(".preinit_array"),
               used)) static void (*const preparation)(int, char **, char **) = prepare_environment;

/// Once per program: its environment is its own again, and OpenBLAS has no threads, ours call it.
__attribute__((constructor)) static void finish_loading(void) {
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
        for (size_t index = 0; index < 2; index++) {
            if (*variable == settings[index].setting) {
                *variable = settings[index].displaced;
            }
        }
    }
    openblas_set_num_threads(1);
}

void openblas_multiply_transposed(size_t rows, size_t columns, size_t depth, const float *x, size_t x_stride,
                                  const float *w, size_t w_stride, float *y, size_t y_stride) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)columns, (blasint)depth, 1,
                x, (blasint)x_stride, w, (blasint)w_stride, 0, y, (blasint)y_stride);
}

const char *openblas_core_name(void) {
    return openblas_get_corename();
}
