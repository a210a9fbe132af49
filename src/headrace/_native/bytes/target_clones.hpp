// HEADRACE_TARGET_CLONES compiles a second version of a function for processors with AVX2, selected at run time.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define HEADRACE_TARGET_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HEADRACE_TARGET_CLONES
#endif
