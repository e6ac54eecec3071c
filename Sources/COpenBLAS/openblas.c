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

/// OpenBLAS reads its environment in its load-time constructor, which runs before those of the program and
/// before main, but after the program's `.preinit_array`. The C library may not have set `environ` by then,
/// so the vector itself is changed.
static void prepare_environment(int argument_count, char **arguments, char **variables) {
    (void)argument_count;
    (void)arguments;
    hide(variables, "OPENBLAS_CORETYPE");
    hide(variables, "OPENBLAS_L2_SIZE");
}

__attribute__((section(".preinit_array"),
               used)) static void (*const preparation)(int, char **, char **) = prepare_environment;

/// Once per program: no threads of OpenBLAS's own, ours call it.
__attribute__((constructor)) static void keep_single_threaded(void) {
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
