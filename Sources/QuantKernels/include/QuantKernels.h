/// Arithmetic of Sana on CPUs: no allocation, no threads, no input or output.
///
/// Every operation has one header here, which defines it; `qk_dispatch.h` hands out one table of functions
/// per tier. Shapes are row-major with strides counted in elements, channels last.
#ifndef QUANT_KERNELS_H
#define QUANT_KERNELS_H

#include "qk_activation.h"
#include "qk_depthwise.h"
#include "qk_dispatch.h"
#include "qk_elementwise.h"
#include "qk_epilogue.h"
#include "qk_gemm.h"
#include "qk_gemm_float.h"
#include "qk_linear_attention.h"
#include "qk_norm.h"
#include "qk_panels.h"
#include "qk_pause.h"
#include "qk_peak.h"
#include "qk_quantize.h"
#include "qk_rearrange.h"
#include "qk_softmax.h"
#include "qk_widen.h"

#endif
