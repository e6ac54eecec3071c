/// OpenBLAS, single-threaded, with the kernels that suit the instructions of this CPU.
///
/// A program that links this target hides `OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` from OpenBLAS: shells
/// and container images set them and thereby pin slower kernels. While libraries are loaded, OpenBLAS sees
/// the kernels that it should take there instead. Calls may come from several threads at once.
#ifndef COPENBLAS_H
#define COPENBLAS_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// y = x wᵀ: x is (rows, depth), w (columns, depth), y (rows, columns), all row-major, strides in elements.
void openblas_multiply_transposed(size_t rows, size_t columns, size_t depth, const float *x, size_t x_stride,
                                  const float *w, size_t w_stride, float *y, size_t y_stride);

/// The CPU whose kernels OpenBLAS chose, as it names it.
const char *openblas_core_name(void);

#pragma clang assume_nonnull end

#endif
