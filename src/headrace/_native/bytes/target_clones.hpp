// The compiler makes a second version of a function for processors with wider registers, chosen at run time.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define HEADRACE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define HEADRACE_WIDE
#endif
