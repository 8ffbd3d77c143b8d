/* The loop over std::call_once, beside which the once is measured. */
#include "bench.h"

#include <mutex> /* std::call_once */

namespace
{
alignas(128) std::once_flag flag;
}

BENCH_LOOP(bench_std_once)
{
    (void)subject;
    for (long i = 0; i < n; i++) {
        std::call_once(flag, [] {});
    }
}
