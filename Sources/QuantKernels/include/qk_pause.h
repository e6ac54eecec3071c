/// A word to the processor from a loop that waits.
#ifndef QK_PAUSE_H
#define QK_PAUSE_H

static inline void qk_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

#endif
