#pragma once
__attribute__((pure, warn_unused_result)) int one(void);
__attribute__((nonnull)) int two(const char *restrict f);
